"""From the first run to the last: whether a row became worse or better, and why it is worse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from filaprova.judge.verdict import Outcome
from filaprova.report.comparison.row_diff import Cell
from filaprova.report.pages.page import CheckView, ClaimView, Page, ScenarioView, SubjectView
from filaprova.report.text.bilingual import Bilingual, joined, same
from filaprova.report.text.failure import deciding_problem
from filaprova.report.text.subject_status import outcome_for

Change: TypeAlias = Literal["worse", "better", ""]


def change(first: Cell, last: Cell) -> Change:
    """Return what became of one row; empty where it is neither, or was not run in both runs."""
    before, after = _badness(first), _badness(last)
    if before is None or after is None or before == after:
        return ""
    return "worse" if after > before else "better"


def why_of_exercise(page: Page, view: SubjectView) -> Bilingual | None:
    """Return what did not hold of an exercise, and whose fault it is; None where all held."""
    bad = [item for item in view.scenarios if _outcome(item, view.id) is not Outcome.PASS]
    if not bad:
        return None
    worst = max(bad, key=lambda item: _outcome(item, view.id).severity)
    name = f"{view.id} [{worst.scenario.variant}]" if worst.scenario.variant else view.id
    return why_of_scenario(page, worst, same(name))


def why_of_claim(page: Page, view: ClaimView) -> Bilingual | None:
    """Return on which exercises the claim no longer rests; its own checks speak for themselves."""
    bad = [support for support in view.supports if not support.status.settled]
    if not bad:
        return None
    if bad[0].id == view.id:
        return why_of_exercise(page, bad[0])
    return page.interface("compare_because", ", ".join(support.id for support in bad))


def why_of_scenario(page: Page, view: ScenarioView, name: Bilingual) -> Bilingual:
    """Return what kept a scenario, called by this name, from passing, and whose fault it is."""
    if view.scenario.skipped:
        return page.interface("obstacle_skipped", name, page.skip(view.scenario))
    problem = deciding_problem(view.scenario)
    if problem is not None and view.family is not None:
        return page.interface("obstacle_problem", name, view.family, page.problem_line(problem))
    check = _worst(view.checks)
    if check is None:
        return page.interface("obstacle_unjudged", name)
    outcome = check.verdict.outcome.value
    told = page.summary(view.scenario, check)
    said = page.interface(f"obstacle_{outcome}", name, check.title, told)
    if check.blame is None:
        return said
    return joined([said, page.interface("compare_blame", check.blame)], " ")


def _worst(checks: Iterable[CheckView]) -> CheckView | None:
    bad = [check for check in checks if check.verdict.outcome is not Outcome.PASS]
    return max(bad, key=lambda check: check.verdict.outcome.severity, default=None)


def _outcome(view: ScenarioView, subject: str) -> Outcome:
    return outcome_for(view.scenario, subject)


def _badness(cell: Cell) -> int | None:
    """Return how bad a run stands in a row; None: it has nothing to say there."""
    if cell.outcome is not None:
        return cell.outcome.severity
    return None if cell.ruling is None else int(cell.ruling == "undecided")
