"""Clock: order is kept, quiet stretches are cut and told, round moments are marked."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filaprova.report.pictures.layout.clock import CUTS_LIMIT, Clock

S = 1_000_000_000


def test_without_quiet_stretches_it_is_to_scale() -> None:
    clock = Clock([(0, S)], left=0, right=100, room=0)
    assert [clock.x(at) for at in (0, S // 4, S)] == pytest.approx([0, 25, 100])
    assert clock.cuts == []


def test_a_quiet_stretch_is_cut_and_told() -> None:
    clock = Clock([(0, S), (9 * S, 10 * S)], left=0, right=1000, room=0)
    (cut,) = clock.cuts
    assert cut.seconds == 8
    assert clock.x(9 * S) - clock.x(S) < 60
    assert clock.x(S) == pytest.approx(1000 - clock.x(9 * S))
    assert clock.x(5 * S) == pytest.approx(cut.x)


def test_moments_alone_are_not_all_cut() -> None:
    clock = Clock([(k * k * S, k * k * S) for k in range(40)], left=0, right=1000)
    assert len(clock.cuts) <= CUTS_LIMIT


def test_what_lies_outside_is_drawn_on_the_border() -> None:
    clock = Clock([(S, 2 * S)], left=10, right=90)
    assert clock.x(0) == 10
    assert clock.x(5 * S) == 90


def test_each_place_has_its_moment() -> None:
    clock = Clock([(0, S), (9 * S, 10 * S)], left=0, right=1000)
    for moment in (0, S // 2, S, 5 * S, 9 * S, 10 * S):
        assert clock.at_ns(clock.x(moment)) == pytest.approx(moment, abs=1)
    assert clock.at_ns(-5) == 0
    assert clock.at_ns(2000) == 10 * S


def test_one_moment_is_enough() -> None:
    clock = Clock([(7, 7)], left=10, right=90)
    assert 10 <= clock.x(7) <= 90
    clock.ticks()
    assert clock.at_ns(50) in (7, 8)
    assert 10 <= Clock([], left=10, right=90).x(0) <= 90


@given(st.lists(st.tuples(st.integers(0, 10**11), st.integers(0, 10**10)), min_size=1, max_size=60))
def test_time_never_runs_backwards(parts: list[tuple[int, int]]) -> None:
    clock = Clock([(start, start + length) for start, length in parts], left=100, right=900)
    moments = sorted({0, *(start for start, _ in parts), *(s + n for s, n in parts), 10**12})
    places = [clock.x(moment) for moment in moments]
    assert places == sorted(places)
    assert all(100 <= place <= 900 for place in places)
    ticks = [x for x, _ in clock.ticks()]
    assert all(after - before >= 60 for before, after in itertools.pairwise(ticks))
    assert len(clock.cuts) <= CUTS_LIMIT
