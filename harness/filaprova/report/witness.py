"""Which witness a line of evidence comes from: the wire, a program's output, broker, or harness."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Witness: TypeAlias = Literal["wire", "output", "broker", "harness"]

_SIGNS: tuple[tuple[Witness, re.Pattern[str]], ...] = (
    ("wire", re.compile(r"^\S* ?\[connection \d|^\S+ connection\.close|undecodable bytes")),
    ("output", re.compile(r"^\S+ printed ")),
    ("broker", re.compile(r"^the broker (counts|knows|has)")),
)


def witness_of(line: str) -> Witness:
    """Return whose testimony a line is, by the form that the checkers give each kind of event."""
    return next((name for name, sign in _SIGNS if sign.search(line)), "harness")
