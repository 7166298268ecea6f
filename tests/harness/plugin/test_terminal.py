"""What a real terminal shows of a run: colours where they are wanted, nowhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.plugin.runs import LIMIT_S, ROOT

SCENARIO = "scenarios/lesson/test_14_redeclare.py"


def shown_by_a_terminal(reports: Path, *arguments: str, **environment: str) -> str:
    """Return all that a run writes to a terminal of its own."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("CI", "NO_COLOR", "FORCE_COLOR", "PYTEST_ADDOPTS")
    }
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", SCENARIO, "--seed", "1"),
            *("--broker", "local", "--reports", str(reports), *arguments),
        ],
        cwd=ROOT,
        env={**inherited, "TERM": "xterm-256color", "COLUMNS": "120", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 65536):
                parts.append(part)
        except OSError:  # the terminal's other end is closed: the run is over
            pass
        os.close(ours)
        assert process.wait(LIMIT_S) == 0, b"".join(parts).decode()
    return b"".join(parts).decode()


def test_a_terminal_gets_progress_and_a_table_in_colour(local: str, tmp_path: Path) -> None:
    assert local
    shown = shown_by_a_terminal(tmp_path)
    assert "[1/1]" in shown
    assert "\x1b[32mpassed" in shown, "the table's outcome is green"
    assert "─" in shown, "its lines are drawn"


@pytest.mark.parametrize(
    ("arguments", "environment"), [((), {"NO_COLOR": "1"}), (("--color=no",), {})]
)
def test_who_wants_no_colour_gets_none(
    local: str, tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    assert local
    shown = shown_by_a_terminal(tmp_path, *arguments, **environment)
    assert "passed" in shown
    assert "\x1b[" not in shown
