"""Sent as said: does each publisher print what it sends?"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from filaprova.judge.completion import body_of, form
from filaprova.judge.decision import about, decide, named, plural
from filaprova.judge.orders import packed, sent_fewer_than_it_says
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Verdict
from filaprova.phrase import Phrase, joined, say
from filaprova.record.history import History
from filaprova.record.program import OutputDropped, ProgramExited, ProgramStarted, TaskSent
from filaprova.record.wire import ConnectionClosed, Published, SocketClosed

LETTERS = re.compile(r"[^\W\d_]{3}")


@checker
def sent_as_said(history: History, *, queue: str, asked: int | None = None) -> Verdict:
    """What each publisher printed as sent is what the wire shows that it published.

    Nobody has to print that. Whoever names none of the bodies that it published is not compared,
    unless all that it names have their very form, with other digits, or word for word the same but
    for some: then it names others. What it leaves unnamed is no fault: it may print its progress
    only. Who says that it sent as many as it was asked for has to have sent them. Where publishers
    heed how many tasks they are ``asked`` for, exactly so many must have been sent.
    """
    book = ledger(history, queue)
    clients = list(dict.fromkeys(event.client for event in book.published))
    taken_back = {id(event) for event in book.undone}
    published = _bodies_by_client(e for e in history.of(Published) if id(e) not in taken_back)
    here = _bodies_by_client(book.published)
    said: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in history.of(TaskSent):
        said[line.client][line.task] += 1
    naming = [client for client in clients if said[client] & published[client]]
    findings: list[str] = []
    suspects = []
    for client in naming:
        unsent = list((said[client] - published[client]).elements())
        again = [t for t, count in said[client].items() if here[client][t] > count]
        suspects += [*unsent, *again]
        if unsent:
            findings.append(_unsent(client, unsent))
        if again:
            findings.append(say("{} sent more often than it printed: {}", client, named(again)))
    for client in clients:
        if client not in naming and _names_others(said[client], published[client]):
            others = list(said[client])
            suspects += others
            findings.append(_unsent(client, others))
    for client in clients:
        if claim := sent_fewer_than_it_says(history, client, published[client]):
            count = published[client].total()
            findings.append(say("{} printed {}, and sent {}", client, repr(claim), count))
        if messages := packed(history, client):
            suspects += messages
            findings.append(
                say(
                    "{} printed {} as sent and packed them into {}, each of which was done as one "
                    "task",
                    client,
                    plural(said[client].total(), "task"),
                    plural(len(messages), "message"),
                )
            )
    sent = plural(len(book.published), "task")
    if asked is not None and asked != len(book.published):
        findings.append(say("asked for {}, and {} sent", asked, sent))
    doubts = [
        say("{} printed too much: {} lines were not kept", event.client, event.line_count)
        for event in history.of(OutputDropped)[:1]
    ]
    if not book.published:
        doubts.append(say("nothing was published to {}, so there is nothing to judge", queue))
    if findings:
        doubts += _may_not_be_all(history, clients)
    said_count = sum(
        count
        for client in naming
        for task, count in said[client].items()
        if here[client][task] or not published[client][task]  # else it is another queue's
    )
    return decide(
        summary=say(
            "{} of {} printed as sent by whoever published them, and each of them was",
            said_count,
            sent,
        )
        if naming
        else say(
            "{} published; nobody printed which of them it sent, and nobody has to",
            sent,
        ),
        figures={"published": len(book.published), "said": said_count},
        findings=findings,
        blind=doubts,
        expected="each publisher sends what it prints as sent"
        if asked is None
        else say("each publisher sends what it prints as sent, {} in all", plural(asked, "task")),
        seen=joined("; ", findings)
        or say("{} published, {} printed as sent", len(book.published), said_count),
        evidence=[*about(history.of(TaskSent), suspects), *about(book.published, suspects)],
        blame="publisher",
    )


def _unsent(client: str, tasks: list[str]) -> Phrase:
    return say("{} printed as sent, and did not send: {}", client, named(tasks))


def _bodies_by_client(events: Iterable[Published]) -> defaultdict[str, Counter[str]]:
    bodies: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for event in events:
        bodies[event.client][body_of(event)] += 1
    return bodies


def _names_others(said: Counter[str], published: Counter[str]) -> bool:
    """Tell whether a program that names as many tasks as it published names others than these."""
    if not said or said.total() != published.total():
        return False
    if _forms(said) == _forms(published):
        return True
    pairs = list(zip(said.elements(), published.elements(), strict=True))
    return all(_worded_otherwise(text, body) or _lost_letters(text, body) for text, body in pairs)


def _forms(bodies: Counter[str]) -> Counter[str]:
    """Return how many bodies there are of each form."""
    return Counter(form(body) for body in bodies.elements())


def _lost_letters(text: str, body: str) -> bool:
    """Tell whether a body is its text without the letters that ASCII does not have."""
    return not text.isascii() and body in (
        text.encode("ascii", how).decode() for how in ("ignore", "replace")
    )


def _worded_otherwise(text: str, body: str) -> bool:
    """Tell whether two texts have as many words, some the same and some of other letters."""
    words = list(zip(text.split(), body.split(), strict=False))
    if len(text.split()) != len(body.split()) or "…" in text or "..." in text:
        return False
    same = [one for one, other in words if one == other and one.isalpha()]
    other = [
        one for one, two in words if one != two and LETTERS.search(one) and LETTERS.search(two)
    ]
    return bool(same and other)


def _may_not_be_all(history: History, clients: list[str]) -> list[Phrase]:
    """Return why more of what these publishers sent may still come, or may have been lost."""
    running = {event.client for event in history.of(ProgramStarted)}
    running -= {event.client for event in history.of(ProgramExited)}
    bade_farewell = {e.connection for e in history.of(ConnectionClosed) if e.by == "client"}
    broken = {
        event.client
        for event in history.of(SocketClosed)
        if event.by != "client" and event.connection not in bade_farewell
    }
    doubts = [say("{} has not ended", client) for client in clients if client in running]
    doubts += [say("the connection of {} broke", client) for client in clients if client in broken]
    return doubts
