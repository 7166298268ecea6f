"""The gallery tried against a real broker: everything broken is caught, and nobody else is blamed.

Its name keeps it apart from the faulty ones beside it, none of which is collected. Most of it is a
part of ``make thorough`` only, which tries all for the document as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import cast

import pytest

from filaprova.brokers.local import find_scripts
from filaprova.judge.verdict import Outcome
from tests.faulty.gallery import FAULTS, HERE, HONEST, Fault
from tests.faulty.table import DOCUMENT, accusing, alone, complaints, row
from tests.faulty.trial import Gallery, body_of, open_gallery

SOON_DONE = {
    "worker acks before working",
    "worker nacks when done",
    "worker does everything twice",
    "worker prefetches five",
    "worker dies at the second",
    "publisher sends one twice",
    "publisher skips one it says it sent",
    "publisher misspells the queue",
    "publisher deletes another queue",
    "broker max length",
    "broker declared before",
    "environment thief who takes three",
    "environment deleted on the side",
    "harness strikes too late",
    "harness forgets to redeclare",
    "harness never lists",
    "harness never drains",
    "harness drains too little",
    "harness decodes a delivery twice",
    "harness forgets a delivery",
    "honest workers of L08",
    "honest publisher of L01",
}
"""Tried each time: of every party, and of every family of checks, what is soonest done."""


def params(faults: tuple[Fault, ...]) -> list[object]:
    return [
        pytest.param(
            fault,
            id=fault.name,
            marks=[] if fault.name in SOON_DONE else [pytest.mark.thorough],
        )
        for fault in faults
    ]


@pytest.fixture(scope="module")
def gallery(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gallery]:
    if find_scripts() is None:
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail("RabbitMQ is not installed; with CI=true no backend may be missing")
        pytest.skip("RabbitMQ is not installed")
    wanted: list[Fault] = [
        cast(Fault, item.callspec.params["fault"])
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and "gallery" in item.fixturenames
        and hasattr(item, "callspec")
    ]
    with open_gallery(tmp_path_factory.mktemp("gallery")) as gallery:
        gallery.begin(wanted)
        yield gallery


@pytest.mark.parametrize("fault", params(FAULTS))
def test_what_is_broken_is_caught_and_nobody_else_is_blamed(gallery: Gallery, fault: Fault) -> None:
    trial = gallery.trial(fault)
    assert complaints(trial) == [], trial.told


@pytest.mark.parametrize("fault", params(HONEST))
def test_what_is_as_it_should_be_passes(gallery: Gallery, fault: Fault) -> None:
    trial = gallery.trial(fault)
    assert trial.result.outcome is Outcome.PASS, trial.told


# ------------------------------------------------------------------ the gallery kept honest


@pytest.mark.thorough
def test_every_checker_notices_something(gallery: Gallery) -> None:
    noticed = accusing([gallery.trial(fault) for fault in FAULTS])
    assert [name for name, trials in noticed.items() if not trials] == []


@pytest.mark.thorough
def test_every_checker_notices_something_that_no_other_does(gallery: Gallery) -> None:
    lonely = alone([gallery.trial(fault) for fault in FAULTS])
    assert [name for name, trials in lonely.items() if not trials] == []


@pytest.mark.thorough
def test_every_outcome_is_produced(gallery: Gallery) -> None:
    trials = [gallery.trial(fault) for fault in (*FAULTS, *HONEST)]
    assert {trial.result.outcome for trial in trials} == set(Outcome)


def test_there_are_forty_faults_of_every_party() -> None:
    assert len(FAULTS) >= 40
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    parties = {fault.at_fault for fault in FAULTS}
    assert parties == {"worker", "publisher", "broker", "environment", "harness"}


def test_those_that_are_tried_each_time_are_there() -> None:
    assert {fault.name for fault in (*FAULTS, *HONEST)} >= SOON_DONE
    chosen = [fault for fault in FAULTS if fault.name in SOON_DONE]
    assert {fault.at_fault for fault in chosen} == {fault.at_fault for fault in FAULTS}
    assert {fault.outcome for fault in chosen} >= {Outcome.FAIL, Outcome.UNKNOWN}


def test_every_program_is_shown() -> None:
    there = {
        str(path.relative_to(HERE))
        for folder in ("workers", "publishers")
        for path in (HERE / folder).glob("*.py")
    }
    assert there == {program for fault in (*FAULTS, *HONEST) for program in fault.programs.values()}


def test_a_scenario_has_the_arguments_of_its_variant() -> None:
    assert body_of("test_manual_acknowledgement[terminate]").keywords["how"].name == "SIGTERM"
    assert body_of("test_round_robin[2]").keywords == {"consumers": 2}
    assert body_of("test_serial_sending").keywords == {}
    control = body_of("test_nobody_is_harmed[manual_acknowledgement]").keywords
    assert (control["producer"], control["worker"]) == ("timed", "ack")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_document_tells_of_each_fault(fault: Fault) -> None:
    told = DOCUMENT.read_text(encoding="utf-8")
    assert f"\n{row(fault)} " in told, "write it anew: python -m tests.faulty.table"
