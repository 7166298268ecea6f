"""Clock: from nanoseconds to pixels, with quiet stretches cut short.

A scenario is short moments of work between long waits (programs start, the server is away). Drawn
to scale the work would be a smear, so a stretch in which nothing happens gets at most
``QUIET_SHARE`` of the width; the picture marks where it was cut and how long it was.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

QUIET_SHARE = 0.05
CUTS_LIMIT = 6
"""So many stretches are cut at the most; where moments are all there is, the rest is to scale."""
_ROUNDS = 12
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A quiet stretch that was cut short: where its middle is drawn, and how long it was."""

    x: float
    seconds: float


class Clock:
    """A monotonic map from time to the horizontal axis, straight between its knots."""

    def __init__(
        self, busy: Iterable[tuple[int, int]], *, left: float, right: float, room: float = 0.015
    ) -> None:
        spans = _merged(busy) or [(0, 1)]
        self.from_ns, self.until_ns = spans[0][0], max(spans[-1][1], spans[0][0] + 1)
        gaps = [after[0] - before[1] for before, after in pairwise(spans)]
        work = sum(end - start for start, end in spans)
        limit = _quiet_limit(gaps, work)
        drawn = work + sum(min(gap, limit) for gap in gaps)
        margin = (right - left) * room
        self._scale = (right - left - 2 * margin) / max(drawn, 1)
        """Pixels for each nanosecond, outside the cuts."""
        self._left, self._right = left, right
        self._times: list[float] = []
        self._places: list[float] = []
        self.cuts: list[Cut] = []
        self._stretches: list[tuple[int, int]] = []
        """What lies between the cuts."""
        begun = self.from_ns
        x = left + margin
        for index, (start, end) in enumerate(spans):
            if index:
                gap = gaps[index - 1]
                width = min(gap, limit) * self._scale
                if gap > 1.5 * limit:
                    self.cuts.append(Cut(x=x + width / 2, seconds=gap / 1e9))
                    self._stretches.append((begun, spans[index - 1][1]))
                    begun = start
                x += width
            self._knot(start, x)
            x += (end - start) * self._scale
            self._knot(end, x)
        self._stretches.append((begun, self.until_ns))

    def x(self, at_ns: float) -> float:
        """Return where a moment is drawn; moments outside lie on the border."""
        index = bisect_right(self._times, at_ns)
        if index == 0:
            return self._left if at_ns < self._times[0] else self._places[0]
        if index == len(self._times):
            return self._places[-1] if at_ns == self._times[-1] else self._right
        before, after = self._times[index - 1], self._times[index]
        share = (at_ns - before) / (after - before)
        return self._places[index - 1] + share * (self._places[index] - self._places[index - 1])

    def at_ns(self, x: float) -> float:
        """Return which moment is drawn at a place; places outside are the first and the last."""
        index = bisect_right(self._places, x)
        if index == 0 or index == len(self._places):
            return self._times[0 if index == 0 else -1]
        before, after = self._places[index - 1], self._places[index]
        share = (x - before) / (after - before)
        return self._times[index - 1] + share * (self._times[index] - self._times[index - 1])

    def ticks(self, *, apart: float = 90.0) -> list[tuple[float, float]]:
        """Return place and seconds of round moments, at least ``apart`` pixels from one another."""
        step_ns = _round_step(apart / self._scale / 1e9) * 1e9
        ticks: list[tuple[float, float]] = []
        for start, end in self._stretches:
            for number in range(math.ceil(start / step_ns), math.floor(end / step_ns) + 1):
                x = self.x(number * step_ns)
                if any(abs(x - cut.x) < apart / 2 for cut in self.cuts):
                    continue  # its place is taken by the length of the cut
                if not ticks or x - ticks[-1][0] >= apart * 0.75:
                    ticks.append((x, number * step_ns / 1e9))
        return ticks

    def _knot(self, at_ns: float, x: float) -> None:
        if not self._times or at_ns > self._times[-1]:
            self._times.append(at_ns)
            self._places.append(x)


def _quiet_limit(gaps: Sequence[int], work: int) -> float:
    """Return the longest quiet stretch that is drawn to scale."""
    limit = float(max(gaps, default=0))
    least = sorted(gaps)[-CUTS_LIMIT - 1] if len(gaps) > CUTS_LIMIT else 1
    for _ in range(_ROUNDS):
        limit = min(limit, QUIET_SHARE * (work + sum(min(gap, limit) for gap in gaps)))
    return max(limit, least, 1.0)


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _round_step(at_least_s: float) -> float:
    step = 1e-6
    while True:
        for factor in _STEPS:
            if step * factor >= at_least_s:
                return step * factor
        step *= 10
