"""Timing: was a task acknowledged only when its work was done?"""

from __future__ import annotations

from collections import Counter, defaultdict
from operator import itemgetter

from filaprova.judge.balance import is_undone
from filaprova.judge.completion import Account, body_of, names_of, seconds_short, service_s
from filaprova.judge.decision import decide, does_not_apply, life_of, named, plural
from filaprova.judge.ledger import Delivery, Ledger
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Verdict
from filaprova.phrase import Phrase, joined_names, say, say_for
from filaprova.record.act import Withheld
from filaprova.record.history import History
from filaprova.record.wire import TransactionSelected

CLOCK_MARGIN_NS = 1_000_000
"""A sleep may end that much sooner than asked for, by the rounding of clocks."""


@checker
def settled_after_work(history: History, *, queue: str) -> Verdict:
    """No worker acknowledges a task before it can have done it.

    Known where a worker sleeps for as long as its tasks' dots say, as its launcher tells: whoever
    acknowledges a task sooner after its delivery than it sleeps for it has not done it by then, nor
    has who has acknowledged more tasks than it has slept for. A task that comes again may have been
    done before, unless by their sleeps none of those that had it did it, and so may one with the
    same body or ``message_id`` as another. Who publishes a task again, for later, has to do that
    first: after the acknowledgement nobody has it.
    """
    book = ledger(history, queue)
    withheld = {
        (e.connection, e.channel, e.delivery_tag): e.at_ns
        for e in history.of(Withheld)
        if e.what == "basic.ack"
    }
    early, unknown = [], []
    judged: dict[str, list[tuple[int, float, Delivery]]] = defaultdict(list)
    """By client: when it acknowledged what it had to sleep for how long."""
    had: set[tuple[str, str]] = set()
    for delivery in book.worked:
        event = delivery.event
        key = (event.connection, event.channel, event.delivery_tag)
        at_ns = delivery.ended_at_ns if delivery.fate == "acked" else withheld.get(key)
        called = {(delivery.client, name) for name in names_of(event)}
        before = bool(called & had)
        had |= called
        if event.no_ack or at_ns is None or before or not is_undone(history, book, delivery):
            continue
        account = book.accounts.get(delivery.client)
        takes_s = service_s(history, body_of(event))
        if account is None or not takes_s or not account.works_by_dots:
            unknown.append(delivery.client)
            continue
        judged[delivery.client].append((at_ns, round(takes_s, 9), delivery))
        if at_ns - event.at_ns < takes_s * 1e9 - CLOCK_MARGIN_NS:
            early.append(delivery)
    for client, acknowledged in judged.items():
        early += [d for d in _ahead(book.accounts[client], acknowledged) if d not in early]
    judged_count = sum(map(len, judged.values()))
    if not book.worked:
        return decide(figures={"early": 0, "judged": 0}, doubts=["no worker was sent anything"])
    tasks = [delivery.task for delivery in early]
    clients = sorted({delivery.client for delivery in early})
    too_soon = _settled_before_its_copy(history, book)
    short = {
        client: seconds
        for client in dict.fromkeys(unknown)
        if client in book.accounts
        and not book.accounts[client].works_by_dots
        and (seconds := seconds_short(history, book.accounts[client]))
    }
    short_count = sum(map(unknown.count, short))
    if not judged_count and not too_soon and not short:
        return does_not_apply(_why_not_judged(unknown), figures={"early": 0, "judged": 0})
    findings = []
    if short:
        findings.append(
            say(
                "{} slept {} less for each task than it has dots, and acknowledged {} all the same",
                joined_names(list(short)),
                plural(max(short.values()), "second"),
                plural(short_count, "task"),
            )
        )
    if early:
        findings.append(
            say_for(
                len(early),
                "{} acknowledged {} before its work can have been done: {}",
                "{} acknowledged {} before their work can have been done: {}",
                joined_names(clients),
                plural(len(early), "task"),
                named(tasks),
            )
        )
    if too_soon:
        findings.append(_published_only_then(too_soon))
    return decide(
        summary=say(
            "{} acknowledged, none sooner than its work takes", plural(judged_count, "task")
        ),
        figures={"early": len(early) + len(too_soon) + short_count, "judged": judged_count},
        findings=findings,
        expected="the acknowledgement comes after the work",
        seen=_sooner(history, early[0])
        if early
        else "before it was published again"
        if too_soon
        else "after less than the work"
        if short
        else "after the work",
        evidence=life_of(
            book,
            tasks
            or [d.task for d in too_soon]
            or [d.task for d in book.worked if d.client in short],
        ),
        blame="worker",
        hint="acknowledge at the end of the callback, when the work is done"
        if early or too_soon
        else "",
    )


