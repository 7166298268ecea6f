"""The stories together: every checker is seen to pass and to refuse, and speaks in sentences."""

from __future__ import annotations

import re

import pytest

from filaprova.judge.registry import checkers
from filaprova.runs.recheck import load_checkers
from tests.harness.judge import verdicts
from tests.harness.judge.stories import FAIL, PASS, UNKNOWN, Case, name_of

CANNOT_SAY = {
    "declarations_agree": {UNKNOWN},
    "kept_to_protocol": {UNKNOWN},
    "nobody_crashed": {UNKNOWN},
    "broker_was_stopped": {FAIL},
    "drained": {FAIL},
    "fault_landed": {FAIL},
    "fully_decoded": {FAIL},
    "graceful_stop_was_clean": {FAIL},
    "struck_mid_task": {FAIL},
    "working_time": {FAIL},
}
"""They tell whether the record can be judged, or what was measured, and so only doubt."""


CASES_OF_ALL = [case for cases in verdicts.told().values() for case in cases]
KEPT = verdicts.kept()


def registered() -> list[str]:
    load_checkers()
    return sorted(name for name in checkers() if not name.endswith("_for_tests"))


def outcomes_of(name: str) -> set[str]:
    return {told.outcome for told in CASES_OF_ALL if told.check.name == name}


@pytest.mark.parametrize("name", registered())
def test_every_checker_has_stories_with_every_outcome_that_it_knows(name: str) -> None:
    known = {PASS, UNKNOWN, FAIL} - CANNOT_SAY.get(name, set())
    assert outcomes_of(name) == known


def test_no_two_cases_have_one_name() -> None:
    names = [name_of(told) for told in CASES_OF_ALL]
    assert sorted(set(names)) == sorted(names)


WRONG = re.compile(
    r"""
    (?<![\d.,/])\b1\ (?:[a-z]+\ )?(?:tasks|workers|consumers|messages|deliveries|counts|times
        |connections|identities)\b
    | \b1\ (?:are|were)\b
    | \b(?:0|[2-9]|\d\d+)\ (?:task|worker|consumer|message|delivery|count|time|connection)\b
    | (?<!message\ size\ )\b(?:0|[2-9]|\d\d+)\ (?:is|was)\b  # but for the broker's own words
    | \bdeliverys\b | \bidentitys\b | \b(?:all|only)\ [01]\ | \bNone\b | ;\ \.$
    | \?\.$ | \ {2} | \.\.$
    """,
    re.VERBOSE,
)


@pytest.mark.parametrize("told", CASES_OF_ALL, ids=name_of)
def test_what_is_said_are_sentences_with_the_right_number(told: Case) -> None:
    verdict = told.verdict()
    assert verdict.summary.endswith((".", "?"))
    assert verdict.summary.strip(" .")
    for text in (verdict.summary, verdict.expected, verdict.seen):
        assert not WRONG.findall(text), text


@pytest.mark.parametrize("told", CASES_OF_ALL, ids=name_of)
def test_each_verdict_is_the_one_that_was_read_word_for_word(told: Case) -> None:
    assert verdicts.spelled(told) == KEPT.get(name_of(told)), "see what has changed: make verdicts"
    assert told.verdict().check == told.check.name


def test_only_verdicts_on_stories_that_are_told_are_kept() -> None:
    assert KEPT.keys() == {name_of(told) for told in CASES_OF_ALL}, "make verdicts"
