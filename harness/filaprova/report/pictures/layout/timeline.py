"""Timeline: lanes for publisher, queue and each worker, with every task's stays as bars.

Only coordinates are computed here, so that a hand-made history shows whether they are right.
Above ``DETAIL_LIMIT`` deliveries single bars would be thinner than a pixel and a page too large:
then each lane shows how much of each column of pixels was worked, and how many tasks waited.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from filaprova.report.pictures.layout.clock import Clock
from filaprova.report.pictures.model.story import Outage, Stay, Story, Task, Worker

WIDTH = 960.0
LEFT = 112.0
RIGHT = WIDTH - 12.0
DETAIL_LIMIT = 240
COLUMN = 3.0
"""Width of the columns that events are gathered in where there are too many."""

WORK_HEIGHT = 17.0
ROW_HEIGHT = 6.0
ROWS_HEIGHT_LIMIT = 66.0
QUEUE_HEIGHT = 38.0
GAP = 11.0
OUTAGE_NAMES_HEIGHT = 24.0
"""Two lines above the lanes: when the server stops, and when it is back."""

Role: TypeAlias = Literal["producer", "queue", "worker"]
BarKind: TypeAlias = Literal["queued", "waiting", "kept", "work", "repeat", "cut"]
"""In the queue; delivered and not begun; done and not acknowledged; worked on; done once more;
begun and not finished."""
MarkKind: TypeAlias = Literal["published", "again", "lost", "returned", "strike", "deleted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch of one task's life in one lane."""

    kind: BarKind
    task: int
    x: float
    y: float
    width: float
    height: float
    time: int = 1
    """Which time it is that the task is done here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment: of one task, or of a lane; ``count`` of them lie at the same place."""

    kind: MarkKind
    x: float
    y: float
    task: int | None = None
    label: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What happened within one column of pixels, as a share of the most there can be."""

    x: float
    worked: float
    waiting: float


@dataclass(slots=True, kw_only=True)
class Lane:
    """One lane with what lies in it."""

    role: Role
    label: str
    top: float
    height: float
    work_y: float = 0.0
    present: tuple[float, float] | None = None
    """From where to where the program was connected."""
    stills: list[tuple[float, float]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    most: int = 0
    """The most tasks at once that the area or the columns show."""
    area: list[tuple[float, float]] = field(default_factory=list)
    """The border of the queue's depth, as corners of a staircase."""


@dataclass(slots=True, kw_only=True)
class Timeline:
    """A whole timeline, ready to be written."""

    story: Story
    clock: Clock
    height: float
    lanes: list[Lane]
    outages: list[tuple[float, float, Outage]]
    detailed: bool

    @property
    def kinds(self) -> set[str]:
        """Return the kinds of bars and marks that occur, for the legend."""
        kinds: set[str] = set()
        for lane in self.lanes:
            kinds.update(bar.kind for bar in lane.bars if bar.kind != "queued")
            kinds.update(mark.kind for mark in lane.marks)
            if lane.stills:
                kinds.add("still")
            if lane.columns:
                kinds.add("columns")
        if self.outages:
            kinds.add("outage")
        if self.clock.cuts:
            kinds.add("quiet")
        return kinds


def lay_out(story: Story) -> Timeline:
    """Return the timeline of a story."""
    clock = Clock(_busy(story), left=LEFT, right=RIGHT)
    shown = _Shown(story, clock)
    outages = [item for item in story.outages if item.from_ns >= clock.from_ns]
    top = 6.0 + (OUTAGE_NAMES_HEIGHT if outages else 0.0)
    lanes = []
    for lane in (shown.producer_lane(), shown.queue_lane(), *shown.worker_lanes()):
        lane.top = top
        top += lane.height + GAP
        lanes.append(lane)
    return Timeline(
        story=story,
        clock=clock,
        height=top + 14,
        lanes=lanes,
        outages=[
            (
                clock.x(outage.from_ns),
                RIGHT if outage.until_ns is None else clock.x(outage.until_ns),
                outage,
            )
            for outage in outages
        ],
        detailed=shown.detailed,
    )


