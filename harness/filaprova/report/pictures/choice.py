"""Choice: which pictures belong to a question, and which scenario they are drawn from."""

from __future__ import annotations

from collections.abc import Sequence

from filaprova.report.text.catalogue import Question, WantedPictures
from filaprova.report.text.figures import variant_of
from filaprova.runs.results import ScenarioResult


def wanted_for(question: Question) -> Sequence[WantedPictures]:
    """Return the pictures of a question; a timeline of each exercise where nothing is chosen."""
    return question.pictures or [
        WantedPictures(exercise=each, kinds=["timeline"]) for each in question.answered_by
    ]


def scenario_for(
    wanted: WantedPictures, scenarios: Sequence[ScenarioResult]
) -> ScenarioResult | None:
    """Return the scenario that a picture is drawn from: the wanted variant, or the last one."""
    carried_out = [item for item in scenarios if not item.skipped]
    fitting = [item for item in carried_out if variant_of(item) == wanted.variant]
    candidates = fitting or carried_out
    return candidates[-1] if candidates else None
