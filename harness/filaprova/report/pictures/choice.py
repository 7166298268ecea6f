"""Choice: which pictures belong to which question of the lesson.

A question shows what its answer talks about: shares as a distribution, losses as a timeline, a
strike as the life of one task. Where this run lacks the wanted variant another one stands in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from filaprova.report.text.figures import variant_of
from filaprova.runs.results import ScenarioResult

Kind: TypeAlias = Literal["timeline", "distribution", "depth", "sequence"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Pictures of one exercise, of one of its variants."""

    exercise: str
    variant: str
    kinds: tuple[Kind, ...]


QUESTIONS: dict[str, tuple[Wanted, ...]] = {
    "1": (
        Wanted("L02", "3", ("timeline", "distribution")),
        Wanted("L03", "3", ("timeline", "distribution")),
    ),
    "2": (Wanted("L04", "3", ("timeline", "distribution")),),
    "3": (Wanted("L05", "kill", ("timeline", "sequence")),),
    "4": (Wanted("L06", "kill", ("timeline", "depth")),),
    "5": (Wanted("L07", "kill", ("timeline", "depth")),),
    "6": (Wanted("L08", "kill", ("timeline", "sequence")),),
    "7": (Wanted("L10", "", ("timeline", "depth")),),
    "8": (Wanted("L11", "", ("timeline", "depth")),),
    "9": (Wanted("L12", "", ("timeline", "distribution")),),
    "10": (
        Wanted("L16", "in_turn", ("timeline", "distribution")),
        Wanted("L16", "fair", ("timeline", "distribution")),
        Wanted("L15", "kill", ("timeline",)),
    ),
    "11": (Wanted("L17", "delete_a_queue_under_work", ("timeline", "depth")),),
}


def wanted_for(question: str, exercises: Sequence[str]) -> tuple[Wanted, ...]:
    """Return the pictures of a question; a timeline of each exercise where nothing is chosen."""
    chosen = [item for item in QUESTIONS.get(question, ()) if item.exercise in exercises]
    return tuple(chosen) or tuple(Wanted(item, "", ("timeline",)) for item in exercises)


def scenario_for(wanted: Wanted, scenarios: Sequence[ScenarioResult]) -> ScenarioResult | None:
    """Return the scenario that a picture is drawn from: the wanted variant, or the last one."""
    carried_out = [item for item in scenarios if not item.skipped]
    fitting = [item for item in carried_out if variant_of(item) == wanted.variant]
    candidates = fitting or carried_out
    return candidates[-1] if candidates else None
