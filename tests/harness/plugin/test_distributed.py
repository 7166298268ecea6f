"""Scenarios that pytest-xdist is to spread over several processes: refused, nothing begins."""

from __future__ import annotations

from collections.abc import Callable

from filaprova.plugin.hooks import NOT_DISTRIBUTED
from tests.harness.plugin.runs import LESSON, Run


def test_scenarios_in_several_processes_are_refused(begin: Callable[..., Run]) -> None:
    run = begin(LESSON, "-n", "2", measured=False)
    assert run.exit_status == 2
    assert f"Interrupted: {NOT_DISTRIBUTED} !" in run.output
    assert "no tests ran" in run.output
    assert "Error" not in run.output
    assert not run.reports.exists()
    assert not list(run.temporary.glob("filaprova-*"))
    assert run.processes() == []
