"""A Docker engine that dies under a run: told plainly, and the container goes if it can."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from filaprova.judge.verdict import Outcome
from filaprova.waiting import wait_until
from tests.harness.plugin.dying_engine import DyingEngine
from tests.harness.plugin.runs import FAULTY, Run, containers_of
from tests.patience import PATIENCE_S

FAILED = "environment missing: the Docker engine failed: "


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DyingEngine]:
    engine = DyingEngine(tmp_path / "socket")
    yield engine
    engine.die()


def begun(begin: Callable[..., Run], engine: DyingEngine, image: str) -> Run:
    options = ("--broker", "container", "--broker-image", image)
    return begin(FAULTY / "dead_engine.py", *options, DOCKER_HOST=engine.url)


def is_sweeping(label: str) -> bool:
    return any(
        process.info["cmdline"][-2:] == ["filaprova.brokers.container", label]
        for process in psutil.process_iter(["cmdline"])
        if process.info["cmdline"]
    )


@pytest.mark.thorough
def test_it_dies_in_a_scenario_and_is_started_again(
    begin: Callable[..., Run], engine: DyingEngine, container_image: str
) -> None:
    run = begun(begin, engine, container_image)
    run.read_until("published 1 tasks")
    label = run.id
    engine.die()
    wait_until(lambda: is_sweeping(label), what="the reaper", timeout_s=PATIENCE_S)
    [_] = containers_of(label)
    engine.revive()
    assert run.exit_status == 1
    assert containers_of(label) == []
    assert run.left_behind() == []
    assert "Traceback" not in run.output
    assert "left behind" not in run.output
    assert f"\n{FAILED}" in run.output
    assert "Does it still run ('docker version'), and has it disk space left?" in run.output
    assert {name: s.outcome for name, s in run.scenarios.items()} == dict.fromkeys(
        ["test_in_which_it_dies", "test_that_needs_it", "test_that_fails"], Outcome.UNKNOWN
    )
    assert run.scenarios["test_in_which_it_dies"].verdict("drained").outcome is Outcome.PASS
    for name in ("test_in_which_it_dies", "test_that_fails"):
        assert run.scenarios[name].problem.family == "environment missing"
    assert (
        "besides: C1 (ends_at_once.py): it ended"
        in run.scenarios["test_that_fails"].problem.message
    )
    assert FAILED in run.scenarios["test_that_needs_it"].result.skipped
    assert (run.run_folder.path / "answers.html").is_file()


@pytest.mark.thorough
def test_it_dies_while_the_broker_boots_and_stays_dead(
    begin: Callable[..., Run], engine: DyingEngine, container_image: str
) -> None:
    run = begun(begin, engine, container_image)
    label = run.id
    wait_until(lambda: containers_of(label), what="its container", timeout_s=PATIENCE_S)
    engine.die()
    try:
        assert run.exit_status == 1
        assert "Traceback" not in run.output
        assert FAILED in run.output
        assert not run.reports.exists()
        assert run.left_behind() == []
        [_] = containers_of(label)
        hint = re.search(r"Once it runs again: (docker .*)$", run.output, re.M)
        assert hint, run.output
    finally:
        by_hand = ["sh", "-c", f"docker rm -fv $(docker ps -aqf label=filaprova.run={label})"]
        subprocess.run(by_hand, check=True, stdout=subprocess.DEVNULL)
    assert hint[1] == by_hand[-1]
    assert containers_of(label) == []
