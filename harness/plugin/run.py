"""Run: begins with the first scenario of a pytest session and ends with the last."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from harness.background import Background
from harness.brokers.broker import BrokerSettings
from harness.brokers.choose import open_broker
from harness.plugin.options import command_of, settings_of
from harness.reaper import Reaper
from harness.report.answers import write_answers
from harness.report.results import RunResult, ScenarioResult
from harness.report.store import RunFolder
from harness.session import Session


class Run:
    """A session with its clock and the results gathered so far."""

    def __init__(self, session: Session, settings: dict[str, str], boot_s: float) -> None:
        self.session = session
        self.results: list[ScenarioResult] = []
        self.boot_s = boot_s
        self._settings = settings
        self._started_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._started = time.monotonic() - boot_s

    def result(self) -> RunResult:
        """Return the results of the run until now."""
        description = self.session.broker.description
        notes = []
        if description.transient_queues != "permitted":
            notes.append(f"transient_queues: {description.transient_queues}")
        return RunResult(
            run=self.session.folder.path.name,
            started_at=self._started_at,
            seconds=time.monotonic() - self._started,
            boot_seconds=self.boot_s,
            seed=self.session.settings.seed,
            broker={k: str(v) for k, v in msgspec.to_builtins(description).items()},
            settings=self._settings,
            notes=notes,
            scenarios=self.results,
        )

    def write(self) -> None:
        """Write results.json and answers.html."""
        result = self.result()
        self.session.folder.write_results(result)
        write_answers(self.session.folder, result)


@contextlib.contextmanager
def open_run(config: pytest.Config, scenario_count: int) -> Iterator[Run]:
    """Boot a broker with one virtual host for each scenario; end and remove everything after.

    Raises ``EnvironmentMissing`` if no broker is to be had, ``BadInput`` for unusable options.
    """
    started = time.monotonic()
    settings = settings_of(config)
    reports: Path = config.getoption("--reports") or config.rootpath / "reports"
    virtual_hosts = [f"scenario-{number:02d}" for number in range(1, scenario_count + 1)]
    with contextlib.ExitStack() as stack:
        folder = RunFolder.create(reports.absolute())
        reaper = stack.enter_context(Reaper())
        background = stack.enter_context(Background())
        broker = open_broker(
            config.getoption("--broker"),
            settings=BrokerSettings(
                virtual_hosts=virtual_hosts,
                config_lines=config.getoption("--broker-config"),
                image=config.getoption("--broker-image"),
                stop_command=command_of(config, "stop"),
                start_command=command_of(config, "start"),
                kill_command=command_of(config, "kill"),
            ),
            reaper=reaper,
        )
        stack.callback(broker.close)
        run = Run(
            Session(
                settings=settings,
                broker=broker,
                background=background,
                reaper=reaper,
                folder=folder,
                free_virtual_hosts=list(broker.virtual_hosts),
            ),
            settings.recorded(),
            time.monotonic() - started,
        )
        try:
            yield run
        finally:
            run.write()


def scenario_items(items: Sequence[pytest.Item]) -> list[pytest.Function]:
    """Return the tests that use the ``scenario`` fixture."""
    return [
        item
        for item in items
        if isinstance(item, pytest.Function) and "scenario" in item.fixturenames
    ]


def in_ci() -> bool:
    """Tell whether a missing power is a failure, not a skip (``CI=true``)."""
    return os.environ.get("CI", "").lower() in ("true", "1")
