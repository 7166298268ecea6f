"""Phrases: English sentences that remember how they were made, so that others can say them too.

A checker speaks English: ``say("{} lost: {}", plural(2, "task"), named(lost))`` is the text
"2 tasks lost: 't2', 't3'", and keeps its pattern and its parts. So do errors, waits and what is
told of a scenario. The report has the same patterns in other languages: those of checkers in
``report/text/verdicts.pt.toml``, all others in ``report/text/acts.pt.toml``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

Part: TypeAlias = str | int | float


class Worded(msgspec.Struct, frozen=True, array_like=True):
    """A phrase as it is stored: its pattern, and what stands in the places of that."""

    pattern: str
    parts: list[Worded | int | float | str] = []


class Phrase(str):
    """A text with the pattern and the parts that it was made of."""

    pattern: str
    parts: tuple[Part, ...]

    def worded(self) -> Worded:
        """Return it as it is stored; parts that are no phrases are quoted as they are."""
        return Worded(
            self.pattern,
            [part.worded() if isinstance(part, Phrase) else part for part in self.parts],
        )


def say(pattern: str, *parts: Part) -> Phrase:
    """Return the pattern with the parts in its places, each ``{}``.

    A part is a phrase of its own, a number, or a name that no language changes.
    """
    phrase = Phrase(pattern.format(*parts))
    phrase.pattern, phrase.parts = pattern, parts
    return phrase


def say_for(count: int, one: str, more: str, *parts: Part) -> Phrase:
    """Return the pattern that goes with a count, with the parts in its places."""
    return say(one if count == 1 else more, *parts)


def as_phrase(text: str) -> Phrase:
    """Return a text as a phrase; one that is none is a pattern without places."""
    if isinstance(text, Phrase):
        return text
    return say(text.replace("{", "{{").replace("}", "}}"))


def joined(separator: str, texts: Sequence[str]) -> Phrase:
    """Return several texts as one phrase; names among them stay as they are."""
    return say(separator.join("{}" for _ in texts), *texts)


def joined_names(names: Sequence[str]) -> Phrase:
    """Return names as "C1 and C2 and C3", two at a time; empty for none."""
    if len(names) < 3:
        return joined(" and ", names)
    return say("{} and {}", joined_names(names[:-1]), names[-1])


def first_line_of(phrase: Phrase) -> Phrase:
    """Return the first line of a phrase that was ``joined`` of several, or quotes several."""
    pattern = phrase.pattern.partition("\n")[0]
    if pattern != "{}":
        return say(pattern, *phrase.parts[: pattern.count("{")])
    first = phrase.parts[0]
    if isinstance(first, Phrase):
        return first_line_of(first)
    return say("{}", str(first).partition("\n")[0])


def told_by(error: BaseException) -> Phrase:
    """Return what an error says; words that are not ours are quoted as they are."""
    if error.args and isinstance(error.args[0], Phrase):
        return error.args[0]
    return say("{}", str(error))


def worded(text: str) -> Worded | None:
    """Return how a text is stored for other languages; None: it is a quotation."""
    return text.worded() if isinstance(text, Phrase) else None


def phrase_of(text: str, worded: Worded | None) -> Phrase:
    """Return a text that was stored with this beside it, as the phrase that it was."""
    return _again(worded) if worded is not None else say("{}", text)


def _again(worded: Worded) -> Phrase:
    parts = (_again(part) if isinstance(part, Worded) else part for part in worded.parts)
    return say(worded.pattern, *parts)
