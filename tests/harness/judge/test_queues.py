"""Queues: how they are declared, refusals, and deletions."""

from __future__ import annotations

import pytest

from filaprova.judge.checks import (
    declarations_agree,
    declared_as,
    queue_deleted,
    redeclare_refused,
)
from tests.harness.judge.stories import FAIL, PASS, UNKNOWN, Case, Q, Story, at_work, case, name_of

TAKEN = "ACCESS_REFUSED - queue 'tasks' in vhost '/' in exclusive use"
REASON = "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'tasks' in vhost '/'"

OTHER_TYPE = (
    "PRECONDITION_FAILED - inequivalent arg 'type' for queue 'tasks' in vhost '/': received "
    "'quorum' but current is 'classic'"
)


def tried() -> Story:
    """C1 has a task when its attempt to declare the queue otherwise is refused."""
    story = Story().role("worker", "C1").subscribe("C1").publish("t0").deliver("t0", to="C1")
    return story.close_channel("C1", by="broker", code=406, text=OTHER_TYPE)


def declared_twice() -> Story:
    return Story().publish("t1", "t2").declare(durable=False).declare(durable=False)


def refused() -> Story:
    return declared_twice().close_channel("tool", by="broker", code=406, text=REASON)


def purged_elsewhere() -> Story:
    return at_work().turn_to("another").purge(1).turn_to(Q)


REDECLARE = redeclare_refused(queue=Q)
DELETED = queue_deleted(queue=Q)

ALIKE = declarations_agree()
DURABLE = declared_as(queue=Q, durable=True)
NOT_DURABLE = declared_as(queue=Q, durable=False)

