"""Completion: what each program did with what it was sent, by its output and by its launcher.

The wire shows what was settled. What was begun and done only the program itself can tell: by lines
that name tasks, or, for a Python program under our launcher, by its sleeps, which are the lesson's
work. Lines that name no task that the program was sent prove nothing: not that a task was done,
and least of all that it was not.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import TypeAlias, TypeVar

from msgspec import structs

from filaprova.phrase import say
from filaprova.record.act import HistoryOpened
from filaprova.record.event import DRAIN
from filaprova.record.history import History
from filaprova.record.program import (
    OutputDropped,
    ProgramStarted,
    TaskDone,
    TaskReceived,
    WorkBegan,
    WorkEnded,
)
from filaprova.record.wire import Delivered, PollEmpty, Published, Settled, SocketClosed

Told = TypeVar("Told", TaskReceived, TaskDone)

DIGIT = re.compile(r"\d")
SAID_MORE = re.compile(
    r"[,;]?\s+(?=[(\[|]|[-–—]\s|(?:from|on|in|at|by|via|with|de|da|do|em|na|no|por|com)\s)|[,;]\s"
)
"""Where a line may go on after it has named a task: "Received 7 from tasks"."""
Work: TypeAlias = tuple[WorkBegan, WorkEnded | None]
"""A sleep with its end; None: it had none."""

SHORT_MOST = 3
"""Seconds that somebody may miscount the dots by."""
SHORT_SHOWN = 3
"""So many lengths of sleep show that they follow from the dots, or so many tasks without one."""
DIGITS = 9
"""Lengths of sleeps are compared to the nanosecond: sums of fractions are not exact."""
WORKS_TOLD_LIMIT = 20_000
"""A launcher tells of no more sleeps than that; whoever reached it may have had others."""


def body_of(event: Published | Delivered) -> str:
    """Return a task's body as programs print it: its identity where it has no body of its own."""
    return event.task if event.body is None else event.body


def names_of(event: Published | Delivered) -> set[str]:
    """Return what a task may be called: its identity, and its body."""
    return {event.task, body_of(event)}


def form(body: str) -> str:
    """Return a body's form, which is the same for bodies that differ in digits only."""
    return DIGIT.sub("0", body)


@dataclass(slots=True, kw_only=True)
class Account:
    """What is known of one program's work, apart from the wire."""

    client: str
    sent: list[Delivered] = field(default_factory=list)
    tasks: list[Delivered] = field(default_factory=list)
    """What it was sent by others: not what it sends to itself, such as the parts of a task."""
    received: list[tuple[TaskReceived, Delivered | None]] = field(default_factory=list)
    """What it printed as received, with the delivery that this is about; None: it had none."""
    done: list[tuple[TaskDone, Delivered | None]] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    """Its sleeps in order; those of several threads are paired by their length. Where each task is
    done in several, they are taken together."""
    strange: list[str] = field(default_factory=list)
    """What it printed as a task although nobody published such a task."""
    was_nameless: bool = False
    """It printed that something is done, and did not tell what."""
    was_cut: bool = False
    """It printed so much that not all was kept."""
    by_works: bool = False
    """``received`` and ``done`` are read off its works, since its lines say nothing."""
    done_by_works: bool = False
    """``done`` is read off its works, since its lines say only what it received."""
    says_done: bool = False
    """It, or another process of the same program, says which tasks it is done with."""
    works_by_dots: bool = False
    """It sleeps as long as its tasks' dots say: that is its work."""

    @property
    def tells_receipts(self) -> bool:
        """Tell whether what it does not show as received was certainly not begun."""
        says = bool(self.received) and not self.strange and not self.was_cut
        return self.by_works or says

    @property
    def tells_all(self) -> bool:
        """Tell whether what it does not show as done was certainly not done."""
        says = self.done_by_works or (self.says_done and not self.was_nameless)
        return self.by_works or (self.tells_receipts and says)

    @property
    def works_ended(self) -> int:
        """Return how many of its sleeps went on to their end."""
        return sum(end is not None and end.complete for _, end in self.works)

    @property
    def why_silent(self) -> str:
        """Return why its output does not tell what it did."""
        if self.was_cut:
            return say("{} printed too much: not all lines were kept", self.client)
        if self.strange:
            return say(
                "{} printed {} as a task, and nobody published such a task: what else it printed "
                "is not relied upon",
                self.client,
                repr(self.strange[0]),
            )
        if self.was_nameless:
            return say("{} printed that something was done, but not which task", self.client)
        if self.received and not self.done:
            return say("{} printed what it received, and never that it was done", self.client)
        if self.done:
            return say("{} printed what it is done with, and never what it received", self.client)
        return say("{} printed no line that names a task", self.client)


