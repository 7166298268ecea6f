"""Close-up: every task of a timeline that is too crowded to show them, for the page to draw.

The page unpacks it only when a reader asks to look closer, and draws a short stretch of it. All
times are whole microseconds since the timeline begins. What is long is in columns, the times of a
column told by their steps: so a million events stay a few megabytes.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from filaprova.record.event import DRAIN
from filaprova.report.pictures.layout.timeline import LEFT, RIGHT, Timeline
from filaprova.report.pictures.model.story import End, State, Stay, Story
from filaprova.runs.escape_controls import escape_controls

ENDS: tuple[End, ...] = ("done", "acked", "held", "returned", "lost", "taken")
STATES: tuple[State, ...] = (
    *("finished", "lost", "left", "held", "ready", "moved", "unknown", "refused"),
)
NOBODY = -1
"""Instead of a worker: the harness took it out at the end. Instead of a time: it did not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseUp:
    """What the page draws close-ups from."""

    packed: str
    """The tasks of a timeline as JSON, packed by gzip and told in base64."""
    notable: bool
    """Something happened to one of them that must not be overlooked."""


def close_up(timeline: Timeline) -> CloseUp | None:
    """Return what close-ups are drawn from; None where single tasks are seen or nobody had one."""
    if timeline.detailed or all(stay.client == DRAIN for stay in timeline.story.stays):
        return None
    told = json.dumps(_tasks(timeline), separators=(",", ":"), ensure_ascii=False)
    packed = gzip.compress(told.encode(), compresslevel=6, mtime=0)
    return CloseUp(
        packed=base64.b64encode(packed).decode(),
        notable=any(task.notable for task in timeline.story.tasks),
    )


def _tasks(timeline: Timeline) -> dict[str, Any]:
    story, clock = timeline.story, timeline.clock
    begins = clock.from_ns // 1000

    def at(time_ns: float | None) -> int | None:
        return None if time_ns is None else int(time_ns // 1000) - begins

    return {
        "begins": begins,
        "left": LEFT,
        "pixels": [at(clock.at_ns(LEFT + pixel)) for pixel in range(round(RIGHT - LEFT) + 1)],
        "ends": ENDS,
        "states": STATES,
        "workers": [
            [escape_controls(worker.client), at(worker.from_ns), at(worker.until_ns)]
            for worker in story.workers
        ],
        "strikes": [
            [escape_controls(item.client), at(item.at_ns), item.signal_name]
            for item in story.strikes
        ],
        "outages": [[at(item.from_ns), at(item.until_ns), item.how] for item in story.outages],
        "id": [escape_controls(task.id) for task in story.tasks],
        "published": _steps(task.published_ns // 1000 - begins for task in story.tasks),
        "state": [STATES.index(task.state) for task in story.tasks],
        "repeated": {task.number: task.done_count for task in story.done_twice},
        "notable": [task.number for task in story.tasks if task.notable],
        "lost": {
            task.number: at(task.lost_in_queue_ns)
            for task in story.tasks
            if task.lost_in_queue_ns is not None
        },
        **_stays(story, begins),
    }


def _stays(story: Story, begins: int) -> dict[str, list[int]]:
    """Return the deliveries as columns, in order of time."""
    workers = {worker.client: index for index, worker in enumerate(story.workers)}
    stays = sorted(
        (stay for stay in story.stays if stay.client in workers or stay.client == DRAIN),
        key=lambda stay: stay.from_ns,
    )
    return {
        "task": _steps(stay.task for stay in stays),
        "worker": [workers.get(stay.client, NOBODY) for stay in stays],
        "from": _steps(stay.from_ns // 1000 - begins for stay in stays),
        "begun": [_after(stay, stay.begun_ns) for stay in stays],
        "done": [_after(stay, stay.done_ns) for stay in stays],
        "until": [_after(stay, stay.until_ns) for stay in stays],
        "end": [ENDS.index(stay.end) for stay in stays],
        "again": [int(stay.again) for stay in stays],
        "repeat": [stay.repeat for stay in stays],
    }


def _after(stay: Stay, time_ns: int | None) -> int:
    """Return how long after the delivery something happened, or that it did not."""
    return NOBODY if time_ns is None else max(0, time_ns // 1000 - stay.from_ns // 1000)


def _steps(values: Iterable[int]) -> list[int]:
    """Return the first value, and of each other how much it is above the one before."""
    return [value - before for before, value in pairwise([0, *values])]
