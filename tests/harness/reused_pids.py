"""Let a stranger get the number of a process that has ended, then have the harness end "it" again.

Run in a process namespace of its own, where numbers can be given out at will. Prints, for each
thing that could hit the wrong one, whether the stranger lives.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from filaprova.brokers.local import _kill_session
from filaprova.errors import ProgramFailed
from filaprova.programs.program import Process
from filaprova.programs.surroundings import LaunchSettings
from filaprova.reaper import Reaper
from filaprova.reaper.sidecar import send
from filaprova.record.observer import Background
from filaprova.record.recorder import Recorder
from filaprova.waiting import wait_until
from tests.patience import PATIENCE_S

LAST_PID = Path("/proc/sys/kernel/ns_last_pid")


def main() -> None:
    """Try each of them."""
    print("a signal of the reaper:", survives_the_reaper())
    print("the end of a server:", survives(_kill_session))
    print("a program:", survives_a_program())


def stranger_with(pid: int) -> subprocess.Popen[bytes]:
    """Start a process of another that is given this number; leader of its group, as a server is."""
    born = time.monotonic() + 2 / os.sysconf("SC_CLK_TCK")  # the kernel's clock of births is coarse
    wait_until(lambda: time.monotonic() > born, what="its time", timeout_s=PATIENCE_S)
    LAST_PID.write_text(str(pid - 1))
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    assert stranger.pid == pid, f"it got {stranger.pid}, not {pid}"
    return stranger


def lives(stranger: subprocess.Popen[bytes]) -> bool:
    try:
        stranger.wait(0.2)
    except subprocess.TimeoutExpired:
        stranger.kill()
        stranger.wait()
        return True
    return False


def survives(end: Callable[[subprocess.Popen[bytes]], None]) -> bool:
    server = subprocess.Popen(["true"], start_new_session=True)
    server.wait()
    stranger = stranger_with(server.pid)
    end(server)
    return lives(stranger)


def survives_the_reaper() -> bool:
    marked = subprocess.Popen(["sleep", "60"], start_new_session=True)
    seen = psutil.Process(marked.pid)
    marked.kill()
    marked.wait()
    stranger = stranger_with(marked.pid)
    send(seen, signal.SIGKILL)
    return lives(stranger)


def survives_a_program() -> bool:
    folder = Path(tempfile.mkdtemp())
    program = folder / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    with Reaper() as reaper, Background() as background:
        process = Process.start(
            background=background,
            recorder=Recorder(folder / "history.jsonl"),
            reaper_environment=reaper.environment,
            client="C1",
            role="worker",
            program=program,
            settings=LaunchSettings(
                host="127.0.0.1",
                port=1,
                virtual_host="/",
                user="somebody",
                password="",
                seed=1,
                seconds_per_dot=1.0,
                scratch=reaper.scratch,
            ),
        )
        process.wait(timeout_s=PATIENCE_S)
        stranger = stranger_with(process.pid)
        for how in (signal.SIGSTOP, signal.SIGKILL):
            with contextlib.suppress(ProgramFailed):
                process.signal(how)
        with contextlib.suppress(ProgramFailed):
            process.freeze(timeout_s=PATIENCE_S)
        process.end()
    return lives(stranger)


if __name__ == "__main__":
    sys.exit(main())
