"""The commands that the page tells do what Filaprova did: they are typed, on a real broker."""

from __future__ import annotations

from collections.abc import Callable

from filaprova.judge.verdict import Outcome
from tests.harness.plugin.conftest import Borrow
from tests.harness.plugin.runs import FAULTY, Run


def test_what_is_typed_by_hand_is_what_filaprova_did(
    begin: Callable[..., Run], borrowed: Borrow
) -> None:
    run = begin(FAULTY / "typed_by_hand.py", "--broker", "local", **borrowed(1))
    assert run.exit_status == 0, run.output
    assert run.scenarios["test_typed_by_hand"].outcome is Outcome.PASS
