"""Durability: what is still there after the broker was stopped or killed and started again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from filaprova.judge.blame import (
    declaration,
    role_of,
    who_let_go,
    who_limited,
    who_made_it_so,
)
from filaprova.judge.decision import (
    counts_text,
    decide,
    doubts_about,
    doubts_about_arrival,
    every,
    forgettable,
    life_of,
    named,
    plural,
    went_down_hard,
)
from filaprova.judge.ledger import Delivery, Ledger
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Blame, Verdict
from filaprova.phrase import Phrase, joined, phrase_of, say, say_for
from filaprova.record.act import (
    BrokerStarted,
    BrokerStopped,
    BrokerStopping,
    QueueCounted,
)
from filaprova.record.event import DRAIN
from filaprova.record.history import History
from filaprova.record.program import ProgramExited, TaskDone, TaskReceived, WorkBegan, WorkEnded
from filaprova.record.wire import ConsumerStarted, Delivered, QueueDeclared, Settled, SocketClosed


@checker
def broker_was_stopped(history: History, *, how: str, mid_task: bool = True) -> Verdict:
    """The broker was stopped ("stop") or killed ("kill"), while workers were in mid-task if any.

    Unless ``mid_task`` is False: then it does not matter what they were at.
    """
    stopping = [event for event in history.of(BrokerStopping) if event.how == how]
    stopped = [event for event in history.of(BrokerStopped) if event.how == how]
    started = [
        event for event in history.of(BrokerStarted) if stopped and event.at_ns > stopped[-1].at_ns
    ]
    at_work = _at_work(history, stopping[-1].at_ns) if stopping else set()
    went_down = say("killed") if how == "kill" else say("stopped")
    doubts: list[str] = []
    if not stopping or not stopped or stopped[-1].at_ns < stopping[-1].at_ns:
        doubts.append(say("the broker was not {}", went_down))
    elif not started:
        doubts.append("the broker was not started again")
    elif mid_task and not at_work and _consumers_at(history, stopping[-1].at_ns):
        doubts.append("no worker was in the middle of a task when it happened")
    detail = stopped[-1].detail if stopped else ""
    return decide(
        summary=say(
            "the broker was {} while {} held an unfinished task",
            went_down,
            plural(len(at_work), "worker"),
        )
        if mid_task
        else say("the broker was {}", went_down),
        figures={"mid_task": len(at_work), "detail": detail},
        doubts=doubts,
        expected=say("{} and started again, in the middle of work", went_down)
        if mid_task
        else say("{} and started again", went_down),
        seen=say(
            "{} {}, {} in mid-task",
            went_down,
            plural(len(stopped), "time"),
            plural(len(at_work), "worker"),
        ),
        evidence=[*stopping, *stopped, *started],
        blame="harness",
    )


@checker
def graceful_stop_was_clean(history: History) -> Verdict:
    """Every graceful stop was one: the server itself ended with exit status 0."""
    stops = [event for event in history.of(BrokerStopped) if event.how == "stop"]
    unclean = [event for event in stops if not event.clean]
    doubts = [
        say("the stop was not graceful: {}", phrase_of(event.detail, event.worded))
        for event in unclean
    ]
    return decide(
        summary="the broker ended gracefully",
        figures={"stops": len(stops)},
        doubts=doubts or ([] if stops else ["the broker was not stopped gracefully"]),
        expected="exit status 0 of the server",
        seen=joined("; ", [phrase_of(event.detail, event.worded) for event in stops]) or "no stop",
        evidence=stops,
        blame="environment",
    )


@checker
def queue_gone_after_restart(history: History, *, queue: str) -> Verdict:
    """A queue that was there before the broker went down is not there afterwards."""
    book = ledger(history, queue)
    before, after, doubts = _before_and_after(history, book)
    findings: list[str] = []
    if after is not None and after.exists:
        ready = plural(after.ready_count, "ready task")
        findings.append(say("the queue is still there, with {}", ready))
    tasks_before = _task_count(before)
    return decide(
        summary=say("the queue is gone, and {} with it", plural(tasks_before, "task")),
        figures={
            "tasks_before": tasks_before,
            "ready_before": before.ready_count if before else 0,
            "unacked_before": before.unacked_count if before else None,
        },
        findings=findings,
        blind=doubts,
        expected="no such queue",
        seen=counts_text(after),
        evidence=[event for event in (before, after) if event],
        blame=who_made_it_so(history, queue, durable=False) if findings and not doubts else None,
    )


@checker
def queue_survived_restart(history: History, *, queue: str) -> Verdict:
    """A queue that was there before the broker went down is there afterwards.

    One that was declared just before a hard end may be lost by right, so nobody is blamed then.
    """
    book = ledger(history, queue)
    before, after, doubts = _before_and_after(history, book)
    gone = not doubts and after is not None and not after.exists
    culprit = _who_let_any_go(history, book) if gone else None
    hard = bool(book.stops) and went_down_hard(book, book.stops[-1])
    return decide(
        summary="the queue is back",
        figures={
            "tasks_before": _task_count(before),
            "ready_after": after.ready_count if after else 0,
        },
        findings=["the queue is gone"] if gone else [],
        doubts=doubts,
        expected="the same queue",
        seen=counts_text(after),
        evidence=[event for event in (before, after) if event],
        blame=None if culprit == "broker" and hard else culprit,
    )


@checker
def tasks_survived_restart(history: History, *, queue: str) -> Verdict:
    """Every persistent task that was not acknowledged is ready again after the broker's restart.

    Acknowledgements that the broker may not have read or kept may or may not count, so their tasks
    may be back as well. What was rejected for good or needed no acknowledgement is not expected
    back either. What a killed broker has not confirmed it need not have.
    """
    book = ledger(history, queue)
    _, after, doubts = _before_and_after(history, book)
    stop_ns = book.stops[-1].at_ns if book.stops else 0
    let_go = [
        d
        for d in book.worked
        if d.fate in ("acked", "discarded", "automatic")
        and not d.unheard
        and d.sent_at_ns <= stop_ns
    ]
    late = {d.task for stop in book.stops for d in forgettable(book, stop, let_go)}
    late |= book.perhaps_unheard & {delivery.task for delivery in let_go}
    early = {delivery.task for delivery in let_go} - late
    most = len(book.tasks) - len(early)
    least = most - len(late)
    taken = _taken_since_start(book, after)
    back = taken + after.ready_count + (after.unacked_count or 0) if after else 0
    doubts = doubts or doubts_about(book) or doubts_about_arrival(book)
    if not doubts and not all(event.persistent for event in book.published):
        doubts = ["not all tasks were published as persistent"]
    if not doubts and any(event.at_ns > stop_ns for event in book.published):
        doubts = ["tasks were published after the broker had gone down"]
    if not doubts and went_down_hard(book, book.stops[-1]) and set(book.tasks) - book.confirmed:
        doubts = ["not all tasks were confirmed before the broker went down hard"]
    if not doubts and not most:
        doubts = ["no task was left that could have come back"]
    there = after is not None and after.exists
    wrong = not doubts and not (there and least <= back <= most)
    if wrong and after is not None and (taken or after.unacked_count):
        wrong, doubts = False, ["somebody was at work on them while the queue was listed again"]
    return decide(
        summary=say_for(
            back,
            "of {} {} had been acknowledged; {} is back",
            "of {} {} had been acknowledged; {} are back",
            plural(len(book.tasks), "task"),
            len(early | late),
            back,
        ),
        figures={
            "published": len(book.tasks),
            "acknowledged": len(early | late),
            "back": back,
        },
        findings=[
            say_for(
                back,
                "{} is back instead of {}",
                "{} are back instead of {}",
                plural(back, "task"),
                _range(least, most),
            )
        ]
        if wrong
        else [],
        doubts=doubts,
        expected=say("published - acknowledged = {} ready", _range(least, most)),
        seen=counts_text(after),
        evidence=[*book.stops, *([after] if after else [])],
        blame=_who_let_any_go(history, book) if wrong else None,
    )


def _who_let_any_go(history: History, book: Ledger) -> Blame | None:
    """Return who had the broker let tasks of a queue go by themselves, or else who made it so."""
    limited = (who_limited(history, book, task)[0] for task in book.tasks)
    by_limit = next((who for who in limited if who), None)
    return by_limit or who_made_it_so(history, book.queue, durable=True)


@checker
def transient_tasks_gone(history: History, *, queue: str) -> Verdict:
    """Transient tasks do not come back, although their queue does."""
    book = ledger(history, queue)
    before, after, doubts = _before_and_after(history, book)
    doubts = doubts or doubts_about(book)
    persistent = [event for event in book.published if event.persistent]
    if not doubts and after is not None and not after.exists:
        doubts = ["the queue itself is gone, so its tasks prove nothing"]
    tasks_before = _task_count(before)
    if not doubts and not tasks_before:
        doubts = ["no task was in the queue before the broker went down"]
    back = after.ready_count if after else 0
    findings = [say("{} came back", plural(back, "transient task"))] if back else []
    blame = _who_keeps(history, queue) if back and not doubts else None
    if persistent:  # whatever came back
        told = say_for(
            len(persistent),
            "{} was published as persistent, and all were to be transient: {}",
            "{} were published as persistent, and all were to be transient: {}",
            plural(len(persistent), "task"),
            named([event.task for event in persistent]),
        )
        findings, doubts = [told], []
        blame = role_of(history, persistent[0].client)
    return decide(
        summary=say_for(
            tasks_before,
            "{} was in the queue; none came back",
            "{} were in the queue; none came back",
            plural(tasks_before, "transient task"),
        ),
        figures={
            "published": len(book.published),
            "before": before.ready_count if before else 0,
            "back": back,
        },
        findings=findings,
        blind=doubts,
        expected="0 ready",
        seen=counts_text(after),
        evidence=[*persistent[:3], *(event for event in (before, after) if event)],
        blame=blame,
    )


@checker
def confirmed_came_back(history: History, *, queue: str) -> Verdict:
    """Every persistent task that the broker confirmed is there after it was killed.

    RabbitMQ documentation, "Publisher Confirms": a persistent message in a durable queue is
    confirmed once it is written.
    """
    book = ledger(history, queue)
    let_go = {d.task for d in book.worked if d.fate in ("acked", "discarded", "automatic")}
    confirmed = [
        event.task
        for event in book.published
        if event.persistent and event.task in book.confirmed - let_go
    ]
    back = {delivery.task for delivery in _after_start(book, book.deliveries)}
    missing = [task for task in confirmed if task not in back]
    let_go_by = who_let_go(history, book, missing[0]) if missing else None
    doubts = _doubts_about_crash(book)
    if not doubts and not confirmed:
        doubts = ["the broker confirmed nothing that should have come back"]
    return decide(
        summary=say("{} came back", every(len(confirmed), "confirmed task")),
        figures={
            "confirmed": len(confirmed),
            "back": len(back & set(confirmed)),
            "missing": len(missing),
        },
        findings=[say("confirmed, but gone: {}", named(missing))] if missing else [],
        blind=doubts,
        expected="each confirmed task comes back",
        seen=say("{} missing", plural(len(missing), "confirmed task")),
        evidence=life_of(book, missing),
        blame=let_go_by or who_made_it_so(history, queue, durable=True) or "broker",
    )


@checker
def unconfirmed_came_back(history: History, *, queue: str) -> Verdict:
    """Of tasks without confirms a first part came back, perhaps none, each once and in order.

    How many is a matter of timing and is reported, not judged.
    """
    book = ledger(history, queue)
    stop_ns = book.stops[-1].at_ns if book.stops else 0
    sent = [event.task for event in book.published if event.at_ns < stop_ns]
    later = {event.task for event in book.published if event.at_ns > stop_ns}
    back = [d.task for d in _after_start(book, book.left) if d.task not in later]
    doubts = _doubts_about_crash(book)
    if not doubts and book.worked:
        doubts = ["workers were sent tasks, so what is left need not be the first part"]
    if not doubts and book.confirmed:
        doubts = ["the tasks were published with confirms"]
    if not doubts and len({event.persistent for event in book.published}) > 1:
        doubts = ["some tasks are persistent and some are not, so what is left may have gaps"]
    return decide(
        summary=say("of {} without confirms {} came back", plural(len(sent), "task"), len(back)),
        figures={
            "published": len(sent),
            "back": len(back),
            "missing": len(sent) - len(back),
        },
        findings=["what came back is not the first part of what was published"]
        if back != sent[: len(back)]
        else [],
        blind=doubts,
        expected="the first part of what was published, of any length",
        seen=say("{} of {}", len(back), len(sent)),
        evidence=book.stops,
        blame="broker",
    )


def _who_keeps(history: History, queue: str) -> Blame | None:
    """Return who made a queue keep what is transient: a quorum queue and a stream keep everything.

    RabbitMQ documentation, "Quorum Queues".
    """
    declared = declaration(history, queue)
    if declared is None:
        return None
    keeps = declared.arguments.get("x-queue-type") in ("quorum", "stream")
    return role_of(history, declared.client) if keeps else "broker"


def _at_work(history: History, at_ns: int) -> set[str]:
    """Return the programs that had something unfinished then: by the wire, works, or output."""
    unsettled: dict[tuple[int, int, int], str] = {}
    printing: set[str] = set()
    works: Counter[str] = Counter()
    for event in history:
        if event.at_ns > at_ns:
            break
        match event:
            case Delivered(no_ack=False) if event.client != DRAIN:
                key = (event.connection, event.channel, event.delivery_tag)
                unsettled[key] = event.client
            case Settled():
                unsettled.pop((event.connection, event.channel, event.delivery_tag), None)
            case SocketClosed():
                gone = [key for key in unsettled if key[0] == event.connection]
                for key in gone:
                    del unsettled[key]
            case TaskReceived():
                printing.add(event.client)
            case TaskDone():
                printing.discard(event.client)
            case WorkBegan():
                works[event.client] += 1
            case WorkEnded():
                works[event.client] -= 1
            case ProgramExited():
                printing.discard(event.client)
                works[event.client] = 0
                unsettled = {k: c for k, c in unsettled.items() if c != event.client}
    return {*unsettled.values(), *printing, *(c for c, count in works.items() if count > 0)}


def _taken_since_start(book: Ledger, after: QueueCounted | None) -> int:
    """Return how many tasks were settled between the broker's start and a count of the queue."""
    return sum(
        after is not None and d.fate in ("acked", "discarded") and d.ended_before(after.at_ns)
        for d in _after_start(book, book.worked)
    )