def _busy(story: Story) -> list[tuple[int, int]]:
    """Return the stretches of time in which something happens."""
    spans: list[tuple[int, int]] = []
    stills = {worker.client: worker.stills for worker in story.workers}
    for task in story.tasks:
        spans.append((task.published_ns, task.published_ns))
        for stay in task.stays:
            spans.append((stay.from_ns, stay.from_ns))
            if stay.end != "held":
                spans.append((stay.until_ns, stay.until_ns))
            if stay.begun_ns is not None:
                end_ns = stay.done_ns if stay.done_ns is not None else stay.until_ns
                spans.extend(_without(stay.begun_ns, end_ns, stills.get(stay.client, [])))
    for strike in story.strikes:
        spans.append((strike.at_ns, strike.at_ns))
    for outage in story.outages:
        spans.append((outage.from_ns, outage.from_ns))
        if outage.until_ns is not None:
            spans.append((outage.until_ns, outage.until_ns))
    spans.extend((at_ns, at_ns) for at_ns in story.deleted_ns)
    spans.extend((worker.from_ns, worker.from_ns) for worker in story.workers)
    clipped = [
        (max(start, story.from_ns), min(end, story.until_ns))
        for start, end in spans
        if end >= story.from_ns and start <= story.until_ns
    ]
    return clipped or [(story.from_ns, story.until_ns)]


