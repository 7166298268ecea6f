"""A run that is killed with SIGKILL, at any moment, leaves nothing behind.

Real runs of a scenario, on both backends, killed at ten moments of their lives. A moment is an
event: something that the run has made is there, or a line of its narration. Most moments are a part
of ``make thorough`` only. How many seconds it takes until all is gone is measured by
``benchmarks/killed.py``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import psutil
import pytest

from filaprova.brokers.container import find_engine
from filaprova.brokers.local import find_scripts
from filaprova.errors import TimedOut
from filaprova.waiting import wait_until
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "scenarios/lesson/test_05_automatic_acknowledgement.py"
IMAGE = "rabbitmq:4.3.6"

MADE = ["its folder", "its server", "its server's port"]
SAID = [
    "ready in",
    "subscribed",
    "published 20 tasks",
    "stand still in the middle of a task",
    "strike: C1 killed",
    "Start the two again",
    "PASS in",
]
WITH_WORKERS = SAID[1:4]
EACH_TIME = ["its server", "strike: C1 killed"]
BACKENDS = {
    "local": lambda: find_scripts() is not None,
    "container": lambda: (engine := find_engine()) is not None and bool(engine.images.list(IMAGE)),
}


class Run:
    """A run of the lesson's fifth exercise, with folders of its own for all it may write to."""

    def __init__(self, backend: str, folder: Path) -> None:
        self.backend = backend
        self.temporary, self.home, self.here = (folder / n for n in ("temporary", "home", "here"))
        for each in (self.temporary, self.home, self.here):
            each.mkdir()
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST_", "FILAPROVA_", "COVERAGE_"))
        }
        self.popen = subprocess.Popen(
            [
                *(sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml")),
                *("-p", "no:cacheprovider", "-p", "no:hypothesispytest"),
                *(str(SCENARIO), "-k", "kill"),
                *("--broker", backend, "--reports", f"{folder}/reports"),
                *(("--broker-image", IMAGE) if backend == "container" else ()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.here,
            env=inherited | {"TMPDIR": str(self.temporary), "HOME": str(self.home)},
            start_new_session=True,
        )
        self.id = ""

    def wait_for(self, moment: str) -> None:
        """Return at this moment of the run's life, and let it stand still there.

        Those of ``MADE`` come before those said. To look for a server takes long on a busy machine,
        and a run that is not waited for goes on meanwhile.
        """
        there: dict[str, Callable[[], object]] = {
            "its folder": lambda: list(self.temporary.glob("filaprova-*")),
            "its server": lambda: self.containers() or self.servers(),
            "its server's port": self.server_ports,
        }
        for made in MADE if moment in MADE else MADE[:1]:
            wait_until(
                lambda made=made: there[made]() or self.popen.poll() is not None,
                what=made,
                timeout_s=PATIENCE_S,
                every_s=0.002,
            )
            assert self.popen.poll() is None, self.popen.communicate()[0].decode()
            [scratch] = self.temporary.glob("filaprova-*")
            self.id = scratch.name.removeprefix("filaprova-")
            if made == moment:
                self.popen.send_signal(signal.SIGSTOP)
                return
        said = []
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            said.append(line.decode())
            if moment in said[-1]:
                self.popen.send_signal(signal.SIGSTOP)
                return
        raise AssertionError(f"the run ended before it said {moment!r}:\n{''.join(said)}")

    def kill(self) -> None:
        os.kill(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def close(self) -> None:
        if self.popen.poll() is None:
            self.kill()
        assert self.popen.stdout is not None
        self.popen.stdout.close()

    # ------------------------------------------------------------------ what there is of it

    def traces(self) -> list[str]:
        """Return what is there of the run but for its reports and itself."""
        files = [
            os.path.join(folder, name)
            for top in (self.temporary, self.home, self.here)
            for folder, folders, names in os.walk(top)  # unlike rglob, at ease with what just goes
            for name in folders + names
        ]
        return [
            *(f"process {process.pid} {process.info['name']}" for process in self.processes()),
            *(f"container {container.name}" for container in self.containers()),
            *(f"volume {volume.name}" for volume in self.volumes()),
            *(f"file {path}" for path in files),
        ]

    def processes(self) -> list[psutil.Process]:
        """Return those with the run's marker in their environment, or with its folder."""
        found = []
        for process in psutil.process_iter(["environ", "name"]):
            environment = process.info["environ"] or {}
            if process.pid != self.popen.pid and (
                environment.get("FILAPROVA_RUN") == (self.id or "unknown")
                or environment.get("TMPDIR", "").startswith(str(self.temporary))
            ):
                found.append(process)
        return found

    def servers(self) -> list[psutil.Process]:
        return [process for process in self.processes() if process.info["name"] == "beam.smp"]

    def containers(self) -> list[Any]:
        return engines_own("containers", self.id) if self.backend == "container" else []

    def volumes(self) -> list[Any]:
        return engines_own("volumes", self.id) if self.backend == "container" else []

    def server_ports(self) -> set[int]:
        """Return the ports at which the server listens, or the engine does for it."""
        if self.backend == "container":
            published = [
                port
                for container in self.containers()
                for ports in container.attrs["NetworkSettings"]["Ports"].values()
                for port in ports or ()
            ]
            return {int(port["HostPort"]) for port in published}
        return listening_ports({process.pid for process in self.servers()})


def engines_own(kind: str, run_id: str) -> list[Any]:
    engine = docker.from_env()
    its_own = {"label": f"filaprova.run={run_id}"}
    if kind == "volumes":
        return engine.volumes.list(filters=its_own)
    return engine.containers.list(all=True, filters=its_own, ignore_removed=True)


def listening_ports(pids: set[int] | None = None) -> set[int]:
    return {
        connection.laddr.port
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and (pids is None or connection.pid in pids)
    }


@pytest.fixture
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Run]:
    backend: str = request.param
    if not BACKENDS[backend]():
        why = f"there is no {backend} broker on this machine"
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(f"{why}; with CI=true no backend may be missing")
        pytest.skip(why)
    run = Run(backend, tmp_path)
    yield run
    run.close()


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(each, marks=[] if each in EACH_TIME else [pytest.mark.thorough])
        for each in (*MADE, *SAID)
    ],
)
@pytest.mark.parametrize("run", BACKENDS, indirect=True)
def test_a_killed_run_leaves_nothing(run: Run, moment: str) -> None:
    run.wait_for(moment)
    ours = {run.popen.pid, *(process.pid for process in run.processes())}
    ports = listening_ports(ours) | run.server_ports()
    was_there = run.traces()
    run.kill()
    try:
        wait_until(
            lambda: not run.traces() and not ports & listening_ports(),
            what="everything to be gone",
            timeout_s=PATIENCE_S,
        )
    except TimedOut:
        pytest.fail(
            f"still there: {run.traces()}, "
            f"ports {ports & listening_ports()}; at the kill there was: {was_there}"
        )
    assert len(was_there) >= 2, "the sidecar and its folder, at least"
    if moment in WITH_WORKERS:
        assert len(ports) >= 4, "the broker's and those of three taps, at least"
        assert sum("python" in trace for trace in was_there) >= 4, "the sidecar and three workers"
