"""The strangers' cases are what they say they are; some of them, tried as a user would try them.

All of them: ``python -m tests.strangers``, a part of ``make thorough``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from filaprova.brokers.local import find_scripts
from tests.one_broker import ROOT, node_id, stops_the_server
from tests.strangers.__main__ import Figures, Tried, one_broker_for, try_case
from tests.strangers.cases import FOLDER, StrangerCase, cases

KNOWN = {path.name for path in (ROOT / "scenarios/lesson/programs").glob("*.py")}
ALL = list(cases())
TRIED = [
    "acks-the-newest-tag-with-multiple",
    "key-with-one-s-too-few",
    "a-connection-for-each-message",
    "child-process-pool",
]
"""Soon done, and of every kind: faulty and honest, worker and publisher."""


def name_of(case: StrangerCase) -> str:
    return case.name


def test_there_are_at_least_sixty_and_all_have_names_of_their_own() -> None:
    assert len([case for case in ALL if case.honest]) >= 30
    assert len([case for case in ALL if not case.honest]) >= 30
    assert len({case.name for case in ALL}) == len(ALL)
    assert len(ALL) == len(list(FOLDER.glob("honest/*/"))) + len(list(FOLDER.glob("faulty/*/")))


@pytest.mark.parametrize("case", ALL, ids=name_of)
def test_a_case_says_what_is_right(case: StrangerCase) -> None:
    about = tomllib.loads((case.programs.parent / "case.toml").read_text(encoding="utf-8"))
    assert set(about) <= {"what", "honest", "expected", "at_fault", "scenarios", "source"}
    assert case.what
    assert case.honest == (case.programs.parent.parent.name == "honest")
    assert case.expected in (("PASS", "UNKNOWN") if case.honest else ("FAIL", "UNKNOWN"))
    assert case.at_fault in ("", "worker", "publisher", "broker", "tool")
    assert not (case.honest and case.at_fault)


@pytest.mark.parametrize("case", ALL, ids=name_of)
def test_its_scenarios_are_there(case: StrangerCase) -> None:
    assert case.scenarios
    for name in case.scenarios:
        assert (ROOT / node_id(ROOT, name).partition("::")[0]).is_file()


@pytest.mark.parametrize("case", ALL, ids=name_of)
def test_its_programs_can_be_read_and_one_has_a_name_of_the_lesson_s(case: StrangerCase) -> None:
    found = sorted(case.programs.rglob("*.py"))
    assert {path.name for path in found} & KNOWN
    for path in found:
        compile(path.read_text(encoding="utf-8"), path, "exec")


def test_which_scenarios_stop_the_server() -> None:
    assert stops_the_server("test_durable_queue_and_persistent_tasks")
    assert not stops_the_server("test_manual_acknowledgement[kill]")
    with pytest.raises(LookupError, match="no scenario test_absent"):
        stops_the_server("test_absent[1]")


# ------------------------------------------------------------------ what is counted


def tried(case: StrangerCase, outcome: str, *parties: str) -> Tried:
    return Tried(
        case=case,
        status=int(outcome != "pass"),
        outcome=outcome,
        parties=frozenset(parties),
        told="",
    )


def a_case(*, honest: bool, expected: str, at_fault: str = "") -> StrangerCase:
    return StrangerCase(
        name="one",
        what="",
        honest=honest,
        expected=expected,
        at_fault=at_fault,
        scenarios=(),
        programs=Path(),
    )


def test_what_is_right_and_how_it_is_counted() -> None:
    faulty = a_case(honest=False, expected="FAIL", at_fault="worker")
    unsure = a_case(honest=False, expected="UNKNOWN")
    honest = a_case(honest=True, expected="PASS")
    strange = a_case(honest=True, expected="UNKNOWN")
    right = [
        tried(faulty, "fail", "worker"),
        tried(unsure, "unknown"),
        tried(honest, "pass"),
        tried(strange, "unknown"),
    ]
    wrong = [
        tried(faulty, "pass"),
        tried(faulty, "fail", "publisher"),
        tried(faulty, "unknown"),
        tried(honest, "unknown"),
        tried(honest, "fail"),
        tried(strange, "unknown", "worker"),
    ]
    assert [each.right for each in (*right, *wrong)] == [True] * len(right) + [False] * len(wrong)
    assert Figures.of([*right, *wrong]) == Figures(
        caught=4, faulty=5, rightly_blamed=1, with_a_culprit=4, condemned=2, not_green=1, honest=5
    )


# ------------------------------------------------------------------ some of them, tried


@pytest.fixture(scope="module")
def all_tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Tried]]]:
    """What is said of those of ``TRIED``; two runs are under way at any time."""
    if find_scripts() is None:
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail("RabbitMQ is not installed; with CI=true no backend may be missing")
        pytest.skip("RabbitMQ is not installed")
    reports = tmp_path_factory.mktemp("reports")
    chosen = [case for case in ALL if case.name in TRIED]
    with one_broker_for(chosen) as shared, ThreadPoolExecutor(2) as lanes:
        yield {
            case.name: lanes.submit(try_case, case, reports=reports / case.name, shared=shared)
            for case in chosen
        }


@pytest.mark.parametrize("name", TRIED)
def test_what_is_said_of_it_is_right(all_tried: dict[str, Future[Tried]], name: str) -> None:
    found = all_tried[name].result()
    assert found.right, (found.outcome, found.parties, found.told)
