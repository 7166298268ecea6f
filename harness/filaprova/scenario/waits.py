"""Waits: until which events of the history a scenario may wait, and when that leads to nothing.

A wait never raises: it returns whether what was waited for has come. If not, the whole story is on
the record as ``WaitedInVain``, and the scenario goes on: what it was to verify is judged on what
there is. A wait ends early where the record shows that nothing more can come.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from filaprova.errors import TimedOut
from filaprova.judge.topology import routes_of
from filaprova.phrase import Phrase, say
from filaprova.record.act import BrokerStarted, BrokerStopping, FaultLanded
from filaprova.record.event import Event
from filaprova.record.program import (
    ProgramExited,
    TaskDone,
    TaskReceived,
    WorkBegan,
    WorkEnded,
)
from filaprova.record.transactions import Transactions
from filaprova.record.wire import (
    ConsumerStarted,
    Delivered,
    PollEmpty,
    Published,
    QueueDeleted,
    Settled,
    TransactionCommitted,
    TransactionRolledBack,
    TransactionSelected,
)
from filaprova.scenario.cast import Cast, Worker
from filaprova.scenario.hand import Hand, Hands
from filaprova.scenario.stage import Stage

SLOW_FACTOR = 5
"""So many times the limit is waited at the most for what comes, but slowly."""
IDLE_LIMIT_S = 5.0
"""How long workers may do nothing at all that are not subscribed any more, or not to the right
queue, or whose output is not understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why waiting on probably leads to nothing."""

    reason: Phrase | None
    """None: nothing is understood of what they print."""
    limit_s: float
    """How long they may still do nothing at all before it does."""
    suffices: bool = False
    """Whether what there is will do then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """What is waited for; ``hands`` are those of the workers that it is to come from."""

    kind: str
    hands: Hands
    what: Callable[[], Phrase]
    """Completes "waited … s for"."""
    take: Callable[[Event], None]
    """Told every event of the record, after ``hands``."""
    satisfied: Callable[[], bool]
    doubt: Callable[[], Doubt | None]
    """Asked whenever something of these workers has happened."""
    left: Callable[[], int] = lambda: 0
    """How much of it is still to come: the limit holds from when that last became less."""


def wait(stage: Stage, cast: Cast, awaited: Awaited) -> bool:
    """Wait; return whether it came. If not, that is on the record.

    As long as more and more of it comes the wait goes on, up to ``SLOW_FACTOR`` limits.
    """
    index = 0
    doubt: Doubt | None = None
    least, progressed_s = awaited.left(), 0.0
    clients = {hand.client for hand in awaited.hands.all()}

    def seen(event: Event) -> bool:
        nonlocal index, least, progressed_s
        index += 1
        awaited.hands.take(event)
        awaited.take(event)
        concerns_us = getattr(event, "client", None) in clients
        if concerns_us and (left := awaited.left()) < least:
            least, progressed_s = left, time.monotonic()
        return awaited.satisfied() or (concerns_us and (doubt is not None or _ends(event)))

    def end_s() -> float:
        return min(progressed_s + stage.wait_s, started_s + SLOW_FACTOR * stage.wait_s)

    for event in stage.recorder.since(0):
        seen(event)
    started_s = progressed_s = time.monotonic()
    with stage.timed("work"):
        while not awaited.satisfied():
            doubt = awaited.doubt()
            until_s = end_s()
            remaining_s = max(0.0, until_s - time.monotonic())
            limit_s = remaining_s if doubt is None else min(doubt.limit_s, remaining_s)
            try:
                stage.recorder.wait_for(
                    seen, what="", timeout_s=limit_s, since=index, kind=awaited.kind
                )
            except TimedOut:
                if doubt is not None and doubt.suffices:
                    return True
                if doubt is None and end_s() > until_s:
                    continue
                _tell(stage, cast, awaited, doubt, until_s - started_s)
                return False
    return True


