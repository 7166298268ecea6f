"""Whom to blame that a queue or a task is gone."""

from __future__ import annotations

from typing import Any

import pytest

from harness.checkers.blame import emptying, role_of, who_let_go, who_limited, who_made_it_so
from harness.checkers.ledger import ledger
from harness.verdict import Blame
from tests.harness.checkers.stories import Q, Story

# ------------------------------------------------------------------ who made the queue


def roles() -> Story:
    return Story().role("worker", "C1").role("producer", "P").role("tool", "tool")


@pytest.mark.parametrize(
    ("story", "blame"),
    [
        (roles(), None),
        (roles().declare("C1"), "broker"),
        (roles().declare("C1", durable=False), "worker"),
        (roles().declare("P", durable=False), "publisher"),
        (roles().declare("tool", durable=False), "harness"),
        (roles().declare("nobody", durable=False), "harness"),
        (roles().declare("P", durable=False).declare("C1"), "publisher"),
        (roles().declare("P", durable=False, passive=True).declare("C1", durable=False), "worker"),
        (
            roles()
            .turn_to("q")
            .declare("P", durable=False)
            .turn_to(Q)
            .declare("C1", durable=False),
            "worker",
        ),
    ],
)
def test_who_made_a_queue_as_it_is(story: Story, blame: Blame | None) -> None:
    assert who_made_it_so(story.history(), Q, durable=True) == blame


def test_who_made_a_queue_lasting_that_was_not_to_be() -> None:
    history = roles().declare("C1", durable=True).history()
    assert who_made_it_so(history, Q, durable=False) == "worker"


# ------------------------------------------------------------------ who emptied it


def published() -> Story:
    return roles().subscribe("C1").publish("t1", by="P")


def handed_back() -> Story:
    return published().deliver("t1", to="C1").nack("t1", by="C1")


@pytest.mark.parametrize(
    ("story", "blame"),
    [
        (published(), None),
        (published().purge(1, by="C1"), "worker"),
        (published().purge(1, by="P"), "publisher"),
        (published().purge(1), "harness"),
        (published().purge(1, by="nobody"), "harness"),
        (published().purge(0, by="C1"), None),
        (published().purge(0, by="C1", answered=False), "worker"),
        (published().purge(0, by="C1").purge(1, by="P"), "publisher"),
        (published().delete(1, by="C1"), "worker"),
        (published().delete(0, by="C1"), None),
        (published().delete(0, by="C1", answered=False), "worker"),
        (published().turn_to("other").purge(1, by="C1").delete(1, by="C1"), None),
        (published().publish("t2", by="P").purge(2, by="C1").publish("t1", by="P"), None),
        # In the hands of a worker a purge does not reach it, but a deletion does.
        (published().deliver("t1", to="C1").purge(1, by="P"), None),
        (published().deliver("t1", to="C1").delete(0, by="P"), "publisher"),
        (handed_back().purge(1, by="P"), "publisher"),
        (handed_back().delete(1, by="P"), "publisher"),
        (handed_back().delete(0, by="P"), None),
        (published().deliver("t1", to="C1").ack("t1", by="C1").purge(1, by="P"), None),
        (published().deliver("t1", to="C1").ack("t1", by="C1").delete(1, by="P"), None),
        # What was delivered afterwards had not been in it.
        (published().purge(1, by="P").deliver("t1", to="C1"), None),
        (published().delete(1, by="P").deliver("t1", to="C1"), None),
    ],
)
def test_who_emptied_the_queue(story: Story, blame: Blame | None) -> None:
    history = story.history()
    event = emptying(history, ledger(history, Q), "t1")
    assert (None if event is None else role_of(history, event.client)) == blame


def test_whoever_emptied_the_queue_let_the_task_go_whatever_its_limits_are() -> None:
    history = limited("P", auto_delete=True).purge(1, by="C1").history()
    assert who_let_go(history, ledger(history, Q), "t1") == "worker"


def test_otherwise_it_is_whoever_limited_it() -> None:
    history = limited("P", auto_delete=True).purge(0, by="C1").history()
    assert who_let_go(history, ledger(history, Q), "t1") == "publisher"


def test_nobody_was_seen_to_let_the_task_go() -> None:
    history = limited().history()
    assert who_let_go(history, ledger(history, Q), "t1") is None


# ------------------------------------------------------------------ who limited it


def limited(by: str = "C1", **how: Any) -> Story:
    return roles().declare(by, **how).publish("t1", by="P").subscribe("C1")


def quorum(sent_count: int, **more: str | int) -> Story:
    story = limited("P", arguments={"x-queue-type": "quorum", **more})
    for _ in range(sent_count):
        story.deliver("t1", to="C1").nack("t1", by="C1")
    return story


@pytest.mark.parametrize(
    ("story", "blame", "how"),
    [
        (limited(), None, ""),
        (limited(arguments={"x-max-priority": 3}), None, ""),
        (Story().publish("t1"), None, ""),
        (
            limited(arguments={"x-max-length": 3, "x-message-ttl": 7}),
            "worker",
            "its queue was declared with x-message-ttl=7 and x-max-length=3",
        ),
        (
            limited("P", arguments={"x-expires": 5, "x-max-length-bytes": 9}),
            "publisher",
            "its queue was declared with x-expires=5 and x-max-length-bytes=9",
        ),
        (limited(auto_delete=True), "worker", "its queue was declared with auto_delete"),
        (limited("tool", exclusive=True), "harness", "its queue was declared with exclusive"),
        (limited(passive=True, exclusive=True), None, ""),
        (
            limited(auto_delete=True).publish("t1", by="P", expiration="60"),
            "worker",
            "its queue was declared with auto_delete",
        ),
        (
            Story().publish("t0", "t1", expiration="60").publish("t2"),
            "publisher",
            "it was published to expire after 60 ms",
        ),
        (quorum(20), None, ""),
        (quorum(21), "worker", "it came back 20 times, which is the limit of its quorum queue"),
        (
            quorum(3, **{"x-delivery-limit": 2}),
            "worker",
            "it came back 2 times, which is the limit of its quorum queue",
        ),
        (quorum(2, **{"x-delivery-limit": 2}), None, ""),
        (
            quorum(1, **{"x-delivery-limit": 0}),
            "worker",
            "it came back 0 times, which is the limit of its quorum queue",
        ),
        (quorum(30, **{"x-delivery-limit": -1}), None, ""),
        (quorum(30, **{"x-queue-type": "classic"}), None, ""),
    ],
)
def test_who_had_the_broker_let_a_task_go(story: Story, blame: Blame | None, how: str) -> None:
    history = story.history()
    assert who_limited(history, ledger(history, Q), "t1") == (blame, how)
