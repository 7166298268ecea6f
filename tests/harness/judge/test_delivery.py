"""Delivery: who was sent what, who got it back, and who got nothing."""

from __future__ import annotations

import pytest

from filaprova.judge.checks import (
    came_back_to,
    done_then_lost_ack_done_again,
    got_nothing,
    identities_unique,
    left_in_queue_in_order,
    not_by_connecting,
    survivor_received_all,
)
from tests.harness.judge.stories import (
    FAIL,
    PASS,
    TIMED_OUT,
    UNKNOWN,
    Case,
    Q,
    Story,
    case,
    name_of,
)


def two_tasks() -> Story:
    return Story().subscribe("C1", "C2").publish("t1", "t2")


def held_by_c1() -> Story:
    """C1 holds both tasks without acknowledging them."""
    return Story().subscribe("C1").publish("t1", "t2").deliver("t1", "t2", to="C1")


def cut_off() -> Story:
    """C1 has done its task, and its acknowledgement never arrived."""
    return (
        Story()
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .do("C1", "t1")
        .die("C1")
        .subscribe("C2")
    )


SURVIVOR = survivor_received_all(queue=Q, survivor="C2")
BACK = came_back_to(queue=Q, from_client="C1", to_clients=["C2", "C3"])
CONNECTING = not_by_connecting(queue=Q, clients=["C2", "C3"])
NOTHING = got_nothing(clients=["C2", "C3"])
AGAIN = done_then_lost_ack_done_again(queue=Q, client="C1")
LEFT = left_in_queue_in_order(queue=Q)
UNIQUE = identities_unique(queue=Q)
MIXED = ("t3", "t1", "t4", "t2")
"""How four tasks of two channels may come out."""
TWINS = ("t3", "t1", "t2", "t1")


def told_by_c1() -> Story:
    """C1 is a worker, and so are C2 and C3; it publishes something that C3 is sent."""
    story = Story().role("producer", "P").role("worker", "C1").role("worker", "C2")
    story.role("worker", "C3").subscribe("C2", "C3")
    return story.publish("hello", by="C1").deliver("hello", to="C3")


