"""Acknowledgement: what was settled, what was not, and what came back because of it."""

from __future__ import annotations

from typing import Any

import pytest

from filaprova.judge.checks import (
    acknowledgement_mode,
    all_settled,
    kept_to_protocol,
    never_settled,
    queue_already_empty_before_strike,
    redelivered_equals_unacked_at_disconnect,
)
from filaprova.judge.verdict import Blame
from filaprova.record.wire import Settled
from tests.harness.judge.stories import (
    FAIL,
    PASS,
    TICK_NS,
    UNKNOWN,
    Case,
    Q,
    Story,
    case,
    name_of,
)


def two_tasks() -> Story:
    return Story().subscribe("C1", "C2").publish("t1", "t2")


def dead_with_one() -> Story:
    """C1 has acknowledged t1 and is killed with t2 in its hands."""
    return two_tasks().deliver("t1", "t2", to="C1").work("C1", "t1").receive("C1", "t2").die("C1")


def leaving_in_order(*unbegun: str) -> Story:
    """C1 is told to end with t1 in hand; it finishes that, and closes its connection."""
    return (
        two_tasks()
        .deliver("t1", *unbegun, to="C1")
        .receive("C1", "t1")
        .strike("C1", "t1", "SIGTERM")
        .done("C1", "t1")
        .ack("t1", by="C1")
        .close("C1")
        .exit("C1", code=0)
    )


def one_at_a_time(prefetch: int = 1) -> Story:
    """C1 has acknowledged t1 before it was sent t2."""
    return (
        Story()
        .subscribe("C1", "C2", prefetch=prefetch)
        .publish("t1", "t2")
        .handle("C1", "t1")
        .deliver("t2", to="C1")
        .receive("C1", "t2")
    )


def silently_pushed() -> Story:
    """Both are pushed to a worker that needs no acknowledgement."""
    return Story().subscribe("C1", no_ack=True).publish("t1", "t2").deliver("t1", "t2", to="C1")


def pushed() -> Story:
    """Both are pushed to a worker that needs no acknowledgement, and it has begun the first."""
    return silently_pushed().receive("C1", "t1")


def closed_on() -> Story:
    """C1 acknowledges t2 when the broker has closed its channel, and has not read that yet."""
    return (
        two_tasks()
        .deliver("t2", to="C1")
        .work("C1", "t2")
        .close_channel("C1", by="broker", code=406)
    )


def stray(client: str, connection: int = 1, tag: int = 9) -> dict[str, Any]:
    """An acknowledgement of what is not outstanding."""
    where = {"client": client, "connection": connection, "channel": 1}
    what = {"task": None, "delivery_tag": tag, "how": "ack", "requeue": False, "queue": None}
    return where | what


def strays_of_two() -> Story:
    """C1 settles what it holds, and six that it does not hold; C2 settles one that it does not."""
    story = two_tasks().role("worker", "C1").role("worker", "C2").handle("C1", "t1")
    for tag in range(2, 8):
        story.tell(Settled, **stray("C1", 1, tag))
    story.tell(Settled, **stray("C2", 2, 9))
    story.close_channel("C1", "broker", 406, "PRECONDITION_FAILED - unknown delivery tag 2")
    return story.close_channel("C2", "broker", 406, "PRECONDITION_FAILED - unknown delivery tag 9")


ALL = all_settled(queue=Q)
MANUAL = acknowledgement_mode(queue=Q, manual=True)
AUTOMATIC = acknowledgement_mode(queue=Q, manual=False)
PROTOCOL = kept_to_protocol()
NEVER = never_settled(queue=Q)
EQUAL = redelivered_equals_unacked_at_disconnect(queue=Q)
EMPTY = queue_already_empty_before_strike(queue=Q)

IN_VAIN = ("acknowledged", "waited 20.0 s for tasks to be acknowledged by C1")


def at_it(dots: int, seconds: float = 20.01) -> Story:
    """C1 is sent a task that takes so many seconds in real time, and is waited for in vain."""
    task = "t" + "." * dots
    story = Story().open().subscribe("C1").publish(task).deliver(task, to="C1")
    return story.wait(seconds - TICK_NS / 1e9).wait_in_vain(*IN_VAIN)


def asleep() -> Story:
    """C1 asks for one of two tasks, settles it, and begins a sleep that is far too long."""
    story = Story().publish("t1", "t2").get("t1", by="C1").ack("t1", by="C1")
    return story.begin_sleep("C1", 32.8)


def with_publisher() -> Story:
    """P publishes two tasks; C1 is a worker."""
    return Story().role("producer", "P").role("worker", "C1").publish("t1", "t2", by="P")


def consumed(*clients: str, no_ack: bool) -> Story:
    """Each of these has been sent a task, and has done it."""
    story = with_publisher().subscribe(*clients, no_ack=no_ack)
    for task, client in zip(("t1", "t2"), clients, strict=False):
        story.deliver(task, to=client).do(client, task)
    return story


CONSUMERS: tuple[tuple[str, tuple[str, ...], Blame], ...] = (
    ("the publisher", ("P",), "publisher"),
    ("a worker", ("C1",), "worker"),
    ("the publisher and a worker", ("P", "C1"), "worker"),
)
"""Who consumed, as it is told, and who is to blame for that."""

