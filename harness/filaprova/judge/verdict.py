"""Outcome and Verdict: what a checker says about a history."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from filaprova.phrase import Worded


class Outcome(enum.StrEnum):
    """Three outcomes; of several, the worst wins: PASS < UNKNOWN < FAIL."""

    PASS = "pass"
    UNKNOWN = "unknown"
    FAIL = "fail"

    @property
    def severity(self) -> int:
        """Return 0, 1 or 2: how bad it is."""
        return list(Outcome).index(self)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst outcome; UNKNOWN for none at all: nothing judged is not green."""
    return max(outcomes, key=lambda outcome: outcome.severity, default=Outcome.UNKNOWN)


Witness: TypeAlias = Literal["wire", "output", "broker", "harness"]
Blame: TypeAlias = Literal["publisher", "broker", "worker", "harness", "environment"]
if TYPE_CHECKING:
    Figure: TypeAlias = int | float | str | bool | list["Figure"] | dict[str, "Figure"] | None
else:
    Figure = Any  # msgspec reads no type that refers to itself


SAID = ("summary", "expected", "seen", "hint")
"""The fields of a verdict that say something."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One thing seen that supports a verdict: when, by which client, in one line."""

    at_ns: int
    text: str
    witness: Witness = "harness"
    """Who saw it: the tap, the program itself, the broker, or the harness that did it."""
    worded: Worded | None = None
    """The same text for other languages."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one checker says about one history."""

    check: str
    """Name of the checker and, after a dot, what it was asked about: ``prefetch_respected``."""
    outcome: Outcome
    summary: str
    """One English sentence with figures, readable without the rest."""
    expected: str = ""
    seen: str = ""
    figures: dict[str, Figure] = {}
    """Measured figures by name, for the answer sentences."""
    evidence: list[Evidence] = []
    """At most 20 of the events that show it; the first to look at comes first."""
    blame: Blame | None = None
    """Who is at fault when the outcome is not PASS; None when the record cannot tell."""
    hint: str = ""
    worded: dict[str, Worded] = {}
    """The same texts for other languages, by the field: ``summary``, ``expected`` …"""
