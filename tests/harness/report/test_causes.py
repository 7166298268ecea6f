"""What went wrong leads the page, each cause once; a green run begins with its answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from filaprova.judge.verdict import Outcome
from filaprova.report.pages.answers import answers_html
from filaprova.report.text.catalogue import Catalogue
from filaprova.report.text.causes import causes
from filaprova.runs.results import Problem, ScenarioResult
from tests.harness.report.pictures.pen import Pen

UNKNOWN, FAIL = Outcome.UNKNOWN, Outcome.FAIL
Failing = Callable[..., ScenarioResult]


@pytest.fixture
def failing(make: Any) -> Failing:
    def failing(variant: str, *, check: str = "nothing_lost", **verdict: Any) -> ScenarioResult:
        verdict = {"outcome": FAIL, "blame": "worker", "summary": f"Lost by {variant}."} | verdict
        result: ScenarioResult = make.scenario(
            make.check("L05", name=check, **verdict),
            id=f"a.py::test_a[{variant}]",
            variant=variant,
            folder="",
        )
        return result

    return failing


def sections(html: str, read_page: Callable[[str], Any]) -> list[str]:
    page = read_page(html)
    return [node.attributes["id"] for node in page.nodes() if node.tag == "section" and
            node.attributes.get("id")]  # fmt: skip


def test_the_same_in_several_scenarios_is_one_cause(make: Any, failing: Failing) -> None:
    [cause] = causes(make.run(failing("interrupt"), failing("kill")))
    assert cause.check is not None
    assert cause.check.verdict.summary == "Lost by interrupt."
    assert [scenario.variant for scenario in cause.scenarios] == ["interrupt", "kill"]


@pytest.mark.parametrize(
    "other", [{"blame": "broker"}, {"check": "drained"}, {"outcome": UNKNOWN}], ids=str
)
def test_another_culprit_check_or_outcome_is_another_cause(
    make: Any, failing: Failing, other: dict[str, Any]
) -> None:
    assert len(causes(make.run(failing("interrupt"), failing("kill", **other)))) == 2


def test_failures_come_before_what_is_unknown(make: Any, failing: Failing) -> None:
    run = make.run(failing("interrupt", outcome=UNKNOWN), failing("kill"))
    told = [cause.check.verdict.summary for cause in causes(run) if cause.check]
    assert told == ["Lost by kill.", "Lost by interrupt."]


def test_a_problem_that_decides_is_the_cause(make: Any) -> None:
    problem = Problem(family="harness bug", message="It broke\nTraceback")
    broken = make.scenario(id="a.py::b", folder="", problem=problem, outcome=UNKNOWN)
    [cause] = causes(make.run(broken))
    assert (cause.family, cause.problem, cause.check) == ("harness bug", problem, None)


def test_what_passed_or_was_skipped_is_no_cause(make: Any) -> None:
    skipped = make.scenario(id="a.py::c", folder="", skipped="no power", outcome=UNKNOWN)
    assert causes(make.run(skipped)) == []
    assert causes(make.whole_run()) == []


def test_causes_lead_the_page(
    make: Any, failing: Failing, catalogue: Catalogue, read_page: Callable[[str], Any]
) -> None:
    html = answers_html(make.run(failing("interrupt"), failing("kill")), catalogue)
    order = sections(html, read_page)
    assert order.index("problems") < order.index("exercises") < order.index("questions")
    [card] = read_page(html).having("cause")
    text = " ".join(card.text("en").split())
    assert "Lost by interrupt." in text
    assert "en:blame: en:blame_worker" in text
    assert "en:cause_others (1)" in text
    assert "pytest 'a.py::test_a[interrupt]' --seed 7" in text


def test_a_green_run_begins_with_its_answers(
    make: Any, catalogue: Catalogue, read_page: Callable[[str], Any]
) -> None:
    order = sections(answers_html(make.whole_run(), catalogue), read_page)
    assert "problems" not in order
    assert order.index("questions") < order.index("claims") < order.index("exercises")


def test_tasks_are_called_by_their_numbers_in_the_picture(
    make: Any,
    catalogue: Catalogue,
    read_page: Callable[[str], Any],
    tmp_path: Path,
) -> None:
    pen = Pen()
    pen.publish(1, "long body 1", "long body 2")
    (tmp_path / "05").mkdir()
    lines = msgspec.json.Encoder().encode_lines(list(pen.history()))
    (tmp_path / "05/history.jsonl").write_bytes(lines)
    check = make.check(outcome=FAIL, summary="1 task lost: 'long body 2'.")
    run = make.run(make.scenario(check, folder="05"))
    page = read_page(answers_html(run, catalogue, tmp_path))
    [card] = page.having("cause")
    [heading] = [node for node in card.nodes() if node.tag == "h3"]
    for told in (heading, page.find("exercises")):
        assert "1 task lost: en:picture_task<2>." in told.text("en")
