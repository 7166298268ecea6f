"""One broker for many runs, each of them a whole ``pytest scenarios`` in a process of its own.

A boot takes seconds and says nothing about anybody's programs. ``OneBroker`` boots a private server
with a virtual host for every scenario of every run; ``as_a_user`` begins a run as a user would, but
pytest loads this module as a plugin (``-p tests.one_broker``), by which the run examines with that
server instead of booting one. A run that stops the server boots its own.
"""

from __future__ import annotations

import ast
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import pytest

from filaprova.address import Address
from filaprova.brokers.broker import (
    Broker,
    BrokerDescription,
    BrokerSettings,
    Credentials,
    QueueRow,
)
from filaprova.brokers.choose import open_broker
from filaprova.brokers.local import LocalBroker
from filaprova.errors import BadInput
from filaprova.plugin import run as plugin_run
from filaprova.reaper import Reaper
from filaprova.runs.results import RunResult
from filaprova.runs.store import RunFolder
from tests.patience import RUN_S

ROOT = Path(__file__).resolve().parents[1]
LESSON = "scenarios/lesson"
NODE = "FILAPROVA_TEST_NODE"
"""Where a run finds what it has to know of the shared server: a file of ours."""
CURRENT_TEST = "PYTEST_CURRENT_TEST"
VIRTUAL_HOSTS = "FILAPROVA_TEST_VIRTUAL_HOSTS"
"""Those of the shared server that belong to one run, as JSON."""


# ------------------------------------------------------------------ in a run


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """What a run has to know of a server that is not its own."""

    scripts: str
    folder: str
    name: str
    ports: list[int]
    marker: dict[str, str]
    credentials: Credentials
    description: BrokerDescription


class SharedBroker:
    """A server that others use as well: it can be asked, and neither stopped nor killed."""

    def __init__(self, node: Node, virtual_hosts: list[str]) -> None:
        """Take over what its owner wrote down about it."""
        local = self._local = LocalBroker.__new__(LocalBroker)
        local._scripts, local._folder = Path(node.scripts), Path(node.folder)
        local._name, local._ports, local._marker = node.name, node.ports, node.marker
        local._credentials, local._description = node.credentials, node.description
        self.virtual_hosts = virtual_hosts

    @property
    def description(self) -> BrokerDescription:
        """Return what it is."""
        return self._local.description

    @property
    def credentials(self) -> Credentials:
        """Return its only user."""
        return self._local.credentials

    def address(self) -> Address:
        """Return where it answers."""
        return self._local.address()

    def queues(self, virtual_host: str) -> list[QueueRow]:
        """Return the queues of a virtual host."""
        return self._local.queues(virtual_host)

    def queue(self, virtual_host: str, name: str) -> QueueRow | None:
        """Return one queue."""
        return self._local.queue(virtual_host, name)

    def log_tail(self, line_count: int = 200) -> list[str]:
        """Return the last lines of its log, which are about others, too."""
        return self._local.log_tail(line_count)

    def close(self) -> None:
        """Leave it to the others."""


def pytest_configure(config: pytest.Config) -> None:
    """Let this run examine with the shared server, if it is told of one."""
    if NODE not in os.environ:
        return
    shared = SharedBroker(
        msgspec.json.decode(Path(os.environ[NODE]).read_bytes(), type=Node),
        msgspec.json.decode(os.environ[VIRTUAL_HOSTS], type=list[str]),
    )

    def give_it(_: str, *, settings: BrokerSettings, reaper: Reaper) -> Broker:
        assert reaper
        if len(settings.virtual_hosts) > len(shared.virtual_hosts):
            raise BadInput(f"{len(shared.virtual_hosts)} virtual hosts are too few for this run")
        return shared

    patch = pytest.MonkeyPatch()
    patch.setattr(plugin_run, "open_broker", give_it)
    config.add_cleanup(patch.undo)


# ------------------------------------------------------------------ beside the runs


_ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in ("PYTEST_ADDOPTS", CURRENT_TEST) and "COVERAGE" not in name
}
"""As it was at first: pytest puts its current test in and out, while threads here begin runs.

Without coverage, which makes them half as slow again and finds nothing that others do not.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of a run."""

    status: int
    output: str
    result: RunResult | None
    """None: it wrote none."""


class OneBroker:
    """A private server whose virtual hosts are given away, each once."""

    def __init__(self, broker: LocalBroker, folder: Path) -> None:
        """``folder`` is where the server's address is written down."""
        self._free = list(broker.virtual_hosts)
        self._lock = threading.Lock()
        self._node = folder / "node.json"
        node = Node(
            scripts=str(broker._scripts),
            folder=str(broker._folder),
            name=broker._name,
            ports=broker._ports,
            marker=dict(broker._marker),
            credentials=broker.credentials,
            description=broker.description,
        )
        self._node.touch(mode=0o600)
        self._node.write_bytes(msgspec.json.encode(node))

    def given_to(self, scenario_count: int) -> dict[str, str]:
        """Return the environment of a run with so many scenarios, which loads this module."""
        with self._lock:
            given, self._free = self._free[:scenario_count], self._free[scenario_count:]
        assert len(given) == scenario_count, "there are no virtual hosts left"
        return {
            NODE: str(self._node),
            VIRTUAL_HOSTS: msgspec.json.encode(given).decode(),
            "PYTEST_ADDOPTS": f"-p {__name__}",
            # pytest's own script does not look for modules where it is called
            "PYTHONPATH": str(ROOT),
        }


@contextmanager
def one_broker(scenario_count: int) -> Iterator[OneBroker]:
    """Boot a server for runs with so many scenarios together."""
    names = [f"scenario-{number:03d}" for number in range(1, scenario_count + 1)]
    with Reaper() as reaper:
        broker = open_broker("local", settings=BrokerSettings(virtual_hosts=names), reaper=reaper)
        assert isinstance(broker, LocalBroker)
        try:
            yield OneBroker(broker, reaper.scratch)
        finally:
            broker.close()


def as_a_user(
    scenarios: Sequence[str],
    *,
    programs: Path,
    reports: Path,
    seed: str = "7",
    broker: str = "local",
    shared: OneBroker | None = None,
    root: Path = ROOT,
    others: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Ran:
    """Run scenarios, named by their functions, with somebody's programs.

    ``shared`` is for those that stop no server; ``others`` are further arguments of pytest, and
    ``environment`` is what the user has set beside what is set here.
    """
    command = [
        *(".venv/bin/pytest", *(node_id(root, name) for name in scenarios), "-q"),
        *("-p", "no:cacheprovider", "-p", "no:hypothesispytest"),
        *("--seed", seed, "--broker", broker),
        *("--programs", str(programs), "--reports", str(reports), *others),
    ]
    around = _ENVIRONMENT | dict(environment or {})
    if shared is not None:
        around |= shared.given_to(len(scenarios)) | {"PYTHONPATH": str(root)}
    run = subprocess.run(
        command,
        cwd=root,
        env=around,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    result = None
    if (reports / "latest" / "results.json").is_file():
        result = RunFolder.load(reports / "latest").results()
    return Ran(status=run.returncode, output=run.stdout + run.stderr, result=result)


def node_id(root: Path, name: str) -> str:
    """Return pytest's node id of a scenario that is named by its function."""
    path, _ = _found(root, name.partition("[")[0])
    return f"{path.relative_to(root)}::{name}"


def stops_the_server(name: str, root: Path = ROOT) -> bool:
    """Tell whether a scenario stops or kills the server, by what its function says."""
    _, source = _found(root, name.partition("[")[0])
    return ".stop_broker(" in source or ".kill_broker(" in source


@cache
def _found(root: Path, function: str) -> tuple[Path, str]:
    """Return the file and the source of a scenario's function."""
    for path in sorted((root / LESSON).glob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name == function:
                return path, ast.get_source_segment(text, node) or ""
    raise LookupError(f"there is no scenario {function}")
