"""Fates: every task is counted where it ended, and the bars for a glance say no other number."""

from __future__ import annotations

import re
from typing import Any

import pytest

from filaprova.record.history import History
from filaprova.report.pictures.draw.glance import ROWS_LIMIT, draw_glance
from filaprova.report.pictures.model.fates import Fate, Fates, fates
from filaprova.report.pictures.model.story import tell
from filaprova.report.pictures.words import PictureWords


def counted(history: History, from_ns: int = 0) -> dict[str | None, dict[Fate, int]]:
    return {row.client: row.counts for row in fates(tell(history, "tasks", from_ns=from_ns))}


def test_what_a_killed_worker_had_been_sent_is_lost_with_it(automatic: History) -> None:
    assert counted(automatic) == {"C1": {"work": 1, "cut": 2}, "C2": {"work": 1}}


def test_what_is_done_again_counts_where_it_was_done_again(manual: History) -> None:
    assert counted(manual) == {"C1": {"work": 1}, "C2": {"repeat": 1}}


def test_what_nobody_got_is_still_in_the_queue(pen: Any) -> None:
    pen.consume(1, "C1")
    pen.publish(2, "a", "b")
    pen.deliver(3, "C1", "a")
    assert counted(pen.history()) == {"C1": {"waiting": 1}, None: {"waiting": 1}}


def test_whoever_ended_before_the_story_is_left_out(manual: History) -> None:
    assert list(counted(manual, from_ns=26_500_000)) == ["C2"]


def test_the_bars_share_one_scale_and_bear_their_numbers(words: PictureWords) -> None:
    rows = [
        Fates(client="C1", counts={"work": 6, "cut": 2}),
        Fates(client="C2", counts={"work": 4}),
        Fates(client="C3", counts={}),
    ]
    svg = draw_glance(rows, words)
    widths = [float(width) for width in re.findall(r"h([\d.]+)v", svg)]
    assert widths == pytest.approx([6 * widths[1] / 2, widths[1], 2 * widths[1]], abs=0.1)
    assert re.findall(r">(\d+)<", svg) == ["6", "2", "4", "0"]


def test_many_workers_are_cut_short(words: PictureWords) -> None:
    rows = [Fates(client=f"C{number}", counts={"work": 1}) for number in range(ROWS_LIMIT + 1)]
    svg = draw_glance(rows, words)
    assert svg.count("<path") == ROWS_LIMIT
    assert "…" in svg