def accounts(history: History) -> dict[str, Account]:
    """Return what is known of each program's work, by client; made once for each history."""
    return history.derived("accounts", _accounts)


def service_s(history: History, body: str) -> float:
    """Return how long a task of the lesson takes: a second for each dot, on this run's scale."""
    return body.count(".") * _scale(history)


def _scale(history: History) -> float:
    try:
        return float(history.of(HistoryOpened)[0].settings["seconds_per_dot"])
    except (LookupError, ValueError):
        return 0.0  # the record does not tell


def _accounts(history: History) -> dict[str, Account]:
    found: dict[str, Account] = {}
    senders: defaultdict[str, set[str]] = defaultdict(set)
    for published in history.of(Published):
        senders[published.task].add(published.client)
    for event in history.of(Delivered):
        if event.client != DRAIN:
            account = _of(found, event.client)
            account.sent.append(event)
            if senders[event.task] != {event.client}:
                account.tasks.append(event)
    for begun in history.of(WorkBegan):
        _of(found, begun.client).works.append((begun, None))
    for ended in history.of(WorkEnded):
        _pair(_of(found, ended.client).works, ended)
    for cut in history.of(OutputDropped):
        _of(found, cut.client).was_cut = True
    _assign_lines(history, found)
    for account in found.values():
        is_told_whole = len(account.works) < WORKS_TOLD_LIMIT
        if is_told_whole:
            account.works_by_dots = _works_by_dots(history, account)
            if not account.works_by_dots and (whole := _whole_works(history, account)):
                account.works, account.works_by_dots = whole, True
        _without_echoes(account)
        if is_told_whole and not account.done:
            _read_off_works(history, account)
    programs = {event.client: event.program for event in history.of(ProgramStarted)}
    saying = {programs.get(client, client) for client, account in found.items() if account.done}
    for client, account in found.items():
        account.says_done = programs.get(client, client) in saying
    return found


def seconds_short(history: History, account: Account) -> int:
    """Return by how many seconds each of its sleeps is too short for its task; 0: by none.

    It sleeps once for each task that it acknowledges, in between delivery and acknowledgement, and
    each time for as many seconds less than the task has dots at its end; not at all for those that
    have no more than that. Several lengths show that, or several tasks without a sleep.
    """
    scale = _scale(history)
    if not scale or not _in_one_thread(account) or not _all_its_own(history, account):
        return 0
    works = _at_tasks(history, account)
    acked_ns = {
        (event.connection, event.channel, event.delivery_tag): event.at_ns
        for event in history.of(Settled)
        if event.client == account.client
    }
    held = [
        (e, acked_ns.get((e.connection, e.channel, e.delivery_tag), inf)) for e in account.tasks
    ]
    for short in range(SHORT_MOST + 1):
        long = [(e, until_ns) for e, until_ns in held if _dots_at_end(e) > short]
        undone_count = sum(until_ns < inf and _dots_at_end(e) <= short for e, until_ns in held)
        fits = len(works) <= len(long) and all(
            round(began.seconds, DIGITS) == round((_dots_at_end(event) - short) * scale, DIGITS)
            and event.at_ns < began.at_ns < until_ns
            for (began, _), (event, until_ns) in zip(works, long, strict=False)
        )
        lengths = {round(began.seconds, DIGITS) for began, _ in works}
        if fits and (len(lengths) >= SHORT_SHOWN or min(undone_count, len(works)) >= SHORT_SHOWN):
            return short
    return 0


def _dots_at_end(event: Delivered) -> int:
    body = body_of(event)
    return len(body) - len(body.rstrip("."))


def _in_one_thread(account: Account) -> bool:
    return len({began.thread for began, _ in account.works}) == 1


