"""Close-up: what a page can unpack is what the story says, in order of time, and small."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
from typing import Any

from filaprova.record.history import History
from filaprova.report.pictures.layout.closeup import CloseUp, close_up
from filaprova.report.pictures.layout.timeline import LEFT, RIGHT, lay_out
from filaprova.report.pictures.model.story import tell
from tests.harness.report.pictures.pen import Pen


def crowded(history: History) -> CloseUp | None:
    timeline = lay_out(tell(history, "tasks"))
    timeline.detailed = False
    return close_up(timeline)


def unpacked(history: History) -> dict[str, Any]:
    found = crowded(history)
    assert found is not None
    data: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(found.packed)))
    for name in ("published", "task", "from"):
        data[name] = list(itertools.accumulate(data[name]))
    return data


def test_every_delivery_is_told_with_its_times(manual: History) -> None:
    data = unpacked(manual)
    story = tell(manual, "tasks")
    told = [
        (
            data["task"][stay],
            data["workers"][data["worker"][stay]][0],
            data["begins"] + data["from"][stay],
            data["begun"][stay],
            data["done"][stay],
            data["ends"][data["end"][stay]],
            data["repeat"][stay],
        )
        for stay in range(len(data["task"]))
    ]
    assert told == [
        (
            stay.task,
            stay.client,
            stay.from_ns // 1000,
            -1 if stay.begun_ns is None else (stay.begun_ns - stay.from_ns) // 1000,
            -1 if stay.done_ns is None else (stay.done_ns - stay.from_ns) // 1000,
            stay.end,
            stay.repeat,
        )
        for stay in sorted(story.stays, key=lambda stay: stay.from_ns)
    ]
    assert [line[0] for line in told] == [1, 1], "delivered to C1, then to C2"
    assert data["id"] == [task.id for task in story.tasks]
    assert data["repeated"] == {"1": 2}
    assert [strike[0] for strike in data["strikes"]] == ["C1"]


def test_what_the_harness_took_out_belongs_to_no_worker() -> None:
    pen = Pen()
    pen.consume(1, "C1")
    pen.publish(2, "a", "b")
    pen.deliver(3, "C1", "a")
    pen.drain(9, "b")
    data = unpacked(pen.history())
    assert dict(zip(data["task"], data["worker"], strict=True)) == {1: 0, 2: -1}


def test_it_says_whether_anything_must_not_be_overlooked(
    automatic: History, manual: History
) -> None:
    pen = Pen()
    pen.consume(1, "C1")
    pen.publish(2, "a")
    pen.deliver(3, "C1", "a", no_ack=True)
    pen.begin(4, "C1", "a")
    pen.finish(5, "C1", "a")
    for history, notable in ((automatic, True), (manual, True), (pen.history(), False)):
        found = crowded(history)
        assert found is not None
        assert found.notable is notable


def test_there_is_none_where_single_tasks_are_seen_or_nobody_had_one(manual: History) -> None:
    assert close_up(lay_out(tell(manual, "tasks"))) is None
    pen = Pen()
    pen.publish(1, "a", "b")
    pen.drain(9, "a", "b")
    assert crowded(pen.history()) is None


def test_each_pixel_of_the_picture_has_its_moment(manual: History) -> None:
    timeline = lay_out(tell(manual, "tasks"))
    pixels = unpacked(manual)["pixels"]
    assert len(pixels) == RIGHT - LEFT + 1
    assert pixels == sorted(pixels)
    for pixel in range(20, len(pixels) - 20):
        x = timeline.clock.x(timeline.clock.from_ns + pixels[pixel] * 1000)
        assert abs(x - LEFT - pixel) < 1


def test_control_characters_are_made_visible() -> None:
    pen = Pen()
    pen.consume(1, "C\x1b[31m")
    pen.publish(2, "a\x00\u202eb")
    pen.deliver(3, "C\x1b[31m", "a\x00\u202eb")
    data = unpacked(pen.history())
    assert data["id"][0].isprintable()
    assert data["workers"][0][0].isprintable()
