"""Session: what all scenarios of one run share, and the settings they were started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from filaprova.brokers.broker import Broker
from filaprova.reaper import Reaper
from filaprova.record.observer import Background
from filaprova.runs.store import RunFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a run was asked to be; recorded in each history."""

    seed: int
    seconds_per_dot: float
    """What one dot of a task's body costs a worker; the lesson's programs sleep 1 s each."""
    programs: Path | None = None
    """Folder whose files replace the lesson's programs of the same names."""
    wait_s: float = 20.0
    """Limit of every wait of a scenario, in seconds, unless it names another."""

    def recorded(self) -> dict[str, str]:
        """Return the settings as texts, for the record."""
        return {
            "seed": str(self.seed),
            "seconds_per_dot": f"{self.seconds_per_dot:g}",
            "programs": str(self.programs or ""),
        }


@dataclass(slots=True, kw_only=True)
class Session:
    """One run: its broker, its observer thread, its reaper and the folder of its results."""

    settings: Settings
    broker: Broker
    background: Background
    reaper: Reaper
    folder: RunFolder
    free_virtual_hosts: list[str] = field(default_factory=list)
    """Prepared at boot, one for each scenario, taken from the front."""
