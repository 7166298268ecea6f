"""Scenario: the vocabulary in which scenario files are written; owns every lifetime."""

from filaprova.scenario.cast import Sent, Worker
from filaprova.scenario.stage import Narrator
from filaprova.scenario.vocabulary import Planned, Scenario

__all__ = ["Narrator", "Planned", "Scenario", "Sent", "Worker"]
