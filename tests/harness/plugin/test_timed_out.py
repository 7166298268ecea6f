"""A run that pytest-timeout ends by its method "thread", which kills: as good as a SIGKILL.

By its method "signal", which scenarios have unless they choose another, a scenario is ended in
order; see test_setups.py.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable

from filaprova.cli import main
from filaprova.record.history import History
from filaprova.record.wire import Settled
from filaprova.waiting import wait_until
from tests.harness.plugin.conftest import Borrow
from tests.harness.plugin.runs import FAULTY, Run
from tests.patience import PATIENCE_S


def test_what_was_recorded_is_kept_and_nothing_left(
    begin: Callable[..., Run], borrowed: Borrow
) -> None:
    run = begin(FAULTY / "timed_out.py", "--broker", "local", **borrowed(1))
    assert run.exit_status == 1
    assert "+ Timeout +" in run.output
    wait_until(lambda: not run.left_behind(), what="the end", timeout_s=PATIENCE_S)
    [folder] = run.run_folder.scenario_folders()
    assert len(History.load(folder.history_path).of(Settled)) == 1
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        assert main(["recheck", str(run.run_folder.path)]) == 1
    assert "the run ended before it wrote results.json" in told.getvalue()
    assert "it ended before it was judged; its history has" in told.getvalue()
