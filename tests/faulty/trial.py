"""Trials: one broker for the whole gallery, one virtual host and one scenario for each fault."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from harness.background import Background
from harness.brokers import node
from harness.brokers.broker import BrokerSettings, Credentials
from harness.brokers.choose import open_broker
from harness.errors import ProgramFailed, TimedOut
from harness.plugin.conclusion import conclude
from harness.plugin.labels import Labels
from harness.reaper import Reaper
from harness.report.results import CheckResult, ScenarioResult
from harness.report.store import RunFolder
from harness.scenario import Scenario
from harness.session import Session, Settings
from harness.verdict import Outcome
from tests.faulty.gallery import FAULTS, HONEST, Fault

HERE = Path(__file__).resolve().parent
LESSON_PROGRAMS = HERE.parent.parent / "scenarios/lesson/programs"
SETTINGS = Settings(seed=20, seconds_per_dot=0.002)
WAITS = [name for name in vars(Scenario) if name.startswith("wait_")]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What became of one fault."""

    fault: Fault
    result: ScenarioResult
    error: BaseException | None
    """What the scenario raised, if anything."""

    @property
    def accused(self) -> dict[str, CheckResult]:
        """The checks that did not pass, by checker."""
        return {
            check.verdict.check: check
            for check in self.result.checks
            if check.verdict.outcome is not Outcome.PASS
        }

    @property
    def told(self) -> str:
        """All that is said of it, in full."""
        lines = [f"{self.result.outcome} {self.result.problem or ''}"]
        lines += [
            f"{v.outcome} {check.subject} {v.check}: {v.summary} (at fault: {v.blame})"
            for check in self.result.checks
            if (v := check.verdict).outcome is not Outcome.PASS
        ]
        return "\n".join(lines)


class Director:
    """Told what the scenario does; meddles at the right moment. Narrates nothing."""

    def __init__(self, session: Session, fault: Fault) -> None:
        self.scenario: Scenario | None = None
        self.undo = contextlib.ExitStack()
        self._session = session
        self._fault = fault

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        moment, act = self._fault.at_step or ("", None)
        if act is not None and title.startswith(moment):
            assert self.scenario is not None
            undo = act(self._session, self.scenario)
            if undo is not None:
                self.undo.callback(undo)
        yield

    def tell(self, seconds: float, role: str, text: str) -> None:
        """From the first task on there is nothing more that takes long."""
        del seconds
        if (role == self._fault.hurry_after and "subscribed" in text) or role == "producer":
            self._session.settings = replace(self._session.settings, wait_s=self._fault.wait_s)


class Gallery:
    """An open session in which faults can be tried, each once."""

    def __init__(self, session: Session, folder: Path) -> None:
        self._session = session
        self._folder = folder
        self._trials: dict[str, Trial] = {}

    def trial(self, fault: Fault) -> Trial:
        """Try a fault, unless that was done before."""
        if fault.name not in self._trials:
            with pytest.MonkeyPatch.context() as patch:
                self._trials[fault.name] = self._try(fault, patch)
        return self._trials[fault.name]

    def _try(self, fault: Fault, patch: pytest.MonkeyPatch) -> Trial:
        session = self._session
        session.free_virtual_hosts.insert(0, fault.name)
        session.settings = replace(SETTINGS, programs=self._programs(fault))
        folder = session.folder.scenario(f"{fault.name}.py::{fault.name}")
        director = Director(session, fault)
        scenario = Scenario(
            session, folder, name=fault.name, programs=LESSON_PROGRAMS, narrator=director
        )
        director.scenario = scenario
        if fault.goes_on:
            for name in WAITS:
                patch.setattr(Scenario, name, _gives_up(getattr(Scenario, name)))
        error = None
        try:
            if fault.meddle is not None:
                fault.meddle(session, patch)
            with director.undo:
                fault.scenario(scenario)
        except Exception as raised:
            error = raised
        function = inspect.unwrap(getattr(fault.scenario, "func", fault.scenario))
        result = conclude(
            scenario,
            folder,
            Labels(
                node_id=fault.name,
                file=Path(inspect.getfile(function)),
                title=fault.wrong,
                variant="",
                subjects=[],
            ),
            error=error,
            broker_log=list,
        )
        return Trial(fault=fault, result=result, error=error)

    def _programs(self, fault: Fault) -> Path:
        folder = self._folder / fault.name
        folder.mkdir()
        for name, replacement in fault.programs.items():
            (folder / name).symlink_to(HERE / replacement)
        return folder


def _gives_up(wait: Callable[..., Any]) -> Callable[..., Any]:
    """Return a wait that lets the scenario go on when it was in vain."""

    def patient(*arguments: object, **others: object) -> object:
        try:
            return wait(*arguments, **others)
        except (TimedOut, ProgramFailed):
            return None

    return patient


@contextlib.contextmanager
def open_gallery(folder: Path) -> Iterator[Gallery]:
    """Boot a local broker with a virtual host for each fault, some with a policy of their own."""
    faults = [*HONEST, *FAULTS]
    plain = node._definitions

    def definitions(credentials: Credentials, virtual_hosts: Sequence[str]) -> dict[str, object]:
        policies = [
            {
                "vhost": fault.name,
                "name": "spoiled",
                "pattern": ".*",
                "apply-to": "queues",
                "definition": fault.policy,
                "priority": 0,
            }
            for fault in faults
            if fault.policy
        ]
        return {**plain(credentials, virtual_hosts), "policies": policies}

    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(node, "_definitions", definitions)
        reaper = stack.enter_context(Reaper())
        background = stack.enter_context(Background())
        settings = BrokerSettings(virtual_hosts=[fault.name for fault in faults])
        broker = open_broker("local", settings=settings, reaper=reaper)
        stack.callback(broker.close)
        (folder / "programs").mkdir()
        yield Gallery(
            Session(
                settings=SETTINGS,
                broker=broker,
                background=background,
                reaper=reaper,
                folder=RunFolder.create(folder / "reports"),
            ),
            folder / "programs",
        )
