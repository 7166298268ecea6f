"""Orders: how many tasks a publisher was asked for, and whether it went through with them.

Nobody has to heed the number: one may always send five, or a thousand. But who says that it sent so
many has to have sent them; who sends the same number twice has miscounted; and who has sent fewer
and then does nothing, and does not end, waits for something that never comes.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise

from filaprova.judge.completion import accounts, body_of, form, service_s
from filaprova.phrase import say
from filaprova.record.act import PROGRAM_ENDED, BrokerStopping, WaitedInVain
from filaprova.record.history import History
from filaprova.record.program import (
    OutputLine,
    ProgramExited,
    ProgramStarted,
    TaskSent,
    WorkBegan,
    WorkEnded,
)
from filaprova.record.wire import (
    ChannelClosed,
    Confirmed,
    ConnectionBlocked,
    ConnectionClosed,
    Published,
    PublishRefused,
    Returned,
    Settled,
    SocketClosed,
    TransactionSelected,
    WireEvent,
)

NUMBER = re.compile(r"(?<![\w.:/-])\d{1,6}(?![\w.:/-])")
"""A number that stands by itself, and is no part of a time."""
COUNTED_LEAST = 8
"""From so many numbers in a row on they are taken for a count."""
SENT = r"(?:sent|published|enviad[oa]s?|publicad[oa]s?|enviei|enviou|publiquei|publicou)"
TASKS = r"(?:tasks?|messages?|jobs?|tarefas?|mensagens|mensagem)"
NO_COUNT_AFTER = ("of", "de", "task", "message", "job", "tarefa", "mensagem")
"""After these a number is a share of another ("3 of 5"), or a task's own ("task 5")."""
COUNT = r"(?<![\w.:/#-])" + "".join(rf"(?<!\b{word}\s)" for word in NO_COUNT_AFTER)
"""What a number stands after that counts something."""


def asked_of(history: History) -> dict[str, int]:
    """Return how many tasks each publisher was asked for, by its last argument."""
    return {
        event.client: int(event.command[-1])
        for event in history.of(ProgramStarted)
        if event.role == "producer" and event.command and event.command[-1].isdecimal()
    }


def sent_fewer_than_it_says(history: History, client: str, published: Counter[str]) -> str:
    """Return the line in which a program says that it sent all, though it sent fewer; else "".

    Who published the very number as a body means that.
    """
    asked = asked_of(history).get(client, 0)
    ends = [event for event in history.of(ProgramExited) if event.client == client]
    if published.total() >= asked or not ends or ends[0].exit_code != 0:
        return ""
    if any(str(asked) in body.split() for body in published):
        return ""
    said = re.compile(
        rf"{COUNT}{asked}(?:\s+{TASKS})?\s+(?:(?:were|foram|have\s+been)\s+)?{SENT}\b"
        rf"|\b{SENT}\s+(?:all\s+|tod[oa]s?\s+(?:[oa]s\s+)?)?{asked}\s*(?:{TASKS}\b|[.!]*$)",
        re.IGNORECASE,
    )
    texts = [event.text for event in history.of(OutputLine) if event.client == client]
    alike = Counter(NUMBER.sub("0", text) for text in set(texts))
    each = re.compile(rf"\b{SENT}\s+{asked}\s*[.!]*$", re.IGNORECASE)
    lines = [
        text
        for text in texts
        if said.search(text) and not (each.search(text) and alike[NUMBER.sub("0", text)] > 1)
    ]
    return lines[-1].strip() if lines else ""


def counted_twice(history: History, client: str) -> list[str]:
    """Return the tasks that a program sent more than once, although it counts them by one.

    The same body, or the same number with another time or other dots right after it. Whoever had
    reason to send something again is let be, and so is who sends everything equally often, unless
    that is oftener than it was asked for and was done as often.
    """
    if _had_reason_to_repeat(history, client):
        return []
    confirmed_ns: dict[tuple[int, int, int | None], int] = {
        (event.connection, event.channel, event.publish_tag): event.at_ns
        for event in history.of(Confirmed)
    }
    by_way: defaultdict[tuple[str, str], list[Published]] = defaultdict(list)
    for event in history.of(Published):
        if event.client == client:
            by_way[event.exchange, event.routing_key].append(event)
    again: list[str] = []
    for events in by_way.values():
        firsts: dict[str, Published] = {}
        repeated = []
        for event in events:
            body = body_of(event)
            first = firsts.setdefault(body, event)
            tag = first.publish_tag
            way = (first.connection, first.channel, tag)
            is_known = tag is None or confirmed_ns.get(way, event.at_ns) < event.at_ns
            if first is not event and is_known:
                repeated.append(body)
        same = _same_numbers(list(firsts))
        if same is not None:
            again += same
            counts = Counter(body_of(event) for event in events)
            is_even = len(set(counts.values())) == 1
            are_all = len(counts) == asked_of(history).get(client)
            if not is_even or (are_all and _done_as_often(history, counts)):
                again += repeated
    return list(dict.fromkeys(again))


