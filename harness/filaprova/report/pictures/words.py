"""The words that pictures need, in both languages; those with ``{}`` take a detail."""

from __future__ import annotations

from dataclasses import dataclass

from filaprova.report.text.bilingual import Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureWords:
    """One ``Bilingual`` for each word or phrase."""

    timeline: Bilingual
    timeline_text: Bilingual
    """What a timeline tells, in a sentence: tasks, workers, finished, lost, done twice."""
    distribution: Bilingual
    depth: Bilingual
    sequence: Bilingual
    producer: Bilingual
    queue: Bilingual
    ready: Bilingual
    unacked: Bilingual
    counted: Bilingual
    peak: Bilingual
    task: Bilingual
    """What a task is called by its number."""
    tasks: Bilingual
    work: Bilingual
    expected: Bilingual
    whoever_is_free: Bilingual
    """Why nothing is expected with a prefetch limit."""
    all_tasks: Bilingual
    notable_tasks: Bilingual
    more_tasks: Bilingual
    bars: dict[str, Bilingual]
    """For the legend: kinds of bars and marks."""
    states: dict[str, Bilingual]
    steps: dict[str, Bilingual]
    """For a task's life: "delivered to {}" and so on."""
    server_stop: Bilingual
    server_kill: Bilingual
    server_back: Bilingual
    deleted: Bilingual
