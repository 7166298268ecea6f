"""Scenario: the vocabulary in which scenario files are written; owns every lifetime."""

from harness.scenario.cast import Sent, Worker
from harness.scenario.stage import Narrator
from harness.scenario.vocabulary import Planned, Scenario

__all__ = ["Narrator", "Planned", "Scenario", "Sent", "Worker"]
