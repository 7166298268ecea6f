"""The results of a run as data: what results.json and verdict.json hold (versioned)."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from filaprova.defaults import SUBJECT
from filaprova.judge.registry import Check
from filaprova.judge.verdict import Outcome, Verdict, worst
from filaprova.phrase import Worded
from filaprova.waiting import Waited

RESULTS_SCHEMA = 1
VERDICT_SCHEMA = 1
"""A verdict.json without a number is from before it had one, and of this form."""


Family: TypeAlias = Literal["scenario failed", "unknown", "harness bug", "environment missing"]
"""Whose fault a problem is; unknown: nobody's, but a strike never landed or the run was ended."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a scenario could not be carried out to its end."""

    family: Family
    message: str
    worded: Worded | None = None
    """The message for other languages."""


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One check of a scenario with its verdict."""

    subject: str
    """What it speaks for: an exercise (``L05``), a claim (``K5``) or ``control``."""
    checkpoint: str
    """The check judges the history up to the ``Checkpoint`` of this name."""
    check: Check
    verdict: Verdict


class ScenarioResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one scenario gave; also the content of its verdict.json, there with a schema number."""

    id: str
    """pytest's node id."""
    folder: str
    """Folder of its evidence, relative to the run's folder."""
    title: str
    """First line of the scenario's docstring."""
    variant: str = ""
    """pytest's parameter id (``kill``), empty where there is none."""
    subjects: list[str] = []
    """All exercises and claims it speaks for, also when it ended before judging them."""
    outcome: Outcome
    checks: list[CheckResult] = []
    problem: Problem | None = None
    skipped: str = ""
    """Reason of a skip; a skipped scenario has outcome UNKNOWN, and no check of it fails."""
    skipped_worded: Worded | None = None
    """The reason for other languages."""
    seconds: float = 0.0
    seconds_by: dict[str, float] = {}
    """Where the time went: broker, work, start, harness."""


class WaitMade(Waited, frozen=True, kw_only=True):
    """One wait of a run, a line of its waits.jsonl."""

    scenario: str = ""
    """Folder of the scenario that it was made for; empty: for the run as a whole."""


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a whole run gave; the content of results.json."""

    schema: int = RESULTS_SCHEMA
    run: str
    started_at: str
    """UTC, ISO 8601."""
    seconds: float
    """From the start of the broker's boot to the end of the last scenario."""
    boot_seconds: float = 0.0
    """How much of it was the broker's first boot."""
    seed: int
    language: Literal["pt", "en"] = "en"
    """In which the table and summary.md are told; answers.html has both."""
    subject: str = SUBJECT
    """What was examined: a folder under ``scenarios/`` with a catalogue and texts."""
    broker: dict[str, str]
    settings: dict[str, str] = {}
    command: str = "pytest"
    """What the run was begun with: ``.venv/bin/pytest``, ``filaprova lesson``."""
    option_prefix: str = "--"
    """What the names of our options begin with in that command."""
    host: dict[str, str] = {}
    """Facts about the machine (``filaprova.runs.host``); empty where they were not kept."""
    notes: list[str] = []
    worded: dict[str, Worded] = {}
    """Notes, and why this broker was chosen, for other languages: by their texts."""
    scenarios: list[ScenarioResult] = []

    @property
    def outcome(self) -> Outcome:
        """Return the worst outcome of its scenarios; UNKNOWN if there is none."""
        return worst(scenario.outcome for scenario in self.scenarios)
