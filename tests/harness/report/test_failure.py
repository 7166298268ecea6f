"""Why a scenario is not green, as a line and as a story: all of it in the language of the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from filaprova.judge.decision import decide
from filaprova.judge.verdict import Evidence, Outcome
from filaprova.phrase import say
from filaprova.report.text.catalogue import load_catalogue
from filaprova.report.text.failure import failure_line, failure_story
from filaprova.runs.results import Problem

TEXTS = load_catalogue().texts
LOST = say("{} lost: {}", say("{} tasks", 2), "'t2', 't3'")


@pytest.fixture
def failed(make: Any) -> Any:
    """Give a scenario that lost two tasks by its worker, with evidence that has Portuguese."""
    verdict = msgspec.structs.replace(
        decide(figures={}, findings=[LOST]),
        check="nothing_lost",
        expected="published = finished",
        seen="2 lost",
        blame="worker",
        evidence=[
            Evidence(at_ns=1_500_000_000, text=str(LOST), worded=LOST.worded(), witness="wire")
        ],
    )
    scenario = make.scenario(make.check("L05", outcome=Outcome.FAIL))
    return msgspec.structs.replace(
        scenario, checks=[msgspec.structs.replace(scenario.checks[0], verdict=verdict)]
    )


STORIES = {
    "en": """\
scenario failed: not everything was as expected
FAIL L05 nothing_lost: 2 tasks lost: 't2', 't3'.
  expected: published = finished
  seen:     2 lost
  at fault: the consumer
  +1.500 s  2 tasks lost: 't2', 't3'
evidence: reports/one""",
    "pt": """\
o cenário falhou: nem tudo saiu como esperado
FALHOU L05 nothing_lost: perdidas: 2 tarefas ('t2', 't3').
  esperado:    published = finished
  visto:       2 lost
  responsável: o consumidor
  +1,500 s  perdidas: 2 tarefas ('t2', 't3')
evidências: reports/one""",
}


@pytest.mark.parametrize("language", STORIES)
def test_the_story_is_told_in_one_language(failed: Any, language: str) -> None:
    assert failure_story(failed, Path("reports/one"), TEXTS[language]) == STORIES[language]


def test_the_line_says_whose_affair_it_is_and_what_happened(failed: Any) -> None:
    assert failure_line(failed, TEXTS["en"]) == "scenario failed: 2 tasks lost: 't2', 't3'."
    assert failure_line(failed, TEXTS["pt"]) == (
        "o cenário falhou: perdidas: 2 tarefas ('t2', 't3')."
    )


@pytest.mark.parametrize("family", ["scenario failed", "unknown", "harness bug"])
@pytest.mark.parametrize("language", TEXTS)
def test_where_nobody_left_a_message_something_is_said(
    make: Any, language: str, family: str
) -> None:
    broken = make.scenario(
        outcome=Outcome.UNKNOWN, problem=Problem(family=family, message=""), folder=""
    )
    assert failure_story(broken, None, TEXTS[language]) == failure_line(broken, TEXTS[language])
    assert len(failure_line(broken, TEXTS[language])) > len(family)
