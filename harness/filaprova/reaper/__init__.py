"""Reaper: whatever becomes of the run, nothing that it started stays behind.

A small process of its own (``sidecar.py``), in a session of its own, holds the reading end of a
pipe whose other end only the run has. When the run ends, be it by SIGKILL, the pipe closes, and
the sidecar kills every process that carries the run's marker in its environment, runs the commands
it was given, and removes the run's private folder.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from filaprova.errors import EnvironmentMissing, HarnessBug
from filaprova.phrase import joined, say, told_by
from filaprova.reaper.sidecar import COMMAND_LIMIT_S, KILLING_LIMIT_S, MARKER
from filaprova.waiting import noted


class Reaper:
    """Cleans up after one run, at its end or its death; a context manager."""

    run_id: str
    """Random; part of the marker and of the name of ``scratch``."""
    environment: dict[str, str]
    """The marker: to be put into the environment of every process that the run starts."""
    scratch: Path
    """Private folder (mode 0700) for files of the run; removed at the end."""

    def __init__(self) -> None:
        """Start the sidecar; return when it stands by.

        Raises ``EnvironmentMissing`` if there is no place for the folder.
        """
        self.run_id = secrets.token_hex(8)
        self.environment = {MARKER: self.run_id}
        # Not tempfile.gettempdir: it tries a file, which a run killed at that moment leaves behind.
        temporary = Path(os.environ.get("TMPDIR") or "/tmp").absolute()
        self.scratch = temporary / f"filaprova-{self.run_id}"
        self._commands: list[bytes] = []
        self._closed = False
        self._sidecar = self._start()

    def at_end(self, command: Sequence[str], told: str = "") -> None:
        """Have a command run when the run ends or dies; the last one given is run first.

        What it is ``told`` it reads from its input: a few kilobytes at most, which no file and no
        list of processes shows.

        It runs after the processes of the run were killed, from the folder ``/``, for at most
        15 s, and must succeed even if there is nothing left to do.
        """
        line = json.dumps([list(command), told]).encode() + b"\n"
        self._commands.append(line)
        try:
            self._send(self._sidecar, line)
        except OSError as error:
            raise HarnessBug(
                say(
                    "the reaper (process {}) is gone: a run that is killed would now leave things "
                    "behind. Did something kill it?",
                    self._sidecar.pid,
                )
            ) from error

    def close(self) -> None:
        """Clean up now and return when all is gone; may be called twice.

        Raises ``HarnessBug`` naming what would not go.
        """
        if self._closed:
            return
        self._closed = True
        if self._sidecar.poll() is not None:
            self._end(self._sidecar)
            self._sidecar = self._start()
            self._send(self._sidecar, b"".join(self._commands))
        status, troubles = self._end(self._sidecar)
        if status != 0:
            troubles.append(say("the reaper ended with status {}, its work undone", str(status)))
        if troubles:
            raise HarnessBug(say("run {} left behind: {}", self.run_id, joined("; ", troubles)))

    def __enter__(self) -> Reaper:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            self.close()
        except HarnessBug as left_behind:
            if isinstance(error, EnvironmentMissing):  # the same that kept it from going
                told = [told_by(error), told_by(left_behind)]
                raise EnvironmentMissing(joined("\n", told)) from error
            raise

    def _start(self) -> subprocess.Popen[bytes]:
        # Without a marker of an outer run: that run's reaper would kill it, and with it the only
        # one who knows of our processes.
        environment = {name: value for name, value in os.environ.items() if name != MARKER}
        sidecar = subprocess.Popen(
            [
                *(sys.executable, "-I", str(Path(__file__).with_name("sidecar.py"))),
                *(self.run_id, str(os.getpid()), str(self.scratch)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env=environment,
            start_new_session=True,
        )
        assert sidecar.stdout is not None
        answer = sidecar.stdout.readline()
        if answer != b"ready\n":
            status, _ = self._end(sidecar)
            raise EnvironmentMissing(
                say(
                    "the reaper did not start: {}. TMPDIR must name a folder that can be written "
                    "to.",
                    answer.decode().strip() or say("exit status {}", str(status)),
                )
            )
        return sidecar

    def _send(self, sidecar: subprocess.Popen[bytes], lines: bytes) -> None:
        assert sidecar.stdin is not None
        while lines:
            lines = lines[sidecar.stdin.write(lines) :]

    def _end(self, sidecar: subprocess.Popen[bytes]) -> tuple[int, list[str]]:
        limit_s = KILLING_LIMIT_S + COMMAND_LIMIT_S * len(self._commands) + 10.0
        try:
            with noted("all reaped", limit_s=limit_s):
                said, _ = sidecar.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            sidecar.kill()
            sidecar.communicate()
            return -9, [f"more than could be found out within {limit_s:.0f} s"]
        return sidecar.returncode, said.decode().splitlines()
