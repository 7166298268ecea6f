"""How programs end: of themselves, when told to, or when their queue or broker is gone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from filaprova.judge.blame import role_of
from filaprova.judge.completion import body_of, service_s
from filaprova.judge.decision import decide, plural
from filaprova.judge.leaving import not_of_itself
from filaprova.judge.ledger import Ledger
from filaprova.judge.lifetimes import end_of
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Figure, Verdict
from filaprova.phrase import Phrase, joined, say
from filaprova.record.act import (
    BrokerStopped,
    BrokerStopping,
    FaultLanded,
    Struck,
    WaitedInVain,
    Withheld,
)
from filaprova.record.event import Event
from filaprova.record.history import History
from filaprova.record.program import OutputLine, ProgramExited, TaskDone
from filaprova.record.wire import (
    Bound,
    ChannelClosed,
    ChannelEvent,
    ConnectionBlocked,
    ConnectionClosed,
    ConnectionOpened,
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    ExchangeDeclared,
    ExchangeDeleted,
    PollEmpty,
    PublishRefused,
    QueueDeclared,
    QueueDeleted,
    Returned,
    SocketClosed,
    Unbound,
    WireEvent,
)

NOTICED = "ended or back"
"""The wait for programs to notice that their queue or broker is gone."""
TRACEBACK = "Traceback (most recent call last)"
NAMES_ERROR = re.compile(r"(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?::|$)")
"""The last line of a traceback of Python's, at its beginning."""
UNHANDLED = re.compile(r"^panic: |thread '.*' panicked|Exception in thread|Uncaught |Unhandled ")
"""How other runtimes tell that a program ended by an error which it did not handle."""
NOT_FOUND = re.compile(r"no (?:exchange '(?P<exchange>[^']+)'|queue '(?P<queue>[^']+)') in vhost")
"""What RabbitMQ says where it closes a channel for something that is not there."""
ELSEWHERE = re.compile(
    r"^(?:ModuleNotFoundError|ImportError|MemoryError|EOFError|OSError|IOError|PermissionError"
    r"|FileNotFoundError|NotADirectoryError|BlockingIOError|BrokenPipeError|KeyboardInterrupt)\b"
    r"|can't start new thread|Cannot allocate memory|No space left on device"
)
"""Errors whose cause may be on the machine, and not in the program."""


@checker
def nobody_crashed(history: History) -> Verdict:
    """No worker or publisher ends by an error of its own.

    That is one which it did not handle, after it had reached the broker, while nobody had told it
    to end, nothing had been refused, sent back or taken from it, and its connection was whole.
    """
    connected = {event.client for event in history.of(ConnectionOpened)}
    shaken = _shaken(history)
    errors: defaultdict[str, list[OutputLine]] = defaultdict(list)
    for line in history.of(OutputLine):
        if line.stream == "stderr" and line.text.strip():
            errors[line.client].append(line)
    named = {client: error for client in errors if (error := _error_of_its_own(errors[client]))}
    crashed = [
        event
        for event in history.of(ProgramExited)
        if event.exit_code
        and event.client in (connected & named.keys()) - shaken
        and role_of(history, event.client) in ("worker", "publisher")
    ]
    return decide(
        summary="no program ended by an error of its own",
        figures={"crashed": len(crashed)},
        findings=[
            say(
                "{} ended by an error of its own, {}: {}",
                event.client,
                _way(event),
                named[event.client].text.strip(),
            )
            for event in crashed
        ],
        expected="a program ends when it is done, or told to",
        seen=say("{} ended by an error", plural(len(crashed), "program")),
        evidence=[named[event.client] for event in crashed] + list[Event](crashed),
        blame=role_of(history, crashed[0].client) if crashed else None,
    )


def _error_of_its_own(lines: Sequence[OutputLine]) -> OutputLine | None:
    """Return the line that names the error with which a program ended, by its standard error."""
    if any(ELSEWHERE.search(line.text) for line in lines):
        return None
    if any(TRACEBACK in line.text for line in lines):
        return lines[-1] if NAMES_ERROR.match(lines[-1].text) else None
    return next((line for line in lines if UNHANDLED.search(line.text)), None)


