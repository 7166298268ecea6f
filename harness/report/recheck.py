"""Judge saved runs again, from their files alone, and tell what is no longer the same.

The history decides; what was concluded from it at the time is only compared. A verdict is the same
if outcome and figures are; other words for it are not a change.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import harness.checkers
from harness.errors import BadInput
from harness.history import History
from harness.report.results import CheckResult, ScenarioResult
from harness.report.store import (
    HISTORY,
    RESULTS,
    VERDICT,
    RunFolder,
    ScenarioFolder,
    read_verdict,
)
from harness.verdict import Figure, Outcome, Verdict, worst


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """One check, judged then and now."""

    then: CheckResult
    now: Verdict

    @property
    def same(self) -> bool:
        """Tell whether outcome and figures are what they were."""
        before = self.then.verdict
        return (before.outcome, before.figures) == (self.now.outcome, self.now.figures)

    def difference(self) -> str:
        """Return in one line what is not the same."""
        before = self.then.verdict
        if before.outcome is not self.now.outcome:
            return f"{before.outcome.upper()} -> {self.now.outcome.upper()}: {self.now.summary}"
        names = sorted(before.figures.keys() | self.now.figures.keys())
        return ", ".join(
            f"{name} {_shortly(before.figures.get(name))} -> {_shortly(self.now.figures.get(name))}"
            for name in names
            if before.figures.get(name) != self.now.figures.get(name)
        )


@dataclass(slots=True, kw_only=True)
class ScenarioRecheck:
    """One scenario judged again."""

    name: str
    result: ScenarioResult | None = None
    """None: the scenario ended before it was judged."""
    checks: list[Rejudged] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)
    """Why (part of) it could not be judged."""
    doubts: list[str] = field(default_factory=list)
    """What else keeps it from being accepted."""

    @property
    def changed(self) -> list[Rejudged]:
        """Return the checks whose verdict is another now."""
        return [item for item in self.checks if not item.same]

    @property
    def outcome(self) -> Outcome:
        """Return the outcome by today's checkers; a scenario that broke off never passes."""
        outcomes = [item.now.outcome for item in self.checks]
        if self.result is None or self.unusable or self.result.problem or self.result.skipped:
            outcomes.append(Outcome.UNKNOWN)
        if self.result is not None and not self.changed:
            outcomes.append(self.result.outcome)
        return worst(outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """A run, or one scenario of it, judged again."""

    path: Path
    scenarios: list[ScenarioRecheck]

    @property
    def outcome(self) -> Outcome:
        """Return the worst outcome by today's checkers."""
        return worst(item.outcome for item in self.scenarios)

    @property
    def exit_status(self) -> int:
        """Return 0: the same, and all passed; 1: otherwise; 2: evidence that cannot be used."""
        if any(item.unusable for item in self.scenarios):
            return 2
        doubtful = any(item.changed or item.doubts for item in self.scenarios)
        return 1 if doubtful or self.outcome is not Outcome.PASS else 0


def recheck(path: Path) -> Recheck:
    """Judge a run's folder or one scenario's folder again.

    Raises ``BadInput`` for a folder that is neither, or whose results cannot be read.
    """
    load_checkers()
    if path.is_dir() and not (path / RESULTS).exists():
        folder = ScenarioFolder(path.resolve())
        if (path / HISTORY).exists() or (path / VERDICT).exists():
            return Recheck(path=path, scenarios=[_recheck_folder(folder)])
    return Recheck(path=path, scenarios=list(_recheck_run(RunFolder.load(path))))


def load_checkers() -> None:
    """Import every module of checkers, so that each is known by its name."""
    for module in pkgutil.iter_modules(harness.checkers.__path__):
        importlib.import_module(f"harness.checkers.{module.name}")


def describe(done: Recheck) -> Iterator[str]:
    """Yield the lines that tell what is the same and what changed."""
    for item in done.scenarios:
        yield f"{item.outcome.upper():8}{item.name}: {_counted(item)}"
        for rejudged in item.changed:
            then = rejudged.then
            yield f"        {then.subject} {then.check.name}: {rejudged.difference()}"
        if item.result is not None and item.result.problem:
            first_line = item.result.problem.message.partition("\n")[0]
            yield f"        {item.result.problem.family}: {first_line}"
        if item.result is not None and item.result.skipped:
            yield f"        skipped: {item.result.skipped}"
        for text in (*item.doubts, *item.unusable):
            yield f"        {text}"
    checks = [rejudged for item in done.scenarios for rejudged in item.checks]
    changed = sum(not rejudged.same for rejudged in checks)
    yield (
        f"{done.outcome.upper()}: {_plural(len(done.scenarios), 'scenario')}, "
        f"{_plural(len(checks), 'check')} judged again, {changed} changed"
    )


def _recheck_run(run: RunFolder) -> Iterator[ScenarioRecheck]:
    if not (run.path / RESULTS).exists():
        for folder in run.scenario_folders():
            yield _recheck_folder(folder, ["the run ended before it wrote results.json"])
        return
    told: set[Path] = set()
    for result in run.results().scenarios:
        if not result.folder:  # it could not even begin
            yield ScenarioRecheck(name=result.id, result=result)
            continue
        folder = run.scenario_folder(result)
        told.add(folder.path)
        yield _rejudge(folder, result, _disagreement(folder, result))
    for folder in run.scenario_folders():
        if folder.path.resolve() not in told:
            yield _recheck_folder(folder, ["results.json does not know this scenario"])


def _recheck_folder(folder: ScenarioFolder, doubts: list[str] | None = None) -> ScenarioRecheck:
    """Judge one scenario by what its own folder holds."""
    done = ScenarioRecheck(name=folder.name, doubts=doubts or [])
    try:
        if (folder.path / VERDICT).exists():
            return _rejudge(folder, read_verdict(folder), done.doubts)
        history = History.load(folder.history_path)
        last_s = max(event.at_ns for event in history) / 1e9
        done.doubts.append(
            f"it ended before it was judged; its history has {_plural(len(history), 'event')}, "
            f"the last at {last_s:+.3f} s"
        )
    except BadInput as error:
        done.unusable.append(str(error))
    return done


def _rejudge(folder: ScenarioFolder, result: ScenarioResult, doubts: list[str]) -> ScenarioRecheck:
    done = ScenarioRecheck(name=result.id, result=result, doubts=doubts)
    if not result.checks and not folder.history_path.exists():
        return done
    try:
        history = History.load(folder.history_path)
    except BadInput as error:
        done.unusable.append(str(error))
        return done
    parts: dict[str, History] = {}
    for then in result.checks:
        try:
            if then.checkpoint not in parts:
                parts[then.checkpoint] = history.until(then.checkpoint)
            done.checks.append(Rejudged(then=then, now=then.check.judge(parts[then.checkpoint])))
        except KeyError as error:
            done.unusable.append(f"{folder.history_path}: {error.args[0]}")
        except BadInput as error:
            done.unusable.append(str(error))
    return done


def _disagreement(folder: ScenarioFolder, result: ScenarioResult) -> list[str]:
    """Return a doubt if the scenario's own file tells another story than the run's."""
    if not (folder.path / VERDICT).exists():
        return []
    try:
        same = read_verdict(folder) == result
    except BadInput as error:
        return [str(error)]
    return [] if same else [f"{folder.name}/{VERDICT} and {RESULTS} do not say the same"]


def _counted(item: ScenarioRecheck) -> str:
    if not item.checks:
        return "nothing judged"
    changed = len(item.changed)
    same = f"{_plural(len(item.checks) - changed, 'check')} the same"
    return f"{same}, {changed} changed" if changed else same


def _shortly(figure: Figure) -> str:
    text = "none" if figure is None else str(figure)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