def _without(start: int, end: int, stills: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what remains of a stretch without the standstills."""
    parts = []
    for still_from, still_until in stills:
        if still_from < end and still_until > start:
            if still_from > start:
                parts.append((start, still_from))
            start = min(max(start, still_until), end)
    parts.append((start, max(start, end)))
    return parts


class _Shown:
    """A story while its lanes are laid out."""

    def __init__(self, story: Story, clock: Clock) -> None:
        self.story = story
        self.clock = clock
        names = {worker.client for worker in story.workers}
        self.stays: dict[str, list[Stay]] = defaultdict(list)
        for stay in story.stays:
            if stay.client in names and stay.until_ns >= clock.from_ns:
                self.stays[stay.client].append(stay)
        count = sum(map(len, self.stays.values()))
        self.detailed = max(count, len(story.tasks)) <= DETAIL_LIMIT
        self.tasks = {task.number: task for task in story.tasks}

    def producer_lane(self) -> Lane:
        lane = Lane(
            role="producer", label=", ".join(self.story.producers), top=0, height=WORK_HEIGHT
        )
        places = [
            (self.clock.x(task.published_ns), task.number)
            for task in self.story.tasks
            if task.published_ns >= self.clock.from_ns
        ]
        if self.detailed:
            lane.marks = [Mark(kind="published", x=x, y=0, task=number) for x, number in places]
        else:
            lane.columns, lane.most = _counted(x for x, _ in places)
        return lane

    def queue_lane(self) -> Lane:
        story, clock = self.story, self.clock
        lane = Lane(role="queue", label=story.queue, top=0, height=QUEUE_HEIGHT)
        lane.area, lane.most = _staircase(
            [(at_ns, ready) for at_ns, ready, _ in story.depth], clock, QUEUE_HEIGHT
        )
        if self.detailed:
            lane.bars = [bar for task in story.tasks for bar in self._queued(task)]
        lost: dict[float, list[Task]] = defaultdict(list)
        for task in story.of_state("lost"):
            if task.lost_in_queue_ns is not None and task.lost_in_queue_ns >= clock.from_ns:
                lost[round(clock.x(task.lost_in_queue_ns) / 8) * 8].append(task)
        lane.marks = [
            Mark(
                kind="lost",
                x=clock.x(tasks[0].lost_in_queue_ns or 0),
                y=QUEUE_HEIGHT / 2,
                count=len(tasks),
                task=tasks[0].number if len(tasks) == 1 else None,
            )
            for tasks in lost.values()
        ]
        lane.marks += [
            Mark(kind="deleted", x=clock.x(at_ns), y=0)
            for at_ns in story.deleted_ns
            if at_ns >= clock.from_ns
        ]
        return lane

    def _queued(self, task: Task) -> list[Bar]:
        """Return when a task was in the queue: until each delivery, and after each return."""
        since: int | None = task.published_ns
        bars = []
        for stay in task.stays:
            if since is not None:
                bars.append(self._bar("queued", task.number, since, stay.from_ns, QUEUE_HEIGHT - 6))
            since = stay.until_ns if stay.end == "returned" else None
        if since is not None and task.state in ("ready", "lost", "unknown"):
            end = task.lost_in_queue_ns or self.story.until_ns
            bars.append(self._bar("queued", task.number, since, end, QUEUE_HEIGHT - 6))
        return [bar for bar in bars if bar.x + bar.width > LEFT + 1]

    def worker_lanes(self) -> list[Lane]:
        return [
            self._detailed_lane(worker) if self.detailed else self._gathered_lane(worker)
            for worker in self.story.workers
            if worker.until_ns is None or worker.until_ns >= self.clock.from_ns
        ]

    def _lane(self, worker: Worker, height: float) -> Lane:
        clock = self.clock
        until = RIGHT if worker.until_ns is None else clock.x(worker.until_ns)
        lane = Lane(
            role="worker",
            label=worker.client,
            top=0,
            height=height,
            work_y=height - WORK_HEIGHT,
            present=(clock.x(worker.from_ns), until),
            stills=[(clock.x(start), clock.x(end)) for start, end in worker.stills],
        )
        lane.stills = [(start, end) for start, end in lane.stills if end - start > 3]
        lane.marks = [
            Mark(kind="strike", x=clock.x(strike.at_ns), y=0, label=strike.signal_name)
            for strike in self.story.strikes
            if strike.client == worker.client and strike.at_ns >= clock.from_ns
        ]
        return lane

    def _detailed_lane(self, worker: Worker) -> Lane:
        stays = self.stays[worker.client]
        since = self.clock.from_ns
        thin = [part for stay in stays for part in _thin_parts(stay) if part[2] >= since]
        rows = _packed([(start, end) for _, start, end, _ in thin])
        row_count = max(rows, default=0) + 1
        row_height = min(ROW_HEIGHT, ROWS_HEIGHT_LIMIT / row_count)
        lane = self._lane(worker, 4 + row_count * row_height + WORK_HEIGHT)
        for (stay, start, end, kind), row in zip(thin, rows, strict=True):
            y = 2 + (row_count - 1 - row) * row_height
            bar = self._bar(kind, stay.task, start, end, y, row_height)
            if bar.width < 1.2 and kind == "kept":
                continue
            lane.bars.append(bar)
            if stay.begun_ns is None and stay.end in ("lost", "returned"):
                lane.marks.append(
                    Mark(
                        kind="lost" if stay.end == "lost" else "returned",
                        x=bar.x + bar.width,
                        y=y + row_height / 2,
                        task=stay.task,
                    )
                )
        for stay in stays:
            self._add_work(lane, stay)
        lane.marks.sort(key=lambda mark: mark.kind == "strike")  # its name lies above the rest
        return lane

    def _add_work(self, lane: Lane, stay: Stay) -> None:
        middle = lane.work_y + WORK_HEIGHT / 2
        x = self.clock.x(stay.from_ns)
        end_ns = stay.done_ns if stay.done_ns is not None else stay.until_ns
        if stay.begun_ns is not None and end_ns >= self.clock.from_ns:
            kind: BarKind = "cut" if stay.done_ns is None else "repeat" if stay.repeat else "work"
            bar = self._bar(kind, stay.task, stay.begun_ns, end_ns, lane.work_y, WORK_HEIGHT)
            bar = replace(bar, time=stay.repeat + 1)
            lane.bars.append(bar)
            x = bar.x
            if kind == "cut" and stay.end in ("lost", "returned"):
                mark: MarkKind = "lost" if stay.end == "lost" else "returned"
                right = bar.x + bar.width
                lane.marks.append(Mark(kind=mark, x=right, y=middle, task=stay.task))
        if stay.again and stay.from_ns >= self.clock.from_ns:
            lane.marks.append(Mark(kind="again", x=x, y=lane.work_y, task=stay.task))

    def _gathered_lane(self, worker: Worker) -> Lane:
        lane = self._lane(worker, 4 + ROWS_HEIGHT_LIMIT / 2 + WORK_HEIGHT)
        stays = self.stays[worker.client]
        worked: dict[int, float] = defaultdict(float)
        waiting: dict[int, int] = defaultdict(int)
        lost: dict[int, list[Stay]] = defaultdict(list)
        x = self.clock.x
        changes: list[tuple[float, int]] = []
        for stay in stays:
            begun = stay.begun_ns if stay.begun_ns is not None else stay.until_ns
            changes += [(x(stay.from_ns), 1), (x(begun), -1)]
            if stay.begun_ns is not None:
                end = stay.done_ns if stay.done_ns is not None else stay.until_ns
                _spread(worked, x(stay.begun_ns), x(end))
            if stay.end == "lost":
                lost[int(x(stay.until_ns) / COLUMN)].append(stay)
        held = 0
        for place, change in sorted(changes):
            held += change
            column = int(place / COLUMN)
            waiting[column] = max(waiting[column], held)
        lane.most = max(waiting.values(), default=0)
        lane.columns = [
            Column(
                x=column * COLUMN,
                worked=min(1.0, worked.get(column, 0.0) / COLUMN),
                waiting=waiting.get(column, 0) / max(1, lane.most),
            )
            for column in sorted({*worked, *waiting})
        ]
        lane.marks += [
            Mark(kind="lost", x=column * COLUMN, y=lane.height / 2, count=len(group))
            for column, group in lost.items()
        ]
        return lane

    def _bar(
        self, kind: BarKind, task: int, start: int, end: int, y: float, height: float = 5.0
    ) -> Bar:
        x = self.clock.x(start)
        least = 2.5 if kind in ("work", "repeat", "cut") else 0.8
        return Bar(
            kind=kind,
            task=task,
            x=x,
            y=y,
            width=max(least, self.clock.x(end) - x),
            height=height,
        )


def _thin_parts(stay: Stay) -> list[tuple[Stay, int, int, BarKind]]:
    """Return when a client had a task without working on it: before, and after."""
    begun = stay.begun_ns if stay.begun_ns is not None else stay.until_ns
    parts: list[tuple[Stay, int, int, BarKind]] = [(stay, stay.from_ns, begun, "waiting")]
    if stay.done_ns is not None and stay.end in ("held", "returned", "acked"):
        parts.append((stay, stay.done_ns, stay.until_ns, "kept"))
    return parts


def _packed(spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return for each span the lowest row in which nothing overlaps it."""
    rows = [0] * len(spans)
    free: list[int] = []
    for index in sorted(range(len(spans)), key=lambda index: spans[index]):
        start, end = spans[index]
        row = next((row for row, until in enumerate(free) if until <= start), len(free))
        if row == len(free):
            free.append(end)
        free[row] = end
        rows[index] = row
    return rows


def _staircase(
    series: Sequence[tuple[int, int]], clock: Clock, height: float
) -> tuple[list[tuple[float, float]], int]:
    """Return the corners of a staircase, one step a pixel at the most, and its highest step."""
    before = [value for at_ns, value in series if at_ns < clock.from_ns][-1:]
    within = [(at_ns, value) for at_ns, value in series if at_ns >= clock.from_ns]
    most = max([*before, *(value for _, value in within)], default=0)
    scale = (height - 2) / max(1, most)
    corners = [(LEFT, height - (before or [0])[0] * scale)]
    highest: dict[int, tuple[float, int, int]] = {}
    for at_ns, value in within:
        x = clock.x(at_ns)
        _, most_here, _ = highest.get(int(x), (x, 0, 0))
        highest[int(x)] = (x, max(most_here, value), value)
    for x, most_here, last in highest.values():
        corners.append((x, corners[-1][1]))
        if most_here != last:
            corners.append((x, height - most_here * scale))
        corners.append((x, height - last * scale))
    corners.append((RIGHT, corners[-1][1]))
    return corners, most


def _counted(places: Iterable[float]) -> tuple[list[Column], int]:
    counts: dict[int, int] = defaultdict(int)
    for x in places:
        counts[int(x / COLUMN)] += 1
    most = max(counts.values(), default=0)
    return [
        Column(x=column * COLUMN, worked=count / most, waiting=0.0)
        for column, count in sorted(counts.items())
    ], most


def _spread(columns: dict[int, float], start: float, end: float) -> None:
    """Add a stretch of pixels to the columns that it covers."""
    end = max(end, start + 0.05)
    for column in range(int(start / COLUMN), int(end / COLUMN) + 1):
        inside = min(end, (column + 1) * COLUMN) - max(start, column * COLUMN)
        columns[column] += max(0.0, inside)
