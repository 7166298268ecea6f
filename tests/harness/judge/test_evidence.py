"""Evidence: is the record whole, did the faults land, and do the witnesses agree?"""

from __future__ import annotations

import pytest

from filaprova.judge.checks import (
    counts_agree,
    drained,
    fault_landed,
    fully_decoded,
    sent_as_said,
    settled_after_work,
    struck_mid_task,
    witnesses_agree,
)
from filaprova.record.program import TaskDone, WorkEnded
from filaprova.record.wire import ConsumerStarted, SocketClosed
from tests.harness.judge.stories import FAIL, PASS, UNKNOWN, Case, Q, Story, case, name_of

STRUCK = struck_mid_task(clients=["C1", "C2"])
ONE_STRUCK = struck_mid_task(clients=["C1"])
LANDED = fault_landed(client="C1", fault="HoldBack")
DRAINED = drained(queue=Q)
DECODED = fully_decoded()
WITNESSES = witnesses_agree(queue=Q)
AFTER = settled_after_work(queue=Q)
COUNTS = counts_agree(queue=Q)
SENT = sent_as_said(queue=Q)
THREE_SENT = sent_as_said(queue=Q, asked=3)


def two_at_work() -> Story:
    """C1 and C2 have received a task each and are not done."""
    return (
        Story()
        .subscribe("C1", "C2")
        .publish("t1", "t2", "t3")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
        .receive("C1", "t1")
        .receive("C2", "t2")
    )


def at_work(body: str | None = None) -> Story:
    """C1 has begun t1."""
    return (
        Story()
        .subscribe("C1")
        .publish("t1", body=body)
        .publish("t2")
        .deliver("t1", to="C1")
        .receive("C1", "t1")
    )


def one_struck() -> Story:
    return two_at_work().strike("C1", "t1").die("C1")


def by_dots(*tasks: str) -> Story:
    """Tasks that take a second for each dot, and a worker."""
    return Story().open().subscribe("C1").publish(*tasks)


def one_worker(*tasks: str) -> Story:
    return Story().subscribe("C1").publish("t1", "t2", "t3").deliver(*tasks, to="C1")


def two_queues() -> Story:
    """C1 consumes from another queue as well, on the same channel."""
    return Story("another").subscribe("C1").publish("a1", "a2").turn_to(Q).publish("t1", "t2")


def delivered_from(story: Story, queue: str, *tasks: str) -> Story:
    return story.turn_to(queue).deliver(*tasks, to="C1").turn_to(Q)


def also_from_tasks(story: Story) -> Story:
    """Let C1 subscribe to the queue that the story is about without connecting anew."""
    return story.tell(
        ConsumerStarted,
        **story.on("C1"),
        queue=Q,
        consumer_tag="ctag2",
        no_ack=False,
        prefetch_count=0,
    )


def put_back_again_and_again(count: int) -> Story:
    """C1 is sent one task so often, puts it back each time, and begins it every second time."""
    story = Story().subscribe("C1").publish("t1")
    for number in range(count):
        story.deliver("t1", to="C1", again=number > 0)
        if number % 2:
            story.receive("C1", "t1")
        story.nack("t1", by="C1")
    return story


def says_done(*, before_the_work: bool, farewell: str) -> Story:
    """C1 does t.. and is struck in u..; what it says as it leaves ends in ``farewell``."""
    story = Story().open().subscribe("C1").publish("t..", "u..").deliver("t..", "u..", to="C1")
    story.receive("C1", "t..").toil("C1", "t..").print("C1", "[x] Done").done("C1", "t..")
    story.ack("t..", by="C1").receive("C1", "u..")
    if before_the_work:
        story.print("C1", farewell).done("C1", "u..")
    story.begin_sleep("C1", 2.0).strike("C1", "u..")
    if not before_the_work:
        story.end_sleep("C1", 2.0, complete=False).print("C1", farewell).done("C1", "u..")
    return story.exit("C1", code=0)


def came_back(task: str, *, undone: bool) -> Story:
    """C1 dies with a task, which C2 acknowledges at once; each had done another before."""
    story = by_dots("1.", "2..", task).subscribe("C2").deliver("1.", task, to="C1")
    story.toil("C1", "1.").ack("1.", by="C1")
    if not undone:
        story.toil("C1", task)
    story.die("C1").deliver("2..", to="C2").toil("C2", "2..").ack("2..", by="C2")
    return story.deliver(task, to="C2", again=True).wait(9).ack(task, by="C2")


