"""Repetition: what was done or received twice, and whether that was permitted."""

from __future__ import annotations

from typing import Literal

import pytest

from filaprova.judge.checks import (
    done_twice_exactly_done_by,
    done_twice_within_in_flight,
    none_done_twice,
    received_twice_exactly_in_flight,
)
from filaprova.record.wire import ChannelClosed
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


def at_t1() -> Story:
    """C1 has begun t1."""
    return two_tasks().deliver("t1", to="C1").receive("C1", "t1")


def done_with_t1() -> Story:
    """C1 has done t1, and not acknowledged it."""
    return two_tasks().deliver("t1", to="C1").do("C1", "t1")


def handed_back(told: Story) -> Story:
    """C1, told to end, puts t1 back and ends; C2 does it."""
    return told.nack("t1", by="C1").exit("C1", code=0).gone("C1").handle("C2", "t1", again=True)


def done_and_killed() -> Story:
    """C1 has done t1 without an acknowledgement and is at t2 when it is killed; C2 gets both."""
    return (
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .do("C1", "t1")
        .receive("C1", "t2")
        .die("C1")
        .deliver("t1", "t2", to="C2", again=True)
    )


def same_body() -> Story:
    return Story().subscribe("C1").publish("id-1", "id-2", body="same").handle("C1", "id-1", "id-2")


def acknowledged_last(
    before_the_stop_s: float, how: Literal["stop", "kill"] = "stop", counted: bool = False
) -> Story:
    """C1 has written its acknowledgement so long before the server stops, which brings t1 back."""
    story = Story().subscribe("C1").publish("t1").handle("C1", "t1")
    if counted:
        story.count(0, 0)
    return (
        story.wait(before_the_stop_s).bounce(how).subscribe("C1b").handle("C1b", "t1", again=True)
    )


def in_two_queues(client: str) -> Story:
    """C1 has done t1, and this client a task of the same body that another queue sent it."""
    story = Story().subscribe("C1").publish("t1").handle("C1", "t1").turn_to("other")
    if client != "C1":
        story.subscribe(client)
    return story.publish("t1").handle(client, "t1").turn_to(Q)


def with_identities_in_two_queues() -> Story:
    """Two workers do a task each of the same body, from two queues."""
    story = Story().subscribe("C1").publish("id-1", body="same").handle("C1", "id-1")
    story.turn_to("other").subscribe("C2").publish("id-2", body="same")
    return story.deliver("id-2", to="C2").work("C2", "id-2").turn_to(Q)


def acknowledged_and_sent_again() -> Story:
    """C1 goes away with t1 begun; C2 acknowledges it, and is sent it once more."""
    story = done_with_t1().die("C1")
    return story.handle("C2", "t1", "t1", again=True)


def kept_and_killed(back_s: float) -> Story:
    """C1 has acknowledged t1 so long before a stop; the server is killed later, and t1 is back."""
    story = Story().subscribe("C1").publish("t1").handle("C1", "t1").wait(back_s).bounce()
    return story.wait(2).bounce("kill").subscribe("C1b").handle("C1b", "t1", again=True)


def leaving_in_order(
    *, has_more: bool = True, nacking: bool = False, signal: str | None = None
) -> Story:
    """C1 is told to end with t1 in hand; it finishes that, hands back t2, and ends."""
    story = two_tasks().deliver("t1", to="C1")
    if has_more:
        story.deliver("t2", to="C1")
    story.receive("C1", "t1").strike("C1", "t1", "SIGTERM").done("C1", "t1").ack("t1", by="C1")
    if has_more and nacking:
        story.nack("t2", by="C1")
    return story.close("C1").exit("C1", code=None if signal else 0, signal=signal)


def by_dots(*tasks: str) -> Story:
    """Tasks that take a second for each dot, and a worker."""
    return Story().open().subscribe("C1").publish(*tasks)


def came_back_unbegun() -> Story:
    """C1 dies with t1 unbegun; C2 is sent it and has done it once."""
    story = two_tasks().deliver("t1", to="C1").die("C1")
    return story.deliver("t1", to="C2", again=True).do("C2", "t1")


def each_with_a_queue(*, archive: bool = False, third: bool = False) -> Story:
    """An exchange that gives two or three queues a copy of each task; each has its consumer."""
    other = "archive.py" if archive else "worker.py"
    story = Story().open(own_host=True)
    story.role("worker", "C1", program="worker.py").role("worker", "C2", program=other)
    story.exchange("E", "fanout", "C1").declare("C1").bind("E", "", by="C1")
    story.subscribe("C1", no_ack=True).turn_to("theirs").declare("C2").bind("E", "", by="C2")
    story.subscribe("C2", no_ack=True)
    if third:
        story.role("worker", "C3", program="worker.py").turn_to("third").declare("C3")
        story.bind("E", "", by="C3").subscribe("C3", no_ack=True)
    story.publish("t1", exchange="E", key="")
    if third:
        story.deliver("t1", to="C3").do("C3", "t1")
    story.turn_to(Q).deliver("t1", to="C1").do("C1", "t1")
    story.turn_to("theirs").deliver("t1", to="C2").do("C2", "t1")
    return story.turn_to(Q)


def at_t1_and_acknowledging() -> Story:
    """C1 has acknowledged t2, and begun t1."""
    return two_tasks().handle("C1", "t2").deliver("t1", to="C1").receive("C1", "t1")


def works_on(told: Story) -> Story:
    """What C1 had begun it does to its end, and so does C2."""
    return told.done("C1", "t1").gone("C1").handle("C2", "t1", again=True)


def closes(told: Story, channel: int) -> Story:
    """C1 closes this channel."""
    where = told.on("C1") | {"channel": channel}
    return told.tell(ChannelClosed, **where, by="client", code=200, text="")


def sent_twice_and_received_once() -> Story:
    """C1 goes away with t2 unbegun; both workers say what they receive, and nothing else."""
    story = two_tasks().deliver("t1", "t2", to="C1").receive("C1", "t1").ack("t1", by="C1")
    story.die("C1").deliver("t2", to="C2", again=True).receive("C2", "t2")
    return story.ack("t2", by="C2")