def wait_for_each(
    stage: Stage, cast: Cast, kind: type[Event], tasks: Iterable[str], workers: Sequence[Worker]
) -> bool:
    """Wait until one of the workers has had, or settled, each task.

    What is sent back to the queue (``requeue``) is not settled, and is waited for further. What
    needs no acknowledgement will never be.
    """
    missing = Counter(tasks)
    awaited_count = missing.total()
    unneeded: set[str] = set()
    hands = _hands(workers)
    clients = {worker.client for worker in workers}
    committed = _Committed()
    what = "{} to be delivered to {}" if kind is Delivered else "{} to be acknowledged by {}"

    def take(event: Event) -> None:
        if getattr(event, "client", None) not in clients:
            return
        counting = committed.take(event) if kind is Settled else [event]
        for each in counting:
            if isinstance(each, kind) and not getattr(each, "requeue", False):
                missing.subtract([getattr(each, "task", None) or ""])
        _strip(missing)
        if isinstance(event, Delivered):
            (unneeded.add if event.no_ack else unneeded.discard)(event.task)

    def doubt() -> Doubt | None:
        if kind is Settled and missing.keys() <= unneeded:
            return Doubt(
                reason=say("they were delivered with automatic acknowledgement, so nobody does"),
                limit_s=0.0,
            )
        return _doubt_about_wire(stage, hands, set(missing))

    return wait(
        stage,
        cast,
        Awaited(
            kind="delivered" if kind is Delivered else "acknowledged",
            hands=hands,
            what=lambda: say(what, _some(missing, awaited_count), _names(workers)),
            take=take,
            satisfied=lambda: not missing,
            left=lambda: missing.total(),
            doubt=doubt,
        ),
    )


def wait_printed(
    stage: Stage,
    cast: Cast,
    kind: type[TaskDone] | type[TaskReceived],
    tasks: Iterable[str],
    workers: Sequence[Worker],
) -> bool:
    """Wait until one of the workers has printed each task as received, or as done.

    A worker of which nothing of that kind is understood has received what was delivered to it, and
    is done with it when its launcher has seen the end of as many works.
    """
    missing = set(tasks)
    awaited_count = len(missing)
    undelivered = set(tasks)
    hands = _hands(workers)
    what = "{} to be done by {}" if kind is TaskDone else "{} to be received by {}"
    sent: dict[tuple[str, str], list[str]] = {}
    printed_counts: dict[tuple[str, str], int] = {}
    held: dict[str, set[str]] = {worker.client: set() for worker in workers}

    def take(event: Event) -> None:
        client = getattr(event, "client", "")
        if client not in held:
            return
        if isinstance(event, Delivered):
            body = event.task if event.body is None else event.body
            sent.setdefault((client, body), []).append(event.task)
            held[client].add(event.task)
            undelivered.discard(event.task)
        elif isinstance(event, kind) and (client, event.task) in sent:
            key = client, event.task or ""
            printed_counts[key] = count = printed_counts.get(key, 0) + 1
            missing.discard(sent[key][min(count, len(sent[key])) - 1])
        ended = isinstance(event, WorkEnded | TaskDone)
        if kind is TaskDone and ended and _worked_off(hands[client]):
            missing.difference_update(held[client])

    def doubt() -> Doubt | None:
        ended = _doubt_about_ends(hands, printed=True)
        if ended is not None:
            return ended
        if undelivered:
            return _doubt_about_wire(stage, hands, undelivered)
        all_silent = not printed_counts
        if kind is TaskReceived and all_silent:
            return Doubt(reason=None, limit_s=IDLE_LIMIT_S, suffices=True)
        if any(hand.is_working for hand in hands.all()) or not all_silent:
            return None
        lines = say("no line of theirs is understood as such; --done takes a pattern for it")
        return Doubt(reason=lines, limit_s=IDLE_LIMIT_S)

    return wait(
        stage,
        cast,
        Awaited(
            kind="done" if kind is TaskDone else "received",
            hands=hands,
            what=lambda: say(what, _some(missing, awaited_count), _names(workers)),
            take=take,
            satisfied=lambda: not missing,
            left=lambda: len(missing),
            doubt=doubt,
        ),
    )


def wait_dealt(stage: Stage, cast: Cast, tasks: Iterable[str], workers: Sequence[Worker]) -> bool:
    """Wait until each task was delivered, or no worker can be sent more before it settles some.

    Workers that were to stop at their work, and stand still between two polls that find nothing,
    are let go on: they ask for their tasks themselves.
    """
    tasks = list(tasks)
    deadline = time.monotonic() + stage.wait_s
    while True:
        dealt = _Dealt(stage, tasks, workers, may_sleep=time.monotonic() > deadline)
        came = wait(
            stage,
            cast,
            Awaited(
                kind="dealt",
                hands=dealt.hands,
                what=dealt.what,
                take=dealt.take,
                satisfied=dealt.is_over_or_asleep,
                doubt=dealt.doubt,
            ),
        )
        if not came or dealt.is_over:
            return came
        for client in dealt.asleep:
            cast.pass_over_sleep(next(worker for worker in workers if worker.client == client))


