"""Outcome and Verdict: the worst of several wins, and nothing judged is not green."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from filaprova.judge.verdict import Evidence, Outcome, Verdict, worst

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL


def test_the_order_of_outcomes() -> None:
    assert PASS.severity < UNKNOWN.severity < FAIL.severity


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([PASS], PASS),
        ([PASS, PASS], PASS),
        ([PASS, UNKNOWN], UNKNOWN),
        ([PASS, FAIL], FAIL),
        ([UNKNOWN, FAIL], FAIL),
        ([PASS, UNKNOWN, FAIL], FAIL),
    ],
)
def test_the_worst_wins_in_any_order(outcomes: list[Outcome], expected: Outcome) -> None:
    for order in itertools.permutations(outcomes):
        assert worst(iter(order)) is expected


def test_nothing_judged_is_unknown() -> None:
    assert worst([]) is UNKNOWN


def test_a_verdict_can_be_saved_and_read_back() -> None:
    verdict = Verdict(
        check="none_lost",
        outcome=FAIL,
        summary="2 of 20 tasks were lost",
        figures={"lost": 2, "share": 0.1, "tasks": ["t1", "t2"], "by": {"C1": True, "C2": None}},
        evidence=[Evidence(at_ns=5, text="C1 was killed")],
        blame="worker",
    )
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict) == verdict
    assert msgspec.json.decode(msgspec.json.encode(verdict))["outcome"] == "fail"