ONCE = none_done_twice(queue=Q)
BY_BOTH = done_twice_exactly_done_by(queue=Q, killed=["C1", "C2"])
BY_KILLED = done_twice_exactly_done_by(queue=Q, killed=["C1"])
WITHIN = done_twice_within_in_flight(queue=Q)
RECEIVED = received_twice_exactly_in_flight(queue=Q)


def copied(*, by: str = "C1", times: int = 1) -> Story:
    """C1 publishes the two tasks that it holds, published so many times, to their queue again."""
    story = Story().role("worker", "C1").role("worker", "C2").subscribe("C1", "C2")
    story.publish(*["t1", "t2"] * times).deliver("t1", "t2", to="C1")
    return story.publish("t1", "t2", by=by)


CASES = [
    # ------------------------------------------------------------ a queue for each
    case(
        "a worker publishes what it holds again, and does it as well",
        copied().do("C1", "t1", "t2").ack("t1", "t2", by="C1").handle("C2", "t1", "t2"),
        ONCE,
        FAIL,
        "C1 published 2 tasks to tasks again that it held, and both were done: 't1', 't2'; "
        "2 tasks finished more than once: 't1', 't2'.",
        blame="worker",
    ),
    case(
        "a worker publishes what it holds again, and puts it back as well",
        copied().nack("t1", "t2", by="C1").handle("C2", "t1", "t2").handle("C2", "t1", "t2"),
        ONCE,
        FAIL,
        "C1 published 2 tasks to tasks again that it held, and both were done: 't1', 't2'",
        blame="worker",
    ),
    case(
        "a worker publishes what was published twice and it holds again, and both are done twice",
        copied(times=2).do("C1", "t1", "t2").handle("C2", "t1", "t2"),
        ONCE,
        UNKNOWN,
        "tasks cannot be told apart",
    ),
    case(
        "a worker publishes a task that nobody is sent",
        copied().publish("t3", by="C1").do("C1", "t1", "t2").handle("C2", "t1", "t2"),
        ONCE,
        FAIL,
        "C1 published 2 tasks to tasks again that it held, and both were done: 't1', 't2'",
        blame="worker",
    ),
    case(
        "a worker publishes what it holds again, and leaves it at that",
        copied().ack("t1", "t2", by="C1").handle("C2", "t1", "t2"),
        ONCE,
        UNKNOWN,
        "tasks cannot be told apart",
    ),
    case(
        "a worker publishes what it holds again, and one of both is done twice",
        copied().do("C1", "t1").ack("t1", "t2", by="C1").handle("C2", "t1", "t2"),
        ONCE,
        UNKNOWN,
        "tasks cannot be told apart",
    ),
    case(
        "a worker publishes what it holds again, does it, and goes away",
        copied().do("C1", "t1", "t2").die("C1").handle("C2", "t1", "t2"),
        ONCE,
        UNKNOWN,
        "tasks cannot be told apart",
    ),
    case(
        "a worker publishes what another one holds",
        copied(by="C2").do("C1", "t1", "t2").ack("t1", "t2", by="C1").handle("C2", "t1", "t2"),
        ONCE,
        UNKNOWN,
        "tasks cannot be told apart",
    ),
    case(
        "a worker publishes before it is sent the same",
        Story()
        .role("worker", "C1")
        .subscribe("C1")
        .publish("t1", "t2", by="C1")
        .publish("t1", "t2")
        .handle("C1", "t1", "t2")
        .handle("C1", "t1", "t2"),
        ONCE,
        UNKNOWN,
        "tasks cannot be told apart",
    ),
    case(
        "a worker publishes again what nobody else has published",
        Story()
        .role("worker", "C1")
        .subscribe("C1")
        .publish("t1", "t2", by="C1")
        .deliver("t1", "t2", to="C1")
        .publish("t1", "t2", by="C1")
        .do("C1", "t1", "t2")
        .ack("t1", "t2", by="C1"),
        ONCE,
        UNKNOWN,
        "tasks cannot be told apart",
    ),
    case(
        "a worker publishes a copy of each task that it has done to the queue",
        Story()
        .role("worker", "C1")
        .subscribe("C1")
        .publish("t1", "t2")
        .handle("C1", "t1", "t2")
        .publish("t1", "t2", by="C1"),
        ONCE,
        FAIL,
        "C1 published 2 tasks to tasks again that it had done: 't1', 't2'",
        blame="worker",
    ),
    case(
        "two workers publish what they have done again, and one of them twice",
        copied(by="producer")
        .handle("C1", "t1")
        .handle("C2", "t2")
        .publish("t1", "t1", by="C1")
        .publish("t2", by="C2"),
        ONCE,
        FAIL,
        "C1 and C2 published 2 tasks to tasks again that they had done: 't1', 't2'",
        blame="worker",
    ),
    case(
        "a worker publishes one task again that it has done",
        Story()
        .role("worker", "C1")
        .subscribe("C1")
        .publish("t1", "t2")
        .handle("C1", "t1", "t2")
        .publish("t1", by="C1"),
        ONCE,
        UNKNOWN,
        "tasks cannot be told apart: 't1' was published more than once",
    ),
    case(
        "a worker publishes a task again that it has not done, to try it later",
        Story()
        .role("worker", "C1")
        .subscribe("C1")
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C1")
        .publish("t1", "t2", by="C1")
        .ack("t1", "t2", by="C1"),
        ONCE,
        UNKNOWN,
        "tasks cannot be told apart",
    ),
    case(
        "each worker has a queue of its own, and does all tasks",
        each_with_a_queue(),
        ONCE,
        FAIL,
        "1 task also sent to C2 from theirs, a queue that got a copy of each: 't1'.",
        blame="worker",
    ),
    case(
        "three workers have a queue each of their own, and do all tasks",
        each_with_a_queue(third=True),
        ONCE,
        FAIL,
        "1 task also sent to C2 and C3 from theirs and third, queues that got a copy of each: "
        "'t1'.",
        blame="worker",
    ),
    case(
        "another program archives what the workers do",
        each_with_a_queue(archive=True),
        ONCE,
        PASS,
        "1 task finished, each of them once.",
    ),
    # ---------------------------------------------------------------- none done twice
    case(
        "each once",
        two_tasks().handle("C1", "t1").handle("C2", "t2"),
        ONCE,
        PASS,
        "2 tasks finished, each of them once.",
        figures={"finished": 2, "done_twice": 0},
    ),
    case(
        "received twice, done once",
        done_and_killed().do("C2", "t2"),
        ONCE,
        PASS,
        "2 tasks finished",
    ),
    case(
        "received twice by those that print only that",
        done_and_killed().do("C2", "t2"),
        none_done_twice(queue=Q, finished_by="received"),
        FAIL,
        "1 task finished more than once: 't2'.",
    ),
    case(
        "two bodies that differ only in their message_id's",
        same_body(),
        ONCE,
        PASS,
        "2 tasks finished, each of them once.",
    ),
    case(
        "the killed one had done it, the broker sent it again: nobody is to blame",
        done_and_killed().do("C2", "t1", "t2"),
        ONCE,
        FAIL,
        "1 task finished more than once: 't1'.",
        figures={"finished": 2, "done_twice": 1},
    ),
    case(
        "done by two lives of one worker",
        done_with_t1().die("C1").subscribe("C1b").handle("C1b", "t1", again=True),
        ONCE,
        FAIL,
        "finished more than once: 't1'",
    ),
    case(
        "a worker does twice what it was sent once",
        two_tasks().deliver("t1", to="C1").do("C1", "t1", "t1"),
        ONCE,
        FAIL,
        "finished more than once: 't1'",
        blame="worker",
    ),
    case(
        "message_id and body differ",
        Story()
        .subscribe("C1")
        .publish("id-1", body="one")
        .deliver("id-1", to="C1")
        .do("C1", "id-1", "id-1"),
        ONCE,
        FAIL,
        "finished more than once: 'id-1'",
        blame="worker",
    ),
    case(
        "the same identity published twice is no repetition",
        two_tasks().publish("t1").handle("C1", "t1", "t1"),
        ONCE,
        UNKNOWN,
        "'t1' was published more than once",
    ),
    case("nobody did anything", two_tasks(), ONCE, UNKNOWN, "no worker has finished anything"),
    case(
        "nothing was published",
        Story().subscribe("C1").do("C1", "t1", "t1"),
        ONCE,
        UNKNOWN,
        "nothing was published",
    ),
    case(
        "done twice before a flood",
        two_tasks().deliver("t1", to="C1").do("C1", "t1", "t1").flood("C1"),
        ONCE,
        FAIL,
        "1 task finished more than once: 't1'.",
        blame="worker",
    ),
    case(
        "both received, one done",
        two_tasks().deliver("t1", "t2", to="C1").do("C1", "t1").receive("C1", "t2"),
        ONCE,
        PASS,
        "1 task finished, each of them once.",
    ),
    case(
        "put back after the work, and done again: whoever put it back wanted that",
        done_with_t1().nack("t1", by="C1").handle("C1", "t1", again=True),
        ONCE,
        FAIL,
        "1 task finished more than once: 't1'.",
        blame="worker",
    ),
    case(
        "one was put back, and another one done twice",
        done_with_t1()
        .die("C1")
        .deliver("t2", to="C2")
        .nack("t2", by="C2")
        .handle("C2", "t1", "t2", again=True),
        ONCE,
        FAIL,
        "1 task finished more than once: 't1'.",
    ),
    case(
        "said to be done twice, and nobody was sent it",
        two_tasks().do("C1", "t1", "t1"),
        ONCE,
        FAIL,
        "1 task finished more than once: 't1'.",
        blame="worker",
    ),
    case(
        "a silent worker acknowledges what it was sent once",
        two_tasks().deliver("t1", to="C1").ack("t1", by="C1"),
        ONCE,
        PASS,
        "1 task finished, each of them once.",
    ),
    case(
        "workers that say only what they receive: they may have done twice what was sent twice",
        sent_twice_and_received_once(),
        ONCE,
        UNKNOWN,
        "'t2' was sent twice, and C1 printed what it received, and never that it was done.",
    ),
    case(
        "workers that say only what they receive: none received it twice",
        sent_twice_and_received_once(),
        none_done_twice(queue=Q, finished_by="received"),
        PASS,
        "2 tasks finished, each of them once.",
    ),
    # ---------------------------------------------------------------- done by the killed
    case(
        "what the killed had done is done again, since nobody acknowledges",
        done_and_killed().do("C2", "t1", "t2"),
        BY_KILLED,
        PASS,
        "C1 had done 1 task; exactly this was done twice.",
        figures={"done_by_killed": 1, "done_twice": 1, "done_twice_tasks": ["t1"]},
    ),
    case(
        "two of them",
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .do("C1", "t1", "t2")
        .die("C1")
        .deliver("t1", "t2", to="C2", again=True)
        .do("C2", "t1", "t2"),
        BY_KILLED,
        PASS,
        "C1 had done 2 tasks; exactly these were done twice.",
    ),
    case(
        "the broker took the first one for acknowledged",
        done_and_killed().do("C2", "t2"),
        BY_KILLED,
        FAIL,
        "done by the killed, but not again by another: 't1'.",
        figures={"done_twice": 0},
    ),
    case(
        "the survivor did one twice by itself",
        done_and_killed().do("C2", "t1", "t2", "t2"),
        BY_KILLED,
        FAIL,
        "done twice without the killed having done it: 't2'.",
        blame="worker",
    ),
    case(
        "the killed had done nothing",
        at_t1()
        .role("worker", "C1", program="worker.py")
        .role("worker", "C2", program="worker.py")
        .die("C1")
        .handle("C2", "t2"),
        BY_KILLED,
        UNKNOWN,
        "C1 had done nothing: the fault came too early.",
    ),
    case(
        "the killed had done nothing, another did one twice",
        two_tasks().die("C1").deliver("t1", to="C2").do("C2", "t1", "t1"),
        BY_KILLED,
        FAIL,
        "without the killed having done it: 't1'",
        blame="worker",
    ),
    case(
        "both killed had done one",
        two_tasks()
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
        .do("C1", "t1")
        .do("C2", "t2")
        .die("C1", "C2")
        .subscribe("C3")
        .deliver("t1", "t2", to="C3", again=True)
        .do("C3", "t1", "t2"),
        BY_BOTH,
        PASS,
        "C1 and C2 had done 2 tasks; exactly these were done twice.",
    ),
    case(
        "both killed said nothing",
        two_tasks().deliver("t1", to="C1").die("C1", "C2"),
        BY_BOTH,
        UNKNOWN,
        "C1 printed no line that names a task.",
    ),
    case(
        "two identities with the same body",
        same_body(),
        BY_KILLED,
        FAIL,
        "done by the killed, but not again by another: 'id-1', 'id-2'.",
    ),
    case("a flood", done_and_killed().flood("C2"), BY_KILLED, UNKNOWN, "C2 printed too much"),
    case(
        "all that the killed had done is done again, and somebody else is silent",
        done_and_killed().do("C2", "t1", "t2").publish("t3").subscribe("C3").deliver("t3", to="C3"),
        BY_KILLED,
        PASS,
        "C1 had done 1 task; exactly this was done twice.",
    ),
    case(
        "the broker closed on both workers, and what one had done is not done again",
        done_with_t1().deliver("t2", to="C2").receive("C2", "t2").time_out("C1").time_out("C2"),
        BY_KILLED,
        UNKNOWN,
        f"the broker closed on C1 (406 {TIMED_OUT}), so that what it held came back.",
    ),
    case(
        "two killed that say what they do had done nothing",
        two_tasks()
        .role("worker", "C1", program="worker.py")
        .role("worker", "C2", program="worker.py")
        .role("worker", "C3", program="worker.py")
        .deliver("t1", to="C1")
        .receive("C1", "t1")
        .deliver("t2", to="C2")
        .receive("C2", "t2")
        .die("C1", "C2")
        .subscribe("C3")
        .handle("C3", "t1", "t2", again=True),
        BY_BOTH,
        UNKNOWN,
        "C1 and C2 had done nothing: the fault came too early.",
    ),
    case("no task", Story().subscribe("C1"), BY_KILLED, UNKNOWN, "nothing was published"),
    # ---------------------------------------------------------------- within in flight
    case(
        "acknowledged in the last instant before the connection broke",
        two_tasks().handle("C1", "t1").die("C1").handle("C2", "t1", again=True),
        WITHIN,
        PASS,
        "of 1 task in flight 1 was done twice, and no other.",
    ),
    case(
        "done twice what was in the hands of the killed",
        done_and_killed().work("C2", "t1", "t2"),
        WITHIN,
        PASS,
        "of 2 tasks in flight 1 was done twice, and no other.",
        figures={
            "in_flight": 2,
            "done_twice": 1,
            "done_twice_tasks": ["t1"],
            "acked_last": 0,
        },
    ),
    case(
        "sent again to a worker that dies next, and to a third one",
        done_and_killed()
        .do("C2", "t1")
        .die("C2")
        .subscribe("C3")
        .handle("C3", "t1", "t2", again=True),
        WITHIN,
        PASS,
        "of 2 tasks in flight 1 was done twice",
    ),
    case(
        "acknowledged in the last instant before the server stopped",
        acknowledged_last(before_the_stop_s=0.5),
        WITHIN,
        PASS,
        "done twice, and no other",
        figures={"in_flight": 0, "done_twice": 1, "acked_last": 1},
    ),
    case(
        "acknowledged long before the server stopped",
        acknowledged_last(before_the_stop_s=1.5),
        WITHIN,
        FAIL,
        "done twice without having been in flight: 't1'.",
        blame="broker",
        figures={"acked_last": 0},
    ),
    case(
        "acknowledged just before the server stopped, which had counted it so",
        acknowledged_last(before_the_stop_s=0.5, counted=True),
        WITHIN,
        FAIL,
        "done twice without having been in flight: 't1'.",
        blame="broker",
        figures={"acked_last": 0},
    ),
    case(
        "acknowledged long before the server was killed, which need not have kept it",
        acknowledged_last(before_the_stop_s=1.5, how="kill", counted=True),
        WITHIN,
        PASS,
        "done twice, and no other",
        figures={"acked_last": 1},
    ),
    case(
        "acknowledged before anybody died, and sent again all the same",
        done_and_killed().work("C2", "t1", "t2").publish("t3").handle("C2", "t3", "t3"),
        WITHIN,
        FAIL,
        "done twice without having been in flight: 't3'.",
        blame="broker",
    ),
    case(
        "in flight once, then acknowledged, and sent again all the same",
        acknowledged_and_sent_again(),
        WITHIN,
        FAIL,
        "done twice without having been in flight: 't1'.",
        blame="broker",
        figures={"in_flight": 1},
    ),
    case(
        "acknowledged, sent again, and in flight only then",
        Story()
        .subscribe("C1", "C2", "C3", prefetch=1)
        .publish("t1", "t2")
        .handle("C1", "t1")
        .deliver("t2", to="C1")
        .deliver("t1", to="C2", again=True)
        .do("C2", "t1")
        .die("C2")
        .handle("C3", "t1", again=True),
        WITHIN,
        FAIL,
        "done twice without having been in flight: 't1'.",
        blame="broker",
    ),
    case(
        "acknowledged, and sent again before the server was killed",
        two_tasks().handle("C1", "t1").handle("C2", "t1", again=True).bounce("kill"),
        WITHIN,
        FAIL,
        "done twice without having been in flight: 't1'.",
        blame="broker",
    ),
    case(
        "forgotten by a killed server, acknowledged once more, and sent again all the same",
        acknowledged_last(1.5, how="kill").handle("C1b", "t1", again=True),
        WITHIN,
        FAIL,
        "done twice without having been in flight: 't1'.",
        blame="broker",
    ),
    case(
        "forgotten by a server that was killed twice",
        acknowledged_last(1.5, how="kill")
        .bounce("kill")
        .subscribe("C1c")
        .handle("C1c", "t1", again=True),
        WITHIN,
        PASS,
        "done twice, and no other",
    ),
    case(
        "a stop had kept the acknowledgement before the server was killed",
        kept_and_killed(back_s=1.5),
        WITHIN,
        FAIL,
        "done twice without having been in flight: 't1'.",
        blame="broker",
    ),
    case(
        "a stop need not have read the acknowledgement before the server was killed",
        kept_and_killed(back_s=0.5),
        WITHIN,
        PASS,
        "done twice, and no other",
    ),
    case(
        "what needed no acknowledgement is forgotten by a server that is killed",
        Story()
        .subscribe("C1", no_ack=True)
        .publish("t1")
        .deliver("t1", to="C1")
        .do("C1", "t1")
        .wait(2)
        .bounce("kill")
        .subscribe("C1b")
        .handle("C1b", "t1", again=True),
        WITHIN,
        PASS,
        "done twice, and no other",
    ),
    case(
        "what needed no acknowledgement is kept by a server that stops",
        Story()
        .subscribe("C1", no_ack=True)
        .publish("t1")
        .deliver("t1", to="C1")
        .do("C1", "t1")
        .bounce()
        .subscribe("C1b")
        .handle("C1b", "t1", again=True),
        WITHIN,
        FAIL,
        "done twice without having been in flight: 't1'.",
        blame="broker",
    ),
    case(
        "put back before the work, and in flight later",
        two_tasks()
        .deliver("t1", to="C1")
        .nack("t1", by="C1")
        .deliver("t1", to="C1", again=True)
        .do("C1", "t1")
        .die("C1")
        .handle("C2", "t1", again=True),
        WITHIN,
        PASS,
        "of 1 task in flight 1 was done twice, and no other.",
    ),
    case(
        "rejected for good after the work, and back from a dead letter queue",
        done_with_t1().nack("t1", by="C1", requeue=False).handle("C2", "t1"),
        WITHIN,
        FAIL,
        "done twice without having been in flight: 't1'.",
    ),
    case(
        "rejected for good after the work, which a killed server need not have kept",
        done_with_t1()
        .nack("t1", by="C1", requeue=False)
        .bounce("kill")
        .subscribe("C1b")
        .handle("C1b", "t1", again=True),
        WITHIN,
        PASS,
        "whose acknowledgement may not have been kept 1 was done twice, and no other.",
    ),
    case(
        "put back after the work, by nack",
        done_with_t1().nack("t1", by="C1").handle("C1", "t1", again=True),
        WITHIN,
        FAIL,
        "without having been in flight: 't1'",
        blame="worker",
    ),
    case(
        "a channel that closes gives back as well",
        done_with_t1().close_channel("C1").handle("C2", "t1", again=True),
        WITHIN,
        PASS,
        "of 1 task in flight 1 was done twice",
    ),
    case(
        "it closed its connection in order, and did its task to the end all the same",
        works_on(at_t1_and_acknowledging().say_goodbye("C1")),
        WITHIN,
        FAIL,
        "C1 closed in order and so handed back what it had not acknowledged, but did it to its "
        "end: 't1'.",
        blame="worker",
        figures={"in_flight": 1, "done_twice": 1},
    ),
    case(
        "two closed in order, and each did its task to the end all the same",
        two_tasks()
        .subscribe("C3")
        .publish("t3", "t4")
        .handle("C1", "t3")
        .handle("C2", "t4")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
        .receive("C1", "t1")
        .receive("C2", "t2")
        .say_goodbye("C1")
        .say_goodbye("C2")
        .done("C1", "t1")
        .done("C2", "t2")
        .gone("C1", "C2")
        .handle("C3", "t1", "t2", again=True),
        WITHIN,
        FAIL,
        "C1 and C2 closed in order and so handed back what they had not acknowledged, but did it "
        "to its end: 't1', 't2'.",
        blame="worker",
    ),
    case(
        "it closed its channel in order, and did its task to the end all the same",
        works_on(closes(at_t1_and_acknowledging(), 1)),
        WITHIN,
        FAIL,
        "C1 closed in order and so handed back what it had not acknowledged, but did it to its "
        "end: 't1'.",
        blame="worker",
    ),
    *(
        case(
            f"did its task to the end all the same, though {name}",
            works_on(story),
            WITHIN,
            PASS,
            "of 1 task in flight 1 was done twice, and no other.",
        )
        for name, story in (
            ("its connection broke", at_t1_and_acknowledging().gone("C1", by="fault")),
            ("it went without a farewell", at_t1_and_acknowledging().gone("C1")),
            ("the broker closed on it", at_t1_and_acknowledging().say_goodbye("C1", by="broker")),
            ("the broker closed its channel", at_t1_and_acknowledging().time_out("C1")),
            (
                "the broker had closed its channel before it closed its connection",
                at_t1_and_acknowledging().time_out("C1").say_goodbye("C1"),
            ),
            ("it closed another channel only", closes(at_t1_and_acknowledging(), 2)),
            ("it never acknowledges anything", at_t1().say_goodbye("C1")),
            (
                "its acknowledgement was withheld",
                at_t1_and_acknowledging().withhold("C1", "t1").say_goodbye("C1"),
            ),
        )
    ),
    case(
        "another's acknowledgement was withheld",
        works_on(at_t1_and_acknowledging().say_goodbye("C1"))
        .publish("t3")
        .deliver("t3", to="C2")
        .withhold("C2", "t3"),
        WITHIN,
        FAIL,
        "C1 closed in order and so handed back what it had not acknowledged, but did it to its "
        "end: 't1'.",
        blame="worker",
    ),
    case(
        "it closed in order and dropped its task, which two others did",
        two_tasks()
        .subscribe("C3")
        .handle("C1", "t2")
        .deliver("t1", to="C1")
        .receive("C1", "t1")
        .close("C1")
        .deliver("t1", to="C2", again=True)
        .do("C2", "t1")
        .die("C2")
        .handle("C3", "t1", again=True),
        WITHIN,
        PASS,
        "of 1 task in flight 1 was done twice, and no other.",
    ),
    case(
        "it closed in order, and did alone to its end what it had",
        at_t1_and_acknowledging().say_goodbye("C1").done("C1", "t1").gone("C1").drain("t1"),
        WITHIN,
        PASS,
        "of 1 task in flight 0 were done twice, and no other.",
    ),
    case(
        "its acknowledgement came too late for a channel that the broker closed",
        at_t1_and_acknowledging()
        .done("C1", "t1")
        .ack("t1", by="C1")
        .close_channel("C1", "broker", 504, "CHANNEL_ERROR")
        .close("C1")
        .handle("C2", "t1", again=True),
        WITHIN,
        PASS,
        "of 1 task in flight 1 was done twice, and no other.",
    ),
    case(
        "nothing was in flight",
        two_tasks().handle("C1", "t1").die("C1").handle("C2", "t2"),
        WITHIN,
        UNKNOWN,
        "nothing was in flight when something went away: the fault had no effect.",
    ),
    case(
        "two identities with the same body",
        same_body(),
        WITHIN,
        UNKNOWN,
        "nothing was in flight when something went away: the fault had no effect.",
    ),
    case(
        "acknowledged exactly one second before the server stopped",
        acknowledged_last(before_the_stop_s=0.99),
        WITHIN,
        PASS,
        "1 whose acknowledgement may not have been kept",
    ),
    case(
        "a flood",
        done_and_killed().flood("C2"),
        WITHIN,
        PASS,
        "of 2 tasks in flight 0 were done twice, and no other.",
    ),
    case("no task", Story().subscribe("C1"), WITHIN, UNKNOWN, "nothing was published"),
    case(
        "both in flight are done twice",
        done_and_killed().do("C1", "t2").do("C2", "t1", "t2"),
        WITHIN,
        PASS,
        "of 2 tasks in flight 2 were done twice, and no other.",
    ),
    # ---------------------------------------------------------------- received twice
    case(
        "received twice what the killed had begun and not acknowledged",
        done_and_killed().work("C2", "t1", "t2"),
        RECEIVED,
        PASS,
        "2 tasks received twice: exactly what was in the hands of the workers that went away.",
        figures={
            "in_flight": 2,
            "received_twice": 2,
            "received_twice_tasks": ["t1", "t2"],
            "returned": 2,
        },
    ),
    case(
        "what it was only sent is not received twice",
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .receive("C1", "t1")
        .die("C1")
        .handle("C2", "t1", "t2", again=True),
        RECEIVED,
        PASS,
        "1 task received twice",
        figures={"in_flight": 1, "received_twice": 1, "returned": 2},
    ),
    case(
        "the broker sends again what was acknowledged",
        done_and_killed().work("C2", "t1", "t2").handle("C2", "t2"),
        RECEIVED,
        FAIL,
        "received more often than it came back: 't2'.",
        blame="broker",
        figures={"received_twice_tasks": ["t1", "t2"]},
    ),
    case(
        "sent again to a second worker that goes away, and to a third one",
        done_and_killed()
        .receive("C2", "t1")
        .die("C2")
        .subscribe("C3")
        .handle("C3", "t1", "t2", again=True),
        RECEIVED,
        PASS,
        "2 tasks received twice",
        figures={"in_flight": 2, "received_twice": 2, "returned": 2},
    ),
    case(
        "the second worker that goes away with it is the last one to get it",
        done_and_killed().work("C2", "t1").receive("C2", "t2").die("C2").subscribe("C3").drain(),
        RECEIVED,
        FAIL,
        "in flight, but not received again: 't2'.",
    ),
    case(
        "what came back is ready, and nobody has taken it yet",
        done_and_killed().work("C2", "t1").receive("C2", "t2").die("C2").subscribe("C3"),
        RECEIVED,
        UNKNOWN,
        "in flight, but not received again so far: 't2'.",
    ),
    case(
        "what came back is with a worker that is still at another task",
        done_and_killed().receive("C2", "t1").drain(),
        RECEIVED,
        UNKNOWN,
        "in flight, but not received again so far: 't2'.",
    ),
    case(
        "in flight once, then acknowledged, and sent again all the same",
        acknowledged_and_sent_again(),
        RECEIVED,
        FAIL,
        "received more often than it came back: 't1'.",
        blame="broker",
    ),
    case(
        "put back by a worker, acknowledged by another, and sent again all the same",
        at_t1().nack("t1", by="C1").handle("C2", "t1", "t1", again=True),
        RECEIVED,
        FAIL,
        "received twice without having been in flight: 't1'.",
        blame="broker",
    ),
    case(
        "a killed server brings back what was acknowledged, besides what was in flight",
        two_tasks()
        .handle("C1", "t1")
        .deliver("t2", to="C1")
        .receive("C1", "t2")
        .bounce("kill")
        .subscribe("C1b")
        .handle("C1b", "t1", "t2", again=True),
        RECEIVED,
        UNKNOWN,
        "the broker went down and need not have kept what settled 't1'.",
        figures={"in_flight": 1, "received_twice": 2},
    ),
    case(
        "a worker says more often that it began than it was sent it",
        done_and_killed().work("C2", "t1", "t2").receive("C2", "t2"),
        RECEIVED,
        FAIL,
        "received more often than it came back: 't2'.",
        blame="worker",
    ),
    case(
        "the broker sends again what nobody had in hand",
        done_and_killed().work("C2", "t1", "t2").publish("t3").handle("C2", "t3", "t3"),
        RECEIVED,
        FAIL,
        "received twice without having been in flight: 't3'.",
        blame="broker",
    ),
    case(
        "a worker that was told to end hands its task to another",
        handed_back(at_t1().signal("C1", "SIGTERM")),
        RECEIVED,
        PASS,
        "1 task received twice: exactly what was in the hands of the workers that went away.",
    ),
    case(
        "a worker that was struck hands its task to another",
        handed_back(at_t1().strike("C1", "t1", "SIGTERM")),
        RECEIVED,
        PASS,
        "1 task received twice",
    ),
    case(
        "a worker that was told to end, and started again, puts one back",
        two_tasks()
        .role("worker", "C1")
        .signal("C1", "SIGTERM")
        .die("C1")
        .role("worker", "C1", pid=2)
        .subscribe("C1")
        .deliver("t1", to="C1")
        .receive("C1", "t1")
        .nack("t1", by="C1")
        .handle("C2", "t1", again=True),
        RECEIVED,
        FAIL,
        "received twice without having been in flight: 't1'.",
        blame="worker",
    ),
    case(
        "one was told to end, and another puts one back",
        two_tasks()
        .signal("C2", "SIGTERM")
        .deliver("t1", to="C1")
        .receive("C1", "t1")
        .nack("t1", by="C1")
        .handle("C2", "t1", again=True),
        RECEIVED,
        FAIL,
        "received twice without having been in flight: 't1'.",
        blame="worker",
    ),
    case(
        "a worker put one back by nack",
        at_t1().nack("t1", by="C1").handle("C1", "t1", again=True),
        RECEIVED,
        FAIL,
        "received twice without having been in flight: 't1'.",
        blame="worker",
    ),
    case(
        "the broker sends one to another while its consumer still holds it",
        at_t1().deliver("t1", to="C2", again=True).receive("C2", "t1"),
        RECEIVED,
        FAIL,
        "received twice without having been in flight: 't1'.",
        blame="broker",
    ),
    case(
        "a worker prints twice what nobody was sent",
        two_tasks().receive("C1", "t1", "t1"),
        RECEIVED,
        FAIL,
        "received twice without having been in flight: 't1'.",
        blame="worker",
    ),
    case(
        "the broker does not send one again",
        two_tasks()
        .deliver("t1", "t2", to="C1")
        .do("C1", "t1")
        .receive("C1", "t2")
        .die("C1")
        .handle("C2", "t1", again=True)
        .drain(),
        RECEIVED,
        FAIL,
        "in flight, but not received again: 't2'.",
    ),
    case(
        "nobody was there to receive it again",
        at_t1().die("C1").drain("t1", again=True),
        RECEIVED,
        UNKNOWN,
        "in flight, but nobody was there to receive it again: 't1'.",
    ),
    case(
        "nothing was in flight",
        two_tasks().handle("C1", "t1").die("C1"),
        RECEIVED,
        UNKNOWN,
        "the fault had no effect",
    ),
    case(
        "two identities with the same body",
        same_body(),
        RECEIVED,
        UNKNOWN,
        "nothing was in flight when a worker went away: the fault had no effect.",
    ),
    case(
        "a worker printed twice what it was sent once",
        two_tasks().deliver("t1", to="C1").receive("C1", "t1", "t1"),
        RECEIVED,
        UNKNOWN,
        "nothing was in flight when a worker went away: the fault had no effect.",
    ),
    case(
        "a worker began twice what it was sent once",
        two_tasks().deliver("t1", to="C1").do("C1", "t1").receive("C1", "t1"),
        RECEIVED,
        FAIL,
        "received twice without having been in flight: 't1'.",
        blame="worker",
    ),
    case(
        "the broker does not send again what was in flight, but something else",
        at_t1().die("C1").handle("C2", "t2", "t2").drain(),
        RECEIVED,
        FAIL,
        "received twice without having been in flight: 't2'; in flight, but not received again: "
        "'t1'.",
        blame="broker",
    ),
    case(
        "a flood: who was sent it may have begun it",
        done_and_killed().flood("C2"),
        RECEIVED,
        PASS,
        "2 tasks received twice: exactly what was in the hands of the workers that went away.",
    ),
    case("no task", Story().subscribe("C1"), RECEIVED, UNKNOWN, "nothing was published"),
    # ---------------------------------------------------------------- leaving in order
    *(
        case(
            f"told to end, it finishes what it has and hands the rest back {how}",
            leaving_in_order(nacking=how == "itself").handle("C2", "t2", again=True),
            check,
            PASS,
            says,
        )
        for how in ("itself", "by closing its connection")
        for check, says in (
            (RECEIVED, "does not apply: C1 left in order: 1 task finished and 1 task handed back"),
            (WITHIN, "of 1 task in flight 0 were done twice, and no other."),
            (ONCE, "2 tasks finished, each of them once."),
        )
    ),
    case(
        "told to end, it had only what it finished",
        leaving_in_order(has_more=False),
        WITHIN,
        PASS,
        "does not apply: C1 left in order: 1 task finished and 0 tasks handed back, so that "
        "nothing was in flight.",
        figures={"applies": False, "in_flight": 0},
    ),
    case(
        "two are told to end, and each finishes what it has",
        two_tasks()
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
        .strike("C1", "t1", "SIGTERM")
        .strike("C2", "t2", "SIGTERM")
        .work("C1", "t1")
        .work("C2", "t2")
        .close("C1")
        .close("C2")
        .exit("C1", "C2", code=0),
        RECEIVED,
        PASS,
        "does not apply: C1 and C2 left in order: 2 tasks finished and 0 tasks handed back",
    ),
    case(
        "told to end, and ended by the signal",
        leaving_in_order(has_more=False, signal="SIGTERM"),
        WITHIN,
        UNKNOWN,
        "nothing was in flight when something went away: the fault had no effect.",
    ),
    case(
        "told to end, it drops what it has begun",
        two_tasks()
        .deliver("t1", to="C1")
        .receive("C1", "t1")
        .strike("C1", "t1", "SIGTERM")
        .close("C1")
        .exit("C1", code=0)
        .handle("C2", "t1", again=True),
        RECEIVED,
        PASS,
        "1 task received twice: exactly what was in the hands of the workers that went away.",
        figures={"in_flight": 1},
    ),
    # ---------------------------------------------------------------- sleeps
    case(
        "a worker sleeps twice for what it was sent once",
        by_dots("1.", "2..")
        .deliver("1.", to="C1")
        .receive("C1", "1.")
        .toil("C1", "1.")
        .done("C1", "1.")
        .toil("C1", "1.")
        .done("C1", "1."),
        ONCE,
        FAIL,
        "1 task finished more than once: '1.'.",
        blame="worker",
    ),
    case(
        "another says as well that it is done, and was not sent it",
        by_dots("1.", "2..")
        .deliver("1.", to="C1")
        .receive("C1", "1.")
        .toil("C1", "1.")
        .done("C1", "1.")
        .do("C2", "1."),
        ONCE,
        FAIL,
        "1 task finished more than once: '1.'.",
        blame="worker",
    ),
    case(
        "a worker says twice that it has begun and is done, and sleeps once",
        by_dots("1.", "2..").deliver("1.", to="C1").do("C1", "1.").toil("C1", "1.").do("C1", "1."),
        ONCE,
        PASS,
        "1 task finished, each of them once.",
    ),
    case(
        "a worker says twice that it is done, sleeps once, and goes away",
        by_dots("1.", "2..")
        .deliver("1.", to="C1")
        .do("C1", "1.")
        .toil("C1", "1.")
        .do("C1", "1.")
        .die("C1"),
        WITHIN,
        PASS,
        "of 1 task in flight 0 were done twice, and no other.",
    ),
    case(
        "a silent worker was killed with a task that another was sent, who is silent as well",
        two_tasks().deliver("t1", to="C1").die("C1").deliver("t1", to="C2", again=True),
        ONCE,
        UNKNOWN,
        "'t1' was sent twice, and C1 printed no line that names a task.",
    ),
    case(
        "silent workers, whose sleeps tell that each did its task once",
        by_dots("1.", "2..")
        .deliver("1.", to="C1")
        .begin_sleep("C1", 1)
        .die("C1")
        .subscribe("C2")
        .deliver("1.", to="C2", again=True)
        .toil("C2", "1.")
        .ack("1.", by="C2"),
        ONCE,
        PASS,
        "1 task finished, each of them once.",
    ),
    case(
        "silent workers, whose sleeps tell that both did the task",
        by_dots("1.", "2..")
        .deliver("1.", to="C1")
        .toil("C1", "1.")
        .die("C1")
        .subscribe("C2")
        .deliver("1.", to="C2", again=True)
        .toil("C2", "1.")
        .ack("1.", by="C2"),
        BY_KILLED,
        PASS,
        "C1 had done 1 task; exactly this was done twice.",
    ),
    # ---------------------------------------------------------------- two queues, two workers
    case(
        "done once from each of two queues, by two workers",
        in_two_queues("C2"),
        ONCE,
        PASS,
        "1 task finished, each of them once.",
    ),
    case(
        "done once from each of two queues, by one worker",
        in_two_queues("C1"),
        ONCE,
        PASS,
        "1 task finished, each of them once.",
    ),
    case(
        "the first said nothing: who was sent it may have begun it",
        came_back_unbegun().work("C2", "t1"),
        RECEIVED,
        PASS,
        "1 task received twice: exactly what was in the hands of the workers that went away.",
    ),
    case(
        "done twice by a worker that was sent it once, after another had been sent it",
        came_back_unbegun().work("C2", "t1"),
        ONCE,
        FAIL,
        "1 task finished more than once: 't1'.",
        blame="worker",
    ),
    case(
        "done twice by a worker that was sent once what had come back",
        came_back_unbegun().work("C2", "t1"),
        WITHIN,
        FAIL,
        "done twice without having been in flight: 't1'.",
        blame="worker",
    ),
    case(
        "sent again after an acknowledgement, and done once more than that by a worker",
        two_tasks().handle("C1", "t1", "t1").do("C1", "t1"),
        WITHIN,
        FAIL,
        "done twice without having been in flight: 't1'.",
        blame="worker",
    ),
    case(
        "done once from each of two queues, with identities beside the same body",
        with_identities_in_two_queues(),
        ONCE,
        PASS,
        "1 task finished, each of them once.",
    ),
    case(
        "printed twice by a worker that was sent it once, where receiving is all there is",
        two_tasks().deliver("t1", to="C1").receive("C1", "t1", "t1"),
        none_done_twice(queue=Q, finished_by="received"),
        PASS,
        "1 task finished, each of them once.",
    ),
    case(
        "received twice and done once by a worker that was sent it twice",
        two_tasks().deliver("t1", "t1", to="C1").receive("C1", "t1").do("C1", "t1"),
        none_done_twice(queue=Q, finished_by="received"),
        FAIL,
        "1 task finished more than once: 't1'.",
    ),
    case(
        "begun more often than it was sent, and done once for each time it was sent",
        done_with_t1()
        .die("C1")
        .deliver("t1", to="C2", again=True)
        .receive("C2", "t1")
        .work("C2", "t1"),
        WITHIN,
        PASS,
        "of 1 task in flight 1 was done twice, and no other.",
    ),
    case(
        "begun more often than it was sent: that is no doing",
        done_with_t1()
        .die("C1")
        .deliver("t1", to="C2", again=True)
        .receive("C2", "t1")
        .work("C2", "t1"),
        ONCE,
        FAIL,
        "1 task finished more than once: 't1'.",
    ),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_repetition(told: Case) -> None:
    assert told.seen() == told.expected()
