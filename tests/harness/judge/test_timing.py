"""Timing: was a task acknowledged only when its work was done?"""

from __future__ import annotations

import pytest

from filaprova.judge.checks import settled_after_work
from filaprova.record.program import WorkEnded
from tests.harness.judge.scenes import by_dots
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

AFTER = settled_after_work(queue=Q)


def came_back(task: str, *, undone: bool) -> Story:
    """C1 dies with a task, which C2 acknowledges at once; each had done another before."""
    story = by_dots("1.", "2..", task).subscribe("C2").deliver("1.", task, to="C1")
    story.toil("C1", "1.").ack("1.", by="C1")
    if not undone:
        story.toil("C1", task)
    story.die("C1").deliver("2..", to="C2").toil("C2", "2..").ack("2..", by="C2")
    return story.deliver(task, to="C2", again=True).wait(9).ack(task, by="C2")


def bodies(*dots: int) -> list[str]:
    """Return a body with so many dots for each."""
    return [f"{number}: " + "." * count for number, count in enumerate(dots)]


def sleeping(
    *tasks: tuple[str, float],
    threads: tuple[str, ...] = ("",),
    seconds_per_dot: str | None = None,
) -> Story:
    """C1 is sent these tasks, sleeps so long for each, in one thread or in turn, and acknowledges.

    For what takes it no time it does not sleep at all.
    """
    story = Story().open(seconds_per_dot=seconds_per_dot).subscribe("C1")
    story.publish(*(task for task, _ in tasks))
    for number, (task, seconds) in enumerate(tasks):
        story.deliver(task, to="C1")
        if seconds:
            story.sleep("C1", seconds, threads[number % len(threads)])
        story.ack(task, by="C1")
    return story


def short_by(seconds: float, *dots: int) -> Story:
    """C1 sleeps so much less for each task than it has dots."""
    return sleeping(
        *((task, max(count - seconds, 0)) for task, count in zip(bodies(*dots), dots, strict=True))
    )


def acked_at_last() -> Story:
    """C1 is sent four tasks at once, sleeps for three by the dots at their ends, and acks these."""
    tasks = ["1.5 .", "2.5 ..", "3.5 ...", "4.5 ...."]
    story = by_dots(*tasks).deliver(*tasks, to="C1")
    return story.sleep("C1", 1).sleep("C1", 2).sleep("C1", 3).ack(*tasks[:3], by="C1")


def fourth(*, seen: str) -> Story:
    """C1 is a second short for two, and for a third that it is sent or acks just as it begins."""
    story = short_by(1, 2, 3).publish("4....")
    if seen == "sent":
        story.deliver("4....", to="C1")
        story.at_ns -= TICK_NS
        return story.sleep("C1", 3).ack("4....", by="C1")
    story.deliver("4....", to="C1").begin_sleep("C1", 3)
    story.at_ns -= TICK_NS
    return story.ack("4....", by="C1").wait(3).end_sleep("C1", 3)


def both_short() -> Story:
    """C1 sleeps a second less for each task than it has dots, and so does C2."""
    story = short_by(1, 2, 3, 4).subscribe("C2")
    for count in (2, 3, 4):
        task = "another: " + "." * count
        story.publish(task).deliver(task, to="C2").sleep("C2", count - 1).ack(task, by="C2")
    return story


def both_early() -> Story:
    """C1 and C2 acknowledge a task each at once."""
    story = by_dots("1.", "2.").subscribe("C2")
    for task, client in (("1.", "C1"), ("2.", "C2")):
        story.deliver(task, to=client).ack(task, by=client).sleep(client, 1)
    return story


def timeless() -> Story:
    """C1 sleeps for no time for three tasks, and not at all for three others."""
    story = Story().subscribe("C1")
    for task in ("1.", "2.", "3.", "4...", "5...", "6..."):
        story.publish(task).deliver(task, to="C1")
        if task.endswith("..."):
            story.sleep("C1", 0)
        story.ack(task, by="C1")
    return story


def short(name: str, story: Story, count: int, seconds: str = "1 second") -> Case:
    says = (
        f"C1 slept {seconds} less for each task than it has dots, and acknowledged {count} tasks "
        "all the same."
    )
    figures = {"early": count, "judged": 0}
    return case(name, story, AFTER, FAIL, says, blame="worker", figures=figures)


