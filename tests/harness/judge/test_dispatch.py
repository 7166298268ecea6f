"""Dispatch: who gets which task, and how many at once."""

from __future__ import annotations

import pytest

from filaprova.judge.checks import (
    fair_dispatch,
    first_subscriber_takes_backlog,
    round_robin_by_subscription,
    shares_even_by_count,
    working_time,
)
from filaprova.record.wire import QueueDeclared
from tests.harness.judge.scenes import polled, same_body, three_tasks
from tests.harness.judge.stories import FAIL, PASS, TICK_NS, UNKNOWN, Case, Q, Story, case, name_of


def backlog() -> Story:
    """Three tasks wait; C1 subscribes first, then C2."""
    return (
        Story()
        .publish("t1", "t2", "t3")
        .close("producer")
        .subscribe("C1", finding=3)
        .subscribe("C2", finding=0)
    )


def fair() -> Story:
    """Two workers with prefetch 1 stand still with a task each while one task waits."""
    return (
        Story()
        .subscribe("C1", "C2", prefetch=1)
        .publish("t1", "t2", "t3")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
        .receive("C1", "t1")
        .receive("C2", "t2")
        .freeze("C1", "C2")
    )


def backlog_of(declared: str, *, answered: bool = True, at_once: bool = False) -> Story:
    """One task waits; C1 declares this queue and subscribes, then C2 subscribes."""
    story = Story().publish("t1").connect("C1")
    story.tell(
        QueueDeclared,
        **story.on("C1"),
        queue=declared,
        passive=False,
        durable=True,
        exclusive=False,
        auto_delete=False,
        ready_count=1,
        consumer_count=0,
        answered=answered,
    )
    if at_once:
        story.at_ns -= TICK_NS
    return story.subscribe_again("C1").subscribe("C2")


def at_once() -> Story:
    """Two tasks wait; the broker answers C1's subscription and delivers in one piece."""
    story = Story().publish("t1", "t2").subscribe("C1", prefetch=1)
    story.at_ns -= TICK_NS
    return story.deliver("t1", to="C1").receive("C1", "t1")


def leaving() -> Story:
    """C1 and C2 have done a task each."""
    return Story().subscribe("C1", "C2").publish("t1", "t2").handle("C1", "t1").handle("C2", "t2")


def each_twice(*owners: str) -> Story:
    """C1 and C2 subscribe twice each; the tasks go to these subscriptions: "C1a", "C1b", …"""
    story = Story().subscribe("C1", "C2").subscribe_again("C1").subscribe_again("C2")
    return dealt(story, *owners)


def closed_upon() -> Story:
    """Three workers, of whom the first is dealt all tasks."""
    story = Story().subscribe("C1", "C2", "C3").publish("t1", "t2", "t3")
    return story.deliver("t1", "t2", "t3", to="C1")


def for_one_only() -> Story:
    """We have declared a queue with a single active consumer."""
    story = Story().declare(arguments={"x-single-active-consumer": True})
    return story.subscribe("C1", "C2", prefetch=1).publish("t1", "t2")


def same_twice() -> Story:
    """The same task is published twice, and a worker with prefetch 1 has it both times."""
    return Story().subscribe("C1", prefetch=1).publish("t1", "t1").handle("C1", "t1", "t1")


def dealt(story: Story, *owners: str) -> Story:
    """A task for each of these subscriptions is published and dealt to it."""
    tasks = [f"t{number}" for number in range(1, len(owners) + 1)]
    story.publish(*tasks)
    for task, owner in zip(tasks, owners, strict=True):
        tag = {"a": "ctag", "b": "ctag2"}[owner[-1]]
        story.deliver(task, to=owner[:-1], consumer_tag=tag)
    return story


TURNS = round_robin_by_subscription(queue=Q)
EVEN = shares_even_by_count(queue=Q)
FIRST = first_subscriber_takes_backlog(queue=Q)
FAIR = fair_dispatch(queue=Q)
TIME = working_time(queue=Q)


