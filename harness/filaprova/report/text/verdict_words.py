"""Say in another language what a phrase says: its patterns in that language, its parts inside."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from filaprova.phrase import Worded


def told_in(worded: Worded, patterns: Mapping[str, str], decimal: str) -> str:
    """Return a phrase with each pattern as a language has it; English where it has none.

    Names and quotations stay; ``decimal`` is written in numbers with a fraction.
    """
    parts = [
        told_in(part, patterns, decimal) if isinstance(part, Worded) else part
        for part in worded.parts
    ]
    return _Writer(decimal).format(patterns.get(worded.pattern, worded.pattern), *parts)


class _Writer(Formatter):
    def __init__(self, decimal: str) -> None:
        self._decimal = decimal

    def format_field(self, value: Any, format_spec: str) -> str:
        written = str(format(value, format_spec))
        return written.replace(".", self._decimal) if isinstance(value, float) else written
