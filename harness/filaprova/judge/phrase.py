"""Phrases, by the name that checkers know them by."""

from __future__ import annotations

from filaprova.phrase import Part, Phrase, Worded, as_phrase, joined, joined_names, say, say_for

__all__ = ["Part", "Phrase", "Worded", "as_phrase", "joined", "joined_names", "say", "say_for"]
