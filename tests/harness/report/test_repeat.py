"""The command that repeats a run is complete, and cannot do anything else."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from filaprova.report.text.repeat import repeat_command


def test_seed_broker_and_settings_are_in_it(make: Any) -> None:
    run = make.run(
        seed=42,
        broker={"backend": "container", "image": "rabbitmq:4.1"},
        settings={"seed": "42", "seconds_per_dot": "0.05", "programs": ""},
    )
    assert repeat_command(run, "scenarios/a.py::test_b[kill]") == (
        "pytest 'scenarios/a.py::test_b[kill]' --seed 42 --broker container "
        "--broker-image rabbitmq:4.1 --seconds-per-dot 0.05"
    )


def test_without_anything_it_repeats_the_lesson(make: Any) -> None:
    assert repeat_command(make.run(broker={})) == "pytest scenarios/lesson --seed 7"


def test_an_external_broker_is_not_named(make: Any) -> None:
    run = make.run(broker={"backend": "external", "reason": "amqp://user:secret@host"})
    assert repeat_command(run) == "pytest scenarios/lesson --seed 7"


def test_a_hostile_name_stays_one_word(make: Any) -> None:
    node, image = "a.py::test[$(touch x); `id` 'q' & \n\x1b]", "x; rm -rf ~"
    run = make.run(
        broker={"backend": "local; id", "image": image}, settings={"programs": "/a b/$HOME"}
    )
    command = repeat_command(run, node)
    assert command.isprintable()
    assert shlex.split(command) == [
        "pytest",
        node.replace("\n", r"\x0a").replace("\x1b", r"\x1b"),
        "--seed",
        "7",
        "--broker-image",
        image,
        "--programs",
        "/a b/$HOME",
    ]


def test_what_was_given_several_times_is_given_several_times(make: Any) -> None:
    settings = {
        "python": "/opt/python",
        "received": "-> (.*)",
        "wait": "33",
        "program_arguments": shlex.join(["a.py 'x y'", "b.py {}"]),
        "program_input": "a.py=/typed",
        "broker_config": "'consumer_timeout = 1000'",
        "broker_advanced_config": "/a.config",
    }
    assert shlex.split(repeat_command(make.run(broker={}, settings=settings)))[4:] == [
        *("--python", "/opt/python", "--received=-> (.*)", "--wait", "33"),
        *("--broker-advanced-config", "/a.config"),
        *("--program-arguments", "a.py 'x y'", "--program-arguments", "b.py {}"),
        *("--program-input", "a.py=/typed", "--broker-config", "consumer_timeout = 1000"),
    ]


def test_what_cannot_be_split_is_left_out(make: Any) -> None:
    run = make.run(broker={}, settings={"program_input": "'"})
    assert repeat_command(run) == "pytest scenarios/lesson --seed 7"


def test_it_begins_as_the_run_began(make: Any) -> None:
    installed = make.run(broker={}, command=shlex.join(["/opt/it's/filaprova", "lesson"]))
    assert shlex.split(repeat_command(installed)) == [
        *("/opt/it's/filaprova", "lesson", "--seed", "7")
    ]
    assert shlex.split(repeat_command(installed, "scenarios/lesson/a.py::test_b"))[2] == (
        "scenarios/lesson/a.py::test_b"
    )
    elsewhere = make.run(
        broker={"backend": "local"}, command=".venv/bin/pytest", option_prefix="--filaprova-"
    )
    assert repeat_command(elsewhere, "test_a.py::test_b") == (
        ".venv/bin/pytest test_a.py::test_b --filaprova-seed 7 --filaprova-broker local"
    )


@pytest.mark.parametrize("command", ["rm -rf ~", "pytest; id", "'", "", "sh -c pytest"])
def test_what_no_run_begins_with_is_not_repeated(make: Any, command: str) -> None:
    run = make.run(broker={}, command=command, option_prefix="; id --")
    assert repeat_command(run) == "pytest scenarios/lesson --seed 7"
