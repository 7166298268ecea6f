"""Depth: tasks ready and unacknowledged over time, beside what the broker counted itself."""

from __future__ import annotations

from dataclasses import dataclass

from filaprova.report.pictures.layout.clock import Clock
from filaprova.report.pictures.layout.timeline import LEFT, RIGHT
from filaprova.report.pictures.model.story import Story

HEIGHT = 130.0
TOP = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """Two staircases and the broker's counts, in pixels."""

    clock: Clock
    most: int
    ready: list[tuple[float, float]]
    unacked: list[tuple[float, float]]
    counts: list[tuple[float, float, str]]
    """Place of each count of the broker's own, and what it counts."""
    steps: list[tuple[float, int]]
    """Height and value of the lines of the vertical axis."""


def lay_out_depth(story: Story, clock: Clock) -> Depth:
    """Return the depth of a story's queue on the clock of its timeline."""
    series = story.depth
    counted = [item for item in story.counts if item.at_ns >= clock.from_ns]
    most = max(
        1,
        *(max(ready, unacked) for _, ready, unacked in series),
        *(max(item.ready, item.unacked or 0) for item in counted),
    ) if series or counted else 1  # fmt: skip
    scale = (HEIGHT - TOP) / most

    def y(value: int) -> float:
        return HEIGHT - value * scale

    counts = []
    for item in counted:
        x = clock.x(item.at_ns)
        counts.append((x, y(item.ready), "ready"))
        if item.unacked is not None:
            counts.append((x, y(item.unacked), "unacked"))
    return Depth(
        clock=clock,
        most=most,
        ready=_stairs([(at_ns, ready) for at_ns, ready, _ in series], clock, scale),
        unacked=_stairs([(at_ns, unacked) for at_ns, _, unacked in series], clock, scale),
        counts=counts,
        steps=[(y(value), value) for value in _levels(most)],
    )


def _levels(most: int) -> list[int]:
    """Return a few round values up to the highest."""
    step = 1
    while most / step > 4:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return list(range(0, most + 1, step))


def _stairs(series: list[tuple[int, int]], clock: Clock, scale: float) -> list[tuple[float, float]]:
    """Return corners; of the changes within one pixel only lowest, highest and last are kept."""
    before = [value for at_ns, value in series if at_ns < clock.from_ns]
    corners = [(LEFT, HEIGHT - (before[-1] if before else 0) * scale)]
    pixels: dict[int, list[int]] = {}
    places: dict[int, float] = {}
    for at_ns, value in series:
        if at_ns < clock.from_ns:
            continue
        x = clock.x(at_ns)
        seen = pixels.setdefault(int(x), [value, value, value])
        seen[:] = [min(seen[0], value), max(seen[1], value), value]
        places.setdefault(int(x), x)
    for column, (lowest, highest, last) in pixels.items():
        x = places[column]
        corners.append((x, corners[-1][1]))
        for value in dict.fromkeys((highest, lowest, last)):
            corners.append((x, HEIGHT - value * scale))
    corners.append((RIGHT, corners[-1][1]))
    return corners
