"""Real runs with one seed, side by side, one of them with a broker that stands still at times."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from filaprova.brokers.local import find_scripts
from tests.burn_in.__main__ import BurnIn
from tests.burn_in.summary import differing, summary

SELECT = "test_round_robin or (test_manual_acknowledgement and kill)"
KINDS_IN_EVERY_RUN = {
    "acknowledged",
    "all reaped",
    "broker booted",
    "drained",
    "observer ended",
    "observer's turn",
    "paused",
    "program ended",
    "program terminated",
    "scenario",
    "subscribed",
    "tap read out",
}


@pytest.mark.thorough
def test_the_same_seed_gives_the_same_whatever_the_broker_suffers(tmp_path: Path) -> None:
    if find_scripts() is None:
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail("RabbitMQ is not installed; with CI=true no backend may be missing")
        pytest.skip("RabbitMQ is not installed")
    burn_in = BurnIn(tmp_path, keep=True, side_by_side=2, select=SELECT)
    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(burn_in.run, number, 7, "local", kind)
            for number, kind in enumerate(("quiet", "stopped"))
        ]
        lines = [line for run in runs if (line := run.result())]
    assert [line.complaints for line in lines] == [[], []], "\n".join(summary(lines))
    assert [line.scenarios for line in lines] == [4, 4]
    for line in lines:
        assert set(line.waits) >= KINDS_IN_EVERY_RUN
        assert len(line.signatures) == 4
        assert all(text.startswith("C1 sent 1") for text in line.signatures.values())
    assert differing(lines) == []


def test_an_interrupted_run_is_not_counted(tmp_path: Path) -> None:
    burn_in = BurnIn(tmp_path, keep=True, side_by_side=1, select="")
    burn_in.interrupt()
    assert burn_in.run(1, 7, "local", "quiet") is None
    assert list(tmp_path.iterdir()) == []
