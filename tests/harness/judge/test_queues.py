"""Queues and programs: refusals, deletions, cancellations, and how programs end."""

from __future__ import annotations

import pytest

from filaprova.judge.checks import (
    declarations_agree,
    declared_as,
    ended_or_came_back,
    ended_when_told,
    queue_deleted,
    redeclare_refused,
)
from filaprova.record.act import BrokerStopped, BrokerStopping
from tests.harness.judge.stories import FAIL, PASS, UNKNOWN, Case, Q, Story, case, name_of

REASON = "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'tasks' in vhost '/'"


def declared_twice() -> Story:
    return Story().publish("t1", "t2").declare(durable=False).declare(durable=False)


def refused() -> Story:
    return declared_twice().close_channel("tool", by="broker", code=406, text=REASON)


def at_work() -> Story:
    """Two consumers hold a task each, one task is ready."""
    return (
        Story()
        .declare()
        .subscribe("C1", "C2")
        .publish("t1", "t2", "t3")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
    )


def purged_elsewhere() -> Story:
    return at_work().turn_to("another").purge(1).turn_to(Q)


REDECLARE = redeclare_refused(queue=Q)
DELETED = queue_deleted(queue=Q)
NOTICED = ended_or_came_back(clients=["C1", "C2"])

ALIKE = declarations_agree()
NOT_DURABLE = declared_as(queue=Q, durable=False)
TOLD = ended_when_told(queue=Q, clients=["C1"])
STAYED = ("program ended", "waited 20.0 s for C1 to end after SIGTERM; it did not, and was killed.")


def holding(task: str = "t1..") -> Story:
    """C1 holds a task, which takes as long as its dots say."""
    return Story().open().subscribe("C1").publish(task).deliver(task, to="C1")