def _done_as_often(history: History, counts: Counter[str]) -> bool:
    """Tell whether workers did each of these as often as it was published."""
    done = Counter(
        event.task for account in accounts(history).values() for event, _ in account.done
    )
    return all(done[body] >= count for body, count in counts.items())


def _same_numbers(bodies: list[str]) -> list[str] | None:
    """Return those of these bodies that have the number of the one before; None: nobody counts.

    Somebody counts where one number of each body grows by one, but for a few times.
    """
    numbers = [_numbers(body) for body in bodies]
    for place in range(min(map(len, numbers))):
        steps = Counter(after[place] - before[place] for before, after in pairwise(numbers))
        if not steps.keys() - {0, 1} and steps[1] >= max(COUNTED_LEAST, steps[0] * 4):
            return [
                after
                for before, after in pairwise(bodies)
                if _numbers(before) == _numbers(after) and _alike(before, after)
            ]
    return None


def _numbers(body: str) -> list[int]:
    return [int(number) for number in NUMBER.findall(body)]


def one_name_for_many(history: History, client: str) -> list[str]:
    """Return the bodies that a program published under one ``message_id``, where that did harm.

    It did where a worker acknowledged more of them than it slept for, though its sleeps are its
    work and each of them takes time. The identifier stands for one message (AMQP 0-9-1, "basic"
    properties, message-id).
    """
    bodies: defaultdict[str, list[str]] = defaultdict(list)
    for event in history.of(Published):
        if event.client == client and body_of(event) not in bodies[event.task]:
            bodies[event.task].append(body_of(event))
    shared = {
        task: named
        for task, named in bodies.items()
        if len(named) > 1 and all(service_s(history, body) for body in named)
    }
    acked = Counter(e.client for e in history.of(Settled) if e.how == "ack" and e.task in shared)
    is_skipped = any(
        account.works_by_dots and account.works_ended < acked[worker]
        for worker, account in accounts(history).items()
    )
    return [body for named in shared.values() for body in named] if is_skipped else []


def packed(history: History, client: str) -> list[str]:
    """Return the messages into which a program packed tasks that it printed as sent one by one.

    That is wrong where whoever works on them takes each message for one task: it says that it is
    done with the message, or sleeps once for it.
    """
    said = [event.task for event in history.of(TaskSent) if event.client == client]
    bodies = [body_of(event) for event in history.of(Published) if event.client == client]
    if not bodies or len(said) <= len(bodies):
        return []
    place = 0
    for task in said:
        while place < len(bodies) and (task not in bodies[place] or task == bodies[place]):
            place += 1
        if place == len(bodies):
            return []
    done: Counter[str] = Counter()
    for worker, account in accounts(history).items():
        whole = [body_of(about) for _, about in account.done if about is not None]
        sleeps = [event for event in history.of(WorkBegan) if event.client == worker]
        if len(sleeps) <= len(whole):
            done.update(whole)
    return bodies if done == Counter(bodies) else []


def _alike(one: str, other: str) -> bool:
    """Tell whether two bodies differ in digits and dots only."""
    return form(one).rstrip(". ") == form(other).rstrip(". ")


def _had_reason_to_repeat(history: History, client: str) -> bool:
    """Tell whether something happened to a program after which one may send a task again."""
    reasons: list[WireEvent] = []
    for kind in (Returned, PublishRefused, TransactionSelected, ConnectionBlocked):
        reasons += history.of(kind)
    closings: list[ChannelClosed | ConnectionClosed | SocketClosed]
    closings = [
        *history.of(ChannelClosed),
        *history.of(ConnectionClosed),
        *history.of(SocketClosed),
    ]
    reasons += [event for event in closings if event.by != "client"]
    return any(event.client == client for event in reasons)


def stuck(history: History, client: str, sent_count: int) -> str:
    """Return how a program that sent fewer tasks than it was asked for waits for nothing; else "".

    It had to be ended, and had done nothing at all for the better half of its time: no sleep, no
    line, no command. That a broker is down or blocks is no fault of its own.
    """
    asked = asked_of(history).get(client, 0)
    vain = [event for event in history.of(WaitedInVain) if event.kind == PROGRAM_ENDED]
    if sent_count >= asked or _had_reason_to_repeat(history, client) or history.of(BrokerStopping):
        return ""
    started = [e.at_ns for e in history.of(ProgramStarted) if e.client == client]
    waits = [event.at_ns for event in vain if event.told.startswith(f"{client} ")]
    if not waits or not started:
        return ""
    own = [e for e in history if getattr(e, "client", None) == client and e.at_ns < waits[0]]
    sleeps = [event for event in own if isinstance(event, WorkBegan | WorkEnded)]
    is_asleep = bool(sleeps) and isinstance(sleeps[-1], WorkBegan)
    quiet_ns = waits[0] - own[-1].at_ns
    if is_asleep or quiet_ns * 2 < waits[0] - started[0]:
        return ""
    return say(
        "{} sent {} of the {} tasks that it was asked for, and then did nothing for {:.1f} s and "
        "did not end",
        client,
        sent_count,
        asked,
        quiet_ns / 1e9,
    )
