"""Prefetch: how many tasks does a worker hold at once, and does its limit hold?"""

from __future__ import annotations

import pytest
from msgspec import structs

from filaprova.judge.checks import prefetch_ineffective, prefetch_respected
from filaprova.record.wire import ConsumerStarted
from tests.harness.judge.scenes import polled, same_body, three_tasks
from tests.harness.judge.stories import FAIL, PASS, UNKNOWN, Case, Q, Story, case, name_of


def asked_for(task: str) -> Story:
    """C1 has set a prefetch of 1, asked for one task, and is sent others from now on."""
    story = Story().subscribe("C1").set_prefetch("C1", 1).publish("t1", "t2", "t3")
    story.deliver(task, to="C1")
    story.events[-1] = structs.replace(story.events[-1], consumer_tag=None)
    return story


def on_two_connections() -> Story:
    """C1 consumes on two connections at once, one task at a time on each."""
    story = Story().subscribe("C1", prefetch=1).publish("t1", "t2").deliver("t1", to="C1")
    return story.subscribe("C1", prefetch=1).deliver("t2", to="C1")


LIMIT = prefetch_respected(queue=Q)
NO_LIMIT = prefetch_ineffective(queue=Q)


CASES = [
    # ---------------------------------------------------------------- prefetch respected
    case(
        "the next one comes after the acknowledgement",
        Story()
        .subscribe("C1", prefetch=1)
        .publish("t1", "t2")
        .handle("C1", "t1")
        .handle("C1", "t2"),
        LIMIT,
        PASS,
        "no consumer ever held more than 1 unacknowledged task.",
        figures={"prefetch": 1, "high_water": {"C1": 1}, "most": 1},
    ),
    case(
        "two lives, one task each",
        Story()
        .subscribe("C1", prefetch=1)
        .publish("t1")
        .deliver("t1", to="C1")
        .die("C1")
        .subscribe("C1b", prefetch=1)
        .deliver("t1", to="C1b", again=True),
        LIMIT,
        PASS,
        "more than 1 unacknowledged",
    ),
    case(
        "one too many",
        Story().subscribe("C1", "C2", prefetch=1).publish("t1", "t2").deliver("t1", "t2", to="C1"),
        LIMIT,
        FAIL,
        "held more than the limit: C1 2.",
        blame="broker",
        figures={"most": 2, "high_water": {"C1": 2, "C2": 0}},
    ),
    case(
        "a worker that asks for more than it may",
        Story().subscribe("C1", prefetch=5).publish("t1").deliver("t1", to="C1"),
        prefetch_respected(queue=Q, at_most=1),
        FAIL,
        "asked for more than 1 at a time: C1 5.",
        blame="worker",
    ),
    case(
        "a worker that asks for no limit",
        Story().subscribe("C1").publish("t1").deliver("t1", to="C1"),
        prefetch_respected(queue=Q, at_most=1),
        FAIL,
        "asked for more than 1 at a time: C1 without limit.",
        blame="worker",
    ),
    case(
        "no limit is in force since it connected anew",
        Story()
        .subscribe("C1", prefetch=1)
        .publish("t1")
        .gone("C1")
        .subscribe("C1")
        .deliver("t1", to="C1"),
        LIMIT,
        UNKNOWN,
        "no prefetch limit is in force for C1.",
    ),
    case(
        "no limit is in force",
        Story().subscribe("C1", "C2").publish("t1").deliver("t1", to="C1"),
        LIMIT,
        UNKNOWN,
        "no prefetch limit is in force for C1, C2.",
    ),
    case(
        "nothing was delivered",
        Story().subscribe("C1", prefetch=1).publish("t1"),
        LIMIT,
        UNKNOWN,
        "nothing was delivered",
    ),
    case("no task", Story().subscribe("C1", prefetch=1), LIMIT, UNKNOWN, "nothing was published"),
    case(
        "a worker that asks for just as many as it may",
        Story().subscribe("C1", prefetch=1).publish("t1").handle("C1", "t1"),
        prefetch_respected(queue=Q, at_most=1),
        PASS,
        "no consumer ever held more than 1 unacknowledged task.",
    ),
    case(
        "one of two subscriptions has no limit",
        Story()
        .subscribe("C1", prefetch=1)
        .subscribe_again("C1")
        .publish("t1")
        .deliver("t1", to="C1"),
        LIMIT,
        UNKNOWN,
        "no prefetch limit is in force for C1.",
    ),
    case(
        "a worker that asked for more than it may before it connected anew",
        Story()
        .subscribe("C1", prefetch=5)
        .publish("t1")
        .gone("C1")
        .subscribe("C1", prefetch=1)
        .handle("C1", "t1"),
        prefetch_respected(queue=Q, at_most=1),
        FAIL,
        "asked for more than 1 at a time: C1 5.",
        blame="worker",
    ),
    case(
        "nobody subscribed",
        Story().publish("t1"),
        LIMIT,
        UNKNOWN,
        "nothing was delivered that has to be acknowledged.",
        figures={"prefetch": 0, "most": 0},
    ),
    case(
        "workers that poll",
        polled(),
        LIMIT,
        PASS,
        "does not apply: the workers ask for tasks one by one (basic.get), which no prefetch "
        "limits.",
        figures={"applies": False},
    ),
    case(
        "a limit that all consumers of a channel share",
        Story()
        .subscribe("C1", prefetch=0)
        .tell(
            ConsumerStarted,
            client="C2",
            connection=9,
            channel=1,
            queue=Q,
            consumer_tag="ctag",
            no_ack=False,
            prefetch_count=0,
            channel_prefetch_count=2,
        )
        .publish("t1")
        .deliver("t1", to="C1"),
        LIMIT,
        UNKNOWN,
        "no prefetch limit is in force for C1.",
        figures={"prefetch": 2},
    ),
    case(
        "the last limit of a channel is for all that consume on it",
        Story()
        .subscribe("C1")
        .shared_limit(1)
        .subscribe_again("C1")
        .shared_limit(3)
        .publish("t1", "t2", "t3")
        .deliver("t1", "t2", "t3", to="C1"),
        LIMIT,
        PASS,
        "no consumer ever held more than 3 unacknowledged tasks.",
        figures={"prefetch": 3, "most": 3},
    ),
    case(
        "two connections of a program, whose channels have a limit each",
        Story()
        .subscribe("C1")
        .shared_limit(1)
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .subscribe("C1")
        .shared_limit(1)
        .deliver("t2", to="C1"),
        LIMIT,
        PASS,
        "no consumer ever held more than 2 unacknowledged tasks.",
        figures={"prefetch": 2, "most": 2},
    ),
    # ---------------------------------------------------------------- prefetch without effect
    case(
        "set after subscribing",
        Story()
        .subscribe("C1")
        .set_prefetch("C1", 1)
        .publish("t1", "t2", "t3")
        .deliver("t1", "t2", "t3", to="C1"),
        NO_LIMIT,
        PASS,
        "a prefetch of 1 was set, yet 3 of 3 tasks were held at once.",
        figures={"prefetch": 1, "held_at_once": 3, "published": 3},
    ),
    case(
        "without acknowledgement",
        Story()
        .subscribe("C1", no_ack=True)
        .set_prefetch("C1", 1)
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C1")
        .do("C1", "t1", "t2"),
        NO_LIMIT,
        PASS,
        "2 of 2 tasks were held at once.",
    ),
    case(
        "it has its effect",
        Story()
        .subscribe("C1", prefetch=1)
        .set_prefetch("C1", 1)
        .publish("t1", "t2")
        .handle("C1", "t1")
        .handle("C1", "t2"),
        NO_LIMIT,
        FAIL,
        "the prefetch of 1 had its effect: 1 held at once.",
    ),
    case(
        "too few to tell",
        Story().subscribe("C1").set_prefetch("C1", 1).publish("t1").deliver("t1", to="C1"),
        NO_LIMIT,
        UNKNOWN,
        "no more than 1 could have been held: 1 delivered.",
    ),
    case("not set", three_tasks(), NO_LIMIT, UNKNOWN, "no consumer set a prefetch."),
    case("no task", Story().set_prefetch("C1", 1), NO_LIMIT, UNKNOWN, "nothing was published"),
    case(
        "two identities with the same body",
        same_body().set_prefetch("C1", 1),
        NO_LIMIT,
        FAIL,
        "the prefetch of 1 had its effect: 1 held at once.",
    ),
    case(
        "without acknowledgement, and one is done before the others come",
        Story()
        .subscribe("C1", no_ack=True)
        .set_prefetch("C1", 1)
        .publish("t1", "t2", "t3")
        .deliver("t1", to="C1")
        .do("C1", "t1")
        .deliver("t2", "t3", to="C1"),
        NO_LIMIT,
        PASS,
        "yet 2 of 3 tasks were held at once.",
    ),
    case(
        "without acknowledgement, one after the other",
        Story()
        .subscribe("C1", no_ack=True)
        .set_prefetch("C1", 1)
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .do("C1", "t1")
        .deliver("t2", to="C1")
        .do("C1", "t2"),
        NO_LIMIT,
        FAIL,
        "the prefetch of 1 had its effect: 1 held at once.",
    ),
    case(
        "without acknowledgement, and what was printed was not all kept",
        Story()
        .subscribe("C1", no_ack=True)
        .set_prefetch("C1", 1)
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C1")
        .do("C1", "t1", "t2")
        .flood("C1"),
        NO_LIMIT,
        UNKNOWN,
        "C1 printed too much: not all lines were kept.",
    ),
    case(
        "acknowledged before it is done",
        Story()
        .subscribe("C1", prefetch=1)
        .set_prefetch("C1", 1)
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .ack("t1", by="C1")
        .deliver("t2", to="C1")
        .do("C1", "t1"),
        NO_LIMIT,
        FAIL,
        "the prefetch of 1 had its effect: 1 held at once.",
    ),
    case(
        "what a worker asks for one by one is not counted",
        asked_for("t1").deliver("t2", "t3", to="C1"),
        NO_LIMIT,
        PASS,
        "yet 2 of 3 tasks were held at once.",
    ),
    case(
        "a subscription after another was cancelled does not add to it",
        Story()
        .subscribe("C1", prefetch=1)
        .publish("t1", "t2")
        .handle("C1", "t1")
        .cancel("C1", by="client")
        .subscribe_again("C1", prefetch=1),
        prefetch_respected(queue=Q, at_most=1),
        PASS,
        "no consumer ever held more than 1 unacknowledged task.",
    ),
    case(
        "two connections of a program have a limit each",
        on_two_connections(),
        LIMIT,
        PASS,
        "no consumer ever held more than 2 unacknowledged tasks.",
    ),
    case(
        "two connections of a program together ask for more than it may",
        on_two_connections(),
        prefetch_respected(queue=Q, at_most=1),
        FAIL,
        "asked for more than 1 at a time: C1 2.",
        blame="worker",
    ),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_prefetch(told: Case) -> None:
    assert told.seen() == told.expected()
