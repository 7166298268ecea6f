"""Balance: where each published task has got to, copy by copy, so that the sums come out.

Every copy that the broker took is in exactly one place: completed, dead-lettered, let go by a
worker, still held by a consumer, left in the queue, or nowhere to be seen. Where acknowledgement is
manual, the acknowledgement completes a task; where it is automatic, only what a program tells of
its work can.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from filaprova.judge.blame import declaration
from filaprova.judge.completion import Account, body_of, service_s, works_by_dots
from filaprova.judge.ledger import Delivery, FinishedBy, Ledger
from filaprova.record.act import Signalled, Struck
from filaprova.record.event import DRAIN
from filaprova.record.history import History
from filaprova.record.program import ProgramExited


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
    unseen: dict[str, str] = field(default_factory=dict)
    """Sent with automatic acknowledgement, and why nobody can tell what became of them."""
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
    did: it is gone, and never said that the task was done.
    """
    return history.derived(f"unworked of {book.queue}", lambda events: _unworked(events, book))


def _unworked(history: History, book: Ledger) -> dict[str, str]:
    found: dict[str, str] = {}
    ended = {event.client for event in history.of(ProgramExited)}
    ended |= told_to_end(history)
    for client, account in book.accounts.items():
        acked = [d for d in book.worked if d.client == client and d.fate == "acked"]
        acked.sort(key=lambda delivery: delivery.ended_at_ns or 0)
        if client not in ended or not acked:
            continue
        if works_by_dots(history, account):
            suspects = _beyond_its_works(history, account, acked)
        elif account.tells_all and not account.works:
            told = {event.task for event in book.done if event.client == client}
            suspects = [d for d in acked if d.task not in told and d.event.connection in book.gone]
        else:
            continue
        for delivery in suspects:
            later = [d for d in book.deliveries_by_task[delivery.task] if d is not delivery]
            if not any(d.fate == "acked" and d.client != client for d in later):
                found[delivery.task] = client
    return found


def _beyond_its_works(history: History, account: Account, acked: list[Delivery]) -> list[Delivery]:
    """Return the last deliveries that were acknowledged beyond the sleeps that went to their end.

    Tasks that take no time and those that came again need no sleep; nor does a body that it had
    before.
    """
    seen: set[str] = set()
    due = []
    for delivery in acked:
        body = body_of(delivery.event)
        if not delivery.event.redelivered and body not in seen and service_s(history, body):
            due.append(delivery)
        seen.add(body)
    excess = len(due) - account.works_ended
    return due[-excess:] if excess > 0 else []


def told_to_end(history: History) -> set[str]:
    """Return the programs that were sent a signal to end."""
    struck = {event.client for event in history.of(Struck)}
    return struck | {event.client for event in history.of(Signalled)}


class _Balancing:
    def __init__(self, history: History, book: Ledger, finished_by: FinishedBy) -> None:
        self.book = book
        self.finished_by: FinishedBy = finished_by
        self.places = Balance()
        self.unworked = unworked(history, book)
        self.struck = told_to_end(history)
        declared = declaration(history, book.queue)
        self.has_dead_letters = bool(
            declared and declared.arguments.get("x-dead-letter-exchange") is not None
        )
        told = book.done if finished_by == "done" else book.received
        self.told = Counter((event.client, event.task) for event in told)
        self.told_of = Counter(event.task for event in told)

    def balance(self) -> Balance:
        for task, copies in Counter(self.book.tasks).items():
            self.place(task, copies)
        return self.places

    def place(self, task: str, copies: int) -> None:
        places, settled = self.places, 0
        for delivery in self.book.deliveries_by_task.get(task, ()):
            if delivery.came_back:
                continue
            settled += 1
            if delivery.client == DRAIN:
                places.left.append(task)
            elif delivery.fate == "held":
                places.held.append(task)
            elif delivery.fate == "acked":
                if self.unworked.get(task) == delivery.client:
                    places.unworked[task] = delivery.client
                else:
                    places.completed.append(task)
            elif delivery.fate == "discarded":
                where = places.dead_lettered if self.has_dead_letters else places.let_go
                where.append(task)
            else:
                self.place_automatic(task, delivery)
        for _ in range(copies - settled):
            self.place_absent(task)

    def place_automatic(self, task: str, delivery: Delivery) -> None:
        """What needs no acknowledgement is as good as done only where a program says so."""
        places, client = self.places, delivery.client
        if self.told[client, task] > 0:
            self.told[client, task] -= 1
            places.completed.append(task)
            return
        account = self.book.accounts.get(client)
        tells = account is not None and (
            account.tells_all if self.finished_by == "done" else account.tells_receipts
        )
        if tells and delivery.event.connection in self.book.gone:
            places.dropped.append(task)
        elif tells:
            places.unclear.append(task)
        elif self.finished_by == "received" and client not in self.struck:
            places.completed.append(task)  # it was sent, and nobody harmed whoever was to read it
        else:
            places.unseen[task] = account.why_silent if account else f"nothing is known of {client}"

    def place_absent(self, task: str) -> None:
        places = self.places
        if self.told_of[task] > 0 and task not in places.completed:
            places.completed.append(task)  # somebody has done it, and could not acknowledge
        elif task in self.book.indefinite:
            places.indefinite.append(task)
        elif self.book.drained_whole:
            places.missing.append(task)
        else:
            places.unclear.append(task)
