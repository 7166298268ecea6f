"""What makes a run's life hard: a busy machine, a broker that stands still, a slow disk."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from docker.errors import NotFound

from filaprova.brokers.container import LABEL, find_engine

BURN = "while True: pass"
SCRATCH_DISK = """
import os, sys
with open(sys.argv[1], "wb", buffering=0) as file:
    while True:
        file.seek(0)
        file.write(os.urandom(1 << 20) * 16)
        os.fsync(file.fileno())
"""
HOLD_MEMORY = """
import sys
held = bytearray(int(sys.argv[1]))
while True:
    for offset in range(0, len(held), 4096):
        held[offset] = (held[offset] + 1) % 256
"""
MEMORY_BYTES = 4 << 30
RUNS_BETWEEN_STOPS_S = (0.5, 4.0)
STOPPED_S = (0.5, 1.5)
SLOW_WRITES_PER_S = 60
SLOW_BYTES_PER_S = 2 << 20
"""About what a busy old hard disk does."""
LOOK_EVERY_S = 0.2
BLOCK_LIMITS = Path("/sys/fs/cgroup/blkio")
"""Control groups version 1, where writes of a group of processes can be limited."""

KINDS = ("quiet", "cpu", "disk", "memory", "stopped", "slow-disk")


def why_not(kind: str) -> str | None:
    """Return why this pressure is not possible on this machine; None: it is."""
    if kind != "slow-disk":
        return None
    if not (BLOCK_LIMITS / "blkio.throttle.write_iops_device").exists():
        return f"there is no {BLOCK_LIMITS} (control groups version 1) to limit writes with"
    if not os.access(BLOCK_LIMITS, os.W_OK):
        return f"{BLOCK_LIMITS} cannot be written to; root can"
    if not _disks():
        return "what brokers write does not go to a disk of its own number"
    return None


@dataclass
class Effect:
    """How often a pressure has taken hold: one that never did was none."""

    count: int = 0


@contextlib.contextmanager
def pressure(kind: str, run: subprocess.Popen[bytes], seed: int) -> Iterator[Effect]:
    """Keep up a pressure on a run, which has just been started, while the body runs."""
    effect = Effect()
    with contextlib.ExitStack() as stack:
        match kind:
            case "quiet":
                pass
            case "cpu":
                for _ in range(os.cpu_count() or 2):
                    stack.enter_context(_busy(effect, BURN))
            case "disk":
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                stack.enter_context(_busy(effect, SCRATCH_DISK, f"{folder}/scratch"))
            case "memory":
                stack.enter_context(_busy(effect, HOLD_MEMORY, str(MEMORY_BYTES)))
            case "stopped":
                stack.enter_context(
                    _meanwhile(lambda end: _stop_and_continue(effect, run, seed, end))
                )
            case "slow-disk":
                stack.enter_context(_slow_disk(effect, run))
            case _:
                raise ValueError(f"there is no pressure {kind!r}: {', '.join(KINDS)}")
        yield effect


@contextlib.contextmanager
def _busy(effect: Effect, *program: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", *program], start_new_session=True)
    try:
        yield
    finally:
        effect.count += process.poll() is None
        process.kill()
        process.wait()


@contextlib.contextmanager
def _meanwhile(act: Callable[[threading.Event], None]) -> Iterator[None]:
    """Run ``act`` in a thread; its event is set when the body has ended. Raise what it raised."""
    end = threading.Event()
    failed: list[Exception] = []

    def body() -> None:
        try:
            act(end)
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
    if failed:
        raise failed[0]


def _stop_and_continue(
    effect: Effect, run: subprocess.Popen[bytes], seed: int, end: threading.Event
) -> None:
    """Freeze the run's broker again and again, at moments and for times that the seed chooses."""
    chance = random.Random(seed)
    while not end.wait(chance.uniform(*RUNS_BETWEEN_STOPS_S)):
        servers = servers_of(run)
        for server in servers:
            effect.count += _send(server, signal.SIGSTOP)
        end.wait(chance.uniform(*STOPPED_S))
        for server in servers:
            _send(server, signal.SIGCONT)


def servers_of(run: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return the processes of the brokers that this run has started and that run now."""
    with contextlib.suppress(psutil.Error):
        children = psutil.Process(run.pid).children()
        commands = {}
        for child in children:
            with contextlib.suppress(psutil.Error):
                commands[child] = child.cmdline()
        local = [each for each, command in commands.items() if "rabbit boot" in " ".join(command)]
        ids = [
            command[index + 1]
            for command in commands.values()
            for index, word in enumerate(command[:-1])
            if word.endswith("/reaper/sidecar.py")
        ]
        return [*local, *(server for each in ids for server in _containers(each))]
    return []


def _containers(run_id: str) -> Iterator[psutil.Process]:
    engine = find_engine()
    if engine is None:
        return
    with contextlib.closing(engine):
        for container in engine.api.containers(filters={"label": f"{LABEL}={run_id}"}):
            with contextlib.suppress(NotFound, psutil.Error):  # gone meanwhile
                if pid := engine.api.inspect_container(container["Id"])["State"]["Pid"]:
                    yield psutil.Process(pid)


def _send(server: psutil.Process, what: signal.Signals) -> bool:
    try:
        server.send_signal(what)
    except psutil.Error:  # ended meanwhile
        return False
    return True


@contextlib.contextmanager
def _slow_disk(effect: Effect, run: subprocess.Popen[bytes]) -> Iterator[None]:
    """Limit how fast a run and its broker can write, in a control group of their own."""
    group = BLOCK_LIMITS / f"filaprova-burn-in-{run.pid}"
    group.mkdir()
    try:
        for disk in _disks():
            (group / "blkio.throttle.write_iops_device").write_text(f"{disk} {SLOW_WRITES_PER_S}")
            (group / "blkio.throttle.write_bps_device").write_text(f"{disk} {SLOW_BYTES_PER_S}")
        _join(group, run.pid)  # what it starts from now on comes along

        def join_containers(end: threading.Event) -> None:
            while not end.wait(LOOK_EVERY_S):
                for server in servers_of(run):
                    _join(group, server.pid)

        with _meanwhile(join_containers):
            yield
    finally:
        effect.count = _write_count(group)
        # Whoever is still about, such as the run's reaper, goes back to the root.
        for pid in (group / "cgroup.procs").read_text().split():
            _join(BLOCK_LIMITS, int(pid))
        group.rmdir()


def _write_count(group: Path) -> int:
    lines = (group / "blkio.throttle.io_serviced").read_text().splitlines()
    return sum(int(line.split()[-1]) for line in lines if " Write " in line)


def _join(group: Path, pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        (group / "cgroup.procs").write_text(str(pid))


def _disks() -> set[str]:
    """Return the numbers of the disks that brokers write to: ``254:0``."""
    places = [Path(tempfile.gettempdir())]
    engine = find_engine()
    if engine is not None:
        with contextlib.closing(engine):
            places.append(Path(engine.info()["DockerRootDir"]))
    found = set()
    for place in places:
        with contextlib.suppress(OSError):
            device = place.stat().st_dev
            entry = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve()
            whole = entry.parent if (entry / "partition").exists() else entry
            found.add((whole / "dev").read_text().strip())
    return found
