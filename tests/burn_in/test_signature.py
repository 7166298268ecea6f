"""What must be the same with one seed, and what need not be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.burn_in.signature import SPEED_DECIDES, signature, speed_decides
from tests.harness.judge.stories import Story

ROOT = Path(__file__).resolve().parents[2]


def two_workers() -> Story:
    return Story().subscribe("C1", "C2").publish("a", "b", "c")


def test_each_worker_has_its_own_order_and_tasks_have_the_order_of_their_publishing() -> None:
    story = two_workers().deliver("a", "c", to="C1").deliver("b", to="C2").ack("a", by="C1")
    assert signature(story.history()) == "C1 sent 1 3, settled ack 1; C2 sent 2, settled "


def test_how_two_workers_lie_between_each_other_is_left_to_the_machine() -> None:
    one = two_workers().handle("C1", "a").handle("C2", "b").handle("C1", "c")
    other = two_workers().deliver("a", "c", to="C1").deliver("b", to="C2")
    other = other.ack("b", by="C2").ack("a", "c", by="C1")
    assert signature(one.history()) == signature(other.history())


@pytest.mark.parametrize(
    "other",
    [
        two_workers().handle("C1", "a", "c").handle("C2", "b").nack("b", by="C2"),
        two_workers().handle("C1", "c", "a").handle("C2", "b"),
        two_workers().handle("C1", "a").handle("C2", "b", "c"),
        two_workers().handle("C1", "a", "c").deliver("b", to="C2"),
        two_workers().handle("C1", "a", "c", "c").handle("C2", "b"),
    ],
    ids=["settled twice", "in another order", "to another", "not settled", "sent twice"],
)
def test_anything_else_is_another_signature(other: Story) -> None:
    story = two_workers().handle("C1", "a", "c").handle("C2", "b")
    assert signature(story.history()) != signature(other.history())


def test_it_ends_with_the_first_strike_and_what_was_in_the_hands() -> None:
    struck = two_workers().deliver("a", to="C1").deliver("b", to="C2").strike("C1", "a")
    expected = "C1 sent 1, settled ; C2 sent 2, settled ; C1 struck holding 1"
    assert signature(struck.history()) == expected
    later = struck.die("C1").deliver("a", to="C2", again=True).ack("a", "b", by="C2")
    assert signature(later.history()) == expected


def test_it_ends_where_the_first_worker_ends() -> None:
    story = two_workers().deliver("a", to="C1").die("C1").deliver("a", to="C2", again=True)
    assert signature(story.history()) == "C1 sent 1, settled ; C2 sent , settled "


def test_what_is_drained_is_not_part_of_it() -> None:
    assert signature(Story().publish("a").drain("a").history()) == ""


def test_a_long_one_is_cut_and_still_tells_every_difference() -> None:
    tasks = [f"t{number}" for number in range(500)]
    one = Story().subscribe("C1").publish(*tasks).deliver(*tasks, to="C1")
    two = Story().subscribe("C1").publish(*tasks).deliver(*tasks[:-1], to="C1")
    assert signature(one.history()) != signature(two.history())
    assert len(signature(one.history())) < 500


def test_speed_decides_only_in_scenarios_that_there_are() -> None:
    source = "".join(path.read_text() for path in (ROOT / "scenarios").rglob("test_*.py"))
    for name in SPEED_DECIDES:
        function, _, variant = name.partition("[")
        assert re.search(rf"def {function}\(", source)
        assert variant.rstrip("]") in source
    assert speed_decides("scenarios/lesson/test_15.py::test_fair_dispatch[kill]")
    assert not speed_decides("scenarios/lesson/test_05.py::test_automatic_acknowledgement[kill]")
    assert not speed_decides("scenarios/lesson/test_16.py::test_long_tasks[in_turn]")