def _shaken(history: History) -> set[str]:
    """Return the programs that were told to end, or that something befell from outside."""
    causes: list[WireEvent | FaultLanded | Withheld] = [
        *history.of(FaultLanded),
        *history.of(Withheld),
        *history.of(PublishRefused),
        *history.of(Returned),
        *history.of(ConnectionBlocked),
    ]
    closings: list[ChannelClosed | ConnectionClosed | ConsumerCancelled | SocketClosed]
    closings = [
        *history.of(ChannelClosed),
        *history.of(ConnectionClosed),
        *history.of(ConsumerCancelled),
        *history.of(SocketClosed),
    ]
    causes += [
        event
        for event in closings
        if event.by != "client" and not _took_away_itself(history, event)
    ]
    shaken = {event.client for event in causes} | not_of_itself(history)
    ended = {event.client: event.at_ns for event in history.of(ProgramExited)}
    for stop in history.of(BrokerStopping):
        shaken |= {client for client, at_ns in ended.items() if at_ns > stop.at_ns}
    return shaken


def _took_away_itself(history: History, closing: Event) -> bool:
    """Tell whether the broker misses what only this program has ever declared and taken away.

    An exchange or queue that goes with its last binding, consumer or after some time does so
    because its owner wanted that (RabbitMQ documentation, "Queues", "Temporary Queues").
    """
    if not isinstance(closing, ChannelClosed) or history.of(BrokerStopping):
        return False
    missing = NOT_FOUND.search(closing.text)
    if missing is None:
        return False
    concerned: list[ChannelEvent] = [
        *(e for e in history.of(ExchangeDeclared) if e.exchange == missing["exchange"]),
        *(e for e in history.of(ExchangeDeleted) if e.exchange == missing["exchange"]),
        *(e for e in history.of(Bound) if e.source == missing["exchange"]),
        *(e for e in history.of(Unbound) if e.source == missing["exchange"]),
        *(e for e in history.of(QueueDeclared) if e.queue == missing["queue"]),
        *(e for e in history.of(QueueDeleted) if e.queue == missing["queue"]),
        *(e for e in history.of(ConsumerStarted) if e.queue == missing["queue"]),
    ]
    return {e.client for e in concerned if e.at_ns < closing.at_ns} == {closing.client}


@checker
def ended_or_came_back(history: History, *, clients: list[str]) -> Verdict:
    """Each of these programs noticed what happened: it ended, or it subscribed anew.

    How it ends is its own affair, and is reported. One that runs on and consumes no more is deaf:
    whoever supervises it sees nothing wrong.
    """
    since_ns = _shaken_since_ns(history, clients)
    causes = list(since_ns.values())
    ends = {event.client: event for event in history.of(ProgramExited) if event.client in clients}
    ways: dict[str, Figure] = {
        client: end.signal_name if end.exit_code is None else end.exit_code
        for client, end in ends.items()
    }
    down_ns = max((event.at_ns for event in history.of(BrokerStopped)), default=0)
    anew: dict[str, Event] = {}
    asking: list[ConsumerStarted | PollEmpty | Delivered]
    asking = [*history.of(ConsumerStarted), *history.of(PollEmpty), *history.of(Delivered)]
    for event in asking:
        after_ns = since_ns.get(event.client, event.at_ns)
        if not isinstance(event, ConsumerStarted):
            after_ns = max(after_ns, down_ns)  # until it is down, a broker answers polls
        if _asked_queue(event) is not None and event.at_ns > after_ns:
            anew.setdefault(event.client, event)
    back = [client for client in anew if client not in ends]
    lines: dict[str, Figure] = {
        event.client: event.text
        for event in history.of(OutputLine)
        if event.client in clients and event.text.strip()
    }
    finished = [
        event
        for event in history.of(TaskDone)
        if event.at_ns > since_ns.get(event.client, event.at_ns)
    ]
    deaf = [client for client in clients if client not in ends and client not in back]
    waited = any(event.kind == NOTICED for event in history.of(WaitedInVain))
    codes = sorted({str(way) for way in ways.values()})
    each = [say("{} ended with {}", client, str(ways[client])) for client in ends]
    each += [
        say("{} subscribed anew", client)
        if isinstance(anew[client], ConsumerStarted)
        else say("{} polls on", client)
        for client in back
    ]
    each += [say("{} runs on and consumes no more", client) for client in deaf]
    told = joined(", ", each)
    return decide(
        summary=told,
        figures={
            "exit_code": ", ".join(codes),
            "exits": ways,
            "came_back": list(back),
            "last_lines": lines,
            "finished_after": len(finished),
        },
        findings=[say("neither ended nor subscribed anew: {}", ", ".join(deaf))]
        if deaf and waited
        else [],
        doubts=[say("neither ended nor subscribed anew so far: {}", ", ".join(deaf))]
        if deaf
        else []
        if causes
        else ["nothing happened that they could have noticed"],
        expected="each ends, or subscribes anew",
        seen=told,
        evidence=[*ends.values(), *anew.values()],
        blame="worker",
        hint="a consumer is told that its queue or connection is gone: handle it, or end"
        if deaf
        else "",
    )