CASES = [
    # ------------------------------------------------------------ what comes again, undone
    case(
        "what came back undone is taken for done",
        came_back("3...", undone=True),
        AFTER,
        FAIL,
        "C2 acknowledged 1 task before its work can have been done: '3...'.",
        blame="worker",
    ),
    case(
        "what came back may have been done by whoever had it",
        came_back("3...", undone=False),
        AFTER,
        PASS,
        "2 tasks acknowledged, none sooner than its work takes.",
    ),
    # ------------------------------------------------------------ letters that are lost
    case(
        "the body has lost the letters that ASCII has not",
        Story().publish("Ol 1", "Ol 2").say("producer", "Olá 1", "Olá 2"),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 'Olá 1', 'Olá 2'.",
        blame="publisher",
    ),
    case(
        "the terminal has lost them",
        Story().publish("Olá 1").say("producer", "Ol 1"),
        SENT,
        PASS,
        "1 task published; nobody printed which of them it sent, and nobody has to.",
    ),
    case(
        "sent on to another queue first, and printed once",
        Story().turn_to("staging").publish("t1").turn_to(Q).publish("t1").say("producer", "t1"),
        SENT,
        PASS,
        "1 of 1 task printed as sent by whoever published them, and each of them was.",
    ),
    # ------------------------------------------------------------ counts of what moves, or stands
    case(
        "counted while a task goes round",
        Story()
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .nack("t1", by="C1")
        .deliver("t1", to="C1", again=True)
        .nack("t1", by="C1")
        .count(0, 1),
        COUNTS,
        PASS,
        "1 count of the broker as the wire predicts.",
    ),
    case(
        "counted while a task goes round, and one is missing",
        Story()
        .subscribe("C1")
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .nack("t1", by="C1")
        .deliver("t1", to="C1", again=True)
        .nack("t1", by="C1")
        .count(0, 1),
        COUNTS,
        FAIL,
        "the broker counts 0 ready, 1 unacked; the wire predicts 2 ready, 0 unacked.",
    ),
    case(
        "the broker has blocked the publisher",
        Story().publish("t1").block("producer").count(0),
        COUNTS,
        UNKNOWN,
        "the broker blocked the connection of producer: low on disk.",
    ),
    case(
        "two copies come back, and an acknowledged one does not",
        Story()
        .subscribe("C1", "C2")
        .publish("a", "b", "c", body="a")
        .deliver("a", "b", "c", to="C1")
        .ack("a", by="C1")
        .gone("C1")
        .deliver("b", "c", to="C2", again=True)
        .count(0, 2),
        COUNTS,
        PASS,
        "1 count of the broker as the wire predicts.",
    ),
    case(
        "printed word for word but for one",
        Story().publish("Hello World!").say("producer", "Hello RabbitMQ!"),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 'Hello RabbitMQ!'.",
        blame="publisher",
    ),
    case(
        "printed in short",
        Story().publish("Hello World 12:01").say("producer", "Hello World..."),
        SENT,
        PASS,
        "1 task published; nobody printed which of them it sent, and nobody has to.",
    ),
    case(
        "printed by its number",
        Story().publish("task one").say("producer", "task 1"),
        SENT,
        PASS,
        "1 task published; nobody printed which of them it sent, and nobody has to.",
    ),
    # ---------------------------------------------------------------- printed, and of another form
    case(
        "printed are others of the very same form",
        Story().publish("at 12:01, 1", "at 12:02, 2").say("producer", "at 12:01, 3", "at 12:03, 2"),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 'at 12:01, 3', 'at 12:03, 2'.",
        blame="publisher",
    ),
    case(
        "printed is something of another form",
        Story().publish("at 12:01, 1", "at 12:02, 2").say("producer", "task 1", "task 2"),
        SENT,
        PASS,
        "2 tasks published; nobody printed which of them it sent, and nobody has to.",
    ),
    case(
        "printed is one of the same form, and others are not printed",
        Story().publish("at 12:01, 1", "at 12:02, 2").say("producer", "at 12:03, 2"),
        SENT,
        PASS,
        "2 tasks published; nobody printed which of them it sent, and nobody has to.",
    ),
    case(
        "rolled back and sent again, printed once",
        Story()
        .connect("producer")
        .select("producer")
        .publish("t1", "t2")
        .roll_back("producer")
        .publish("t1", "t2")
        .commit("producer")
        .say("producer", "t1", "t2"),
        SENT,
        PASS,
        "2 of 2 tasks printed as sent by whoever published them, and each of them was.",
    ),
    case(
        "a copy comes back whose first delivery was acknowledged last",
        Story()
        .subscribe("C1", "C2")
        .publish("t1")
        .deliver("t1", to="C1")
        .ack("t1", by="C1")
        .publish("t1", by="C1")
        .deliver("t1", to="C1")
        .gone("C1")
        .deliver("t1", to="C2", again=True)
        .count(0, 1),
        COUNTS,
        PASS,
        "1 count of the broker as the wire predicts.",
    ),
    # ---------------------------------------------------------------- done before, or without, work
    case(
        "it says that a task is done, and works for it only then",
        says_done(before_the_work=True, farewell="[x] Done"),
        WITNESSES,
        FAIL,
        "C1 printed 2 tasks as done, and had worked for 1: 'u..' was not done.",
        blame="worker",
    ),
    case(
        "interrupted in a task, it says that it is done, as it always does",
        says_done(before_the_work=False, farewell="[x] Done"),
        WITNESSES,
        FAIL,
        "C1 printed 2 tasks as done, and had worked for 1: 'u..' was not done.",
        blame="worker",
    ),
    case(
        "interrupted in a task, it takes its leave in other words",
        says_done(before_the_work=False, farewell="Done. Good bye!"),
        WITNESSES,
        PASS,
        "tell the same story.",
    ),
    case(
        "it says of the task before that it is done, while it has another in hand",
        Story()
        .subscribe("C1")
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C1")
        .receive("C1", "t1")
        .done("C1", "t1", named=True)
        .receive("C1", "t2")
        .done("C1", "t1", named=True),
        WITNESSES,
        FAIL,
        "C1 printed 't1' as done",
        blame="worker",
    ),
    case(
        "a child of the struck one goes on with its task",
        Story()
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .receive("C1", "t1")
        .strike("C1", "t1")
        .die("C1")
        .done("C1", "t1"),
        ONE_STRUCK,
        UNKNOWN,
        "a process that C1 had started went on after its end.",
    ),
    # ---------------------------------------------------------------- strikes
    case(
        "both were struck in the middle of a task",
        one_struck().strike("C2", "t2").die("C2"),
        STRUCK,
        PASS,
        "C1 and C2 were struck with SIGKILL, each in the middle of a task.",
        figures={
            "struck": 2,
            "signal": "SIGKILL",
            "in_hand": {"C1": "t1", "C2": "t2"},
            "looks": 2,
        },
    ),
    case(
        "what it holds is told by its body, and known by its message_id",
        Story()
        .subscribe("C1")
        .publish("id-1", body="the work")
        .deliver("id-1", to="C1")
        .receive("C1", "id-1")
        .strike("C1", "id-1", "SIGINT")
        .die("C1"),
        struck_mid_task(clients=["C1"]),
        PASS,
        "C1 was struck with SIGINT in the middle of a task.",
        figures={"in_hand": {"C1": "the work"}},
    ),
    case(
        "one was not struck",
        one_struck(),
        STRUCK,
        UNKNOWN,
        "C2 was not struck",
        blame="harness",
        figures={"struck": 1},
    ),
    case(
        "one was idle",
        one_struck().done("C2", "t2").strike("C2", None).die("C2"),
        STRUCK,
        UNKNOWN,
        "C2 held no unfinished task when it was struck",
        blame="harness",
    ),
    case(
        "one was never caught",
        one_struck().miss("C2"),
        STRUCK,
        UNKNOWN,
        "C2 was never caught in the middle of a task: it was idle ten times",
        blame="harness",
    ),
    case(
        "one says that it holds what it was never sent",
        one_struck().strike("C2", "t3").die("C2"),
        STRUCK,
        UNKNOWN,
        "C2 claims to hold 't3', which it was never sent",
        blame="harness",
    ),
    case(
        "what it holds was sent to another",
        one_struck().strike("C2", "t1").die("C2"),
        STRUCK,
        UNKNOWN,
        "C2 claims to hold 't1', which it was never sent",
        blame="harness",
    ),
    case(
        "one outlived its strike",
        one_struck().strike("C2", "t2"),
        STRUCK,
        UNKNOWN,
        "C2 did not end by the strike",
        blame="harness",
    ),
    case(
        "it was sent it only later",
        at_work().strike("C1", "t2").deliver("t2", to="C1").die("C1"),
        ONE_STRUCK,
        UNKNOWN,
        "which it was never sent",
        blame="harness",
    ),
    case(
        "it had ended before",
        at_work().die("C1").strike("C1", "t1"),
        ONE_STRUCK,
        UNKNOWN,
        "C1 did not end by the strike.",
        blame="harness",
    ),
    case(
        "each by a signal of its own",
        one_struck().strike("C2", "t2", signal="SIGTERM").die("C2"),
        STRUCK,
        PASS,
        "C1 and C2 were struck with SIGKILL, SIGTERM, each in the middle of a task.",
    ),
    case(
        "nobody was struck",
        two_at_work(),
        STRUCK,
        UNKNOWN,
        "C1 was not struck; C2 was not struck.",
        blame="harness",
    ),
    # ---------------------------------------------------------------- faults
    case(
        "the fault took effect",
        one_worker("t1").land("C1", "HoldBack"),
        LANDED,
        PASS,
        "HoldBack took effect on C1: held back 21 bytes.",
        figures={"fault": "HoldBack", "proof": "held back 21 bytes"},
    ),
    case(
        "it took effect on another",
        one_worker("t1").land("C2", "HoldBack"),
        LANDED,
        UNKNOWN,
        "HoldBack never took effect on C1",
        blame="harness",
    ),
    case(
        "another one took effect",
        one_worker("t1").land("C1", "Cut"),
        LANDED,
        UNKNOWN,
        "HoldBack never took effect on C1",
        blame="harness",
    ),
    # ---------------------------------------------------------------- the drain
    case(
        "one was left",
        Story().publish("t1").drain("t1"),
        DRAINED,
        PASS,
        "1 task was left in the queue and taken out.",
        figures={"left": 1},
    ),
    case("nothing was left", Story().publish("t1").drain(), DRAINED, PASS, "0 tasks were left"),
    case(
        "nobody drained it",
        Story().publish("t1"),
        DRAINED,
        UNKNOWN,
        "the queue was not drained",
        blame="harness",
    ),
    case(
        "it gave up",
        Story().publish("t1").drain("t1", complete=False),
        DRAINED,
        UNKNOWN,
        "could not be drained: the broker does not answer",
    ),
    case(
        "it took out more than the wire shows",
        Story().publish("t1", "t2").drain("t1", told=2),
        DRAINED,
        UNKNOWN,
        "taken out by its own count: 2; as the wire shows: 1",
        blame="harness",
    ),
    case(
        "twice drained",
        Story().publish("t1", "t2").drain("t1").drain("t2"),
        DRAINED,
        PASS,
        "2 tasks were left",
    ),
    case(
        "the broker says that one is still there",
        Story().publish("t1", "t2").declare("drain", ready=1).drain("t1"),
        DRAINED,
        UNKNOWN,
        "1 taken out, but the broker said last that 1 task was still there.",
        blame="harness",
    ),
    case(
        "taken out, but nobody says that this was all",
        Story().publish("t1").subscribe("drain").deliver("t1", to="drain"),
        DRAINED,
        UNKNOWN,
        "the queue was not drained.",
        blame="harness",
    ),
    case(
        "what comes after the end is none of it",
        Story().publish("t1", "t2").drain("t1").deliver("t2", to="drain"),
        DRAINED,
        PASS,
        "1 task was left in the queue and taken out.",
    ),
    case(
        "the broker says that two are still there",
        Story().publish("t1", "t2", "t3").declare("drain", ready=2).drain("t1"),
        DRAINED,
        UNKNOWN,
        "1 taken out, but the broker said last that 2 tasks were still there.",
        blame="harness",
    ),
    # ---------------------------------------------------------------- decoding
    case(
        "every byte was understood",
        one_worker("t1").close("C1").gone("producer"),
        DECODED,
        PASS,
        "2 connections decoded whole.",
        figures={"connections": 2},
    ),
    case("there was no wire", Story().print("C1", "hello"), DECODED, UNKNOWN, "nothing was seen"),
    case(
        "somebody sent garbage",
        one_worker("t1").garbage("C1"),
        DECODED,
        UNKNOWN,
        "C1: bytes of the client are not AMQP 0-9-1: no frame begins so",
    ),
    case(
        "a frame was cut off",
        one_worker("t1").gone("C1", cut_bytes=3),
        DECODED,
        UNKNOWN,
        "C1: its connection ended in the middle of a frame",
    ),
    case(
        "a fault cut it off",
        one_worker("t1").gone("C1", by="fault", cut_bytes=3),
        DECODED,
        PASS,
        "decoded whole",
    ),
    case(
        "its strike cut it off",
        one_struck().gone("C1", cut_bytes=3),
        DECODED,
        PASS,
        "decoded whole",
    ),
    case(
        "the strike of another did not",
        one_struck().gone("C2", cut_bytes=3),
        DECODED,
        UNKNOWN,
        "C2: its connection ended in the middle of a frame",
    ),
    case(
        "the kill of the broker cut it off",
        one_worker("t1").stop_broker("kill").gone("C1", by="broker", cut_bytes=3),
        DECODED,
        PASS,
        "decoded whole",
    ),
    case(
        "a kill of long before did not",
        one_worker("t1").bounce("kill").subscribe("C1").gone("C1", cut_bytes=3),
        DECODED,
        UNKNOWN,
        "C1: its connection ended in the middle of a frame",
    ),
    case(
        "a graceful stop cuts nothing off",
        one_worker("t1").stop_broker().gone("C1", by="broker", cut_bytes=3),
        DECODED,
        UNKNOWN,
        "C1: its connection ended in the middle of a frame",
    ),
    case(
        "struck only later",
        at_work().gone("C1", cut_bytes=3).strike("C1", "t1"),
        DECODED,
        UNKNOWN,
        "ended in the middle of a frame",
    ),
    case(
        "a cut frame of one that was sent a signal",
        at_work().signal("C1").gone("C1", cut_bytes=3),
        DECODED,
        PASS,
        "decoded whole",
    ),
    case(
        "a frame of the broker was cut off",
        at_work().tell(
            SocketClosed, client="C1", connection=1, by="client", broker_remainder_bytes=3
        ),
        DECODED,
        UNKNOWN,
        "C1: its connection ended in the middle of a frame.",
    ),
    # ---------------------------------------------------------------- two witnesses
    case(
        "both tell the same",
        one_worker("t1", "t2").work("C1", "t1").receive("C1", "t2"),
        WITNESSES,
        PASS,
        "the wire and the output of 1 worker tell the same story.",
        figures={"delivered": 2, "received": 2, "done": 1},
    ),
    case(
        "the worker prints what it was never sent",
        one_worker("t1").receive("C1", "t1", "t2"),
        WITNESSES,
        FAIL,
        "C1 printed 't2' as received, which it was never sent.",
        blame="worker",
    ),
    case(
        "the worker says nothing of one",
        one_worker("t1", "t2").receive("C1", "t2"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "it puts back what it has not begun, subscribes again and gets a part of that",
        one_worker("t1", "t2", "t3")
        .work("C1", "t1")
        .nack("t2", "t3", by="C1")
        .subscribe_again("C1")
        .deliver("t3", to="C1", again=True)
        .work("C1", "t3"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "it puts back what it has begun, and is sent the next",
        one_worker("t1", "t2").receive("C1", "t1").nack("t1", by="C1").work("C1", "t2"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "it puts one back again and again, and begins it as often",
        put_back_again_and_again(2000),
        WITNESSES,
        PASS,
        "tell the same story",
        figures={"delivered": 2000, "received": 1000},
    ),
    case(
        "it puts one back, and says nothing of another",
        one_worker("t1", "t2", "t3").nack("t1", by="C1").receive("C1", "t3"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "it throws away what it has not begun, and goes on",
        one_worker("t1", "t2").nack("t1", by="C1", requeue=False).receive("C1", "t2"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "another puts back what has the same tag on its own connection",
        one_worker("t1", "t2")
        .subscribe("C2")
        .deliver("t3", to="C2")
        .nack("t3", by="C2")
        .receive("C1", "t2"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "the worker prints one twice",
        one_worker("t1", "t2").receive("C1", "t1", "t1"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "the worker says once more that it is done, and not with what",
        one_worker("t1").receive("C1", "t1").done("C1", "t1", None),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "the worker prints bodies, the wire knows them by message_id",
        Story().subscribe("C1").publish("id-1", body="the work").handle("C1", "id-1"),
        WITNESSES,
        PASS,
        "tell the same story",
        figures={"delivered": 1, "received": 1, "done": 1},
    ),
    case(
        "an empty body is a body",
        Story().subscribe("C1").publish("id-1", body="").handle("C1", "id-1"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "what comes from another queue is its task as well",
        delivered_from(
            delivered_from(also_from_tasks(two_queues()), "another", "a1"), Q, "t1"
        ).receive("C1", "a1", "t1"),
        WITNESSES,
        PASS,
        "tell the same story",
        figures={"delivered": 1, "received": 1},
    ),
    case(
        "whoever connects anew leaves the rest of what it was sent",
        one_worker("t1", "t2")
        .receive("C1", "t1")
        .gone("C1")
        .subscribe("C1")
        .deliver("t1", "t2", "t3", to="C1", again=True)
        .receive("C1", "t1", "t2", "t3"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "where it is not plain on which connection it got a task, either will do",
        one_worker("t1", "t2")
        .receive("C1", "t1")
        .gone("C1")
        .subscribe("C1")
        .deliver("t2", "t3", to="C1", again=True)
        .receive("C1", "t2", "t3"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "and it may print them in any order",
        one_worker("t1", "t2")
        .receive("C1", "t1")
        .gone("C1")
        .subscribe("C1")
        .deliver("t3", to="C1")
        .receive("C1", "t3", "t2"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "what is false stays false where it printed too much",
        one_worker("t1").receive("C1", "t2").flood("C1"),
        WITNESSES,
        FAIL,
        "C1 printed 't2' as received, which it was never sent.",
        blame="worker",
    ),
    case(
        "the worker printed nothing",
        one_worker("t1"),
        WITNESSES,
        PASS,
        "C1 printed no line that names a task, and nobody has to.",
    ),
    case(
        "nobody subscribed",
        Story().publish("t1"),
        WITNESSES,
        UNKNOWN,
        "no worker was sent anything, so there is only one witness.",
    ),
    case(
        "nothing was published",
        Story().subscribe("C1").deliver("t1", to="C1").receive("C1", "t1"),
        WITNESSES,
        UNKNOWN,
        "nothing was published to tasks",
    ),
    case(
        "received once more after it came back",
        at_work().close_channel("C1").deliver("t1", to="C1", again=True).receive("C1", "t1"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "printed the identity instead of the body",
        at_work(body="one").deliver("t2", to="C1").print("C1", "x").receive_as("C1", "id"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "the worker prints a task and was sent none",
        Story().subscribe("C1").publish("t1").receive("C1", "t1"),
        WITNESSES,
        FAIL,
        "C1 printed 't1' as received, which it was never sent.",
        blame="worker",
    ),
    case(
        "the worker prints what it was never sent, and is done with nothing",
        at_work().receive_as("C1", "t2").done("C1", None),
        WITNESSES,
        FAIL,
        "C1 printed 't2' as received, which it was never sent.",
        blame="worker",
    ),
    case(
        "the worker prints what is no task at all",
        one_worker("t1").receive_as("C1", "SIGTERM").receive_as("C1", "the task t1"),
        WITNESSES,
        PASS,
        "C1 printed no line that names a task, and nobody has to.",
    ),
    case(
        "it speaks of what it sends itself",
        one_worker("t1").publish("r1", by="C1", key="results").done("C1", "r1", named=True),
        WITNESSES,
        PASS,
        "C1 printed no line that names a task, and nobody has to.",
    ),
    case(
        "it prints and logs everything, and is killed between the two",
        one_worker("t1", "t2")
        .receive("C1", "t1", "t1")
        .done("C1", "t1", "t1", named=True)
        .receive("C1", "t2", "t2")
        .done("C1", "t2", named=True)
        .die("C1"),
        WITNESSES,
        PASS,
        "tell the same story",
        figures={"received": 2, "done": 2},
    ),
    case(
        "it names what it received by its body, and what it is done with by its message_id",
        Story()
        .subscribe("C1")
        .publish("id-1", body="one")
        .deliver("id-1", to="C1")
        .receive("C1", "id-1")
        .tell(TaskDone, client="C1", task="id-1", named=True),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "it is done with one while it has another in hand",
        one_worker("t1", "t2")
        .receive("C1", "t1")
        .done("C1", "t2", named=True)
        .receive("C1", "t2")
        .done("C1", "t1", named=True),
        WITNESSES,
        FAIL,
        "C1 printed 't2' as done while it had 't1' in hand.",
        blame="worker",
    ),
    case(
        "it has two in hand, and is done with them in another order",
        one_worker("t1", "t2").receive("C1", "t1", "t2").done("C1", "t2", "t1", named=True),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "it is done with one twice, and was sent it once",
        one_worker("t1", "t2")
        .receive("C1", "t1")
        .done("C1", "t1", named=True)
        .receive("C1", "t1")
        .done("C1", "t1", named=True),
        WITNESSES,
        FAIL,
        "C1 printed 't1' as done more often than it was sent it.",
        blame="worker",
    ),
    case(
        "it says that it is done before its sleep has ended, and is killed in it",
        by_dots("1.", "2..")
        .deliver("1.", "2..", to="C1")
        .toil("C1", "1.")
        .done("C1", "1.", named=True)
        .done("C1", "2..", named=True)
        .begin_sleep("C1", 2)
        .strike("C1", None)
        .die("C1"),
        WITNESSES,
        FAIL,
        "C1 printed 2 tasks as done, and had worked for 1: '2..' was not done.",
        blame="worker",
    ),
    case(
        "it has done one of the same body before, and need not do that again",
        by_dots("1.")
        .publish("id-2", body="1.")
        .deliver("1.", "id-2", to="C1")
        .toil("C1", "1.")
        .done("C1", "1.", "id-2", named=True)
        .die("C1"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    # ---------------------------------------------------------------- settled after work
    case(
        "acknowledged when its sleep has ended",
        by_dots("1.", "2..").deliver("1.", to="C1").toil("C1", "1.").ack("1.", by="C1"),
        AFTER,
        PASS,
        "1 task acknowledged, none sooner than its work takes.",
        figures={"early": 0, "judged": 1},
    ),
    case(
        "acknowledged at once",
        by_dots("1.", "2..")
        .deliver("1.", to="C1")
        .ack("1.", by="C1")
        .toil("C1", "1.")
        .deliver("2..", to="C1")
        .ack("2..", by="C1")
        .toil("C1", "2.."),
        AFTER,
        FAIL,
        "C1 acknowledged 2 tasks before their work can have been done: '1.', '2..'.",
        blame="worker",
        figures={"early": 2, "judged": 2},
    ),
    case(
        "one acknowledged in the middle of its sleep, which a signal broke off",
        by_dots("2..")
        .deliver("2..", to="C1")
        .begin_sleep("C1", 2)
        .wait(1)
        .strike("C1", None, "SIGINT")
        .end_sleep("C1", 2, complete=False)
        .ack("2..", by="C1"),
        AFTER,
        FAIL,
        "C1 acknowledged 1 task before its work can have been done: '2..'.",
        blame="worker",
    ),
    case(
        "an acknowledgement before the work that a fault kept back",
        by_dots("2..").deliver("2..", to="C1").withhold("C1", "2..").toil("C1", "2.."),
        AFTER,
        FAIL,
        "C1 acknowledged 1 task before its work can have been done: '2..'.",
        blame="worker",
    ),
    case(
        "an acknowledgement after the work that a fault kept back",
        by_dots("2..").deliver("2..", to="C1").toil("C1", "2..").withhold("C1", "2.."),
        AFTER,
        PASS,
        "1 task acknowledged, none sooner than its work takes.",
    ),
    case(
        "two threads at work at once",
        by_dots("1.", "2..")
        .deliver("1.", "2..", to="C1")
        .begin_sleep("C1", 1)
        .begin_sleep("C1", 2)
        .wait(1)
        .end_sleep("C1", 1)
        .ack("1.", by="C1")
        .wait(1)
        .end_sleep("C1", 2)
        .ack("2..", by="C1"),
        AFTER,
        PASS,
        "2 tasks acknowledged, none sooner than its work takes.",
    ),
    case(
        "each task in two sleeps, acknowledged after the first",
        by_dots("3...", "4....")
        .deliver("3...", "4....", to="C1")
        .sleep("C1", 1)
        .ack("3...", by="C1")
        .sleep("C1", 2)
        .sleep("C1", 1)
        .ack("4....", by="C1")
        .sleep("C1", 3),
        AFTER,
        FAIL,
        "C1 acknowledged 2 tasks before their work can have been done: '3...', '4....'.",
        figures={"early": 2, "judged": 2},
        blame="worker",
    ),
    case(
        "each task in two sleeps, acknowledged after both",
        by_dots("3...", "4....", "5.....")
        .deliver("3...", "4....", "5.....", to="C1")
        .sleep("C1", 1)
        .sleep("C1", 2)
        .ack("3...", by="C1")
        .sleep("C1", 1)
        .sleep("C1", 3)
        .ack("4....", by="C1")
        .sleep("C1", 1),
        AFTER,
        PASS,
        "2 tasks acknowledged, none sooner than its work takes.",
        figures={"early": 0, "judged": 2},
    ),
    case(
        "in two sleeps, which fit one task only",
        by_dots("3...", "4....")
        .deliver("3...", "4....", to="C1")
        .sleep("C1", 1)
        .sleep("C1", 2)
        .sleep("C1", 1)
        .ack("3...", by="C1"),
        AFTER,
        PASS,
        "does not apply: how long C1 works on a task is not known.",
    ),
    case(
        "it sleeps after its task as long as the next two will take",
        by_dots("1.", "2..")
        .get("1.", by="C1")
        .ack("1.", by="C1")
        .get_nothing("C1")
        .sleep("C1", 1)
        .get("2..", by="C1")
        .ack("2..", by="C1")
        .get_nothing("C1")
        .sleep("C1", 1)
        .sleep("C1", 1),
        AFTER,
        PASS,
        "does not apply: how long C1 works on a task is not known.",
    ),
    case(
        "the newest is done, and the oldest acknowledged",
        by_dots("1.", "2..").deliver("1.", "2..", to="C1").toil("C1", "2..").ack("1.", by="C1"),
        AFTER,
        FAIL,
        "C1 acknowledged 1 task before its work can have been done: '1.'.",
        blame="worker",
    ),
    case(
        "broken off, and acknowledged all the same",
        by_dots("1.", "9.........")
        .deliver("1.", "9.........", to="C1")
        .toil("C1", "1.")
        .ack("1.", by="C1")
        .begin_sleep("C1", 9)
        .wait(15)
        .end_sleep("C1", 9, complete=False)
        .ack("9.........", by="C1"),
        AFTER,
        FAIL,
        "C1 acknowledged 1 task before its work can have been done: '9.........'.",
        figures={"early": 1, "judged": 2},
        blame="worker",
    ),
    case(
        "when its sleeps ended is known only roughly",
        by_dots("1.")
        .deliver("1.", to="C1")
        .begin_sleep("C1", 1)
        .wait(1)
        .ack("1.", by="C1")
        .tell(WorkEnded, client="C1", seconds=1, complete=True),
        AFTER,
        PASS,
        "1 task acknowledged, none sooner than its work takes.",
    ),
    case(
        "acknowledged, and then published again",
        Story()
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .ack("t1", by="C1")
        .publish("t1", by="C1"),
        AFTER,
        FAIL,
        "C1 acknowledged 1 task and published it again only then, so that nobody had it in "
        "between: 't1'.",
        figures={"early": 1},
        blame="worker",
    ),
    case(
        "published again, and then acknowledged",
        Story()
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .publish("t1", by="C1")
        .ack("t1", by="C1"),
        AFTER,
        PASS,
        "does not apply: how long C1 works on a task is not known.",
    ),
    case(
        "published again in the same transaction",
        Story()
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .select("C1")
        .ack("t1", by="C1")
        .publish("t1", by="C1")
        .commit("C1"),
        AFTER,
        PASS,
        "does not apply: how long C1 works on a task is not known.",
    ),
    case(
        "published again by somebody else",
        Story()
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .ack("t1", by="C1")
        .publish("t1"),
        AFTER,
        PASS,
        "does not apply: how long C1 works on a task is not known.",
    ),
    case(
        "what comes again may have been done before",
        by_dots("1.", "2..")
        .deliver("1.", to="C1")
        .toil("C1", "1.")
        .ack("1.", by="C1")
        .deliver("2..", to="C1", again=True)
        .ack("2..", by="C1"),
        AFTER,
        PASS,
        "1 task acknowledged, none sooner than its work takes.",
        figures={"judged": 1},
    ),
    case(
        "so may what has the same body as another",
        by_dots("1.")
        .publish("id-2", body="1.")
        .deliver("1.", to="C1")
        .toil("C1", "1.")
        .ack("1.", by="C1")
        .deliver("id-2", to="C1")
        .ack("id-2", by="C1"),
        AFTER,
        PASS,
        "1 task acknowledged, none sooner than its work takes.",
    ),
    case(
        "a task without a dot takes no time",
        by_dots("1.", "nothing")
        .deliver("1.", to="C1")
        .toil("C1", "1.")
        .ack("1.", by="C1")
        .deliver("nothing", to="C1")
        .ack("nothing", by="C1"),
        AFTER,
        PASS,
        "1 task acknowledged, none sooner than its work takes.",
    ),
    case(
        "its work is no sleep",
        by_dots("1.", "2..").deliver("1.", "2..", to="C1").work("C1", "1.", "2.."),
        AFTER,
        PASS,
        "does not apply: how long C1 works on a task is not known.",
        figures={"applies": False, "judged": 0},
    ),
    case(
        "it sleeps between two polls, and its work is no sleep",
        by_dots("1.", "2..")
        .sleep("C1", 1)
        .get("1.", by="C1")
        .ack("1.", by="C1")
        .get_nothing("C1")
        .sleep("C1", 1)
        .get("2..", by="C1")
        .ack("2..", by="C1")
        .get_nothing("C1")
        .sleep("C1", 1),
        AFTER,
        PASS,
        "does not apply: how long C1 works on a task is not known.",
    ),
    case(
        "it sleeps before it connects anew, and its work is no sleep",
        by_dots("1.")
        .deliver("1.", to="C1")
        .ack("1.", by="C1")
        .gone("C1", by="broker")
        .sleep("C1", 1)
        .subscribe("C1"),
        AFTER,
        PASS,
        "does not apply: how long C1 works on a task is not known.",
    ),
    case(
        "it sleeps as long after each task, whatever that says",
        by_dots("1.", "2..", "3...")
        .deliver("1.", to="C1")
        .ack("1.", by="C1")
        .sleep("C1", 1)
        .deliver("2..", to="C1")
        .ack("2..", by="C1")
        .sleep("C1", 1),
        AFTER,
        PASS,
        "does not apply: how long C1 works on a task is not known.",
    ),
    case(
        "it needs no acknowledgement",
        Story()
        .open()
        .subscribe("C1", no_ack=True)
        .publish("1.")
        .deliver("1.", to="C1")
        .toil("C1", "1."),
        AFTER,
        PASS,
        "does not apply: no task was acknowledged at its first delivery.",
    ),
    case(
        "nobody was sent anything",
        by_dots("1."),
        AFTER,
        UNKNOWN,
        "no worker was sent anything.",
    ),
    # ---------------------------------------------------------------- sent as said
    case(
        "everything is printed",
        Story().publish("t1").say("producer", "t1").publish("t2").say("producer", "t2"),
        SENT,
        PASS,
        "2 of 2 tasks printed as sent by whoever published them, and each of them was.",
        figures={"published": 2, "said": 2},
    ),
    case(
        "what is printed is the body, not the identity",
        Story().publish("t1", body="one").say("producer", "t1"),
        SENT,
        PASS,
        "1 of 1 task printed as sent",
    ),
    case(
        "printed late, and published to two queues",
        two_queues().say("producer", "t2", "a1", "t1", "a2"),
        SENT,
        PASS,
        "each of them was",
        figures={"published": 2, "said": 2},
    ),
    case(
        "every other one is printed",
        Story().publish("t1", "t2").say("producer", "t1"),
        SENT,
        PASS,
        "1 of 2 tasks printed as sent by whoever published them, and each of them was.",
    ),
    case(
        "nothing is printed",
        Story().publish("t1"),
        SENT,
        PASS,
        "1 task published; nobody printed which of them it sent, and nobody has to.",
        figures={"said": 0},
    ),
    case(
        "what is printed are no bodies",
        Story()
        .publish("t1", "t2")
        .say("producer", "number 1", "number 2")
        .exit("producer", code=0),
        SENT,
        PASS,
        "2 tasks published; nobody printed which of them it sent",
        figures={"said": 0},
    ),
    case(
        "one was not sent",
        Story()
        .publish("t1")
        .say("producer", "t1", "t2")
        .close("producer")
        .exit("producer", code=0),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 't2'.",
        blame="publisher",
        figures={"published": 1, "said": 2},
    ),
    case(
        "one was not sent, and then it ended without a farewell",
        Story().publish("t1").say("producer", "t1", "t2").gone("producer").exit("producer", code=0),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 't2'.",
        blame="publisher",
    ),
    case(
        "one was sent by another",
        Story()
        .publish("t1", by="first")
        .publish("t2", "t3", by="second")
        .say("first", "t1", "t2")
        .say("second", "t3")
        .exit("first", "second", code=0),
        SENT,
        FAIL,
        "first printed as sent, and did not send: 't2'.",
        blame="publisher",
    ),
    case(
        "one was sent twice",
        Story().publish("t1", "t2", "t1").say("producer", "t1", "t2").exit("producer", code=0),
        SENT,
        FAIL,
        "producer sent more often than it printed: 't1'.",
        blame="publisher",
    ),
    case(
        "as many as asked",
        Story().publish("t1", "t2", "t3").say("producer", "t1", "t2", "t3"),
        THREE_SENT,
        PASS,
        "3 of 3 tasks printed as sent",
    ),
    case(
        "fewer than asked, in silence",
        Story().publish("t1", "t2").say("producer", "t1", "t2").exit("producer", code=0),
        THREE_SENT,
        FAIL,
        "asked for 3, and 2 tasks sent.",
        blame="publisher",
    ),
    case(
        "more than asked",
        Story().publish("t1", "t2", "t3", "t4"),
        THREE_SENT,
        FAIL,
        "asked for 3, and 4 tasks sent.",
        blame="publisher",
    ),
    case(
        "fewer than asked, and not those that were printed",
        Story().publish("t1").say("producer", "t1", "t2").exit("producer", code=0),
        THREE_SENT,
        FAIL,
        "producer printed as sent, and did not send: 't2'; asked for 3, and 1 task sent.",
        blame="publisher",
    ),
    case(
        "the publisher has not ended",
        Story().role("producer", "producer").publish("t1").say("producer", "t1", "t2"),
        SENT,
        UNKNOWN,
        "producer has not ended.",
    ),
    case(
        "its connection broke",
        Story()
        .publish("t1")
        .say("producer", "t1", "t2")
        .gone("producer", by="broker")
        .exit("producer", code=0),
        SENT,
        UNKNOWN,
        "the connection of producer broke.",
    ),
    case(
        "its connection broke before it had sent all",
        Story().publish("t1").gone("producer", by="fault").exit("producer", code=0),
        THREE_SENT,
        UNKNOWN,
        "the connection of producer broke.",
    ),
    case(
        "it printed too much",
        Story().publish("t1").say("producer", "t1").flood("producer"),
        SENT,
        UNKNOWN,
        "producer printed too much",
    ),
    case(
        "nobody sent anything",
        Story().say("producer", "t1"),
        SENT,
        UNKNOWN,
        "nothing was published",
    ),
    case(
        "one was sent twice, and printed twice",
        Story().publish("t1", "t1").say("producer", "t1", "t1"),
        SENT,
        PASS,
        "2 of 2 tasks printed as sent",
    ),
    case(
        "one was not sent, another was sent twice",
        Story().publish("t1", "t1").say("producer", "t1", "t2").exit("producer", code=0),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 't2'; "
        "producer sent more often than it printed: 't1'.",
        blame="publisher",
    ),
    case(
        "one was not sent, and it printed too much",
        Story()
        .publish("t1")
        .say("producer", "t1", "t2")
        .flood("producer")
        .exit("producer", code=0),
        SENT,
        UNKNOWN,
        "producer printed too much: 7 lines were not kept.",
    ),
    case(
        "none was sent of those that were asked for",
        Story().say("producer", "t1"),
        THREE_SENT,
        UNKNOWN,
        "nothing was published to tasks, so there is nothing to judge.",
    ),
    case(
        "one was not sent, and after its farewell the broker closed",
        Story()
        .publish("t1")
        .say("producer", "t1", "t2")
        .say_goodbye("producer")
        .gone("producer", by="broker")
        .exit("producer", code=0),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 't2'.",
        blame="publisher",
    ),
    case(
        "the broker bade it farewell before it closed",
        Story()
        .publish("t1")
        .say("producer", "t1", "t2")
        .say_goodbye("producer", by="broker")
        .gone("producer", by="broker")
        .exit("producer", code=0),
        SENT,
        UNKNOWN,
        "the connection of producer broke.",
    ),
    case(
        "one was not sent, and the program that was started has ended",
        Story()
        .role("producer", "producer")
        .publish("t1")
        .say("producer", "t1", "t2")
        .exit("producer", code=0),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 't2'.",
        blame="publisher",
    ),
    # ---------------------------------------------------------------- the broker's counts
    case(
        "the broker counts what the wire predicts",
        one_worker("t1", "t2").count(1, 2).ack("t1", by="C1").count(1, 1),
        COUNTS,
        PASS,
        "2 counts of the broker as the wire predicts.",
        figures={"counts": 2, "ready": 1, "unacked": 1},
    ),
    case(
        "a broker that cannot tell what is unacked is believed the rest",
        one_worker("t1").count(2, None),
        COUNTS,
        PASS,
        "1 count of the broker",
        figures={"counts": 1, "ready": 2, "unacked": None},
    ),
    case(
        "what is nacked or comes back is ready",
        one_worker("t1", "t2").nack("t1", by="C1").die("C1").count(3, 0),
        COUNTS,
        PASS,
        "as the wire predicts",
    ),
    case(
        "what is rejected for good is not",
        one_worker("t1").nack("t1", by="C1", requeue=False).count(2, 0),
        COUNTS,
        PASS,
        "as the wire predicts",
    ),
    case(
        "a channel that closed, a nack, a refusal, a delivery to the dead",
        at_work()
        .close_channel("C1")
        .subscribe("C2")
        .deliver("t2", to="C2")
        .nack("t2", by="C2")
        .publish("t3")
        .refuse("t3")
        .gone("C2")
        .deliver("t1", to="C2", again=True)
        .count(2, 0),
        COUNTS,
        PASS,
        "1 count",
    ),
    case(
        "acknowledged in the last instant before the connection broke: it may be ready again",
        one_worker("t1").ack("t1", by="C1").die("C1").count(3, 0),
        COUNTS,
        PASS,
        "1 count of the broker as the wire predicts.",
    ),
    case(
        "acknowledged in the last instant, and more is ready than that",
        one_worker("t1").ack("t1", by="C1").die("C1").count(4, 0),
        COUNTS,
        FAIL,
        "the broker counts 4 ready, 0 unacked; the wire predicts 2 to 3 ready, 0 unacked.",
    ),
    case(
        "acknowledged in the last instant, and less is ready than without it",
        one_worker("t1").ack("t1", by="C1").die("C1").count(1, 0),
        COUNTS,
        FAIL,
        "the wire predicts 2 to 3 ready, 0 unacked",
    ),
    case(
        "acknowledged, and what was sent after it has come back and gone out again: it was heard",
        one_worker("t1", "t2")
        .ack("t1", by="C1")
        .die("C1")
        .subscribe("C2")
        .deliver("t2", to="C2", again=True)
        .count(2, 1),
        COUNTS,
        FAIL,
        "the broker counts 2 ready, 1 unacked; the wire predicts 1 ready, 1 unacked.",
    ),
    case(
        "acknowledged, and what was sent before it has come back and gone out again",
        one_worker("t1", "t2")
        .ack("t2", by="C1")
        .die("C1")
        .subscribe("C2")
        .deliver("t1", to="C2", again=True)
        .count(2, 1),
        COUNTS,
        PASS,
        "1 count",
    ),
    case(
        "acknowledged by one, and what another had has come back and gone out again",
        Story()
        .subscribe("C1", "C2")
        .publish("t1", "t2", "t3")
        .deliver("t1", to="C1")
        .deliver("t2", "t3", to="C2")
        .ack("t1", by="C1")
        .die("C1", "C2")
        .subscribe("C3")
        .deliver("t2", "t3", to="C3", again=True)
        .count(1, 2),
        COUNTS,
        PASS,
        "1 count",
    ),
    case(
        "acknowledged by two, and what each was sent after it has come back and gone out again",
        Story()
        .subscribe("C1", "C2")
        .publish("t1", "t2", "t3", "t4")
        .deliver("t1", "t3", to="C1")
        .deliver("t2", "t4", to="C2")
        .ack("t1", by="C1")
        .ack("t2", by="C2")
        .die("C1", "C2")
        .subscribe("C3")
        .deliver("t3", "t4", to="C3", again=True)
        .count(1, 2),
        COUNTS,
        FAIL,
        "the broker counts 1 ready, 2 unacked; the wire predicts 0 ready, 2 unacked.",
    ),
    case(
        "once the broker has counted without it, it is not ready again",
        one_worker("t1").ack("t1", by="C1").die("C1").count(2, 0).count(3, 0),
        COUNTS,
        FAIL,
        "the broker counts 3 ready, 0 unacked; the wire predicts 2 ready, 0 unacked.",
    ),
    case(
        "one is missing",
        one_worker("t1").count(1, 1),
        COUNTS,
        FAIL,
        "the broker counts 1 ready, 1 unacked; the wire predicts 2 ready, 1 unacked",
    ),
    case(
        "one is still unacked that was acknowledged",
        one_worker("t1").ack("t1", by="C1").count(2, 1),
        COUNTS,
        FAIL,
        "the wire predicts 2 ready, 0 unacked",
    ),
    case(
        "nobody listed the queue",
        one_worker("t1").count_nothing(),
        COUNTS,
        UNKNOWN,
        "the queue was not listed while it was there",
    ),
    case(
        "after a restart nothing is predicted",
        one_worker("t1").count(2, 1).bounce().count(0, 0),
        COUNTS,
        UNKNOWN,
        "the wire cannot tell what a restart or a deletion left in the queue",
        figures={"counts": 1},
    ),
    case(
        "nor after a deletion",
        one_worker("t1").delete(2).declare().count(0, 0),
        COUNTS,
        UNKNOWN,
        "the wire cannot tell",
    ),
    case(
        "what was wrong before a restart stays wrong",
        one_worker("t1").count(0, 0).bounce().count(0, 0),
        COUNTS,
        FAIL,
        "the broker counts 0 ready, 0 unacked",
    ),
    case(
        "wrong twice",
        at_work().count(0, 1).count(2, 1),
        COUNTS,
        FAIL,
        "the broker counts 0 ready, 1 unacked; the wire predicts 1 ready, 1 unacked; "
        "the broker counts 2 ready, 1 unacked; the wire predicts 1 ready, 1 unacked.",
    ),
    case(
        "published without confirm on a connection that broke: it may be there or not",
        Story().publish("t1", "t2").gone("producer", by="broker").count(0).count(1).count(2),
        COUNTS,
        PASS,
        "3 counts",
    ),
    case(
        "but it is not there twice",
        Story().publish("t1", "t2").gone("producer", by="broker").count(3),
        COUNTS,
        FAIL,
        "the broker counts 3 ready, 0 unacked; the wire predicts 0 to 2 ready, 0 unacked.",
    ),
    case(
        "and it is there once it was sent to somebody",
        Story()
        .publish("t1", "t2")
        .gone("producer", by="broker")
        .subscribe("C1")
        .deliver("t1", "t2", to="C1")
        .count(0, 1),
        COUNTS,
        FAIL,
        "the broker counts 0 ready, 1 unacked; the wire predicts 0 ready, 2 unacked.",
    ),
    case(
        "rejected for good, and sent again by way of a dead letter queue",
        one_worker("t1").nack("t1", by="C1", requeue=False).count(3, 0).deliver("t1", to="C1"),
        COUNTS,
        UNKNOWN,
        "rejected for good, and sent again all the same: 't1'.",
    ),
    case(
        "rejected for good, and gone",
        one_worker("t1").nack("t1", by="C1", requeue=False).count(2, 0),
        COUNTS,
        PASS,
        "1 count",
    ),
    case(
        "acknowledged before the broker's close was read: it is ready again",
        one_worker("t1").ack("t1", by="C1").close_channel("C1", by="broker").count(3, 0),
        COUNTS,
        PASS,
        "1 count",
    ),
    case(
        "acknowledged before the broker's close was read, and sent to another before that",
        one_worker("t1")
        .subscribe("C2")
        .ack("t1", by="C1")
        .deliver("t1", to="C2", again=True)
        .close_channel("C1", by="broker")
        .count(2, 1),
        COUNTS,
        PASS,
        "1 count",
    ),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_a_story_and_its_verdict(told: Case) -> None:
    assert told.seen() == told.expected()
