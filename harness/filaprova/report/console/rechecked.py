"""Tell what a recheck found: what is the same, what changed, and what does not pass."""

from __future__ import annotations

from collections.abc import Iterator

from filaprova.judge.verdict import Figure, Outcome
from filaprova.report.text.catalogue import load_catalogue
from filaprova.report.text.failure import verdict_lines
from filaprova.runs.recheck import Recheck, RecheckAll, Rejudged, ScenarioRecheck, plural

_INDENT = " " * 8
_ENGLISH = load_catalogue().texts["en"]


def told_of_all(done: RecheckAll) -> Iterator[str]:
    """Yield the lines about all runs; several end with one line for each."""
    if len(done.runs) == 1:
        yield from told(done.runs[0])
        return
    for run in done.runs:
        yield f"{run.path}"
        for line in told(run):
            yield f"  {line}"
    for run in done.runs:
        yield f"{run.path}: {_in_short(run)}"


def told(run: Recheck) -> Iterator[str]:
    """Yield the lines about one run: each scenario, then all together."""
    for item in run.scenarios:
        for number, line in enumerate(_of_scenario(item)):
            yield f"{_INDENT}{line}" if number else line
    yield _in_short(run)


def _of_scenario(item: ScenarioRecheck) -> Iterator[str]:
    then = item.result.outcome if item.result is not None else item.outcome
    was = "" if then is item.outcome else f"was {then.upper()}; "
    yield f"{item.outcome.upper():8}{item.name}: {was}{_counted(item)}"
    for rejudged in item.checks:
        if not rejudged.same:
            yield from _changed(rejudged)
        elif rejudged.now.outcome is not Outcome.PASS:
            yield from verdict_lines(rejudged.then.subject, rejudged.now, _ENGLISH)
    if item.result is not None and item.result.problem:
        first_line = item.result.problem.message.partition("\n")[0]
        yield f"{item.result.problem.family}: {first_line}"
    if item.result is not None and item.result.skipped:
        yield f"skipped: {item.result.skipped}"
    yield from item.doubts
    yield from item.unusable
    if item.folder is not None and (item.outcome is Outcome.FAIL or item.changed):
        yield f"evidence: {item.folder}"


def _changed(item: Rejudged) -> Iterator[str]:
    """Yield what a check said then and says now."""
    then, now = item.then.verdict, item.now
    change = (
        f"{then.outcome.upper()} -> {now.outcome.upper()}"
        if then.outcome is not now.outcome
        else f"{now.outcome.upper()} as it was, with other figures"
    )
    yield f"{item.then.subject} {item.then.check.name}: {change}"
    yield f"  then: {then.summary}"
    yield f"  now:  {now.summary}"
    names = sorted(then.figures.keys() | now.figures.keys())
    figures = [
        f"{name} {_shortly(then.figures.get(name))} -> {_shortly(now.figures.get(name))}"
        for name in names
        if then.figures.get(name) != now.figures.get(name)
    ]
    if figures:
        yield f"  figures: {', '.join(figures)}"
    if now.outcome is not Outcome.PASS:
        yield from verdict_lines(item.then.subject, now, _ENGLISH)[1:]


def _in_short(run: Recheck) -> str:
    then = run.then or run.outcome
    was = "" if then is run.outcome else f"{then.upper()} -> "
    return (
        f"{was}{run.outcome.upper()}: {plural(len(run.scenarios), 'scenario')}, "
        f"{plural(len(run.checks), 'check')} judged again, {len(run.changed)} changed"
    )


def _counted(item: ScenarioRecheck) -> str:
    if not item.checks:
        return "nothing judged"
    changed = len(item.changed)
    same = f"{plural(len(item.checks) - changed, 'check')} the same"
    return f"{same}, {changed} changed" if changed else same


def _shortly(figure: Figure) -> str:
    text = "none" if figure is None else str(figure)
    return text if len(text) <= 60 else f"{text[:57]}..."
