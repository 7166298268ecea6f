"""A timeline as SVG. Class ``t7`` on a shape says that it belongs to task 7 of that picture."""

from __future__ import annotations

from markupsafe import Markup

from filaprova.report.pictures.draw.svg import box, element, number, path, text, use
from filaprova.report.pictures.layout.axis import draw_axis
from filaprova.report.pictures.layout.timeline import (
    COLUMN,
    LEFT,
    RIGHT,
    WIDTH,
    Bar,
    Lane,
    Mark,
    Timeline,
)
from filaprova.report.pictures.words import PictureWords
from filaprova.report.text.bilingual import Bilingual, joined, same

_NAME_LIMIT = 15
_LABEL_ROOM = 6.2
"""Pixels that a digit of a bar's label needs."""


def draw_timeline(timeline: Timeline, words: PictureWords, **attributes: object) -> Markup:
    """Return the whole picture; ``attributes`` are those of the ``svg`` element."""
    bottom = timeline.height - 16
    parts = [draw_axis(timeline.clock, top=4, bottom=bottom)]
    parts += [_outage(timeline, index, bottom) for index in range(len(timeline.outages))]
    parts += [_lane(lane, words) for lane in timeline.lanes]
    parts += [_outage_names(timeline, words)]
    return element(
        "svg",
        *parts,
        viewBox=f"0 0 {number(WIDTH)} {number(timeline.height)}",
        class_="timeline",
        **attributes,
    )


def _lane(lane: Lane, words: PictureWords) -> Markup:
    parts = [_name(lane, words)]
    if lane.role == "worker" and lane.present:
        start, end = lane.present
        parts.append(
            element(
                "rect", x=start, y=0, width=max(1.0, end - start), height=lane.height, class_="lane"
            )
        )
    if lane.area:
        base = lane.height
        border = [(LEFT, base), *lane.area, (RIGHT, base)]
        parts.append(path(border, class_="depth"))
        parts.append(path([(LEFT, base), (RIGHT, base)], class_="floor"))
    if lane.role == "producer":
        middle = lane.height / 2
        parts.append(path([(LEFT, middle), (RIGHT, middle)], class_="floor"))
    parts += _columns(lane)
    parts += [_bar(bar) for bar in lane.bars]
    for start, end in lane.stills:
        parts.append(
            element(
                "rect",
                x=start,
                y=lane.work_y,
                width=end - start,
                height=lane.height - lane.work_y,
                class_="still",
            )
        )
    parts += [_mark(mark, lane, words) for mark in lane.marks]
    return element("g", *parts, transform=f"translate(0 {number(lane.top)})")


def _name(lane: Lane, words: PictureWords) -> Markup:
    shown = lane.label if len(lane.label) <= _NAME_LIMIT else f"{lane.label[: _NAME_LIMIT - 1]}…"
    middle = lane.height / 2
    if lane.role == "worker":
        return text(shown, LEFT - 10, middle + 4, class_="name")
    role = words.producer if lane.role == "producer" else words.queue
    parts = [text(role, LEFT - 10, middle + 4, class_="name")]
    if lane.role == "queue":
        parts.append(text(same(f"0–{lane.most}"), LEFT - 10, lane.height, class_="tick range"))
    return element("g", *parts)


def _columns(lane: Lane) -> list[Markup]:
    """Return all columns of a lane as two shapes: what was worked, and above it what waited."""
    room = lane.work_y - 4
    base = lane.height - lane.work_y if lane.role == "worker" else lane.height
    worked = [(column.x, lane.height, column.worked * base) for column in lane.columns]
    waiting = [(column.x, lane.work_y, column.waiting * room) for column in lane.columns]
    return [
        element(
            "path",
            d="".join(
                f"M{number(x)} {number(y)}h{COLUMN:.0f}v-{number(h)}h-{COLUMN:.0f}z"
                for x, y, h in columns
                if h > 0
            ),
            class_=kind,
        )
        for columns, kind in ((waiting, "c-wait"), (worked, "c-work"))
        if any(height > 0 for _, _, height in columns)
    ]


def _bar(bar: Bar) -> Markup:
    y, height = bar.y, bar.height
    thin = bar.kind in ("waiting", "kept")
    if thin:
        y, height = bar.y + bar.height * 0.22, bar.height * 0.56
    shape = box(bar.x, y, bar.width, height, class_=f"{bar.kind} s t{bar.task}")
    if bar.kind not in ("work", "repeat", "cut"):
        return shape
    label = f"{bar.task}×{bar.time}" if bar.kind == "repeat" else str(bar.task)
    if bar.width < len(label) * _LABEL_ROOM + 2:
        label = str(bar.task)
    if bar.width < len(label) * _LABEL_ROOM + 1:
        return shape
    middle = bar.x + bar.width / 2
    name = text(label, middle, bar.y + 12.5, class_=f"label on-{bar.kind} s t{bar.task}")
    return shape + name


def _mark(mark: Mark, lane: Lane, words: PictureWords) -> Markup:
    task = f" s t{mark.task}" if mark.task is not None else ""
    if mark.kind == "published":
        return box(mark.x - 1, 2, 2, lane.height - 4, class_=f"sent{task}")
    if mark.kind == "strike":
        line = path([(mark.x, -4), (mark.x, lane.height + 3)], class_="strike")
        right = mark.x < RIGHT - 90
        x = mark.x + 9 if right else mark.x - 9
        side = "strike-name" if right else "strike-name before"
        return (
            line + use("strike", mark.x, -1, class_="bolt") + text(mark.label, x, -1, class_=side)
        )
    if mark.kind == "deleted":
        line = path([(mark.x, 0), (mark.x, lane.height)], class_="strike")
        return line + text(words.deleted, mark.x + 6, 10, class_="strike-name")
    sign = use(mark.kind, mark.x, mark.y, class_=f"sign {mark.kind}{task}")
    if mark.count > 1:
        label = joined([words.bars["lost"], same(f"×{mark.count}")], " ")
        before = mark.x > RIGHT - 80
        x = mark.x - 8 if before else mark.x + 8
        side = "strike-name before" if before else "strike-name"
        sign += text(label, x, mark.y + 4, class_=side)
    return sign


def _outage(timeline: Timeline, index: int, bottom: float) -> Markup:
    start, end, _ = timeline.outages[index]
    return element(
        "rect", x=start, y=4, width=max(2.0, end - start), height=bottom - 4, class_="outage"
    )


def _outage_names(timeline: Timeline, words: PictureWords) -> Markup:
    """Return the borders of each outage with their names, stops above and returns below."""
    bottom = timeline.height - 16
    parts = []
    for start, end, outage in timeline.outages:
        stop = words.server_stop if outage.how == "stop" else words.server_kill
        parts.append(path([(start, 4), (start, bottom)], class_="strike"))
        parts.append(use("strike", start, 8, class_="bolt"))
        parts.append(_beside(stop, start, 11, "strike-name"))
        if outage.until_ns is not None:
            parts.append(path([(end, 16), (end, bottom)], class_="back"))
            parts.append(_beside(words.server_back, end, 23, "back-name"))
    return Markup("").join(parts)


def _beside(name: Bilingual, x: float, y: float, kind: str) -> Markup:
    """Return a name to the right of a line, or to the left where there is no room."""
    if x > RIGHT - 120:
        return text(name, x - 8, y, class_=f"{kind} before")
    return text(name, x + 8, y, class_=kind)
