"""The exception tree: whose fault it is decides which branch is raised.

    FilaprovaError
    ├── ScenarioFailed        what is examined did not do what was expected of it
    │   ├── TimedOut          an awaited event did not come within its limit
    │   └── ProgramFailed     a worker or producer did not start, died early or misbehaved
    ├── FaultMissed           a fault did not land where it should have; nothing is proven
    ├── HarnessBug            Filaprova itself is at fault; nothing is said about the examined
    ├── EnvironmentMissing    no verdict is possible: no broker, no engine, a missing power
    └── BadInput              an option, a file or a saved run that cannot be used as given

Each message names what happened, where, and what to do about it.
"""

from __future__ import annotations


class FilaprovaError(Exception):
    """Base of every error that Filaprova raises on purpose."""


class ScenarioFailed(FilaprovaError):
    """What is examined did not do what the scenario expects."""


class TimedOut(ScenarioFailed):
    """An awaited event did not come within its limit."""


class ProgramFailed(ScenarioFailed):
    """A worker or producer did not start, ended early or misbehaved."""


class FaultMissed(FilaprovaError):
    """A fault did not land where it should have; the outcome is UNKNOWN, not FAIL."""


class HarnessBug(FilaprovaError):
    """Filaprova itself is at fault."""


class EnvironmentMissing(FilaprovaError):
    """The machine lacks something without which there is no verdict."""


class BadInput(FilaprovaError):
    """An option, a file or a saved run cannot be used as given."""