def _all_its_own(history: History, account: Account) -> bool:
    """Tell whether nobody had its tasks before, and it hands none of them back."""
    if any(event.redelivered for event in account.tasks):
        return False
    return not any(e.client == account.client and e.how != "ack" for e in history.of(Settled))


def _works_by_dots(history: History, account: Account) -> bool:
    """Tell whether each sleep is one for a task that it had been sent."""
    due: Counter[float] = Counter()
    fits = False
    events: list[Delivered | WorkBegan]
    events = [*account.tasks, *(began for began, _ in _at_tasks(history, account))]
    for event in sorted(events, key=lambda event: event.at_ns):
        if isinstance(event, Delivered):
            due[round(service_s(history, body_of(event)), DIGITS)] += 1
        elif event.seconds:
            due[round(event.seconds, DIGITS)] -= 1
            if due[round(event.seconds, DIGITS)] < 0:
                return False
            fits = True
    return fits


def _at_tasks(history: History, account: Account) -> list[Work]:
    """Return the sleeps while it had something to do.

    Those before its first task, after a poll that found nothing or the end of a connection are
    waits, whatever their length.
    """
    waits = [e for e in history.of(PollEmpty) if e.client == account.client]
    ends = [e for e in history.of(SocketClosed) if e.client == account.client]
    works = {id(work[0]): work for work in account.works}
    begun = [began for began, _ in account.works]
    is_idle, found = True, []
    for event in sorted([*account.tasks, *waits, *ends, *begun], key=lambda event: event.at_ns):
        if not isinstance(event, WorkBegan):
            is_idle = not isinstance(event, Delivered)
        elif not is_idle:
            found.append(works[id(event)])
    return found


def _whole_works(history: History, account: Account) -> list[Work]:
    """Return its works where it does each task in several sleeps; [] if that does not fit.

    It fits where the sleeps of one thread, one after another, make up the times of its tasks in the
    order of delivery, at least twice. What it hands back it may never have begun, and what another
    had before may be half done: then the sums must come out to the last sleep of the last task.
    """
    if not _in_one_thread(account):
        return []
    due = [(event, s) for event in account.tasks if (s := service_s(history, body_of(event)))]
    whole: list[Work] = []
    begun: WorkBegan | None = None
    slept_s, finished_count = 0.0, 0
    for began, ended in _at_tasks(history, account):
        if len(whole) == len(due):
            return []
        task, takes_s = due[len(whole)]
        begun = begun or structs.replace(began, seconds=takes_s)
        slept_s += began.seconds
        if round(slept_s - takes_s, DIGITS) > 0 or begun.at_ns < task.at_ns:
            return []
        if round(slept_s - takes_s, DIGITS) == 0:
            finished_count += ended is not None and ended.complete
            whole.append((begun, ended))
            begun, slept_s = None, 0.0
    is_even = begun is None and len(whole) == len(due)
    if finished_count < 2 or not (is_even or _all_its_own(history, account)):
        return []
    return [*whole, (begun, None)] if begun else whole


def _without_echoes(account: Account) -> None:
    """Drop what only repeats what was said just before about the same delivery.

    Who prints and logs says everything twice: twice that it received, then twice that it is done.
    Who does a task twice says that it received it in between, or sleeps twice for it. Once it has
    said that it received another task, "done" is not about the one before again.
    """
    if len(account.works) > len(account.sent):
        return
    lines: list[tuple[TaskReceived | TaskDone, Delivered | None]]
    lines = [*account.received, *account.done]
    last: dict[int, type[TaskReceived | TaskDone]] = {}
    finished: set[int] = set()
    """What was said to be done since it received something new."""
    echoes: set[int] = set()
    for event, delivery in sorted(lines, key=lambda line: line[0].at_ns):
        if delivery is None:
            continue
        is_same = last.get(id(delivery)) is type(event)
        if is_same and (isinstance(event, TaskReceived) or id(delivery) in finished):
            echoes.add(id(event))
        if isinstance(event, TaskDone):
            finished.add(id(delivery))
        elif id(delivery) not in last:
            finished.clear()
        last[id(delivery)] = type(event)
    account.received = [line for line in account.received if id(line[0]) not in echoes]
    account.done = [line for line in account.done if id(line[0]) not in echoes]


