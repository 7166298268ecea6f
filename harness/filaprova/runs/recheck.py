"""Judge saved runs again, from their files alone, and tell what is no longer the same.

The history decides; what was concluded from it at the time is only compared. A verdict is the same
if outcome and figures are; other words for it are not a change.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import structs

import filaprova.judge.checks
from filaprova.errors import BadInput, FilaprovaError
from filaprova.judge.verdict import Outcome, Verdict, worst
from filaprova.record.act import Checkpoint
from filaprova.record.history import History
from filaprova.runs.results import CheckResult, Problem, RunResult, ScenarioResult
from filaprova.runs.store import (
    HISTORY,
    RESULTS,
    VERDICT,
    RunFolder,
    ScenarioFolder,
    read_verdict,
)


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


@dataclass(slots=True, kw_only=True)
class ScenarioRecheck:
    """One scenario judged again."""

    name: str
    folder: Path | None = None
    """Where its evidence is; None: it could not even begin."""
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
        problem = self.result.problem if self.result is not None else None
        if problem is not None and problem.family == "scenario failed":
            outcomes.append(Outcome.FAIL)  # it is no check, so nothing judges it again
        if self.result is not None and not self.changed:
            outcomes.append(self.result.outcome)
        return worst(outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """A run, or one scenario of it, judged again."""

    path: Path
    """As it was named."""
    then: Outcome | None
    """The outcome of the time; None: it ended before it had one."""
    scenarios: list[ScenarioRecheck]

    @property
    def checks(self) -> list[Rejudged]:
        """Return all checks that could be judged again."""
        return [rejudged for item in self.scenarios for rejudged in item.checks]

    @property
    def changed(self) -> list[Rejudged]:
        """Return the checks whose verdict is another now."""
        return [rejudged for item in self.scenarios for rejudged in item.changed]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckAll:
    """Several runs judged again."""

    runs: list[Recheck]
    unusable: list[FilaprovaError | OSError]
    """Why folders could not be used at all."""

    @property
    def exit_status(self) -> int:
        """Return 2 if something cannot be used, else 0 or 1 as for one run."""
        if self.unusable:
            return 2
        return max(run.exit_status for run in self.runs)


def recheck_all(paths: Sequence[Path]) -> RecheckAll:
    """Judge several folders again; one that cannot be used does not keep others from it."""
    runs: list[Recheck] = []
    unusable: list[FilaprovaError | OSError] = []
    for path in paths:
        try:
            runs.append(recheck(path))
        except (FilaprovaError, OSError) as error:
            unusable.append(error)
    return RecheckAll(runs=runs, unusable=unusable)


def recheck(path: Path) -> Recheck:
    """Judge a run's folder or one scenario's folder again.

    Raises ``BadInput`` for a folder that is neither, or whose results cannot be read.
    """
    load_checkers()
    if path.is_dir() and not (path / RESULTS).exists():
        folder = ScenarioFolder(path.resolve())
        if (path / HISTORY).exists() or (path / VERDICT).exists():
            alone = _recheck_folder(folder)
            then = alone.result.outcome if alone.result else None
            return Recheck(path=path, then=then, scenarios=[alone])
    run = RunFolder.load(path)
    then = run.results().outcome if (run.path / RESULTS).exists() else None
    return Recheck(path=path, then=then, scenarios=list(_recheck_run(run)))


def load_checkers() -> None:
    """Import every module of checkers, so that each is known by its name."""
    for module in pkgutil.iter_modules(filaprova.judge.checks.__path__):
        importlib.import_module(f"filaprova.judge.checks.{module.name}")


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
    done = ScenarioRecheck(name=folder.name, folder=folder.path, doubts=doubts or [])
    try:
        if (folder.path / VERDICT).exists():
            return _rejudge(folder, read_verdict(folder), done.doubts)
        history = History.load(folder.history_path)
        last_s = max(event.at_ns for event in history) / 1e9
        done.doubts.append(
            f"it ended before it was judged; its history has {plural(len(history), 'event')}, "
            f"the last at {last_s:+.3f} s"
        )
    except BadInput as error:
        done.unusable.append(str(error))
    return done


def _rejudge(folder: ScenarioFolder, result: ScenarioResult, doubts: list[str]) -> ScenarioRecheck:
    done = ScenarioRecheck(name=result.id, folder=folder.path, result=result, doubts=doubts)
    if not result.checks and not folder.history_path.exists():
        return done
    try:
        history = History.load(folder.history_path)
    except BadInput as error:
        done.unusable.append(str(error))
        return done
    if cut := _cut_off(history, result):
        done.unusable.append(f"{folder.history_path}: {cut}")
    parts = {event.name: history.until(event.name) for event in history.of(Checkpoint)}
    for then in result.checks:
        if then.checkpoint not in parts:
            continue
        try:
            done.checks.append(Rejudged(then=then, now=then.check.judge(parts[then.checkpoint])))
        except BadInput as error:
            done.unusable.append(str(error))
    return done


def as_recorded(run: RunFolder) -> RunResult:
    """Return the results of a run, UNKNOWN for each scenario whose history was cut off since.

    A history that is not there at all takes nothing back: evidence may be left out on purpose.
    """
    result = run.results()
    return structs.replace(result, scenarios=[_recorded(run, item) for item in result.scenarios])


def _recorded(run: RunFolder, result: ScenarioResult) -> ScenarioResult:
    try:
        history = History.load(run.scenario_folder(result).history_path) if result.folder else None
    except BadInput:
        return result
    if history is None or not (cut := _cut_off(history, result)):
        return result
    message = f"{result.folder}/{HISTORY}: {cut}"
    problem = Problem(family="environment missing", message=message)
    outcome = worst([result.outcome, Outcome.UNKNOWN])
    return structs.replace(result, outcome=outcome, problem=result.problem or problem)


def _cut_off(history: History, result: ScenarioResult) -> str:
    """Return that a history ends before what was judged by it; empty: it does not."""
    there = {event.name for event in history.of(Checkpoint)}
    missing = [check for check in result.checks if check.checkpoint not in there]
    if not missing:
        return ""
    last_s = max(event.at_ns for event in history) / 1e9
    return (
        f"the history is cut off at {last_s:+.3f} s, before {len(missing)} of "
        f"{plural(len(result.checks), 'check')} can be judged"
    )


def _disagreement(folder: ScenarioFolder, result: ScenarioResult) -> list[str]:
    """Return a doubt if the scenario's own file tells another story than the run's."""
    if not (folder.path / VERDICT).exists():
        return []
    try:
        same = read_verdict(folder) == result
    except BadInput as error:
        return [str(error)]
    return [] if same else [f"{folder.name}/{VERDICT} and {RESULTS} do not say the same"]


def plural(count: int, noun: str) -> str:
    """Return a number with its noun: ``1 check``, ``2 checks``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
