"""The live line: seen while a scenario is under way, in nobody's way, and gone when it is over."""

from __future__ import annotations

import itertools
import re
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from filaprova.judge.verdict import Outcome
from filaprova.plugin.progress import TAKE_AWAY
from filaprova.runs.store import RunFolder
from tests.harness.plugin.conftest import Borrow
from tests.harness.plugin.runs import FAULTY, Run
from tests.harness.plugin.terminal import terminal_with

SEEN = FAULTY / "seen_live.py"
STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def leave(tmp_path: Path) -> Path:
    """The file that lets a watched scenario go on."""
    return tmp_path / "leave"


def told(lines: Sequence[str]) -> list[str]:
    """Return the lines of the narration, without the times, which differ from run to run."""
    narrated = re.compile(r"\[\d/\d\] |  +\+\d+\.\d+ s  |  [A-Z]+ in \d")
    return [re.sub(r"\d+\.\d+ s", "", line) for line in lines if narrated.match(line)]


def test_the_line_tells_how_far_the_run_is_and_no_told_line_is_lost(
    borrowed: Borrow, begin: Callable[..., Run], tmp_path: Path, leave: Path
) -> None:
    names = [f"{SEEN}::{name}" for name in ("test_first", "test_unknown", "test_watched")]
    with terminal_with(tmp_path, *names, LEAVE=str(leave), **borrowed(3)) as terminal:
        terminal.read_until(lambda: terminal.shows_step("Wait to be seen"), "the step in the line")
        assert re.fullmatch(
            r"\[3/3\] [━╸╺]+ \d:\d\d passed: 1  unknown: 1  failed: 0  Wait to be seen",
            terminal.bottom,
        )
        assert terminal.live_lines == [terminal.bottom], "there is one"
        seen = terminal.bottom
        terminal.read_until(lambda: terminal.bottom != seen, "another second")
        leave.touch()
        assert terminal.read_to_the_end() == 1
        assert terminal.live_lines == []
        assert COLOURS.search(terminal.text)
        after = COLOURS.sub("", terminal.text).rpartition("Wait to be seen")[2]
        assert re.search(r"failed: 0 +\x1b\[K", after), "a step that is over is not shown"
        assert terminal.modes() == terminal.modes_before
    others = {"LEAVE": str(leave), "NO_COLOR": "1", **borrowed(3)}
    piped = begin(*names, "--broker", "local", "--seed", "1", **others)
    assert piped.exit_status == 1
    assert not STEERING.search(piped.output)
    assert told(terminal.lines) == told(piped.output.splitlines())
    assert len(told(terminal.lines)) > 10


def test_whoever_else_writes_finds_the_line_gone(
    borrowed: Borrow, tmp_path: Path, leave: Path
) -> None:
    scenario = f"{SEEN}::test_disturbed"
    with terminal_with(tmp_path, scenario, LEAVE=str(leave), **borrowed(1)) as terminal:
        terminal.read_until(lambda: "written past the capture" in terminal.lines, "the writing")
        assert terminal.live_lines == []
        assert TAKE_AWAY in terminal.text, "it was there before"
        leave.touch()
        terminal.read_until(lambda: terminal.bottom == "(Pdb)", "the debugger")
        assert terminal.live_lines == []
        terminal.type("__import__('time').sleep(0.6)  # the line could be drawn twice\n")
        terminal.type("6 * 7\n")
        terminal.read_until(lambda: "42" in terminal.lines, "the debugger's answer")
        assert terminal.live_lines == []
        leave.unlink()
        terminal.type("c\n")
        terminal.read_until(lambda: terminal.shows_step("Go on after it"), "the line again")
        leave.touch()
        assert terminal.read_to_the_end() == 0
        assert terminal.live_lines == []
        assert "captured output" not in terminal.text


def test_a_step_within_another_gives_way_to_it_again(tmp_path: Path) -> None:
    plugin = ("-p", "tests.harness.plugin.nested")
    with terminal_with(tmp_path, "--collect-only", *plugin, SEEN, NO_COLOR="1") as terminal:
        assert terminal.read_to_the_end() == 0, terminal.text
    drawn = re.findall(r"failed: 0 +(.*?) *\x1b\[K", terminal.text, re.DOTALL)
    shown = [step for step, _ in itertools.groupby(drawn)]
    assert shown == ["", r"Two\x0d\x0alines", "Within", r"Two\x0d\x0alines", ""]


