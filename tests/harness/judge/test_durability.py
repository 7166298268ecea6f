"""Durability: what is still there after the broker was stopped or killed."""

from __future__ import annotations

import pytest

from filaprova.judge.checks import (
    broker_was_stopped,
    confirmed_came_back,
    graceful_stop_was_clean,
    queue_gone_after_restart,
    queue_survived_restart,
    tasks_survived_restart,
    transient_tasks_gone,
    unconfirmed_came_back,
)
from filaprova.judge.verdict import Blame
from filaprova.record.act import BrokerStopping
from filaprova.record.event import DRAIN
from filaprova.record.program import ProgramStarted
from tests.harness.judge.stories import FAIL, PASS, UNKNOWN, Case, Q, Story, case, name_of


def at_work() -> Story:
    """C1 has acknowledged t1 long ago and is at t2; t3 waits."""
    return (
        Story()
        .declare()
        .subscribe("C1")
        .publish("t1", "t2", "t3", confirms=True)
        .deliver("t1", "t2", to="C1")
        .work("C1", "t1")
        .receive("C1", "t2")
        .wait(2)
    )


def silent(*clients: str, no_ack: bool = False) -> Story:
    """Workers that print nothing hold a task each."""
    story = Story().subscribe(*clients, no_ack=no_ack)
    for number, client in enumerate(clients, start=1):
        story.publish(f"t{number}").deliver(f"t{number}", to=client)
    return story


def transient() -> Story:
    return Story().declare().publish("t1", "t2", persistent=False).count(2)


def killed(*, confirms: bool) -> Story:
    return Story().publish("t1", "t2", "t3", confirms=confirms).bounce("kill")


STOPPED = broker_was_stopped(how="stop")
CLEAN = graceful_stop_was_clean()
GONE = queue_gone_after_restart(queue=Q)
SURVIVED = queue_survived_restart(queue=Q)
TASKS = tasks_survived_restart(queue=Q)
TRANSIENT = transient_tasks_gone(queue=Q)
CONFIRMED = confirmed_came_back(queue=Q)
UNCONFIRMED = unconfirmed_came_back(queue=Q)
KEEPING: dict[str, Blame] = {"quorum": "worker", "stream": "worker", "classic": "broker"}
"""Who is to blame that transient tasks come back to a queue that a worker declared so."""

