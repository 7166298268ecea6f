"""Timeline: bars and marks lie where the history says, and a crowd is gathered."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from filaprova.record import events
from filaprova.record.history import History
from filaprova.report.pictures.layout.timeline import (
    DETAIL_LIMIT,
    LEFT,
    RIGHT,
    Lane,
    Timeline,
    lay_out,
)
from filaprova.report.pictures.model.story import tell


def lane_of(timeline: Timeline, label: str) -> Lane:
    (found,) = [lane for lane in timeline.lanes if lane.label == label]
    return found


def kinds(lane: Lane) -> list[tuple[str, int | None]]:
    return [(bar.kind, bar.task) for bar in lane.bars]


def test_lanes_stand_in_order_and_do_not_overlap(automatic: History) -> None:
    lanes = lay_out(tell(automatic, "tasks")).lanes
    assert [lane.role for lane in lanes] == ["producer", "queue", "worker", "worker"]
    for above, below in itertools.pairwise(lanes):
        assert above.top + above.height < below.top


def test_a_bar_is_split_into_waiting_and_work(automatic: History) -> None:
    timeline = lay_out(tell(automatic, "tasks"))
    lane = lane_of(timeline, "C2")
    waiting, work = lane.bars
    x = timeline.clock.x
    assert (waiting.kind, work.kind) == ("waiting", "work")
    assert waiting.x == x(12_000_000)
    assert waiting.x + waiting.width == work.x == x(15_000_000)
    assert work.x + work.width == pytest.approx(x(40_000_000))


def test_what_is_lost_is_marked_where_it_was_held(automatic: History) -> None:
    lane = lane_of(lay_out(tell(automatic, "tasks")), "C1")
    assert ("cut", 1) in kinds(lane)
    assert ("work", 1) not in kinds(lane)
    assert {(mark.kind, mark.task) for mark in lane.marks} == {
        ("lost", 1),
        ("lost", 3),
        ("strike", None),
    }


def test_what_is_done_again_is_no_plain_work(manual: History) -> None:
    timeline = lay_out(tell(manual, "tasks"))
    assert kinds(lane_of(timeline, "C1")) == [("waiting", 1), ("kept", 1), ("work", 1)]
    again = lane_of(timeline, "C2")
    assert ("repeat", 1) in kinds(again)
    assert [bar.time for bar in again.bars if bar.kind == "repeat"] == [2]
    assert ("again", 1) in {(mark.kind, mark.task) for mark in again.marks}
    assert {"repeat", "again", "kept", "strike", "work"} <= timeline.kinds


def test_tasks_lost_in_the_queue_are_counted_at_its_lane(pen: Any) -> None:
    pen.publish(1, "a", "b", "c")
    pen.add(events.BrokerStopping, 5, how="stop")
    pen.add(events.BrokerStarted, 9)
    pen.add(events.QueueCounted, 10, queue="tasks", exists=False)
    timeline = lay_out(tell(pen.history(), "tasks"))
    lost = [mark for mark in lane_of(timeline, "tasks").marks if mark.kind == "lost"]
    assert [mark.count for mark in lost] == [3]
    assert len(timeline.outages) == 1


def test_rows_of_waiting_tasks_do_not_overlap(pen: Any) -> None:
    pen.consume(1, "C1")
    pen.publish(2, *"abcdefgh")
    for index, task in enumerate("abcdefgh"):
        pen.deliver(3 + index, "C1", task)
    for index, task in enumerate("abcdefgh"):
        pen.begin(20 + 10 * index, "C1", task)
        pen.finish(29 + 10 * index, "C1", task)
        pen.ack(29 + 10 * index, "C1", index + 1)
    lane = lane_of(lay_out(tell(pen.history(), "tasks")), "C1")
    thin = [bar for bar in lane.bars if bar.kind == "waiting"]
    assert len(thin) == 8
    for one in thin:
        for other in thin:
            if one is not other and one.y == other.y:
                assert one.x + one.width <= other.x or other.x + other.width <= one.x


def test_a_part_shows_nothing_from_before(manual: History) -> None:
    story = tell(manual, "tasks", from_ns=24_000_000)
    timeline = lay_out(story)
    assert kinds(lane_of(timeline, "C1")) == [("kept", 1)]
    assert all(LEFT <= bar.x <= RIGHT for lane in timeline.lanes for bar in lane.bars)
    assert timeline.lanes[0].marks == []


def test_a_crowd_is_gathered_in_columns(crowd: Callable[[int], History]) -> None:
    timeline = lay_out(tell(crowd(3_000), "tasks"))
    assert not timeline.detailed
    assert "columns" in timeline.kinds
    assert sum(len(lane.bars) for lane in timeline.lanes) == 0
    assert all(len(lane.columns) <= 330 for lane in timeline.lanes)
    lost = [mark for mark in lane_of(timeline, "C2").marks if mark.kind == "lost"]
    assert sum(mark.count for mark in lost) == 299
    assert all(0 <= c.worked <= 1 and 0 <= c.waiting <= 1 for lane in timeline.lanes
               for c in lane.columns)  # fmt: skip


def test_up_to_the_limit_every_task_has_its_bar(crowd: Callable[[int], History]) -> None:
    timeline = lay_out(tell(crowd(DETAIL_LIMIT), "tasks"))
    assert timeline.detailed
    works = [bar for lane in timeline.lanes for bar in lane.bars if bar.kind == "work"]
    assert len(works) == DETAIL_LIMIT * 9 // 10 + 1
