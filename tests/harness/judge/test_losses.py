"""Losses: what is lost for certain, what may be, and who let it go."""

from __future__ import annotations

import pytest

from filaprova.judge.checks import lost_exactly_pushed_minus_done, nothing_lost
from tests.harness.judge.stories import FAIL, PASS, UNKNOWN, Case, Q, Story, case, name_of


def two_tasks() -> Story:
    return Story().subscribe("C1", "C2").publish("t1", "t2")


def automatic() -> Story:
    """Two workers without acknowledgement were pushed two tasks each; C1 has done one and dies."""
    return (
        Story()
        .role("worker", "C1", program="worker.py")
        .role("worker", "C2", program="worker.py")
        .subscribe("C1", "C2", no_ack=True)
        .publish("t1", "t2", "t3", "t4")
        .deliver("t1", "t3", to="C1")
        .deliver("t2", "t4", to="C2")
        .do("C1", "t1")
        .receive("C1", "t3")
        .receive("C2", "t2")
        .die("C1")
    )


def acknowledged_early() -> Story:
    """C1 has done t1; it has acknowledged t2 at once, and is at it."""
    story = two_tasks().deliver("t1", to="C1").work("C1", "t1")
    return story.deliver("t2", to="C1").ack("t2", by="C1").receive("C1", "t2")


def two_automatic() -> Story:
    """A worker without acknowledgement was pushed two tasks."""
    story = Story().subscribe("C1", no_ack=True).publish("t1", "t2")
    return story.deliver("t1", "t2", to="C1")


def by_dots(*, no_ack: bool = False) -> Story:
    """Tasks that take a second for each dot."""
    return Story().open().subscribe("C1", no_ack=no_ack).publish("1.", "2..")


def with_dead_letters(*, bound: bool = True) -> Story:
    """C1 has t1 of a queue that hands on what is rejected."""
    story = Story().open(own_host=True).exchange("dead", "fanout")
    if bound:
        story.bind("dead", to="graveyard")
    story.declare(arguments={"x-dead-letter-exchange": "dead"}).subscribe("C1")
    return story.publish("t1", "t2").deliver("t1", to="C1")


def two_queues() -> Story:
    """C1 loses t1; C2 does a task of the same body that another queue sent it."""
    story = Story().role("worker", "C1", program="worker.py")
    story.role("worker", "C2", program="worker.py").subscribe("C1", no_ack=True).publish(
        "t1"
    ).deliver("t1", to="C1")
    story.receive("C1", "t1").strike("C1", "t1").die("C1")
    return story.turn_to("other").subscribe("C2").publish("t1").handle("C2", "t1").turn_to(Q)


NOTHING = nothing_lost(queue=Q)
BY_RECEIPT = nothing_lost(queue=Q, finished_by="received")
BOTH = lost_exactly_pushed_minus_done(queue=Q, killed=["C1", "C2"])
PUSHED = lost_exactly_pushed_minus_done(queue=Q, killed=["C1"])