CASES = [
    # ------------------------------------------------------------ who had the queue go
    case(
        "it was to go with its last consumer",
        Story()
        .role("worker", "C1")
        .declare("C1", auto_delete=True)
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .count(0, 1, 1)
        .bounce()
        .count_nothing(),
        SURVIVED,
        FAIL,
        "the queue is gone.",
        blame="worker",
    ),
    # ---------------------------------------------------------------- whatever they were at
    case(
        "killed while a worker idles, and nobody need be at work",
        Story().subscribe("C1").bounce("kill"),
        broker_was_stopped(how="kill", mid_task=False),
        PASS,
        "the broker was killed.",
        figures={"mid_task": 0},
    ),
    case(
        "killed while a worker idles, and somebody was to be at work",
        Story().subscribe("C1").bounce("kill"),
        broker_was_stopped(how="kill"),
        UNKNOWN,
        "no worker was in the middle of a task when it happened.",
        blame="harness",
    ),
    case(
        "persistent ones of ours among them",
        Story().declare().publish("t1", by="tool").bounce().count(0),
        TRANSIENT,
        FAIL,
        "1 task was published as persistent, and all were to be transient: 't1'.",
        blame="harness",
    ),
    # ---------------------------------------------------------------- the broker was stopped
    case(
        "in mid-task",
        at_work().bounce(),
        STOPPED,
        PASS,
        "the broker was stopped while 1 worker held an unfinished task.",
        figures={"mid_task": 1, "detail": "exit status 0"},
    ),
    case(
        "nobody was connected",
        Story().publish("t1").bounce("kill"),
        broker_was_stopped(how="kill"),
        PASS,
        "the broker was killed while 0 workers held an unfinished task.",
    ),
    case(
        "the only worker was gone before",
        at_work().done("C1", "t2").die("C1").bounce(),
        STOPPED,
        PASS,
        "while 0 workers held an unfinished task.",
    ),
    case(
        "it was to stop and did not",
        at_work().tell(BrokerStopping, how="stop"),
        STOPPED,
        UNKNOWN,
        "the broker was not stopped.",
        blame="harness",
    ),
    case(
        "stopped, not killed",
        at_work().bounce(),
        broker_was_stopped(how="kill"),
        UNKNOWN,
        "the broker was not killed.",
        blame="harness",
    ),
    case(
        "not started again",
        at_work().stop_broker(),
        STOPPED,
        UNKNOWN,
        "the broker was not started again.",
        blame="harness",
    ),
    case(
        "the last stop did not end",
        at_work().bounce().subscribe("C1").tell(BrokerStopping, how="stop"),
        STOPPED,
        UNKNOWN,
        "the broker was not stopped.",
        blame="harness",
    ),
    case(
        "everybody was idle",
        at_work().done("C1", "t2").ack("t2", by="C1").bounce(),
        STOPPED,
        UNKNOWN,
        "no worker was in the middle of a task when it happened.",
        blame="harness",
    ),
    case(
        "the one in mid-task had died before, the other was idle",
        at_work().subscribe("C2").die("C1").bounce(),
        STOPPED,
        UNKNOWN,
        "no worker was in the middle of a task when it happened.",
        blame="harness",
        figures={"mid_task": 0},
    ),
    case(
        "silent workers hold a task each, and others that held one have left",
        silent("C1", "C2", "C3", "C4").gone("C1", "C2").exit("C3").bounce(),
        STOPPED,
        PASS,
        "the broker was stopped while 1 worker held an unfinished task.",
    ),
    case(
        "two silent workers hold a task each, and one has left",
        silent("C1", "C2", "C3").gone("C1").bounce(),
        STOPPED,
        PASS,
        "the broker was stopped while 2 workers held an unfinished task.",
    ),
    case(
        "two silent workers hold a task each, and one has ended",
        silent("C1", "C2", "C3").exit("C1").bounce(),
        STOPPED,
        PASS,
        "the broker was stopped while 2 workers held an unfinished task.",
    ),
    case(
        "a silent worker need not acknowledge what it has",
        silent("C1", no_ack=True).bounce(),
        STOPPED,
        UNKNOWN,
        "no worker was in the middle of a task when it happened.",
        blame="harness",
    ),
    case(
        "a silent worker acknowledged what it had, and once more",
        silent("C1").ack("t1", "t1", by="C1").bounce(),
        STOPPED,
        UNKNOWN,
        "no worker was in the middle of a task when it happened.",
        blame="harness",
    ),
    case(
        "what is taken out of the queue at the end is no work",
        silent(DRAIN).subscribe("C1").bounce(),
        STOPPED,
        UNKNOWN,
        "no worker was in the middle of a task when it happened.",
        blame="harness",
    ),
    case(
        "a silent worker sleeps",
        silent("C1", no_ack=True).begin_sleep("C1", 1).bounce(),
        STOPPED,
        PASS,
        "the broker was stopped while 1 worker held an unfinished task.",
    ),
    case(
        "a silent worker sleeps in two threads, of which one has ended",
        silent("C1", no_ack=True)
        .begin_sleep("C1", 1, "first")
        .begin_sleep("C1", 2, "second")
        .end_sleep("C1", 1)
        .bounce(),
        STOPPED,
        PASS,
        "the broker was stopped while 1 worker held an unfinished task.",
    ),
    case(
        "one silent worker has slept, and another ended in its sleep",
        silent("C1", "C2", no_ack=True).sleep("C1", 1).begin_sleep("C2", 1).exit("C2").bounce(),
        STOPPED,
        UNKNOWN,
        "no worker was in the middle of a task when it happened.",
        blame="harness",
    ),
    # ---------------------------------------------------------------- a clean stop
    case(
        "clean",
        Story().stop_broker(),
        CLEAN,
        PASS,
        "the broker ended gracefully.",
        figures={"stops": 1},
    ),
    case(
        "not clean",
        Story().stop_broker(clean=False),
        CLEAN,
        UNKNOWN,
        "the stop was not graceful: exit status 137.",
        blame="environment",
    ),
    case(
        "killed",
        Story().stop_broker("kill"),
        CLEAN,
        UNKNOWN,
        "the broker was not stopped gracefully.",
        blame="environment",
    ),
    case(
        "two stops",
        Story().bounce().bounce(),
        CLEAN,
        PASS,
        "the broker ended gracefully.",
        figures={"stops": 2},
    ),
    # ---------------------------------------------------------------- the queue is gone
    case(
        "gone with its tasks",
        at_work().count(1, 1).bounce().count_nothing(),
        GONE,
        PASS,
        "the queue is gone, and 2 tasks with it.",
        figures={"tasks_before": 2, "ready_before": 1, "unacked_before": 1},
    ),
    case(
        "still there, as whoever declared it durable wanted",
        Story().role("worker", "C1").declare("C1").count(1).bounce().count(1),
        GONE,
        FAIL,
        "the queue is still there, with 1 ready task.",
        blame="worker",
    ),
    case(
        "still there although it was declared as not durable",
        Story().declare(durable=False).count(1).bounce().count(1),
        GONE,
        FAIL,
        "the queue is still there",
        blame="broker",
    ),
    case(
        "not started again",
        at_work().count(1, 1).stop_broker().count_nothing(),
        GONE,
        UNKNOWN,
        "the broker was not stopped and started.",
    ),
    case("no stop", at_work().count(1, 1), GONE, UNKNOWN, "was not stopped and started."),
    case(
        "not started after the last stop",
        at_work().bounce().count(1, 1).stop_broker().count_nothing(),
        GONE,
        UNKNOWN,
        "was not stopped and started.",
    ),
    case(
        "somebody declared it anew",
        at_work().count(1, 1).bounce().declare(by="C1").count(0),
        GONE,
        UNKNOWN,
        "C1 declared the queue anew before it was listed again.",
    ),
    case(
        "not listed before",
        at_work().bounce().count_nothing(),
        GONE,
        UNKNOWN,
        "the queue was not listed both before and after.",
    ),
    case(
        "it was never there",
        Story().count_nothing().bounce().count_nothing(),
        GONE,
        UNKNOWN,
        "there was no such queue before.",
    ),
    # ---------------------------------------------------------------- the queue survived
    case(
        "back",
        at_work().count(1, 1).bounce().count(2),
        SURVIVED,
        PASS,
        "the queue is back.",
        figures={"tasks_before": 2, "ready_after": 2},
    ),
    case(
        "a durable queue is gone",
        at_work().count(1, 1).bounce().count_nothing(),
        SURVIVED,
        FAIL,
        "the queue is gone.",
        blame="broker",
    ),
    case(
        "a queue that the producer did not declare as durable",
        Story()
        .role("producer", "producer")
        .declare("producer", durable=False)
        .count(1)
        .bounce()
        .count_nothing(),
        SURVIVED,
        FAIL,
        "the queue is gone.",
        blame="publisher",
    ),
    case("no stop", at_work().count(1, 1), SURVIVED, UNKNOWN, "was not stopped and started."),
    case(
        "somebody declared it anew, which hides that it was gone",
        at_work().count(1, 1).bounce().declare(by="C1").count(0),
        SURVIVED,
        UNKNOWN,
        "C1 declared the queue anew before it was listed again.",
    ),
    case(
        "gone with a broker that was killed just after it was declared: nobody is to blame",
        at_work().count(1, 1).bounce("kill").count_nothing(),
        SURVIVED,
        FAIL,
        "the queue is gone.",
    ),
    case(
        "nor with one that did not stop gracefully",
        at_work().count(1, 1).stop_broker(clean=False).start_broker().count_nothing(),
        SURVIVED,
        FAIL,
        "the queue is gone.",
    ),
    case(
        "but a producer that did not ask for a durable one is",
        Story()
        .tell(ProgramStarted, client="producer", role="producer", program="p.py", command=[], pid=2)
        .declare(by="producer", durable=False)
        .count(0)
        .bounce("kill")
        .count_nothing(),
        SURVIVED,
        FAIL,
        "the queue is gone.",
        blame="publisher",
    ),
    case(
        "a doubt blames nobody, also where we declared the queue ourselves",
        Story().declare(durable=False).count(1),
        SURVIVED,
        UNKNOWN,
        "the broker was not stopped and started.",
    ),
    case(
        "asking for it does not declare it",
        at_work().count(1, 1).bounce().declare(by="C1", passive=True, ready=2).count(2),
        SURVIVED,
        PASS,
        "the queue is back.",
    ),
    case("not listed after", at_work().count(1, 1).bounce(), SURVIVED, UNKNOWN, "not listed both"),
    case(
        "it was never there",
        Story().count_nothing().bounce().count_nothing(),
        SURVIVED,
        UNKNOWN,
        "there was no such queue before.",
    ),
    # ---------------------------------------------------------------- the tasks survived
    case(
        "all that was not acknowledged",
        at_work().count(1, 1).bounce().count(2),
        TASKS,
        PASS,
        "of 3 tasks 1 had been acknowledged; 2 are back.",
        figures={"published": 3, "acknowledged": 1, "back": 2},
    ),
    case(
        "one acknowledged in the last instant is gone",
        at_work().count(1, 1).ack("t2", by="C1").bounce().count(1),
        TASKS,
        PASS,
        "of 3 tasks 2 had been acknowledged; 1 is back.",
    ),
    case(
        "one acknowledged in the last instant is back",
        at_work().count(1, 1).ack("t2", by="C1").bounce().count(2),
        TASKS,
        PASS,
        "2 are back.",
    ),
    case(
        "the broker had counted what it brings back as acknowledged",
        at_work().ack("t2", by="C1").count(1, 0).bounce().count(2),
        TASKS,
        FAIL,
        "2 tasks are back instead of 1.",
        blame="broker",
    ),
    case(
        "the broker had not yet counted it as acknowledged",
        at_work().ack("t2", by="C1").count(1, 1).bounce().count(2),
        TASKS,
        PASS,
        "2 are back.",
    ),
    case(
        "a killed broker may forget every acknowledgement",
        at_work().count(1, 1).bounce("kill").count(3),
        TASKS,
        PASS,
        "3 are back.",
    ),
    case(
        "but nothing that it confirmed",
        at_work().count(1, 1).bounce("kill").count(1),
        TASKS,
        FAIL,
        "1 task is back instead of 2 to 3.",
        blame="broker",
    ),
    case(
        "one that did not stop gracefully is as good as killed",
        at_work().count(1, 1).stop_broker(clean=False).start_broker().count(3),
        TASKS,
        PASS,
        "3 are back.",
    ),
    case(
        "what it had not confirmed it need not have",
        at_work().publish("t4").close("producer").count(2, 1).bounce("kill").count(2),
        TASKS,
        UNKNOWN,
        "not all tasks were confirmed before the broker went down hard.",
    ),
    case(
        "all had been acknowledged",
        at_work().ack("t2", by="C1").handle("C1", "t3").count(0, 0).bounce().count(0),
        TASKS,
        UNKNOWN,
        "no task was left that could have come back.",
    ),
    case(
        "their queue is gone, though they might all have been acknowledged",
        at_work().handle("C1", "t3").ack("t2", by="C1").count(2, 0).bounce().count_nothing(),
        TASKS,
        FAIL,
        "0 tasks are back instead of 0 to 2.",
        blame="broker",
    ),
    case(
        "more were published afterwards",
        at_work().count(1, 1).bounce().publish("t4").count(3),
        TASKS,
        UNKNOWN,
        "tasks were published after the broker had gone down.",
    ),
    case(
        "only the last stop counts",
        at_work().count(1, 1).bounce().count(2).bounce().count(1),
        TASKS,
        FAIL,
        "1 task is back instead of 2.",
        blame="broker",
    ),
    case(
        "one acknowledged long before is back",
        at_work().count(1, 1).bounce().count(3),
        TASKS,
        FAIL,
        "3 tasks are back instead of 2.",
        blame="broker",
    ),
    case(
        "a persistent confirmed task is gone after a graceful restart",
        at_work().count(1, 1).bounce().count(1),
        TASKS,
        FAIL,
        "1 task is back instead of 2.",
        blame="broker",
    ),
    case(
        "a range, and still fewer",
        at_work().count(1, 1).ack("t2", by="C1").bounce().count(0),
        TASKS,
        FAIL,
        "0 tasks are back instead of 1 to 2.",
        blame="broker",
    ),
    case(
        "rejected for good long ago",
        at_work().nack("t2", by="C1", requeue=False).wait(2).count(1, 0).bounce().count(1),
        TASKS,
        PASS,
        "1 is back.",
    ),
    case(
        "what needed no acknowledgement is not expected back",
        Story()
        .declare()
        .subscribe("C1", no_ack=True)
        .publish("t1", "t2")
        .close("producer")
        .deliver("t1", to="C1")
        .count(1)
        .bounce()
        .count(1),
        TASKS,
        PASS,
        "1 is back.",
    ),
    case(
        "somebody was faster than the listing",
        at_work().count(1, 1).bounce().subscribe("C2").deliver("t2", to="C2").count(1, 1),
        TASKS,
        PASS,
        "of 3 tasks 1 had been acknowledged; 2 are back.",
    ),
    case(
        "somebody acknowledged one and rejected one before the listing",
        at_work()
        .count(1, 1)
        .bounce()
        .subscribe("C2")
        .handle("C2", "t2", again=True)
        .deliver("t3", to="C2")
        .nack("t3", by="C2", requeue=False)
        .count(0, 0),
        TASKS,
        PASS,
        "of 3 tasks 1 had been acknowledged; 2 are back.",
    ),
    case(
        "somebody acknowledged and put back before the listing, and again after it",
        at_work()
        .count(1, 1)
        .bounce()
        .subscribe("C2")
        .deliver("t2", to="C2", again=True)
        .deliver("t3", to="C2")
        .nack("t3", by="C2")
        .count(1, 1)
        .work("C2", "t2"),
        TASKS,
        PASS,
        "of 3 tasks 1 had been acknowledged; 2 are back.",
    ),
    case(
        "one acknowledged just before the listing may be gone or counted still",
        at_work().count(1, 1).bounce().subscribe("C2").handle("C2", "t2", again=True).count(2, 0),
        TASKS,
        UNKNOWN,
        "somebody was at work on them while the queue was listed again.",
        figures={"back": 3},
    ),
    case(
        "somebody has one in hand, and another is not to be seen",
        at_work().count(1, 1).bounce().subscribe("C2").deliver("t2", to="C2").count(0, 1),
        TASKS,
        UNKNOWN,
        "somebody was at work on them while the queue was listed again.",
        figures={"back": 1},
    ),
    case(
        "one may never have arrived",
        Story().declare().publish("t1", "t2").count(1).bounce().count(1),
        TASKS,
        UNKNOWN,
        "2 tasks may never have arrived",
    ),
    case(
        "transient ones",
        transient().close("producer").bounce().count(0),
        TASKS,
        UNKNOWN,
        "not all tasks were published as persistent.",
    ),
    case(
        "a doubt about a queue that we declared ourselves blames nobody",
        Story().declare(durable=False).publish("t1").count(1),
        TASKS,
        UNKNOWN,
        "the broker was not stopped and started.",
    ),
    case("no stop", at_work().count(1, 1), TASKS, UNKNOWN, "was not stopped and started."),
    case("no task", Story().count(0).bounce().count(0), TASKS, UNKNOWN, "nothing was published"),
    case(
        "pushed in the last instant to one that need not acknowledge",
        Story()
        .declare()
        .subscribe("C1", no_ack=True)
        .publish("t1", "t2", confirms=True)
        .count(2)
        .deliver("t1", to="C1")
        .bounce()
        .count(2),
        TASKS,
        FAIL,
        "2 tasks are back instead of 1.",
        blame="broker",
    ),
    case(
        "one acknowledged exactly one second before is back",
        Story()
        .declare()
        .subscribe("C1")
        .publish("t1", "t2", confirms=True)
        .count(2)
        .deliver("t1", to="C1")
        .ack("t1", by="C1")
        .wait(0.99)
        .bounce()
        .count(2),
        TASKS,
        PASS,
        "of 2 tasks 1 had been acknowledged; 2 are back.",
    ),
    case(
        "acknowledged unread, since its connection broke long before",
        at_work().ack("t2", by="C1").die("C1").wait(2).count(2).bounce().count(2),
        TASKS,
        PASS,
        "of 3 tasks 2 had been acknowledged; 2 are back.",
    ),
    case(
        "acknowledged unread, sent again since, and in another's hands",
        at_work()
        .ack("t2", by="C1")
        .die("C1")
        .subscribe("C2")
        .deliver("t2", to="C2", again=True)
        .wait(2)
        .count(1, 1)
        .bounce()
        .count(2),
        TASKS,
        PASS,
        "of 3 tasks 1 had been acknowledged; 2 are back.",
    ),
    case(
        "acknowledged in the last instant before a stop, and back ever since",
        Story()
        .declare()
        .subscribe("C1")
        .publish("t1", "t2", confirms=True)
        .handle("C1", "t1")
        .bounce()
        .wait(2)
        .count(2)
        .bounce()
        .count(2),
        TASKS,
        PASS,
        "of 2 tasks 1 had been acknowledged; 2 are back.",
    ),
    case(
        "a stop has kept what a kill would forget",
        at_work().count(1, 1).bounce().count(2).bounce("kill").count(3),
        TASKS,
        FAIL,
        "3 tasks are back instead of 2.",
        blame="broker",
    ),
    case(
        "a killed broker may forget what needed no acknowledgement",
        Story()
        .declare()
        .subscribe("C1", no_ack=True)
        .publish("t1", "t2", confirms=True)
        .deliver("t1", to="C1")
        .count(1)
        .bounce("kill")
        .count(2),
        TASKS,
        PASS,
        "2 are back.",
    ),
    # ---------------------------------------------------------------- transient tasks
    case(
        "none comes back",
        transient().bounce().count(0),
        TRANSIENT,
        PASS,
        "2 transient tasks were in the queue; none came back.",
        figures={"published": 2, "before": 2, "back": 0},
    ),
    case(
        "one comes back",
        transient().bounce().count(1),
        TRANSIENT,
        FAIL,
        "1 transient task came back.",
        blame="broker",
    ),
    *(
        case(
            f"they come back, for a queue of the type {kind} keeps them",
            Story()
            .role("worker", "C1")
            .declare("C1", arguments={"x-queue-type": kind})
            .publish("t1", "t2", persistent=False)
            .count(2)
            .bounce()
            .count(2),
            TRANSIENT,
            FAIL,
            "2 transient tasks came back.",
            blame=blame,
        )
        for kind, blame in KEEPING.items()
    ),
    case(
        "a persistent one among them",
        transient().role("producer", "producer").publish("t3").bounce().count(1),
        TRANSIENT,
        FAIL,
        "1 task was published as persistent, and all were to be transient: 't3'.",
        blame="publisher",
    ),
    case(
        "four persistent ones, of which the evidence has the first three",
        Story().declare().publish("t1", "t2", "t3", "t4").bounce().count(4),
        TRANSIENT,
        FAIL,
        "4 tasks were published as persistent, and all were to be transient: 't1', 't2', 't3', "
        "'t4'.",
        blame="harness",
    ),
    case(
        "a doubt blames nobody, also where we declared a queue that keeps everything",
        Story().declare(arguments={"x-queue-type": "quorum"}).count(1).bounce().count(1),
        TRANSIENT,
        UNKNOWN,
        "nothing was published to tasks, so there is nothing to judge.",
    ),
    case(
        "the queue is gone as well",
        transient().bounce().count_nothing(),
        TRANSIENT,
        UNKNOWN,
        "the queue itself is gone, so its tasks prove nothing.",
    ),
    case(
        "all had been consumed before",
        transient().subscribe("C1").handle("C1", "t1", "t2").count(0, 0).bounce().count(0),
        TRANSIENT,
        UNKNOWN,
        "no task was in the queue before the broker went down.",
    ),
    case("no task", Story().count(0).bounce().count(0), TRANSIENT, UNKNOWN, "nothing was"),
    case(
        "a single one",
        Story().declare().publish("t1", persistent=False).count(1).bounce().count(0),
        TRANSIENT,
        PASS,
        "1 transient task was in the queue; none came back.",
    ),
    case(
        "not listed afterwards",
        transient().bounce(),
        TRANSIENT,
        UNKNOWN,
        "the queue was not listed both before and after.",
    ),
    case(
        "not listed before",
        Story().declare().publish("t1", persistent=False).bounce().count(0),
        TRANSIENT,
        UNKNOWN,
        "the queue was not listed both before and after.",
    ),
    # ---------------------------------------------------------------- confirmed came back
    case(
        "all confirmed are back",
        killed(confirms=True).drain("t1", "t2", "t3"),
        CONFIRMED,
        PASS,
        "all 3 confirmed tasks came back.",
        figures={"confirmed": 3, "back": 3, "missing": 0},
    ),
    case(
        "an unconfirmed one may be missing",
        Story().publish("t1", confirms=True).publish("t2").bounce("kill").drain("t1"),
        CONFIRMED,
        PASS,
        "the only confirmed task came back.",
    ),
    case(
        "returned and then confirmed: it was in no queue",
        Story()
        .publish("t1", confirms=True)
        .publish("t2")
        .send_back("t2")
        .confirm("t2")
        .bounce("kill")
        .drain("t1"),
        CONFIRMED,
        PASS,
        "the only confirmed task came back.",
    ),
    case(
        "a confirmed one is gone",
        killed(confirms=True).drain("t1", "t3"),
        CONFIRMED,
        FAIL,
        "confirmed, but gone: 't2'.",
        blame="broker",
        figures={"back": 2, "missing": 1},
    ),
    case(
        "a worker had taken one",
        Story()
        .publish("t1", "t2", confirms=True)
        .subscribe("C1")
        .handle("C1", "t1")
        .bounce("kill")
        .drain("t2"),
        CONFIRMED,
        PASS,
        "the only confirmed task came back.",
    ),
    case(
        "a transient one may be missing although it was confirmed",
        Story().publish("t1", confirms=True, persistent=False).bounce("kill").drain(),
        CONFIRMED,
        UNKNOWN,
        "the broker confirmed nothing that should have come back.",
    ),
    case(
        "nothing was confirmed",
        killed(confirms=False).drain("t1"),
        CONFIRMED,
        UNKNOWN,
        "the broker confirmed nothing",
    ),
    case("not drained", killed(confirms=True), CONFIRMED, UNKNOWN, "was not drained afterwards."),
    case(
        "drained only before",
        Story().publish("t1", confirms=True).drain("t1").bounce("kill"),
        CONFIRMED,
        UNKNOWN,
        "was not drained afterwards.",
    ),
    case(
        "stopped, not killed",
        Story().publish("t1", confirms=True).bounce().drain("t1"),
        CONFIRMED,
        UNKNOWN,
        "the broker was not killed and started again.",
    ),
    case("no task", Story().bounce("kill").drain(), CONFIRMED, UNKNOWN, "nothing was published"),
    case(
        "a worker had rejected one for good",
        Story()
        .subscribe("C1")
        .publish("t1", "t2", confirms=True)
        .deliver("t1", to="C1")
        .nack("t1", by="C1", requeue=False)
        .bounce("kill")
        .drain("t2"),
        CONFIRMED,
        PASS,
        "the only confirmed task came back.",
    ),
    case(
        "one was pushed to a worker that need not acknowledge",
        Story()
        .subscribe("C1", no_ack=True)
        .publish("t1", "t2", confirms=True)
        .deliver("t1", to="C1")
        .bounce("kill")
        .drain("t2"),
        CONFIRMED,
        PASS,
        "the only confirmed task came back.",
    ),
    case(
        "never killed",
        Story().publish("t1", confirms=True).drain("t1"),
        CONFIRMED,
        UNKNOWN,
        "the broker was not killed and started again.",
    ),
    # ---------------------------------------------------------------- unconfirmed came back
    case(
        "the first part",
        killed(confirms=False).drain("t1", "t2"),
        UNCONFIRMED,
        PASS,
        "of 3 tasks without confirms 2 came back.",
        figures={"published": 3, "back": 2, "missing": 1},
    ),
    case("none", killed(confirms=False).drain(), UNCONFIRMED, PASS, "0 came back."),
    case(
        "one from the middle is missing",
        killed(confirms=False).drain("t1", "t3"),
        UNCONFIRMED,
        FAIL,
        "what came back is not the first part of what was published.",
        blame="broker",
    ),
    case(
        "one came back twice",
        killed(confirms=False).drain("t1", "t1"),
        UNCONFIRMED,
        FAIL,
        "not the first part",
        blame="broker",
    ),
    case(
        "what was published afterwards is no part of it",
        killed(confirms=False).publish("t4").drain("t1", "t4"),
        UNCONFIRMED,
        PASS,
        "of 3 tasks without confirms 1 came back.",
    ),
    case(
        "persistent and transient tasks are mixed",
        Story()
        .publish("t1")
        .publish("t2", persistent=False)
        .publish("t3")
        .bounce("kill")
        .drain("t1", "t3"),
        UNCONFIRMED,
        UNKNOWN,
        "some tasks are persistent and some are not, so what is left may have gaps.",
    ),
    case(
        "workers had taken some",
        Story().subscribe("C1").publish("t1", "t2").handle("C1", "t1").bounce("kill").drain("t2"),
        UNCONFIRMED,
        UNKNOWN,
        "workers were sent tasks",
    ),
    case(
        "with confirms",
        killed(confirms=True).drain("t1"),
        UNCONFIRMED,
        UNKNOWN,
        "the tasks were published with confirms.",
    ),
    case("not drained", killed(confirms=False), UNCONFIRMED, UNKNOWN, "was not drained"),
    case("no task", Story().bounce("kill").drain(), UNCONFIRMED, UNKNOWN, "nothing was"),
    case(
        "never killed",
        Story().publish("t1").drain("t1"),
        UNCONFIRMED,
        UNKNOWN,
        "the broker was not killed and started again.",
    ),
    case(
        "confirmed, back, and in the hands of a worker",
        Story()
        .declare()
        .publish("t1", "t2", confirms=True)
        .bounce("kill")
        .subscribe("C1")
        .deliver("t1", to="C1", again=True)
        .receive("C1", "t1")
        .drain("t2"),
        CONFIRMED,
        PASS,
        "all 2 confirmed tasks came back.",
    ),
    case(
        "confirmed, and gone with a queue that its publisher had not made durable",
        Story()
        .role("producer", "producer")
        .declare(by="producer", durable=False)
        .publish("t1", confirms=True)
        .bounce("kill")
        .drain(),
        CONFIRMED,
        FAIL,
        "confirmed, but gone: 't1'.",
        blame="publisher",
    ),
    case(
        "confirmed, in the hands of a worker before the kill, and gone after it",
        Story()
        .declare()
        .publish("t1", "t2", confirms=True)
        .subscribe("C1")
        .deliver("t1", to="C1")
        .bounce("kill")
        .drain("t2"),
        CONFIRMED,
        FAIL,
        "confirmed, but gone: 't1'.",
        blame="broker",
    ),
    case(
        "confirmed, and gone because somebody purged the queue before the kill",
        Story()
        .role("worker", "C1")
        .declare()
        .publish("t1", confirms=True)
        .purge(1, by="C1")
        .bounce("kill")
        .drain(),
        CONFIRMED,
        FAIL,
        "confirmed, but gone: 't1'.",
        blame="worker",
    ),
    case(
        "confirmed, and gone from a queue that its publisher had made durable",
        Story()
        .role("producer", "producer")
        .declare(by="producer")
        .publish("t1", confirms=True)
        .bounce("kill")
        .drain(),
        CONFIRMED,
        FAIL,
        "confirmed, but gone: 't1'.",
        blame="broker",
    ),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_durability(told: Case) -> None:
    assert told.seen() == told.expected()
