"""Tell why a scenario is not green: in one line, and as the whole story, in one language."""

from __future__ import annotations

from pathlib import Path

from filaprova.judge.verdict import SAID, Outcome, Verdict
from filaprova.report.text.catalogue import Texts
from filaprova.runs.escape_controls import escape_controls
from filaprova.runs.results import CheckResult, Family, Problem, ScenarioResult


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


def deciding_problem(result: ScenarioResult) -> Problem | None:
    """Return the problem of a scenario if that, and no check, decides why it is not green."""
    problem = result.problem
    if problem is not None and (problem.family != "unknown" or result.outcome is not Outcome.FAIL):
        return problem
    return None


def family_of(result: ScenarioResult) -> Family:
    """Return the family of what went wrong in a scenario."""
    problem = deciding_problem(result)
    if problem is not None:
        return problem.family
    return "scenario failed" if result.outcome is Outcome.FAIL else "unknown"


def problem_line(problem: Problem | None, texts: Texts) -> str:
    """Return the first line of what a problem says; empty where there is none."""
    told = texts.tell(problem.message, problem.worded) if problem else ""
    return told.strip().partition("\n")[0]


def why_skipped(scenario: ScenarioResult, texts: Texts) -> str:
    """Return why a scenario was skipped; empty: it was not."""
    return texts.tell(scenario.skipped, scenario.skipped_worded)


def in_a_line(scenario: ScenarioResult, texts: Texts) -> str:
    """Return what a scenario gave in one line, whatever its outcome."""
    if scenario.skipped:
        return why_skipped(scenario, texts)
    if scenario.outcome is not Outcome.PASS:
        return failure_line(scenario, texts)
    return summary(scenario.checks[0].verdict, texts) if scenario.checks else ""


def failure_line(result: ScenarioResult, texts: Texts) -> str:
    """Return in one line whose fault it is that a scenario is not green, and what happened.

    It begins with the words for one of the families of ``Problem``: Allure's categories go by that.
    """
    told = problem_line(deciding_problem(result), texts)
    verdict = worst_of(result)
    if not told:
        told = summary(verdict, texts) if verdict else _general(result, texts)
    return escape_controls(f"{line_begin(family_of(result), texts)}: {told}")


def line_begin(family: Family, texts: Texts) -> str:
    """Return the words with which the lines about a family of problems begin."""
    return texts.interface[f"line_{family.replace(' ', '_')}"]


def _general(result: ScenarioResult, texts: Texts) -> str:
    """Return what is said of a family of problems where nothing says more."""
    return texts.interface[f"story_{family_of(result).replace(' ', '_')}"]


def failure_story(result: ScenarioResult, evidence: Path | None, texts: Texts) -> str:
    """Return the whole of it: what happened; expected, seen, at fault, evidence, hint."""
    told = problem_line(deciding_problem(result), texts)
    lines = [f"{line_begin(family_of(result), texts)}: {told or _general(result, texts)}"]
    if result.problem is not None:
        problem = texts.tell(result.problem.message, result.problem.worded)
        lines += problem.strip().splitlines()[1 if told else 0 :]
    for check in result.checks:
        if check.verdict.outcome is not Outcome.PASS:
            lines += verdict_lines(check.subject, check.verdict, texts)
    if evidence is not None:
        lines.append(f"{texts.interface['story_evidence']} {evidence}")
    return escape_controls("\n".join(lines), keep="\n")


def verdict_lines(subject: str, verdict: Verdict, texts: Texts) -> list[str]:
    """Return what a verdict says, line by line: expected, seen, at fault, evidence, hint."""
    outcome = texts.interface[f"verdict_{verdict.outcome.value}"]
    told = {field: texts.tell(getattr(verdict, field), verdict.worded.get(field)) for field in SAID}
    if verdict.blame:
        told["blame"] = texts.interface[f"blame_{verdict.blame}"]
    lines = [f"{outcome} {subject} {verdict.check}: {told['summary']}"]
    labels = {field: texts.interface[f"story_{field}"] for field in ("expected", "seen", "blame")}
    width = max(map(len, labels.values()))
    lines += [f"  {labels[field]:{width}} {told[field]}" for field in labels if told.get(field)]
    lines += [
        f"  {seconds(each.at_ns, texts)}  {texts.tell(each.text, each.worded)}"
        for each in verdict.evidence[:5]
    ]
    if told["hint"]:
        lines.append(f"  {texts.interface['story_hint']} {told['hint']}")
    return lines


def seconds(at_ns: int, texts: Texts) -> str:
    """Return when something happened, in seconds from the scenario's beginning."""
    return f"{at_ns / 1e9:+.3f} s".replace(".", texts.words.decimal)


def summary(verdict: Verdict, texts: Texts) -> str:
    """Return what a verdict says in one sentence."""
    return texts.tell(verdict.summary, verdict.worded.get("summary"))
