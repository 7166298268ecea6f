"""By hand: the steps of a scenario as a student would type them, read off its record."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

from filaprova.record.act import (
    BrokerStarted,
    BrokerStopping,
    Drained,
    QueueCounted,
    Signalled,
    StepStarted,
    Struck,
)
from filaprova.record.event import DRAIN, Event
from filaprova.record.history import History
from filaprova.record.program import ProgramStarted
from filaprova.record.wire import (
    ChannelClosed,
    ChannelEvent,
    ConnectionOpened,
    Published,
    QueueDeclared,
)
from filaprova.report.text.by_hand_client import declare_command, publish_command
from filaprova.runs.escape_controls import escape_controls

Act: TypeAlias = Literal[
    "run", "interrupt", "signal", "stop", "kill", "start", "list", "declare", "publish"
]

LINES_LIMIT = 40
REFUSED = re.compile(
    r"'durable' for queue '(?P<queue>.*)' in vhost .*: received '(?P<durable>\w+)'"
)
"""How the broker refuses to declare a queue with another durability; it never says queue.declare-ok
then."""


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
    ours = _ours(history)
    for event in history:
        if isinstance(event, StepStarted):
            steps.append(HandStep(title=event.title))
            continue
        line = _line(event) or _line_of_ours(event, ours)
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
            command = f"kill -s {escape_controls(shlex.quote(name))} PID"
            return HandLine(act="signal", terminal=event.client, command=command)
        case BrokerStopping():
            return HandLine(act=event.how, terminal="")
        case BrokerStarted():
            return HandLine(act="start", terminal="")
        case QueueCounted() | Drained():
            command = "rabbitmqctl list_queues name messages_ready messages_unacknowledged"
            return HandLine(act="list", terminal="", command=command)
    return None


@dataclass(frozen=True, slots=True)
class _Ours:
    """What no program but the harness's own client did."""

    clients: frozenset[str]
    published: Mapping[int, Sequence[Published]]
    """By connection: each has one thing to publish."""


def _ours(history: History) -> _Ours:
    clients = {event.client for event in history.of(ConnectionOpened)} - {DRAIN}
    clients -= {event.client for event in history.of(ProgramStarted)}
    published: dict[int, list[Published]] = {}
    for event in history.of(Published):
        if event.client in clients:
            published.setdefault(event.connection, []).append(event)
    return _Ours(frozenset(clients), published)


def _line_of_ours(event: Event, ours: _Ours) -> HandLine | None:
    """Return a line for what the harness's own client did; a whole publish is one line."""
    if not isinstance(event, ChannelEvent) or event.client not in ours.clients:
        return None
    match event:
        case Published() if ours.published[event.connection][0] is event:
            command = publish_command(ours.published[event.connection])
            return HandLine(act="publish", terminal="", command=command)
        case QueueDeclared() if not event.passive:
            command = declare_command(event.queue, event.durable, event.arguments)
            return HandLine(act="declare", terminal="", command=command)
        case ChannelClosed() if refused := REFUSED.search(event.text):
            command = declare_command(refused["queue"], refused["durable"] == "true")
            return HandLine(act="declare", terminal="", command=command)
    return None


def _command(event: ProgramStarted) -> str:
    """Return the command without what is this machine's own: interpreter, launcher, folders."""
    words = list(event.command)
    place = next(
        (index for index, word in enumerate(words) if PurePosixPath(word).name == event.program), -1
    )
    if place < 0:
        return escape_controls(event.program)
    script = re.sub(r"^.*?/(?=scenarios/)", "", words[place])
    if script.startswith("/"):
        script = event.program
    runner = ["python"] if script.endswith(".py") else []
    return escape_controls(shlex.join([*runner, script, *words[place + 1 :]]))
