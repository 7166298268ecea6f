"""Balance: where each published task has got to, copy by copy, so that the sums come out.

Every copy that the broker took is in exactly one place: completed, dead-lettered, let go by a
worker, still held by a consumer, left in the queue, or nowhere to be seen. Where acknowledgement is
manual, the acknowledgement completes a task; where it is automatic, only what a program tells of
its work can.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import inf
from operator import attrgetter

from msgspec import structs

from filaprova.judge.blame import declaration
from filaprova.judge.completion import Account, body_of, names_of, service_s
from filaprova.judge.leaving import told_to_end
from filaprova.judge.ledger import Delivery, FinishedBy, Ledger
from filaprova.judge.topology import Topology
from filaprova.phrase import say
from filaprova.record.event import DRAIN
from filaprova.record.history import History
from filaprova.record.program import ProgramExited
from filaprova.record.wire import ConsumerCancelled, Delivered


@dataclass(slots=True, kw_only=True)
class Balance:
    """The places of all copies of all tasks of a queue: for each place the tasks, once a copy."""

    completed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    dead_lettered: list[str] = field(default_factory=list)
    let_go: list[str] = field(default_factory=list)
    """Rejected for good without a dead letter exchange."""
    unworked: dict[str, str] = field(default_factory=dict)
    """Acknowledged although the work was not done, and by whom."""
    dropped: list[str] = field(default_factory=list)
    """Sent with automatic acknowledgement to a program that is gone and did not do them."""
    unseen: list[str] = field(default_factory=list)
    """Sent with automatic acknowledgement, and nobody can tell what became of them."""
    why_unseen: str = ""
    """Why nobody can tell it of the first of them."""
    unclear: list[str] = field(default_factory=list)
    """Neither out of the queue nor seen in it so far, or still in the hands of a program."""
    missing: list[str] = field(default_factory=list)
    """Not in the queue when it was emptied, and nobody had them."""
    indefinite: list[str] = field(default_factory=list)

    @property
    def lost(self) -> list[str]:
        """Return the tasks that are lost for certain, once a copy."""
        return [*self.let_go, *self.unworked, *self.dropped, *self.missing]


def balance(history: History, book: Ledger, finished_by: FinishedBy = "done") -> Balance:
    """Return where every copy is; made once for each history."""
    key = f"balance of {book.queue} by {finished_by}"
    return history.derived(key, lambda events: _Balancing(events, book, finished_by).balance())


def unworked(history: History, book: Ledger) -> dict[str, str]:
    """Return what was acknowledged without its work being done, with the program that did so.

    Shown by the launcher, where a program's sleeps are as long as its tasks' dots say: it has
    acknowledged more tasks than it ended sleeps. Or by its output, where that tells of all that it
    did: it is gone, never said that the task was done, and had acknowledged it sooner than any
    task's work takes. Otherwise it may have gone between the acknowledgement and its "Done".
    """
    return history.derived(f"unworked of {book.queue}", lambda events: _unworked(events, book))


def _unworked(history: History, book: Ledger) -> dict[str, str]:
    found: dict[str, str] = {}
    ended = {event.client for event in history.of(ProgramExited)}
    ended |= told_to_end(history)
    shortest_ns = _shortest_work_ns(book)
    for client, account in book.accounts.items():
        acked = [d for d in book.worked if d.client == client and d.fate == "acked"]
        acked.sort(key=attrgetter("ended_at_ns"))
        if client not in ended or not acked:
            continue
        if account.works_by_dots:
            suspects = _beyond_its_works(history, book, account, acked)
        elif account.tells_all and not account.works:
            told = {event.task for event in book.done if event.client == client}
            begun_ns = {id(about): e.at_ns for e, about in reversed(account.received) if about}
            suspects = [
                d
                for d in acked
                if d.task not in told
                and d.event.connection in book.gone
                and d.ended_before(begun_ns.get(id(d.event), d.event.at_ns) + shortest_ns)
            ]
        else:
            continue
        for delivery in suspects:
            later = [d for d in book.deliveries_by_task[delivery.task] if d is not delivery]
            if not any(d.fate == "acked" and d.client != client for d in later):
                found[delivery.task] = client
    return found


def _shortest_work_ns(book: Ledger) -> float:
    """Return the shortest time that a program showed between receiving a task and its "done".

    Where none showed one, nothing is shorter.
    """
    times_ns = []
    for account in book.accounts.values():
        begun_ns = {id(about): event.at_ns for event, about in account.received if about}
        times_ns += [e.at_ns - begun_ns[id(a)] for e, a in account.done if a and id(a) in begun_ns]
    return min(times_ns, default=-inf)


def _beyond_its_works(
    history: History, book: Ledger, account: Account, acked: list[Delivery]
) -> list[Delivery]:
    """Return the last deliveries that were acknowledged beyond the sleeps that went to their end.

    Tasks that take no time need no sleep; nor does a body or ``message_id`` that it had before, nor
    what comes again, unless whoever had it before certainly had not done it.
    """
    seen: set[str] = set()
    due = []
    for delivery in acked:
        names = names_of(delivery.event)
        takes_s = service_s(history, body_of(delivery.event))
        if not names & seen and takes_s and is_undone(history, book, delivery):
            due.append(delivery)
        seen |= names
    excess = len(due) - account.works_ended
    return due[-excess:] if excess > 0 else []


def is_undone(history: History, book: Ledger, delivery: Delivery) -> bool:
    """Tell whether a task was certainly not done when it was delivered.

    Whoever had it before did nothing but what it acknowledged, by its sleeps.
    """
    if not delivery.event.redelivered:
        return True
    exact = history.derived(f"exact workers of {book.queue}", lambda _: _exact(history, book))
    before = {
        earlier.client
        for earlier in book.deliveries_by_task[delivery.task]
        if earlier.sent_at_ns < delivery.sent_at_ns
    }
    return bool(before) and before <= exact - {delivery.client}


def _exact(history: History, book: Ledger) -> set[str]:
    """Return the programs that did nothing but what they acknowledged: as many sleeps as tasks."""
    acked = Counter(
        d.client
        for d in book.worked
        if d.fate == "acked" and not d.event.redelivered and service_s(history, body_of(d.event))
    )
    return {
        client
        for client, account in book.accounts.items()
        if account.works_by_dots and account.works_ended <= acked[client]
    }


class _Balancing:
    def __init__(self, history: History, book: Ledger, finished_by: FinishedBy) -> None:
        self.history = history
        self.book = book
        self.finished_by: FinishedBy = finished_by
        self.places = Balance()
        self.unworked = unworked(history, book)
        self.struck = told_to_end(history)
        self.failed = {event.client for event in history.of(ProgramExited) if event.exit_code}
        self.has_dead_letters = _has_dead_letters(history, book)
        self.seen_dead = Counter(
            event.task
            for event in history.of(Delivered)
            if event.dead_lettered_from == book.queue != event.queue and not event.redelivered
        )
        """How often a task came out of another queue that this one had dead-lettered it to."""
        self.given_up = {
            id(delivery)
            for cancelled in history.of(ConsumerCancelled)
            for delivery in _given_up(book, cancelled)
        }
        told = book.done if finished_by == "done" else book.received
        self.told = Counter((event.client, event.task) for event in told)
        self.told_of = Counter(event.task for event in told)

    def balance(self) -> Balance:
        for task, copies in Counter(self.book.tasks).items():
            self.place(task, copies)
        return self.places

    def place(self, task: str, copies: int) -> None:
        """Put each copy where its last delivery took it.

        What was settled and is delivered again all the same, since the broker forgot that or a dead
        letter exchange brought it back, is where it got to last.
        """
        places = self.places
        completed, dead = len(places.completed), len(places.dead_lettered)
        ends = [d for d in self.book.deliveries_by_task.get(task, ()) if not d.came_back][-copies:]
        for delivery in ends:
            if delivery.client == DRAIN:
                places.left.append(task)
            elif delivery.fate == "held":
                places.held.append(task)
            elif delivery.fate == "acked":
                if self.unworked.get(task) == delivery.client and task not in places.unworked:
                    places.unworked[task] = delivery.client
                else:
                    places.completed.append(task)
            elif delivery.fate == "discarded":
                is_kept = self.has_dead_letters or self.seen_dead[task] > 0
                (places.dead_lettered if is_kept else places.let_go).append(task)
            else:
                self.place_automatic(task, delivery)
        for _ in range(copies - len(ends)):
            if self.told_of[task] > 0 and len(places.completed) == completed:
                places.completed.append(task)  # somebody has done it, and could not acknowledge
            elif self.seen_dead[task] > len(places.dead_lettered) - dead:
                places.dead_lettered.append(task)
            else:
                self.place_absent(task)

    def place_automatic(self, task: str, delivery: Delivery) -> None:
        """What needs no acknowledgement is as good as done only where a program says so.

        That it does not say so is no evidence of loss while nobody harmed it: it may tell of some
        tasks only. It is where its sleeps, which are its work, were fewer than its tasks.
        """
        places, client = self.places, delivery.client
        if self.told[client, task] > 0:
            self.told[client, task] -= 1
            places.completed.append(task)
            return
        account = self.book.accounts[client]
        tells = account.tells_all if self.finished_by == "done" else account.tells_receipts
        gone = delivery.event.connection in self.book.gone
        harmed = client in self.struck or client in self.failed or id(delivery) in self.given_up
        if gone and tells and (harmed or _worked_less(self.history, account)):
            places.dropped.append(task)
        elif tells and not gone:
            places.unclear.append(task)
        elif tells:
            never = (
                "{} was sent {} and never said that it was done"
                if self.finished_by == "done"
                else "{} was sent {} and never said that it received it"
            )
            places.unseen.append(task)
            places.why_unseen = places.why_unseen or say(never, client, repr(task))
        elif self.finished_by == "received" and client not in self.struck:
            places.completed.append(task)  # it was sent, and nobody harmed whoever was to read it
        else:
            places.unseen.append(task)
            places.why_unseen = places.why_unseen or account.why_silent

    def place_absent(self, task: str) -> None:
        places = self.places
        if task in self.book.indefinite:
            places.indefinite.append(task)
        elif self.book.drained_whole:
            places.missing.append(task)
        else:
            places.unclear.append(task)


def _given_up(book: Ledger, cancelled: ConsumerCancelled) -> list[Delivery]:
    """Return what a program had been sent when it cancelled a subscription, and dropped.

    It had told of all that it was sent before, and never told of any of this.
    """
    consumer = (cancelled.connection, cancelled.channel, cancelled.consumer_tag)
    account = book.accounts.get(cancelled.client)
    if account is None or cancelled.by != "client":
        return []
    told = {id(delivery) for _, delivery in account.received if delivery is not None}
    sent = [
        d
        for d in book.worked
        if (d.event.connection, d.event.channel, d.event.consumer_tag) == consumer
        and d.fate == "automatic"
    ]
    told_count = sum(id(d.event) in told for d in sent)
    is_cut = told_count and all(id(d.event) in told for d in sent[:told_count])
    return sent[told_count:] if is_cut else []


def _worked_less(history: History, account: Account) -> bool:
    """Tell whether a program whose sleeps are its work slept less often than its tasks ask for."""
    due_count = sum(service_s(history, body_of(event)) > 0 for event in account.sent)
    return account.works_by_dots and account.works_ended < due_count


def _has_dead_letters(history: History, book: Ledger) -> bool:
    """Tell whether what is rejected for good goes on to another queue, as far as is declared."""
    declared = declaration(history, book.queue)
    exchange = declared and declared.arguments.get("x-dead-letter-exchange")
    if declared is None or not isinstance(exchange, str) or not book.published:
        return False
    key = declared.arguments.get("x-dead-letter-routing-key", book.published[-1].routing_key)
    topology = Topology()
    for event in history:
        topology.see(event)
    letter = structs.replace(book.published[-1], exchange=exchange, routing_key=str(key))
    return topology.routes(letter) != set()