class _Dealt:
    """Which tasks are not delivered yet, and who sleeps between two polls that find nothing."""

    def __init__(
        self, stage: Stage, tasks: Sequence[str], workers: Sequence[Worker], *, may_sleep: bool
    ) -> None:
        self.hands = _hands(workers)
        self.undelivered = Counter(tasks)
        self._stage = stage
        self._workers = {worker.client: worker for worker in workers}
        self._may_sleep = may_sleep
        self._awaited_count = len(tasks)
        self.asleep: set[str] = set()
        self._found_nothing: set[str] = set()

    @property
    def is_over(self) -> bool:
        return not self.undelivered or all(hand.at_limit for hand in self.hands.all())

    def is_over_or_asleep(self) -> bool:
        return self.is_over or bool(self.asleep)

    def what(self) -> Phrase:
        missing = _some(self.undelivered, self._awaited_count)
        return say("{} to be dealt to {}", missing, _names(self._workers.values()))

    def doubt(self) -> Doubt | None:
        return _doubt_about_wire(self._stage, self.hands, set(self.undelivered))

    def take(self, event: Event) -> None:
        match event:
            case Delivered():
                self.undelivered.subtract([event.task])
                _strip(self.undelivered)
                self._found_nothing.discard(event.client)
            case PollEmpty():
                self._found_nothing.add(event.client)
            case WorkBegan() if event.client in self._found_nothing & self._workers.keys():
                if not self._may_sleep and self._workers[event.client].process.is_to_stop:
                    self.asleep.add(event.client)
            case WorkEnded():
                self.asleep.discard(event.client)


class _Committed:
    """Tells which settlements count: those in a transaction only once it is committed."""

    def __init__(self) -> None:
        self._transactions: Transactions[Settled] = Transactions()

    def take(self, event: Event) -> list[Settled]:
        """Return the settlements that count from this event on."""
        match event:
            case TransactionSelected():
                self._transactions.select(event)
            case TransactionRolledBack():
                self._transactions.take(event.connection, event.channel)
            case TransactionCommitted():
                return self._transactions.take(event.connection, event.channel)
            case Settled():
                if not self._transactions.keep(event.connection, event.channel, event):
                    return [event]
        return []


def _strip(missing: Counter[str]) -> None:
    """Forget what is not missing any more."""
    for task in [task for task, count in missing.items() if count <= 0]:
        del missing[task]


def wait_acknowledgements(stage: Stage, cast: Cast, count: int, workers: Sequence[Worker]) -> bool:
    """Wait until the workers have settled that many deliveries since the broker was last started.

    Or since the scenario began, if it was not.
    """
    seen_count = 0
    committed = _Committed()
    hands = _hands(workers)
    clients = {worker.client for worker in workers}

    def take(event: Event) -> None:
        nonlocal seen_count
        if isinstance(event, BrokerStarted):
            seen_count = 0
        settled = committed.take(event)
        seen_count += sum(each.client in clients for each in settled)

    return wait(
        stage,
        cast,
        Awaited(
            kind="acknowledgements",
            hands=hands,
            what=lambda: say(
                "{} acknowledgements by {}; there were {}", count, _names(workers), seen_count
            ),
            take=take,
            satisfied=lambda: seen_count >= count,
            left=lambda: max(0, count - seen_count),
            doubt=lambda: _doubt_about_wire(stage, hands, set()),
        ),
    )


def wait_working(stage: Stage, cast: Cast, workers: Sequence[Worker]) -> bool:
    """Wait until each of the workers has been sent a task, by the wire or by its own word."""
    hands = _hands(workers)

    def idle() -> list[str]:
        return [h.client for h in hands.all() if not h.delivered_count and not h.printed]

    return wait(
        stage,
        cast,
        Awaited(
            kind="task begun",
            hands=hands,
            what=lambda: say("{} to begin a task", ", ".join(idle())),
            take=lambda _: None,
            satisfied=lambda: not idle(),
            doubt=lambda: _doubt_about_wire(stage, hands, set()),
        ),
    )


def wait_held_back(stage: Stage, cast: Cast, worker: Worker) -> bool:
    """Wait until something that the worker sent was held back."""
    hands = _hands([worker])
    landed: list[Event] = []

    def take(event: Event) -> None:
        if isinstance(event, FaultLanded) and event.client == worker.client:
            landed.append(event)

    return wait(
        stage,
        cast,
        Awaited(
            kind="held back",
            hands=hands,
            what=lambda: say("{} to send something", worker.client),
            take=take,
            satisfied=lambda: bool(landed),
            doubt=lambda: _doubt_about_ends(hands, printed=False),
        ),
    )


