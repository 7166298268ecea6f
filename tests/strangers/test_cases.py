"""The strangers' cases are what they say they are; some of them, tried as a user would try them.

All of them: ``python -m tests.strangers``, a part of ``make thorough``.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from filaprova.brokers.local import find_scripts
from tests.faulty.table import Counted, front
from tests.one_broker import ROOT, node_id, stops_the_server
from tests.strangers import __main__ as strangers
from tests.strangers.__main__ import (
    Figures,
    Tried,
    differences,
    figures_by_origin,
    has_its_own_broker,
    one_broker_for,
    try_case,
)
from tests.strangers.cases import FOLDER, ORIGINS, PARTIES, StrangerCase, cases, read_case

KNOWN = {path.name for path in (ROOT / "scenarios/lesson/programs").glob("*.py")}
ALL = list(cases())
TRIED = [
    "acks-the-newest-tag-with-multiple",
    "key-with-one-s-too-few",
    "child-process-pool",
    "amqp-url-env",
    "basic-get-polling",
    "inequivalent-max-priority",
    "input-producer",
]
"""Soon done, and of every kind: faulty and honest, worker and publisher, and with options, with an
environment, with a text to be told."""
MAY_SAY = {
    *("what", "origin", "honest", "expected", "at_fault", "scenarios", "source"),
    *("told", "options", "environment"),
}


def name_of(case: StrangerCase) -> str:
    return case.name


def test_there_are_many_of_each_origin_and_all_have_names_of_their_own() -> None:
    strangers = [case for case in ALL if case.origin == "stranger"]
    assert len([case for case in strangers if case.honest]) >= 30
    assert len([case for case in strangers if not case.honest]) >= 30
    counted = Counter(case.origin for case in ALL)
    assert counted["manner"] >= 41
    assert counted["adversary"] >= 40
    assert counted["second round"] == counted["third round"] == counted["fourth round"] == 40
    assert counted["sixth round"] == 40
    assert counted["fifth round"] == 44
    assert len({case.name for case in ALL}) == len(ALL)
    assert len(ALL) == len(list(FOLDER.glob("honest/*/"))) + len(list(FOLDER.glob("faulty/*/")))


@pytest.mark.parametrize("case", ALL, ids=name_of)
def test_a_case_says_what_is_right(case: StrangerCase) -> None:
    about = tomllib.loads((case.programs.parent / "case.toml").read_text(encoding="utf-8"))
    assert set(about) <= MAY_SAY
    assert {"what", "origin", "source"} <= set(about)
    assert case.what
    assert case.origin in ORIGINS
    assert case.honest == (case.programs.parent.parent.name == "honest")
    assert case.expected in (("PASS", "UNKNOWN") if case.honest else ("FAIL", "UNKNOWN"))
    assert case.at_fault in PARTIES | {""}
    assert not (case.honest and case.at_fault)


@pytest.mark.parametrize(
    "case", [case for case in ALL if case.told or case.options or case.environment], ids=name_of
)
def test_what_else_it_says_can_be_used(case: StrangerCase) -> None:
    assert all(isinstance(text, str) and text for text in (*case.told, *case.options))
    assert all(isinstance(value, str) for value in case.environment.values())
    folder = case.programs.parent
    named = [text.rpartition("=")[2] for text in case.options if str(folder) in text]
    assert all(Path(name).is_file() for name in named), named
    assert not [text for text in case.told if text in folder.name], "any output names the folder"


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


def test_a_case_is_read_with_all_that_it_says(tmp_path: Path) -> None:
    folder = tmp_path / "somebody" / "one"
    folder.mkdir(parents=True)
    folder.joinpath("case.toml").write_text(
        'what = "it"\norigin = "manner"\nhonest = false\nexpected = "FAIL"\nat_fault = "worker"\n'
        'scenarios = ["test_redeclare"]\ntold = "why"\n'
        'options = ["--program-input", "a.py={case}/a"]\nenvironment = { A = "b" }\n'
    )
    assert read_case(folder) == StrangerCase(
        name="one",
        what="it",
        honest=False,
        expected="FAIL",
        at_fault="worker",
        scenarios=("test_redeclare",),
        programs=folder / "programs",
        origin="manner",
        told=("why",),
        options=("--program-input", f"a.py={folder}/a"),
        environment={"A": "b"},
    )


@pytest.mark.parametrize(
    ("sentence", "expected", "at_fault"),
    [
        ("FAIL worker by prefetch_respected", "FAIL", "worker"),
        ("FAIL worker or UNKNOWN", "UNKNOWN", "worker"),
        ("UNKNOWN (the deletion dropped nothing)", "UNKNOWN", ""),
        ("PASS or UNKNOWN that names the cause", "UNKNOWN", ""),
        ("PASS", "PASS", ""),
    ],
)
def test_a_case_may_say_it_in_a_sentence(
    tmp_path: Path, sentence: str, expected: str, at_fault: str
) -> None:
    folder = tmp_path / "adversary" / "one"
    folder.mkdir(parents=True)
    about = {"what": "it", "honest": False, "expected": sentence, "k": ["test_redeclare"]}
    folder.joinpath("case.json").write_text(json.dumps(about))
    case = read_case(folder)
    assert (case.expected, case.at_fault, case.origin) == (expected, at_fault, "adversary")


# ------------------------------------------------------------------ what is counted


def tried(case: StrangerCase, outcome: str, *parties: str, untold: tuple[str, ...] = ()) -> Tried:
    return Tried(
        case=case,
        status=int(outcome != "pass"),
        outcome=outcome,
        parties=frozenset(parties),
        said=[],
        untold=untold,
    )


def test_of_which_case_not_the_same_was_said_each_time_is_told() -> None:
    steady = a_case(honest=True, expected="PASS")
    torn = replace(steady, name="torn")
    said = [
        replace(tried(case, "pass"), verdicts=frozenset(verdicts))
        for case, *verdicts in (
            (steady, "S: nothing_lost pass"),
            (torn, "S: nothing_lost pass", "S: all_settled pass"),
            (steady, "S: nothing_lost pass"),
            (torn, "S: nothing_lost pass", "S: all_settled fail worker"),
        )
    ]
    assert differences(said) == {
        "torn": ["1 of 2 times: S: all_settled fail worker", "1 of 2 times: S: all_settled pass"]
    }
    assert differences(said[:2]) == {}


def a_case(
    *, honest: bool, expected: str, at_fault: str = "", origin: str = "stranger"
) -> StrangerCase:
    return StrangerCase(
        name="one",
        what="",
        honest=honest,
        expected=expected,
        at_fault=at_fault,
        scenarios=(),
        programs=Path(),
        origin=origin,
    )


def test_what_is_right_and_how_it_is_counted() -> None:
    faulty = a_case(honest=False, expected="FAIL", at_fault="worker")
    unsure = a_case(honest=False, expected="UNKNOWN", at_fault="worker")
    honest = a_case(honest=True, expected="PASS")
    strange = a_case(honest=True, expected="UNKNOWN")
    right = [
        tried(faulty, "fail", "worker"),
        tried(unsure, "unknown"),
        tried(unsure, "fail", "worker"),
        tried(honest, "pass"),
        tried(strange, "unknown"),
    ]
    wrong = [
        tried(faulty, "pass"),
        tried(faulty, "fail", "publisher"),
        tried(faulty, "unknown"),
        tried(faulty, "fail", "worker", untold=("why",)),
        tried(unsure, "pass"),
        tried(unsure, "unknown", "broker"),
        tried(honest, "unknown"),
        tried(honest, "pass", untold=("why",)),
        tried(honest, "fail"),
        tried(strange, "unknown", "worker"),
    ]
    assert [each.right for each in (*right, *wrong)] == [True] * len(right) + [False] * len(wrong)
    assert Figures.of([*right, *wrong]) == Figures(
        caught=7,
        faulty=9,
        rightly_blamed=2,
        with_a_culprit=5,
        condemned=2,
        not_green=1,
        honest=6,
        untold=2,
    )


def test_the_figures_tell_the_origins_apart_and_the_document_shows_each() -> None:
    by_origin = figures_by_origin(
        [
            tried(a_case(honest=True, expected="PASS", origin="adversary"), "fail"),
            tried(a_case(honest=True, expected="PASS"), "pass"),
            tried(a_case(honest=False, expected="UNKNOWN"), "pass"),
        ]
    )
    assert {origin: f.condemned for origin, f in by_origin.items()} == {
        "stranger": 0,
        "adversary": 1,
        "all": 1,
    }
    assert {origin: f.honest for origin, f in by_origin.items()} == {
        "stranger": 1,
        "adversary": 1,
        "all": 2,
    }
    ours = Counted(caught=1, faulty=2, rightly_blamed=1, with_a_culprit=1, condemned=0, honest=3)
    plain = {origin: dataclasses.asdict(figures) for origin, figures in by_origin.items()}
    assert front(ours, plain)[2:] == [
        "| Gallery | 1 of 2 | 1 of 1 | 0 of 3 | – |",
        f"| {ORIGINS['stranger']} | 0 of 1 | 0 of 0 | 0 of 1 | 30 of 30; 15 of 30; 18 of 34 |",
        f"| {ORIGINS['adversary']} | 0 of 0 | 0 of 0 | 1 of 1 | 16 of 21; 10 of 17; 1 of 19 |",
    ]
    assert front(ours, {})[2:] == ["| Gallery | 1 of 2 | 1 of 1 | 0 of 3 | – |"]


def test_figures_of_one_origin_take_the_place_of_its_own_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "FIGURES", tmp_path / "figures.json")
    missed = tried(a_case(honest=False, expected="FAIL", origin="adversary"), "pass")
    green = tried(a_case(honest=True, expected="PASS"), "pass")
    strangers.keep_figures(figures_by_origin([missed, green]))
    caught = tried(a_case(honest=False, expected="FAIL", origin="adversary"), "fail")
    strangers.keep_figures(figures_by_origin([caught, caught]))
    kept = json.loads((tmp_path / "figures.json").read_text())
    assert {origin: (f["caught"], f["faulty"], f["honest"]) for origin, f in kept.items()} == {
        "stranger": (0, 0, 1),
        "adversary": (2, 2, 0),
        "all": (2, 2, 1),
    }


# ------------------------------------------------------------------ how they are tried


def test_who_has_a_broker_of_its_own() -> None:
    case = replace(a_case(honest=True, expected="PASS"), scenarios=("test_serial_sending",))
    assert not has_its_own_broker(replace(case, options=("--wait", "5")))
    assert has_its_own_broker(replace(case, options=("--broker-config", "a = b")))
    assert has_its_own_broker(replace(case, scenarios=("test_server_stop",)))


def test_options_and_environment_reach_the_run_and_what_it_prints_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[list[str], dict[str, str]]] = []

    def run(command: list[str], *, env: dict[str, str], **_: Any) -> Any:
        begun.append((command, env))
        return subprocess.CompletedProcess(command, 4, stdout="this is ", stderr="why")

    monkeypatch.setattr(subprocess, "run", run)
    case = replace(
        a_case(honest=False, expected="UNKNOWN"),
        scenarios=("test_serial_sending",),
        told=("is why", "or not"),
        options=("--wait", "5"),
        environment={"AMQP_URL": "amqp://"},
    )
    found = try_case(case, reports=tmp_path)
    [(command, environment)] = begun
    assert command[-2:] == ["--wait", "5"]
    assert environment["AMQP_URL"] == "amqp://"
    assert found.untold == ("or not",)
    assert not found.right


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
    assert found.right, (found.outcome, found.parties, found.said, found.untold)
