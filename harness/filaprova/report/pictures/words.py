"""The words that pictures need, in both languages; those with ``{}`` take a detail."""

from __future__ import annotations

from dataclasses import dataclass

from filaprova.report.both import Both


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureWords:
    """One ``Both`` for each word or phrase."""

    timeline: Both
    timeline_text: Both
    """What a timeline tells, in a sentence: tasks, workers, finished, lost, done twice."""
    distribution: Both
    depth: Both
    sequence: Both
    producer: Both
    queue: Both
    ready: Both
    unacked: Both
    counted: Both
    peak: Both
    tasks: Both
    work: Both
    expected: Both
    whoever_is_free: Both
    """Why nothing is expected with a prefetch limit."""
    all_tasks: Both
    notable_tasks: Both
    more_tasks: Both
    bars: dict[str, Both]
    """For the legend: kinds of bars and marks."""
    states: dict[str, Both]
    steps: dict[str, Both]
    """For a task's life: "delivered to {}" and so on."""
    server_stop: Both
    server_kill: Both
    server_back: Both
    deleted: Both
