"""End what a run has left behind: the program of the reaper's own process.

A plain script, run as ``python -I sidecar.py RUN_ID RUN_PID SCRATCH``, that starts fast and imports
nothing of the harness. From its input it reads commands, each a line of JSON with what it is told;
when the input ends, or the run's process does, it cleans up. To its output it writes a line
"ready", or why it cannot be, and at the end a line for each thing that would not go.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

MARKER = "FILAPROVA_RUN"
KILLING_LIMIT_S = 10.0
COMMAND_LIMIT_S = 15.0
BETWEEN_SCANS_S = 0.05
"""Longer than a process can be on its way from fork to exec, where its marker does not show."""
INHERITED_LIMIT_MS = 1000
"""How long a child that was forked without exec may hold our input open after the run's end."""


def main(run_id: str, run_pid: int, scratch: str) -> None:
    """Wait for the end of the run, then clean up and report."""
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)
    # Made here and not by the run: a run killed in between would leave it behind.
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(scratch, 0o700)
    except OSError as error:
        say(f"{error.strerror}: {scratch}")
        return
    say("ready")
    commands = read_until_end(run_pid)
    try:
        troubles = clean_up(run_id, run_pid, commands, scratch)
    except Exception as error:
        troubles = [f"the clean-up failed: {type(error).__name__}: {error}"]
    for trouble in troubles:
        say(trouble.replace("\n", " "))


def say(line: str) -> None:
    """Tell the run, if it is still there."""
    with contextlib.suppress(BrokenPipeError):
        os.write(1, f"{line}\n".encode())


def read_until_end(run_pid: int) -> list[bytes]:
    """Return the lines of our input once it has ended, or once the run's process has."""
    poll = select.poll()
    poll.register(0, select.POLLIN)
    run_fd = timeout_ms = None
    # A second sign of the end: the input stays open while a forked child of the run holds it.
    try:
        run_fd = os.pidfd_open(run_pid)
        poll.register(run_fd, select.POLLIN)
    except ProcessLookupError:  # it has ended already
        timeout_ms = INHERITED_LIMIT_MS
    except (AttributeError, OSError):
        pass  # the input is the only sign that this machine gives
    received = b""
    while ready := {fd for fd, _ in poll.poll(timeout_ms)}:
        if run_fd in ready:
            poll.unregister(run_fd)
            timeout_ms = INHERITED_LIMIT_MS
        if 0 in ready:
            chunk = os.read(0, 1 << 16)
            if not chunk:
                break
            received += chunk
    return received.split(b"\n")[:-1]


def clean_up(run_id: str, run_pid: int, commands: list[bytes], scratch: str) -> list[str]:
    """Kill, run the commands, the last one first, and remove; return what would not go."""
    import json  # here, so that the sidecar starts fast
    import shutil

    troubles = kill_all(MARKER, run_id, spared={os.getpid(), run_pid}, empty_scans=2)
    for command in reversed(commands):
        troubles += run(*json.loads(command))
    try:
        shutil.rmtree(scratch)
    except OSError as error:
        troubles.append(f"folder {scratch}: {error}")
    return troubles


def kill_all(marker: str, value: str, *, spared: set[int], empty_scans: int) -> list[str]:
    """Kill every process with this marker in its environment, and those that it started.

    Ends when that many scans in a row have found none, and after ``KILLING_LIMIT_S`` at the
    latest; returns who survived.
    """
    deadline = time.monotonic() + KILLING_LIMIT_S
    empty_count = 0
    while True:
        found = freeze_all(marker, value, spared)
        if found and time.monotonic() > deadline:
            return [f"process {describe(process)}" for process in found]
        for process in found:
            send(process, signal.SIGKILL)
        empty_count = 0 if found else empty_count + 1
        if empty_count >= empty_scans:
            return []
        time.sleep(BETWEEN_SCANS_S)


def freeze_all(marker: str, value: str, spared: set[int]) -> set[psutil.Process]:
    """Stop these processes until none of them can start another; return them.

    Killed one by one, they could meanwhile start children that have no marker, and no longer a
    parent that shows whose they are.
    """
    frozen: set[psutil.Process] = set()
    while fresh := marked(marker, value) - frozen:
        frozen |= fresh
        for process in fresh:
            if process.pid not in spared:
                send(process, signal.SIGSTOP)
    return {process for process in frozen if process.pid not in spared}


def marked(marker: str, value: str) -> set[psutil.Process]:
    """Return the processes with this marker in their environment, and those that they started."""
    import psutil

    found = set()
    for process in psutil.process_iter():
        # Not ours to look at, or ended meanwhile.
        with contextlib.suppress(psutil.Error, OSError):
            # Never by get: to a value of None, everybody without the marker would be ours.
            if (marker, value) in process.environ().items():
                found.add(process)
    for process in list(found):
        with contextlib.suppress(psutil.Error):
            found.update(process.children(recursive=True))  # even with a cleared environment
    return found


def send(process: psutil.Process, what: signal.Signals) -> None:
    """Send a signal to this very process, never to a later one that was given its number."""
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        if not hasattr(os, "pidfd_open"):
            process.send_signal(what)
            return
        fd = os.pidfd_open(process.pid)
        try:
            if process.is_running():  # compares the time of its start, too
                signal.pidfd_send_signal(fd, what)
        finally:
            os.close(fd)


def describe(process: psutil.Process) -> str:
    """Return the number, the state and the name of a process."""
    import psutil

    try:
        return f"{process.pid} ({process.status()}): {process.name()}"
    except psutil.Error:
        return f"{process.pid}"


def run(command: list[str], told: str) -> list[str]:
    """Run one command of clean-up, which is told a text; return what went wrong.

    It may take ``COMMAND_LIMIT_S`` at most.
    """
    import subprocess
    import tempfile

    with tempfile.TemporaryFile() as output:  # a pipe would outlive the command in its children
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        except OSError as error:
            return [f"command {command}: {error}"]
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(told.encode())
        try:
            status = process.wait(COMMAND_LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return [f"command {command}: not done within {COMMAND_LIMIT_S:.0f} s"]
        if status == 0:
            return []
        output.seek(0)
        said = output.read(1 << 16).decode("utf-8", "backslashreplace").strip()
        return [f"command {command}: exit status {status}: {said[-500:]}"]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
