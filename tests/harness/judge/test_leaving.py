"""Who was told to end, and left nothing to be taken back from it."""

from __future__ import annotations

import pytest

from filaprova.judge.leaving import (
    InOrder,
    closed_in_order,
    handed_back,
    in_order_text,
    not_of_itself,
    told_to_end,
)
from filaprova.judge.replay import ledger
from tests.harness.judge.stories import Q, Story


def told(*, signal: str = "SIGTERM", no_ack: bool = False) -> Story:
    """C1 holds t1 as it is told to end."""
    story = Story().subscribe("C1", no_ack=no_ack).publish("t1", "t2").deliver("t1", to="C1")
    return story.strike("C1", "t1", signal)


def in_order(*, settled: int = 0, back: int = 0) -> list[InOrder]:
    return [InOrder(client="C1", settled_count=settled, handed_back_count=back)]


@pytest.mark.parametrize(
    ("story", "left"),
    [
        (told().work("C1", "t1").close("C1").exit("C1", code=0), in_order(settled=1)),
        (told().work("C1", "t1").gone("C1").exit("C1", code=0), in_order(settled=1)),
        (
            told().nack("t1", by="C1", requeue=False).gone("C1").exit("C1", code=0),
            in_order(settled=1),
        ),
        # Handed back by saying so, or by closing the channel or the connection in order.
        (told().nack("t1", by="C1").gone("C1").exit("C1", code=1), in_order(back=1)),
        (told().close_channel("C1").gone("C1").exit("C1", code=0), in_order(back=1)),
        (told().close("C1").exit("C1", code=0), in_order(back=1)),
        (told().gone("C1").exit("C1", code=0), []),
        (told().close_channel("C1", by="broker").gone("C1").exit("C1", code=0), []),
        (told().close("C1", by="broker").exit("C1", code=0), []),
        (told().subscribe("C2").close("C2").gone("C1").exit("C1", code=0), []),
        # What it is sent afterwards counts as well; what it need not acknowledge does not.
        (
            told().work("C1", "t1").deliver("t2", to="C1").close("C1").exit("C1", code=0),
            in_order(settled=1, back=1),
        ),
        (told().work("C1", "t1").deliver("t2", to="C1").gone("C1").exit("C1", code=0), []),
        (
            told()
            .work("C1", "t1")
            .deliver("t2", to="C1", no_ack=True)
            .close("C1")
            .exit("C1", code=0),
            in_order(settled=1),
        ),
        (told(no_ack=True).close("C1").exit("C1", code=0), []),
        # It has to have ended, of itself, and to have been told to.
        (told().work("C1", "t1").close("C1"), []),
        (told().work("C1", "t1").close("C1").exit("C1", signal="SIGKILL"), []),
        (told(signal="SIGKILL").work("C1", "t1").close("C1").exit("C1", code=137), []),
        (
            Story()
            .subscribe("C1")
            .publish("t1")
            .deliver("t1", to="C1")
            .signal("C1", "SIGINT")
            .signal("C1", "SIGTERM")
            .work("C1", "t1")
            .close("C1")
            .exit("C1", code=0),
            in_order(settled=1),
        ),
        (
            told().work("C1", "t1").signal("C1", "SIGTERM").close("C1").exit("C1", code=0),
            in_order(settled=1),
        ),
        (
            Story()
            .subscribe("C1")
            .publish("t1")
            .handle("C1", "t1")
            .signal("C1", "SIGTERM")
            .close("C1")
            .exit("C1", code=0),
            [],
        ),
    ],
)
def test_who_left_in_order(story: Story, left: list[InOrder]) -> None:
    history = story.history()
    assert handed_back(history, ledger(history, Q)) == left


def test_an_acknowledgement_that_the_broker_had_not_read_is_none() -> None:
    story = told().ack("t1", by="C1").gone("C1").exit("C1", code=0).subscribe("C2")
    history = story.deliver("t1", to="C2", again=True).history()
    assert handed_back(history, ledger(history, Q)) == []


def test_in_order_is_told_of_all_together() -> None:
    left = [
        InOrder(client="C1", settled_count=1, handed_back_count=0),
        InOrder(client="C2", settled_count=2, handed_back_count=1),
    ]
    assert in_order_text(left) == (
        "C1 and C2 left in order: 3 tasks finished and 1 task handed back, so that nothing was in "
        "flight"
    )


def test_who_was_told_to_end_and_who_did_not_end_of_itself() -> None:
    story = Story().strike("C1", None).signal("C2", "SIGTERM").miss("C3").release("C4")
    history = story.exit("C5", code=0).history()
    assert told_to_end(history) == {"C1", "C2"}
    assert not_of_itself(history) == {"C1", "C2", "C4"}


def test_what_programs_closed_themselves() -> None:
    story = Story().subscribe("C1", "C2", "C3", "C4").close_channel("C1").say_goodbye("C2")
    story.close_channel("C3", by="broker").say_goodbye("C4", by="broker").gone("C4")
    assert closed_in_order(story.history()) == {(1, 1), (2, None)}