def _why_not_judged(unknown: list[str]) -> str:
    """Return why no acknowledgement is compared; ``unknown``: whose work is, for each of theirs."""
    if not unknown:
        return "no task was acknowledged at its first delivery"
    names = list(dict.fromkeys(unknown))
    return say_for(
        len(names),
        "how long {} works on a task is not known",
        "how long {} work on a task is not known",
        joined_names(names),
    )


def _published_only_then(deliveries: list[Delivery]) -> Phrase:
    return say_for(
        len(deliveries),
        "{} acknowledged {} and published it again only then, so that nobody had it in between: {}",
        "{} acknowledged {} and published them again only then, so that nobody had them in "
        "between: {}",
        deliveries[0].client,
        plural(len(deliveries), "task"),
        named([delivery.task for delivery in deliveries]),
    )


def _settled_before_its_copy(history: History, book: Ledger) -> list[Delivery]:
    """Return what its worker acknowledged, and then published again to the same queue.

    In a transaction both come at once.
    """
    in_transactions = {(e.connection, e.channel) for e in history.of(TransactionSelected)}
    copies: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for event in book.published:
        if (event.connection, event.channel) not in in_transactions:
            copies[event.client, event.task].append(event.at_ns)
    found = []
    for task, deliveries in book.deliveries_by_task.items():
        for delivery in deliveries:
            copies_ns = copies.get((delivery.client, task))
            ended_ns = delivery.ended_at_ns
            if delivery.fate != "acked" or ended_ns is None or not copies_ns:
                continue
            held_ns = range(delivery.event.at_ns, ended_ns)
            if not any(at_ns in held_ns for at_ns in copies_ns) and copies_ns[-1] > ended_ns:
                copies_ns.pop()
                found.append(delivery)
    return found


def _ahead(account: Account, acknowledged: list[tuple[int, float, Delivery]]) -> list[Delivery]:
    """Return what a program acknowledged before it had slept as long for as many tasks."""
    ends_ns: dict[float, list[int]] = defaultdict(list)
    for began, end in account.works:
        if end is not None and end.complete:
            if end.ended_ns is None:
                return []  # when it ended is known only roughly
            ends_ns[round(began.seconds, 9)].append(end.ended_ns)
    ahead = []
    counts: Counter[float] = Counter()
    for at_ns, takes_s, delivery in sorted(acknowledged, key=itemgetter(0)):
        ended_count = sum(ended_ns <= at_ns for ended_ns in ends_ns[takes_s])
        counts[takes_s] += 1
        if ended_count < counts[takes_s]:
            ahead.append(delivery)
    return ahead


def _sooner(history: History, delivery: Delivery) -> Phrase:
    takes_ms = service_s(history, body_of(delivery.event)) * 1e3
    after_ms = ((delivery.ended_at_ns or delivery.event.at_ns) - delivery.event.at_ns) / 1e6
    if after_ms < takes_ms:
        return say(
            "{} takes {:.0f} ms, acknowledged after {:.1f} ms",
            repr(delivery.task),
            takes_ms,
            after_ms,
        )
    return say(
        "{} takes {:.0f} ms, and was acknowledged before {} had slept that long for it",
        repr(delivery.task),
        takes_ms,
        delivery.client,
    )
