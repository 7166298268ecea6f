"""What programs under examination do: start, print, end."""

from __future__ import annotations

from typing import Literal

from filaprova.record.event import Event


class ProgramStarted(Event, frozen=True, kw_only=True):
    """A worker or producer process was started."""

    client: str
    role: Literal["worker", "producer", "tool"]
    program: str
    command: list[str]
    pid: int


class OutputLine(Event, frozen=True, kw_only=True):
    """A line that a program printed (cut at 4,096 characters)."""

    client: str
    stream: Literal["stdout", "stderr"]
    text: str


class OutputDropped(Event, frozen=True, kw_only=True):
    """A flood: further lines are counted, not kept, once a program printed too many."""

    client: str
    line_count: int


class TaskReceived(Event, frozen=True, kw_only=True):
    """A worker printed that it received a task; ``task`` is the body's text as printed."""

    client: str
    task: str


class TaskSent(Event, frozen=True, kw_only=True):
    """A publisher printed that it sent a task; ``task`` is the body's text as printed."""

    client: str
    task: str


class TaskDone(Event, frozen=True, kw_only=True):
    """A worker printed that it is done.

    ``task`` is the one that the line names, else the only one in hand: printed as received, and not
    as done. None: several were in hand, or none. ``named``: the line itself says which it is.
    """

    client: str
    task: str | None
    named: bool = False


class WorkBegan(Event, frozen=True, kw_only=True):
    """A Python program began to sleep, which is the lesson's work, as its launcher tells.

    ``seconds`` is what the sleep takes on this run's scale, not what the program asked for.
    """

    client: str
    seconds: float
    thread: str = ""
    """Which process and thread of the program, or which task of asyncio's, sleeps."""


class WorkEnded(Event, frozen=True, kw_only=True):
    """Such a sleep ended; ``complete`` False: an exception, as of a signal, broke it off."""

    client: str
    seconds: float
    complete: bool
    thread: str = ""
    ended_ns: int | None = None
    """When, by the program's own clock, which is the machine's: it is heard of later. On the scale
    of ``at_ns``; None: it was not told."""


class ProgramExited(Event, frozen=True, kw_only=True):
    """A process ended: ``exit_code`` as shells count it, or the ``signal_name`` that ended it."""

    client: str
    pid: int
    exit_code: int | None = None
    signal_name: str | None = None
