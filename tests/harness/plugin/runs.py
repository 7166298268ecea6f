"""Runs of pytest with scenarios: real ones, in processes of their own, on a local broker."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import docker
import psutil
import pytest

from filaprova.judge.verdict import Outcome, Verdict
from filaprova.record.event import Event
from filaprova.record.history import History
from filaprova.runs.results import Problem, RunResult, ScenarioResult
from filaprova.runs.store import RunFolder, ScenarioFolder
from filaprova.waiting import wait_until
from tests.patience import PATIENCE_S, RUN_S

ROOT = Path(__file__).resolve().parents[3]
FAULTY = ROOT / "tests/faulty"
LESSON = ROOT / "scenarios/lesson"
MARK = "FILAPROVA_TEST_MARK"
"""In the environment of whatever a run starts, so that what it leaves behind is found."""

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A scenario that a run has carried out."""

    result: ScenarioResult
    folder: ScenarioFolder | None

    @property
    def outcome(self) -> Outcome:
        return self.result.outcome

    @property
    def problem(self) -> Problem:
        assert self.result.problem is not None
        return self.result.problem

    def verdict(self, check: str) -> Verdict:
        [verdict] = [c.verdict for c in self.result.checks if c.check.name == check]
        return verdict

    def events(self, kind: type[E]) -> list[E]:
        assert self.folder is not None
        return History.load(self.folder.history_path).of(kind)


class Run:
    """One run of pytest, begun when it is made."""

    def __init__(
        self,
        folder: Path,
        *arguments: str | Path,
        cwd: Path = ROOT,
        module: str = "pytest",
        measured: bool = True,
        **environment: str,
    ) -> None:
        """Begin it.

        ``module`` is what takes pytest's arguments and runs it. Lines that other runs go through
        as well need not be measured, which makes a run half as long again.
        """
        self.cwd = cwd
        self.reports = folder / "reports"
        self.temporary = folder / "temporary"
        self.temporary.mkdir(parents=True)
        self.mark = secrets.token_hex(8)
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in ("CI", "PYTEST_ADDOPTS")
            and not name.startswith("FILAPROVA")
            and (measured or "COVERAGE" not in name)
        }
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", module, "-p", "no:cacheprovider"),
                *("-p", "no:hypothesispytest"),  # which takes half a second to import
                *("-p", "filaprova.plugin.short"),
                *("--reports", str(self.reports)),
                *(str(argument) for argument in arguments),
            ],
            cwd=cwd,
            env={
                **inherited,
                **environment,
                MARK: self.mark,
                "TMPDIR": str(self.temporary),
                "COLUMNS": "200",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._read: list[str] = []

    def read_until(self, text: str) -> None:
        """Return when a line with this text has been printed."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._read.append(line)
            if text in line:
                return
        pytest.fail(f"{text!r} was never printed:\n{''.join(self._read)}")

    def send(self, how: signal.Signals) -> None:
        self.process.send_signal(how)

    @cached_property
    def output(self) -> str:
        """All that it has printed, once it has ended."""
        rest, _ = self.process.communicate(timeout=RUN_S)
        return "".join(self._read) + rest

    @property
    def exit_status(self) -> int:
        assert self.output is not None
        return self.process.returncode

    @cached_property
    def result(self) -> RunResult:
        assert self.output
        return self.run_folder.results()

    @property
    def run_folder(self) -> RunFolder:
        return RunFolder.load(self.reports / "latest")

    @cached_property
    def scenarios(self) -> dict[str, Ran]:
        """What was carried out, by the name of the test with its variant."""
        return {
            item.id.partition("::")[2]: Ran(
                result=item,
                folder=self.run_folder.scenario_folder(item) if item.folder else None,
            )
            for item in self.result.scenarios
        }

    @cached_property
    def id(self) -> str:
        """The number of a run that goes on, as soon as it has one."""
        [scratch] = wait_until(
            lambda: list(self.temporary.glob("filaprova-*")),
            what="its folder",
            timeout_s=PATIENCE_S,
        )
        return scratch.name.removeprefix("filaprova-")

    def processes(self) -> list[psutil.Process]:
        """Return the run's own process and all that it has started."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def left_behind(self) -> list[str]:
        """Return what is there of an ended run but for its reports."""
        assert self.output is not None
        left = [str(path) for path in self.temporary.iterdir()]
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):  # that one has just gone
                left.append(f"process {process.pid} {process.name()}")
        return left

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(MARK) == self.mark
        except (psutil.Error, OSError):
            return False

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def containers_of(run_id: str) -> list[Any]:
    """Return what there is in the machine's engine of a run."""
    return docker.from_env().containers.list(
        all=True, filters={"label": f"filaprova.run={run_id}"}, ignore_removed=True
    )
