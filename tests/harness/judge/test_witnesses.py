"""Witnesses: do the wire, the output and the broker's own counts agree?"""

from __future__ import annotations

import pytest

from filaprova.judge.checks import counts_agree, witnesses_agree
from filaprova.record.program import TaskDone
from filaprova.record.wire import ConsumerStarted
from tests.harness.judge.scenes import at_work, by_dots, one_worker, three_tasks, two_queues
from tests.harness.judge.stories import FAIL, PASS, UNKNOWN, Case, Q, Story, case, name_of

WITNESSES = witnesses_agree(queue=Q)
COUNTS = counts_agree(queue=Q)


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


def says_and_sleeps(*ends: str) -> Story:
    """C1 says at once that t.. and u.. are done, and ends in its sleep for u.. in these ways."""
    story = by_dots("t..", "u..").deliver("t..", "u..", to="C1").receive("C1", "t..", "u..")
    story.done("C1", "t..", "u..", named=True).toil("C1", "t..").begin_sleep("C1", 2.0)
    if "struck" in ends:
        story.strike("C1", "u..")
    return story.exit("C1", code=1) if "exit" in ends else story


CASES = [
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
        "counted while one goes round and another is held, and later one is missing",
        Story()
        .subscribe("C1")
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C1")
        .nack("t1", by="C1")
        .deliver("t1", to="C1", again=True)
        .nack("t1", by="C1")
        .count(0, 2)
        .count(0, 1),
        COUNTS,
        FAIL,
        "the broker counts 0 ready, 1 unacked; the wire predicts 1 ready, 1 unacked.",
        figures={"counts": 2},
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
    *(
        case(
            f"it says that it is done before its sleep has ended, and {name}",
            says_and_sleeps(*ends),
            WITNESSES,
            FAIL,
            "C1 printed 2 tasks as done, and had worked for 1: 'u..' was not done.",
            blame="worker",
        )
        for name, ends in [
            ("is struck, and has not ended so far", ["struck"]),
            ("ends of itself", ["exit"]),
        ]
    ),
    case(
        "it says that it is done before its sleep has ended, and works on",
        says_and_sleeps(),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "it says of three that they are done, and ends in its sleep for the last",
        by_dots("1.", "2.", "3.")
        .deliver("1.", "2.", "3.", to="C1")
        .done("C1", "1.", "2.", "3.", named=True)
        .toil("C1", "1.", "2.")
        .begin_sleep("C1", 1.0)
        .die("C1"),
        WITNESSES,
        FAIL,
        "C1 printed 3 tasks as done, and had worked for 2: '3.' was not done.",
        blame="worker",
    ),
    case(
        "it says more often that it is done than it was sent the task, and slept once for it",
        by_dots("1.")
        .deliver("1.", to="C1")
        .receive("C1", "1.")
        .toil("C1", "1.")
        .done("C1", "1.", named=True)
        .receive("C1", "1.")
        .done("C1", "1.", named=True),
        WITNESSES,
        FAIL,
        "C1 printed '1.' as done more often than it was sent it.",
        blame="worker",
    ),
    case(
        "it is done with what it was never sent",
        one_worker("t1").done("C1", "t2", named=True),
        WITNESSES,
        FAIL,
        "C1 printed 't2' as done, which it was never sent.",
        blame="worker",
    ),
    case(
        "it has done one, and is then done with another than it has in hand",
        one_worker("t1", "t2", "t3")
        .receive("C1", "t1")
        .done("C1", "t1", named=True)
        .receive("C1", "t2")
        .done("C1", "t3", named=True),
        WITNESSES,
        FAIL,
        "C1 printed 't3' as done while it had 't2' in hand.",
        blame="worker",
    ),
    case(
        "two print nothing",
        three_tasks().deliver("t1", to="C1").deliver("t2", to="C2"),
        WITNESSES,
        PASS,
        "C1 and C2 printed no line that names a task, and nobody has to.",
    ),
    # ---------------------------------------------------------------- acknowledged in silence
    case(
        "it acknowledges one in silence, and tells of the others",
        one_worker("t1", "t2", "t3").work("C1", "t1", "t2").ack("t3", by="C1"),
        WITNESSES,
        UNKNOWN,
        "C1 acknowledged 1 task of which it never said a word, as it does of others: 't3'.",
    ),
    case(
        "it acknowledges as many in silence as it tells of",
        one_worker("t1", "t2").work("C1", "t1").ack("t2", by="C1"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "it acknowledges in silence what came again, and tells of the others",
        one_worker("t1", "t2")
        .work("C1", "t1", "t2")
        .deliver("t3", to="C1", again=True)
        .ack("t3", by="C1"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "it acknowledges one of two of the same body in silence, and tells of the others",
        Story()
        .subscribe("C1")
        .publish("id-1", "id-2", body="same")
        .publish("t1")
        .deliver("id-1", "id-2", "t1", to="C1")
        .work("C1", "id-1", "t1")
        .ack("id-2", by="C1"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "it prints something that is no task, and acknowledges one in silence",
        one_worker("t1", "t2", "t3")
        .work("C1", "t1", "t2")
        .receive_as("C1", "SIGTERM")
        .ack("t3", by="C1"),
        WITNESSES,
        PASS,
        "tell the same story",
    ),
    case(
        "it prints nothing, and sleeps for all but one",
        by_dots("1.", "2.", "3.")
        .deliver("1.", "2.", "3.", to="C1")
        .toil("C1", "1.", "2.")
        .ack("1.", "2.", "3.", by="C1"),
        WITNESSES,
        PASS,
        "C1 printed no line that names a task, and nobody has to.",
    ),
    case(
        "one prints nothing, one tells of all, and a third acknowledges one in silence",
        Story()
        .subscribe("C1", "C2", "C3")
        .publish("t1", "t2", "t3", "t4", "t5")
        .deliver("t1", to="C1")
        .ack("t1", by="C1")
        .handle("C2", "t2")
        .handle("C3", "t3", "t4")
        .deliver("t5", to="C3")
        .ack("t5", by="C3"),
        WITNESSES,
        UNKNOWN,
        "C3 acknowledged 1 task of which it never said a word, as it does of others: 't5'.",
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
def test_witnesses(told: Case) -> None:
    assert told.seen() == told.expected()


def test_all_false_claims_are_told_in_the_order_of_the_first_deliveries_from_the_queue() -> None:
    story = Story("another").subscribe("C1", "C2").publish("a1").deliver("a1", to="C2")
    story.turn_to(Q).publish("t1", "t2", "t3").deliver("t1", to="C1").deliver("t2", to="C2")
    verdict = WITNESSES.judge(story.receive("C1", "t3").receive("C2", "t3").history())
    assert verdict.seen == (
        "C1 printed 't3' as received, which it was never sent; "
        "C2 printed 't3' as received, which it was never sent"
    )