CASES = [
    # ---------------------------------------------------------------- declared again
    case(
        "refused, unharmed",
        refused().count(2),
        REDECLARE,
        PASS,
        "refused with 406; the queue with 2 tasks is unharmed, and declaring it as it is was "
        "accepted.",
        figures={"code": 406, "text": REASON, "same_accepted": True, "ready_after": 2},
    ),
    case(
        "another durability is accepted",
        declared_twice().declare(durable=True).count(2),
        REDECLARE,
        FAIL,
        "the queue was declared again with another durability, and that was accepted.",
    ),
    case(
        "a task is gone after the refusal",
        refused().count(1),
        REDECLARE,
        FAIL,
        "the queue was harmed: 1 of 2 tasks is left.",
    ),
    case(
        "the queue is gone after the refusal",
        refused().count_nothing(),
        REDECLARE,
        FAIL,
        "the queue was harmed: 0 of 2 tasks are left.",
    ),
    case(
        "nobody tried another",
        declared_twice().count(2),
        REDECLARE,
        UNKNOWN,
        "nobody tried to declare the queue again with another durability.",
    ),
    case(
        "nobody tried the same",
        Story()
        .publish("t1")
        .declare(durable=False)
        .close_channel("tool", by="broker", code=406, text=REASON)
        .count(1),
        REDECLARE,
        UNKNOWN,
        "nobody declared the queue again as it is.",
    ),
    case(
        "another queue was refused",
        declared_twice()
        .close_channel("tool", by="broker", code=406, text="for queue 'other'")
        .count(2),
        REDECLARE,
        UNKNOWN,
        "nobody tried",
    ),
    case(
        "refused because of something else",
        declared_twice()
        .close_channel("tool", by="broker", code=406, text=REASON.replace("durable", "x-type"))
        .count(2),
        REDECLARE,
        UNKNOWN,
        "nobody tried to declare the queue again with another durability.",
    ),
    case(
        "a new queue of that name may be another",
        refused().count(2).delete(2).declare(durable=True).count(0),
        REDECLARE,
        UNKNOWN,
        "nobody declared the queue again as it is.",
    ),
    case(
        "what a worker has taken is no harm",
        refused().subscribe("C1").deliver("t1", to="C1").count(1, 1),
        REDECLARE,
        PASS,
        "the queue with 1 task is unharmed",
    ),
    case("not listed", refused(), REDECLARE, UNKNOWN, "not listed after the refusal."),
    case(
        "an empty queue",
        Story()
        .declare(durable=False)
        .declare(durable=False)
        .close_channel("tool", by="broker", code=406, text=REASON)
        .count(0),
        REDECLARE,
        UNKNOWN,
        "the queue was empty, so nothing could have been harmed.",
    ),
    case(
        "declared once, and then with another durability, which is accepted",
        Story().publish("t1").declare(durable=False).declare(durable=True).count(1),
        REDECLARE,
        FAIL,
        "the queue was declared again with another durability, and that was accepted.",
        figures={"same_accepted": False},
    ),
    # ---------------------------------------------------------------- deleted
    case(
        "the second time there is none",
        at_work().delete(1).cancel("C1", "C2").count_nothing().delete(0).count_nothing(),
        DELETED,
        PASS,
        "there was no queue, and deleting it was no error.",
        figures={"existed": False, "dropped": 0, "unacked_before": 0, "cancelled": 0},
    ),
    case(
        "only what was in it since the last time counts",
        at_work()
        .delete(1)
        .cancel("C1", "C2")
        .declare()
        .publish("t4", "t5")
        .delete(2)
        .publish("t6")
        .count_nothing(),
        DELETED,
        PASS,
        "the queue is gone, with 2 ready and 0 unacknowledged; 0 consumers cancelled.",
    ),
    case(
        "somebody declared it anew before it was listed",
        at_work().cancel("C1", "C2").delete(1).declare("C1").count(0),
        DELETED,
        UNKNOWN,
        "C1 declared the queue anew before it was listed.",
    ),
    case(
        "whoever deleted it declared it anew",
        at_work().role("worker", "C1").cancel("C1", "C2").delete(1, by="C1").declare("C1").count(0),
        DELETED,
        FAIL,
        "the queue is still there: C1 declared it anew after its deletion.",
        blame="worker",
    ),
    case(
        "after a restart nobody knows what is in it",
        at_work().bounce().delete(0).count_nothing(),
        DELETED,
        UNKNOWN,
        "the wire cannot tell what a restart left in the queue.",
    ),
    case(
        "under work",
        at_work().cancel("C1", "C2").delete(1).count_nothing(),
        DELETED,
        PASS,
        "the queue is gone, with 1 ready and 2 unacknowledged; 2 consumers cancelled.",
        figures={"existed": True, "dropped": 1, "unacked_before": 2, "cancelled": 2},
    ),
    case(
        "one had closed its channel: nobody tells it",
        at_work().close_channel("C1").cancel("C2").delete(2).count_nothing(),
        DELETED,
        PASS,
        "the queue is gone, with 2 ready and 1 unacknowledged; 1 consumer cancelled.",
    ),
    case(
        "one had said goodbye, and its socket is still open",
        at_work().say_goodbye("C1").cancel("C2").delete(2).count_nothing(),
        DELETED,
        PASS,
        "1 consumer cancelled.",
    ),
    case(
        "one subscribed on a channel that had been closed and opened again",
        at_work().close_channel("C1").subscribe_again("C1").cancel("C2").delete(2).count_nothing(),
        DELETED,
        FAIL,
        "not told that their queue is gone: C1.",
        blame="broker",
    ),
    case(
        "one closes its channel only afterwards",
        at_work().cancel("C2").delete(1).close_channel("C1").count_nothing(),
        DELETED,
        FAIL,
        "not told that their queue is gone: C1.",
        blame="broker",
    ),
    case(
        "consumers are told after the answer",
        at_work().delete(1).cancel("C1", "C2").work("C1", "t1").count_nothing(),
        DELETED,
        PASS,
        "2 consumers cancelled.",
        figures={"unacked_before": 2},
    ),
    case(
        "a delivery of before is recorded after the answer",
        at_work().delete(0).deliver("t3", to="C1").cancel("C1", "C2").count_nothing(),
        DELETED,
        PASS,
        "with 0 ready and 3 unacknowledged",
    ),
    case(
        "the dead need not be told, and what they held is ready",
        at_work().die("C1").cancel("C2").delete(2).count_nothing(),
        DELETED,
        PASS,
        "with 2 ready and 1 unacknowledged; 1 consumer cancelled.",
    ),
    case(
        "nor need one that had cancelled by itself",
        at_work().cancel("C1", by="client").cancel("C2").delete(1).count_nothing(),
        DELETED,
        PASS,
        "1 consumer cancelled.",
    ),
    case(
        "purged before",
        at_work().purge(1).cancel("C1", "C2").delete(0).count_nothing(),
        DELETED,
        UNKNOWN,
        "the queue was purged before, so that its deletion dropped nothing.",
    ),
    case(
        "there was none",
        Story().delete(0).count_nothing(),
        DELETED,
        PASS,
        "there was no queue, and deleting it was no error.",
        figures={"existed": False, "dropped": 0, "cancelled": 0},
    ),
    case(
        "it is still there",
        at_work().cancel("C1", "C2").delete(1).count(0),
        DELETED,
        FAIL,
        "the queue is still there.",
        blame="broker",
    ),
    case(
        "a wrong number",
        at_work().cancel("C1", "C2").delete(3).count_nothing(),
        DELETED,
        FAIL,
        "the broker says that it dropped 3 messages, but 1 was ready.",
        blame="broker",
    ),
    case(
        "a consumer is not told",
        at_work().cancel("C1").delete(1).count_nothing(),
        DELETED,
        FAIL,
        "not told that their queue is gone: C2.",
        blame="broker",
        figures={"cancelled": 1},
    ),
    case(
        "nobody deleted it, and it is still there",
        at_work().count(1, 2),
        DELETED,
        FAIL,
        "the queue is still there, and nobody deleted it.",
        figures={"existed": True},
    ),
    case(
        "another was deleted instead",
        at_work().turn_to("another").delete(0).turn_to(Q).count(1, 2),
        DELETED,
        FAIL,
        "the queue is still there, and nobody deleted it; tool deleted 'another' instead.",
    ),
    case(
        "nobody deleted it, and it is not there",
        Story().count_nothing(),
        DELETED,
        PASS,
        "does not apply: there was no queue, and nobody deleted one.",
        figures={"applies": False, "existed": False},
    ),
    case(
        "nobody deleted it, and nobody listed it",
        at_work(),
        DELETED,
        UNKNOWN,
        "nobody deleted tasks.",
    ),
    case(
        "not listed afterwards",
        at_work().cancel("C1", "C2").delete(1),
        DELETED,
        UNKNOWN,
        "the queues were not listed after the deletion.",
    ),
    case(
        "one had been put back",
        at_work().nack("t1", by="C1").cancel("C1", "C2").delete(2).count_nothing(),
        DELETED,
        PASS,
        "with 2 ready and 1 unacknowledged",
    ),
    case(
        "one comes back only when it is gone",
        at_work().cancel("C1", "C2").delete(1).gone("C1").count_nothing(),
        DELETED,
        PASS,
        "with 1 ready and 2 unacknowledged",
    ),
    case(
        "what needs no acknowledgement is not unacknowledged",
        Story()
        .declare()
        .subscribe("C1", no_ack=True)
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .cancel("C1")
        .delete(1)
        .count_nothing(),
        DELETED,
        PASS,
        "with 1 ready and 0 unacknowledged",
    ),
    case(
        "another queue was purged",
        purged_elsewhere().cancel("C1", "C2").delete(1).count_nothing(),
        DELETED,
        PASS,
        "with 1 ready and 2 unacknowledged",
    ),
    case(
        "two are ready, and the broker says none",
        at_work().publish("t4").cancel("C1", "C2").delete(0).count_nothing(),
        DELETED,
        FAIL,
        "the broker says that it dropped 0 messages, but 2 were ready.",
        blame="broker",
    ),
    case(
        "no consumer is told",
        at_work().delete(1).count_nothing(),
        DELETED,
        FAIL,
        "not told that their queue is gone: C1, C2.",
        blame="broker",
    ),
    case(
        "one that needs no acknowledgement is recorded after the answer",
        Story()
        .declare()
        .subscribe("C1", no_ack=True)
        .publish("t1")
        .cancel("C1")
        .delete(0)
        .deliver("t1", to="C1")
        .count_nothing(),
        DELETED,
        PASS,
        "with 0 ready and 0 unacknowledged",
    ),
    case(
        "nobody's declaration is refused",
        Story().role("worker", "C1").declare("C1"),
        ALIKE,
        PASS,
        "no declaration of a program was refused.",
        figures={"refused": 0},
    ),
    case(
        "a worker gave the queue a time to live, of which the publisher knows nothing",
        Story()
        .role("worker", "C1")
        .role("producer", "P")
        .declare("C1", arguments={"x-message-ttl": 60000})
        .close_channel(
            "P",
            by="broker",
            code=406,
            text="PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'tasks' in "
            "vhost '/': received none but current is the value '60000' of type 'signedint'",
        ),
        ALIKE,
        FAIL,
        "P could not declare tasks: it has another x-message-ttl (60000), as C1 declared it.",
        blame="worker",
    ),
    case(
        "both name its durability, and differently: nobody can tell who is wrong",
        Story()
        .role("worker", "C1")
        .role("producer", "P")
        .declare("C1", durable=True)
        .close_channel(
            "P",
            by="broker",
            code=406,
            text="PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'tasks' in vhost '/': "
            "received 'false' but current is 'true'",
        ),
        ALIKE,
        FAIL,
        "P could not declare tasks: it has another durable (true), as C1 declared it.",
    ),
    case(
        "declared as the exercise wants it",
        Story().role("producer", "P").declare("P", durable=False),
        NOT_DURABLE,
        PASS,
        "the queue was declared as not durable.",
    ),
    case(
        "declared as durable, as another exercise wants it",
        Story().role("producer", "P").declare("P"),
        DURABLE,
        PASS,
        "the queue was declared as durable.",
        figures={"durable": True},
    ),
    case(
        "the worker declared it as not durable",
        Story().role("worker", "C1").declare("C1", durable=False),
        DURABLE,
        FAIL,
        "C1 declared the queue as not durable, and the exercise is about one that is durable.",
        blame="worker",
    ),
    case(
        "the publisher declared it otherwise",
        Story().role("producer", "P").declare("P", durable=True),
        NOT_DURABLE,
        FAIL,
        "P declared the queue as durable, and the exercise is about one that is not durable.",
        blame="publisher",
    ),
    case(
        "nobody declared it",
        Story().publish("t1"),
        NOT_DURABLE,
        UNKNOWN,
        "nobody was seen to declare tasks.",
    ),
    case(
        "one has the queue for itself, and another is refused",
        Story()
        .role("worker", "C1")
        .role("worker", "C2")
        .subscribe("C1", exclusive=True)
        .connect("C2")
        .close_channel("C2", "broker", 403, TAKEN),
        ALIKE,
        FAIL,
        "C2 was refused tasks: C1 has it for itself (exclusive).",
        blame="worker",
        figures={"refused": 1},
    ),
    case(
        "it has only tried whether another has the queue for itself, and works on",
        Story()
        .role("worker", "C1")
        .role("worker", "C2")
        .subscribe("C1", exclusive=True)
        .connect("C2")
        .close_channel("C2", "broker", 403, TAKEN)
        .turn_to("another")
        .subscribe("C2"),
        ALIKE,
        PASS,
        "no declaration of a program was refused.",
    ),
    case(
        "it has only tried whether the queue is as it should be, and works on",
        Story()
        .role("worker", "C1")
        .declare("C1")
        .close_channel("C1", "broker", 406, REASON)
        .subscribe("C1"),
        ALIKE,
        PASS,
        "no declaration of a program was refused.",
    ),
    *(
        case(
            f"what it tried was refused, and it works on: {how}",
            on,
            ALIKE,
            PASS,
            "no declaration of a program was refused.",
        )
        for how, on in {
            "it publishes": tried().publish("t1", by="C1"),
            "it finds nothing": tried().get_nothing("C1"),
            "it acknowledges": tried().ack("t0", by="C1"),
        }.items()
    ),
    case(
        "what another does afterwards does not show that it works on",
        tried().subscribe("C2").handle("C2", "t0").close_channel("C1", by="broker", code=504),
        ALIKE,
        FAIL,
        "C1 could not declare tasks: it has another type (classic).",
    ),
    case(
        "two are refused, each for another reason, after a channel closed for a third",
        Story()
        .role("worker", "C1")
        .role("worker", "C2")
        .role("producer", "P")
        .connect("C2")
        .time_out("C2")
        .subscribe("C1", exclusive=True)
        .close_channel("P", "broker", 406, OTHER_TYPE)
        .close_channel("C2", "broker", 403, TAKEN),
        ALIKE,
        FAIL,
        "P could not declare tasks: it has another type (classic); C2 was refused tasks: C1 has it "
        "for itself (exclusive).",
        blame="worker",
        figures={"refused": 2},
    ),
    case(
        "we tried whether the queue is as it should be",
        declared_twice().role("tool", "tool").close_channel("tool", "broker", 406, OTHER_TYPE),
        ALIKE,
        PASS,
        "no declaration of a program was refused.",
        figures={"refused": 0},
    ),
    case(
        "one wants a queue for itself that another consumes",
        Story()
        .role("worker", "C2")
        .subscribe("C1")
        .connect("C2")
        .close_channel("C2", "broker", 403, TAKEN),
        ALIKE,
        FAIL,
        "C2 was refused tasks, which it wanted for itself (exclusive).",
        blame="worker",
    ),
    case(
        "a queue that was declared as exclusive is locked",
        Story()
        .role("producer", "P")
        .role("worker", "C1")
        .declare("P", exclusive=True)
        .connect("C1")
        .close_channel(
            "C1",
            "broker",
            405,
            "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'tasks' in vhost '/'",
        ),
        ALIKE,
        FAIL,
        "C1 was refused tasks: P has it for itself (exclusive).",
        blame="publisher",
    ),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_queues(told: Case) -> None:
    assert told.seen() == told.expected()
