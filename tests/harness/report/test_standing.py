"""How exercises and claims stand after a run."""

from __future__ import annotations

from typing import Any

import pytest

from filaprova.judge.verdict import Outcome
from filaprova.report.text.catalogue import Catalogue
from filaprova.report.text.subject_status import other_scenarios, status_of, statuses
from filaprova.runs.results import Problem

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL


def test_a_whole_run_settles_everything(make: Any, catalogue: Catalogue) -> None:
    found = statuses(make.whole_run(), catalogue.contents)
    assert list(found) == ["L05", "L06", "L14", "K3", "K5", "K8"]
    assert [name for name, item in found.items() if item.settled] == ["L05", "L06", "L14", "K5"]
    assert found["K3"].outcome is None, "a claim without checks of its own"
    assert [name for name, item in found.items() if item.judged] == ["L05", "L06", "L14", "K5"]
    assert found["L05"].seconds == 4.5
    assert [item.title for item in found["L05"].scenarios] == [
        "Strike by interrupt.",
        "Strike by kill.",
    ]


def test_the_worst_scenario_decides(make: Any) -> None:
    scenarios = [
        make.scenario(make.check(outcome=outcome), variant=outcome.value)
        for outcome in (PASS, FAIL, UNKNOWN)
    ]
    assert status_of(make.run(*scenarios), "L05").outcome is FAIL
    assert status_of(make.run(scenarios[0], scenarios[2]), "L05").outcome is UNKNOWN
    assert status_of(make.run(scenarios[0]), "L05").settled


def test_what_was_not_run_is_not_settled(make: Any) -> None:
    nothing = status_of(make.run(), "L05", ["kill"])
    assert (nothing.outcome, nothing.missing_variants, nothing.settled) == (None, ["kill"], False)
    partly = status_of(
        make.run(make.scenario(make.check(), variant="kill")), "L05", ["kill", "interrupt"]
    )
    assert (partly.outcome, partly.missing_variants) == (PASS, ["interrupt"])
    assert not partly.settled


def test_a_tests_name_may_be_the_variant(make: Any) -> None:
    run = make.run(make.scenario(make.check("L17"), id="a.py::test_empty"))
    assert status_of(run, "L17", ["empty"]).settled
    assert status_of(run, "L17", ["empty", "full"]).missing_variants == ["full"]


@pytest.mark.parametrize("outcome", [UNKNOWN, FAIL])
def test_a_check_of_another_subject_does_not_count(make: Any, outcome: Outcome) -> None:
    run = make.run(make.scenario(make.check("L05"), make.check("K5", outcome=outcome)))
    assert status_of(run, "L05").settled
    assert status_of(run, "K5").outcome is outcome
    assert status_of(run, "L05").failing == []


def test_a_control_counts_for_every_subject(make: Any) -> None:
    control = make.check("control", name="wire_decoded", outcome=UNKNOWN)
    run = make.run(make.scenario(make.check("L05"), make.check("K5"), control))
    for subject in ("L05", "K5"):
        assert status_of(run, subject).outcome is UNKNOWN
        assert [check.check.name for _, check in status_of(run, subject).failing] == [
            "wire_decoded"
        ]


def test_the_worst_check_comes_first(make: Any) -> None:
    checks = [make.check(name=o.value, outcome=o) for o in (PASS, UNKNOWN, FAIL)]
    found = status_of(make.run(make.scenario(*checks)), "L05")
    assert [check.check.name for _, check in found.failing] == ["fail", "unknown"]


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"problem": Problem(family="scenario failed", message="x"), "outcome": FAIL}, FAIL),
        ({"problem": Problem(family="harness bug", message="x"), "outcome": UNKNOWN}, UNKNOWN),
        ({"skipped": "no power", "outcome": UNKNOWN}, UNKNOWN),
        ({"skipped": "no power", "outcome": PASS}, UNKNOWN),
        ({"outcome": PASS}, UNKNOWN),
    ],
)
def test_a_scenario_that_was_not_judged_never_passes(
    make: Any, fields: dict[str, Any], outcome: Outcome
) -> None:
    found = status_of(make.run(make.scenario(subjects=["L05"], **fields)), "L05")
    assert found.outcome is outcome
    assert not found.settled


def test_a_problem_after_good_checks_never_passes(make: Any) -> None:
    problem = Problem(family="harness bug", message="crash")
    broken = make.scenario(make.check(), subjects=["L05", "L06"], problem=problem, outcome=PASS)
    assert status_of(make.run(broken), "L05").outcome is UNKNOWN
    assert status_of(make.run(broken), "L06").outcome is UNKNOWN, "meant, and not judged"


def test_only_what_speaks_for_nothing_of_the_lesson_is_other(
    make: Any, catalogue: Catalogue
) -> None:
    beyond = make.scenario(make.check("G01"), id="a.py::test_beyond")
    skipped = make.scenario(id="a.py::test_s", subjects=["K5"], skipped="no power", outcome=UNKNOWN)
    run = make.whole_run()
    run.scenarios.extend([beyond, skipped])
    assert [item.id.rpartition("::")[2] for item in other_scenarios(run, catalogue.contents)] == [
        "test_no_fault",
        "test_beyond",
    ]
