"""A sequence diagram as SVG: lifelines, arrows between them, marks on them."""

from __future__ import annotations

from markupsafe import Markup

from filaprova.report.pictures.draw.svg import element, number, path, text, use
from filaprova.report.pictures.model.sequence import PRODUCER, QUEUE, Diagram, Step
from filaprova.report.pictures.model.task_table import moment
from filaprova.report.pictures.words import PictureWords
from filaprova.report.text.bilingual import Bilingual, joined, same

_TIME = 74.0
_TOP = 34.0
_ROW = 33.0
_METHODS = {
    "publish": "basic.publish",
    "deliver": "basic.deliver",
    "redeliver": "basic.deliver (redelivered)",
    "ack": "basic.ack",
}


def draw_sequence(diagram: Diagram, words: PictureWords, **attributes: object) -> Markup:
    """Return the picture; its width grows with the programs that it needs."""
    apart = 210.0 if len(diagram.columns) <= 4 else 840.0 / len(diagram.columns)
    places = {name: _TIME + 70 + index * apart for index, name in enumerate(diagram.columns)}
    width = _TIME + 70 + (len(diagram.columns) - 1) * apart + 190
    bottom = _TOP + len(diagram.steps) * _ROW + 12
    parts = []
    for name, x in places.items():
        title = _title(name, words)
        end = _life_end(name, diagram, bottom)
        parts.append(element("rect", x=x - 62, y=2, width=124, height=22, rx=4, class_="head-box"))
        parts.append(text(title, x, 17, class_="actor"))
        parts.append(path([(x, 24), (x, end)], class_="lifeline"))
    for index, step in enumerate(diagram.steps):
        y = _TOP + (index + 0.6) * _ROW
        at_s = joined([moment(step.at_ns), same("s")], " ")
        parts.append(text(at_s, _TIME - 12, y + 4, class_="tick range"))
        parts.append(_step(step, places, y, words))
    return element(
        "svg",
        *parts,
        viewBox=f"0 0 {number(width)} {number(bottom + 6)}",
        class_="sequence",
        **attributes,
    )


def _title(name: str, words: PictureWords) -> Bilingual:
    if name == PRODUCER:
        return words.producer
    return words.queue if name == QUEUE else same(name if len(name) < 17 else f"{name[:15]}…")


def _life_end(name: str, diagram: Diagram, bottom: float) -> float:
    """Return where a lifeline ends: at the strike that ended the program."""
    for index, step in enumerate(diagram.steps):
        if step.kind == "strike" and step.source == name:
            later = any(
                item.source == name and item.kind in ("begun", "done", "ack")
                for item in diagram.steps[index + 1 :]
            )
            if not later:
                return _TOP + (index + 0.6) * _ROW + 8
    return bottom


def _step(step: Step, places: dict[str, float], y: float, words: PictureWords) -> Markup:
    source, target = places[step.source], places[step.target]
    who = same(step.source)
    if step.kind in _METHODS:
        return _arrow(source, target, y, _METHODS[step.kind], step.kind)
    if step.kind == "returned":
        return _arrow(source, target, y, words.bars["returned"], "return")
    if step.kind == "strike":
        sign = use("strike", source, y, class_="bolt large")
        return sign + text(step.detail, source + 14, y + 4, class_="strike-name")
    if step.kind == "lost":
        sign = use("lost", source, y, class_="sign lost large")
        return sign + text(words.states["lost"], source + 14, y + 4, class_="strike-name")
    said = words.steps["begun" if step.kind == "begun" else "done"].filled(who)
    note = element("circle", cx=source, cy=y, r=4, class_=f"note {step.kind}")
    return note + text(joined([said], ""), source + 12, y + 4, class_="said")


def _arrow(source: float, target: float, y: float, label: Bilingual | str, kind: str) -> Markup:
    direction = 1 if target > source else -1
    tip = target - direction
    line = path([(source, y), (tip, y)], class_=f"arrow {kind}")
    head = path(
        [(tip - direction * 8, y - 4), (tip, y), (tip - direction * 8, y + 4)], class_="arrow-head"
    )
    between = source + direction * min(abs(target - source) / 2, 105)
    return line + head + text(label, between, y - 6, class_="message")
