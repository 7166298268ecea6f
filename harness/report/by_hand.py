"""By hand: the steps of a scenario as a student would type them, read off its record."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

from harness.events import (
    BrokerStarted,
    BrokerStopping,
    Event,
    ProgramStarted,
    QueueCounted,
    Signalled,
    StepStarted,
    Struck,
)
from harness.history import History
from harness.report.visible import visible

Act: TypeAlias = Literal["run", "interrupt", "signal", "stop", "kill", "start", "list"]

LINES_LIMIT = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class HandLine:
    """One thing to do: in which terminal, and what to type there (empty: a key or a service)."""

    act: Act
    terminal: str
    command: str = ""


@dataclass(slots=True, kw_only=True)
class HandStep:
    """One step of the scenario with what it takes by hand."""

    title: str
    lines: list[HandLine] = field(default_factory=list)


def by_hand(history: History) -> Sequence[HandStep]:
    """Return the steps of a scenario with their commands; steps that only wait have none."""
    steps: list[HandStep] = []
    count = 0
    for event in history:
        if isinstance(event, StepStarted):
            steps.append(HandStep(title=event.title))
            continue
        line = _line(event)
        if line is None or count >= LINES_LIMIT:
            continue
        if not steps:
            steps.append(HandStep(title=""))
        if not steps[-1].lines or steps[-1].lines[-1] != line:
            steps[-1].lines.append(line)
            count += 1
    return steps


def _line(event: Event) -> HandLine | None:
    match event:
        case ProgramStarted():
            return HandLine(act="run", terminal=event.client, command=_command(event))
        case Struck() | Signalled() if event.signal_name == "SIGINT":
            return HandLine(act="interrupt", terminal=event.client)
        case Struck() | Signalled():
            name = event.signal_name.removeprefix("SIG")
            command = f"kill -s {visible(shlex.quote(name))} PID"
            return HandLine(act="signal", terminal=event.client, command=command)
        case BrokerStopping():
            return HandLine(act=event.how, terminal="")
        case BrokerStarted():
            return HandLine(act="start", terminal="")
        case QueueCounted():
            command = "rabbitmqctl list_queues name messages_ready messages_unacknowledged"
            return HandLine(act="list", terminal="", command=command)
    return None


def _command(event: ProgramStarted) -> str:
    """Return the command without what is this machine's own: interpreter, launcher, folders."""
    words = list(event.command)
    place = next(
        (index for index, word in enumerate(words) if PurePosixPath(word).name == event.program), -1
    )
    if place < 0:
        return visible(event.program)
    script = re.sub(r"^.*?/(?=scenarios/)", "", words[place])
    if script.startswith("/"):
        script = event.program
    runner = ["python"] if script.endswith(".py") else []
    return visible(shlex.join([*runner, script, *words[place + 1 :]]))
