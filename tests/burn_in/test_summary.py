"""The burn-in's own arithmetic: nothing that was not as expected may be counted as if it were."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from filaprova.judge.registry import Check
from filaprova.judge.verdict import Outcome, Verdict
from filaprova.runs.results import CheckResult, Problem, RunResult, ScenarioResult, WaitMade
from tests.burn_in.__main__ import main
from tests.burn_in.summary import (
    LINES,
    Complaint,
    Line,
    complaints,
    differing,
    gather,
    percentile,
    read_lines,
    summary,
)


def scenario(
    outcome: Outcome,
    *verdicts: Outcome,
    problem: str = "",
    skipped: str = "",
) -> ScenarioResult:
    return ScenarioResult(
        id="scenarios/lesson/test_05.py::test_it[kill]",
        folder="05",
        title="It",
        outcome=outcome,
        checks=[
            CheckResult(
                subject="L05",
                checkpoint="L05 #1",
                check=Check(name="nothing_lost", arguments={}),
                verdict=Verdict(check="nothing_lost", outcome=each, summary=f"so it is {each}"),
            )
            for each in verdicts
        ],
        problem=Problem(family="scenario failed", message=problem) if problem else None,
        skipped=skipped,
    )


def run(*scenarios: ScenarioResult) -> RunResult:
    return RunResult(
        run="r", started_at="", seconds=1.0, seed=1, broker={}, scenarios=list(scenarios)
    )


def line(seed: int = 1, **what: object) -> Line:
    given = Line(seed=seed, broker="local", pressure="quiet", seconds=60.0, scenarios=1, checks=2)
    return msgspec.structs.replace(given, **what)


def told(*lines: Line) -> str:
    return "\n".join(summary(lines))


def wait(seconds: float, kind: str = "done", limit_s: float = 20.0) -> WaitMade:
    return WaitMade(kind=kind, seconds=seconds, limit_s=limit_s, scenario="05-kill")


PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (scenario(PASS, PASS, PASS), []),
        (
            scenario(FAIL, PASS, FAIL),
            [Complaint("wrong", "test_it[kill]: nothing_lost: so it is fail")],
        ),
        (
            scenario(UNKNOWN, UNKNOWN),
            [Complaint("unknown", "test_it[kill]: nothing_lost: so it is unknown")],
        ),
        (
            scenario(UNKNOWN, problem="C1 was never caught in the middle of a task: waited"),
            [
                Complaint(
                    "missed strike",
                    "test_it[kill]: scenario failed: C1 was never caught in the middle of a task: "
                    "waited",
                )
            ],
        ),
        (
            scenario(FAIL, problem="waited 20.0 s for C1\n  more"),
            [Complaint("wrong", "test_it[kill]: scenario failed: waited 20.0 s for C1")],
        ),
        (
            scenario(UNKNOWN, problem="no engine"),
            [Complaint("unknown", "test_it[kill]: scenario failed: no engine")],
        ),
        (
            scenario(UNKNOWN, skipped="no broker"),
            [Complaint("unknown", "test_it[kill]: skipped: no broker")],
        ),
        (
            scenario(UNKNOWN, PASS),
            [Complaint("unknown", "test_it[kill]: unknown for no reason that it names")],
        ),
    ],
)
def test_whatever_is_not_pass_is_complained_about(
    result: ScenarioResult, expected: list[Complaint]
) -> None:
    assert list(complaints(run(result), 1 if expected else 0, "quiet", 0)) == expected


@pytest.mark.parametrize(
    ("result", "status", "expected"),
    [
        (None, 2, "no results were written; pytest ended with 2"),
        (None, None, "the run did not end by itself"),
        (run(scenario(PASS, PASS)), None, "the run did not end by itself"),
        (run(), 5, "no scenario was run"),
        (run(scenario(PASS, PASS)), 1, "all verdicts are PASS, but pytest ended with 1"),
    ],
)
def test_a_run_that_broke_off_is_no_good_run(
    result: RunResult | None, status: int | None, expected: str
) -> None:
    assert list(complaints(result, status, "cpu", 2)) == [Complaint("broken run", expected)]


@pytest.mark.parametrize(("pressure", "count"), [("stopped", 0), ("stopped", 1), ("quiet", 0)])
def test_a_pressure_that_was_none_is_complained_about(pressure: str, count: int) -> None:
    told = list(complaints(run(scenario(PASS, PASS)), 0, pressure, count))
    text = f"the pressure {pressure} took no effect"
    assert told == ([Complaint("broken run", text)] if (pressure, count) == ("stopped", 0) else [])


def test_each_kind_of_complaint_is_counted_by_itself() -> None:
    first, *rest = told(
        line(1),
        line(2, complaints=[Complaint("wrong", "a"), Complaint("unknown", "b")]),
        line(
            3,
            complaints=[
                Complaint("wrong", "a"),
                Complaint("missed strike", "c"),
                Complaint("broken run", "d"),
            ],
        ),
    ).splitlines()
    assert first == (
        "3 runs, 3 scenarios, 6 checks: 2 wrong, 1 UNKNOWN, 1 strikes missed, 1 runs broken off; "
        "nothing was run again"
    )
    assert "  2 x wrong: a" in rest
    assert "  1 x unknown: b" in rest
    assert "  1 x missed strike: c" in rest
    assert "  1 x broken run: d" in rest


def test_times_are_told_for_each_broker_and_pressure_and_for_all() -> None:
    lines = [line(seed, seconds=float(seed)) for seed in range(1, 101)]
    lines.append(line(101, seconds=500.0, pressure="cpu", complaints=[Complaint("wrong", "a")]))
    text = told(*lines)
    assert "100 runs, 0 not as expected; seconds p50 50.0, p99 99.0" in text
    assert "1 runs, 1 not as expected; seconds p50 500.0, p99 500.0" in text
    assert "101 runs, 1 not as expected; seconds p50 51.0, p99 100.0" in text


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([1.0], 50, 1.0), ([1.0], 99, 1.0), ([2.0, 1.0], 50, 1.0), ([2.0, 1.0], 99, 2.0)],
)
def test_percentiles(values: list[float], percent: int, expected: float) -> None:
    assert percentile(values, percent) == expected


def test_a_wait_is_judged_under_the_pressure_that_is_worst_for_it() -> None:
    quiet = line(1, waits=gather([wait(1.0)] * 99 + [wait(4.0)]))
    busy = line(2, pressure="cpu", waits=gather([wait(3.0), wait(9.0)]))
    text = told(quiet, busy)
    assert "102 waits of 1 kinds in 2 runs as expected; at p99 all below half the limit" in text
    assert "p99  45.0% (cpu), longest  45.0%: 9.00 of 20 s, seed 2, local, cpu, 05-kill" in text


def test_a_wait_that_takes_half_of_its_limit_is_named() -> None:
    waits = gather([wait(10.0), wait(1.0, kind="boot", limit_s=90.0)])
    assert "at p99 half of the limit or more: done" in told(line(waits=waits))


def test_a_wait_in_vain_is_a_complaint_and_no_measure_of_its_limit() -> None:
    text = told(line(waits=gather([wait(20.0)]), complaints=[Complaint("wrong", "waited 20.0 s")]))
    assert "0 waits of 0 kinds in 0 runs as expected; at p99 all below half the limit" in text


def test_one_of_a_hundred_may_take_longer() -> None:
    waits = gather([wait(1.0)] * 99 + [wait(19.0)])
    text = told(line(waits=waits))
    assert "at p99 all below half the limit" in text
    assert "longest  95.0%: 19.00 of 20 s" in text


def test_the_same_seed_must_give_the_same_where_speed_does_not_decide() -> None:
    name, free = "s.py::test_round_robin[3]", "s.py::test_fair_dispatch[kill]"
    alike = [line(7, signatures={name: "C1 sent 1", free: f"C1 sent {i}"}) for i in (1, 2)]
    assert differing(alike) == []
    assert "1 of 1 scenarios had the same signature every time (2 records)" in told(*alike)
    other = line(7, signatures={name: "C1 sent 2", free: "C1 sent 3"})
    assert differing([*alike, other]) == [
        f"seed 7, {name}: 2 x C1 sent 1",
        f"seed 7, {name}: 1 x C1 sent 2",
    ]
    assert "0 of 1 scenarios had the same signature" in told(*alike, other)


def test_other_seeds_may_give_something_else() -> None:
    lines = [line(seed, signatures={"s.py::test_a": f"C1 sent {seed}"}) for seed in (1, 2)]
    assert differing(lines) == []
    assert "same seed" not in told(*lines)


def keep(folder: Path, *lines: Line) -> Path:
    folder.mkdir()
    (folder / LINES).write_bytes(msgspec.json.Encoder().encode_lines(lines))
    return folder


@pytest.mark.parametrize(
    ("second", "status"),
    [
        (line(2, signatures={"s.py::test_a": "C1 sent 1"}), 0),
        (line(1, signatures={"s.py::test_a": "C1 sent 2"}), 1),
        (line(2, complaints=[Complaint("wrong", "a")]), 1),
        (line(2, complaints=[Complaint("unknown", "a")]), 1),
        (line(2, complaints=[Complaint("missed strike", "a")]), 1),
        (line(2, complaints=[Complaint("broken run", "a")]), 1),
    ],
)
def test_kept_folders_are_told_together_and_anything_unexpected_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    second: Line,
    status: int,
) -> None:
    first = line(1, signatures={"s.py::test_a": "C1 sent 1"}, waits={})
    folders = [keep(tmp_path / "a", first), keep(tmp_path / "b", second)]
    assert read_lines(folders[1]) == [second]
    monkeypatch.setattr("sys.argv", ["burn_in", "--summarise", *map(str, folders)])
    assert main() == status
    assert capsys.readouterr().out.startswith("2 runs, 2 scenarios, 4 checks: ")


def test_a_folder_of_something_else_cannot_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["burn_in", "--summarise", str(tmp_path)])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert f"is not the folder of a burn-in: it has no {LINES}" in capsys.readouterr().err


def test_no_run_at_all_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["burn_in", "--summarise", str(keep(tmp_path / "a"))])
    assert main() == 1
    assert capsys.readouterr().out.startswith("0 runs, ")
