"""Whom to blame that a queue or a task is gone."""

from __future__ import annotations

from typing import Any

import pytest

from filaprova.judge.blame import emptying, role_of, who_let_go, who_limited, who_made_it_so
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Blame
from tests.harness.judge.stories import Q, Story

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
        (published().turn_to("other").purge(1, by="P").turn_to(Q).purge(1, by="C1"), "worker"),
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
    history = limited("P", arguments={"x-max-length": 0}).purge(1, by="C1").history()
    assert who_let_go(history, ledger(history, Q), "123") == "worker"


def test_otherwise_it_is_whoever_limited_it() -> None:
    history = limited("P", arguments={"x-max-length": 0}).purge(0, by="C1").history()
    assert who_let_go(history, ledger(history, Q), "123") == "publisher"


def test_nobody_was_seen_to_let_the_task_go() -> None:
    history = limited().history()
    assert who_let_go(history, ledger(history, Q), "123") is None


# ------------------------------------------------------------------ who limited it


def limited(by: str = "C1", *, expiration: str | None = None, **how: Any) -> Story:
    """One task of three bytes in a queue with limits, and a consumer of it."""
    return roles().declare(by, **how).publish("123", by="P", expiration=expiration).subscribe("C1")


def with_arguments(**arguments: str | int) -> Story:
    return limited(arguments={f"x-{name.replace('_', '-')}": at for name, at in arguments.items()})


def quorum_of_the_struck(*others: str) -> Story:
    """A delivery limit of 1; who holds the task is struck, and others go after it."""
    story = with_arguments(queue_type="quorum", delivery_limit=1).subscribe("C2")
    story.deliver("123", to="C2").strike("C2", "123").die("C2")
    return story.gone(*others)


def quorum(sent_count: int, **more: str | int) -> Story:
    story = with_arguments(queue_type="quorum", **more)
    for _ in range(sent_count):
        story.deliver("123", to="C1").nack("123", by="C1")
    return story.drain()


@pytest.mark.parametrize(
    ("story", "blame", "how"),
    [
        (limited().drain(), None, ""),
        (Story().publish("123").drain(), None, ""),
        (with_arguments(max_priority=3).drain(), None, ""),
        # A time to live must have passed while it was ready.
        (with_arguments(message_ttl=900).wait(1).drain(), "worker", "with x-message-ttl=900"),
        (with_arguments(message_ttl=1100).wait(1).drain(), None, ""),
        (with_arguments(message_ttl=2_000_039).wait(2000).drain(), "worker", "ttl=2000039"),
        (with_arguments(message_ttl=900).wait(1), None, ""),
        (with_arguments(message_ttl="900").wait(1).drain(), None, ""),
        (
            with_arguments(message_ttl=900).wait(1).deliver("123", to="C1").die("C1").drain(),
            None,
            "",
        ),
        (
            with_arguments(message_ttl=900).deliver("123", to="C1").die("C1").wait(1).drain(),
            "worker",
            "with x-message-ttl=900",
        ),
        (with_arguments(expires=900).wait(1).drain(), "worker", "with x-expires=900"),
        (with_arguments(expires=1100).wait(1).drain(), None, ""),
        (
            limited(expiration="900").wait(1).drain(),
            "publisher",
            "it was published to expire after 900 ms",
        ),
        (limited(expiration="1100").wait(1).drain(), None, ""),
        (limited(expiration="soon").wait(1).drain(), None, ""),
        (
            Story().publish("t0", expiration="1").publish("123").wait(1).drain(),
            None,
            "",
        ),
        # A length must have been exceeded.
        (with_arguments(max_length=0).drain(), "worker", "with x-max-length=0"),
        (with_arguments(max_length=1).drain(), None, ""),
        (with_arguments(max_length=1).publish("4", by="P").refuse("4", by="P").drain(), None, ""),
        (with_arguments(max_length=1).publish("4").drain(), "worker", "with x-max-length=1"),
        (with_arguments(max_length_bytes=2).drain(), "worker", "with x-max-length-bytes=2"),
        (with_arguments(max_length_bytes=3).drain(), None, ""),
        (with_arguments(max_length_bytes=3).publish("4").drain(), "worker", "bytes=3"),
        (
            with_arguments(max_length=0, message_ttl=0).drain(),
            "worker",
            "its queue was declared with x-message-ttl=0 and x-max-length=0",
        ),
        # A queue goes with its last consumer, or with the connection that declared it.
        (limited(auto_delete=True).drain(), None, ""),
        (limited(auto_delete=True).gone("C1").drain(), "worker", "with auto_delete"),
        (limited("P", auto_delete=True).cancel("C1").drain(), "publisher", "with auto_delete"),
        (limited().gone("C1").drain(), None, ""),
        (limited("tool", exclusive=True).drain(), None, ""),
        (limited("tool", exclusive=True).gone("tool").drain(), "harness", "with exclusive"),
        (limited("tool", exclusive=True).gone("C1").drain(), None, ""),
        (limited("tool").gone("tool").drain(), None, ""),
        (limited("tool", exclusive=True, passive=True).gone("tool").drain(), None, ""),
        # A quorum queue counts how often it comes back.
        (quorum(0), None, ""),
        (quorum(20), None, ""),
        (quorum(21), "worker", "it came back 20 times, which is the limit of its quorum queue"),
        (quorum(3, delivery_limit=2), "worker", "it came back 2 times"),
        (quorum(2, delivery_limit=2), None, ""),
        # What others were sent as they went, nobody saw; and who was struck is not to blame.
        (
            quorum_of_the_struck("C1").drain(),
            None,
            "it came back 1 times, which is the limit of its quorum queue",
        ),
        (quorum_of_the_struck().drain(), None, ""),
        # Who still holds it has not sent it back, whoever else has gone.
        (with_arguments(queue_type="quorum", delivery_limit=1).deliver("123", to="C1"), None, ""),
        (quorum(1, delivery_limit=0), "worker", "it came back 0 times"),
        (quorum(30, delivery_limit=-1), None, ""),
        (quorum(30, delivery_limit="2"), None, ""),
        (
            with_arguments(delivery_limit=0).deliver("123", to="C1").nack("123", by="C1").drain(),
            None,
            "",
        ),
    ],
)
def test_who_had_the_broker_let_a_task_go(story: Story, blame: Blame | None, how: str) -> None:
    history = story.history()
    told = who_limited(history, ledger(history, Q), "123")
    assert told == (blame, told[1] if how and how in told[1] else how)
