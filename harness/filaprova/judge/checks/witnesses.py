"""Evidence: is the record whole, did the findings land, and do the witnesses agree?

What these checks doubt makes everything else that was judged on the same record doubtful.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from operator import itemgetter

from filaprova.judge.balance import is_undone
from filaprova.judge.completion import Account, body_of, done_lines, form, service_s
from filaprova.judge.decision import (
    about,
    agree,
    decide,
    does_not_apply,
    life_of,
    named,
    plural,
)
from filaprova.judge.ledger import Delivery, Ledger
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Blame, Figure, Verdict
from filaprova.record.act import (
    BrokerStopping,
    FaultLanded,
    Signalled,
    StrikeMissed,
    Struck,
    Withheld,
)
from filaprova.record.event import DRAIN
from filaprova.record.history import History
from filaprova.record.program import (
    OutputDropped,
    OutputLine,
    ProgramExited,
    ProgramStarted,
    TaskDone,
    TaskReceived,
    TaskSent,
    WorkBegan,
    WorkEnded,
)
from filaprova.record.wire import (
    ConnectionClosed,
    ConnectionOpened,
    Delivered,
    Published,
    SocketClosed,
    SocketOpened,
    TransactionSelected,
    Undecodable,
)

LETTERS = re.compile(r"[^\W\d_]{3}")
CLOCK_MARGIN_NS = 1_000_000
"""A sleep may end that much sooner than asked for, by the rounding of clocks."""


@checker
def struck_mid_task(history: History, *, clients: list[str]) -> Verdict:
    """Each of these workers was struck while it held an unfinished task.

    As the wire shows (a delivery that it has not settled), its launcher (it slept, which is its
    work), or its output.
    """
    strikes = {event.client: event for event in history.of(Struck) if event.client in clients}
    doubts = [
        f"{event.client} was never caught in the middle of a task: {event.reason}"
        for event in history.of(StrikeMissed)
        if event.client in clients
    ]
    ends = {event.client: event for event in history.of(ProgramExited)}
    blame: Blame | None = "harness"
    for client in clients:
        strike = strikes.get(client)
        if strike is None:
            doubts.append(f"{client} was not struck")
        elif not _was_at_work(strike):
            doubts.append(f"{client} held no unfinished task when it was struck")
        elif strike.in_hand is not None and not _delivered_before(history, strike):
            doubts.append(f"{client} claims to hold {strike.in_hand!r}, which it was never sent")
        elif client not in ends or ends[client].at_ns < strike.at_ns:
            doubts.append(f"{client} did not end by the strike")
        elif _went_on(history, ends[client]):
            doubts.append(f"a process that {client} had started went on after its end")
            blame = None
    in_hand: dict[str, Figure] = {
        client: strike.in_hand or ("a task" if _was_at_work(strike) else None)
        for client, strike in strikes.items()
    }
    names = sorted({strike.signal_name for strike in strikes.values()})
    return decide(
        summary=f"{' and '.join(clients)} {agree(len(clients), 'was', 'were')} struck with "
        f"{', '.join(names)}{agree(len(clients), '', ', each')} in the middle of a task",
        figures={
            "struck": len(strikes),
            "signal": ", ".join(names),
            "in_hand": in_hand,
            "looks": sum(strike.looks for strike in strikes.values()),
        },
        doubts=doubts,
        expected="an unfinished task in the hands of each",
        seen=", ".join(
            f"{client}: {'nothing' if task is None else repr(task)}"
            for client, task in in_hand.items()
        )
        or "no strike",
        evidence=[*strikes.values(), *(ends[c] for c in clients if c in ends)],
        blame=blame,
        hint="longer tasks are easier to hit: --seconds-per-dot",
    )


@checker
def fault_landed(history: History, *, client: str, fault: str) -> Verdict:
    """A fault armed on the wire took effect."""
    landed = [e for e in history.of(FaultLanded) if e.client == client and e.fault == fault]
    proof = landed[0].proof if landed else ""
    return decide(
        summary=f"{fault} took effect on {client}: {proof}",
        figures={"fault": fault, "proof": proof},
        doubts=[] if landed else [f"{fault} never took effect on {client}"],
        expected=f"{fault} takes effect",
        seen=proof or "nothing",
        evidence=landed,
        blame="harness",
    )


@checker
def drained(history: History, *, queue: str) -> Verdict:
    """Everything that was left in the queue was taken out, on the record."""
    book = ledger(history, queue)
    last = book.drained[-1] if book.drained else None
    seen = sum(last is not None and d.event.at_ns <= last.at_ns for d in book.left)
    doubts = []
    if last is None:
        doubts.append("the queue was not drained")
    elif not last.complete:
        doubts.append(f"the queue could not be drained: {last.reason}")
    elif seen != sum(event.task_count for event in book.drained):
        told = sum(event.task_count for event in book.drained)
        doubts.append(f"taken out by its own count: {told}; as the wire shows: {seen}")
    elif book.undrained_count:
        doubts.append(
            f"{last.task_count} taken out, but the broker said last that "
            f"{plural(book.undrained_count, 'task')} "
            f"{agree(book.undrained_count, 'was', 'were')} still there"
        )
    return decide(
        summary=f"{plural(seen, 'task')} {agree(seen, 'was', 'were')} left in the queue and taken "
        "out",
        figures={"left": seen},
        doubts=doubts,
        expected="a complete drain",
        seen=last.reason or f"{last.task_count} taken out" if last else "no drain",
        evidence=[*book.drained, *(d.event for d in book.deliveries if d.client == DRAIN)],
        blame="harness" if last is None or last.complete else None,  # the reason says why
    )


@checker
def fully_decoded(history: History) -> Verdict:
    """Every byte on the wire was understood, but for frames that a fault cut off."""
    opened = history.of(ConnectionOpened)
    undecodable = history.of(Undecodable)
    cut = [
        event
        for event in history.of(SocketClosed)
        if (event.client_remainder_bytes or event.broker_remainder_bytes)
        and not _cut_by_fault(history, event)
    ]
    doubts = [
        f"{e.client}: bytes of the {e.by} are not AMQP 0-9-1: {e.reason}" for e in undecodable
    ]
    doubts += [f"{event.client}: its connection ended in the middle of a frame" for event in cut]
    if not opened:
        doubts.append("nothing was seen on the wire")
    return decide(
        summary=f"{plural(len(opened), 'connection')} decoded whole",
        figures={"connections": len(opened), "events": len(history)},
        doubts=doubts,
        expected="whole frames of AMQP 0-9-1",
        seen=f"{plural(len(undecodable), 'connection')} with undecodable bytes, {len(cut)} cut off",
        evidence=[*undecodable, *cut],
    )


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
        account = book.accounts.get(client)
        if account is None or account.by_works:
            continue
        for finding, task in _false_claims(history, account):
            findings.append(finding)
            suspects.append(task)
    telling = [
        client
        for client in clients
        if (account := book.accounts.get(client))
        and (account.received or account.done)
        and not account.by_works
    ]
    doubts = []
    if not clients and not findings:
        doubts.append("no worker was sent anything, so there is only one witness")
    if not book.published:
        doubts.append(f"nothing was published to {queue}, so there is nothing to judge")
    silent = [c for c in clients if c not in telling]
    skipped = _skipped(book)
    return decide(
        summary=f"the wire and the output of {plural(len(telling), 'worker')} tell the same story"
        if telling
        else f"{' and '.join(silent)} printed no line that names a task, and nobody has to",
        figures={
            "delivered": len(book.worked),
            "received": len(book.received),
            "done": len(book.done),
        },
        findings=findings,
        blind=doubts,
        doubts=[
            f"{skipped[0].client} acknowledged {plural(len(skipped), 'task')} of which it never "
            f"said a word, as it does of others: {named([d.task for d in skipped])}"
        ]
        if skipped
        else [],
        expected="no worker prints what is not so",
        seen="; ".join(findings) or ("the same" if telling else "nothing about tasks"),
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
            said = "received" if isinstance(event, TaskReceived) else "done"
            yield (
                f"{client} printed {event.task!r} as {said}, which it was never sent",
                str(event.task),
            )
            return
    sent = Counter(body_of(event) for event in account.sent)
    for done, delivery in account.done:
        body = body_of(delivery) if delivery else ""
        if done_lines(account)[str(done.task)] > sent[body] and len(account.works) <= len(
            account.sent
        ):
            yield f"{client} printed {done.task!r} as done more often than it was sent it", body
            return
    yield from _names_another(account)
    ended = {event.client for event in history.of(Struck)}
    ended |= {event.client for event in history.of(ProgramExited)}
    if client in ended and account.works_by_dots:
        usual = _in_its_usual_words(history, client)
        # What it was sent before, or has done before with another body, need not be done again.
        fresh = {
            body_of(delivery): delivery
            for done, delivery in account.done
            if (done.named or done.at_ns in usual)
            and delivery
            and not delivery.redelivered
            and service_s(history, body_of(delivery))
        }
        if len(fresh) > account.works_ended:
            task = list(fresh)[-1]
            yield (
                f"{client} printed {plural(len(fresh), 'task')} as done, and had worked for "
                f"{account.works_ended}: {task!r} was not done",
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
    turns = list(zip(lines[::2], lines[1::2], strict=False))
    one_by_one = all(
        isinstance(first, TaskReceived) and isinstance(second, TaskDone)
        for (first, _), (second, _) in turns
    )
    for (received, begun), (done, finished) in turns if one_by_one else ():
        if begun and finished and body_of(begun) != body_of(finished) and begun.task != done.task:
            yield (
                f"{account.client} printed {done.task!r} as done while it had {received.task!r} in "
                "hand",
                begun.task,
            )
            return


@checker
def settled_after_work(history: History, *, queue: str) -> Verdict:
    """No worker acknowledges a task before it can have done it.

    Known where a worker sleeps for as long as its tasks' dots say, as its launcher tells: whoever
    acknowledges a task sooner after its delivery than it sleeps for it has not done it by then, nor
    has who has acknowledged more tasks than it has slept for. A task that comes again may have been
    done before, unless by their sleeps none of those that had it did it, and so may one with the
    same body as another. Who publishes a task again, for
    later, has to do that first: after the acknowledgement nobody has it.
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
        before = (delivery.client, body_of(event)) in had
        had.add((delivery.client, body_of(event)))
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
    if not judged_count and not too_soon:
        names = " and ".join(dict.fromkeys(unknown))
        why = (
            f"how long {names} {agree(len(set(unknown)), 'works', 'work')} on a task is not known"
            if unknown
            else "no task was acknowledged at its first delivery"
        )
        return does_not_apply(why, figures={"early": 0, "judged": 0})
    findings = []
    if early:
        findings.append(
            f"{' and '.join(clients)} acknowledged {plural(len(early), 'task')} before "
            f"{agree(len(early), 'its', 'their')} work can have been done: {named(tasks)}"
        )
    if too_soon:
        them = agree(len(too_soon), "it", "them")
        findings.append(
            f"{too_soon[0].client} acknowledged {plural(len(too_soon), 'task')} and published "
            f"{them} again only then, so that nobody had {them} in between: "
            f"{named([delivery.task for delivery in too_soon])}"
        )
    return decide(
        summary=f"{plural(judged_count, 'task')} acknowledged, none sooner than its work takes",
        figures={"early": len(early) + len(too_soon), "judged": judged_count},
        findings=findings,
        expected="the acknowledgement comes after the work",
        seen=_sooner(history, early[0])
        if early
        else "before it was published again"
        if too_soon
        else "after the work",
        evidence=life_of(book, tasks or [d.task for d in too_soon]),
        blame="worker",
        hint="acknowledge at the end of the callback, when the work is done" if findings else "",
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
            copies_ns = copies.get((delivery.client, task), [])
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


def _sooner(history: History, delivery: Delivery) -> str:
    takes_ms = service_s(history, body_of(delivery.event)) * 1e3
    after_ms = ((delivery.ended_at_ns or delivery.event.at_ns) - delivery.event.at_ns) / 1e6
    if after_ms < takes_ms:
        return f"{delivery.task!r} takes {takes_ms:.0f} ms, acknowledged after {after_ms:.1f} ms"
    return (
        f"{delivery.task!r} takes {takes_ms:.0f} ms, and was acknowledged before {delivery.client} "
        "had slept that long for it"
    )


@checker
def sent_as_said(history: History, *, queue: str, asked: int | None = None) -> Verdict:
    """What each publisher printed as sent is what the wire shows that it published.

    Nobody has to print that. Whoever names none of the bodies that it published is not compared,
    unless all that it names have their very form, with other digits, or word for word the same but
    for some: then it names others. What it leaves unnamed is no fault: it may print its progress
    only. Where publishers heed how many tasks they are ``asked`` for, exactly so many must have
    been sent.
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
    findings, suspects = [], []
    for client in naming:
        unsent = list((said[client] - published[client]).elements())
        again = [t for t, count in said[client].items() if here[client][t] > count]
        suspects += [*unsent, *again]
        if unsent:
            findings.append(f"{client} printed as sent, and did not send: {named(unsent)}")
        if again:
            findings.append(f"{client} sent more often than it printed: {named(again)}")
    for client in clients:
        if client not in naming and _names_others(said[client], published[client]):
            others = list(said[client])
            suspects += others
            findings.append(f"{client} printed as sent, and did not send: {named(others)}")
    if asked not in (None, len(book.published)):
        findings.append(f"asked for {asked}, and {plural(len(book.published), 'task')} sent")
    doubts = [
        f"{event.client} printed too much: {event.line_count} lines were not kept"
        for event in history.of(OutputDropped)[:1]
    ]
    if not book.published:
        doubts.append(f"nothing was published to {queue}, so there is nothing to judge")
    if findings:
        doubts += _may_not_be_all(history, clients)
    said_count = sum(
        count
        for client in naming
        for task, count in said[client].items()
        if here[client][task] or not published[client][task]  # else it is another queue's
    )
    return decide(
        summary=f"{said_count} of {plural(len(book.published), 'task')} printed as sent by whoever "
        "published them, and each of them was"
        if naming
        else f"{plural(len(book.published), 'task')} published; nobody printed which of them it "
        "sent, and nobody has to",
        figures={"published": len(book.published), "said": said_count},
        findings=findings,
        blind=doubts,
        expected="each publisher sends what it prints as sent"
        + ("" if asked is None else f", {plural(asked, 'task')} in all"),
        seen="; ".join(findings)
        or f"{len(book.published)} published, {said_count} printed as sent",
        evidence=[*about(history.of(TaskSent), suspects), *about(book.published, suspects)],
        blame="publisher",
    )


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
        told = [f"{counted.ready_count} ready"]
        predicted = [f"{least} ready" if least == most else f"{least} to {most} ready"]
        if counted.unacked_count is not None:
            told.append(f"{counted.unacked_count} unacked")
            predicted.append(f"{comparison.unacked_count} unacked")
        if (
            book.went_round
            and counted.unacked_count is not None
            and counted.ready_count + counted.unacked_count == least + comparison.unacked_count
        ):
            continue  # on their way between the queue and a worker that puts them back
        if not least <= counted.ready_count <= most or told[1:] != predicted[1:]:
            findings.append(
                f"the broker counts {', '.join(told)}; the wire predicts {', '.join(predicted)}"
            )
    doubts = [] if listed else ["the queue was not listed while it was there"]
    unread = [
        f"the broker blocked the connection of {client}: {reason}"
        for client, reason in book.blocked.items()
    ]
    resent = [
        task
        for task, deliveries in book.deliveries_by_task.items()
        if any(delivery.fate == "discarded" for delivery in deliveries[:-1])
    ]
    if resent:
        doubts = [f"rejected for good, and sent again all the same: {named(resent)}"]
    if len(compared) < len(listed):
        doubts = ["the wire cannot tell what a restart or a deletion left in the queue"]
    last = compared[-1].counted if compared else None
    return decide(
        summary=f"{plural(len(compared), 'count')} of the broker as the wire predicts",
        figures={
            "counts": len(compared),
            "ready": last.ready_count if last else None,
            "unacked": last.unacked_count if last else None,
        },
        findings=[] if resent else findings,
        blind=unread,
        doubts=doubts,
        expected="ready and unacked as predicted from publishes, deliveries and settlements",
        seen="; ".join(findings) or ("the same" if compared else "no count to compare"),
        evidence=[comparison.counted for comparison in compared],
        hint="does somebody else publish to or consume from this queue?" if findings else "",
    )


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
        text.encode("ascii", how).decode("ascii") for how in ("ignore", "replace")
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


def _may_not_be_all(history: History, clients: list[str]) -> list[str]:
    """Return why more of what these publishers sent may still come, or may have been lost."""
    running = {event.client for event in history.of(ProgramStarted)}
    running -= {event.client for event in history.of(ProgramExited)}
    bade_farewell = {e.connection for e in history.of(ConnectionClosed) if e.by == "client"}
    broken = {
        event.client
        for event in history.of(SocketClosed)
        if event.by != "client" and event.connection not in bade_farewell
    }
    doubts = [f"{client} has not ended" for client in clients if client in running]
    doubts += [f"the connection of {client} broke" for client in clients if client in broken]
    return doubts


def _delivered_before(history: History, strike: Struck) -> bool:
    return any(
        event.at_ns <= strike.at_ns and strike.in_hand in (event.task, event.body)
        for event in _sent_to(history)[strike.client]
    )


def _sent_to(history: History) -> defaultdict[str, list[Delivered]]:
    """Return what each client was sent; made once for each history."""
    return history.derived("deliveries by client", _deliveries_by_client)


def _deliveries_by_client(history: History) -> defaultdict[str, list[Delivered]]:
    sent: defaultdict[str, list[Delivered]] = defaultdict(list)
    for event in history.of(Delivered):
        sent[event.client].append(event)
    return sent


def _went_on(history: History, end: ProgramExited) -> bool:
    """Tell whether something of a program worked or spoke of tasks after the program had ended."""
    kinds: list[type[TaskDone] | type[TaskReceived] | type[WorkBegan] | type[WorkEnded]]
    kinds = [TaskDone, TaskReceived, WorkBegan, WorkEnded]
    return any(
        event.client == end.client and event.at_ns > end.at_ns
        for kind in kinds
        for event in history.of(kind)
    )


def _was_at_work(strike: Struck) -> bool:
    """Tell whether a program had something unfinished when it was struck."""
    return (
        strike.in_hand is not None
        or bool(strike.unsettled)
        or strike.works_begun > strike.works_ended
    )


def _cut_by_fault(history: History, closed: SocketClosed) -> bool:
    """Tell whether something that was done to this connection explains a cut frame."""
    opened = [e for e in history.of(SocketOpened) if e.connection == closed.connection]
    hits: list[Struck | Signalled] = [*history.of(Struck), *history.of(Signalled)]
    deeds_ns = [event.at_ns for event in hits if event.client == closed.client]
    deeds_ns += [event.at_ns for event in history.of(BrokerStopping) if event.how == "kill"]
    return closed.by == "fault" or any(
        event.at_ns <= at_ns <= closed.at_ns for event in opened for at_ns in deeds_ns
    )