def told_to_end() -> Story:
    return holding().strike("C1", "t1..", "SIGTERM")


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
    # ---------------------------------------------------------------- ended or came back
    case(
        "both end by themselves",
        at_work()
        .cancel("C1", "C2")
        .delete(1)
        .done("C1", "t1")
        .print("C1", "bye")
        .print("C1", " ")
        .exit("C1", "C2", code=0),
        NOTICED,
        PASS,
        "C1 ended with 0, C2 ended with 0.",
        figures={
            "exit_code": "0",
            "exits": {"C1": 0, "C2": 0},
            "came_back": [],
            "last_lines": {"C1": "bye"},
            "finished_after": 1,
        },
    ),
    case(
        "how they end is their own affair",
        at_work().stop_broker().exit("C1", signal="SIGSEGV").exit("C2", code=1),
        NOTICED,
        PASS,
        "C1 ended with SIGSEGV, C2 ended with 1.",
        figures={"exit_code": "1, SIGSEGV", "exits": {"C1": "SIGSEGV", "C2": 1}},
    ),
    case(
        "one ends and one subscribes anew",
        at_work().bounce().exit("C1", code=1).subscribe("C2"),
        NOTICED,
        PASS,
        "C1 ended with 1, C2 subscribed anew.",
        figures={"came_back": ["C2"], "exits": {"C1": 1}},
    ),
    case(
        "both subscribe anew after the deletion of their queue",
        at_work().cancel("C1", "C2").delete(1).declare().subscribe("C1", "C2"),
        NOTICED,
        PASS,
        "C1 subscribed anew, C2 subscribed anew.",
        figures={"came_back": ["C1", "C2"]},
    ),
    case(
        "one that came back and ended later has ended",
        at_work().bounce().subscribe("C1", "C2").exit("C1", code=0),
        NOTICED,
        PASS,
        "C1 ended with 0, C2 subscribed anew.",
        figures={"came_back": ["C2"]},
    ),
    case(
        "one that polls goes on polling",
        Story()
        .publish("t1")
        .get("t1", by="C1")
        .get_nothing("C2")
        .bounce()
        .get_nothing("C1")
        .get_nothing("C2"),
        NOTICED,
        PASS,
        "C1 polls on, C2 polls on.",
        figures={"came_back": ["C1", "C2"]},
    ),
    case(
        "it polled until the broker was down, and never since",
        Story()
        .get_nothing("C1")
        .tell(BrokerStopping, how="stop")
        .get_nothing("C1")
        .tell(BrokerStopped, how="stop", clean=True)
        .exit("C2", code=0)
        .wait_in_vain("ended or back"),
        NOTICED,
        FAIL,
        "neither ended nor subscribed anew: C1.",
        blame="worker",
    ),
    case(
        "one is deaf",
        at_work().bounce().exit("C1", code=1).wait_in_vain("ended or back"),
        NOTICED,
        FAIL,
        "neither ended nor subscribed anew: C2.",
        blame="worker",
        figures={"came_back": []},
    ),
    case(
        "both are deaf to the deletion of their queue",
        at_work().cancel("C1", "C2").delete(1).wait_in_vain("ended or back"),
        NOTICED,
        FAIL,
        "neither ended nor subscribed anew: C1, C2.",
        blame="worker",
    ),
    case(
        "the queue had been deleted before they first subscribed",
        Story()
        .delete(0)
        .declare()
        .subscribe("C1", "C2")
        .cancel("C1", "C2")
        .delete(0)
        .wait_in_vain("ended or back"),
        NOTICED,
        FAIL,
        "neither ended nor subscribed anew: C1, C2.",
        blame="worker",
    ),
    case(
        "nobody waited for them",
        at_work().bounce().exit("C1", code=0),
        NOTICED,
        UNKNOWN,
        "neither ended nor subscribed anew so far: C2.",
    ),
    case(
        "something else was waited for in vain",
        at_work().bounce().exit("C1", code=0).wait_in_vain("acknowledged"),
        NOTICED,
        UNKNOWN,
        "neither ended nor subscribed anew so far: C2.",
    ),
    case(
        "neither has ended",
        at_work().cancel("C1", "C2"),
        NOTICED,
        UNKNOWN,
        "neither ended nor subscribed anew so far: C1, C2.",
    ),
    case(
        "they finish when the broker goes down, as others do",
        at_work()
        .subscribe("C3")
        .deliver("t3", to="C3")
        .done("C1", "t1")
        .stop_broker()
        .done("C2", "t2")
        .done("C3", "t3")
        .exit("C1", "C2", code=0),
        NOTICED,
        PASS,
        "C1 ended with 0, C2 ended with 0.",
        figures={"finished_after": 1},
    ),
    case(
        "nothing happened that they could have noticed",
        at_work().done("C1", "t1").exit("C1", "C2", code=0),
        NOTICED,
        UNKNOWN,
        "nothing happened that they could have noticed.",
        figures={"finished_after": 0},
    ),
    case(
        "another queue was deleted",
        at_work().turn_to("another").delete(0).exit("C1", "C2", code=0),
        NOTICED,
        UNKNOWN,
        "nothing happened that they could have noticed.",
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
        "it ends when it is told to",
        told_to_end().exit("C1", code=143),
        TOLD,
        PASS,
        "C1 ended with exit status 143.",
        figures={"told": 1, "stayed": 0},
    ),
    case(
        "a signal that nobody can catch ends it",
        holding().strike("C1", "t1..", "SIGKILL").exit("C1", signal="SIGKILL"),
        TOLD,
        PASS,
        "C1 ended by SIGKILL.",
    ),
    case(
        "it stays with its task, for longer than that takes",
        told_to_end().wait(20.0).die("C1").wait_in_vain(*STAYED),
        TOLD,
        FAIL,
        "it kept 1 task (2.00 s of work), and settled nothing any more for 20.0 s.",
        blame="worker",
        figures={"stayed": 1},
    ),
    case(
        "it does what it has in hand, and then stays with the rest",
        Story()
        .open()
        .subscribe("C1")
        .publish("t1..", "t2..")
        .deliver("t1..", "t2..", to="C1")
        .strike("C1", "t1..", "SIGTERM")
        .ack("t1..", by="C1")
        .wait(20.0)
        .wait_in_vain(*STAYED)
        .exit("C1", signal="SIGKILL"),
        TOLD,
        FAIL,
        "it kept 1 task (2.00 s of work), and settled nothing any more for 20.0 s.",
        blame="worker",
    ),
    case(
        "it stays, but has settled what it held",
        told_to_end().ack("t1..", by="C1").wait(20.0).wait_in_vain(*STAYED).exit("C1", code=0),
        TOLD,
        UNKNOWN,
        "C1 did not end within",
    ),
    case(
        "it stays subscribed with nothing in hand, until it is killed",
        told_to_end().ack("t1..", by="C1").wait(20.0).die("C1").wait_in_vain(*STAYED),
        TOLD,
        FAIL,
        "it held nothing any more for 20.0 s, and stayed subscribed.",
        blame="worker",
        figures={"stayed": 1},
    ),
    case(
        "it takes its time to close down, but has cancelled",
        told_to_end()
        .ack("t1..", by="C1")
        .cancel("C1", by="client")
        .wait(20.0)
        .wait_in_vain(*STAYED)
        .exit("C1", signal="SIGKILL"),
        TOLD,
        UNKNOWN,
        "C1 did not end within",
    ),
    case(
        "it stays with a task that may take long: it has no dots",
        holding("t1")
        .strike("C1", "t1", "SIGTERM")
        .wait(20.0)
        .wait_in_vain(*STAYED)
        .exit("C1", signal="SIGKILL"),
        TOLD,
        UNKNOWN,
        "C1 did not end within",
    ),
    case("it has not ended so far", told_to_end(), TOLD, UNKNOWN, "C1 has not ended."),
    case("nobody was told to end", holding(), TOLD, UNKNOWN, "nobody was struck."),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_queues(told: Case) -> None:
    assert told.seen() == told.expected()