def _consumers_at(history: History, at_ns: int) -> list[ConsumerStarted]:
    """Return the programs that were subscribed at that moment."""
    gone = {event.connection for event in history.of(SocketClosed) if event.at_ns < at_ns}
    return [
        event
        for event in history.of(ConsumerStarted)
        if event.client != DRAIN and event.at_ns < at_ns and event.connection not in gone
    ]


def _before_and_after(
    history: History, book: Ledger
) -> tuple[QueueCounted | None, QueueCounted | None, list[str]]:
    """Return the last count before the broker went down last, the first after, and doubts."""
    if not _is_up_again(book):
        return None, None, ["the broker was not stopped and started"]
    counts = [comparison.counted for comparison in book.counts]
    stop_ns = book.stops[-1].at_ns
    earlier = [count for count in counts if count.at_ns < stop_ns]
    later = [count for count in counts if count.at_ns > book.starts[-1].at_ns]
    before, after = (earlier[-1] if earlier else None), (later[0] if later else None)
    if before is None or after is None:
        return before, after, ["the queue was not listed both before and after"]
    if not before.exists:
        return before, after, ["there was no such queue before"]
    anew = [
        event.client
        for event in history.of(QueueDeclared)
        if event.queue == book.queue and not event.passive and stop_ns < event.at_ns < after.at_ns
    ]
    if anew:
        told = say("{} declared the queue anew before it was listed again", anew[0])
        return before, after, [told]
    return before, after, []


def _task_count(counted: QueueCounted | None) -> int:
    """Return how many tasks a queue held, as far as that was counted."""
    return counted.ready_count + (counted.unacked_count or 0) if counted else 0


def _is_up_again(book: Ledger) -> bool:
    return bool(book.stops and book.starts) and book.starts[-1].at_ns > book.stops[-1].at_ns


def _after_start(book: Ledger, deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Return those of the deliveries that came after the broker's last start."""
    since_ns = book.starts[-1].at_ns if book.starts else 0
    return [delivery for delivery in deliveries if delivery.event.at_ns > since_ns]


def _doubts_about_crash(book: Ledger) -> list[str]:
    if not _is_up_again(book) or book.stops[-1].how != "kill":
        return ["the broker was not killed and started again"]
    if not book.drained_whole or book.drained[-1].at_ns < book.starts[-1].at_ns:
        return ["the queue was not drained afterwards"]
    return doubts_about(book)


def _range(least: int, most: int) -> Phrase:
    return say("{}", most) if least == most else say("{:d} to {:d}", least, most)
