"""Witnesses: do the wire, the output and the broker's own counts agree?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from filaprova.judge.completion import Account, body_of, done_lines, service_s
from filaprova.judge.decision import decide, life_of, named, plural
from filaprova.judge.ledger import Delivery, Ledger
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Verdict
from filaprova.phrase import joined, joined_names, say
from filaprova.record.act import Struck
from filaprova.record.history import History
from filaprova.record.program import OutputLine, ProgramExited, TaskDone, TaskReceived
from filaprova.record.wire import Delivered


@checker
def witnesses_agree(history: History, *, queue: str) -> Verdict:
    """No worker claims what the wire, or its own work, shows to be false.

    A worker need not print anything, and may word it as it likes: lines that name no task are no
    claim. False is a task that it names and was never sent, one that it says is done more often
    than it was sent it, another one than it has in hand, and one that is said to be done before its
    work was.
    """
    book = ledger(history, queue)
    clients = list(dict.fromkeys(delivery.client for delivery in book.worked))
    findings: list[str] = []
    suspects: list[str] = []
    for client in dict.fromkeys([*clients, *book.accounts]):
        for finding, task in _false_claims(history, book.accounts[client]):
            findings.append(finding)
            suspects.append(task)
    telling = [
        client
        for client in clients
        if ((account := book.accounts[client]).received or account.done) and not account.by_works
    ]
    doubts = []
    if not clients and not findings:
        doubts.append("no worker was sent anything, so there is only one witness")
    if not book.published:
        doubts.append(say("nothing was published to {}, so there is nothing to judge", queue))
    silent = [c for c in clients if c not in telling]
    skipped = _skipped(book)
    return decide(
        summary=say(
            "the wire and the output of {} tell the same story", plural(len(telling), "worker")
        )
        if telling
        else say("{} printed no line that names a task, and nobody has to", joined_names(silent)),
        figures={
            "delivered": len(book.worked),
            "received": len(book.received),
            "done": len(book.done),
        },
        findings=findings,
        blind=doubts,
        doubts=[
            say(
                "{} acknowledged {} of which it never said a word, as it does of others: {}",
                skipped[0].client,
                plural(len(skipped), "task"),
                named([d.task for d in skipped]),
            )
        ]
        if skipped
        else [],
        expected="no worker prints what is not so",
        seen=joined("; ", findings) or ("the same" if telling else "nothing about tasks"),
        evidence=life_of(book, suspects),
        blame="worker",
        hint="does the worker print the body as it came?" if suspects else "",
    )


def _skipped(book: Ledger) -> list[Delivery]:
    """Return what a worker acknowledged in silence, though it says of most tasks that it has them.

    It may have passed over them; it may as well tell of some tasks only, so this is a doubt. What
    came again, or has the body of another task, it may know.
    """
    for client, account in book.accounts.items():
        if not account.tells_receipts or account.by_works:
            continue
        told = {id(delivery) for _, delivery in account.received if delivery is not None}
        bodies = Counter(body_of(event) for event in account.sent)
        silent = [
            d
            for d in book.worked
            if d.client == client
            and d.fate == "acked"
            and id(d.event) not in told
            and not d.event.redelivered
            and bodies[body_of(d.event)] == 1
        ]
        if silent and len(silent) < len(told):
            return silent
    return []


def _false_claims(history: History, account: Account) -> Iterator[tuple[str, str]]:
    """Yield what a program printed that is not so, with the task that it is about."""
    client = account.client
    for event, delivery in _lines(account):
        if delivery is None:
            told = (
                "{} printed {} as received, which it was never sent"
                if isinstance(event, TaskReceived)
                else "{} printed {} as done, which it was never sent"
            )
            yield say(told, client, repr(event.task)), str(event.task)
            return
    sent = Counter(body_of(event) for event in account.sent)
    finished = [(done, delivery) for done, delivery in account.done if delivery]
    for done, delivery in finished:
        body = body_of(delivery)
        if done_lines(account)[str(done.task)] > sent[body] and len(account.works) <= len(
            account.sent
        ):
            told = "{} printed {} as done more often than it was sent it"
            yield say(told, client, repr(done.task)), body
            return
    yield from _names_another(account)
    ended = {event.client for event in history.of(Struck)}
    ended |= {event.client for event in history.of(ProgramExited)}
    if client in ended and account.works_by_dots:
        usual = _in_its_usual_words(history, client)
        # What it was sent before, or has done before with another body, need not be done again.
        fresh = {
            body_of(delivery): delivery
            for done, delivery in finished
            if (done.named or done.at_ns in usual)
            and not delivery.redelivered
            and service_s(history, body_of(delivery))
        }
        if len(fresh) > account.works_ended:
            task = list(fresh)[-1]
            yield (
                say(
                    "{} printed {} as done, and had worked for {}: {} was not done",
                    client,
                    plural(len(fresh), "task"),
                    account.works_ended,
                    repr(task),
                ),
                task,
            )


def _in_its_usual_words(history: History, client: str) -> set[int]:
    """Return when a program said "done" in the very words that it said so before, or after.

    A farewell may have that word in it as well, and is no claim.
    """
    words: dict[str, list[int]] = {}
    text = ""
    for event in history:
        if isinstance(event, OutputLine) and event.client == client:
            text = event.text
        elif isinstance(event, TaskDone) and event.client == client:
            words.setdefault(text, []).append(event.at_ns)
    return {at_ns for said in words.values() if len(said) > 1 for at_ns in said}


def _lines(account: Account) -> list[tuple[TaskReceived | TaskDone, Delivered | None]]:
    return [*account.received, *account.done]


def _names_another(account: Account) -> Iterator[tuple[str, str]]:
    """Yield a task that was said to be done while another one was the only one in hand."""
    lines = sorted(_lines(account), key=lambda line: line[0].at_ns)
    turns = list(pairwise(lines))[::2]
    one_by_one = all(
        isinstance(first, TaskReceived) and isinstance(second, TaskDone)
        for (first, _), (second, _) in turns
    )
    for (received, begun), (done, finished) in turns if one_by_one else ():
        if begun and finished and body_of(begun) != body_of(finished) and begun.task != done.task:
            yield (
                say(
                    "{} printed {} as done while it had {} in hand",
                    account.client,
                    repr(done.task),
                    repr(received.task),
                ),
                begun.task,
            )
            return


@checker
def counts_agree(history: History, *, queue: str) -> Verdict:
    """The broker's own counts of the queue are what the wire predicts.

    What was acknowledged in the last instant before its connection broke may be ready again; what
    was published without confirm on a connection that broke may never have arrived.

    The wire alone predicts nothing once the broker has gone down or the queue was deleted, nor
    where rejected tasks come again by way of a dead letter queue.
    """
    book = ledger(history, queue)
    listed = [c for c in book.counts if c.counted.exists]
    upheavals = [event.at_ns for event in (*book.stops, *book.deleted)]
    compared = [c for c in listed if not upheavals or c.counted.at_ns < min(upheavals)]
    findings = []
    for comparison in compared:
        counted = comparison.counted
        least = comparison.ready_count - comparison.indefinite_count
        most = comparison.ready_count + comparison.unheard_count
        told = [say("{} ready", counted.ready_count)]
        predicted = [
            say("{} ready", least) if least == most else say("{} to {} ready", least, most)
        ]
        if counted.unacked_count is not None:
            told.append(say("{} unacked", counted.unacked_count))
            predicted.append(say("{} unacked", comparison.unacked_count))
        if (
            book.went_round
            and counted.unacked_count is not None
            and counted.ready_count + counted.unacked_count == least + comparison.unacked_count
        ):
            continue  # on their way between the queue and a worker that puts them back
        if not least <= counted.ready_count <= most or told[1:] != predicted[1:]:
            findings.append(
                say(
                    "the broker counts {}; the wire predicts {}",
                    joined(", ", told),
                    joined(", ", predicted),
                )
            )
    doubts = [] if listed else ["the queue was not listed while it was there"]
    unread = [
        say("the broker blocked the connection of {}: {}", client, reason)
        for client, reason in book.blocked.items()
    ]
    resent = [
        task
        for task, deliveries in book.deliveries_by_task.items()
        if any(delivery.fate == "discarded" for delivery in deliveries[:-1])
    ]
    if resent:
        doubts = [say("rejected for good, and sent again all the same: {}", named(resent))]
    if len(compared) < len(listed):
        doubts = ["the wire cannot tell what a restart or a deletion left in the queue"]
    last = compared[-1].counted if compared else None
    return decide(
        summary=say("{} of the broker as the wire predicts", plural(len(compared), "count")),
        figures={
            "counts": len(compared),
            "ready": last.ready_count if last else None,
            "unacked": last.unacked_count if last else None,
        },
        findings=[] if resent else findings,
        blind=unread,
        doubts=doubts,
        expected="ready and unacked as predicted from publishes, deliveries and settlements",
        seen=joined("; ", findings) or ("the same" if compared else "no count to compare"),
        evidence=[comparison.counted for comparison in compared],
        hint="does somebody else publish to or consume from this queue?" if findings else "",
    )
