"""Session: what all scenarios of one run share, and the settings they were started with."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from filaprova import defaults
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
    wait_s: float = defaults.WAIT_S
    """Limit of every wait of a scenario, in seconds, unless it names another."""

    python: str = ""
    """Interpreter of the programs; empty: the one that runs us."""
    program_arguments: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By a program's name: its arguments, in the place of the scenario's."""
    program_inputs: Mapping[str, Path] = field(default_factory=dict)
    """By a program's name: the file that is its standard input."""
    received: str = ""
    done: str = ""
    """Regular expressions for lines of the programs' output; empty: those that are known."""
    broker_config: Sequence[str] = ()
    broker_advanced_config: Path | None = None

    def recorded(self) -> dict[str, str]:
        """Return the settings as texts, for the record; those that are not set are left out.

        What can be given several times is one text that ``shlex`` splits.
        """
        given = {
            "wait": "" if self.wait_s == defaults.WAIT_S else f"{self.wait_s:g}",
            "python": self.python,
            "program_arguments": shlex.join(
                shlex.join([name, *words]) for name, words in self.program_arguments.items()
            ),
            "program_input": shlex.join(
                f"{name}={path}" for name, path in self.program_inputs.items()
            ),
            "received": self.received,
            "done": self.done,
            "broker_config": shlex.join(self.broker_config),
            "broker_advanced_config": str(self.broker_advanced_config or ""),
        }
        return {
            "seed": str(self.seed),
            "seconds_per_dot": f"{self.seconds_per_dot:g}",
            "programs": str(self.programs or ""),
        } | {name: text for name, text in given.items() if text}


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
    programs_used: set[str] = field(default_factory=set)
    """Names of the user's own programs that a scenario has started."""
