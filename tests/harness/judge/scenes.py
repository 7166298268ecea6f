"""Stories that several files begin with."""

from __future__ import annotations

from tests.harness.judge.stories import Q, Story


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


def by_dots(*tasks: str) -> Story:
    """Tasks that take a second for each dot, and a worker."""
    return Story().open().subscribe("C1").publish(*tasks)


def one_worker(*tasks: str) -> Story:
    return Story().subscribe("C1").publish("t1", "t2", "t3").deliver(*tasks, to="C1")


def two_queues() -> Story:
    """C1 consumes from another queue as well, on the same channel."""
    return Story("another").subscribe("C1").publish("a1", "a2").turn_to(Q).publish("t1", "t2")


def three_tasks() -> Story:
    return Story().subscribe("C1", "C2").publish("t1", "t2", "t3")


def polled() -> Story:
    """Nobody subscribes; C1 asks for two tasks, C2 for one and then for what is not there."""
    story = Story().publish("t1", "t2", "t3")
    return story.get("t1", "t2", by="C1").get("t3", by="C2").get_nothing("C2")


def same_body() -> Story:
    return Story().subscribe("C1").publish("id-1", "id-2", body="same").handle("C1", "id-1", "id-2")
