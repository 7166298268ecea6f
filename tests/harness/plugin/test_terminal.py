"""What a real terminal shows of a run: colours where they are wanted, nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.harness.plugin.conftest import Borrow
from tests.harness.plugin.runs import LESSON
from tests.harness.plugin.terminal import LIVE, terminal_with

SCENARIO = LESSON / "test_14_redeclare.py"
COUNT = 1
"""Of its scenarios."""


def shown_by_a_terminal(reports: Path, *arguments: str, **environment: str) -> str:
    """Return all that a run writes to a terminal of its own."""
    with terminal_with(reports, SCENARIO, *arguments, measured=False, **environment) as terminal:
        assert terminal.read_to_the_end() == 0, terminal.text
        return terminal.text


def test_a_terminal_gets_progress_and_a_table_in_colour(borrowed: Borrow, tmp_path: Path) -> None:
    shown = shown_by_a_terminal(tmp_path, **borrowed(COUNT))
    assert "[1/1]" in shown
    assert "\x1b[32mpassed" in shown, "the table's outcome is green"
    assert "─" in shown, "its lines are drawn"


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        ((), {"NO_COLOR": "1"}),
        pytest.param(("--color=no",), {}, marks=pytest.mark.thorough),
    ],
)
def test_who_wants_no_colour_gets_none(
    borrowed: Borrow, tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    shown = shown_by_a_terminal(tmp_path, *arguments, **environment, **borrowed(COUNT))
    assert "passed" in shown
    assert not re.search(r"\x1b\[[0-9;]*m", shown)


def test_a_narrow_terminal_gets_lines_broken_between_words(
    borrowed: Borrow, tmp_path: Path
) -> None:
    environment = {"COLUMNS": "80", "NO_COLOR": "1", **borrowed(COUNT)}
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown_by_a_terminal(tmp_path, **environment))
    narrated = shown[shown.rindex("[1/1] L14") :].partition("filaprova ==")[0]
    lines = [line for line in re.split(r"[\r\n]+", narrated) if not LIVE.match(line)]
    assert max(map(len, lines)) <= 80
    [told] = re.findall(r"PASS in [^=]*", " ".join(" ".join(lines).split()))
    assert "accepted as it was: yes; in the queue: 30 messages." in told
