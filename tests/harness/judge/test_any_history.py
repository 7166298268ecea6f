"""Any history: whatever is on the record, no checker crashes, and none is content with nothing."""

from __future__ import annotations

import inspect
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from filaprova.judge import checks as public
from filaprova.judge.balance import balance
from filaprova.judge.registry import Check, checkers
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Verdict
from filaprova.record.event import Event
from filaprova.record.history import History
from filaprova.record.wire import Published
from tests.harness.judge import verdicts as approved
from tests.harness.judge.stories import PASS, UNKNOWN, Q
from tests.harness.judge.test_balance import copies

ARGUMENTS: dict[str, list[Any]] = {
    "queue": [Q, "another"],
    "client": ["C1", "C9"],
    "from_client": ["C1", "C9"],
    "survivor": ["C2", "C9"],
    "clients": [["C1", "C2"], ["C2", "C3"], ["C9"], []],
    "to_clients": [["C2", "C3"], ["C1"], []],
    "killed": [["C1"], ["C1", "C2"], []],
    "how": ["stop", "kill"],
    "mid_task": [True, False],
    "durable": [False, True],
    "manual": [True, False],
    "fault": ["HoldBack", "Cut"],
    "finished_by": ["done", "received"],
    "at_most": [None, 1],
    "asked": [None, 3],
}
"""What a checker may be asked, by the names of its arguments."""

WITHOUT_TASKS = {
    "acknowledgement_mode",
    "broker_was_stopped",
    "counts_agree",
    "declarations_agree",
    "declared_as",
    "drained",
    "ended_or_came_back",
    "ended_when_told",
    "fault_landed",
    "fully_decoded",
    "got_nothing",
    "graceful_stop_was_clean",
    "publishers_duties_done",
    "queue_deleted",
    "kept_to_protocol",
    "nobody_crashed",
    "queue_gone_after_restart",
    "queue_survived_restart",
    "redeclare_refused",
    "settled_after_work",
    "struck_mid_task",
}
"""Checkers of something else than publishes, which may pass where nobody is seen to."""

STORIES = [case.story.events for cases in approved.told().values() for case in cases]


def questions(name: str) -> list[dict[str, Any]]:
    """Return sets of arguments for a checker: each value of each argument at least once."""
    names = asked(name)
    values = [ARGUMENTS[argument] for argument in names]
    return [
        {argument: these[index % len(these)] for argument, these in zip(names, values, strict=True)}
        for index in range(max(map(len, values), default=1))
    ]


def asked(name: str) -> list[str]:
    return list(inspect.signature(checkers()[name]).parameters)[1:]


NAMES = sorted(public.__all__)
QUESTIONS = [(name, arguments) for name in NAMES for arguments in questions(name)]


def verdicts(events: list[Event]) -> list[tuple[str, Verdict]]:
    """Ask every checker everything; crashes are not turned into verdicts here."""
    history = History(events)
    return [(name, checkers()[name](history, **arguments)) for name, arguments in QUESTIONS]


@st.composite
def torn(draw: st.DrawFn) -> list[Event]:
    """Take one or two stories, lose some of what happened, and tell the rest in another order.

    Half of them keep the order; half of them get other times, as from clocks that do not agree.
    """
    events = [
        event
        for story in draw(st.lists(st.sampled_from(STORIES), min_size=1, max_size=2))
        for event in story
    ]
    kept = [event for event in events if draw(st.integers(0, 4))]
    if draw(st.booleans()):
        kept = draw(st.permutations(kept))
    if draw(st.booleans()):
        kept = [structs.replace(e, at_ns=draw(st.integers(0, 3) | st.just(e.at_ns))) for e in kept]
    return kept


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(torn())
def test_no_checker_crashes_and_each_can_tell_its_verdict(events: list[Event]) -> None:
    for name, verdict in verdicts(events):
        assert verdict.summary.strip(" ."), f"{name} says nothing"
        assert verdict.blame is None or verdict.outcome is not PASS, f"{name} blames, and passes"
        assert len(verdict.evidence) <= 20


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(torn())
def test_nothing_passes_where_nothing_was_published(events: list[Event]) -> None:
    silent = [event for event in events if not isinstance(event, Published)]
    passed = {name for name, verdict in verdicts(silent) if verdict.outcome is PASS}
    assert passed <= WITHOUT_TASKS


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(torn())
def test_each_copy_is_in_one_place_whatever_the_record_is_like(events: list[Event]) -> None:
    history = History(events)
    book = ledger(history, Q)
    assert copies(balance(history, book)) == Counter(book.tasks)


@pytest.mark.parametrize(("name", "arguments"), QUESTIONS)
def test_nothing_passes_where_nothing_happened(name: str, arguments: dict[str, Any]) -> None:
    assert Check(name=name, arguments=arguments).judge(History([])).outcome is UNKNOWN


@pytest.mark.parametrize(
    ("name", "argument"),
    [(name, argument) for name in NAMES for argument in asked(name) if [] in ARGUMENTS[argument]],
)
def test_nothing_passes_where_it_is_about_nobody(name: str, argument: str) -> None:
    check = Check(name=name, arguments=questions(name)[0] | {argument: []})
    for events in STORIES:
        verdict = check.judge(History(events))
        assert verdict.outcome is UNKNOWN
        assert verdict.summary == f"{name}: {argument} is empty, so the check is about nobody."
