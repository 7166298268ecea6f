"""What cannot be used is refused before anything is started, and no broker is never green."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from filaprova.command_line import OPTIONS
from tests.harness.plugin.runs import FAULTY, LESSON, Run

FIRST = LESSON / "test_01_serial_sending.py"
BAD = {
    "no such broker": (["--broker", "podman"], "no broker 'podman': choose auto"),
    "image of no container": (["--broker", "local", "--broker-image", "x"], "--broker-image: only"),
    "command of no URL": (
        ["--broker", "local", "--broker-stop", "true"],
        "a broker given as a URL",
    ),
    "command that is none": (["--broker-kill", "'"], "--broker-kill: cannot read the command"),
    "empty command": (["--broker-start", ""], "--broker-start: the command is empty"),
    "no such folder": (["--programs", "absent"], "--programs: there is no folder /"),
    "file for a folder": (["--programs", "LICENSE"], "--programs: /.*/LICENSE is a file; name the"),
    "decimal comma": (["--wait", "2,5"], "argument --wait: '2,5' is not a number; write 2.5"),
    "folder of strangers": (
        ["--programs", "docs"],
        "--programs: no file in .*/docs bears the name",
    ),
    "advanced file that is absent": (
        ["--broker-advanced-config", "absent"],
        "--broker-advanced-config: cannot read absent: No such file",
    ),
    "advanced file for a URL": (
        ["--broker", "amqp://127.0.0.1:1", "--broker-advanced-config", "LICENSE"],
        "a broker given as a URL cannot be configured",
    ),
    "python that is absent": (["--python", "/absent/python"], "--python: there is no program /abs"),
    "python that is none": (["--python", "true"], "--python: .*/true does not answer as a Python"),
    "arguments of nobody": (
        ["--program-arguments", "producer.py 3"],
        "--program-arguments: 'producer.py' is not the name of a program .*: 01_producer.py,",
    ),
    "arguments of none": (["--program-arguments", ""], "--program-arguments: '' is not the name"),
    "arguments without end": (["--program-arguments", "'"], "--program-arguments: cannot read"),
    "arguments twice": (
        ["--program-arguments", "04_delete.py a", "--program-arguments", "04_delete.py b"],
        "--program-arguments: 04_delete.py is named twice",
    ),
    "input of nobody": (["--program-input", "x.py=LICENSE"], "--program-input: 'x.py' is not the"),
    "input of no form": (["--program-input", "04_delete.py"], "is not of the form NAME=FILE"),
    "input that is absent": (
        ["--program-input", "04_delete.py=absent"],
        "--program-input: cannot read /.*/absent: No such file",
    ),
    "input that is a folder": (
        ["--program-input", "04_delete.py=docs"],
        "--program-input: cannot read /.*/docs: Is a directory",
    ),
    "received without a task": (["--received", "took it"], "--received: 'took it' has no group"),
    "received that is none": (["--received", "("], r"--received: '\(' is no regular expression"),
    "done that is none": (["--done", "*"], r"--done: '\*' is no regular expression"),
    "done in every line": (["--done", ".*"], r"--done: '\.\*' fits every line"),
    "no wait": (["--wait", "0"], "--wait: 0 is not between 1 and 600"),
    "endless wait": (["--wait", "inf"], "--wait: inf is not between 1 and 600"),
    "seed of letters": (["--seed", "x"], "argument --seed: invalid int value"),
    "negative seed": (["--seed", "-1"], "--seed: -1 is not between 0 and 999999"),
    "giant seed": (["--seed", "9" * 30], "--seed: 9+ is not between"),
    "dots for free": (["--seconds-per-dot", "0"], "--seconds-per-dot: 0 is not between"),
    "dots for ever": (["--seconds-per-dot", "1.01"], "--seconds-per-dot: 1.01 is not between"),
    "dots of no number": (["--seconds-per-dot", "nan"], "--seconds-per-dot: nan is not between"),
    "unknown language": (["--lesson-language", "la"], "--lesson-language: invalid choice"),
    "reports in a file": (["--reports", "Makefile/x"], "--reports: .*/Makefile is in the way"),
}


@dataclass(frozen=True)
class Refused:
    exit_status: int
    output: str
    left_behind: list[str]


@pytest.fixture(scope="module")
def refused(begin: Callable[..., Run]) -> dict[str, Refused]:
    """Runs with each of them, one after another in one process."""
    more = json.dumps([options for options, _ in BAD.values()])
    run = begin(FIRST, module="tests.harness.plugin.refusing", MORE=more)
    refused = [Refused(*json.loads(line)) for line in run.output.splitlines()]
    assert not run.reports.exists()
    assert run.left_behind() == []
    return dict(zip(BAD, refused, strict=True))


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_is_refused(refused: dict[str, Refused], name: str) -> None:
    run = refused[name]
    assert run.exit_status == 4, run.output
    assert re.search(BAD[name][1], run.output)
    assert "Traceback" not in run.output
    assert "ready in" not in run.output


@pytest.mark.parametrize("name", BAD)
def test_nothing_was_started_for_it(refused: dict[str, Refused], name: str) -> None:
    assert refused[name].left_behind == []


@pytest.mark.parametrize("name", ["no such broker", "python that is none", "unknown language"])
def test_so_is_one_in_a_process_of_its_own(begin: Callable[..., Run], name: str) -> None:
    options, told = BAD[name]
    run = begin(FIRST, *options, measured=False)
    assert run.exit_status == 4, run.output
    assert re.search(told, run.output)
    assert "Traceback" not in run.output
    assert run.left_behind() == []
    assert not run.reports.exists()


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bare")


@pytest.fixture(scope="module")
def without_broker(begin: Callable[..., Run], bare: Path) -> Run:
    """A run on a machine without RabbitMQ and without an engine, as far as it can see."""
    (bare / "conftest.py").write_text(
        "from filaprova.brokers import choose\n"
        "choose.find_engine = choose.find_scripts = lambda: None\n"
    )
    (bare / "test_it.py").write_text(FIRST.read_text())
    return begin(bare, "--junitxml", bare / "junit.xml")


def test_no_broker_is_an_error_for_junit(without_broker: Run, bare: Path) -> None:
    assert without_broker.output
    [error] = ElementTree.parse(bare / "junit.xml").iter("error")
    assert error.get("message", "").startswith("failed on setup")
    assert "no broker is to be had" in (error.text or "")


def test_no_broker_is_never_green(without_broker: Run) -> None:
    assert without_broker.exit_status == 1
    assert "environment missing: no broker is to be had" in without_broker.output
    for choice in ("container", "local", "amqp://"):
        assert re.search(rf"^ +{choice} ", without_broker.output.replace("…", " "), re.M)
    assert "passed" not in without_broker.output
    assert not without_broker.reports.exists()
    assert without_broker.left_behind() == []


@pytest.mark.parametrize(
    ("options", "exit_status", "told"),
    [
        (["--collect-only", "-q"], 0, r"^\d+ tests collected in"),
        (["-k", "unheard_of"], 5, r"\b(\d+) items / \1 deselected"),
        (["-m", "examines and not examines"], 5, r"\b(\d+) items / \1 deselected"),
    ],
    ids=["collect-only", "filter", "marker"],
)
def test_without_a_scenario_to_run_there_is_no_broker(
    begin: Callable[..., Run], options: list[str], exit_status: int, told: str
) -> None:
    run = begin(LESSON, *options, measured=False)
    assert re.search(told, run.output, re.M)
    assert run.exit_status == exit_status
    assert "ready in" not in run.output
    assert not run.reports.exists()


def test_help_names_every_option(begin: Callable[..., Run]) -> None:
    told = begin("scenarios", "--help", measured=False).output
    assert len(OPTIONS) > 12
    for option in OPTIONS:
        assert re.search(rf"^  --filaprova-{option}\b", told, re.M)
        assert re.search(rf"^  --{option}\b", told, re.M)


def test_the_faulty_ones_are_not_collected_by_themselves() -> None:
    assert list(FAULTY.rglob("test_*")) == []
