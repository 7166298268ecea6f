"""Fates: what became of the tasks of a queue, counted for each worker and for the queue itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from filaprova.record.event import DRAIN
from filaprova.report.pictures.model.story import End, Stay, Story

Fate: TypeAlias = Literal["work", "repeat", "cut", "waiting"]
"""Done; done again; lost; still there. Named like the bars of a timeline."""
FATES: Sequence[Fate] = ("work", "repeat", "cut", "waiting")
_UNDONE: Mapping[End, Fate] = {"lost": "cut", "held": "waiting"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """How many tasks had which fate in one place: with a worker, or in the queue (None)."""

    client: str | None
    counts: dict[Fate, int]


def fates(story: Story) -> list[Fates]:
    """Return the fates with each worker, in order of subscription; then those in the queue.

    What a worker gave back is told where it went. A worker that ended before the story begins is
    left out, and so is a queue in which nothing is left and nothing was lost.
    """
    found: dict[str | None, Counter[Fate]] = {
        worker.client: Counter()
        for worker in story.workers
        if worker.until_ns is None or worker.until_ns >= story.from_ns
    }
    for stay in story.stays:
        fate = _with_a_worker(stay)
        if fate and stay.client in found and stay.until_ns >= story.from_ns:
            found[stay.client][fate] += 1
    queue: Counter[Fate] = Counter()
    for task in story.tasks:
        if task.lost_in_queue_ns is not None:
            queue["cut"] += 1
        elif task.state in ("left", "ready"):
            queue["waiting"] += 1
    if queue:
        found[None] = queue
    return [Fates(client=client, counts=dict(counts)) for client, counts in found.items()]


def _with_a_worker(stay: Stay) -> Fate | None:
    if stay.client == DRAIN:
        return None
    if stay.done_ns is not None:
        return "repeat" if stay.repeat else "work"
    return _UNDONE.get(stay.end)
