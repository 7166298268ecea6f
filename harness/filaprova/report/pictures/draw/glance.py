"""A picture for a glance: one bar for each worker and for the queue, in pieces by fate."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from filaprova.report.pictures.draw.svg import box, element, number, text
from filaprova.report.pictures.model.fates import FATES, Fates
from filaprova.report.pictures.words import PictureWords

ROWS_LIMIT = 6
"""So many bars are drawn; three dots stand for the others."""
_WIDTH = 240.0
_LEFT = 46.0
_ROW = 17.0
_BAR = 13.0
_DIGIT = 6.5


def draw_glance(rows: Sequence[Fates], words: PictureWords) -> Markup:
    """Return the bars, all to one scale, with a number in each piece that has room for it."""
    shown = rows[:ROWS_LIMIT]
    most = max((sum(row.counts.values()) for row in rows), default=0)
    scale = (_WIDTH - _LEFT - 4) / max(1, most)
    parts = []
    for index, row in enumerate(shown):
        y = index * _ROW + 2
        name = words.queue if row.client is None else _short(row.client)
        parts.append(text(name, _LEFT - 6, y + 10.5, class_="name"))
        if not row.counts:
            parts.append(text("0", _LEFT + 2, y + 10.5, class_="none"))
        x = _LEFT
        for fate in FATES:
            count = row.counts.get(fate, 0)
            width = count * scale
            if count:
                parts.append(box(x, y, width, _BAR, class_=fate))
            if len(str(count)) * _DIGIT + 4 <= width:
                parts.append(text(str(count), x + width / 2, y + 10.5, class_=f"label on-{fate}"))
            x += width
    height = len(shown) * _ROW + 2
    if len(rows) > len(shown):
        parts.append(text("…", _LEFT - 6, height + 6, class_="name"))
        height += 10
    return element(
        "svg",
        *parts,
        viewBox=f"0 0 {number(_WIDTH)} {number(height)}",
        class_="glance",
        aria_hidden="true",
        focusable="false",
    )


def _short(name: str) -> str:
    return name if len(name) <= 6 else f"{name[:5]}…"
