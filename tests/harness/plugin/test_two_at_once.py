"""Two runs at the same time, with the same seed; one of them with CI=true."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from filaprova.judge.verdict import Outcome
from filaprova.record.wire import Delivered, Published
from tests.harness.plugin.runs import FAULTY, LESSON, Ran, Run, containers_of

TIMED = "test_tasks_that_take_time[3]"


@pytest.fixture(scope="module")
def runs(begin: Callable[..., Run], local: str) -> tuple[Run, Run]:
    options = ("--broker", local, "--seed", "7")
    timed = LESSON / "test_04_tasks_that_take_time.py"
    chosen = "three or (take_time and 3) or power or all_is_well"
    in_ci = begin(timed, FAULTY / "setups.py", "-k", chosen, *options, measured=False, CI="true")
    # A fixed speed of its own: the seed alone decides who gets what.
    other = begin(f"{timed}::{TIMED}", *options, "--seconds-per-dot", "0.001", measured=False)
    assert in_ci.output
    assert other.output
    return in_ci, other


def dots(scenario: Ran) -> list[int]:
    return [event.task.count(".") - 1 for event in scenario.events(Published)]


def numbers_by_worker(scenario: Ran) -> dict[str, list[int]]:
    shares: dict[str, list[int]] = {}
    for event in scenario.events(Delivered):
        number = re.search(r" +(\d+) \.+$", event.task)
        assert number is not None
        shares.setdefault(event.client, []).append(int(number[1]))
    return shares


def test_neither_disturbs_the_other(runs: tuple[Run, Run]) -> None:
    assert [run.scenarios[TIMED].outcome for run in runs] == [Outcome.PASS, Outcome.PASS]
    assert runs[1].exit_status == 0
    assert runs[0].run_folder.path != runs[1].run_folder.path
    assert [run.left_behind() for run in runs] == [[], []]


def test_the_same_seed_makes_the_same_tasks_for_the_same_workers(runs: tuple[Run, Run]) -> None:
    one, two = (run.scenarios[TIMED] for run in runs)
    assert dots(one) == dots(two)
    drawn = random.Random(7)
    assert dots(one) == [drawn.randint(1, 10) for _ in range(20)]
    assert numbers_by_worker(one) == numbers_by_worker(two)
    assert numbers_by_worker(one)["C1"] == [1, 4, 7, 10, 13, 16, 19]


def test_in_ci_nothing_may_be_missing(runs: tuple[Run, Run]) -> None:
    in_ci = runs[0]
    assert in_ci.exit_status == 1
    missing = in_ci.scenarios["test_power_is_missing"]
    assert (missing.outcome, missing.result.skipped) == (Outcome.UNKNOWN, "")
    assert "environment missing: this broker cannot sing" in in_ci.output
    assert in_ci.scenarios["test_all_is_well"].outcome is Outcome.PASS
    assert re.search(r"^=+ 1 failed, 2 passed, \d+ deselected in", in_ci.output, re.M)


def test_in_ci_lines_are_plain(runs: tuple[Run, Run]) -> None:
    assert "\x1b" not in runs[0].output
    assert re.search(r"^    \+0\.\d\d\d s  Connect workers: 3$", runs[0].output, re.M)


@pytest.mark.thorough
def test_nor_do_two_in_containers(begin: Callable[..., Run], container_image: str) -> None:
    options = ("--broker", "container", "--broker-image", container_image, "--seed", "7")
    timed = LESSON / "test_04_tasks_that_take_time.py"
    runs = [begin(f"{timed}::{TIMED}", *options) for _ in range(2)]
    ids = [run.id for run in runs]
    assert ids[0] != ids[1]
    assert [run.exit_status for run in runs] == [0, 0]
    assert [run.scenarios[TIMED].outcome for run in runs] == [Outcome.PASS, Outcome.PASS]
    one, two = (numbers_by_worker(run.scenarios[TIMED]) for run in runs)
    assert one == two
    assert [run.left_behind() for run in runs] == [[], []]
    assert [containers_of(each) for each in ids] == [[], []]
