"""Tell why a scenario is not green: in one line, and as the whole story, in one language."""

from __future__ import annotations

from typing import get_args, get_type_hints

from filaprova.judge.verdict import Outcome, Verdict
from filaprova.report.text.catalogue import Texts
from filaprova.runs.escape_controls import escape_controls
from filaprova.runs.results import CheckResult, Problem, ScenarioResult


def name_of(scenario: ScenarioResult, texts: Texts) -> str:
    """Return how people call a scenario: its title, or its id, with its variant."""
    title = texts.say(scenario.title or scenario.id)
    return f"{title} [{scenario.variant}]" if scenario.variant else title


def worst_check_of(scenario: ScenarioResult) -> CheckResult | None:
    """Return the check with the worst verdict, the first of several; None if all passed."""
    bad = [item for item in scenario.checks if item.verdict.outcome is not Outcome.PASS]
    return max(bad, key=lambda item: item.verdict.outcome.severity, default=None)


def worst_of(scenario: ScenarioResult) -> Verdict | None:
    """Return the worst verdict that is not a pass, the first of several; None if all passed."""
    check = worst_check_of(scenario)
    return check.verdict if check else None


def cause_of(result: ScenarioResult) -> tuple[str, str]:
    """Return the family of what went wrong, and the problem's first line if that decides it."""
    problem = result.problem
    if problem is not None and (problem.family != "unknown" or result.outcome is not Outcome.FAIL):
        return problem.family, (problem.message.splitlines() or [""])[0]
    return ("scenario failed" if result.outcome is Outcome.FAIL else "unknown"), ""


def families(texts: Texts) -> dict[str, str]:
    """Return what a failure's line begins with, by the family of its problem."""
    return {
        family: texts.interface[f"line_{family.replace(' ', '_')}"]
        for family in get_args(get_type_hints(Problem)["family"])
    }


def failure_line(result: ScenarioResult, texts: Texts) -> str:
    """Return in one line whose fault it is that a scenario is not green, and what happened.

    It begins with one of ``families``: Allure's categories go by that.
    """
    family, told = cause_of(result)
    verdict = worst_of(result)
    if not told:
        told = _said(verdict, "summary", texts) if verdict else _general(family, texts)
    return escape_controls(f"{families(texts)[family]}: {told}")


def failure_story(result: ScenarioResult, evidence: str, texts: Texts) -> str:
    """Return the whole of it: what happened; expected, seen, at fault, evidence, hint.

    It ends with where the evidence is, unless that is empty.
    """
    family, told = cause_of(result)
    lines = [f"{families(texts)[family]}: {told or _general(family, texts)}"]
    if result.problem is not None:
        lines += result.problem.message.splitlines()[1 if told else 0 :]
    for check in result.checks:
        if check.verdict.outcome is not Outcome.PASS:
            lines += verdict_lines(check.subject, check.verdict, texts)
    if evidence:
        lines.append(f"{texts.interface['story_evidence']}: {evidence}")
    return escape_controls("\n".join(lines), keep="\n")


def verdict_lines(subject: str, verdict: Verdict, texts: Texts) -> list[str]:
    """Return what a verdict says, line by line: expected, seen, at fault, evidence, hint."""
    interface = texts.interface
    outcome = interface[f"verdict_{verdict.outcome.value}"]
    lines = [f"{outcome} {subject} {verdict.check}: {_said(verdict, 'summary', texts)}"]
    beside = {field: f"{interface[f'story_{field}']}:" for field in ("expected", "seen")}
    width = max(map(len, beside.values()))
    lines.extend(
        f"  {label:{width}} {said}"
        for field, label in beside.items()
        if (said := _said(verdict, field, texts))
    )
    if verdict.blame:
        lines.append(f"  {interface['story_blame']}: {interface[f'blame_{verdict.blame}']}")
    lines.extend(
        f"  {evidence.at_ns / 1e9:+.3f} s  {texts.tell(evidence.text, evidence.worded)}"
        for evidence in verdict.evidence[:5]
    )
    if verdict.hint:
        lines.append(f"  {interface['story_hint']}: {_said(verdict, 'hint', texts)}")
    return lines


def _said(verdict: Verdict, field: str, texts: Texts) -> str:
    """Return one of the texts of a verdict: ``summary``, ``expected``, ``seen`` or ``hint``."""
    return texts.tell(getattr(verdict, field), verdict.worded.get(field))


def _general(family: str, texts: Texts) -> str:
    """Return what is said of a family where no problem says more."""
    return texts.interface[f"general_{family.replace(' ', '_')}"]
