"""What goes wrong is told for what it is, keeps its evidence, and stops nothing else.

One quiet run of ``tests/faulty/setups.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from filaprova.judge.verdict import Outcome
from filaprova.record.act import (
    HarnessTrouble,
    StepEnded,
    StrikeMissed,
    Struck,
)
from filaprova.record.program import (
    OutputDropped,
    OutputLine,
    ProgramExited,
    ProgramStarted,
    TaskDone,
)
from filaprova.record.wire import Delivered, Undecodable
from filaprova.runs.store import read_verdict
from tests.harness.plugin.conftest import Borrow
from tests.harness.plugin.runs import FAULTY, Run

NOT_BEGUN = {"test_fixture_lacks_something"}
GREEN = ["test_worker_that_floods", "test_worker_that_talks_fast", "test_all_is_well"]
SKIPPED = {"test_fixture_lacks_something", "test_power_is_missing"}


@pytest.fixture(scope="module")
def run(begin: Callable[..., Run], borrowed: Borrow) -> Run:
    run = begin(FAULTY / "setups.py", "--broker", "local", "-q", "-rA", **borrowed(25))
    assert run.output
    return run


def message(run: Run, test: str) -> str:
    return run.scenarios[test].problem.message


# ------------------------------------------------------------------ the run


def test_the_others_go_on(run: Run) -> None:
    assert list(run.scenarios)[-1] == "test_all_is_well"
    green = [name for name, scenario in run.scenarios.items() if scenario.outcome is Outcome.PASS]
    assert green == GREEN
    assert len(run.scenarios) == 25


def test_the_exit_status_is_1(run: Run) -> None:
    assert run.exit_status == 1
    assert re.search(r"^19 failed, 3 passed, 2 skipped, 1 error in", run.output, re.M)


def test_the_three_families_are_told_apart(run: Run) -> None:
    families = {
        name: s.result.problem.family for name, s in run.scenarios.items() if s.result.problem
    }
    assert {name for name, family in families.items() if family == "harness bug"} == {
        "test_verifies_nothing",
        "test_observer_thread_fails",
        "test_bug_in_the_scenario",
        "test_step_cannot_be_told",
        "test_fixture_fails",
    }
    assert {name for name, family in families.items() if family == "environment missing"} == {
        "test_program_that_is_not_there",
        *SKIPPED,
    }
    for name in set(families) - SKIPPED:
        assert f"{families[name]}: {message(run, name).splitlines()[0]}" in run.output


def test_every_scenario_that_began_has_its_evidence(run: Run) -> None:
    for name, scenario in run.scenarios.items():
        if name in NOT_BEGUN:
            continue
        assert scenario.folder is not None
        assert read_verdict(scenario.folder) == scenario.result
        assert f"evidence: {scenario.folder.path}" in run.output or name in (
            *SKIPPED,
            *GREEN,
        )


def test_every_program_has_ended_on_the_record(run: Run) -> None:
    for name in set(run.scenarios) - NOT_BEGUN:
        started = [event.pid for event in run.scenarios[name].events(ProgramStarted)]
        ended = [event.pid for event in run.scenarios[name].events(ProgramExited)]
        assert sorted(started) == sorted(ended), name


def test_nothing_is_left_behind(run: Run) -> None:
    assert run.left_behind() == []


def test_a_quiet_run_tells_no_steps(run: Run) -> None:
    assert not re.search(r"^ +\+\d+\.\d\d\d s  (Strike|Wait) ", run.output, re.M)
    assert "seed" not in run.output
    assert "PASS in" not in run.output
    assert run.output.startswith("FFF")


def test_no_control_character_reaches_the_terminal(run: Run) -> None:
    assert r"\xff\xfe\x00\x1b[31mred" in run.output
    assert "\x1b" not in run.output


# ------------------------------------------------------------------ strikes that come too late


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        ("test_strike_on_an_idle_worker", "waited 1.5 s for C1 to receive a task"),
        ("test_strike_on_an_ended_worker", "it had ended before it could be sent SIGSTOP"),
    ],
)
def test_a_strike_that_comes_too_late_proves_nothing(run: Run, test: str, reason: str) -> None:
    scenario = run.scenarios[test]
    assert scenario.outcome is Outcome.UNKNOWN
    assert scenario.problem.message.startswith("C1 was never caught in the middle of a task")
    [missed] = scenario.events(StrikeMissed)
    assert (missed.client, reason in missed.reason) == ("C1", True)
    assert scenario.events(Struck) == []


# ------------------------------------------------------------------ a wire with garbage on it


def test_garbage_on_the_wire_is_unknown_but_passed_on(run: Run) -> None:
    scenario = run.scenarios["test_garbage_on_the_wire"]
    assert scenario.outcome is Outcome.UNKNOWN
    assert scenario.verdict("fully_decoded").outcome is Outcome.UNKNOWN
    assert scenario.verdict("fully_decoded").summary.startswith("C1: bytes of the client")
    [undecodable] = scenario.events(Undecodable)
    assert bytes.fromhex(undecodable.bytes_hex).startswith(b"GARBAGE")
    # Prefetch 1: the broker has sent the later ones only because the acknowledgements reached it.
    assert len(scenario.events(TaskDone)) == 3
    assert len([e for e in scenario.events(Delivered) if e.client == "C1"]) == 1
    assert "UNKNOWN control fully_decoded" in run.output


# ------------------------------------------------------------------ programs that misbehave


def test_a_worker_that_ends_at_once_is_told_with_all_there_is(run: Run) -> None:
    told = message(run, "test_worker_that_ends_at_once")
    assert "ended before it subscribed" in told
    assert re.search(r"command: .*python\S* .*launcher\.py .*/ends_at_once\.py\n", told)
    assert "ended with exit status 3" in told
    assert re.findall(r"^    line (\d+)$", told, re.M) == [str(n) for n in range(68, 100)]
    assert re.search(r"at .*setups\.py:\d+: scenario\.start_workers", told)


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("test_worker_that_never_subscribes", r"did not subscribe within 1\.5 s"),
        ("test_worker_that_never_subscribes", r"last lines:\n    thinking about it"),
        ("test_worker_that_prints_garbage", r"ended with exit status 1"),
        ("test_worker_that_ignores[SIGTERM]", r"waited 1\.5 s for C1 to end after SIGTERM; it did"),
        ("test_worker_that_ignores[SIGINT]", r"waited 1\.5 s for C1 to end after SIGINT; it did"),
        ("test_worker_that_ignores[SIGINT]", r"it held no task; its last line: ' \[x\] Done'"),
        ("test_producer_that_hangs", r"did not end within 1\.5 s"),
        ("test_producer_that_hangs", r"    about to send\n"),
        ("test_producer_of_nothing", "ended without publishing anything"),
        ("test_program_that_is_not_there", r"no program absent\.py in .*/tests/faulty/programs"),
        ("test_assertion", r"assert 1 == 2"),
        ("test_assertion", r"at .*setups\.py:\d+: assert len\(sent\.tasks\) == 2"),
    ],
)
def test_what_is_told(run: Run, test: str, told: str) -> None:
    assert re.search(told, message(run, test))


def test_a_flood_is_bounded_and_the_wire_decides(run: Run) -> None:
    scenario = run.scenarios["test_worker_that_floods"]
    assert scenario.outcome is Outcome.PASS
    assert scenario.events(OutputDropped) != []
    assert len(scenario.events(OutputLine)) <= 50_001


def test_ten_thousand_lines_a_second_are_all_read_and_disturb_nothing(run: Run) -> None:
    scenario = run.scenarios["test_worker_that_talks_fast"]
    assert scenario.outcome is Outcome.PASS
    assert scenario.events(OutputDropped) == []
    lines = [e.text for e in scenario.events(OutputLine) if e.text.startswith("line ")]
    assert lines == [f"line {number}" for number in range(1, 2_001)] * 10


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT"])
def test_one_that_ignores_signals_is_killed_in_the_end(run: Run, how: str) -> None:
    scenario = run.scenarios[f"test_worker_that_ignores[{how}]"]
    assert [e.signal_name for e in scenario.events(ProgramExited) if e.client == "C1"] == [
        "SIGKILL"
    ]


def test_a_child_that_holds_the_socket_is_suspected(run: Run) -> None:
    told = message(run, "test_worker_that_leaves_a_child")
    assert "waited 1.5 s for 'task 0 .' to be acknowledged by C2" in told
    assert re.search(r"C1 ended at \+\d\.\d\d\d s \(SIGKILL\)", told)
    assert re.search(r"C2 runs, pid \d+; it was sent 0 .*; its last line: .*Waiting", told)
    assert "the connection of C1 is still open on the wire" in told
    assert "has a child of C1 inherited its socket?" in told


# ------------------------------------------------------------------ trouble of our own


def test_trouble_of_our_own_is_never_green(run: Run) -> None:
    unknown = ("test_checker_crashes", "test_observer_thread_fails", "test_verifies_nothing")
    for name in unknown:
        assert run.scenarios[name].outcome is Outcome.UNKNOWN, name
    crashed = run.scenarios["test_checker_crashes"]
    assert "the checker crashed: ZeroDivisionError" in crashed.verdict("crashes").summary
    assert crashed.verdict("fully_decoded").outcome is Outcome.PASS
    observer = run.scenarios["test_observer_thread_fails"]
    [trouble] = observer.events(HarnessTrouble)
    assert "IndexError" in trouble.error


def test_a_bug_is_told_from_the_scenario_on(run: Run) -> None:
    told = message(run, "test_bug_in_the_scenario")
    assert told.startswith("LookupError: nobody thought of this\n")
    assert told.count("  File ") == 1
    assert run.scenarios["test_bug_in_the_scenario"].outcome is Outcome.UNKNOWN


def test_a_step_that_began_has_an_end_even_if_telling_its_title_failed(run: Run) -> None:
    [ended] = run.scenarios["test_step_cannot_be_told"].events(StepEnded)
    assert (ended.title, ended.error) == ("Tell somebody", "nobody listens")


def test_what_a_failing_fixture_did_is_kept(run: Run) -> None:
    scenario = run.scenarios["test_fixture_fails"]
    assert scenario.outcome is Outcome.UNKNOWN
    assert message(run, "test_fixture_fails").startswith("OSError: the fixture has no luck")
    assert len(scenario.events(ProgramStarted)) == 1


def test_what_the_machine_lacks_is_a_skip_with_its_reason(run: Run) -> None:
    for name, reason in {
        "test_power_is_missing": "environment missing: this broker cannot sing",
        "test_fixture_lacks_something": "environment missing: this machine has no second machine",
    }.items():
        assert run.scenarios[name].result.skipped == reason
        assert run.scenarios[name].outcome is Outcome.UNKNOWN
        assert re.search(rf"^SKIPPED .*{reason}$", run.output, re.M)


def test_a_scenario_that_takes_too_long_is_ended_in_order(run: Run) -> None:
    scenario = run.scenarios["test_takes_too_long"]
    assert scenario.outcome is Outcome.FAIL
    assert scenario.problem.message.startswith("Timeout (>300.0s)")
    [ended] = scenario.events(StepEnded)
    assert ended.title == "Wait for what never comes"
    assert ended.error is not None
    assert [event.signal_name for event in scenario.events(ProgramExited)] == ["SIGTERM"]
