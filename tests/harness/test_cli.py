"""The command filaprova, as a real program: what it says and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from filaprova.cli import main
from filaprova.judge.registry import Check
from filaprova.judge.verdict import Outcome, Verdict
from filaprova.record.act import Checkpoint, HistoryOpened
from filaprova.record.event import SCHEMA
from filaprova.record.recorder import Recorder
from filaprova.runs.results import CheckResult, RunResult, ScenarioResult
from filaprova.runs.store import RESULTS, RunFolder
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = PATIENCE_S

WITH_A_CHECKER = """
import runpy
from filaprova.judge.registry import checker
from filaprova.judge.verdict import Outcome, Verdict

@checker
def example_from_the_command_line(history, *, say):
    return Verdict(check="example", outcome=Outcome(say), summary="Judged now.")

runpy.run_module("filaprova", run_name="__main__", alter_sys=True)
"""
"""``python -m filaprova`` in a version that has one more checker."""

UNMEASURED = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
"""To measure takes long, and other tests go through the same in their own process."""


def call(
    *arguments: str | Path, program: tuple[str, ...] = ("-m", "filaprova"), **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *program, *map(os.fspath, arguments)],
        cwd=ROOT,
        env=UNMEASURED | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT_S,
        encoding="utf-8",
        check=False,
    )


def recheck(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return call("recheck", folder, program=("-c", WITH_A_CHECKER), **env)


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Save a run whose checker said ``then`` and says ``now`` when asked again."""

    def saved(then: str = "pass", now: str = "pass", title: str = "A title.") -> Path:
        run = RunFolder.create(tmp_path / "reports")
        folder = run.scenario("a.py::test_b")
        recorder = Recorder(folder.history_path)
        recorder.record(
            HistoryOpened(at_ns=0, schema=SCHEMA, scenario="b", started_at="", seed=1),
            Checkpoint(at_ns=1, name="end"),
        )
        recorder.close()
        outcome = Outcome(then)
        check = CheckResult(
            subject="L05",
            checkpoint="end",
            check=Check(name="example_from_the_command_line", arguments={"say": now}),
            verdict=Verdict(check="example", outcome=outcome, summary="Judged then."),
        )
        result = ScenarioResult(
            id=f"a.py::test_b[{title}]",
            folder=folder.name,
            title=title,
            outcome=outcome,
            checks=[check],
        )
        folder.write_verdict(result)
        run.write_results(
            RunResult(
                run=run.path.name, started_at="", seconds=1, seed=1, broker={}, scenarios=[result]
            )
        )
        return tmp_path / "reports" / "latest"

    return saved


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """Give a folder that this process may not look into, even where tests run as root."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o000)
    if os.geteuid() == 0:
        os.seteuid(65534)
    yield folder
    os.seteuid(os.getuid())
    folder.chmod(0o700)


# ---------------------------------------------------------------- usage


def test_help_tells_commands_examples_and_exit_statuses() -> None:
    done = call("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for text in (
        "usage: filaprova",
        "filaprova lesson --programs mine",
        "filaprova new mine",
        "filaprova recheck reports/latest",
        "filaprova report reports/RUN1 reports/RUN2",
    ):
        assert text in done.stdout


TAKES = {"lesson": "SCENARIO", "new": "DIR", "recheck": "RUN [RUN ...]", "report": "RUN [RUN ...]"}


@pytest.mark.parametrize("command", TAKES)
def test_each_command_has_its_help(command: str) -> None:
    done = call(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert TAKES[command] in done.stdout
    assert "exit status" in done.stdout
    assert ("one of its scenarios" in " ".join(done.stdout.split())) == (command == "recheck")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "required: COMMAND"),
        (("recheck",), "required: RUN"),
        (("report",), "required: RUN"),
        (("judge", "x"), "invalid choice: 'judge'"),
        (("recheck", "a", "--out", "b"), "unrecognized arguments: --out b"),
    ],
)
def test_a_command_that_is_none(arguments: tuple[str, ...], why: str) -> None:
    done = call(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr


# ---------------------------------------------------------------- folders that cannot be used


@pytest.mark.parametrize("command", ["recheck", "report"])
def test_a_bad_folder_is_told_in_one_line(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / RESULTS).write_text("{")
    (tmp_path / "newer").mkdir()
    (tmp_path / "newer" / RESULTS).write_text('{"schema": 99}')
    for name, why in (
        ("nowhere", "there is no folder"),
        ("file", "there is no folder"),
        ("empty", "is not a run's folder: it has no results.json"),
        ("broken", "does not hold the results of a run"),
        ("newer", "schema 99, but this version of Filaprova reads 1"),
        ("bad\x1b[31m\udcff", r"bad\x1b[31m\udcff"),
    ):
        done = call(command, tmp_path / name)
        assert (done.returncode, done.stdout) == (2, "")
        (message,) = done.stderr.splitlines()
        assert message.startswith("error: ")
        assert why in message


@pytest.mark.parametrize("command", ["recheck", "report"])
def test_a_folder_that_cannot_be_looked_into(
    command: str, closed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, str(closed)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert "Permission denied" in captured.err


def test_a_report_needs_results(saved: Callable[..., Path]) -> None:
    folder = saved()
    (folder / RESULTS).unlink()
    done = call("report", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "has no results.json: the run was stopped" in done.stderr
    assert "filaprova recheck " in done.stderr


# ---------------------------------------------------------------- recheck


@pytest.mark.parametrize(
    ("then", "now", "status", "first"),
    [
        ("pass", "pass", 0, "PASS    a.py::test_b[A title.]: 1 check the same"),
        ("fail", "fail", 1, "FAIL    a.py::test_b[A title.]: 1 check the same"),
        ("unknown", "unknown", 1, "UNKNOWN a.py::test_b[A title.]: 1 check the same"),
        (
            "pass",
            "fail",
            1,
            "FAIL    a.py::test_b[A title.]: was PASS; 0 checks the same, 1 changed",
        ),
        (
            "fail",
            "pass",
            1,
            "PASS    a.py::test_b[A title.]: was FAIL; 0 checks the same, 1 changed",
        ),
    ],
)
def test_the_exit_status_tells_how_it_went(
    saved: Callable[..., Path], then: str, now: str, status: int, first: str
) -> None:
    folder = saved(then, now)
    for path in (folder, folder / "a-b"):
        done = recheck(path)
        assert (done.returncode, done.stderr) == (status, "")
        assert done.stdout.splitlines()[0] == first


def test_evidence_that_cannot_be_used_is_status_two(saved: Callable[..., Path]) -> None:
    folder = saved()
    done = call("recheck", folder)
    assert (done.returncode, done.stderr) == (2, "")
    assert "there is no checker 'example_from_the_command_line'" in done.stdout
    (folder / "a-b" / "history.jsonl").write_bytes(b"")
    done = recheck(folder)
    assert (done.returncode, done.stderr) == (2, "")
    assert "not a history" in done.stdout


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_what_a_run_carries_steers_no_terminal(saved: Callable[..., Path], encoding: str) -> None:
    done = recheck(saved(title="ação\x1b[2J\u202e\n"), PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    shown = "ação" if encoding == "utf-8" else r"a\xe7\xe3o"
    assert done.stdout.splitlines()[0] == (
        rf"PASS    a.py::test_b[{shown}\x1b[2J\u202e\x0a]: 1 check the same"
    )
    assert len(done.stdout.splitlines()) == 2


# ---------------------------------------------------------------- report


def test_report_writes_the_page_again(saved: Callable[..., Path]) -> None:
    folder = saved()
    done = call("report", folder)
    assert (done.returncode, done.stderr) == (0, "")
    written = [Path(line) for line in done.stdout.splitlines()]
    assert written == [folder.resolve() / name for name in ("answers.html", "summary.md")]
    page, summary = (path.read_text(encoding="utf-8") for path in written)
    assert "A title." in page
    assert summary.startswith("## Filaprova: ")


def test_report_of_several_runs_writes_a_comparison(
    saved: Callable[..., Path], tmp_path: Path
) -> None:
    runs = [saved().resolve(), saved(then="fail").resolve()]
    done = call("report", *runs, NO_COLOR="1")
    assert (done.returncode, done.stderr) == (0, "")
    page = tmp_path / "reports" / "comparison.html"
    assert done.stdout.splitlines()[-1] == f"comparison: {page.resolve()}"
    assert "another outcome" in done.stdout
    assert done.stdout.isascii(), "a pipe gets plain lines"
    assert page.is_file()
    elsewhere = tmp_path / "elsewhere.html"
    done = call("report", *runs, "--out", elsewhere, "--lesson-language", "pt")
    assert (done.returncode, elsewhere.is_file()) == (0, True)
    assert "outro resultado" in done.stdout


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (("latest", "latest"), "a run cannot be compared with itself"),
        (("latest", "nowhere"), "there is no folder"),
        (("latest", "--out", "x.html"), "--out is for comparisons"),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(
    saved: Callable[..., Path], names: tuple[str, ...], why: str
) -> None:
    reports = saved().parent
    done = call("report", *(name if name[0] == "-" else reports / name for name in names))
    assert (done.returncode, done.stdout) == (2, "")
    (message,) = done.stderr.splitlines()
    assert message.startswith("error: ")
    assert why in message


def test_recheck_of_several_folders_tells_of_those_that_can_be_used(
    saved: Callable[..., Path],
) -> None:
    folder = saved()
    done = call("recheck", folder, folder.parent / "nowhere", program=("-c", WITH_A_CHECKER))
    assert done.returncode == 2
    assert "1 check the same" in done.stdout
    assert done.stderr.startswith("error: there is no folder")