CASES = [
    # ------------------------------------------------------------ by whose doing
    case(
        "its publisher took one itself",
        Story()
        .role("producer", "producer")
        .publish("t1", "t2")
        .get("t1", by="producer")
        .ack("t1", by="producer")
        .drain("t2"),
        left_in_queue_in_order(queue=Q),
        FAIL,
        "published, but not left in the queue: 't1'.",
        blame="publisher",
    ),
    case(
        "the survivor is at its own limit",
        Story().subscribe("C1", prefetch=1).publish("t1", "t2").deliver("t1", to="C1"),
        survivor_received_all(queue=Q, survivor="C1"),
        FAIL,
        "never sent to C1: 't2'.",
        blame="worker",
    ),
    # ------------------------------------------------------------ closed on by the broker
    case(
        "the broker had closed on the holder for its patience's end",
        Story()
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .subscribe("C2")
        .deliver("t1", to="C2", again=True)
        .time_out("C1")
        .count(0, 1),
        not_by_connecting(queue=Q, clients=["C2"]),
        UNKNOWN,
        f"the broker closed on C1 (406 {TIMED_OUT}), so that what it held came back.",
    ),
    case(
        "the broker had closed on the survivor",
        Story().subscribe("C1").publish("t1", "t2").deliver("t1", to="C1").time_out("C1"),
        survivor_received_all(queue=Q, survivor="C1"),
        UNKNOWN,
        f"the broker closed on C1 (406 {TIMED_OUT}), so that what it held came back.",
    ),
    case(
        "they ask for tasks, and there are none",
        Story().connect("C1").get_nothing("C1").connect("C2").get_nothing("C2"),
        got_nothing(clients=["C1", "C2"]),
        PASS,
        "C1 and C2 asked for tasks and got nothing.",
    ),
    # ---------------------------------------------------------------- the survivor
    case(
        "the survivor is sent its own and what the dead held",
        two_tasks()
        .deliver("t2", to="C2")
        .deliver("t1", to="C1")
        .die("C1")
        .deliver("t1", to="C2", again=True),
        SURVIVOR,
        PASS,
        "C2 was sent all 2 tasks.",
        figures={"published": 2, "received": 2},
    ),
    case(
        "a single task",
        Story().subscribe("C2").publish("t1").deliver("t1", to="C2"),
        SURVIVOR,
        PASS,
        "C2 was sent the only task.",
    ),
    case(
        "the broker keeps what the dead held",
        two_tasks().deliver("t2", to="C2").deliver("t1", to="C1").die("C1"),
        SURVIVOR,
        FAIL,
        "never sent to C2: 't1'.",
        figures={"received": 1},
    ),
    case(
        "one may never have arrived",
        two_tasks().gone("producer").deliver("t2", to="C2"),
        SURVIVOR,
        UNKNOWN,
        "1 task may never have arrived (published without confirm on a connection that broke)",
    ),
    case(
        "another acknowledged one",
        two_tasks().handle("C1", "t1").deliver("t2", to="C2"),
        SURVIVOR,
        FAIL,
        "never sent to C2: 't1'.",
        blame="worker",
    ),
    case(
        "another rejected one for good",
        two_tasks().deliver("t1", to="C1").nack("t1", by="C1", requeue=False),
        SURVIVOR,
        FAIL,
        "never sent to C2: 't1', 't2'.",
        blame="worker",
    ),
    case(
        "another need not acknowledge",
        Story().subscribe("C1", no_ack=True).publish("t1").deliver("t1", to="C1"),
        SURVIVOR,
        FAIL,
        "never sent to C2: 't1'.",
        blame="worker",
    ),
    case(
        "the survivor is below its own limit, and another holds one",
        Story()
        .subscribe("C1", "C2", prefetch=1)
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .handle("C2", "t2"),
        SURVIVOR,
        FAIL,
        "never sent to C2: 't1'.",
    ),
    case(
        "a task from elsewhere",
        two_tasks().deliver("t1", "t2", "t9", to="C2"),
        SURVIVOR,
        UNKNOWN,
        "nobody was seen to publish: 't9'",
    ),
    case("no task", Story().subscribe("C2"), SURVIVOR, UNKNOWN, "nothing was published"),
    # ---------------------------------------------------------------- came back to
    case(
        "each gets one, in order",
        held_by_c1()
        .subscribe("C2", "C3")
        .die("C1")
        .deliver("t1", to="C2", again=True)
        .deliver("t2", to="C3", again=True),
        BACK,
        PASS,
        "all 2 tasks that C1 held came back: C2 1, C3 1.",
        figures={
            "came_back": 2,
            "redelivered": 2,
            "shares": {"C2": 1, "C3": 1},
            "in_order": True,
        },
    ),
    case(
        "all to one, in another order, which is told and not judged",
        held_by_c1().subscribe("C2", "C3").die("C1").deliver("t2", "t1", to="C2", again=True),
        BACK,
        PASS,
        "all 2 tasks that C1 held came back: C2 2, C3 0.",
        figures={"in_order": False},
    ),
    case(
        "one is still recorded as delivered to the dead when others have come back",
        held_by_c1()
        .subscribe("C2", "C3")
        .publish("t3")
        .die("C1")
        .deliver("t1", to="C2", again=True)
        .deliver("t3", to="C1")
        .deliver("t2", "t3", to="C3", again=True),
        BACK,
        PASS,
        "all 3 tasks that C1 held came back: C2 1, C3 2.",
        figures={"came_back": 3, "in_order": True},
    ),
    case(
        "new tasks that come later bear no mark and need none",
        held_by_c1()
        .subscribe("C2", "C3")
        .die("C1")
        .deliver("t1", "t2", to="C2", again=True)
        .publish("t3")
        .deliver("t3", to="C3"),
        BACK,
        PASS,
        "came back: C2 2, C3 0.",
    ),
    case(
        "to one that dies next, and from there to the other",
        held_by_c1()
        .subscribe("C2", "C3")
        .die("C1")
        .deliver("t1", "t2", to="C2", again=True)
        .die("C2")
        .deliver("t1", "t2", to="C3", again=True),
        BACK,
        PASS,
        "all 2 tasks that C1 held came back: C2 2, C3 2.",
        figures={"came_back": 2, "redelivered": 4},
    ),
    case(
        "the broker keeps one",
        held_by_c1().subscribe("C2", "C3").die("C1").deliver("t1", to="C2", again=True),
        BACK,
        FAIL,
        "held by C1, but never sent to another: 't2'.",
        figures={"came_back": 1},
    ),
    case(
        "one was sent to another before, not since",
        two_tasks()
        .deliver("t1", to="C2")
        .nack("t1", by="C2")
        .deliver("t1", to="C1", again=True)
        .die("C1"),
        BACK,
        FAIL,
        "held by C1, but never sent to another: 't1'.",
    ),
    case(
        "one without the mark",
        held_by_c1()
        .subscribe("C2", "C3")
        .die("C1")
        .deliver("t1", to="C2", again=True)
        .deliver("t2", to="C3"),
        BACK,
        FAIL,
        "sent again without being marked as redelivered: 't2'.",
        blame="broker",
    ),
    case(
        "it held nothing",
        two_tasks().handle("C1", "t1").die("C1"),
        BACK,
        UNKNOWN,
        "C1 held nothing when it went away.",
    ),
    case(
        "it holds what nobody published",
        held_by_c1().deliver("t9", to="C1").die("C1"),
        BACK,
        UNKNOWN,
        "nobody was seen to publish: 't9'",
    ),
    case("no task", Story().subscribe("C1").die("C1"), BACK, UNKNOWN, "nothing was published"),
    # ---------------------------------------------------------------- not by connecting
    case(
        "they connect, and everything stays where it is",
        held_by_c1().subscribe("C2", "C3").count(0, 2),
        CONNECTING,
        PASS,
        "2 workers connected and got nothing, while 2 tasks stayed where they were.",
        figures={"connected": 2, "delivered": 0, "unacked": 2},
    ),
    case(
        "a second life",
        held_by_c1().subscribe("C1b").count(0, 2),
        not_by_connecting(queue=Q, clients=["C1b"]),
        PASS,
        "1 worker connected and got nothing",
    ),
    case(
        "the broker takes one away from its holder",
        held_by_c1().subscribe("C2", "C3").deliver("t1", to="C2", again=True).count(0, 2),
        CONNECTING,
        FAIL,
        "sent to them by their mere connecting: 't1'.",
        blame="broker",
        figures={"delivered": 1},
    ),
    case(
        "its holder died in between",
        held_by_c1()
        .subscribe("C2", "C3")
        .die("C1")
        .deliver("t1", "t2", to="C2", again=True)
        .count(0, 2),
        CONNECTING,
        UNKNOWN,
        "they were sent what nobody held any more: 't1', 't2'.",
    ),
    case(
        "one was published when they were there",
        held_by_c1().subscribe("C2", "C3").publish("t3").deliver("t3", to="C2").count(0, 3),
        CONNECTING,
        UNKNOWN,
        "they were sent what nobody held any more: 't3'.",
        figures={"delivered": 1},
    ),
    case(
        "one never subscribed",
        held_by_c1().subscribe("C2").count(0, 2),
        CONNECTING,
        UNKNOWN,
        "C3 never subscribed.",
    ),
    case(
        "listed too early",
        held_by_c1().subscribe("C2").count(0, 2).subscribe("C3"),
        CONNECTING,
        UNKNOWN,
        "the queue was not listed after they had subscribed.",
    ),
    case(
        "there was nothing that could have come to them",
        two_tasks().handle("C1", "t1", "t2").subscribe("C2", "C3").count(0, 0),
        CONNECTING,
        UNKNOWN,
        "nobody held anything that could have come to them.",
    ),
    case(
        "a witness that cannot tell",
        held_by_c1().subscribe("C2", "C3").count(0, None),
        CONNECTING,
        UNKNOWN,
        "this broker cannot tell how many deliveries are unacknowledged.",
    ),
    # ---------------------------------------------------------------- got nothing
    case(
        "they subscribe to an empty queue",
        Story().subscribe("C2", "C3"),
        NOTHING,
        PASS,
        "C2 and C3 subscribed and got nothing.",
        figures={"connected": 2, "delivered": 0},
    ),
    case(
        "one has sent something to itself",
        Story().subscribe("C2", "C3").turn_to("own").publish("ping", by="C2").get("ping", by="C2"),
        NOTHING,
        PASS,
        "C2 and C3 subscribed and got nothing.",
    ),
    case(
        "one was sent what another worker sends",
        told_by_c1(),
        NOTHING,
        PASS,
        "C2 and C3 subscribed and got nothing.",
        figures={"connected": 2, "delivered": 0},
    ),
    case(
        "one was sent what another worker sends, and a publisher as well",
        told_by_c1().publish("hello", by="P"),
        NOTHING,
        FAIL,
        "they were sent 'hello'.",
    ),
    case(
        "one was sent what another worker sends, and something else",
        told_by_c1().publish("t1", by="P").deliver("t1", to="C2"),
        NOTHING,
        FAIL,
        "they were sent 't1'.",
        figures={"delivered": 1},
    ),
    case(
        "one was sent what nobody was seen to send",
        told_by_c1().deliver("stray", to="C2"),
        NOTHING,
        FAIL,
        "they were sent 'stray'.",
    ),
    case(
        "one was sent what had been acknowledged",
        Story()
        .subscribe("C1")
        .publish("t1")
        .handle("C1", "t1")
        .subscribe("C2", "C3")
        .deliver("t1", to="C3"),
        NOTHING,
        FAIL,
        "they were sent 't1'.",
        blame="broker",
    ),
    case(
        "one was sent what was acknowledged only in the last instant before the connection broke",
        held_by_c1()
        .ack("t1", by="C1")
        .die("C1")
        .subscribe("C2", "C3")
        .deliver("t1", to="C3", again=True),
        NOTHING,
        FAIL,
        "they were sent 't1'.",
    ),
    case(
        "one was sent what a killed server need not have kept as acknowledged",
        held_by_c1()
        .ack("t1", by="C1")
        .bounce("kill")
        .subscribe("C2", "C3")
        .deliver("t1", to="C3", again=True),
        NOTHING,
        FAIL,
        "they were sent 't1'.",
    ),
    case(
        "one was sent what was acknowledged and had not come back",
        held_by_c1()
        .ack("t1", by="C1")
        .subscribe("C2", "C3")
        .deliver("t1", to="C3")
        .ack("t1", by="C3")
        .deliver("t1", to="C2"),
        NOTHING,
        FAIL,
        "they were sent 't1', 't1'.",
        blame="broker",
    ),
    case(
        "one was sent what nobody had acknowledged",
        held_by_c1().nack("t1", by="C1").subscribe("C2", "C3").deliver("t1", to="C3", again=True),
        NOTHING,
        FAIL,
        "they were sent 't1'.",
    ),
    case(
        "one was sent what was acknowledged only later",
        held_by_c1().subscribe("C2", "C3").deliver("t1", to="C3").ack("t1", by="C3"),
        NOTHING,
        FAIL,
        "they were sent 't1'.",
    ),
    case(
        "one was sent what had been acknowledged, the other what had not",
        held_by_c1()
        .ack("t1", by="C1")
        .subscribe("C2", "C3")
        .deliver("t1", to="C3")
        .deliver("t2", to="C2"),
        NOTHING,
        FAIL,
        "they were sent 't1', 't2'.",
    ),
    case(
        "one was sent something by a queue that is not on the record",
        held_by_c1().ack("t1", by="C1").subscribe("C2", "C3").deliver("t1", to="C3").of_no_queue(),
        NOTHING,
        FAIL,
        "they were sent 't1'.",
    ),
    case(
        "neither subscribed",
        held_by_c1(),
        NOTHING,
        UNKNOWN,
        "C2, C3 never subscribed.",
    ),
    case(
        "never listed",
        held_by_c1().subscribe("C2", "C3"),
        CONNECTING,
        UNKNOWN,
        "the queue was not listed after they had subscribed.",
    ),
    case(
        "neither subscribed to what another holds",
        held_by_c1().count(0, 2),
        CONNECTING,
        UNKNOWN,
        "C2, C3 never subscribed.",
    ),
    case(
        "one never subscribed",
        Story().subscribe("C3"),
        NOTHING,
        UNKNOWN,
        "C2 never subscribed.",
    ),
    # ---------------------------------------------------------------- done, and done again
    case(
        "another does it again",
        cut_off().handle("C2", "t1", again=True),
        AGAIN,
        PASS,
        "'t1' was done by C1 and then by C2: at least once, not once.",
        figures={"done_by": ["C1", "C2"], "done_count": 2, "redelivered": True},
    ),
    case(
        "its own second life does it again",
        cut_off().subscribe("C1b").handle("C1b", "t1", again=True),
        AGAIN,
        PASS,
        "done by C1 and then by C1b",
    ),
    case(
        "nobody is sent it again",
        cut_off().drain(),
        AGAIN,
        FAIL,
        "'t1' was done by C1 and by nobody else again.",
        figures={"done_by": ["C1"], "redelivered": False},
    ),
    case(
        "another acknowledges it, whatever it prints",
        cut_off().deliver("t1", to="C2", again=True).ack("t1", by="C2"),
        AGAIN,
        PASS,
        "'t1' was done by C1 and then by C2: at least once, not once.",
    ),
    case(
        "another is still at it",
        cut_off().deliver("t1", to="C2", again=True).receive("C2", "t1"),
        AGAIN,
        UNKNOWN,
        "'t1' has not been done again so far.",
    ),
    case(
        "again without the mark",
        cut_off().handle("C2", "t1"),
        AGAIN,
        FAIL,
        "the second delivery is not marked as redelivered.",
        blame="broker",
        figures={"redelivered": False},
    ),
    case(
        "the acknowledgement did arrive",
        Story().subscribe("C1").publish("t1").handle("C1", "t1").die("C1"),
        AGAIN,
        UNKNOWN,
        "C1 did not both do a task and go away with it unacknowledged.",
    ),
    case(
        "only its connection ended",
        Story()
        .subscribe("C1", "C2")
        .publish("t1")
        .deliver("t1", to="C1")
        .do("C1", "t1")
        .gone("C1")
        .handle("C2", "t1", again=True),
        AGAIN,
        UNKNOWN,
        "C1 has not ended.",
    ),
    case("no task", Story().subscribe("C1"), AGAIN, UNKNOWN, "nothing was published"),
    case(
        "only its connection ended, and it came back without the mark",
        Story()
        .subscribe("C1", "C2")
        .publish("t1")
        .deliver("t1", to="C1")
        .do("C1", "t1")
        .gone("C1")
        .handle("C2", "t1"),
        AGAIN,
        UNKNOWN,
        "C1 has not ended.",
    ),
    case(
        "another knows that it has been done, and acknowledges it without beginning it",
        cut_off()
        .publish("t2")
        .handle("C2", "t2")
        .deliver("t1", to="C2", again=True)
        .ack("t1", by="C2"),
        AGAIN,
        PASS,
        "does not apply: C2 was sent 't1' again and acknowledged it without doing it again: it "
        "knows what has been done.",
        figures={"applies": False, "done_by": ["C1"]},
    ),
    case(
        "what a fault withheld shows that a silent worker had done it",
        Story()
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .withhold("C1", "t1")
        .die("C1")
        .subscribe("C2")
        .deliver("t1", to="C2", again=True)
        .ack("t1", by="C2"),
        AGAIN,
        PASS,
        "'t1' was done by C1 and then by C2: at least once, not once.",
        figures={"done_by": ["C1", "C2"], "redelivered": True},
    ),
    case(
        "what a fault withheld of another counts for nothing",
        Story()
        .subscribe("C1", "C2")
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
        .withhold("C2", "t2")
        .die("C1")
        .handle("C2", "t1", again=True),
        AGAIN,
        UNKNOWN,
        "C1 did not both do a task and go away with it unacknowledged.",
    ),
    case(
        "what a fault withheld of another counts for nothing, though it is of the same task",
        Story()
        .subscribe("C1", "C2")
        .publish("t1")
        .deliver("t1", to="C1")
        .die("C1")
        .deliver("t1", to="C2", again=True)
        .withhold("C2", "t1"),
        AGAIN,
        UNKNOWN,
        "C1 did not both do a task and go away with it unacknowledged.",
    ),
    case(
        "another does it again, and has not acknowledged it so far",
        cut_off().deliver("t1", to="C2", again=True).do("C2", "t1"),
        AGAIN,
        PASS,
        "'t1' was done by C1 and then by C2: at least once, not once.",
        figures={"done_by": ["C1", "C2"], "done_count": 2},
    ),
    case(
        "what a fault withheld shows that it was done, and another knows that",
        Story()
        .subscribe("C1")
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .withhold("C1", "t1")
        .die("C1")
        .subscribe("C2")
        .handle("C2", "t2")
        .deliver("t1", to="C2", again=True)
        .ack("t1", by="C2"),
        AGAIN,
        PASS,
        "does not apply: C2 was sent 't1' again and acknowledged it without doing it again: it "
        "knows what has been done.",
        figures={"applies": False, "done_by": ["C1"]},
    ),
    case(
        "another is sent it again, and rejects it for good",
        cut_off().deliver("t1", to="C2", again=True).nack("t1", by="C2", requeue=False),
        AGAIN,
        FAIL,
        "'t1' was done by C1 and by nobody else again.",
        blame="worker",
        figures={"done_by": ["C1"], "redelivered": True},
    ),
    case(
        "its publisher empties the queue before anybody is sent it again",
        cut_off().role("producer", "producer").purge(1, by="producer"),
        AGAIN,
        FAIL,
        "'t1' was done by C1 and by nobody else again.",
        blame="publisher",
    ),
    case(
        "the broker had refused it, and sent it once all the same",
        Story()
        .subscribe("C1")
        .publish("t1", "t2")
        .refuse("t1")
        .deliver("t1", to="C1")
        .do("C1", "t1")
        .die("C1"),
        AGAIN,
        FAIL,
        "'t1' was done by C1 and by nobody else again.",
    ),
    # ---------------------------------------------------------------- left in order
    case(
        "nobody consumes",
        Story().publish("t1", "t2", "t3").drain("t1", "t2", "t3"),
        LEFT,
        PASS,
        "all 3 tasks came out of the queue, in the order of publishing.",
        figures={"published": 3, "left": 3, "in_order": True},
    ),
    case(
        "a refused one is not missed",
        Story().publish("t1", "t2").refuse("t1").drain("t2"),
        LEFT,
        PASS,
        "the only task came out",
    ),
    case(
        "another order",
        Story().publish("t1", "t2").drain("t2", "t1"),
        LEFT,
        FAIL,
        "they came out in another order.",
        blame="broker",
        figures={"in_order": False},
    ),
    case(
        "another order, by the priorities that their publisher gave them",
        Story()
        .role("producer", "P")
        .role("worker", "C1")
        .publish("t1", by="P", priority=1)
        .publish("t2", by="C1", priority=1)
        .publish("t3", by="P", priority=9)
        .drain("t3", "t1", "t2"),
        LEFT,
        FAIL,
        "they came out in another order.",
        blame="publisher",
    ),
    case(
        "each channel's in its order, those of two channels mixed",
        Story().publish("t1", "t2", by="P1").publish("t3", "t4", by="P2").drain(*MIXED),
        LEFT,
        PASS,
        "all 4 tasks came out of the queue, in the order of publishing on each channel, which is",
        figures={"in_order": False, "left": 4},
    ),
    case(
        "one of the mixed ones was refused, and was missed by nobody",
        Story()
        .publish("t1", "t2", by="P1")
        .publish("t3", "t4", "t5", by="P2")
        .refuse("t5", by="P2")
        .drain(*MIXED),
        LEFT,
        PASS,
        "all 4 tasks came out of the queue, in the order of publishing on each channel",
    ),
    case(
        "the order of one of two channels is another",
        Story().publish("t1", "t2", by="P1").publish("t4", "t3", by="P2").drain(*MIXED),
        LEFT,
        FAIL,
        "they came out in another order.",
        blame="broker",
    ),
    case(
        "each channel's in its order, although two of them have the same identity",
        Story().publish("t1", "t2", by="P1").publish("t3", "t1", by="P2").drain(*TWINS),
        LEFT,
        PASS,
        "in the order of publishing on each channel",
    ),
    case(
        "two of one identity",
        Story().publish("t1", "t2", "t1").drain("t1", "t2", "t1"),
        LEFT,
        PASS,
        "all 3 tasks came out of the queue, in the order of publishing.",
    ),
    case(
        "one of two of one identity",
        Story().publish("t1", "t2", "t1").drain("t1", "t2"),
        LEFT,
        FAIL,
        "published, but not left in the queue: 't1'.",
    ),
    case(
        "one is gone",
        Story().publish("t1", "t2").drain("t1"),
        LEFT,
        FAIL,
        "published, but not left in the queue: 't2'.",
    ),
    case(
        "the publisher declared the queue so that it keeps one task only",
        Story()
        .role("producer", "producer")
        .declare("producer", arguments={"x-max-length": 1})
        .publish("t1", "t2")
        .drain("t2"),
        LEFT,
        FAIL,
        "published, but not left in the queue: 't1'.",
        blame="publisher",
    ),
    case(
        "one comes out twice",
        Story().publish("t1").drain("t1", "t1"),
        LEFT,
        FAIL,
        "came out more often than they were published: 't1'.",
        blame="broker",
    ),
    case(
        "a worker took one",
        Story()
        .role("worker", "C1")
        .publish("t1", "t2")
        .subscribe("C1")
        .handle("C1", "t1")
        .drain("t2"),
        LEFT,
        FAIL,
        "not left in the queue: 't1'.",
        blame="worker",
    ),
    case(
        "one may never have arrived",
        Story().publish("t1", "t2").gone("producer", by="fault").drain("t1"),
        LEFT,
        UNKNOWN,
        "1 task may never have arrived",
    ),
    case(
        "all arrived although the connection broke",
        Story().publish("t1", "t2").gone("producer", by="fault").drain("t1", "t2"),
        LEFT,
        PASS,
        "all 2 tasks",
    ),
    case(
        "there never was such a queue, and nobody declared it",
        Story().publish("t1").count_nothing().drain(),
        LEFT,
        FAIL,
        "not left in the queue: 't1'.",
        blame="publisher",
    ),
    case(
        "there was no such queue when it was listed, but somebody had declared it",
        Story().declare().publish("t1").count_nothing().drain(),
        LEFT,
        FAIL,
        "not left in the queue: 't1'.",
    ),
    case(
        "nobody was seen to declare the queue, but it was there",
        Story().publish("t1").count(1).drain(),
        LEFT,
        FAIL,
        "not left in the queue: 't1'.",
    ),
    case(
        "one is gone, another one comes out twice",
        Story().publish("t1", "t2").drain("t1", "t1"),
        LEFT,
        FAIL,
        "not left in the queue: 't2'; came out more often than they were published: 't1'.",
    ),
    case("not drained", Story().publish("t1"), LEFT, UNKNOWN, "the queue was not drained."),
    case(
        "not drained whole",
        Story().publish("t1").drain(complete=False),
        LEFT,
        UNKNOWN,
        "the queue was not drained.",
    ),
    case("no task", Story().drain(), LEFT, UNKNOWN, "nothing was published"),
    # ---------------------------------------------------------------- identities
    case(
        "each its own",
        Story().publish("t1", "t2"),
        UNIQUE,
        PASS,
        "2 tasks, each with an identity of its own.",
        figures={"published": 2, "repeated": 0},
    ),
    case(
        "the same body under two message_id's",
        Story().publish("id-1", "id-2", body="same"),
        UNIQUE,
        PASS,
        "2 tasks",
    ),
    case(
        "refused and published again",
        Story().publish("t1").refuse("t1").publish("t1"),
        UNIQUE,
        PASS,
        "1 task, each with an identity of its own.",
    ),
    case(
        "one twice",
        Story().publish("t1", "t2", "t1"),
        UNIQUE,
        FAIL,
        "published more than once: 't1'.",
        blame="publisher",
        figures={"repeated": 1},
    ),
    case(
        "somebody was sent what nobody published, which is another matter",
        two_tasks().deliver("t9", to="C1"),
        UNIQUE,
        PASS,
        "2 tasks, each with an identity of its own.",
    ),
    case(
        "all refused",
        Story().publish("t1").refuse("t1"),
        UNIQUE,
        UNKNOWN,
        "all that was published to tasks was refused: there is nothing to judge.",
    ),
    case("no task", Story().subscribe("C1"), UNIQUE, UNKNOWN, "nothing was published"),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_delivery(told: Case) -> None:
    assert told.seen() == told.expected()
