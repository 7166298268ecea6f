"""Trials: one run for each fault of programs, one virtual host for each fault of a set-up.

Programs are tried as a user would try them, each in a run of its own; those that stop no server
share one. Set-ups are tried in this process, with the lesson's scenarios, since they meddle with
what happens; they share two brokers, the second for those that stop it.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from filaprova.brokers import node
from filaprova.brokers.broker import BrokerSettings, Credentials
from filaprova.brokers.choose import open_broker
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
from tests.one_broker import (
    LESSON,
    ROOT,
    OneBroker,
    as_a_user,
    node_id,
    one_broker,
    stops_the_server,
)

HERE = Path(__file__).resolve().parent
SETTINGS = Settings(seed=20, seconds_per_dot=0.002)
LANES = 3
"""How many runs are under way at any time."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What became of one fault."""

    fault: Fault
    result: ScenarioResult

    @property
    def accused(self) -> dict[str, CheckResult]:
        """The checks that did not pass, by checker."""
        return {
            check.verdict.check: check
            for check in self.result.checks
            if check.verdict.outcome is not Outcome.PASS
        }

    @property
    def story(self) -> str:
        """Why the scenario could not be carried out; empty: it could."""
        return self.result.problem.message if self.result.problem else ""

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


class Gallery:
    """Faults are tried in it, each once."""

    def __init__(
        self,
        shared: OneBroker,
        open_session: Callable[[Sequence[Fault]], Session],
        lanes: ThreadPoolExecutor,
        folder: Path,
    ) -> None:
        self._shared = shared
        self._open_session = open_session
        self._lanes = lanes
        self._folder = folder
        self._sessions: dict[bool, Session] = {}
        self._trials: dict[str, Future[Trial]] = {}

    def begin(self, faults: Sequence[Fault]) -> None:
        """Begin to try those of these that need nobody's attention; return at once."""
        for fault in faults:
            if fault.is_of_programs and fault.name not in self._trials:
                self._trials[fault.name] = self._lanes.submit(self._run, fault)

    def trial(self, fault: Fault) -> Trial:
        """Try a fault, unless that was done before."""
        self.begin([fault])
        if fault.name not in self._trials:
            self._trials[fault.name] = Future()
            self._trials[fault.name].set_result(self._meddle(fault))
        return self._trials[fault.name].result()

    # ------------------------------------------------------------------ as a user would

    def _run(self, fault: Fault) -> Trial:
        folder = self._folder / fault.name.replace(" ", "-")
        run = as_a_user(
            [fault.scenario],
            programs=programs_of(fault, folder / "programs"),
            reports=folder / "reports",
            seed=str(SETTINGS.seed),
            shared=None if stops_the_server(fault.scenario) else self._shared,
        )
        if run.result is None:
            raise AssertionError(f"{fault.name}: the run left no result:\n{run.output}")
        [result] = run.result.scenarios
        assert (run.status == 0) == (result.outcome is Outcome.PASS), run.output
        return Trial(fault=fault, result=result)

    # ------------------------------------------------------------------ from within

    def _meddle(self, fault: Fault) -> Trial:
        session = replace(
            self._session(stops=stops_the_server(fault.scenario)),
            settings=SETTINGS,
            free_virtual_hosts=[fault.name],
        )
        folder = session.folder.scenario(f"{fault.name}.py::{fault.name}")
        director = Director(session, fault)
        scenario = Scenario(
            session,
            folder,
            name=fault.name,
            programs=ROOT / LESSON / "programs",
            narrator=director,
        )
        director.scenario = scenario
        body = body_of(fault.scenario)
        error = None
        with pytest.MonkeyPatch.context() as patch:
            try:
                if fault.meddle is not None:
                    fault.meddle(session, patch)
                with director.undo:
                    body(scenario)
            except Exception as raised:
                error = raised
            labels = Labels(
                node_id=fault.name,
                file=Path(inspect.getfile(body.func)),
                title=fault.wrong,
                variant="",
                subjects=[],
            )
            result = conclude(scenario, folder, labels, error=error, broker_log=list)
        return Trial(fault=fault, result=result)

    def _session(self, *, stops: bool) -> Session:
        """Return the session of those that stop the server, or of the others."""
        if stops not in self._sessions:
            self._sessions[stops] = self._open_session(
                [
                    fault
                    for fault in FAULTS
                    if not fault.is_of_programs and stops_the_server(fault.scenario) is stops
                ]
            )
        return self._sessions[stops]


def programs_of(fault: Fault, folder: Path) -> Path:
    """Make a folder for ``--programs``: those that are wrong, by the lesson's names."""
    folder.mkdir(parents=True)
    for name, replacement in fault.programs.items():
        shutil.copy(HERE / replacement, folder / name)
        for common in ("workers/worker.py", "publishers/publisher.py"):  # what they import
            if Path(common).parent == Path(replacement).parent:
                shutil.copy(HERE / common, folder)
    return folder


def body_of(name: str) -> partial[None]:
    """Return a scenario's function with the arguments of its variant."""
    function_name, _, variant = name.rstrip("]").partition("[")
    path = Path(node_id(ROOT, name).partition("::")[0])
    module = importlib.import_module(".".join(path.with_suffix("").parts))
    function = getattr(module, function_name)
    for mark in getattr(function, "pytestmark", []):
        if mark.name == "parametrize":
            names, values = mark.args
            names = [each.strip() for each in names.split(",")] if isinstance(names, str) else names
            ids = mark.kwargs.get("ids") or [str(value) for value in values]
            value = values[list(ids).index(variant)]
            return partial(
                function, **dict(zip(names, value if len(names) > 1 else [value], strict=True))
            )
    return partial(function)


@contextlib.contextmanager
def open_gallery(folder: Path) -> Iterator[Gallery]:
    """Give a gallery that boots its local brokers when they are needed.

    Those of set-ups have a virtual host for each fault, some with a policy of their own.
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
            for fault in FAULTS
            if fault.policy and fault.name in virtual_hosts
        ]
        return {**plain(credentials, virtual_hosts), "policies": policies}

    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(node, "_definitions", definitions)
        reaper = stack.enter_context(Reaper())
        background = stack.enter_context(Background())
        run_folder = RunFolder.create(folder / "reports")
        sharing = [
            fault
            for fault in (*FAULTS, *HONEST)
            if fault.is_of_programs and not stops_the_server(fault.scenario)
        ]
        shared = stack.enter_context(one_broker(len(sharing)))
        lanes = ThreadPoolExecutor(LANES)
        stack.callback(lanes.shutdown, cancel_futures=True)

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

        yield Gallery(shared, open_session, lanes, folder)
