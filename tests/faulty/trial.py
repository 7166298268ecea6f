"""Trials: one virtual host and one scenario for each fault.

They share two brokers, the second for those that stop it: the fewer virtual hosts a broker has, the
sooner it is up again. Those that need a stop and nothing else that is special share it as well.
"""

from __future__ import annotations

import contextlib
import inspect
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from filaprova.brokers import node
from filaprova.brokers.broker import BrokerSettings, Credentials, Restartable, StopReport
from filaprova.brokers.choose import open_broker
from filaprova.errors import ProgramFailed, TimedOut
from filaprova.judge.verdict import Outcome
from filaprova.plugin.conclusion import conclude
from filaprova.plugin.labels import Labels
from filaprova.reaper import Reaper
from filaprova.record.observer import Background
from filaprova.runs.results import CheckResult, ScenarioResult
from filaprova.runs.session import Session, Settings
from filaprova.runs.store import RunFolder
from filaprova.scenario import Scenario
from tests.faulty.gallery import FAULTS, HONEST, Fault

HERE = Path(__file__).resolve().parent
LESSON_PROGRAMS = HERE.parent.parent / "scenarios/lesson/programs"
SETTINGS = Settings(seed=20, seconds_per_dot=0.002)
STOP_LIMIT_S = 60.0
QUIET_S = 1.0
"""When nothing has happened for so long, a wait that is known to be in vain gives up."""


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
        """Undoes what was done aside."""
        self._session = session
        self._fault = fault

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        if self._fault.until_step and title.startswith(self._fault.until_step):
            self.undo.close()
        moment, act = self._fault.at_step or ("", None)
        if act is not None and title.startswith(moment):
            assert self.scenario is not None
            undo = act(self._session, self.scenario)
            if undo is not None:
                self.undo.callback(undo)
        yield

    def tell(self, seconds: float, role: str, text: str) -> None:
        """Hear nothing."""


class SharedBroker:
    """A broker that is stopped and started when all the scenarios that share it want it to be."""

    def __init__(self, broker: Restartable, sharing_count: int) -> None:
        self._broker = broker
        self._all_want_it = threading.Barrier(sharing_count, timeout=STOP_LIMIT_S)
        self._all_have_it = threading.Barrier(sharing_count, timeout=STOP_LIMIT_S)
        self._report: StopReport | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    def stop(self) -> StopReport:
        """Stop it once for all."""
        if self._all_want_it.wait() == 0:
            self._report = self._broker.stop()
        self._all_have_it.wait()
        assert self._report is not None
        return self._report

    def start(self) -> None:
        """Start it once for all."""
        if self._all_want_it.wait() == 0:
            self._broker.start()
        self._all_have_it.wait()


class Gallery:
    """Open sessions in which faults can be tried, each once."""

    def __init__(self, open_session: Callable[[Sequence[Fault]], Session], folder: Path) -> None:
        self._open_session = open_session
        self._folder = folder
        self._sessions: dict[bool, Session] = {}
        self._trials: dict[str, Trial] = {}

    def trial(self, fault: Fault) -> Trial:
        """Try a fault, unless that was done before."""
        if fault.name not in self._trials:
            session = self._session(stops_the_server=fault.stops_the_server)
            if fault.shares_its_stop:
                self._try_together(session, [other for other in FAULTS if other.shares_its_stop])
            else:
                self._trials[fault.name] = self._try(fault, session)
        return self._trials[fault.name]

    def _session(self, *, stops_the_server: bool) -> Session:
        """Return the session of those that stop the server, or of the others."""
        if stops_the_server not in self._sessions:
            faults = [f for f in (*HONEST, *FAULTS) if f.stops_the_server is stops_the_server]
            self._sessions[stops_the_server] = self._open_session(faults)
        return self._sessions[stops_the_server]

    def _try_together(self, session: Session, faults: Sequence[Fault]) -> None:
        broker: Any = SharedBroker(session.broker, len(faults))  # type: ignore[arg-type]
        shared = replace(session, broker=broker)
        with ThreadPoolExecutor(len(faults)) as pool:
            trials = pool.map(lambda fault: self._try(fault, shared), faults)
        self._trials |= {trial.fault.name: trial for trial in trials}

    def _try(self, fault: Fault, shared: Session) -> Trial:
        session = replace(
            shared,
            settings=replace(SETTINGS, programs=self._programs(fault)),
            free_virtual_hosts=[fault.name],
        )
        with pytest.MonkeyPatch.context() as patch:
            return self._examine(fault, session, patch)

    def _examine(self, fault: Fault, session: Session, patch: pytest.MonkeyPatch) -> Trial:
        folder = session.folder.scenario(f"{fault.name}.py::{fault.name}")
        director = Director(session, fault)
        scenario = Scenario(
            session, folder, name=fault.name, programs=LESSON_PROGRAMS, narrator=director
        )
        director.scenario = scenario
        if fault.in_vain:
            word = getattr(Scenario, fault.in_vain)
            patch.setattr(Scenario, fault.in_vain, _impatient(word, session, fault))
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


def _impatient(word: Callable[..., Any], session: Session, fault: Fault) -> Callable[..., Any]:
    """Return a word of a scenario that gives up as soon as nothing moves any more."""

    def until_quiet(scenario: Scenario, *arguments: object, **others: object) -> object:
        patient = session.settings
        session.settings = replace(patient, wait_s=QUIET_S)
        deadline = time.monotonic() + patient.wait_s
        try:
            while True:
                seen_count = len(scenario._stage.recorder)
                try:
                    return word(scenario, *arguments, **others)
                except (TimedOut, ProgramFailed):
                    moves = len(scenario._stage.recorder) > seen_count
                    if moves and time.monotonic() < deadline:
                        continue
                    if fault.goes_on:
                        return None
                    raise
        finally:
            session.settings = patient

    return until_quiet


@contextlib.contextmanager
def open_gallery(folder: Path) -> Iterator[Gallery]:
    """Give a gallery that boots its local brokers when they are needed.

    Each has a virtual host for each fault, some with a policy of their own.
    """
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
            for fault in (*HONEST, *FAULTS)
            if fault.policy and fault.name in virtual_hosts
        ]
        return {**plain(credentials, virtual_hosts), "policies": policies}

    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(node, "_definitions", definitions)
        reaper = stack.enter_context(Reaper())
        background = stack.enter_context(Background())
        run_folder = RunFolder.create(folder / "reports")
        (folder / "programs").mkdir()

        def open_session(faults: Sequence[Fault]) -> Session:
            settings = BrokerSettings(virtual_hosts=[fault.name for fault in faults])
            broker = open_broker("local", settings=settings, reaper=reaper)
            stack.callback(broker.close)
            return Session(
                settings=SETTINGS,
                broker=broker,
                background=background,
                reaper=reaper,
                folder=run_folder,
            )

        yield Gallery(open_session, folder / "programs")
