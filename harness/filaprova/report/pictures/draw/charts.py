"""Queue depth and distribution as SVG."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from filaprova.report.pictures.draw.svg import element, number, path, text
from filaprova.report.pictures.layout.axis import draw_axis
from filaprova.report.pictures.layout.timeline import LEFT, RIGHT, WIDTH
from filaprova.report.pictures.model.depth import HEIGHT, TOP, Depth
from filaprova.report.pictures.model.distribution import Share
from filaprova.report.pictures.words import PictureWords
from filaprova.report.text.bilingual import decimal, joined, same

_ROW = 40.0
_MIDDLE = 560.0
"""Where the second half begins: working time beside tasks."""


def draw_depth(depth: Depth, **attributes: object) -> Markup:
    """Return ready (filled) and unacknowledged (dashed) over time, and the broker's counts."""
    parts = [draw_axis(depth.clock, top=TOP, bottom=HEIGHT)]
    for y, value in depth.steps:
        parts.append(path([(LEFT, y), (RIGHT, y)], class_="grid"))
        parts.append(text(str(value), LEFT - 10, y + 4, class_="tick range"))
    parts.append(path([(LEFT, HEIGHT), *depth.ready, (RIGHT, HEIGHT)], class_="depth ready-area"))
    parts.append(path(depth.unacked, class_="unacked-line"))
    for x, y, kind in depth.counts:
        if kind == "ready":
            parts.append(element("circle", cx=x, cy=y, r=4, class_="count"))
        else:
            parts.append(
                element("rect", x=x - 3.5, y=y - 3.5, width=7, height=7, class_="count unacked")
            )
    return element(
        "svg",
        *parts,
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT + 18)}",
        class_="chart",
        **attributes,
    )


def draw_distribution(shares: Sequence[Share], words: PictureWords, **attributes: object) -> Markup:
    """Return two bars for each worker: tasks, with what a rule predicts, and working time."""
    most_tasks = max(1, *(max(share.tasks, share.expected or 0) for share in shares), 1)
    most_work = max(0.0, *(share.work_s for share in shares), 0.0)
    room = _MIDDLE - LEFT - 130
    parts = [text(words.tasks, LEFT, 12, class_="head")]
    if most_work > 0:
        parts.append(text(words.work, _MIDDLE, 12, class_="head"))
    for index, share in enumerate(shares):
        y = 22 + index * _ROW
        name = share.client if len(share.client) <= 15 else f"{share.client[:14]}…"
        parts.append(text(name, LEFT - 10, y + 17, class_="name"))
        width = share.tasks / most_tasks * room
        parts.append(element("rect", x=LEFT, y=y + 4, width=width, height=18, class_="work"))
        label = str(share.tasks)
        after = LEFT + width
        if share.expected is not None:
            x = LEFT + share.expected / most_tasks * room
            parts.append(path([(x, y - 1), (x, y + 27)], class_="expected"))
            parts.append(path([(x - 4, y - 2), (x + 4, y - 2), (x, y + 4)], class_="pointer"))
            after = max(after, x)
            shown = joined([words.expected, same(str(share.expected))], " ")
            label_text = joined([same(label), shown], " · ")
            parts.append(text(label_text, after + 8, y + 17, class_="value"))
        else:
            parts.append(text(label, after + 6, y + 17, class_="value"))
        if most_work > 0:
            width = share.work_s / most_work * (RIGHT - _MIDDLE - 80)
            parts.append(
                element("rect", x=_MIDDLE, y=y + 4, width=width, height=18, class_="worktime")
            )
            value = decimal(f"{share.work_s:.2f} s")
            parts.append(text(value, _MIDDLE + width + 6, y + 17, class_="value"))
    return element(
        "svg",
        *parts,
        viewBox=f"0 0 {number(WIDTH)} {number(26 + len(shares) * _ROW)}",
        class_="chart",
        **attributes,
    )