def _shaken_since_ns(history: History, clients: list[str]) -> dict[str, int]:
    """Return when first something befell what each of these programs was subscribed to."""
    since_ns: dict[str, int] = {}
    queues: dict[str, set[str]] = {}
    for event in history:
        match event:
            case ConsumerStarted() | PollEmpty() | Delivered() if event.client in clients:
                asked = _asked_queue(event)
                if asked is not None:
                    queues.setdefault(event.client, set()).add(asked)
            case BrokerStopping():
                since_ns = dict.fromkeys(queues, event.at_ns) | since_ns
            case QueueDeleted():
                hit = {client: event.at_ns for client in queues if event.queue in queues[client]}
                since_ns = hit | since_ns
            case ConsumerCancelled(by="broker") if event.client in clients:
                since_ns.setdefault(event.client, event.at_ns)
    return since_ns


def _asked_queue(event: Event) -> str | None:
    """Return the queue that a client has just asked for tasks, by subscribing or by polling."""
    match event:
        case ConsumerStarted() | PollEmpty():
            return event.queue
        case Delivered(consumer_tag=None):
            return event.queue
    return None


@checker
def ended_when_told(history: History, *, queue: str, clients: list[str]) -> Verdict:
    """A worker that is told to end does so once its work in hand can be done.

    A signal that cannot be caught ends it anyway. One that handles a signal may finish what it has
    in hand; one that neither settles a task nor ends, for longer than all that it holds takes,
    keeps these tasks from everybody for as long as it runs; and one that holds nothing any more,
    and stays subscribed, goes on as if nobody had told it.
    """
    book = ledger(history, queue)
    findings, doubts, told = [], [], []
    ends = {event.client: event for event in history.of(ProgramExited)}
    strikes = [event for event in history.of(Struck) if event.client in clients]
    for strike in strikes:
        client = strike.client
        gave_up = [
            event
            for event in history.of(WaitedInVain)
            if event.at_ns > strike.at_ns and f" {client} to end " in event.told
        ]
        if client not in ends:
            doubts.append(say("{} has not ended", client))
            continue
        if not gave_up or strike.signal_name == "SIGKILL":
            told.append(say("{} ended {}", client, _way(ends[client])))
            continue
        until_ns = gave_up[0].at_ns
        sent = [d for d in book.worked if d.client == client and d.sent_at_ns < until_ns]
        own = [d for d in sent if d.fate != "automatic"]
        settled_ns = [e.at_ns for e in book.settled if e.client == client and e.at_ns < until_ns]
        idle_ns = until_ns - max([strike.at_ns, *settled_ns])
        halfway_ns = until_ns - idle_ns // 2
        kept = [d for d in own if not d.ended_before(halfway_ns)]
        idle_s = idle_ns / 1e9
        takes_s = sum(service_s(history, body_of(d.event)) for d in kept)
        waited_s = (until_ns - strike.at_ns) / 1e9
        what = say("{} did not end within {:.1f} s of {}", client, waited_s, strike.signal_name)
        if 0 < takes_s < idle_s / 2:
            findings.append(
                say(
                    "{}: it kept {} ({:.2f} s of work), and settled nothing any more for {:.1f} s",
                    what,
                    plural(len(kept), "task"),
                    takes_s,
                    idle_s,
                )
            )
        elif (
            own == sent != []
            and not kept
            and idle_s > waited_s / 2
            and ends[client].signal_name == "SIGKILL"
            and _is_subscribed(history, book, client, halfway_ns)
        ):
            findings.append(
                say(
                    "{}: it held nothing any more for {:.1f} s, and stayed subscribed", what, idle_s
                )
            )
        else:
            doubts.append(what)
    return decide(
        summary=joined("; ", told),
        figures={"told": len(strikes), "stayed": len(findings)},
        findings=findings,
        doubts=doubts or ([] if strikes else ["nobody was struck"]),
        expected="each ends, or at least goes on settling what it holds",
        seen=joined("; ", [*findings, *doubts, *told]),
        evidence=[*strikes, *(ends[client] for client in clients if client in ends)],
        blame="worker",
        hint="leave the loop in the signal's handler, and hand back what is not done"
        if findings
        else "",
    )


def _is_subscribed(history: History, book: Ledger, client: str, at_ns: int) -> bool:
    own = [c for c in book.consumers if c.client == client and c.at_ns < at_ns]
    return any(end_of(history, consumer, at_ns) >= at_ns for consumer in own)


def _way(end: ProgramExited) -> Phrase:
    if end.signal_name:
        return say("by {}", end.signal_name)
    return say("with exit status {}", str(end.exit_code))