def _of(found: dict[str, Account], client: str) -> Account:
    return found.setdefault(client, Account(client=client))


def _pair(works: list[Work], ended: WorkEnded) -> None:
    for index, (began, end) in enumerate(works):
        if end is None and began.seconds == ended.seconds:
            works[index] = (began, ended)
            return


def _assign_lines(history: History, found: dict[str, Account]) -> None:
    """Find the delivery that each printed line is about: the first of that body not yet told of."""
    publishers: dict[str, set[str]] = defaultdict(set)
    for event in history.of(Published):
        for name in names_of(event):
            publishers[name].add(event.client)
    for account, received in _about(history.of(TaskReceived), found, publishers):
        account.received.append(received)
    for account, done in _about(history.of(TaskDone), found, publishers):
        account.done.append(done)


def _about(
    told: list[Told], found: dict[str, Account], publishers: dict[str, set[str]]
) -> Iterator[tuple[Account, tuple[Told, Delivered | None]]]:
    waiting: dict[tuple[str, str], deque[Delivered]] = defaultdict(deque)
    for client, account in found.items():
        for sent in account.sent:
            for name in names_of(sent):
                waiting[client, name].append(sent)
    for event in told:
        account = _of(found, event.client)
        name = _name_in(event.task or "", publishers)
        candidates = waiting[event.client, name]
        if event.task is None:
            account.was_nameless = True
        elif name not in publishers:
            if account.sent and event.at_ns > account.sent[0].at_ns:
                account.strange.append(event.task)  # before, it can have been about no task
        elif not candidates and event.client in publishers[name]:
            account.was_nameless = True  # it speaks of what it sends, not of what it was sent
        else:
            delivery = candidates[0] if candidates else None
            if len(candidates) > 1:
                candidates.popleft()  # the last one stays: it may be told of more often than sent
            yield account, (structs.replace(event, task=name), delivery)


def _name_in(printed: str, published: Container[str]) -> str:
    """Return the published task that a text names, with or without more after it; else the text.

    A number alone is no name with more after it: "3 from tasks" may be three.
    """
    if printed in published:
        return printed
    names = [printed[: more.start()] for more in SAID_MORE.finditer(printed)]
    known = [name for name in names if name in published and not name.isdigit()]
    return known[-1] if known else printed


def _read_off_works(history: History, account: Account) -> None:
    """Take the works of a program that never says "done" for its tasks, where they fit these.

    Each takes just as long as its task says, one after another, in the order of delivery: a program
    that does otherwise does not fit.
    """
    works = account.works
    overlap = any(
        before[1] is None or before[1].at_ns > after[0].at_ns for before, after in pairwise(works)
    )
    if not works or overlap or len(works) > len(account.tasks):
        return
    pairs = list(zip(works, account.tasks, strict=False))
    for (began, _), sent in pairs:
        takes_s = round(service_s(history, body_of(sent)), DIGITS)
        if round(began.seconds, DIGITS) != takes_s or began.at_ns < sent.at_ns:
            return
    says_receipts = bool(account.received)
    account.by_works, account.done_by_works = not says_receipts, says_receipts
    for (began, ended), sent in pairs:
        text = body_of(sent)
        if not says_receipts:
            account.received.append(
                (TaskReceived(at_ns=began.at_ns, client=account.client, task=text), sent)
            )
        if ended is not None and ended.complete:
            account.done.append(
                (TaskDone(at_ns=ended.at_ns, client=account.client, task=text), sent)
            )


def identified(
    told: Sequence[tuple[Told, Delivered | None]], queue: str, by_text: dict[str, str]
) -> list[Told]:
    """Return what was told of one queue's tasks, each with the identity of its task."""
    found: list[Told] = []
    for event, delivery in told:
        if delivery is not None:
            if delivery.queue in (queue, None):
                found.append(structs.replace(event, task=delivery.task))
        elif event.task in by_text:
            found.append(structs.replace(event, task=by_text[event.task]))
    return found


def done_lines(account: Account) -> Counter[str]:
    """Return how often its lines named each task as done; what is read off its works is no line."""
    return Counter(str(event.task) for event, _ in account.done if event.named)