def not_known(name: str, story: Story) -> Case:
    says = "does not apply: how long C1 works on a task is not known."
    return case(name, story, AFTER, PASS, says)


def one_name(second: str, body: str) -> Story:
    """C1 does a task of one name, and acknowledges another of this name and body at once."""
    story = by_dots().publish("id", body="1.").deliver("id", to="C1").sleep("C1", 1)
    story.ack("id", by="C1").publish(second, body=body).deliver(second, to="C1")
    return story.ack(second, by="C1")


def in_parts(*, acknowledged_first: bool) -> Story:
    """C1 sends itself a part of its task for each dot, of the same words, and sleeps for it."""
    story = by_dots("3...", "4....")
    for task in ("3...", "4...."):
        story.deliver(task, to="C1")
        if acknowledged_first:
            story.ack(task, by="C1")
        parts = [f"{task} part {number}" for number in range(task.count("."))]
        story.turn_to("own").publish(*parts, by="C1").deliver(*parts, to="C1").turn_to(Q)
        for _ in parts:
            story.sleep("C1", 1)
        if not acknowledged_first:
            story.ack(task, by="C1")
    return story


CASES = [
    # ------------------------------------------------------------ a second less for each
    short("three lengths, each a second short", short_by(1, 2, 3, 4), 3),
    short("each two seconds short", short_by(2, 3, 4, 5), 3, "2 seconds"),
    short("each three seconds short", short_by(3, 4, 5, 6), 3, "3 seconds"),
    short("three of one length, and three without a sleep", short_by(1, 1, 1, 1, 3, 3, 3), 6),
    short("the last is not acknowledged", short_by(1, 2, 3, 4).deliver("0: ..", to="C1"), 3),
    short(
        "the last is slept for, and not acknowledged",
        short_by(1, 2, 3).publish("4....").deliver("4....", to="C1").sleep("C1", 3),
        2,
    ),
    short(
        "where a dot is a twentieth of a second",
        sleeping(*zip(bodies(2, 3, 4), (0.05, 0.1, 0.15), strict=True), seconds_per_dot="0.05"),
        3,
    ),
    short(
        "to the billionth of a second",
        sleeping(
            *zip(bodies(2, 3, 4), (0.0500000003, 0.100000001, 0.150000001), strict=True),
            seconds_per_dot="0.0500000003",
        ),
        3,
    ),
    not_known(
        "two lengths only, but for less than a billionth of a second",
        sleeping(*zip(bodies(3, 3, 4), (2, 2.0000000003, 3), strict=True)),
    ),
    not_known("it counts the dots at the end, and acknowledges at last", acked_at_last()),
    not_known("it is sent the third at the moment at which it sleeps", fourth(seen="sent")),
    not_known("it acknowledges the third at the moment at which it sleeps", fourth(seen="acked")),
    case(
        "two of them, each a second short",
        both_short(),
        AFTER,
        FAIL,
        "C1 and C2 slept 1 second less for each task than it has dots, and acknowledged 6 tasks "
        "all the same.",
        blame="worker",
        figures={"early": 6, "judged": 0},
    ),
    not_known("each four seconds short", short_by(4, 5, 6, 7)),
    not_known("two lengths only", short_by(1, 2, 3)),
    not_known("two lengths, and two without a sleep", short_by(1, 1, 1, 3, 3, 4)),
    not_known("three without a sleep, and two of one length", short_by(1, 1, 1, 1, 3, 3)),
    not_known(
        "short by one second and by two", sleeping(*zip(bodies(3, 4, 6), (2, 3, 4), strict=True))
    ),
    not_known(
        "short in two threads",
        sleeping(*zip(bodies(2, 3, 4), (1, 2, 3), strict=True), threads=("a", "b")),
    ),
    not_known(
        "one comes again, and may be half done",
        short_by(1, 2, 3, 4).publish("5.").deliver("5.", to="C1", again=True),
    ),
    not_known(
        "one is handed back, and may be half done",
        short_by(1, 2, 3, 4).publish("5.").deliver("5.", to="C1").nack("5.", by="C1"),
    ),
    short(
        "another hands one back",
        short_by(1, 2, 3, 4)
        .subscribe("C2")
        .publish("5.")
        .deliver("5.", to="C2")
        .nack("5.", by="C2"),
        3,
    ),
    not_known("one sleep more than tasks", short_by(1, 2, 3, 4).sleep("C1", 4)),
    not_known(
        "its last sleep comes after the acknowledgement",
        short_by(1, 2, 3)
        .publish("5.....", "4....")
        .deliver("4....", to="C1")
        .ack("4....", by="C1")
        .sleep("C1", 3),
    ),
    not_known(
        "its last sleep comes before the delivery",
        short_by(1, 2, 3)
        .publish("4....")
        .sleep("C1", 3)
        .deliver("4....", to="C1")
        .ack("4....", by="C1"),
    ),
    not_known(
        "it counts the dots at the end, and there is one in the time",
        sleeping(("1.5 ..", 2), ("2.5 ...", 3), ("3.5 ....", 4)),
    ),
    short(
        "it leaves one off for the dot in the time, and counts those at the end only",
        sleeping(("1.5 ..", 1), ("2.5 ...", 2), ("3.5 ....", 3)),
        3,
    ),
    not_known(
        "three of one length, and three that are neither slept for nor acknowledged",
        short_by(1, 3, 3, 3).publish("7.", "8.", "9.").deliver("7.", "8.", "9.", to="C1"),
    ),
    not_known("how long a dot takes is not known, and its sleeps take no time", timeless()),
    case(
        "each as long as it has dots",
        short_by(0, 2, 3, 4),
        AFTER,
        PASS,
        "3 tasks acknowledged, none sooner than its work takes.",
        figures={"early": 0, "judged": 3},
    ),
    # ------------------------------------------------------------ one name for two
    case(
        "of a name that it had before",
        one_name("id", "2.."),
        AFTER,
        PASS,
        "1 task acknowledged, none sooner than its work takes.",
        figures={"early": 0, "judged": 1},
    ),
    case(
        "of a name that it had before, and then another",
        one_name("another", "3...")
        .sleep("C1", 3)
        .publish("id", body="2..")
        .deliver("id", to="C1")
        .ack("id", by="C1"),
        AFTER,
        FAIL,
        "C1 acknowledged 1 task before its work can have been done: 'another'.",
        blame="worker",
        figures={"early": 1, "judged": 2},
    ),
    case(
        "of another name and another body",
        one_name("di", "2.."),
        AFTER,
        FAIL,
        "C1 acknowledged 1 task before its work can have been done: 'di'.",
        blame="worker",
        figures={"early": 1, "judged": 2},
    ),
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
        "two of them, each acknowledged at once",
        both_early(),
        AFTER,
        FAIL,
        "C1 and C2 acknowledged 2 tasks before their work can have been done: '1.', '2.'.",
        blame="worker",
        figures={"early": 2, "judged": 2},
    ),
    case(
        "it has slept for another of the same length, and acknowledges this one at once",
        by_dots("1.", "2.")
        .deliver("1.", to="C1")
        .sleep("C1", 1)
        .deliver("2.", to="C1")
        .ack("2.", by="C1"),
        AFTER,
        FAIL,
        "C1 acknowledged 1 task before its work can have been done: '2.'.",
        blame="worker",
        figures={"early": 1, "judged": 1},
    ),
    case(
        "it has slept for another, and acknowledges this one sooner by no more than clocks round",
        by_dots("1.", "2.")
        .deliver("1.", to="C1")
        .sleep("C1", 1)
        .deliver("2.", to="C1")
        .wait(0.989)
        .ack("2.", by="C1"),
        AFTER,
        PASS,
        "1 task acknowledged, none sooner than its work takes.",
    ),
    case(
        "acknowledged just as long after its delivery as it takes, and before its sleep has ended",
        by_dots("1.")
        .deliver("1.", to="C1")
        .begin_sleep("C1", 1)
        .wait(0.98)
        .ack("1.", by="C1")
        .end_sleep("C1", 1),
        AFTER,
        FAIL,
        "C1 acknowledged 1 task before its work can have been done: '1.'.",
        blame="worker",
        figures={"early": 1, "judged": 1},
    ),
    case(
        "two of one length: the newer acknowledged first, and the older too soon",
        by_dots("1.", "2.")
        .deliver("1.", "2.", to="C1")
        .sleep("C1", 1)
        .ack("2.", by="C1")
        .ack("1.", by="C1")
        .sleep("C1", 1),
        AFTER,
        FAIL,
        "C1 acknowledged 1 task before its work can have been done: '1.'.",
        blame="worker",
        figures={"early": 1, "judged": 2},
    ),
    case(
        "two acknowledged by one frame",
        by_dots("1.", "2.")
        .deliver("1.", "2.", to="C1")
        .sleep("C1", 1)
        .sleep("C1", 1)
        .ack("1.", "2.", by="C1", multiple=True),
        AFTER,
        PASS,
        "2 tasks acknowledged, none sooner than its work takes.",
    ),
    *(
        case(
            f"its sleep is {word} than its task by less than a nanosecond",
            Story()
            .open(seconds_per_dot=takes)
            .subscribe("C1")
            .publish("1.")
            .deliver("1.", to="C1")
            .sleep("C1", seconds)
            .ack("1.", by="C1"),
            AFTER,
            PASS,
            "1 task acknowledged, none sooner than its work takes.",
            figures={"early": 0, "judged": 1},
        )
        for word, takes, seconds in (
            ("longer", "0.25", 0.2500000004),
            ("shorter", "0.2500000004", 0.25),
        )
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
        "it sends itself the parts of its tasks, and sleeps for each",
        in_parts(acknowledged_first=False),
        AFTER,
        PASS,
        "2 tasks acknowledged, none sooner than its work takes.",
    ),
    case(
        "it acknowledges, and sends itself the parts of its tasks only then",
        in_parts(acknowledged_first=True),
        AFTER,
        FAIL,
        "C1 acknowledged 2 tasks before their work can have been done: '3...', '4....'.",
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
        "acknowledged, and then published again by the second that had it",
        Story()
        .subscribe("C2", "C1")
        .publish("t1")
        .deliver("t1", to="C2")
        .die("C2")
        .deliver("t1", to="C1", again=True)
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
        "acknowledged, and then published again by the one that had published it first",
        Story()
        .subscribe("C1")
        .publish("t1", by="C1")
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
    *(
        case(
            name,
            story,
            AFTER,
            PASS,
            "does not apply: how long C1 works on a task is not known.",
        )
        for name, story in (
            (
                "acknowledged by the one that had published it",
                Story()
                .subscribe("C1")
                .publish("t1", by="C1")
                .deliver("t1", to="C1")
                .ack("t1", by="C1"),
            ),
            (
                "published again before it was acknowledged, and once more after that",
                Story()
                .subscribe("C1")
                .publish("t1")
                .deliver("t1", to="C1")
                .publish("t1", by="C1")
                .ack("t1", by="C1")
                .publish("t1", by="C1"),
            ),
            (
                "rejected for good, and then published again",
                Story()
                .subscribe("C1")
                .publish("t1", "t2")
                .deliver("t1", to="C1")
                .nack("t1", by="C1", requeue=False)
                .publish("t1", by="C1")
                .deliver("t2", to="C1")
                .ack("t2", by="C1"),
            ),
        )
    ),
    case(
        "two acknowledged, and then published again",
        Story()
        .subscribe("C1")
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C1")
        .ack("t1", "t2", by="C1")
        .publish("t1", "t2", by="C1"),
        AFTER,
        FAIL,
        "C1 acknowledged 2 tasks and published them again only then, so that nobody had them in "
        "between: 't1', 't2'.",
        figures={"early": 2},
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
        "the work of two is no sleep",
        by_dots("1.", "2..")
        .subscribe("C2")
        .deliver("1.", to="C1")
        .deliver("2..", to="C2")
        .work("C1", "1.")
        .work("C2", "2.."),
        AFTER,
        PASS,
        "does not apply: how long C1 and C2 work on a task is not known.",
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
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_timing(told: Case) -> None:
    assert told.seen() == told.expected()
