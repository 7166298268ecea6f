"""results.json: what is written is read again, and nothing else is taken for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from filaprova.errors import BadInput
from filaprova.judge.registry import Check
from filaprova.judge.verdict import Evidence, Outcome, Verdict
from filaprova.phrase import say
from filaprova.runs.results import RESULTS_SCHEMA, Problem, RunResult, ScenarioResult
from filaprova.runs.store import RESULTS, VERDICT, RunFolder, ScenarioFolder, read_verdict


def everything(make: Any) -> RunResult:
    """Return a run in which every field holds something."""
    figures: dict[str, Any] = {
        "count": 3,
        "share": 0.5,
        "round": 2.0,
        "text": "São\n\x1b[1m\u202e",
        "flag": True,
        "missing": None,
        "nested": [{"C1": [1, 2.5, "x", False, None]}, []],
    }
    check = make.check(
        arguments={"queue": "tasks", "limits": [1, 2], "by": {"C1": None}},
        checkpoint="before the kill",
        outcome=Outcome.FAIL,
        expected="nothing lost",
        seen="three lost",
        figures=figures,
        evidence=[Evidence(at_ns=1_500_000_000, text="C1 was killed")],
        blame="worker",
        hint="acknowledge after the work",
        worded={"seen": say("{} lost", say("{:.1f} tasks", 3.0)).worded()},
    )
    return make.run(
        make.scenario(
            check,
            variant="kill",
            subjects=["L05", "K3"],
            problem=Problem(family="scenario failed", message="line 1\nline 2"),
            skipped="a reason",
            skipped_worded=say("a reason").worded(),
            seconds=1.25,
            seconds_by={"broker": 0.5, "work": 0.25},
        ),
        boot_seconds=3.5,
        host={"processors": "2"},
        settings={"seed": "7", "programs": ""},
        notes=["one note"],
        worded={"one note": say("{} note", say("one")).worded()},
    )


def test_results_come_back_as_they_were(tmp_path: Path, make: Any) -> None:
    run = everything(make)
    for struct in (run, run.scenarios[0], run.scenarios[0].checks[0].verdict):
        assert all(
            getattr(struct, name) or name == "schema" for name in struct.__struct_fields__
        ), "each field is put to the test"
    folder = RunFolder(tmp_path)
    folder.write_results(run)
    assert folder.results() == run
    read = folder.results().scenarios[0].checks[0].verdict.figures
    assert [type(value) for value in read.values()] == [
        int,
        float,
        float,
        str,
        bool,
        type(None),
        list,
    ]


def test_a_verdict_file_is_the_scenarios_part_of_it(tmp_path: Path, make: Any) -> None:
    scenario = everything(make).scenarios[0]
    folder = ScenarioFolder(tmp_path)
    folder.write_verdict(scenario)
    assert read_verdict(folder) == scenario


def test_the_file_is_for_people_too(tmp_path: Path, make: Any) -> None:
    RunFolder(tmp_path).write_results(everything(make))
    text = (tmp_path / RESULTS).read_text(encoding="utf-8")
    assert json.loads(text)["schema"] == RESULTS_SCHEMA == 1
    assert len(text.splitlines()) > 50
    assert text.endswith("}\n")


def test_text_that_is_not_unicode_is_kept_visibly(tmp_path: Path, make: Any) -> None:
    """A path may hold bytes that are not UTF-8; evidence is written all the same."""
    message = "cannot run /tmp/caf\udce9"
    problem = Problem(family="scenario failed", message=message)
    scenario = make.scenario(problem=problem, outcome=Outcome.FAIL)
    run = make.run(scenario, settings={"programs": "\udcff"})
    RunFolder(tmp_path).write_results(run)
    ScenarioFolder(tmp_path).write_verdict(scenario)
    read = RunFolder(tmp_path).results()
    assert read.scenarios[0].problem == Problem(
        family="scenario failed", message=r"cannot run /tmp/caf\udce9"
    )
    assert read.settings == {"programs": r"\udcff"}
    assert read_verdict(ScenarioFolder(tmp_path)) == read.scenarios[0]


@pytest.mark.parametrize("schema", [0, RESULTS_SCHEMA + 1, 99])
def test_another_schema_is_refused_by_its_number(tmp_path: Path, make: Any, schema: int) -> None:
    content = msgspec.to_builtins(make.run())
    # what else another version may have changed
    content |= {"schema": schema, "seed": "not a number any more"}
    (tmp_path / RESULTS).write_bytes(msgspec.json.encode(content))
    with pytest.raises(BadInput, match=rf"schema {schema}, but this version .* reads 1"):
        RunFolder(tmp_path).results()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"schema": 1}',
        b'{"seed": 1}',
        b'{"schema": "1"}',
        b"[" * 100_000,
        b'{"schema":1,"run":"r","started_at":"","seconds":1,"seed":1,"broker":{},'
        b'"scenarios":[{"id":"a","folder":"f","title":"t","outcome":"green"}]}',
        b'{"schema":1,"run":"\\ud800","started_at":"","seconds":1,"seed":1,"broker":{}}',
    ],
)
def test_what_is_no_results_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / RESULTS).write_bytes(content)
    with pytest.raises(BadInput, match=r"results\.json does not hold the results of a run"):
        RunFolder(tmp_path).results()
    (tmp_path / VERDICT).write_bytes(content)
    with pytest.raises(BadInput, match=r"verdict\.json does not hold the verdict of a scenario"):
        read_verdict(ScenarioFolder(tmp_path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"has no results\.json: the run was stopped before"):
        RunFolder(tmp_path).results()
    with pytest.raises(BadInput, match=r"cannot read .*verdict\.json: No such file"):
        read_verdict(ScenarioFolder(tmp_path))


def test_the_outcome_of_a_run_is_its_worst(make: Any) -> None:
    good = make.scenario(make.check())
    bad = make.scenario(make.check(outcome=Outcome.FAIL))
    assert make.run().outcome is Outcome.UNKNOWN, "nothing judged is not green"
    assert make.run(good).outcome is Outcome.PASS
    assert make.run(good, bad).outcome is Outcome.FAIL


def test_fields_this_version_does_not_know_are_passed_over() -> None:
    verdict = {"check": "a", "outcome": "pass", "summary": "s", "later": 1}
    scenario = {"id": "a", "folder": "f", "title": "t", "outcome": "pass"}
    check = {"subject": "L05", "checkpoint": "end", "check": {"name": "a"}, "verdict": verdict}
    read = msgspec.convert(scenario | {"checks": [check], "later": {}}, ScenarioResult)
    assert read.checks[0].verdict == Verdict(check="a", outcome=Outcome.PASS, summary="s")
    assert read.checks[0].check == Check(name="a")
