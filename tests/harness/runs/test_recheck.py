"""recheck: old evidence judged again, from its files alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from filaprova.errors import BadInput
from filaprova.judge.registry import Check
from filaprova.judge.verdict import Figure, Outcome, Verdict, worst
from filaprova.record.act import Checkpoint, HistoryOpened
from filaprova.record.event import SCHEMA, Event
from filaprova.record.history import History
from filaprova.record.program import OutputLine
from filaprova.record.recorder import Recorder
from filaprova.report.console.rechecked import told, told_of_all
from filaprova.runs.recheck import as_recorded, recheck, recheck_all
from filaprova.runs.results import CheckResult, Problem, RunResult, ScenarioResult
from filaprova.runs.store import HISTORY, RESULTS, VERDICT, RunFolder, ScenarioFolder

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL

CHECKER = "example_lines_counted"


def counting(**changed: Any) -> Callable[..., Verdict]:
    """Return a checker that counts lines; what is ``changed`` it says in another way."""

    def example_lines_counted(history: History, *, limit: int) -> Verdict:
        count = len(history.of(OutputLine))
        figures: dict[str, Figure] = {"count": count, "list": [count, {"C1": 0.5}], "none": None}
        found: dict[str, Any] = {
            "check": CHECKER,
            "outcome": PASS if count <= limit else FAIL,
            "summary": f"{count} lines.",
            "figures": figures,
        }
        return Verdict(**(found | changed))

    return example_lines_counted


@pytest.fixture
def planned(register: Any) -> Callable[..., Check]:
    return register(counting())


@pytest.fixture
def record(planned: Any) -> Callable[..., ScenarioResult]:
    """Record a scenario with two lines before ``middle`` and a third one before ``end``."""

    def record(
        run: RunFolder,
        name: str = "one",
        *,
        limits: tuple[int, ...] = (3,),
        checkpoint: str = "end",
        **fields: Any,
    ) -> ScenarioResult:
        folder = run.scenario(f"a.py::test_{name}")
        recorder = Recorder(folder.history_path)
        recorder.record(
            HistoryOpened(at_ns=0, schema=SCHEMA, scenario=name, started_at="", seed=1),
            *(line(number) for number in (1, 2)),
            Checkpoint(at_ns=10, name="middle"),
            line(3),
            Checkpoint(at_ns=20, name="end"),
            line(4),
        )
        history = recorder.close()
        checks = []
        for limit in limits:
            check = planned(limit=limit)
            verdict = check.judge(history.until(checkpoint))
            checks.append(
                CheckResult(subject="L05", checkpoint=checkpoint, check=check, verdict=verdict)
            )
        result = ScenarioResult(
            **{
                "id": f"a.py::test_{name}",
                "folder": folder.name,
                "title": name,
                "outcome": worst(check.verdict.outcome for check in checks),
                "checks": checks,
                **fields,
            }
        )
        folder.write_verdict(result)
        return result

    return record


def line(number: int) -> Event:
    return OutputLine(
        at_ns=1_000_000_000 * number, client="C1", stream="stdout", text=f"line {number} ação"
    )


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "reports")


def finish(run: RunFolder, make: Any, *results: ScenarioResult) -> RunResult:
    result: RunResult = make.run(*results)
    run.write_results(result)
    return result


def said(path: Path) -> list[str]:
    return list(told(recheck(path)))


# ---------------------------------------------------------------- the same


def test_the_same_verdicts_from_files_alone(
    run: RunFolder, record: Any, make: Any, tmp_path: Path
) -> None:
    finish(run, make, record(run, "one"), record(run, "two", limits=(2, 9), checkpoint="middle"))
    elsewhere = tmp_path / "moved" / "somewhere"
    shutil.copytree(run.path, elsewhere)
    shutil.rmtree(run.path)
    done = recheck(elsewhere)
    assert (done.outcome, done.exit_status) == (PASS, 0)
    figures = [item.now.figures["count"] for scenario in done.scenarios for item in scenario.checks]
    assert figures == [3, 2, 2], "each check sees the record up to its checkpoint"
    assert list(told(done)) == [
        "PASS    a.py::test_one: 1 check the same",
        "PASS    a.py::test_two: 2 checks the same",
        "PASS: 2 scenarios, 3 checks judged again, 0 changed",
    ]


def test_the_latest_link_is_followed(run: RunFolder, record: Any, make: Any) -> None:
    finish(run, make, record(run))
    assert recheck(run.path.parent / "latest").exit_status == 0


def test_one_scenario_alone(run: RunFolder, record: Any, make: Any) -> None:
    finish(run, make, record(run, "one"), record(run, "two", limits=(1,)))
    assert recheck(run.path / "a-one").exit_status == 0
    done = recheck(run.path / "a-two")
    assert (done.outcome, done.exit_status) == (FAIL, 1)
    assert next(told(done)) == "FAIL    a.py::test_two: 1 check the same"


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"summary": "Three lines, in other words."}, 0),
        ({"hint": "a better hint", "evidence": [], "blame": "worker"}, 0),
    ],
)
def test_other_words_are_no_change(
    run: RunFolder, record: Any, make: Any, register: Any, changed: Any, status: int
) -> None:
    finish(run, make, record(run))
    register(counting(**changed))
    assert recheck(run.path).exit_status == status


# ---------------------------------------------------------------- changed


@pytest.mark.parametrize(
    ("changed", "outcome", "difference"),
    [
        (
            {"outcome": FAIL, "summary": "Too many.", "expected": "3", "seen": "4", "hint": "sum"},
            FAIL,
            [
                "PASS -> FAIL",
                "  then: 3 lines.",
                "  now:  Too many.",
                "  expected: 3",
                "  seen:     4",
                "  hint: sum",
            ],
        ),
        (
            {"outcome": UNKNOWN, "summary": "Hm."},
            UNKNOWN,
            ["PASS -> UNKNOWN", "  then: 3 lines.", "  now:  Hm."],
        ),
        (
            {"figures": {"count": 4, "list": [3, {"C1": 0.5}], "none": None, "new": "x"}},
            PASS,
            [
                "PASS as it was, with other figures",
                "  then: 3 lines.",
                "  now:  3 lines.",
                "  figures: count 3 -> 4, new none -> x",
            ],
        ),
        (
            {"figures": {}},
            PASS,
            [
                "PASS as it was, with other figures",
                "  then: 3 lines.",
                "  now:  3 lines.",
                "  figures: count 3 -> none, list [3, {'C1': 0.5}] -> none",
            ],
        ),
    ],
)
def test_a_changed_verdict_is_told(
    run: RunFolder,
    record: Any,
    make: Any,
    register: Any,
    changed: Any,
    outcome: Outcome,
    difference: list[str],
) -> None:
    finish(run, make, record(run))
    register(counting(**changed))
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (outcome, 1)
    lines = list(told(done))
    was = "" if outcome is PASS else "was PASS; "
    assert lines[0].endswith(f"a.py::test_one: {was}0 checks the same, 1 changed")
    first, *others = difference
    assert lines[1:-1] == [
        f"        L05 {CHECKER}: {first}",
        *(f"        {line}" for line in others),
        f"        evidence: {(run.path / 'a-one').resolve()}",
    ]
    change = "PASS" if outcome is PASS else f"PASS -> {outcome.upper()}"
    assert lines[-1] == f"{change}: 1 scenario, 1 check judged again, 1 changed"


def test_a_long_figure_is_told_shortly(
    run: RunFolder, record: Any, make: Any, register: Any
) -> None:
    finish(run, make, record(run))
    register(counting(figures={"count": "x" * 1000}))
    assert f"count 3 -> {'x' * 57}..." in "\n".join(said(run.path))


def test_better_than_it_was_is_a_change_too(
    run: RunFolder, record: Any, make: Any, register: Any
) -> None:
    finish(run, make, record(run, limits=(1,)))
    register(counting(outcome=PASS))
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (PASS, 1)
    assert "FAIL -> PASS" in list(told(done))[1]


def test_a_verdict_that_was_edited_is_found_out(run: RunFolder, record: Any, make: Any) -> None:
    result = record(run, limits=(1,))
    edited = msgspec.json.decode(
        msgspec.json.encode(result).replace(b'"fail"', b'"pass"'), type=ScenarioResult
    )
    ScenarioFolder(run.path / "a-one").write_verdict(edited)
    finish(run, make, edited)
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (FAIL, 1)


def test_a_checker_that_crashes_now(run: RunFolder, record: Any, make: Any, register: Any) -> None:
    finish(run, make, record(run))

    def example_lines_counted(history: History) -> Verdict:
        raise AssertionError(history)

    register(example_lines_counted)
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (UNKNOWN, 1)
    assert "PASS -> UNKNOWN" in list(told(done))[1]
    assert "the checker crashed: TypeError" in list(told(done))[3]


# ---------------------------------------------------------------- evidence that cannot be used


def test_a_missing_history(run: RunFolder, record: Any, make: Any) -> None:
    finish(run, make, record(run, "one"), record(run, "two"))
    (run.path / "a-one" / HISTORY).unlink()
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (UNKNOWN, 2)
    lines = list(told(done))
    assert lines[0] == "UNKNOWN a.py::test_one: was PASS; nothing judged"
    assert "cannot read the history" in lines[1]
    assert "No such file" in lines[1]
    assert lines[2] == "PASS    a.py::test_two: 1 check the same", (
        "the other is judged all the same"
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the first line is not HistoryOpened"),
        (b"\n", "line 1: not an event"),
        (b"not json\n", "line 1: not an event"),
        (b"\x00\x00\x00\n", "line 1: not an event"),
        (b'{"event":"LaterKind","at_ns":1}\n', "line 1: not an event of this version"),
        (b'{"event":"Checkpoint","at_ns":1,"name":"end"}\n', "is not HistoryOpened"),
        (
            b'{"event":"HistoryOpened","at_ns":0,"schema":99,"scenario":"","started_at":"","seed":1}\n',
            "schema 99",
        ),
    ],
)
def test_a_broken_history(run: RunFolder, record: Any, make: Any, content: bytes, why: str) -> None:
    finish(run, make, record(run))
    (run.path / "a-one" / HISTORY).write_bytes(content)
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (UNKNOWN, 2)
    assert why in "\n".join(told(done))


def test_a_line_broken_in_the_middle_is_named(run: RunFolder, record: Any, make: Any) -> None:
    finish(run, make, record(run))
    path = run.path / "a-one" / HISTORY
    lines = path.read_bytes().split(b"\n")
    lines[2] = lines[2][:-5]
    path.write_bytes(b"\n".join(lines))
    done = recheck(run.path)
    assert done.exit_status == 2
    assert f"{HISTORY}, line 3: not an event" in "\n".join(told(done))


def test_a_checkpoint_that_is_not_there(run: RunFolder, record: Any, make: Any) -> None:
    result = record(run, limits=(3, 3))
    msgspec.structs.force_setattr(result.checks[0], "checkpoint", "never")
    ScenarioFolder(run.path / "a-one").write_verdict(result)
    finish(run, make, result)
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (UNKNOWN, 2)
    lines = list(told(done))
    assert lines[0] == "UNKNOWN a.py::test_one: was PASS; 1 check the same"
    told_of = "the history is cut off at +4.000 s, before 1 of 2 checks can be judged"
    assert lines[1].endswith(f"a-one/history.jsonl: {told_of}")
    [recorded] = as_recorded(run).scenarios
    assert (result.outcome, recorded.outcome) == (Outcome.PASS, UNKNOWN)
    assert recorded.problem is not None
    assert recorded.problem.message == f"a-one/history.jsonl: {told_of}"


def test_a_whole_history_or_none_takes_nothing_back(run: RunFolder, record: Any, make: Any) -> None:
    finish(run, make, record(run, limits=(3, 3)))
    assert as_recorded(run) == run.results()
    (run.path / "a-one/history.jsonl").unlink()
    assert as_recorded(run) == run.results()


def test_a_checker_that_is_unknown(run: RunFolder, record: Any, make: Any) -> None:
    result = record(run, limits=(3, 3))
    msgspec.structs.force_setattr(result.checks[1].check, "name", "from_the_future")
    ScenarioFolder(run.path / "a-one").write_verdict(result)
    finish(run, make, result)
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (UNKNOWN, 2)
    assert "there is no checker 'from_the_future'; known: " in list(told(done))[1]


# ---------------------------------------------------------------- a run that was killed


def test_a_run_without_results_is_judged_scenario_by_scenario(run: RunFolder, record: Any) -> None:
    record(run, "one")
    record(run, "two", limits=(1,))
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (FAIL, 1)
    assert list(told(done)) == [
        "PASS    a.py::test_one: 1 check the same",
        "        the run ended before it wrote results.json",
        "FAIL    a.py::test_two: 1 check the same",
        f"        FAIL L05 {CHECKER}: 3 lines.",
        "        the run ended before it wrote results.json",
        f"        evidence: {(run.path / 'a-two').resolve()}",
        "FAIL: 2 scenarios, 2 checks judged again, 0 changed",
    ]


def test_good_verdicts_of_a_run_without_results_are_not_enough(run: RunFolder, record: Any) -> None:
    record(run)
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (PASS, 1)


def test_a_history_cut_by_a_kill_is_read_up_to_its_end(run: RunFolder, record: Any) -> None:
    record(run)
    (run.path / "a-one" / VERDICT).unlink()
    path = run.path / "a-one" / HISTORY
    whole = path.read_bytes()
    third = whole.index(b"line 3")
    for cut in (third, third - 5, whole.rindex(b"\xc3") + 1):
        path.write_bytes(whole[:cut])
        done = recheck(run.path)
        assert (done.outcome, done.exit_status) == (UNKNOWN, 1)
    path.write_bytes(whole[:third])
    assert list(told(recheck(run.path))) == [
        "UNKNOWN a-one: nothing judged",
        "        the run ended before it wrote results.json",
        "        it ended before it was judged; its history has 4 events, the last at +2.000 s",
        "UNKNOWN: 1 scenario, 0 checks judged again, 0 changed",
    ]
    assert recheck(run.path / "a-one").exit_status == 1


def test_a_history_killed_at_its_first_line_cannot_be_used(run: RunFolder, record: Any) -> None:
    record(run)
    (run.path / "a-one" / VERDICT).unlink()
    (run.path / "a-one" / HISTORY).write_bytes(b'{"event":"Hist')
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (UNKNOWN, 2)


def test_a_broken_verdict_does_not_keep_others_from_being_judged(
    run: RunFolder, record: Any, make: Any
) -> None:
    results = record(run, "one"), record(run, "two")
    (run.path / "a-one" / VERDICT).write_bytes(b"{")
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (UNKNOWN, 2)
    assert [item.outcome for item in done.scenarios] == [UNKNOWN, PASS]
    finish(run, make, *results)
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (PASS, 1), "results.json holds it as well"
    assert "verdict.json does not hold the verdict" in list(told(done))[1]


# ---------------------------------------------------------------- two files, one story


def test_results_and_verdict_that_disagree(run: RunFolder, record: Any, make: Any) -> None:
    result = record(run)
    ScenarioFolder(run.path / "a-one").write_verdict(
        msgspec.structs.replace(result, title="another story")
    )
    finish(run, make, result)
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (PASS, 1)
    assert list(told(done))[1].strip() == (
        "a-one/verdict.json and results.json do not say the same"
    )


def test_a_scenario_that_results_do_not_know(run: RunFolder, record: Any, make: Any) -> None:
    finish(run, make, record(run, "one"))
    record(run, "two")
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (PASS, 1)
    assert list(told(done))[1:3] == [
        "PASS    a.py::test_two: 1 check the same",
        "        results.json does not know this scenario",
    ]


# ---------------------------------------------------------------- scenarios that broke off


def test_a_problem_never_passes(run: RunFolder, record: Any, make: Any) -> None:
    problem = Problem(family="harness bug", message="crash\nat line 1")
    finish(run, make, record(run, outcome=UNKNOWN, problem=problem))
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (UNKNOWN, 1)
    assert list(told(done))[1] == "        harness bug: crash"


def test_a_failed_scenario_stays_failed_whatever_its_checks_say_now(
    run: RunFolder, record: Any, make: Any, register: Any
) -> None:
    problem = Problem(family="scenario failed", message="waited for 5 tasks, and 4 were done")
    finish(run, make, record(run, outcome=FAIL, problem=problem))
    register(counting(figures={"count": 4}))
    done = recheck(run.path)
    assert len(done.changed) == 1
    assert (done.outcome, done.exit_status) == (FAIL, 1)


@pytest.mark.parametrize("outcome", [UNKNOWN, PASS])
def test_a_skip_never_passes(run: RunFolder, make: Any, outcome: Outcome) -> None:
    finish(run, make, make.scenario(folder="", skipped="no power", outcome=outcome))
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (UNKNOWN, 1)
    assert list(told(done))[1] == "        skipped: no power"


def test_an_empty_run_never_passes(run: RunFolder, make: Any) -> None:
    finish(run, make)
    done = recheck(run.path)
    assert (done.outcome, done.exit_status) == (UNKNOWN, 1)
    assert list(told(done)) == ["UNKNOWN: 0 scenarios, 0 checks judged again, 0 changed"]


def test_a_failure_that_no_check_explains_stays(run: RunFolder, record: Any, make: Any) -> None:
    problem = Problem(family="scenario failed", message="timed out")
    finish(run, make, record(run, outcome=FAIL, problem=problem))
    assert recheck(run.path).outcome is FAIL


# ---------------------------------------------------------------- folders


@pytest.mark.parametrize("folder", ["../outside", "/etc", "", "x\0y"])
def test_results_that_lead_elsewhere(
    run: RunFolder, record: Any, make: Any, tmp_path: Path, folder: str
) -> None:
    (tmp_path / "reports" / "outside").mkdir()
    result = record(run)
    finish(run, make, msgspec.structs.replace(result, folder=folder))
    if folder:
        with pytest.raises(BadInput, match="is not a folder of the run"):
            recheck(run.path)
    else:
        assert recheck(run.path).exit_status == 1, "judged by its own folder, and doubted"


def test_what_is_no_runs_folder(tmp_path: Path, run: RunFolder) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file", tmp_path / "nowhere", run.path):
        with pytest.raises(BadInput, match="reports/latest"):
            recheck(path)


def test_results_that_cannot_be_read(run: RunFolder, record: Any) -> None:
    record(run)
    (run.path / RESULTS).write_bytes(b"{")
    with pytest.raises(BadInput, match="does not hold the results"):
        recheck(run.path)


# ---------------------------------------------------------------- several runs


def test_several_runs_are_told_one_by_one_and_together(
    tmp_path: Path, record: Any, make: Any, register: Any
) -> None:
    before, after = (RunFolder.create(tmp_path / name) for name in ("before", "after"))
    finish(before, make, record(before, limits=(3,)))
    finish(after, make, record(after, limits=(9,)))
    done = recheck_all([before.path, after.path])
    assert done.exit_status == 0
    assert list(told_of_all(done)) == [
        str(before.path),
        "  PASS    a.py::test_one: 1 check the same",
        "  PASS: 1 scenario, 1 check judged again, 0 changed",
        str(after.path),
        "  PASS    a.py::test_one: 1 check the same",
        "  PASS: 1 scenario, 1 check judged again, 0 changed",
        f"{before.path}: PASS: 1 scenario, 1 check judged again, 0 changed",
        f"{after.path}: PASS: 1 scenario, 1 check judged again, 0 changed",
    ]
    register(counting(outcome=FAIL))
    (after.path / RESULTS).unlink()
    done = recheck_all([before.path, after.path])
    assert done.exit_status == 1
    assert list(told_of_all(done))[-2:] == [
        f"{before.path}: PASS -> FAIL: 1 scenario, 1 check judged again, 1 changed",
        f"{after.path}: FAIL: 1 scenario, 1 check judged again, 1 changed",
    ]


def test_a_folder_that_is_no_run_does_not_keep_others_from_being_judged(
    tmp_path: Path, run: RunFolder, record: Any, make: Any
) -> None:
    finish(run, make, record(run))
    done = recheck_all([tmp_path / "nowhere", run.path, tmp_path])
    assert (done.exit_status, [one.outcome for one in done.runs]) == (2, [PASS])
    assert [type(error) for error in done.unusable] == [BadInput, BadInput]


def test_a_verdict_of_an_unknown_form_is_refused_by_its_number(run: RunFolder, record: Any) -> None:
    record(run)
    path = run.path / "a-one" / VERDICT
    assert msgspec.json.decode(path.read_bytes())["schema"] == 1
    path.write_bytes(path.read_bytes().replace(b'"schema": 1', b'"schema": 99'))
    done = recheck(path.parent)
    assert done.exit_status == 2
    assert f"{path}: schema 99, but this version of Filaprova reads 1" in "\n".join(told(done))


def test_a_verdict_from_before_it_had_a_number_is_read(run: RunFolder, record: Any) -> None:
    record(run)
    path = run.path / "a-one" / VERDICT
    path.write_bytes(path.read_bytes().replace(b'"schema": 1,', b""))
    assert b"schema" not in path.read_bytes()
    assert recheck(path.parent).exit_status == 0
