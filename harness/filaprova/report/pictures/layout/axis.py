"""The horizontal axis that timeline and depth share: ticks, and where quiet stretches are cut."""

from __future__ import annotations

from markupsafe import Markup

from filaprova.report.pictures.draw.svg import element, path, text
from filaprova.report.pictures.layout.clock import Clock
from filaprova.report.text.bilingual import decimal


def draw_axis(clock: Clock, *, top: float, bottom: float) -> Markup:
    """Return grid lines from top to bottom with their times, and the cuts."""
    ticks = clock.ticks()
    places = _decimals([at_s for _, at_s in ticks])
    parts = [path([(x, top), (x, bottom)], class_="grid") for x, _ in ticks]
    parts += [
        text(decimal(f"+{at_s:.{places}f} s"), x, bottom + 12, class_="tick") for x, at_s in ticks
    ]
    for cut in clock.cuts:
        length = f"{cut.seconds:.1f} s" if cut.seconds >= 0.1 else f"{cut.seconds * 1000:.0f} ms"
        x = cut.x
        parts.append(
            element(
                "g",
                element("rect", x=x - 3, y=top, width=6, height=bottom - top, class_="gap"),
                path([(x - 3, bottom + 3), (x, bottom - 3)], class_="zigzag"),
                path([(x, bottom + 3), (x + 3, bottom - 3)], class_="zigzag"),
                text(decimal(length), x, bottom + 12, class_="tick quiet"),
            )
        )
    return Markup("").join(parts)


def _decimals(values: list[float]) -> int:
    """Return how many decimals tell the values apart and lose nothing."""
    for places in range(7):
        if all(abs(round(value, places) - value) < 1e-9 for value in values):
            return places
    return 6
