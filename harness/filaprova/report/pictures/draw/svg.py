"""SVG in small pieces: every text escaped, every number short, every text in two languages."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from filaprova.report.text.bilingual import Bilingual
from filaprova.runs.escape_controls import escape_controls


def number(value: float) -> str:
    """Return a coordinate with at most one decimal, which is a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def element(tag: str, *inside: Markup, **attributes: object) -> Markup:
    """Return an element; numbers are rounded, ``_`` in names stands for ``-``."""
    written = Markup(" ").join(
        Markup('{}="{}"').format(
            Markup(name.rstrip("_").replace("_", "-")),
            number(value) if isinstance(value, float | int) else escape_controls(str(value)),
        )
        for name, value in attributes.items()
        if value is not None
    )
    if not inside:
        return Markup("<{} {}/>").format(Markup(tag), written)
    opening = Markup("<{} {}>" if written else "<{}{}>").format(Markup(tag), written)
    return opening + Markup("").join(inside) + Markup("</{}>").format(Markup(tag))


def text(words: Bilingual | str, x: float, y: float, **attributes: object) -> Markup:
    """Return a text; twice, one for each language, where the languages differ."""
    if isinstance(words, str):
        words = Bilingual(words, words)
    if words.pt == words.en:
        return element("text", escape(escape_controls(words.pt)), x=x, y=y, **attributes)
    return element(
        "g",
        element("text", escape(escape_controls(words.pt)), class_="pt", lang="pt-BR", x=x, y=y),
        element("text", escape(escape_controls(words.en)), class_="en", lang="en", x=x, y=y),
        **attributes,
    )


def path(points: Iterable[tuple[float, float]], **attributes: object) -> Markup:
    """Return a line through the points."""
    way = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return element("path", d=f"M{way}", **attributes)


def box(x: float, y: float, width: float, height: float, **attributes: object) -> Markup:
    """Return a rectangle, as a path: half the bytes of a ``rect``."""
    across, down = number(width), number(height)
    return element("path", d=f"M{number(x)} {number(y)}h{across}v{down}h-{across}z", **attributes)


def use(symbol: str, x: float, y: float, **attributes: object) -> Markup:
    """Return a symbol of the page, its middle at this place."""
    return element("use", href=f"#sign-{symbol}", x=x, y=y, **attributes)