CASES = [
    # ------------------------------------------------------------ there and gone before it began
    case(
        "each subscribed, cancelled, and subscribed again",
        Story()
        .subscribe("C1", "C2")
        .cancel("C1", "C2", by="client")
        .wait(1)
        .subscribe_again("C1")
        .subscribe_again("C2")
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2"),
        TURNS,
        PASS,
        "2 tasks went to C1 -> C2 in turn: C1 1, C2 1.",
    ),
    # ------------------------------------------------------------ more than a prefetch holds back
    case(
        "one asks for another task besides",
        fair().publish("t4").get("t3", by="C1").count(1, 3, 2),
        FAIR,
        FAIL,
        "3 held instead of 2 while 1 task was waiting.",
        blame="worker",
    ),
    # ---------------------------------------------------------------- in turn
    case(
        "in turn",
        three_tasks().deliver("t1", "t3", to="C1").deliver("t2", to="C2"),
        TURNS,
        PASS,
        "3 tasks went to C1 -> C2 in turn: C1 2, C2 1.",
        figures={
            "consumers": 2,
            "published": 3,
            "shares": {"C1": 2, "C2": 1},
            "order": ["C1", "C2"],
        },
    ),
    case(
        "what comes back is not a second turn",
        three_tasks()
        .deliver("t1", "t3", to="C1")
        .deliver("t2", to="C2")
        .die("C1")
        .deliver("t1", "t3", to="C2", again=True),
        TURNS,
        PASS,
        "C1 2, C2 1.",
    ),
    case(
        "a refused one takes no turn",
        Story().subscribe("C1").publish("t0", "t1").refuse("t0").deliver("t1", to="C1"),
        TURNS,
        PASS,
        "1 task went to C1 in turn: C1 1.",
    ),
    case(
        "out of turn",
        three_tasks().deliver("t1", "t2", to="C1").deliver("t3", to="C2"),
        TURNS,
        FAIL,
        "2 tasks out of turn, first 't2': predicted C2, went to C1.",
        blame="broker",
    ),
    case(
        "all go to one that has a higher priority",
        Story()
        .subscribe("C1")
        .subscribe("C2", priority=1)
        .publish("t1", "t2", "t3")
        .deliver("t1", "t2", "t3", to="C2"),
        TURNS,
        PASS,
        "does not apply: the queue serves some consumers before others, so there are no turns.",
    ),
    case(
        "all go to the single active consumer",
        Story()
        .declare(arguments={"x-single-active-consumer": True})
        .subscribe("C1", "C2")
        .publish("t1", "t2", "t3")
        .deliver("t1", "t2", "t3", to="C1"),
        TURNS,
        PASS,
        "does not apply: the queue serves some consumers before others, so there are no turns.",
    ),
    case(
        "the only consumer of a queue for a single active one",
        Story()
        .declare(arguments={"x-single-active-consumer": True})
        .subscribe("C1")
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C1"),
        TURNS,
        PASS,
        "2 tasks went to C1 in turn: C1 2.",
    ),
    case(
        "a queue with other arguments deals in turn",
        Story()
        .declare(arguments={"x-single-active-consumer": False, "x-max-length": 9})
        .subscribe("C1", "C2")
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C1"),
        TURNS,
        FAIL,
        "1 task out of turn, first 't2': predicted C2, went to C1.",
        blame="broker",
    ),
    case(
        "two publish at once: the broker may have had the second task first",
        Story()
        .subscribe("C1", "C2")
        .publish("t1", by="P1")
        .publish("t2", by="P2")
        .close("P1")
        .deliver("t2", to="C1")
        .deliver("t1", to="C2"),
        TURNS,
        PASS,
        "does not apply: tasks were published on several channels at once, so nobody knows whose "
        "came first.",
    ),
    case(
        "two publish at once, and both stay",
        Story()
        .subscribe("C1", "C2")
        .publish("t1", by="P1")
        .publish("t2", by="P2")
        .deliver("t2", to="C1")
        .deliver("t1", to="C2"),
        TURNS,
        PASS,
        "does not apply: tasks were published on several channels at once, so nobody knows whose "
        "came first.",
    ),
    case(
        "two publish at once, and the tasks go in turn",
        Story()
        .subscribe("C1", "C2")
        .publish("t1", by="P1")
        .publish("t2", by="P2")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2"),
        TURNS,
        PASS,
        "2 tasks went to C1 -> C2 in turn",
    ),
    case(
        "one publishes when the other has gone",
        Story()
        .subscribe("C1", "C2")
        .publish("t1", by="P1")
        .close("P1")
        .publish("t2", by="P2")
        .deliver("t2", to="C1")
        .deliver("t1", to="C2"),
        TURNS,
        FAIL,
        "2 tasks out of turn, first 't1': predicted C1, went to C2.",
        blame="broker",
    ),
    case(
        "one went to nobody on our record",
        three_tasks().deliver("t1", to="C1").deliver("t2", to="C2"),
        TURNS,
        FAIL,
        "1 task out of turn, first 't3': predicted C1, went to nobody.",
    ),
    case(
        "one went away before its turn",
        three_tasks().deliver("t1", to="C1").die("C1").deliver("t2", "t1", "t3", to="C2"),
        TURNS,
        UNKNOWN,
        "went away before all tasks were dealt: C1.",
    ),
    case(
        "one subscribed too late",
        Story().subscribe("C1").publish("t1", "t2").subscribe("C2"),
        TURNS,
        UNKNOWN,
        "subscribed only after the first task was published: C2.",
    ),
    case(
        "a prefetch limit",
        Story().subscribe("C1", prefetch=1).publish("t1").deliver("t1", to="C1"),
        TURNS,
        PASS,
        "does not apply: a consumer has a prefetch limit, so tasks go to whoever is free.",
        figures={"applies": False},
    ),
    case(
        "one may never have arrived",
        three_tasks().gone("producer").deliver("t1", to="C1").deliver("t3", to="C2"),
        TURNS,
        UNKNOWN,
        "1 task may never have arrived",
    ),
    case("nobody subscribed", Story().publish("t1"), TURNS, UNKNOWN, "nobody subscribed."),
    case("no task", Story().subscribe("C1"), TURNS, UNKNOWN, "nothing was published"),
    case(
        "one subscribed between the first and the second task",
        Story().subscribe("C1").publish("t1").subscribe("C2").publish("t2"),
        TURNS,
        UNKNOWN,
        "subscribed only after the first task was published: C2.",
    ),
    case(
        "both subscribed too late",
        Story().publish("t1").subscribe("C1", "C2"),
        TURNS,
        UNKNOWN,
        "subscribed only after the first task was published: C1, C2.",
    ),
    case(
        "both went away before the last turn",
        three_tasks()
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
        .die("C1", "C2")
        .deliver("t3", to="C3"),
        TURNS,
        UNKNOWN,
        "went away before all tasks were dealt: C1, C2.",
    ),
    case(
        "one went to somebody who did not subscribe on our record",
        three_tasks().deliver("t1", to="C1").deliver("t2", to="C2").deliver("t3", to="C3"),
        TURNS,
        FAIL,
        "1 task out of turn, first 't3': predicted C1, went to C3.",
        figures={"shares": {"C1": 1, "C2": 1, "C3": 1}},
    ),
    case(
        "workers that poll",
        polled(),
        TURNS,
        PASS,
        "does not apply: the workers ask for tasks one by one (basic.get), so nobody deals them "
        "out.",
        figures={"applies": False, "shares": {"C1": 2, "C2": 1}},
    ),
    case(
        "one that polls beside one that is dealt to",
        three_tasks().deliver("t1", to="C1").deliver("t2", to="C2").get("t3", by="C3"),
        TURNS,
        FAIL,
        "1 task out of turn, first 't3': predicted C1, went to C3.",
    ),
    case(
        "the broker closed on two of them, which the wire shows only later",
        closed_upon().time_out("C2").close_connection("C3", 320, "CONNECTION_FORCED"),
        TURNS,
        UNKNOWN,
        "the broker closed on C2, C3, maybe before it dealt the last task.",
        figures={"shares": {"C1": 3, "C2": 0, "C3": 0}},
    ),
    case(
        "two of them left of their own accord when all was dealt",
        closed_upon().close_channel("C2").close("C3"),
        TURNS,
        FAIL,
        "2 tasks out of turn, first 't2': predicted C2, went to C1.",
        blame="broker",
    ),
    case(
        "the broker closed on one of them, and all went in turn",
        three_tasks().deliver("t1", "t3", to="C1").deliver("t2", to="C2").time_out("C2"),
        TURNS,
        PASS,
        "3 tasks went to C1 -> C2 in turn: C1 2, C2 1.",
    ),
    case(
        "tasks that cannot be told apart, and a prefetch limit",
        same_twice(),
        TURNS,
        PASS,
        "does not apply: a consumer has a prefetch limit, so tasks go to whoever is free.",
    ),
    # ---------------------------------------------------------------- even shares
    case(
        "tasks that cannot be told apart, and a prefetch limit",
        same_twice(),
        EVEN,
        PASS,
        "does not apply: a consumer has a prefetch limit, so tasks go to whoever is free.",
    ),
    case(
        "one subscribed twice, and has one task more than the other",
        dealt(Story().subscribe("C1", "C2").subscribe_again("C1"), "C1a", "C2a", "C1b"),
        EVEN,
        PASS,
        "shares differ by 1 at the most: C1 2, C2 1.",
    ),
    case(
        "one that polls takes two more than those that subscribed",
        three_tasks()
        .publish("t4", "t5")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
        .get("t3", "t4", "t5", by="C3"),
        EVEN,
        FAIL,
        "shares differ by 2: C1 1, C2 1, C3 3.",
        blame="worker",
    ),
    case(
        "a doubt blames nobody, also where we declared a queue to serve one consumer only",
        for_one_only(),
        EVEN,
        UNKNOWN,
        "nothing was delivered, so there are no shares.",
    ),
    case(
        "one more for one of them",
        three_tasks().deliver("t1", "t2", to="C1").deliver("t3", to="C2"),
        EVEN,
        PASS,
        "shares differ by 1 at the most: C1 2, C2 1.",
        figures={"shares": {"C1": 2, "C2": 1}, "largest": 2, "smallest": 1},
    ),
    case(
        "all for one, the other is left out",
        three_tasks().deliver("t1", "t2", to="C1"),
        EVEN,
        FAIL,
        "shares differ by 2: C1 2, C2 0.",
        blame="broker",
    ),
    case(
        "all for one that has a higher priority",
        Story()
        .subscribe("C1", priority=1)
        .subscribe("C2")
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C1"),
        EVEN,
        FAIL,
        "shares differ by 2: C1 2, C2 0; C1 subscribed with a higher priority.",
        blame="worker",
    ),
    case(
        "all for the single active consumer",
        Story()
        .role("worker", "C1")
        .declare(arguments={"x-single-active-consumer": True}, by="C1")
        .subscribe("C1", "C2")
        .publish("t1", "t2")
        .deliver("t1", "t2", to="C1"),
        EVEN,
        FAIL,
        "shares differ by 2: C1 2, C2 0; C1 declared the queue to serve one consumer only.",
        blame="worker",
    ),
    case(
        "one has a higher priority, and takes no more than its share",
        Story()
        .subscribe("C1", priority=1)
        .subscribe("C2")
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2"),
        EVEN,
        PASS,
        "shares differ by 0 at the most: C1 1, C2 1.",
    ),
    case(
        "a worker that subscribes twice",
        Story()
        .subscribe("C1", "C2")
        .subscribe_again("C1")
        .publish("t1", "t2", "t3")
        .deliver("t1", "t2", "t3", to="C1"),
        EVEN,
        FAIL,
        "shares differ by 3",
        blame="worker",
    ),
    case(
        "one subscribed when all were dealt: nobody is to blame",
        Story().subscribe("C1").publish("t1", "t2").deliver("t1", "t2", to="C1").subscribe("C2"),
        EVEN,
        FAIL,
        "shares differ by 2: C1 2, C2 0.",
    ),
    case("nothing delivered", three_tasks(), EVEN, UNKNOWN, "nothing was delivered"),
    case("nobody subscribed", Story().publish("t1"), EVEN, UNKNOWN, "nobody subscribed."),
    case("no task", Story().subscribe("C1"), EVEN, UNKNOWN, "nothing was published"),
    case(
        "three for one, one for the other",
        three_tasks().publish("t4").deliver("t1", "t2", "t3", to="C1").deliver("t4", to="C2"),
        EVEN,
        FAIL,
        "shares differ by 2: C1 3, C2 1.",
        blame="broker",
    ),
    case(
        "workers that poll",
        polled(),
        EVEN,
        PASS,
        "does not apply: the workers ask for tasks one by one (basic.get)",
        figures={"applies": False, "shares": {"C1": 2, "C2": 1}},
    ),
    case(
        "a prefetch limit",
        Story()
        .subscribe("C1", "C2", prefetch=1)
        .publish("t1", "t2", "t3")
        .handle("C1", "t1", "t2", "t3"),
        EVEN,
        PASS,
        "does not apply: a consumer has a prefetch limit, so tasks go to whoever is free.",
    ),
    case(
        "all subscribed twice, and both turns of one came before the other's",
        each_twice("C1a", "C1b", "C2a", "C2b", "C1a", "C1b"),
        EVEN,
        PASS,
        "all subscribed equally often, each subscription in turn: C1 4, C2 2.",
        figures={"shares": {"C1": 4, "C2": 2}, "largest": 4, "smallest": 2},
    ),
    case(
        "all subscribed twice, and what one had comes to the other when it dies",
        each_twice("C1a", "C1b", "C2a", "C2b", "C1a", "C1b")
        .die("C1")
        .deliver("t1", "t2", "t5", "t6", to="C2", again=True),
        EVEN,
        PASS,
        "all subscribed equally often, each subscription in turn: C1 4, C2 2.",
    ),
    case(
        "all subscribed twice, and one subscription got two more than another",
        each_twice("C1a", "C1b", "C2a", "C2b", "C1a", "C1a"),
        EVEN,
        FAIL,
        "shares differ by 2: C1 4, C2 2.",
        blame="broker",
    ),
    case(
        "all subscribed twice, and one subscription got nothing",
        each_twice("C1a", "C1b", "C2a", "C1a", "C1b", "C2a"),
        EVEN,
        FAIL,
        "shares differ by 2: C1 4, C2 2.",
        blame="broker",
    ),
    case(
        "one subscribed twice, and each subscription got its share",
        dealt(
            Story().subscribe("C1", "C2").subscribe_again("C1"), "C1a", "C1b", "C2a", "C1a", "C1b"
        ),
        EVEN,
        FAIL,
        "shares differ by 3: C1 4, C2 1.",
        blame="worker",
    ),
    # ---------------------------------------------------------------- the first takes all
    case(
        "what the first one leaves when it dies comes to the others, and was its own",
        backlog()
        .deliver("t1", "t2", "t3", to="C1")
        .die("C1")
        .deliver("t1", "t2", "t3", to="C2", again=True),
        FIRST,
        PASS,
        "C1 subscribed first and was sent all 3 tasks that waited; the others got nothing.",
        figures={"backlog": 3, "first": "C1", "shares": {"C1": 3, "C2": 0}},
    ),
    case(
        "the first takes all that waits",
        backlog().deliver("t1", "t2", "t3", to="C1"),
        FIRST,
        PASS,
        "C1 subscribed first and was sent all 3 tasks that waited; the others got nothing.",
        figures={"backlog": 3, "first": "C1", "shares": {"C1": 3, "C2": 0}},
    ),
    case(
        "of a second round only the new ones count",
        backlog()
        .deliver("t1", "t2", "t3", to="C1")
        .work("C1", "t1", "t2")
        .die("C1", "C2")
        .subscribe("C1b", finding=1)
        .subscribe("C2b", finding=0)
        .deliver("t3", to="C1b", again=True),
        first_subscriber_takes_backlog(queue=Q, clients=["C1b", "C2b"]),
        PASS,
        "C1b subscribed first and was sent the only task that waited",
    ),
    case(
        "the broker shares it out",
        backlog().deliver("t1", "t3", to="C1").deliver("t2", to="C2"),
        FIRST,
        FAIL,
        "3 tasks were waiting, of which went: C1 2, C2 1.",
        blame="broker",
    ),
    case(
        "the broker keeps one",
        backlog().deliver("t1", "t3", to="C1").drain("t2"),
        FIRST,
        FAIL,
        "3 tasks were waiting, of which went: C1 2, C2 0.",
        blame="broker",
    ),
    case(
        "tasks that came later",
        backlog().deliver("t1", "t2", "t3", to="C1").publish("t4").deliver("t4", to="C2"),
        FIRST,
        UNKNOWN,
        "tasks were published after C1 had subscribed.",
    ),
    case(
        "there is no first one of one",
        Story().publish("t1").subscribe("C1", finding=1).deliver("t1", to="C1"),
        FIRST,
        UNKNOWN,
        "fewer than two consumers subscribed",
    ),
    case(
        "it did not declare the queue",
        Story().publish("t1").subscribe("C1", "C2"),
        FIRST,
        UNKNOWN,
        "C1 subscribed without having declared the queue.",
    ),
    case(
        "the queue was empty",
        Story().subscribe("C1", finding=0).subscribe("C2", finding=0).publish("t1"),
        FIRST,
        UNKNOWN,
        "the queue was empty when C1 subscribed.",
    ),
    case(
        "a prefetch limit",
        Story().publish("t1").subscribe("C1", finding=1, prefetch=1).subscribe("C2"),
        FIRST,
        PASS,
        "does not apply: a consumer has a prefetch limit, so none takes everything.",
        figures={"applies": False},
    ),
    case("no task", Story().subscribe("C1", "C2"), FIRST, UNKNOWN, "nothing was published"),
    case(
        "the broker keeps the only one",
        Story().publish("t1").subscribe("C1", finding=1).subscribe("C2", finding=0).drain("t1"),
        FIRST,
        FAIL,
        "1 task was waiting, of which went: C1 0, C2 0.",
        blame="broker",
    ),
    case(
        "both were there before the broker was stopped, and came back",
        Story()
        .subscribe("C1", "C2")
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
        .bounce()
        .subscribe("C2", finding=2)
        .deliver("t1", "t2", to="C2", again=True)
        .subscribe("C1", finding=0),
        FIRST,
        PASS,
        "C2 subscribed first and was sent all 2 tasks that waited",
    ),
    case(
        "nobody was sent the only one, and nobody knows where it is",
        Story().publish("t1").subscribe("C1", finding=1).subscribe("C2", finding=0),
        FIRST,
        FAIL,
        "1 task was waiting, of which went: C1 0, C2 0.",
    ),
    case(
        "another declared the queue",
        Story().publish("t1").subscribe("C1").subscribe("C2", finding=1).deliver("t1", to="C1"),
        FIRST,
        UNKNOWN,
        "C1 subscribed without having declared the queue.",
    ),
    case(
        "it declared another queue",
        backlog_of("another").deliver("t1", to="C1"),
        FIRST,
        UNKNOWN,
        "C1 subscribed without having declared the queue.",
    ),
    case(
        "it asked for no answer to its declaration",
        backlog_of(Q, answered=False).deliver("t1", to="C1"),
        FIRST,
        UNKNOWN,
        "C1 subscribed without having declared the queue.",
    ),
    case(
        "it declares it once more when all is on its way",
        backlog().deliver("t1", "t2", "t3", to="C1").declare("C1", ready=0),
        FIRST,
        PASS,
        "C1 subscribed first and was sent all 3 tasks that waited",
    ),
    case(
        "both answers come in one piece",
        backlog_of(Q, at_once=True).deliver("t1", to="C1"),
        FIRST,
        PASS,
        "C1 subscribed first and was sent the only task that waited",
    ),
    # ---------------------------------------------------------------- fair dispatch
    case(
        "one each, and one waits",
        fair().count(1, 2),
        FAIR,
        PASS,
        "whoever was free got the next task: C1 1, C2 1.",
        figures={"shares": {"C1": 1, "C2": 1}, "consumers": 2, "newcomers": {}},
    ),
    case(
        "a newcomer joins at once",
        fair().count(1, 2).subscribe("C3", prefetch=1).deliver("t3", to="C3"),
        FAIR,
        PASS,
        "C1 1, C2 1, C3 1.",
        figures={"newcomers": {"C3": 1}},
    ),
    case(
        "a newcomer for whom nothing is left",
        fair()
        .count(1, 2)
        .go_on("C1", "C2")
        .work("C1", "t1")
        .handle("C1", "t3")
        .work("C2", "t2")
        .subscribe("C3", prefetch=1),
        FAIR,
        PASS,
        "C1 2, C2 1, C3 0.",
    ),
    case(
        "a worker subscribes for each task, and cancels before it works",
        Story()
        .publish("t1", "t2", "t3")
        .subscribe("C1", prefetch=1)
        .deliver("t1", to="C1")
        .cancel("C1", by="client")
        .work("C1", "t1")
        .subscribe("C1", prefetch=1)
        .deliver("t2", to="C1")
        .cancel("C1", by="client")
        .freeze("C1")
        .count(1, 1),
        FAIR,
        PASS,
        "does not apply: a worker subscribes for one task and cancels",
    ),
    case(
        "a worker subscribes for each task, and does not cancel the last time",
        Story()
        .publish("t1", "t2")
        .subscribe("C1", prefetch=1)
        .deliver("t1", to="C1")
        .cancel("C1", by="client")
        .work("C1", "t1")
        .subscribe("C1", prefetch=1)
        .handle("C1", "t2"),
        FAIR,
        PASS,
        "does not apply: a worker subscribes for one task and cancels",
        figures={"shares": {"C1": 2}, "consumers": 1, "newcomers": {"C1": 2}},
    ),
    case(
        "a worker subscribes twice and stays",
        Story()
        .publish("t1", "t2", "t3")
        .subscribe("C1", prefetch=1)
        .deliver("t1", to="C1")
        .work("C1", "t1")
        .subscribe_again("C1", prefetch=1),
        FAIR,
        UNKNOWN,
        "the queue was not listed while all workers stood still",
    ),
    case(
        "a newcomer is left out while tasks wait",
        fair()
        .publish("t4")
        .count(2, 2)
        .subscribe("C3", prefetch=1)
        .work("C1", "t1")
        .handle("C1", "t3", "t4"),
        FAIR,
        FAIL,
        "got no task: C3.",
        blame="broker",
    ),
    case(
        "one is left out, for another subscribed with a higher priority",
        Story()
        .subscribe("C1", prefetch=1)
        .subscribe("C2", prefetch=1, priority=5)
        .publish("t1", "t2", "t3")
        .handle("C2", "t1", "t2")
        .deliver("t3", to="C2")
        .freeze("C1", "C2")
        .publish("t4", "t5")
        .count(2, 1),
        FAIR,
        FAIL,
        "got no task: C1; C2 subscribed with a higher priority; 1 held instead of 2 while 2 tasks "
        "were waiting.",
        blame="worker",
    ),
    case(
        "a doubt blames nobody, also where we declared a queue to serve one consumer only",
        for_one_only().handle("C1", "t1", "t2"),
        FAIR,
        UNKNOWN,
        "the queue was not listed while all workers stood still and tasks were waiting.",
    ),
    case(
        "a newcomer comes when the last task is already on its way to another",
        fair().count(1, 2).work("C1", "t1").subscribe("C3", prefetch=1).handle("C1", "t3"),
        FAIR,
        PASS,
        "C1 2, C2 1, C3 0.",
    ),
    case(
        "one of the first is left out",
        fair().subscribe("C3", prefetch=1).freeze("C3").count(1, 2).drain("t3"),
        FAIR,
        FAIL,
        "2 held instead of 3 while 1 task was waiting.",
        blame="broker",
    ),
    case(
        "one holds more than it may",
        fair().publish("t4").deliver("t3", to="C1").count(1, 3),
        FAIR,
        FAIL,
        "3 held instead of 2 while 1 task was waiting.",
        blame="broker",
    ),
    case(
        "the dead hold nothing",
        fair().strike("C1", "t1").die("C1").count(2, 1),
        FAIR,
        PASS,
        "whoever was free got the next task",
    ),
    case(
        "counted while one is at work: no witness",
        fair().go_on("C1").count(1, 1),
        FAIR,
        UNKNOWN,
        "the queue was not listed while all workers stood still and tasks were waiting.",
    ),
    case(
        "without a limit dispatch is by turns",
        three_tasks().deliver("t1", to="C1").freeze("C1", "C2").count(2, 1),
        FAIR,
        UNKNOWN,
        "a consumer has no prefetch limit, so dispatch is by turns.",
    ),
    case("no task", Story().subscribe("C1", prefetch=1), FAIR, UNKNOWN, "nothing was published"),
    case(
        "two newcomers are left out while tasks wait",
        fair()
        .publish("t4", "t5")
        .count(3, 2)
        .subscribe("C3", "C4", prefetch=1)
        .work("C1", "t1")
        .handle("C1", "t3", "t4", "t5"),
        FAIR,
        FAIL,
        "got no task: C3, C4.",
        blame="broker",
    ),
    case(
        "counted too early, and when nothing waited, and when all was right",
        Story()
        .subscribe("C1", prefetch=1)
        .publish("t1", "t2")
        .count(2, 0)
        .deliver("t1", to="C1")
        .freeze("C1")
        .count(1, 0)
        .count(0, 1)
        .count(1, 1),
        FAIR,
        PASS,
        "whoever was free got the next task: C1 1.",
    ),
    case(
        "one holds none while two wait",
        fair().publish("t4").work("C2", "t2").count(2, 1),
        FAIR,
        FAIL,
        "1 held instead of 2 while 2 tasks were waiting.",
        blame="broker",
    ),
    case(
        "its subscription and its first task come in one piece",
        at_once().freeze("C1").count(1, 1),
        FAIR,
        PASS,
        "whoever was free got the next task: C1 1.",
        figures={"newcomers": {}},
    ),
    case(
        "workers that poll",
        polled(),
        FAIR,
        PASS,
        "does not apply: the workers ask for tasks one by one (basic.get), so whoever is free asks "
        "for the next.",
        figures={"applies": False},
    ),
    # ---------------------------------------------------------------- working time
    case(
        "one works, the other idles",
        three_tasks()
        .deliver("t1", to="C1")
        .receive("C1", "t1")
        .wait(0.99)
        .done("C1", "t1")
        .ack("t1", by="C1"),
        TIME,
        PASS,
        "all done after 1.00 s; at work: C1 1.00 s, C2 0.00 s.",
        figures={
            "makespan_s": 1.0,
            "busy_s": {"C1": 1.0, "C2": 0.0},
            "idle_s": {"C1": 0.0, "C2": 1.0},
            "most_busy_s": 1.0,
            "least_busy_s": 0.0,
            "idle_total_s": 1.0,
            "shares": {"C1": 1, "C2": 0},
            "tasks_per_s": 1,
        },
    ),
    case(
        "begun and never done",
        three_tasks().handle("C1", "t1").deliver("t2", to="C1").receive("C1", "t2"),
        TIME,
        UNKNOWN,
        "begun and never done: 't2'.",
    ),
    case(
        "done without a beginning",
        three_tasks().deliver("t1", to="C1").done("C1", "t1"),
        TIME,
        UNKNOWN,
        "C1 printed what it is done with, and never what it received.",
    ),
    case(
        "begun and never done, as its sleeps show",
        Story().open().subscribe("C1").publish("t1.").deliver("t1.", to="C1").begin_sleep("C1", 1),
        TIME,
        UNKNOWN,
        "begun and never done: 't1.'.",
    ),
    case(
        "two tasks at once in one worker",
        three_tasks().deliver("t1", "t2", to="C1").receive("C1", "t1", "t2").done("C1", "t1", "t2"),
        TIME,
        PASS,
        "all done after 0.03 s; at work: C1 0.03 s, C2 0.00 s.",
    ),
    case("a flood", three_tasks().handle("C1", "t1").flood("C1"), TIME, UNKNOWN, "too much"),
    case("nothing was done", three_tasks(), TIME, UNKNOWN, "no worker printed both"),
    case("no task", Story().subscribe("C1"), TIME, UNKNOWN, "nothing was published"),
    case(
        "two identities with the same body",
        same_body(),
        TIME,
        PASS,
        "all done after 0.05 s; at work: C1 0.02 s.",
    ),
    case(
        "two tasks at once in each of two workers",
        three_tasks()
        .publish("t4")
        .deliver("t1", "t2", to="C1")
        .deliver("t3", "t4", to="C2")
        .receive("C1", "t1", "t2")
        .receive("C2", "t3", "t4")
        .done("C1", "t1", "t2")
        .done("C2", "t3", "t4"),
        TIME,
        PASS,
        "all done after 0.07 s; at work: C1 0.05 s, C2 0.05 s.",
    ),
    # ---------------------------------------------------------------- consumers that leave
    case(
        "a consumer that has cancelled has no turn",
        leaving().cancel("C2", by="client").publish("t3", "t4").handle("C1", "t3", "t4"),
        TURNS,
        UNKNOWN,
        "went away before all tasks were dealt: C2.",
    ),
    case(
        "nor has one that the broker has cancelled",
        leaving().cancel("C2").publish("t3", "t4").handle("C1", "t3", "t4"),
        TURNS,
        UNKNOWN,
        "went away before all tasks were dealt: C2.",
    ),
    case(
        "nobody is to blame for less to a consumer that has cancelled",
        leaving().cancel("C2", by="client").publish("t3", "t4").handle("C1", "t3", "t4"),
        EVEN,
        FAIL,
        "shares differ by 2: C1 3, C2 1.",
    ),
    case(
        "nor to one whose channel was closed",
        leaving().close_channel("C2").publish("t3", "t4").handle("C1", "t3", "t4"),
        EVEN,
        FAIL,
        "shares differ by 2: C1 3, C2 1.",
    ),
    case(
        "nor to one whose connection is being closed",
        leaving().say_goodbye("C2").publish("t3", "t4").handle("C1", "t3", "t4"),
        EVEN,
        FAIL,
        "shares differ by 2: C1 3, C2 1.",
    ),
    case(
        "another's cancelling is no excuse",
        leaving().subscribe("C3").cancel("C3").publish("t3", "t4").handle("C1", "t3", "t4"),
        TURNS,
        UNKNOWN,
        "subscribed only after the first task was published: C3.",
    ),
    case(
        "whoever has cancelled is not among those that may hold one",
        Story()
        .subscribe("C1", "C2", prefetch=1)
        .cancel("C2", by="client")
        .publish("t1", "t2", "t3")
        .handle("C1", "t1", "t2")
        .deliver("t3", to="C1")
        .freeze("C1", "C2")
        .publish("t4")
        .count(1, 1),
        FAIR,
        PASS,
        "whoever was free got the next task: C1 3, C2 0.",
    ),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_dispatch(told: Case) -> None:
    assert told.seen() == told.expected()