def wait_ended_or_back(stage: Stage, cast: Cast, workers: Sequence[Worker]) -> bool:
    """Wait until each worker has ended, or has subscribed again since it lost its queue.

    It lost it when the broker was stopped last, or when a queue was deleted.
    """
    hands = _hands(workers)
    back: set[str] = set()

    def take(event: Event) -> None:
        if isinstance(event, BrokerStopping | QueueDeleted):
            back.clear()
        elif isinstance(event, ConsumerStarted | PollEmpty) or (
            isinstance(event, Delivered) and event.consumer_tag is None
        ):
            back.add(event.client)

    def out() -> list[str]:
        return [h.client for h in hands.all() if h.exited is None and h.client not in back]

    return wait(
        stage,
        cast,
        Awaited(
            kind="ended or back",
            hands=hands,
            what=lambda: say("{} to end, or to subscribe again", ", ".join(out())),
            take=take,
            satisfied=lambda: not out(),
            doubt=lambda: None,
        ),
    )


def wait_exited(stage: Stage, cast: Cast, workers: Sequence[Worker]) -> bool:
    """Wait until each of the workers has ended by itself."""
    hands = _hands(workers)

    def running() -> list[str]:
        return [hand.client for hand in hands.all() if hand.exited is None]

    return wait(
        stage,
        cast,
        Awaited(
            kind="ended",
            hands=hands,
            what=lambda: say("{} to end", ", ".join(running())),
            take=lambda _: None,
            satisfied=lambda: not running(),
            doubt=lambda: None,
        ),
    )


# ------------------------------------------------------------------ when it leads to nothing


def _doubt_about_ends(hands: Hands, *, printed: bool) -> Doubt | None:
    over = [hand.exited is not None if printed else hand.is_gone for hand in hands.all()]
    return Doubt(reason=say("all of them have ended"), limit_s=0.0) if all(over) else None


def _doubt_about_wire(stage: Stage, hands: Hands, missing: set[str]) -> Doubt | None:
    """Return why no more of these tasks will be seen on the wire of these workers."""
    ended = _doubt_about_ends(hands, printed=False)
    if ended is not None:
        return ended
    living = [hand for hand in hands.all() if not hand.is_gone]
    if any(hand.polls for hand in living):
        return None
    if not any(hand.consumers or hand.unsettled for hand in living):
        return Doubt(reason=say("none of them is subscribed any more"), limit_s=IDLE_LIMIT_S)
    consumed = {queue for hand in living for queue in hand.queues}
    went_to = _queues_that_got(stage, missing)
    if went_to and consumed and not went_to & consumed:
        return Doubt(
            reason=say(
                "the tasks went to {}; the workers consume from {}",
                ", ".join(sorted(went_to)),
                ", ".join(sorted(consumed)),
            ),
            limit_s=IDLE_LIMIT_S,
        )
    return None


def _queues_that_got(stage: Stage, tasks: set[str]) -> set[str]:
    history = stage.recorder.history()
    routes = routes_of(history)
    queues: set[str] = set()
    for event in history.of(Published):
        if event.task in tasks:
            routed = routes[id(event)]
            if routed is None:
                return set()
            queues |= routed
    return queues


def _worked_off(hand: Hand) -> bool:
    """Tell whether a worker has worked as often as it was sent tasks.

    And whether it has said as often that it is done, if it says so at all, in whatever words.
    """
    worked = hand.works_ended >= hand.delivered_count and not hand.is_working
    return worked and (not hand.done_count or hand.done_count >= hand.delivered_count)


def _ends(event: Event) -> bool:
    """Tell whether an event may be the last of its worker, or of a subscription of its."""
    return isinstance(event, ProgramExited) or type(event).__name__.endswith(
        ("Closed", "Cancelled")
    )


def _tell(stage: Stage, cast: Cast, awaited: Awaited, doubt: Doubt | None, waited_s: float) -> None:
    if doubt is None or doubt.reason is None:
        happened = say("waited {:.1f} s for {}.", waited_s, awaited.what())
    else:
        happened = say("gave up waiting for {}: {}.", awaited.what(), doubt.reason)
    stage.in_vain(awaited.kind, cast.story(happened), timed_out=doubt is None)


def _hands(workers: Sequence[Worker]) -> Hands:
    return Hands(worker.client for worker in workers)


def _names(workers: Iterable[Worker]) -> str:
    return ", ".join(sorted(worker.client for worker in workers))


def _some(missing: Collection[str], awaited_count: int) -> Phrase:
    if not missing:
        return say("nothing")
    some = say("{}", repr(min(missing)))
    if len(missing) > 1:
        some = say("{} and {} more", some, len(missing) - 1)
    return say("{} (of {})", some, awaited_count) if awaited_count > 1 else some
