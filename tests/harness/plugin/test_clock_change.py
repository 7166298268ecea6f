"""The wall clock is set back and forward while a run goes on: nothing of it depends on it.

The clock is libfaketime's, for every program of the run, the server's too; the machine's stays as
it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import libfaketime
import pytest

from filaprova.judge.verdict import Outcome
from filaprova.record.history import History
from tests.harness.plugin.runs import LESSON, Run

LIBRARY = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"
SCENARIO = LESSON / "test_05_automatic_acknowledgement.py"


@pytest.mark.thorough
def test_a_run_goes_on_as_if_nothing_had_happened(
    begin: Callable[..., Run], local: str, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    clock.write_text("-2d")
    run = begin(
        *(SCENARIO, "-k", "kill", "--broker", local),
        LD_PRELOAD=str(LIBRARY),
        FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    run.read_until("published 20 tasks")
    clock.write_text("+3d")
    run.read_until("strike: C1 killed")
    clock.write_text("-1d")
    assert run.exit_status == 0, run.output
    ago = datetime.now(UTC) - datetime.fromisoformat(run.result.started_at)
    assert 47 < ago.total_seconds() / 3600 < 49, "it did not hear of the other clock"
    [scenario] = run.scenarios.values()
    assert scenario.outcome is Outcome.PASS
    assert scenario.folder is not None
    history = History.load(scenario.folder.history_path)
    times = [event.at_ns for event in history]
    assert times == sorted(times)
    assert times[-1] < 3600e9, "the clocks were set by days"
    assert run.result.seconds < 3600
    told = re.findall(r"^ +\+(\d+\.\d{3}) s ", run.output, re.M)
    assert [float(each) for each in told] == sorted(float(each) for each in told)
    assert run.left_behind() == []
