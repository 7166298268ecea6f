"""The record under all checkers: what is on its way, what is used again, what cannot be read."""

from __future__ import annotations

import pytest

from harness.checkers import all_settled, counts_agree, fully_decoded, nothing_lost
from harness.events import ChannelOpened
from tests.harness.checkers.stories import FAIL, PASS, UNKNOWN, Case, Q, Story, case, name_of


def one_held() -> Story:
    return Story().subscribe("C1").publish("t1", "t2").deliver("t1", to="C1")


def opened_again(story: Story, client: str) -> Story:
    """The client opens a channel of the same number; the broker counts deliveries from 1 again."""
    where = story.on(client)
    story.delivery_tags[where["connection"]] = 0
    return story.tell(ChannelOpened, **where)


def garbled() -> Story:
    """C1 is sent its task and acknowledges it in bytes that nobody can read."""
    return one_held().garbage("C1")


COUNTS = counts_agree(queue=Q)

CASES = [
    case(
        "what is on its way to a channel that its client closes comes back",
        one_held().close_channel("C1").deliver("t2", to="C1").count(2, 0),
        COUNTS,
        PASS,
        "",
    ),
    case(
        "what is on its way to a connection that its client closes comes back",
        one_held().close("C1").deliver("t2", to="C1").count(2, 0),
        COUNTS,
        PASS,
        "",
    ),
    case(
        "a channel of the same number holds what it is sent",
        opened_again(one_held().close_channel("C1"), "C1").deliver("t2", to="C1").count(1, 1),
        COUNTS,
        PASS,
        "",
    ),
    case(
        "and counts its deliveries from the beginning",
        opened_again(one_held().close_channel("C1"), "C1")
        .handle("C1", "t1", "t2", again=True)
        .drain(),
        nothing_lost(queue=Q),
        PASS,
        "",
    ),
    case(
        "nobody fails for what could not be read",
        garbled(),
        all_settled(queue=Q),
        UNKNOWN,
        "bytes of C1 could not be decoded",
        blame="harness",
    ),
    case(
        "nor does anybody pass",
        Story().subscribe("C1").publish("t1").handle("C1", "t1").garbage("C2"),
        all_settled(queue=Q),
        UNKNOWN,
        "bytes of C2 could not be decoded",
        blame="harness",
    ),
    case(
        "which bytes they are is told",
        garbled(),
        fully_decoded(),
        UNKNOWN,
        "C1: bytes of the client are not AMQP 0-9-1",
    ),
    case("what can be read fails", one_held(), all_settled(queue=Q), FAIL, "", blame="worker"),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_a_story_and_its_verdict(told: Case) -> None:
    assert told.seen() == told.expected()


def test_a_delivery_that_is_missing_after_a_channel_was_opened_again_is_a_hole() -> None:
    story = opened_again(one_held().close_channel("C1"), "C1")
    story.delivery_tags[story.on("C1")["connection"]] = 1
    verdict = all_settled(queue=Q).judge(story.deliver("t2", to="C1").history())
    assert verdict.outcome is UNKNOWN
    assert "delivery 2 on connection 1, channel 1 where 1 was due" in verdict.summary
