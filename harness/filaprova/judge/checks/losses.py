"""Losses: is every task that was published accounted for?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from filaprova.judge.balance import Balance, balance, unworked
from filaprova.judge.blame import (
    declaration,
    emptying,
    role_of,
    who_let_go,
    who_limited,
    who_made_it_so,
)
from filaprova.judge.decision import (
    OUTPUT_HINT,
    decide,
    doubts_about,
    doubts_about_arrival,
    doubts_about_output,
    every,
    life_of,
    named,
    plural,
    went_down_hard,
)
from filaprova.judge.ledger import Fate, FinishedBy, Ledger
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Blame, Verdict
from filaprova.phrase import Phrase, as_phrase, joined, joined_names, say, say_for
from filaprova.record.act import Struck
from filaprova.record.event import DRAIN
from filaprova.record.history import History
from filaprova.record.wire import QueueDeleted, QueuePurged


@checker
def nothing_lost(history: History, *, queue: str, finished_by: FinishedBy = "done") -> Verdict:
    """Every task published was finished by a worker or is still in the queue.

    Where workers acknowledge, an acknowledgement finishes a task, unless its worker shows that it
    had not done the work. A task is lost for certain when a worker let it go undone, or when the
    queue was drained without it and nobody has it. Where neither is shown the outcome is UNKNOWN. A
    publish without confirm on a connection that broke is indefinite and never lost, unless it was
    delivered after all.
    """
    book = ledger(history, queue)
    places = balance(history, book, finished_by)
    lost, unclear = _once(places.lost), _once(places.unclear)
    blind = doubts_about(book, one_by_one=False)
    doubts = list(blind)
    if not blind and places.unseen:
        doubts.append(places.why_unseen)
    if unclear and not blind:
        doubts.append(
            say(
                "{} may or may not be lost (neither finished nor found in the queue so far)",
                plural(len(unclear), "task"),
            )
        )
    if places.indefinite and not blind:
        doubts.append(
            say(
                "{} may or may not be lost (published without confirm on a connection that broke)",
                plural(len(places.indefinite), "task"),
            )
        )
    findings: list[str] = []
    if lost and not blind:
        findings.append(say("{} lost: {}", plural(len(places.lost), "task"), named(lost)))
    suspects = lost or unclear or _once(places.unseen)
    return decide(
        summary=say_for(
            len(book.tasks),
            "{} is accounted for: {}",
            "{} are accounted for: {}",
            every(len(book.tasks), "task"),
            _accounted_for(places),
        ),
        figures={
            "published": len(book.tasks),
            "finished": len(places.completed),
            "left": len(places.left),
            "held": len(places.held),
            "dead_lettered": len(places.dead_lettered),
            "lost": len(places.lost),
            "lost_tasks": list(lost),
            "indefinite": len(book.indefinite),
        },
        findings=findings,
        doubts=doubts,
        expected=joined(
            " + ",
            [
                say("published = finished + left in the queue"),
                *([say("held")] if places.held else []),
                *([say("dead-lettered")] if places.dead_lettered else []),
            ],
        ),
        seen=say("{} published, {}", len(book.tasks), _accounted_for(places)),
        evidence=[*life_of(book, suspects), *_emptying(history, book, lost)],
        blame=_to_blame(history, book, lost, missing=set(places.missing)),
        hint=_hint(history, book, places),
    )


def _once(tasks: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(tasks))


def _accounted_for(places: Balance) -> Phrase:
    """Return the places of the tasks as "20 finished, 0 left in the queue"."""
    told = [
        say("{} finished", len(places.completed)),
        say("{} left in the queue", len(places.left)),
    ]
    if places.held:
        told.append(say("{} still held by a consumer", len(places.held)))
    if places.dead_lettered:
        told.append(say("{} dead-lettered", len(places.dead_lettered)))
    return joined(", ", told)


@checker
def lost_exactly_pushed_minus_done(history: History, *, queue: str, killed: list[str]) -> Verdict:
    """What is lost is exactly what was pushed to the killed and not done by them.

    RabbitMQ documentation, "Consumer Acknowledgement Modes": with automatic acknowledgement a
    message counts as delivered as soon as it is written to the socket. What is published while a
    worker dies may be handed to its connection and never reach the wire, so it makes a doubt.
    """
    book = ledger(history, queue)
    pushed = [delivery.task for delivery in book.delivered_to(killed)]
    done = set(book.done_by(killed))
    begun = {event.task for event in book.received if event.client in killed}
    finished = set(book.finishers())
    kept = {d.task for d in book.deliveries if d.client == DRAIN or d.fate == "held"}
    expected = {task for task in pushed if task not in done}
    lost = [task for task in book.tasks if task not in finished and task not in kept]
    doubts = doubts_about(book) or doubts_about_output(book) or doubts_about_arrival(book)
    asked = [d.client for d in book.delivered_to(killed) if not d.event.no_ack]
    if not doubts and asked:
        doubts = [
            say("{} acknowledges itself, so the broker forgets nothing by sending it", asked[0])
        ]
    if not doubts and not book.drained_whole:
        doubts = ["the queue was not drained, so what is missing may still be in it"]
    unexpected = [task for task in lost if task not in expected]
    if not doubts and not expected and not unexpected:
        doubts = [say("{} had nothing unfinished: the fault had no effect", joined_names(killed))]
    spared = sorted(expected - set(lost))
    findings: list[str] = []
    dying_ns = [event.at_ns for event in history.of(Struck) if event.client in killed]
    meanwhile = {e.task for e in book.published if dying_ns and e.at_ns >= min(dying_ns)}
    if unexpected and not doubts and meanwhile.issuperset(unexpected):
        doubts = [
            say("published while a worker was dying, and never seen again: {}", named(unexpected))
        ]
    if unexpected:
        findings.append(say("lost although never pushed to the killed: {}", named(unexpected)))
    if spared:
        findings.append(
            say("pushed to the killed and not done by them, but not lost: {}", named(spared))
        )
    return decide(
        summary=say_for(
            len(killed),
            "of {} pushed to {} it had done {}; {} lost, and nothing else",
            "of {} pushed to {} they had done {}; {} lost, and nothing else",
            plural(len(pushed), "task"),
            joined_names(killed),
            len(done),
            say_for(len(expected), "the other {} is", "the other {} are", len(expected)),
        ),
        figures={
            "published": len(book.tasks),
            "pushed": len(pushed),
            "done_by_killed": len(done),
            "lost": len(lost),
            "lost_begun": len([task for task in lost if task in begun]),
            "lost_unbegun": len([task for task in lost if task not in begun]),
            "lost_tasks": list(lost),
        },
        findings=findings,
        blind=doubts,
        expected=say("lost = pushed - done = {} - {} = {}", len(pushed), len(done), len(expected)),
        seen=say("{} lost", plural(len(lost), "task")),
        evidence=[
            *life_of(book, unexpected or spared or lost),
            *_emptying(history, book, unexpected),
        ],
        blame=_to_blame(history, book, unexpected, missing=set()),
    )


def _to_blame(
    history: History, book: Ledger, lost: Sequence[str], *, missing: Collection[str]
) -> Blame | None:
    """Return who let the first of the lost tasks go; of what is ``missing`` no worker had it."""
    if not lost:
        return None
    task = lost[0]
    if task in unworked(history, book):
        return "worker"
    fate = book.last_fates().get(task)
    if task not in missing and fate in ("acked", "discarded", "automatic"):
        return "worker"  # it told the broker to forget the task, or never to remember it
    who = who_let_go(history, book, task)
    if who is None and who_limited(history, book, task)[1]:
        return None  # it was no doing of theirs
    return (
        who
        or (_not_kept(history, book, task) if book.starts else None)
        or ("broker" if _was_to_keep(history, book, task, fate) else None)
    )


def _emptying(
    history: History, book: Ledger, lost: Sequence[str]
) -> list[QueuePurged | QueueDeleted]:
    """Return what purged or deleted the queue with the first lost task in it, if anything did."""
    return [event for task in lost[:1] if (event := emptying(history, book, task))]


def _hint(history: History, book: Ledger, places: Balance) -> str:
    """Return where to look for the first task that is missing."""
    missing = [*places.lost, *places.unclear]
    if not missing:
        was_cut = any(account.was_cut for account in book.accounts.values())
        return OUTPUT_HINT if places.unseen and not was_cut else ""
    if missing[0] in places.unworked:
        return say("{} acknowledged it without having done it", places.unworked[missing[0]])
    if missing[0] in places.let_go:
        return "it was rejected for good, and no dead letter queue takes it up"
    for event in _emptying(history, book, missing):
        if isinstance(event, QueueDeleted):
            return say("{} deleted the queue with the first of them in it", event.client)
        return say("{} purged the queue with the first of them in it", event.client)
    how = who_limited(history, book, missing[0])[1]
    return (
        say("{}: did the broker let it go because of that?", as_phrase(how))
        if how
        else "follow the first task above: who had it last, and who let it go?"
    )


def _not_kept(history: History, book: Ledger, task: str) -> Blame | None:
    """Return who did not ask the broker to keep a task over a restart; None if all did."""
    published = [event for event in book.published if event.task == task][-1]
    if not published.persistent:
        return "worker" if role_of(history, published.client) == "worker" else "publisher"
    declared = who_made_it_so(history, book.queue, durable=True)
    return None if declared == "broker" else declared


def _was_to_keep(history: History, book: Ledger, task: str, fate: Fate | None) -> bool:
    """Tell whether the broker had taken charge of a task and should have it.

    It had where it confirmed the task, or has to send it again; another copy's end says nothing.
    """
    if task in book.confirmed and task not in book.repeated:
        return True
    if not book.starts:
        return fate in ("returned", "requeued")
    # A graceful stop keeps all that it has read, a hard end what it has confirmed.
    is_declared = declaration(history, book.queue) is not None
    return is_declared and not any(went_down_hard(book, stop) for stop in book.stops)
