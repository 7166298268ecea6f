"""How runs that stand side by side are told apart, and which of them are alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from filaprova.runs.escape_controls import escape_controls
from filaprova.runs.results import RunResult

SEPARATOR = " · "


def run_names(runs: Sequence[RunResult], folders: Sequence[Path]) -> list[str]:
    """Return a name for each run: its broker's version, and as much more as tells it apart.

    Backend and seed are named where they differ; runs that are equal in all that are named by
    their folders.
    """
    parts = [
        [run.broker.get("version", "") or "?", run.broker.get("backend", ""), f"seed {run.seed}"]
        for run in runs
    ]
    differ = [index == 0 or len(set(column)) > 1 for index, column in enumerate(zip(*parts))]  # noqa: B905
    names = [
        SEPARATOR.join(part for part, tells in zip(of_run, differ, strict=True) if part and tells)
        for of_run in parts
    ]
    last = [folder.name for folder in folders]
    ends = last if len(set(last)) == len(last) else [str(folder) for folder in folders]
    return [
        escape_controls(f"{name}{SEPARATOR}{end}" if names.count(name) > 1 else name)
        for name, end in zip(names, ends, strict=True)
    ]


def alike(runs: Sequence[RunResult]) -> list[list[int]]:
    """Return the indices of runs that were made in the same way, kind by kind."""
    kinds: dict[tuple[object, ...], list[int]] = {}
    for index, run in enumerate(runs):
        how = [run.broker.get(name, "") for name in ("product", "version", "backend", "image")]
        kind = (*how, run.seed, *sorted(run.settings.items()))
        kinds.setdefault(kind, []).append(index)
    return list(kinds.values())
