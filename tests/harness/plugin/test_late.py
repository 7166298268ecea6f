"""Trouble after the last scenario, when nobody judges any more, still makes the run red."""

from __future__ import annotations

from collections.abc import Callable

from filaprova.judge.verdict import Outcome
from tests.harness.plugin.conftest import Borrow
from tests.harness.plugin.runs import FAULTY, Run


def test_late_trouble_is_told_and_kept(begin: Callable[..., Run], borrowed: Borrow) -> None:
    run = begin(FAULTY / "late.py", "--broker", "local", "-q", **borrowed(1))
    assert run.exit_status == 1
    assert "harness bug: after the last scenario: the observer thread, IndexError" in run.output
    assert run.scenarios["test_all_is_well_until_its_end"].outcome is Outcome.PASS
    assert ["IndexError" in note for note in run.result.notes] == [True]
    assert run.left_behind() == []