CASES = [
    # ------------------------------------------------------------ who consumed
    *(
        case(
            f"{name} consumed with automatic acknowledgement",
            consumed(*clients, no_ack=True),
            MANUAL,
            FAIL,
            f"{' and '.join(clients)} consumed with automatic acknowledgement (no_ack), so that "
            "nothing of it is ever acknowledged.",
            blame=blame,
        )
        for name, clients, blame in CONSUMERS
    ),
    *(
        case(
            f"{name} had to acknowledge, and never did",
            consumed(*clients, no_ack=False),
            AUTOMATIC,
            FAIL,
            f"{' and '.join(clients)} consumed so that each task has to be acknowledged, and never "
            "acknowledged any.",
            blame=blame,
        )
        for name, clients, blame in CONSUMERS
    ),
    *(
        case(
            f"{name} holds what it has done",
            consumed(*clients, no_ack=False),
            ALL,
            FAIL,
            "2 tasks never acknowledged: 't1', 't2'.",
            blame=blame,
        )
        for name, clients, blame in CONSUMERS
    ),
    case(
        "the publisher consumed with automatic acknowledgement, and a worker as it should",
        with_publisher()
        .subscribe("P", no_ack=True)
        .deliver("t1", to="P")
        .subscribe("C1")
        .handle("C1", "t2"),
        MANUAL,
        FAIL,
        "P consumed with automatic acknowledgement (no_ack), so that nothing of it is ever "
        "acknowledged.",
        blame="publisher",
    ),
    case(
        "the publisher never acknowledged, and a worker, which is not to, did",
        with_publisher()
        .subscribe("P")
        .deliver("t1", to="P")
        .do("P", "t1")
        .subscribe("C1")
        .handle("C1", "t2"),
        AUTOMATIC,
        FAIL,
        "P consumed so that each task has to be acknowledged, and never acknowledged any.",
        blame="publisher",
    ),
    case(
        "the publisher holds one, and a worker has acknowledged the other",
        with_publisher().subscribe("P").deliver("t1", to="P").subscribe("C1").handle("C1", "t2"),
        ALL,
        FAIL,
        "1 task never acknowledged: 't1'.",
        blame="publisher",
    ),
    case(
        "a worker had it before the publisher, which holds it now",
        with_publisher()
        .subscribe("C1")
        .handle("C1", "t2")
        .deliver("t1", to="C1")
        .close("C1")
        .subscribe("P")
        .deliver("t1", to="P", again=True),
        ALL,
        FAIL,
        "1 task never acknowledged: 't1'.",
        blame="publisher",
    ),
    case(
        "a worker holds what the publisher had before",
        with_publisher()
        .subscribe("P")
        .handle("P", "t2")
        .deliver("t1", to="P")
        .close("P")
        .subscribe("C1")
        .deliver("t1", to="C1", again=True),
        ALL,
        FAIL,
        "1 task never acknowledged: 't1'.",
        blame="worker",
    ),
    # ------------------------------------------------------------ nobody stays
    case(
        "all have left of themselves, and tasks are waiting",
        Story()
        .subscribe("C1")
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .ack("t1", by="C1")
        .close("C1")
        .exit("C1", code=0),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
        blame="worker",
    ),
    case(
        "all have left of themselves before there was anything to do",
        Story()
        .subscribe("C1")
        .cancel("C1", by="client")
        .close("C1")
        .exit("C1", code=0)
        .publish("t1"),
        ALL,
        FAIL,
        "1 task never acknowledged: 't1'.",
        blame="worker",
    ),
    case(
        "who polls has not asked for long",
        Story()
        .publish("t1", "t2")
        .get("t1", by="C1")
        .ack("t1", by="C1")
        .wait(20.0)
        .wait_in_vain(*IN_VAIN),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
        blame="worker",
    ),
    case(
        "who polls has begun a sleep that is far too long",
        asleep().wait(1.0).wait_in_vain(*IN_VAIN).drain("t2"),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
        blame="worker",
    ),
    case(
        "who polls will ask again five seconds after it asked last, and no later",
        Story()
        .publish("t1", "t2")
        .get("t1", by="C1")
        .ack("t1", by="C1")
        .begin_sleep("C1", 4.98)
        .wait(1.0)
        .wait_in_vain(*IN_VAIN),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
    ),
    case(
        "who polls has been woken from a sleep that was far too long",
        asleep().wait(1.0).end_sleep("C1", 32.8, complete=False).wait(1.0).wait_in_vain(*IN_VAIN),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
    ),
    case(
        "who polls in one thread sleeps in two others",
        asleep()
        .begin_sleep("C1", 1.0, "another")
        .get_nothing("C1")
        .wait(1.0)
        .end_sleep("C1", 1.0)
        .end_sleep("C1", 32.8, complete=False)
        .wait_in_vain(*IN_VAIN),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
    ),
    case(
        "who polls asks in one thread, while another sleeps for long",
        asleep().wait(1.0).get_nothing("C1").wait_in_vain(*IN_VAIN),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
    ),
    case(
        "all who subscribed have left of themselves, and one that polls has not",
        Story()
        .publish("t1", "t2")
        .get("t1", by="C2")
        .ack("t1", by="C2")
        .subscribe("C1")
        .close("C1")
        .exit("C1", code=0),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
    ),
    case(
        "who polls has just asked, and the broker gave it nothing",
        Story()
        .publish("t1", "t2")
        .get("t1", by="C1")
        .ack("t1", by="C1")
        .wait(20.0)
        .get_nothing("C1")
        .wait_in_vain(*IN_VAIN),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
    ),
    case(
        "the harness ended them all, and tasks are waiting",
        Story().subscribe("C1").publish("t1").release("C1").close("C1").exit("C1", code=0),
        ALL,
        FAIL,
        "1 task never acknowledged: 't1'.",
    ),
    case(
        "it was told to leave, and tasks are waiting",
        Story()
        .subscribe("C1")
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .ack("t1", by="C1")
        .signal("C1", "SIGTERM")
        .close("C1")
        .exit("C1", code=0),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
    ),
    # ------------------------------------------------------------ dead letters, and going round
    case(
        "one is rejected, and went to a dead letter queue",
        Story()
        .open(own_host=True)
        .turn_to("dead")
        .declare()
        .turn_to(Q)
        .declare(arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"})
        .subscribe("C1")
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C1")
        .ack("t1", by="C1")
        .nack("t2", by="C1", requeue=False),
        ALL,
        PASS,
        "all 2 tasks were acknowledged, but for 1 that went to a dead letter queue.",
    ),
    case(
        "one is rejected, and there is no dead letter queue",
        Story()
        .open(own_host=True)
        .declare()
        .subscribe("C1")
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C1")
        .ack("t1", by="C1")
        .nack("t2", by="C1", requeue=False),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
        blame="worker",
    ),
    case(
        "it goes round and round until the scenario gives up",
        Story()
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .wait(30)
        .nack("t1", by="C1")
        .deliver("t1", to="C1", again=True)
        .wait_in_vain(*IN_VAIN),
        ALL,
        FAIL,
        "1 task never acknowledged: 't1'.",
        blame="worker",
    ),
    case(
        "the broker has lost its patience with who never acknowledges",
        Story().subscribe("C1").publish("t1").deliver("t1", to="C1").time_out("C1").count(1),
        NEVER,
        UNKNOWN,
        "so that what it held came back.",
    ),
    case(
        "the publisher is blocked",
        Story().publish("t1").block("producer"),
        ALL,
        UNKNOWN,
        "the broker blocked the connection of producer (low on disk), and need not have read what "
        "it published.",
    ),
    case(
        "the publisher was blocked for some time",
        Story()
        .subscribe("C1")
        .block("producer")
        .publish("t1")
        .unblock("producer")
        .deliver("t1", to="C1")
        .ack("t1", by="C1"),
        ALL,
        PASS,
        "the only task was acknowledged.",
    ),
    # ---------------------------------------------------------------- only what it holds
    case(
        "it settles what it holds",
        two_tasks().role("worker", "C1").deliver("t1", to="C1").ack("t1", by="C1"),
        PROTOCOL,
        PASS,
        "nobody broke the protocol, or settled what it did not hold.",
        figures={"refused": 0},
    ),
    case(
        "it settles with a wrong number",
        two_tasks()
        .role("worker", "C1")
        .deliver("t1", to="C1")
        .tell(Settled, **stray("C1"))
        .close_channel("C1", "broker", 406, "PRECONDITION_FAILED - unknown delivery tag 9"),
        PROTOCOL,
        FAIL,
        "C1 settled a delivery that it did not hold on that channel, and the broker closed it.",
        blame="worker",
    ),
    case(
        "two settle with wrong numbers, one of them after a right one",
        strays_of_two(),
        PROTOCOL,
        FAIL,
        "C1 and C2 settled a delivery that they did not hold on that channel, and the broker "
        "closed it.",
        blame="worker",
        figures={"refused": 2},
    ),
    case(
        "two settle with wrong numbers, and a publisher breaks the protocol otherwise",
        strays_of_two().role("producer", "P").close_connection("P", 540, "NOT_IMPLEMENTED"),
        PROTOCOL,
        FAIL,
        "C1 and C2 settled a delivery that they did not hold on that channel, and the broker "
        "closed it; the broker closed on P, which had broken the protocol: NOT_IMPLEMENTED.",
        blame="worker",
        figures={"refused": 3},
    ),
    case(
        "two break the protocol, each in a way of its own",
        two_tasks()
        .role("worker", "C1")
        .role("worker", "C2")
        .close_connection("C1", 540, "NOT_IMPLEMENTED")
        .close_connection("C2", 503, "COMMAND_INVALID")
        .connect("C1")
        .close_connection("C1", 503, "COMMAND_INVALID"),
        PROTOCOL,
        FAIL,
        "the broker closed on C1, which had broken the protocol: NOT_IMPLEMENTED; the broker "
        "closed on C2, which had broken the protocol: COMMAND_INVALID.",
        blame="worker",
        figures={"refused": 3},
    ),
    case(
        "it calls a method with its arguments in the wrong order",
        two_tasks().role("worker", "C1").close_connection("C1", 540, "NOT_IMPLEMENTED"),
        PROTOCOL,
        FAIL,
        "the broker closed on C1, which had broken the protocol: NOT_IMPLEMENTED.",
        blame="worker",
    ),
    *(
        case(
            f"its channel is closed for what no other program has to do with: {text}",
            two_tasks()
            .role("producer", "P")
            .close_channel("P", "broker", 406, f"PRECONDITION_FAILED - {text}"),
            PROTOCOL,
            FAIL,
            f"the broker closed on P, which had broken the protocol: PRECONDITION_FAILED - {text}.",
            blame="publisher",
        )
        for text in (
            "invalid message: {unacceptable_type_in_header}",
            "invalid expiration 'soon'",
            "user_id property set to 'me' but authenticated user was 'you'",
            "fast reply consumer does not exist",
            "cannot switch from confirm to tx mode",
            "channel is not transactional",
            "no previously declared queue",
            "queue name 'amq.mine' contains reserved prefix 'amq.*'",
            "operation not permitted on the default exchange",
            "message size 1 is larger than configured max size 0",
        )
    ),
    case(
        "it gives a consumer tag twice",
        two_tasks()
        .role("worker", "C1")
        .close_connection("C1", 530, "NOT_ALLOWED - attempt to reuse consumer tag 'c'"),
        PROTOCOL,
        FAIL,
        "the broker closed on C1, which had broken the protocol: NOT_ALLOWED - attempt to reuse",
        blame="worker",
    ),
    case(
        "its connection is closed for another reason",
        two_tasks().role("worker", "C1").close_connection("C1", 320, "CONNECTION_FORCED"),
        PROTOCOL,
        PASS,
        "nobody broke the protocol, or settled what it did not hold.",
    ),
    case(
        "another reason to close a channel with 406",
        two_tasks()
        .role("worker", "C1")
        .close_channel("C1", "broker", 406, "PRECONDITION_FAILED - inequivalent arg 'durable'"),
        PROTOCOL,
        PASS,
        "nobody broke the protocol, or settled what it did not hold.",
    ),
    case(
        "somebody who is no program",
        two_tasks().close_channel("C1", "broker", 406, "unknown delivery tag 9"),
        PROTOCOL,
        PASS,
        "nobody broke the protocol, or settled what it did not hold.",
    ),
    case(
        "a worker that does in real time what takes long has not acknowledged yet",
        at_it(dots=20),
        ALL,
        UNKNOWN,
        "C1 still held tasks when the scenario went on, and may be at them in real time.",
    ),
    case(
        "one that has held a task for far longer than it takes does not acknowledge it",
        at_it(dots=5),
        ALL,
        FAIL,
        "1 task never acknowledged: 't.....'.",
        blame="worker",
    ),
    case(
        "one that has held a task for just as long as it may take does not acknowledge it",
        at_it(dots=5, seconds=8.0),
        ALL,
        FAIL,
        "1 task never acknowledged: 't.....'.",
        blame="worker",
    ),
    case(
        "one that has held a task for a moment less may be at it",
        at_it(dots=5, seconds=7.99),
        ALL,
        UNKNOWN,
        "C1 still held tasks when the scenario went on, and may be at them in real time.",
    ),
    case(
        "one that has held a task for long has settled another of late, and may be at it",
        Story()
        .open()
        .subscribe("C1")
        .publish("t", "t.....")
        .deliver("t", "t.....", to="C1")
        .wait(18.0)
        .ack("t", by="C1")
        .wait(2.0)
        .wait_in_vain(*IN_VAIN),
        ALL,
        UNKNOWN,
        "C1 still held tasks when the scenario went on, and may be at them in real time.",
    ),
    case(
        "one that has held a task for far longer than it takes, while another settles its own",
        Story()
        .open()
        .subscribe("C1", "C2")
        .publish("t", "t.....")
        .deliver("t.....", to="C1")
        .deliver("t", to="C2")
        .wait(18.0)
        .ack("t", by="C2")
        .wait(2.0)
        .wait_in_vain(*IN_VAIN),
        ALL,
        FAIL,
        "1 task never acknowledged: 't.....'.",
        blame="worker",
    ),
    case(
        "two that do in real time what takes long have not acknowledged yet",
        two_tasks().deliver("t1", to="C1").deliver("t2", to="C2").wait_in_vain(*IN_VAIN),
        ALL,
        UNKNOWN,
        "C1 and C2 still held tasks when the scenario went on, and may be at them in real time.",
    ),
    case(
        "what needs no acknowledgement is held by nobody, though it was seen only after the wait",
        Story()
        .subscribe("C1", no_ack=True)
        .publish("t1")
        .close_channel("C1")
        .wait_in_vain(*IN_VAIN)
        .deliver("t1", to="C1"),
        ALL,
        FAIL,
        "1 task never acknowledged: 't1'.",
        blame="worker",
    ),
    case(
        "the broker closed the connection of who held it",
        Story()
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .close_connection("C1", 540, "NOT_IMPLEMENTED"),
        ALL,
        FAIL,
        "1 task never acknowledged: 't1'.",
        blame="worker",
    ),
    case(
        "a worker tries again later: what it published anew is not acknowledged so far",
        Story()
        .role("worker", "C1")
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .publish("t1", by="C1")
        .ack("t1", by="C1"),
        ALL,
        UNKNOWN,
        "published again by a worker, and not acknowledged so far: 't1'.",
    ),
    # ---------------------------------------------------------------- all settled
    case(
        "each acknowledged",
        two_tasks().handle("C1", "t1").handle("C2", "t2"),
        ALL,
        PASS,
        "all 2 tasks were acknowledged.",
        figures={"published": 2, "acknowledged": 2},
    ),
    case(
        "a single one",
        Story().subscribe("C1").publish("t1").handle("C1", "t1"),
        ALL,
        PASS,
        "the only task was acknowledged.",
    ),
    case(
        "two by one frame",
        two_tasks().deliver("t1", "t2", to="C1").ack("t1", "t2", by="C1", multiple=True),
        ALL,
        PASS,
        "all 2 tasks were acknowledged.",
    ),
    case(
        "acknowledged by the one that got it after the first had died",
        dead_with_one().handle("C2", "t2", again=True),
        ALL,
        PASS,
        "all 2 tasks were acknowledged.",
    ),
    case(
        "a worker forgets one",
        two_tasks().handle("C1", "t1").deliver("t2", to="C2").do("C2", "t2"),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
        blame="worker",
        figures={"acknowledged": 1},
    ),
    case(
        "a worker rejects one for good",
        two_tasks().handle("C1", "t1").deliver("t2", to="C2").nack("t2", by="C2", requeue=False),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
        blame="worker",
    ),
    case(
        "automatic acknowledgement is none",
        pushed(),
        ALL,
        FAIL,
        "2 tasks never acknowledged: 't1', 't2'.",
        blame="worker",
    ),
    case(
        "acknowledged by the first, sent again, and held by the second",
        two_tasks().handle("C1", "t1", "t2").deliver("t2", to="C2", again=True),
        ALL,
        FAIL,
        "still held by a consumer: 't2'.",
        blame="worker",
    ),
    case(
        "acknowledged and counted, sent again and held, and another was closed on since",
        Story()
        .subscribe("C1", "C2", "C3")
        .publish("t1", "t2")
        .handle("C1", "t1")
        .handle("C2", "t2")
        .count(0, 0)
        .close_channel("C1", by="broker", code=406)
        .deliver("t2", to="C3", again=True),
        ALL,
        FAIL,
        "still held by a consumer: 't2'.",
        blame="worker",
    ),
    case(
        "never sent to any worker: the record does not tell whose fault that is",
        two_tasks().handle("C1", "t1").drain("t2"),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
    ),
    case(
        "one may never have arrived",
        two_tasks().gone("producer").handle("C1", "t1"),
        ALL,
        UNKNOWN,
        "1 task may never have arrived",
    ),
    case("no task", Story().subscribe("C1"), ALL, UNKNOWN, "nothing was published"),
    case(
        "acknowledged in a transaction that is committed",
        Story().subscribe("C1").publish("t1").select("C1").handle("C1", "t1").commit("C1"),
        ALL,
        PASS,
        "the only task was acknowledged.",
    ),
    case(
        "acknowledged in a transaction that is never committed",
        Story().subscribe("C1").publish("t1").select("C1").handle("C1", "t1").close("C1"),
        ALL,
        FAIL,
        "1 task never acknowledged: 't1'.",
        blame="worker",
    ),
    case(
        "acknowledged in a transaction that is rolled back",
        Story().subscribe("C1").publish("t1").select("C1").handle("C1", "t1").roll_back("C1"),
        ALL,
        FAIL,
        "1 task never acknowledged: 't1'.",
        blame="worker",
    ),
    case(
        "the same identity twice, each acknowledged",
        Story().subscribe("C1").publish("t1", "t1").handle("C1", "t1", "t1"),
        ALL,
        PASS,
        "all 2 tasks were acknowledged.",
        figures={"acknowledged": 2},
    ),
    case(
        "the same identity twice, one acknowledged",
        Story().subscribe("C1").publish("t1", "t1").handle("C1", "t1").deliver("t1", to="C1"),
        ALL,
        FAIL,
        "1 task never acknowledged: 't1'.",
        blame="worker",
        figures={"acknowledged": 1},
    ),
    case(
        "asked for one by one, each acknowledged",
        Story()
        .publish("t1", "t2")
        .get("t1", by="C1")
        .ack("t1", by="C1")
        .get("t2", by="C2")
        .ack("t2", by="C2"),
        ALL,
        PASS,
        "all 2 tasks were acknowledged.",
    ),
    # ---------------------------------------------------------------- mode
    case(
        "each acknowledges itself",
        two_tasks().handle("C1", "t1").handle("C2", "t2"),
        MANUAL,
        PASS,
        "2 workers acknowledge their tasks themselves.",
        figures={"automatic": 0, "manual": 2},
    ),
    case(
        "one leaves it to the broker",
        two_tasks().subscribe("C3", no_ack=True).handle("C1", "t1").deliver("t2", to="C3"),
        MANUAL,
        FAIL,
        "C3 consumed with automatic acknowledgement (no_ack), so that nothing of it is ever "
        "acknowledged.",
        blame="worker",
        figures={"automatic": 1, "manual": 1},
    ),
    case(
        "struck before it could acknowledge its first",
        two_tasks().deliver("t1", to="C1").receive("C1", "t1").strike("C1", "t1").die("C1"),
        MANUAL,
        PASS,
        "1 worker acknowledges its tasks itself.",
    ),
    case("nobody was sent anything", two_tasks(), MANUAL, UNKNOWN, "no worker was sent anything."),
    case(
        "each leaves it to the broker",
        pushed(),
        AUTOMATIC,
        PASS,
        "1 worker leaves acknowledging to the broker.",
        figures={"automatic": 1, "manual": 0},
    ),
    case(
        "two leave it to the broker",
        Story()
        .subscribe("C1", "C2", no_ack=True)
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2"),
        AUTOMATIC,
        PASS,
        "2 workers leave acknowledging to the broker.",
        figures={"automatic": 2, "manual": 0},
    ),
    case(
        "one acknowledges, although nobody asked for that",
        two_tasks().handle("C1", "t1").handle("C2", "t2"),
        AUTOMATIC,
        PASS,
        "C1 and C2 acknowledged, although nobody asked for that.",
    ),
    case(
        "one has to acknowledge, and never does, though it is done",
        two_tasks().deliver("t1", to="C1").do("C1", "t1"),
        AUTOMATIC,
        FAIL,
        "C1 consumed so that each task has to be acknowledged, and never acknowledged any.",
        blame="worker",
    ),
    case(
        "one has to acknowledge, and goes on to the next task without",
        two_tasks().deliver("t1", "t2", to="C1").receive("C1", "t1", "t2"),
        AUTOMATIC,
        FAIL,
        "C1 consumed so that each task has to be acknowledged, and never acknowledged any.",
        blame="worker",
    ),
    case(
        "one that takes two at once is struck before it could acknowledge",
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .receive("C1", "t1", "t2")
        .strike("C1", "t1")
        .die("C1"),
        AUTOMATIC,
        UNKNOWN,
        "C1 has to acknowledge, and was not seen to be done with any task.",
    ),
    case(
        "one has to acknowledge, and is struck in its first task",
        two_tasks().deliver("t1", to="C1").receive("C1", "t1").strike("C1", "t1").die("C1"),
        AUTOMATIC,
        UNKNOWN,
        "C1 has to acknowledge, and was not seen to be done with any task.",
    ),
    case(
        "two have to acknowledge, and are in their first tasks",
        two_tasks()
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
        .receive("C1", "t1")
        .receive("C2", "t2"),
        AUTOMATIC,
        UNKNOWN,
        "C1 and C2 have to acknowledge, and were not seen to be done with any task.",
    ),
    # ---------------------------------------------------------------- never settled
    case(
        "nobody acknowledges",
        two_tasks().deliver("t1", to="C1").deliver("t2", to="C2").count(0, 2),
        NEVER,
        PASS,
        "nobody acknowledged anything: the queue still holds all 2 tasks.",
        figures={"published": 2, "ready": 0, "unacked": 2, "acknowledged": 0},
    ),
    case(
        "one acknowledges",
        two_tasks().handle("C1", "t1").deliver("t2", to="C2").count(0, 1),
        NEVER,
        FAIL,
        "settled by a worker: 't1'.",
        blame="worker",
        figures={"acknowledged": 1},
    ),
    case(
        "listed, and put back at a graceful end",
        two_tasks().deliver("t1", "t2", to="C1").count(0, 2).nack("t2", by="C1").gone("C1"),
        NEVER,
        PASS,
        "nobody acknowledged anything",
        figures={"acknowledged": 0},
    ),
    case(
        "rejected for good is settled",
        two_tasks().deliver("t1", "t2", to="C1").nack("t2", by="C1", requeue=False).count(0, 1),
        NEVER,
        FAIL,
        "settled by a worker: 't2'.",
        blame="worker",
    ),
    case(
        "the broker forgets one",
        two_tasks().deliver("t1", "t2", to="C1").count(0, 1),
        NEVER,
        FAIL,
        "the broker counts 0 ready and 1 unacked instead of 0 and 2.",
        blame="broker",
    ),
    case(
        "one was never sent",
        two_tasks().deliver("t1", to="C1").count(1, 1),
        NEVER,
        FAIL,
        "the broker counts 1 ready and 1 unacked instead of 0 and 2.",
        blame="broker",
    ),
    case(
        "the queue was declared so that it keeps one task only",
        Story()
        .declare(arguments={"x-max-length": 1})
        .publish("t1", "t2")
        .subscribe("C1")
        .deliver("t2", to="C1")
        .count(0, 1),
        NEVER,
        FAIL,
        "the broker counts 0 ready and 1 unacked instead of 0 and 2.",
    ),
    case(
        "not listed",
        two_tasks().deliver("t1", "t2", to="C1"),
        NEVER,
        UNKNOWN,
        "the queue was not listed.",
    ),
    case(
        "a witness that cannot tell",
        two_tasks().deliver("t1", "t2", to="C1").count(0, None),
        NEVER,
        UNKNOWN,
        "this broker cannot tell",
    ),
    case("no task", Story().count(0, 0), NEVER, UNKNOWN, "nothing was published"),
    # ---------------------------------------------------------------- redelivered = unacked
    case(
        "what the dead held is sent again with the mark",
        dead_with_one().handle("C2", "t2", again=True).drain(),
        EQUAL,
        PASS,
        "1 delivery was unacknowledged when the consumer went away, and exactly as many were "
        "redelivered.",
        figures={"unacked": 1, "redelivered": 1},
    ),
    case(
        "delivered to one that is already gone comes back at once",
        two_tasks()
        .gone("C1")
        .deliver("t1", "t2", to="C1")
        .deliver("t1", "t2", to="C2", again=True),
        EQUAL,
        PASS,
        "2 deliveries were unacknowledged",
        figures={"unacked": 2, "redelivered": 2},
    ),
    case(
        "it comes back to one that dies next, and to a second life",
        dead_with_one()
        .deliver("t2", to="C2", again=True)
        .die("C2")
        .subscribe("C1b")
        .handle("C1b", "t2", again=True),
        EQUAL,
        PASS,
        "2 deliveries were unacknowledged",
    ),
    case(
        "a nack puts it back as well",
        two_tasks().deliver("t1", to="C1").nack("t1", by="C1").handle("C2", "t1", again=True),
        EQUAL,
        PASS,
        "1 delivery was unacknowledged",
    ),
    case(
        "it is left in the queue, with the mark",
        dead_with_one().drain("t2", again=True),
        EQUAL,
        PASS,
        "1 delivery was unacknowledged",
    ),
    case(
        "without the mark",
        dead_with_one().handle("C2", "t2"),
        EQUAL,
        FAIL,
        "delivered again without the mark: 't2'",
        blame="broker",
    ),
    case(
        "the mark at the first delivery",
        dead_with_one().handle("C2", "t2", again=True).publish("t3").handle("C2", "t3", again=True),
        EQUAL,
        FAIL,
        "marked as redelivered at its first delivery: 't3'",
    ),
    case(
        "marked before it came back, as often as it came back later",
        two_tasks().handle("C1", "t1").deliver("t1", to="C2", again=True).die("C2"),
        EQUAL,
        FAIL,
        "delivered again although it had not come back: 't1'.",
        blame="broker",
    ),
    case(
        "on its way to the dead, and seen only after it was delivered again",
        two_tasks().die("C1").deliver("t1", to="C2", again=True).deliver("t1", to="C1"),
        EQUAL,
        PASS,
        "1 delivery was unacknowledged when the consumer went away",
    ),
    case(
        "on its way to a channel that is being closed, and seen only after another delivery",
        two_tasks().close_channel("C1").deliver("t1", to="C2", again=True).deliver("t1", to="C1"),
        EQUAL,
        PASS,
        "1 delivery was unacknowledged when the consumer went away",
    ),
    case(
        "rejected for good, and back from a dead letter queue without the mark",
        dead_with_one()
        .handle("C2", "t2", again=True)
        .publish("t3")
        .deliver("t3", to="C2")
        .nack("t3", by="C2", requeue=False)
        .handle("C2", "t3"),
        EQUAL,
        PASS,
        "1 delivery was unacknowledged when the consumer went away",
    ),
    case(
        "acknowledged in the last instant before the connection broke",
        dead_with_one().handle("C2", "t1", "t2", again=True),
        EQUAL,
        PASS,
        "2 deliveries were unacknowledged when the consumer went away, and exactly as many were",
    ),
    case(
        "acknowledged, and sent another only since the broker has read that",
        one_at_a_time().die("C1").handle("C2", "t2", "t1", again=True),
        EQUAL,
        FAIL,
        "delivered again although it had not come back: 't1'.",
        blame="broker",
    ),
    case(
        "two may be held, so one more proves nothing",
        one_at_a_time(prefetch=2).die("C1").handle("C2", "t2", "t1", again=True),
        EQUAL,
        PASS,
        "2 deliveries were unacknowledged when the consumer went away, and exactly as many were",
    ),
    case(
        "acknowledged, and counted as such before the connection broke",
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .work("C1", "t1")
        .count(0, 1)
        .die("C1")
        .handle("C2", "t2", "t1", again=True),
        EQUAL,
        FAIL,
        "delivered again although it had not come back: 't1'.",
        blame="broker",
    ),
    case(
        "acknowledged, and counted as if it were not",
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .work("C1", "t1")
        .count(0, 2)
        .die("C1")
        .handle("C2", "t2", "t1", again=True),
        EQUAL,
        PASS,
        "2 deliveries were unacknowledged when the consumer went away, and exactly as many were",
    ),
    case(
        "acknowledged before the channel was closed in order",
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .work("C1", "t1")
        .close_channel("C1")
        .gone("C1")
        .handle("C2", "t2", "t1", again=True),
        EQUAL,
        FAIL,
        "delivered again although it had not come back: 't1'.",
        blame="broker",
    ),
    case(
        "acknowledged before the connection was closed in order",
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .work("C1", "t1")
        .close("C1")
        .handle("C2", "t2", "t1", again=True),
        EQUAL,
        FAIL,
        "delivered again although it had not come back: 't1'.",
        blame="broker",
    ),
    case(
        "acknowledged on a channel that the broker closed, and then the connection broke",
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .work("C1", "t1")
        .close_channel("C1", by="broker", code=406)
        .gone("C1")
        .handle("C2", "t2", "t1", again=True),
        EQUAL,
        PASS,
        "2 deliveries were unacknowledged when the consumer went away, and exactly as many were",
    ),
    case(
        "the broker sends again what was acknowledged",
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .work("C1", "t1")
        .handle("C2", "t1", again=True)
        .die("C1")
        .handle("C2", "t2", again=True),
        EQUAL,
        FAIL,
        "delivered again although it had not come back: 't1'.",
        blame="broker",
    ),
    case(
        "the broker takes what the dead held for acknowledged",
        dead_with_one().drain(),
        EQUAL,
        FAIL,
        "came back, but was never delivered again: 't2'.",
    ),
    case(
        "not delivered again so far",
        dead_with_one(),
        EQUAL,
        UNKNOWN,
        "came back and not delivered again so far: 't2'.",
    ),
    case(
        "nobody held anything",
        two_tasks().handle("C1", "t1", "t2").die("C1"),
        EQUAL,
        UNKNOWN,
        "no delivery came back, so there is nothing to judge.",
    ),
    case(
        "a stopped server may not have read the last acknowledgement",
        two_tasks().handle("C1", "t1").bounce().subscribe("C1b").handle("C1b", "t1", again=True),
        EQUAL,
        UNKNOWN,
        "after a restart of the broker its marks follow other rules.",
    ),
    case(
        "one identity twice",
        two_tasks().publish("t1").deliver("t1", "t1", to="C1").die("C1"),
        EQUAL,
        UNKNOWN,
        "cannot be told apart",
    ),
    case("no task", Story().subscribe("C1").die("C1"), EQUAL, UNKNOWN, "nothing was published"),
    case(
        "told to end, it finishes what it has and hands the rest back",
        leaving_in_order(),
        EQUAL,
        PASS,
        "does not apply: C1 left in order: 1 task finished and 0 tasks handed back, so that "
        "nothing was in flight.",
        figures={"applies": False, "unacked": 0},
    ),
    case(
        "told to end, it hands back what it has not begun by closing its connection",
        leaving_in_order("t2").handle("C2", "t2", again=True),
        EQUAL,
        PASS,
        "1 delivery was unacknowledged when the consumer went away, and exactly as many were "
        "redelivered.",
    ),
    # ---------------------------------------------------------------- empty before the strike
    case(
        "forgotten when written to the socket",
        pushed().count(0, 0).strike("C1", "t1"),
        EMPTY,
        PASS,
        "the queue was empty while 1 of 2 tasks had not begun.",
        figures={"published": 2, "ready": 0, "unacked": 0, "not_begun": 1},
    ),
    case(
        "the broker waits for acknowledgements",
        two_tasks().deliver("t1", "t2", to="C1").receive("C1", "t1").count(0, 2).strike("C1", "t1"),
        EMPTY,
        FAIL,
        "the queue still held 0 ready, 2 unacked.",
        blame="worker",
    ),
    case(
        "the broker waits for one that asks for single tasks to acknowledge them",
        Story()
        .connect("C1")
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .receive("C1", "t1")
        .count(1, 1)
        .strike("C1", "t1"),
        EMPTY,
        FAIL,
        "the queue still held 1 ready, 1 unacked.",
        blame="worker",
    ),
    case(
        "not all was pushed",
        pushed().publish("t3").count(1, 0).strike("C1", "t1"),
        EMPTY,
        FAIL,
        "the queue still held 1 ready, 0 unacked.",
        blame="broker",
    ),
    case(
        "listed after the strike",
        pushed().strike("C1", "t1").count(0, 0),
        EMPTY,
        UNKNOWN,
        "the queue was not listed before a strike.",
    ),
    case(
        "nobody was struck",
        pushed().count(0, 0),
        EMPTY,
        UNKNOWN,
        "the queue was not listed before a strike.",
    ),
    case(
        "there was no such queue",
        pushed().count_nothing().strike("C1", "t1"),
        EMPTY,
        UNKNOWN,
        "the queue was not listed before a strike.",
    ),
    case(
        "a witness that cannot tell",
        pushed().count(0, None).strike("C1", "t1"),
        EMPTY,
        UNKNOWN,
        "this broker cannot tell",
    ),
    case(
        "all had begun",
        pushed().receive("C1", "t2").count(0, 0).strike("C1", "t2"),
        EMPTY,
        UNKNOWN,
        "the workers had begun every task when the queue was listed.",
    ),
    case(
        "it prints nothing, and its sleep shows that it has begun one",
        silently_pushed().begin_sleep("C1", 3.0).count(0, 0).strike("C1", None),
        EMPTY,
        PASS,
        "the queue was empty while 1 of 2 tasks had not begun.",
        figures={"not_begun": 1},
    ),
    case(
        "it prints nothing, and does not sleep",
        silently_pushed().count(0, 0).strike("C1", None),
        EMPTY,
        UNKNOWN,
        "C1 printed no line that names a task.",
        figures={"not_begun": 2},
    ),
    case(
        "a count of tasks that cannot be told apart",
        pushed().publish("t1").count(1, 0).strike("C1", "t1"),
        EMPTY,
        UNKNOWN,
        "cannot be told apart",
    ),
    case("no task", Story().count(0, 0).strike("C1", None), EMPTY, UNKNOWN, "nothing was"),
    # ---------------------------------------------------------------- the broker closes
    case(
        "acknowledged before the broker's close was read: it comes back to another",
        closed_on().handle("C2", "t2", again=True),
        EQUAL,
        PASS,
        "1 delivery was unacknowledged",
    ),
    case(
        "acknowledged before the broker's close was read, and another had it by then",
        two_tasks()
        .deliver("t2", to="C1")
        .work("C1", "t2")
        .deliver("t2", to="C2", again=True)
        .close_channel("C1", by="broker", code=406)
        .work("C2", "t2"),
        EQUAL,
        PASS,
        "1 delivery was unacknowledged",
    ),
    case(
        "acknowledged before the close of the connection was read",
        two_tasks()
        .deliver("t2", to="C1")
        .work("C1", "t2")
        .close("C1", by="broker")
        .handle("C2", "t2", again=True),
        EQUAL,
        PASS,
        "1 delivery was unacknowledged",
    ),
    case(
        "what a client acknowledges before it closes has been read",
        two_tasks()
        .deliver("t2", to="C1")
        .work("C1", "t2")
        .close_channel("C1")
        .handle("C2", "t2", again=True),
        EQUAL,
        FAIL,
        "delivered again although it had not come back: 't2'.",
        blame="broker",
    ),
    case(
        "acknowledged, sent to another all the same, and then the client closes",
        two_tasks()
        .deliver("t2", to="C1")
        .work("C1", "t2")
        .deliver("t2", to="C2", again=True)
        .close("C1"),
        EQUAL,
        FAIL,
        "delivered again although it had not come back: 't2'.",
        blame="broker",
    ),
    case(
        "acknowledged in vain: the broker had closed, and it is in the queue again",
        closed_on().handle("C2", "t1").drain("t2", again=True),
        ALL,
        FAIL,
        "1 task never acknowledged: 't2'.",
    ),
    case(
        "acknowledged in vain, and another is never acknowledged at all",
        closed_on().deliver("t1", to="C2").receive("C2", "t1").drain("t2", again=True),
        ALL,
        FAIL,
        "2 tasks never acknowledged: 't1', 't2'.",
        blame="worker",
    ),
    case(
        "acknowledged in vain, and then by another",
        closed_on().handle("C2", "t1").handle("C2", "t2", again=True),
        ALL,
        PASS,
        "all 2 tasks were acknowledged.",
    ),
    case(
        "acknowledged in vain, and by another before the close was read",
        two_tasks()
        .deliver("t2", to="C1")
        .work("C1", "t2")
        .handle("C2", "t2", again=True)
        .close_channel("C1", by="broker", code=406),
        EQUAL,
        PASS,
        "1 delivery was unacknowledged",
    ),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_acknowledgement(told: Case) -> None:
    assert told.seen() == told.expected()