CASES = [
    # ---------------------------------------------------------------- given up by a cancel
    case(
        "it cancels with some that it was sent and never told of",
        Story()
        .subscribe("C1", no_ack=True)
        .publish("t1", "t2", "t3")
        .deliver("t1", "t2", "t3", to="C1")
        .receive("C1", "t1")
        .cancel("C1", by="client")
        .close("C1")
        .drain(),
        BY_RECEIPT,
        FAIL,
        "2 tasks lost: 't2', 't3'.",
        blame="worker",
    ),
    case(
        "it cancels, and had told of some tasks only",
        Story()
        .subscribe("C1", no_ack=True)
        .publish("t1", "t2", "t3")
        .deliver("t1", "t2", "t3", to="C1")
        .receive("C1", "t2")
        .cancel("C1", by="client")
        .close("C1")
        .drain(),
        BY_RECEIPT,
        UNKNOWN,
        "C1 was sent 't1' and never said that it received it.",
    ),
    case(
        "the broker cancels, since the queue is gone",
        Story()
        .subscribe("C1", no_ack=True)
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C1")
        .receive("C1", "t1")
        .cancel("C1")
        .close("C1")
        .drain(),
        BY_RECEIPT,
        UNKNOWN,
        "C1 was sent 't2' and never said that it received it.",
    ),
    case(
        "each task is done by somebody",
        two_tasks().handle("C1", "t1").handle("C2", "t2").drain(),
        NOTHING,
        PASS,
        "all 2 tasks are accounted for: 2 finished, 0 left in the queue.",
        figures={"published": 2, "finished": 2, "left": 0, "lost": 0, "lost_tasks": []},
    ),
    case(
        "a single task",
        Story().subscribe("C1").publish("t1").handle("C1", "t1").drain(),
        NOTHING,
        PASS,
        "the only task is accounted for: 1 finished, 0 left in the queue.",
    ),
    case(
        "what was not done is still in the queue",
        two_tasks().handle("C1", "t1").deliver("t2", to="C2").die("C2").drain("t2", again=True),
        NOTHING,
        PASS,
        "1 finished, 1 left in the queue.",
        figures={"finished": 1, "left": 1},
    ),
    case(
        "what the second life of a worker holds counts as held, though the first had done it",
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .do("C1", "t1", "t2")
        .die("C1", "C2")
        .subscribe("C1b")
        .deliver("t1", "t2", to="C1b", again=True)
        .work("C1b", "t1"),
        NOTHING,
        PASS,
        "1 finished, 0 left in the queue, 1 still held by a consumer.",
        figures={"finished": 1, "held": 1},
    ),
    case(
        "held by a worker is accounted for, whatever it prints",
        two_tasks().deliver("t1", "t2", to="C1").receive("C1", "t1", "t2"),
        NOTHING,
        PASS,
        "0 finished, 0 left in the queue, 2 still held by a consumer.",
        figures={"lost": 0, "held": 2},
    ),
    case(
        "a worker that needs no acknowledgement and prints only what it receives, judged by that",
        two_automatic().receive("C1", "t1", "t2").die("C1").drain(),
        BY_RECEIPT,
        PASS,
        "2 finished, 0 left in the queue.",
    ),
    case(
        "what it needs no acknowledgement for and did not receive before it was struck is lost",
        two_automatic().receive("C1", "t1").strike("C1", "t1").die("C1").drain(),
        BY_RECEIPT,
        FAIL,
        "1 task lost: 't2'.",
        blame="worker",
    ),
    case(
        "nobody harmed it, and it says of one task only that it received it",
        two_automatic().receive("C1", "t1").die("C1").drain(),
        BY_RECEIPT,
        UNKNOWN,
        "C1 was sent 't2' and never said that it received it.",
    ),
    case(
        "without acknowledgement it never says what it is done with",
        two_automatic().receive("C1", "t1", "t2").die("C1").drain(),
        NOTHING,
        UNKNOWN,
        "C1 printed what it received, and never that it was done.",
        figures={"lost": 0},
    ),
    case(
        "without acknowledgement it says nothing at all",
        two_automatic().die("C1").drain(),
        NOTHING,
        UNKNOWN,
        "C1 printed no line that names a task.",
    ),
    case(
        "without acknowledgement it says something else",
        two_automatic().receive_as("C1", "SIGTERM").do("C1", "t1").die("C1").drain(),
        NOTHING,
        UNKNOWN,
        "C1 printed 'SIGTERM' as a task, and nobody published such a task: what else it printed is "
        "not relied upon.",
    ),
    case(
        "without acknowledgement it says that something is done",
        two_automatic().receive("C1", "t1", "t2").done("C1", None, None).die("C1").drain(),
        NOTHING,
        UNKNOWN,
        "C1 printed that something was done, but not which task.",
    ),
    case(
        "without acknowledgement, silent, and nobody harmed it: it was sent what it was to receive",
        two_automatic().drain(),
        BY_RECEIPT,
        PASS,
        "2 finished, 0 left in the queue.",
    ),
    case(
        "without acknowledgement, silent, and killed",
        two_automatic().strike("C1", None).die("C1").drain(),
        BY_RECEIPT,
        UNKNOWN,
        "C1 printed no line that names a task.",
    ),
    case(
        "without acknowledgement, still at it",
        two_automatic().do("C1", "t1").receive("C1", "t2").drain(),
        NOTHING,
        UNKNOWN,
        "1 task may or may not be lost (neither finished nor found in the queue so far).",
    ),
    case(
        "without acknowledgement, killed in the work that its sleeps show",
        by_dots(no_ack=True)
        .deliver("1.", "2..", to="C1")
        .toil("C1", "1.")
        .begin_sleep("C1", 2)
        .die("C1")
        .drain(),
        NOTHING,
        FAIL,
        "1 task lost: '2..'.",
        blame="worker",
        figures={"finished": 1},
    ),
    case(
        "without acknowledgement, and its sleeps show that it did all",
        by_dots(no_ack=True)
        .deliver("1.", "2..", to="C1")
        .toil("C1", "1.", "2..")
        .die("C1")
        .drain(),
        NOTHING,
        PASS,
        "2 finished, 0 left in the queue.",
    ),
    case(
        "without acknowledgement, and its sleeps are not for its tasks",
        by_dots(no_ack=True).deliver("1.", "2..", to="C1").sleep("C1", 7).die("C1").drain(),
        NOTHING,
        UNKNOWN,
        "C1 printed no line that names a task.",
    ),
    case(
        "what its sleeps show counts, whatever strange lines it prints",
        by_dots(no_ack=True)
        .deliver("1.", "2..", to="C1")
        .receive_as("C1", "job 1.")
        .toil("C1", "1.")
        .die("C1")
        .drain(),
        NOTHING,
        FAIL,
        "1 task lost: '2..'.",
        blame="worker",
    ),
    case(
        "workers print the body, the wire shows message_id",
        Story()
        .subscribe("C1")
        .publish("id-1", body="one")
        .publish("id-2", body="two")
        .handle("C1", "id-1", "id-2")
        .drain(),
        NOTHING,
        PASS,
        "2 finished",
    ),
    case(
        "two identities with the same body: what is acknowledged need not be told apart",
        Story()
        .subscribe("C1")
        .publish("id-1", "id-2", body="same")
        .handle("C1", "id-1", "id-2")
        .drain(),
        NOTHING,
        PASS,
        "2 finished, 0 left in the queue.",
    ),
    case(
        "what the broker refused or returned is not lost",
        two_tasks()
        .publish("t3", "t4")
        .refuse("t3")
        .send_back("t4")
        .handle("C1", "t1", "t2")
        .drain(),
        NOTHING,
        PASS,
        "all 2 tasks are accounted for",
        figures={"published": 2},
    ),
    case(
        "what was refused and then published again counts, and is lost",
        two_tasks().refuse("t2").publish("t2", confirms=True).handle("C1", "t1").drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't2'.",
        blame="broker",
        figures={"published": 2, "lost_tasks": ["t2"]},
    ),
    case(
        "published without confirm on a connection that broke",
        two_tasks().gone("producer", by="broker").handle("C1", "t1").drain(),
        NOTHING,
        UNKNOWN,
        "1 task may or may not be lost (published without confirm on a connection that broke).",
        figures={"lost": 0, "indefinite": 1},
    ),
    case(
        "confirmed before the connection broke, and gone",
        Story()
        .subscribe("C1")
        .publish("t1", "t2", confirms=True)
        .gone("producer", by="broker")
        .handle("C1", "t1")
        .drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't2'.",
        blame="broker",
    ),
    case(
        "the broker closed the publisher's channel",
        two_tasks().close_channel("producer", by="broker", code=504).handle("C1", "t1").drain(),
        NOTHING,
        UNKNOWN,
        "published without confirm on a connection that broke",
        figures={"indefinite": 1},
    ),
    case(
        "the publisher closed its channel: what it sent before has arrived",
        two_tasks().close_channel("producer").gone("producer").handle("C1", "t1").drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't2'.",
        figures={"indefinite": 0},
    ),
    case(
        "the publisher said goodbye before it closed: what it sent has arrived",
        two_tasks().close("producer").handle("C1", "t1").drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't2'.",
        figures={"indefinite": 0},
    ),
    case(
        "the publisher's connection broke, but the wire shows that the task arrived",
        Story()
        .subscribe("C1", no_ack=True)
        .publish("t1", "t2")
        .gone("producer", by="fault")
        .deliver("t1", "t2", to="C1")
        .do("C1", "t1")
        .strike("C1", "t2")
        .die("C1")
        .drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't2'.",
        blame="worker",
        figures={"indefinite": 0},
    ),
    case(
        "acknowledged before the work, then killed",
        acknowledged_early().die("C1").drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't2'.",
        blame="worker",
        figures={"lost_tasks": ["t2"], "finished": 1},
    ),
    case(
        "acknowledged before the work, and done again by another",
        acknowledged_early().die("C1").handle("C2", "t2", again=True).drain(),
        NOTHING,
        PASS,
        "2 finished, 0 left in the queue.",
    ),
    case(
        "acknowledged after the work, and killed before it could say that it was done",
        two_tasks()
        .deliver("t1", to="C1")
        .work("C1", "t1")
        .deliver("t2", to="C1")
        .receive("C1", "t2")
        .wait(1)
        .ack("t2", by="C1")
        .die("C1")
        .drain(),
        NOTHING,
        PASS,
        "2 finished, 0 left in the queue.",
    ),
    case(
        "acknowledged, and it never says what it is done with",
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .receive("C1", "t1")
        .ack("t1", "t2", by="C1")
        .die("C1"),
        NOTHING,
        PASS,
        "2 finished, 0 left in the queue.",
    ),
    case(
        "acknowledged in the work that its sleeps show, then killed",
        by_dots()
        .deliver("1.", to="C1")
        .toil("C1", "1.")
        .ack("1.", by="C1")
        .deliver("2..", to="C1")
        .ack("2..", by="C1")
        .begin_sleep("C1", 2)
        .die("C1")
        .drain(),
        NOTHING,
        FAIL,
        "1 task lost: '2..'.",
        blame="worker",
        figures={"finished": 1},
    ),
    case(
        "acknowledged though a signal broke its sleep off",
        by_dots()
        .deliver("2..", to="C1")
        .begin_sleep("C1", 2)
        .strike("C1", None, "SIGTERM")
        .end_sleep("C1", 2, complete=False)
        .ack("2..", by="C1")
        .exit("C1", code=0)
        .gone("C1")
        .drain("1."),
        NOTHING,
        FAIL,
        "1 task lost: '2..'.",
        blame="worker",
        figures={"left": 1},
    ),
    case(
        "its sleeps went to their ends, and one body was known to it already",
        by_dots()
        .publish("3..", body="2..")
        .deliver("1.", "2..", "3..", to="C1")
        .toil("C1", "1.", "2..")
        .ack("1.", "2..", "3..", by="C1")
        .exit("C1", code=0)
        .gone("C1")
        .drain(),
        NOTHING,
        PASS,
        "3 finished, 0 left in the queue.",
    ),
    case(
        "acknowledged before the work, and still at it: the wire decides",
        acknowledged_early(),
        NOTHING,
        PASS,
        "2 finished, 0 left in the queue.",
    ),
    case(
        "rejected for good, then gone",
        two_tasks().deliver("t1", to="C1").nack("t1", by="C1", requeue=False).gone("C1"),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="worker",
    ),
    case(
        "nacked back into the queue, then gone",
        two_tasks()
        .deliver("t1", to="C1")
        .nack("t1", by="C1")
        .die("C1")
        .handle("C2", "t1", again=True)
        .handle("C2", "t2")
        .drain(),
        NOTHING,
        PASS,
        "2 finished",
    ),
    case(
        "acknowledged in the last instant, which the broker did not keep: another has it in hand",
        Story()
        .subscribe("C1")
        .publish("t1", confirms=True)
        .deliver("t1", to="C1")
        .receive("C1", "t1")
        .ack("t1", by="C1")
        .bounce()
        .subscribe("C2")
        .deliver("t1", to="C2", again=True)
        .receive("C2", "t1"),
        NOTHING,
        PASS,
        "0 finished, 0 left in the queue, 1 still held by a consumer.",
        figures={"lost": 0},
    ),
    case(
        "a persistent confirmed task is not there after a graceful restart",
        Story().publish("t1", "t2", confirms=True).bounce().drain("t1"),
        NOTHING,
        FAIL,
        "1 task lost: 't2'.",
        blame="broker",
        figures={"left": 1},
    ),
    case(
        "a worker's transient copy is not there after a restart",
        Story()
        .role("worker", "C1")
        .declare()
        .publish("t1", confirms=True)
        .close("producer")
        .subscribe("C1")
        .deliver("t1", to="C1")
        .publish("t1", by="C1", persistent=False)
        .ack("t1", by="C1")
        .die("C1")
        .bounce()
        .drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="worker",
    ),
    case(
        "a transient task is not there after a restart",
        Story()
        .declare()
        .publish("t1")
        .publish("t2", persistent=False)
        .close("producer")
        .bounce()
        .drain("t1"),
        NOTHING,
        FAIL,
        "1 task lost: 't2'.",
        blame="publisher",
    ),
    case(
        "nor is any of a queue that a worker declared as not durable",
        Story()
        .role("worker", "C1")
        .declare("C1", durable=False)
        .publish("t1", confirms=True)
        .bounce()
        .drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="worker",
    ),
    case(
        "a graceful stop keeps also what it has not confirmed",
        Story().declare().publish("t1").close("producer").bounce().drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="broker",
    ),
    case(
        "a kill need not, so nobody is to blame",
        Story().declare().publish("t1").close("producer").bounce("kill").drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
    ),
    case(
        "but it keeps what it has confirmed",
        Story().declare().publish("t1", confirms=True).bounce("kill").drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="broker",
    ),
    case(
        "a transient task that was confirmed, without any restart",
        Story().declare().publish("t1", persistent=False, confirms=True).drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="broker",
    ),
    case(
        "one acknowledged before the work and lost, another purged",
        acknowledged_early()
        .die("C1")
        .role("producer", "producer")
        .publish("t3", confirms=True)
        .purge(1, by="producer")
        .drain(),
        NOTHING,
        FAIL,
        "2 tasks lost: 't2', 't3'.",
        blame="worker",
    ),
    case(
        "somebody purged the queue before it was sent to anybody",
        Story()
        .role("worker", "C1")
        .subscribe("C1")
        .publish("t1", confirms=True)
        .purge(1, by="C1")
        .drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="worker",
    ),
    case(
        "deleted with its queue while a worker held it, which then went away",
        Story()
        .role("producer", "producer")
        .subscribe("C1")
        .publish("t1", confirms=True)
        .deliver("t1", to="C1")
        .delete(0, by="producer")
        .die("C1")
        .drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="publisher",
    ),
    case(
        "of a queue that lets tasks go after a time",
        Story()
        .role("worker", "C1")
        .declare("C1", arguments={"x-message-ttl": 1000})
        .publish("t1", confirms=True)
        .wait(2)
        .drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="worker",
    ),
    case(
        "of a queue that lets tasks go after a time that has not passed",
        Story()
        .role("worker", "C1")
        .declare("C1", arguments={"x-message-ttl": 1000})
        .publish("t1", confirms=True)
        .drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="broker",
    ),
    case(
        "published to expire, and transient: gone over a restart it may be for either",
        Story()
        .role("producer", "producer")
        .declare()
        .publish("t1", persistent=False, expiration="500")
        .close("producer")
        .wait(1)
        .bounce()
        .drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="publisher",
    ),
    case(
        "never confirmed, and the queue has no limits: nobody can tell",
        Story().declare().publish("t1").close("producer").drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
    ),
    case(
        "nobody was seen to declare the queue, which may not be durable",
        Story().publish("t1").close("producer").bounce().drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
    ),
    case(
        "a flood, but nothing is missing",
        two_tasks().handle("C1", "t1", "t2").flood("C2").drain(),
        NOTHING,
        PASS,
        "2 finished",
    ),
    case(
        "came back from a worker that died and was never sent again",
        two_tasks().handle("C2", "t2").deliver("t1", to="C1").die("C1").drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="broker",
    ),
    case(
        "put back by a worker and never sent again",
        two_tasks().handle("C2", "t2").deliver("t1", to="C1").nack("t1", by="C1").drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="broker",
    ),
    case(
        "a worker holds one copy, and another that was never confirmed is nowhere",
        Story()
        .subscribe("C1")
        .publish("t1", "t1")
        .close("producer")
        .deliver("t1", to="C1")
        .drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        figures={"held": 1},
    ),
    case(
        "delivered to a worker that is already gone, which is no harm",
        two_tasks()
        .handle("C2", "t2")
        .gone("C1")
        .deliver("t1", to="C1")
        .handle("C2", "t1", again=True)
        .drain(),
        NOTHING,
        PASS,
        "2 finished",
    ),
    case(
        "the queue was not drained",
        two_tasks().handle("C1", "t1"),
        NOTHING,
        UNKNOWN,
        "1 task may or may not be lost (neither finished nor found in the queue so far).",
    ),
    case(
        "the drain gave up",
        two_tasks().handle("C1", "t1").drain(complete=False),
        NOTHING,
        UNKNOWN,
        "1 task may or may not be lost",
    ),
    case(
        "a flood may have swallowed that a task was done, and it is acknowledged",
        two_tasks()
        .handle("C1", "t1")
        .deliver("t2", to="C2")
        .flood("C2")
        .ack("t2", by="C2")
        .die("C2")
        .drain(),
        NOTHING,
        PASS,
        "2 finished, 0 left in the queue.",
    ),
    case(
        "a flood may have swallowed that a task was done, and nobody acknowledged it",
        two_automatic().do("C1", "t1").flood("C1").die("C1").drain(),
        NOTHING,
        UNKNOWN,
        "C1 printed too much: not all lines were kept.",
    ),
    case(
        "the same identity twice, and one of the two is missing: nobody was seen to have it",
        two_tasks().publish("t1").handle("C1", "t1").drain(),
        NOTHING,
        FAIL,
        "2 tasks lost: 't1', 't2'.",
        figures={"published": 3, "finished": 1, "lost": 2},
    ),
    case(
        "the same identity twice, and both are acknowledged",
        Story().subscribe("C1").publish("t1", "t1").handle("C1", "t1", "t1").drain(),
        NOTHING,
        PASS,
        "2 finished, 0 left in the queue.",
    ),
    case(
        "the same identity three times: one is done, one is left, one is held",
        Story()
        .subscribe("C1")
        .publish("t1", "t1", "t1")
        .handle("C1", "t1")
        .deliver("t1", to="C1")
        .drain("t1"),
        NOTHING,
        PASS,
        "1 finished, 1 left in the queue, 1 still held by a consumer.",
    ),
    # ---------------------------------------------------------------- dead letters
    case(
        "rejected for good, and its queue hands that on",
        with_dead_letters().nack("t1", by="C1", requeue=False).drain("t2"),
        NOTHING,
        PASS,
        "0 finished, 1 left in the queue, 1 dead-lettered.",
        figures={"dead_lettered": 1, "lost": 0},
    ),
    case(
        "rejected for good, and nothing is bound to where its queue hands that on",
        with_dead_letters(bound=False).nack("t1", by="C1", requeue=False).drain("t2"),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="worker",
    ),
    case(
        "rejected for good, and it came out of a queue for such tasks",
        two_tasks()
        .deliver("t1", to="C1")
        .nack("t1", by="C1", requeue=False)
        .turn_to("dead")
        .deliver("t1", to="C9", dead_lettered_from=Q)
        .turn_to(Q)
        .drain("t2"),
        NOTHING,
        PASS,
        "1 dead-lettered.",
    ),
    case(
        "expired, and it came out of a queue for such tasks",
        two_tasks()
        .turn_to("dead")
        .deliver("t1", to="C9", dead_lettered_from=Q)
        .turn_to(Q)
        .drain("t2"),
        NOTHING,
        PASS,
        "0 finished, 1 left in the queue, 1 dead-lettered.",
    ),
    case(
        "rejected for good, brought back by a dead letter exchange, and done",
        with_dead_letters()
        .nack("t1", by="C1", requeue=False)
        .deliver("t1", to="C1", dead_lettered_from="wait")
        .work("C1", "t1")
        .handle("C1", "t2")
        .drain(),
        NOTHING,
        PASS,
        "2 finished, 0 left in the queue.",
        figures={"dead_lettered": 0},
    ),
    # ---------------------------------------------------------------- transactions
    case(
        "acknowledged in a transaction that is committed",
        Story()
        .subscribe("C1")
        .select("C1")
        .publish("t1")
        .handle("C1", "t1")
        .commit("C1")
        .close("C1")
        .drain(),
        NOTHING,
        PASS,
        "1 finished, 0 left in the queue.",
    ),
    case(
        "acknowledged in a transaction that is never committed, and back in the queue",
        Story()
        .subscribe("C1")
        .select("C1")
        .publish("t1")
        .handle("C1", "t1")
        .close("C1")
        .drain("t1", again=True),
        NOTHING,
        PASS,
        "0 finished, 1 left in the queue.",
    ),
    case(
        "published in a transaction that is rolled back: it never was a task",
        Story().publish("t1").select("producer").publish("t2").roll_back("producer").drain("t1"),
        NOTHING,
        PASS,
        "the only task is accounted for: 0 finished, 1 left in the queue.",
        figures={"published": 1},
    ),
    # ---------------------------------------------------------------- unclear
    case(
        "a task that nobody published",
        two_tasks().handle("C1", "t1", "t2", "t9").drain(),
        NOTHING,
        UNKNOWN,
        "held tasks that nobody was seen to publish: 't9'",
    ),
    case(
        "drained while a worker still has one in hand",
        two_tasks().handle("C1", "t1").deliver("t2", to="C2").receive("C2", "t2").drain(),
        NOTHING,
        PASS,
        "1 finished, 0 left in the queue, 1 still held by a consumer.",
    ),
    case(
        "nothing was published",
        Story().subscribe("C1").drain(),
        NOTHING,
        UNKNOWN,
        "nothing was published to tasks, so there is nothing to judge.",
    ),
    case(
        "all that was published was refused",
        Story().publish("t1").refuse("t1").drain(),
        NOTHING,
        UNKNOWN,
        "there is nothing to judge",
    ),
    case(
        "the harness had trouble of its own",
        two_tasks().handle("C1", "t1", "t2").drain().trouble(),
        NOTHING,
        UNKNOWN,
        "the harness had trouble of its own in the tap of C1: boom.",
        blame="harness",
    ),
    # ---------------------------------------------------------------- lost = pushed - done
    case(
        "the killed take with them what they were pushed and had not done",
        automatic().done("C2", "t2").do("C2", "t4").drain(),
        PUSHED,
        PASS,
        "of 2 tasks pushed to C1 it had done 1; the other 1 is lost, and nothing else.",
        figures={
            "published": 4,
            "pushed": 2,
            "done_by_killed": 1,
            "lost": 1,
            "lost_begun": 1,
            "lost_unbegun": 0,
            "lost_tasks": ["t3"],
        },
    ),
    case(
        "both take with them what they had not done",
        automatic().die("C2").drain(),
        BOTH,
        PASS,
        "of 4 tasks pushed to C1 and C2 they had done 1; the other 3 are lost, and nothing else.",
    ),
    case(
        "both had done all",
        automatic().do("C1", "t3").done("C2", "t2").do("C2", "t4").die("C2").drain(),
        BOTH,
        UNKNOWN,
        "C1 and C2 had nothing unfinished: the fault had no effect.",
    ),
    case(
        "the broker lost one over a restart",
        automatic()
        .declare()
        .publish("t5", confirms=True)
        .done("C2", "t2")
        .do("C2", "t4")
        .bounce()
        .drain(),
        PUSHED,
        FAIL,
        "lost although never pushed to the killed: 't5'.",
        blame="broker",
    ),
    case(
        "two identities with the same body",
        automatic()
        .publish("id-1", "id-2", body="same")
        .done("C2", "t2")
        .do("C2", "t4")
        .drain("id-1", "id-2"),
        PUSHED,
        PASS,
        "of 2 tasks pushed to C1 it had done 1; the other 1 is lost, and nothing else.",
    ),
    case(
        "a survivor that acknowledges still holds one",
        automatic()
        .done("C2", "t2")
        .do("C2", "t4")
        .publish("t5")
        .subscribe("C3")
        .role("worker", "C3", program="worker.py")
        .deliver("t5", to="C3")
        .receive("C3", "t5")
        .drain(),
        PUSHED,
        PASS,
        "of 2 tasks pushed to C1 it had done 1; the other 1 is lost, and nothing else.",
        figures={"lost_tasks": ["t3"]},
    ),
    case(
        "a survivor acknowledges what it does not do",
        automatic()
        .done("C2", "t2")
        .do("C2", "t4")
        .publish("t5", confirms=True)
        .subscribe("C3")
        .role("worker", "C3", program="worker.py")
        .deliver("t5", to="C3")
        .receive("C3", "t5")
        .ack("t5", by="C3")
        .drain(),
        PUSHED,
        FAIL,
        "lost although never pushed to the killed: 't5'.",
        blame="worker",
    ),
    case(
        "the killed acknowledges itself",
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .do("C1", "t1")
        .receive("C1", "t2")
        .die("C1")
        .drain("t2", again=True),
        PUSHED,
        UNKNOWN,
        "C1 acknowledges itself, so the broker forgets nothing by sending it.",
    ),
    case(
        "pushed into the socket of one that is already gone",
        automatic().publish("t5").deliver("t5", to="C1").done("C2", "t2").do("C2", "t4").drain(),
        PUSHED,
        PASS,
        "the other 2 are lost, and nothing else.",
        figures={"pushed": 3, "lost": 2, "lost_begun": 1, "lost_unbegun": 1},
    ),
    case(
        "the survivor lost one as well",
        automatic().done("C2", "t2").drain(),
        PUSHED,
        FAIL,
        "lost although never pushed to the killed: 't4'.",
        blame="worker",
        figures={"lost_tasks": ["t3", "t4"]},
    ),
    case(
        "the broker lost one that it pushed to nobody",
        automatic().publish("t5", confirms=True).done("C2", "t2").do("C2", "t4").drain(),
        PUSHED,
        FAIL,
        "lost although never pushed to the killed: 't5'.",
        blame="broker",
    ),
    case(
        "published while the killed was dying: its connection may have swallowed it",
        automatic().strike("C1", "t3").publish("t5").done("C2", "t2").do("C2", "t4").drain(),
        PUSHED,
        UNKNOWN,
        "published while a worker was dying, and never seen again: 't5'",
    ),
    case(
        "the broker kept what it had pushed",
        automatic().done("C2", "t2").do("C2", "t4").drain("t3", again=True),
        PUSHED,
        FAIL,
        "pushed to the killed and not done by them, but not lost: 't3'.",
    ),
    case(
        "the survivor did what was pushed to the killed",
        automatic().done("C2", "t2").do("C2", "t4", "t3").drain(),
        PUSHED,
        FAIL,
        "but not lost: 't3'.",
    ),
    case(
        "the killed had nothing, the survivor lost what it had",
        Story()
        .subscribe("C1", "C2", no_ack=True)
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C2")
        .do("C2", "t2")
        .die("C1")
        .drain(),
        PUSHED,
        FAIL,
        "lost although never pushed to the killed: 't1'.",
        blame="worker",
    ),
    case(
        "what never reached the broker may not be lost",
        automatic()
        .publish("t5")
        .gone("producer", by="broker")
        .done("C2", "t2")
        .do("C2", "t4")
        .drain(),
        PUSHED,
        UNKNOWN,
        "1 task may never have arrived",
    ),
    case(
        "the killed had nothing",
        Story()
        .subscribe("C1", "C2", no_ack=True)
        .publish("t1")
        .deliver("t1", to="C2")
        .do("C2", "t1")
        .die("C1")
        .drain(),
        PUSHED,
        UNKNOWN,
        "C1 had nothing unfinished",
    ),
    case(
        "the queue was not drained",
        automatic().done("C2", "t2").do("C2", "t4"),
        PUSHED,
        UNKNOWN,
        "the queue was not drained, so what is missing may still be in it.",
    ),
    case(
        "a flood",
        automatic().done("C2", "t2").flood("C2").drain(),
        PUSHED,
        UNKNOWN,
        "C2 printed too much",
    ),
    case(
        "the same identity twice",
        automatic().publish("t1").drain(),
        PUSHED,
        UNKNOWN,
        "cannot be told apart",
    ),
    case(
        "nothing was published",
        Story().subscribe("C1").drain(),
        PUSHED,
        UNKNOWN,
        "nothing was published",
    ),
    # ---------------------------------------------------------------- two queues
    case(
        "lost, though the same body was done from another queue",
        two_queues().drain(),
        NOTHING,
        FAIL,
        "1 task lost: 't1'.",
        blame="worker",
    ),
    case(
        "what the killed had not done is lost, though the same body was done from another queue",
        two_queues().drain(),
        PUSHED,
        PASS,
        "of 1 task pushed to C1 it had done 0; the other 1 is lost, and nothing else.",
    ),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_losses(told: Case) -> None:
    assert told.seen() == told.expected()


def test_the_evidence_is_the_life_of_the_first_lost_task() -> None:
    story = acknowledged_early().die("C1")
    lines = [item.text for item in NOTHING.judge(story.history()).evidence]
    assert lines == [
        "producer [connection 3, channel 1] basic.publish to tasks, persistent: t2",
        "C1 [connection 1, channel 1] basic.deliver 2: t2",
        "C1 [connection 1, channel 1] basic.ack 2: t2",
        "C1 printed that it received t2",
    ]
