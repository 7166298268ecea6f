"""A scenario ends with what was learnt: the figures that its exercise quotes, in each language."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from filaprova.judge.decision import decide
from filaprova.judge.verdict import Outcome
from filaprova.phrase import say
from filaprova.report.text.catalogue import load_catalogue
from filaprova.report.text.learnt import learnt

TEXTS = load_catalogue().texts


@pytest.fixture
def green(make: Any) -> Any:
    figures = {"pushed": 14, "done_by_killed": 4, "lost": 10, "lost_begun": 2, "lost_unbegun": 8}
    return make.scenario(
        make.check("L05", name="struck_mid_task", summary="Both were struck."),
        make.check("L05", name="lost_exactly_pushed_minus_done", figures=figures),
        subjects=["L05"],
    )


@pytest.mark.parametrize(
    ("language", "told"), [("en", "14 delivered − 4 finished = 10 lost"), ("pt", "14 entregues −")]
)
def test_of_a_green_one_the_check_that_its_exercise_quotes(
    green: Any, language: str, told: str
) -> None:
    assert learnt(green, TEXTS[language]).startswith(told)


def test_of_another_one_what_went_wrong(make: Any) -> None:
    bad = make.scenario(make.check("L05", outcome=Outcome.FAIL, summary="It was lost."))
    assert learnt(bad, TEXTS["en"]) == "scenario failed: It was lost."
    assert learnt(bad, TEXTS["pt"]) == "o cenário falhou: It was lost."
    said = say("{} lost: {}", say("1 task"), "'t2'")
    verdict = decide(figures={}, findings=[said])
    check = msgspec.structs.replace(bad.checks[0], verdict=verdict)
    worded = msgspec.structs.replace(bad, checks=[check])
    assert learnt(worded, TEXTS["en"]) == "scenario failed: 1 task lost: 't2'."
    assert learnt(worded, TEXTS["pt"]) == "o cenário falhou: perdidas: 1 tarefa ('t2')."


def test_of_a_skipped_one_why(make: Any) -> None:
    skipped = make.scenario(skipped="no power to kill", outcome=Outcome.UNKNOWN)
    assert learnt(skipped, TEXTS["en"]) == "no power to kill"


def test_where_nothing_is_quoted_the_first_check_speaks(make: Any) -> None:
    assert learnt(make.scenario(make.check("X1", summary="All well.")), TEXTS["en"]) == "All well."