def test_a_test_that_is_no_scenario_has_no_line(borrowed: Borrow, tmp_path: Path) -> None:
    names = [f"{SEEN}::{name}" for name in ("test_first", "test_no_scenario")]
    with terminal_with(tmp_path, *names, **borrowed(1)) as terminal:
        assert terminal.read_to_the_end() == 0, terminal.text
        before, _, after = terminal.text.partition("nothing is examined here")
        assert TAKE_AWAY in before
        assert TAKE_AWAY not in after


def test_an_interruption_leaves_the_terminal_as_it_was(
    borrowed: Borrow, tmp_path: Path, leave: Path
) -> None:
    scenario = f"{SEEN}::test_watched"
    others = {"LEAVE": str(leave), "NO_COLOR": "1", **borrowed(1)}
    with terminal_with(tmp_path, scenario, **others) as terminal:
        terminal.read_until(lambda: terminal.shows_step("Wait to be seen"), "the step in the line")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.read_to_the_end() == 2
        assert terminal.live_lines == []
        assert not terminal.cursor_is_hidden
        assert terminal.modes() == terminal.modes_before
        assert any("KeyboardInterrupt" in line for line in terminal.lines)
        assert not COLOURS.search(terminal.text), "NO_COLOR is respected"


@pytest.mark.parametrize(
    ("moment", "times"),
    [
        ("the live line is drawn", "1"),
        pytest.param("the queue is drained", "1", marks=pytest.mark.thorough),
        pytest.param("the scenario is judged", "2", marks=pytest.mark.thorough),
    ],
)
def test_at_whichever_moment_it_comes(
    borrowed: Borrow, tmp_path: Path, moment: str, times: str
) -> None:
    others = {"MOMENT": moment, "TIMES": times, **borrowed(1)}
    with terminal_with(tmp_path, FAULTY / "interrupted_at.py", **others) as terminal:
        assert terminal.read_to_the_end() == 2, terminal.text
        assert terminal.live_lines == []
        assert terminal.text.count("Traceback") == 0
        assert not terminal.cursor_is_hidden
        [scenario] = RunFolder.load(tmp_path / "latest").results().scenarios
        assert scenario.outcome is Outcome.UNKNOWN


def test_a_killed_run_leaves_a_cursor(borrowed: Borrow, tmp_path: Path, leave: Path) -> None:
    scenario = f"{SEEN}::test_watched"
    with terminal_with(tmp_path, scenario, LEAVE=str(leave), **borrowed(1)) as terminal:
        terminal.read_until(lambda: terminal.shows_step("Wait to be seen"), "the step in the line")
        terminal.process.kill()
        assert terminal.read_to_the_end() == -signal.SIGKILL
        assert not terminal.cursor_is_hidden


def test_what_pytest_says_of_a_failure_is_whole(borrowed: Borrow, tmp_path: Path) -> None:
    options = ("-v", "-x", "--pdb")
    with terminal_with(tmp_path, f"{SEEN}::test_broken", *options, **borrowed(1)) as terminal:
        terminal.read_until(lambda: terminal.bottom == "(Pdb)", "the debugger")
        assert terminal.live_lines == []
        assert TAKE_AWAY in terminal.text, "it was there before"
        assert any(re.search(r"test_broken FAILED +\[100%\]$", line) for line in terminal.lines)
        terminal.type("q\n")
        assert terminal.read_to_the_end() != 0
        assert terminal.live_lines == []
        assert any("assert scenario is None" in line for line in terminal.lines)


@pytest.mark.parametrize(
    ("arguments", "environment", "wanted"),
    [
        ((), {}, True),
        (("-q",), {}, False),
        (("-p", "no:terminal"), {}, False),
        (("--capture=no",), {}, False),
        ((), {"TERM": "dumb"}, False),
        pytest.param(("-v",), {}, True, marks=pytest.mark.thorough),
        pytest.param(("--capture=sys",), {}, False, marks=pytest.mark.thorough),
        pytest.param((), {"CI": "true"}, False, marks=pytest.mark.thorough),
        pytest.param((), {"NO_COLOR": "1"}, True, marks=pytest.mark.thorough),
    ],
)
def test_there_is_a_line_only_where_somebody_can_watch_it(
    tmp_path: Path, arguments: Sequence[str], environment: dict[str, str], wanted: bool
) -> None:
    told = tmp_path / "told"
    with terminal_with(
        tmp_path,
        *("--collect-only", "-p", "tests.harness.plugin.wanted", SEEN, *arguments),
        measured=False,
        TOLD=str(told),
        **environment,
    ) as terminal:
        terminal.read_to_the_end()
        assert told.read_text() == str(wanted), terminal.text
