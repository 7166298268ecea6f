"""Whether a pattern has words that each language says in its own way."""

from __future__ import annotations

import re
from string import Formatter

SAME_EVERYWHERE = re.compile(
    r"\b(?:basic|queue|channel|connection)\.[a-z-]*|\b(?:prefetch|broker)\b"
)
WORD = re.compile(r"[^\W\d_]{2}")


def has_words(pattern: str) -> bool:
    """Tell whether anything is left beside names of the protocol and places for parts."""
    return any(
        WORD.search(SAME_EVERYWHERE.sub("", before)) for before, *_ in Formatter().parse(pattern)
    )
