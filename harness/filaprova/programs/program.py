"""Process: one program under examination, from its start to its end, on the record."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
import secrets
import shlex
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from signal import SIGCONT, SIGINT, SIGKILL, SIGSTOP, SIGTERM, Signals
from typing import IO, Literal, TypeAlias

from filaprova.errors import BadInput, HarnessBug, ProgramFailed, TimedOut
from filaprova.phrase import Phrase, joined, say
from filaprova.programs.group import members, stands_still
from filaprova.programs.interpreter import hint_for_missing, missing_package
from filaprova.programs.lesson.printed import RECEIVED
from filaprova.programs.surroundings import (
    LAUNCH_FD,
    LAUNCHER,
    LaunchSettings,
    environment,
    pipe_with,
)
from filaprova.programs.transcript import TAIL_LINES, Stream, Transcript
from filaprova.programs.works import Works
from filaprova.reaper.sidecar import KILLING_LIMIT_S, kill_all
from filaprova.record.act import PROGRAM_ENDED, Continued, Frozen
from filaprova.record.observer import Background
from filaprova.record.program import ProgramExited, ProgramStarted
from filaprova.record.recorder import Recorder
from filaprova.waiting import noted, wait_until

Role: TypeAlias = Literal["worker", "producer", "tool"]

MARKER = "FILAPROVA_PROGRAM"
"""In the environment of a program and of whatever it starts; its value is the program's own."""
NO_INPUT = Path(os.devnull)
DONE = re.compile(r"\s*\[\s*x\s*\]\s*done\b", re.IGNORECASE)
"""The lesson's own line, as the launcher knows it."""
CHUNK_BYTES = 64 << 10
KILL_LIMIT_S = 10.0
STOP_LIMIT_S = 10.0
"""How long a program may take that has begun to stop itself."""


class Process:
    """A program in a session of its own, with its output on the record. Made by ``start``.

    Its pipes and its end are watched on the background loop; its methods are called from the
    scenario's thread.
    """

    def __init__(
        self,
        popen: subprocess.Popen[bytes],
        *,
        background: Background,
        recorder: Recorder,
        transcript: Transcript,
        marker: str,
        client: str,
        role: Role,
        program: Path,
        command: list[str],
        typed: list[str],
        works: IO[bytes] | None,
        pause_at_task: int | None,
        stop_token: Path,
    ) -> None:
        """Watch a process that was just started; ``typed`` is its command as typed by hand.

        ``works`` is what its launcher tells of its sleeps. It is stopped by who removes
        ``stop_token``, once.
        """
        self.client = client
        self.role: Role = role
        self.program = program
        self.pid = popen.pid
        self._popen = popen
        self._background = background
        self._recorder = recorder
        self._transcript = transcript
        self._marker = marker
        self._command = command
        self._typed = typed
        self._works = Works(client, recorder)
        self._works_pipe = works
        self._pipes: dict[int, tuple[Stream | None, IO[bytes]]] = {}
        self._exit: ProgramExited | None = None
        self._exit_recorded = threading.Event()
        self._pause_at_task = pause_at_task
        self._stop_token = stop_token
        self._is_to_stop = pause_at_task is not None
        self._is_frozen = False
        self._paused_or_ended = threading.Event()
        self._reaping = threading.Lock()
        self._ended = False
        recorder.record(
            ProgramStarted(
                at_ns=recorder.now_ns(),
                client=client,
                role=role,
                program=program.name,
                command=command,
                pid=self.pid,
            )
        )
        background.run(self._watch())

    @classmethod
    def start(
        cls,
        *,
        background: Background,
        recorder: Recorder,
        reaper_environment: dict[str, str],
        client: str,
        role: Role,
        program: Path,
        arguments: Sequence[str] = (),
        settings: LaunchSettings,
        pause_at_task: int | None = None,
    ) -> Process:
        """Start a program: a Python script by the launcher, anything else as it is.

        With ``pause_at_task`` a Python script stops in the middle of its first work, or else at the
        end of its first task; ``step`` has it go on to the next. Anything else is stopped when it
        has printed that it received its task of that number, counted from 1, by whoever reads that
        line, which can be a task or two later. See ``wait_paused``.

        Call it from the main thread. Raises ``BadInput`` if the program cannot be started.
        """
        interpreter = _interpreter(program, settings.python)
        typed = [
            str(program.absolute()),
            *settings.arguments_of(program.name, arguments),
        ]
        command = [*interpreter, *typed]
        marker = secrets.token_hex(8)
        stop_token = settings.scratch / f"stop-{marker}"
        variables = {
            **environment(settings, launched=bool(interpreter)),
            **reaper_environment,
            MARKER: marker,
        }
        if pause_at_task is not None:
            stop_token.touch()
            if interpreter:
                variables["FILAPROVA_RECEIVED"] = RECEIVED.pattern
                variables["FILAPROVA_DONE"] = DONE.pattern
        works: IO[bytes] | None = None
        try:
            with contextlib.ExitStack() as if_failed, contextlib.ExitStack() as ours:
                handed: list[int] = []
                if interpreter:
                    handed.append(pipe_with(settings.told_to_launcher()))
                    ours.callback(os.close, handed[0])
                    variables[LAUNCH_FD] = str(handed[0])
                    works, told_works = _works_pipe()
                    if_failed.callback(works.close)
                    ours.callback(os.close, told_works)
                    handed.append(told_works)
                    variables["FILAPROVA_WORKS"] = str(told_works)
                    variables["FILAPROVA_STOP_TOKEN"] = str(stop_token)
                read = ours.enter_context(settings.inputs.get(program.name, NO_INPUT).open("rb"))
                ours.enter_context(_ignored_signals_handled())
                popen = subprocess.Popen(
                    command,
                    stdin=read,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=variables,
                    cwd=program.parent,
                    pass_fds=handed,
                    start_new_session=True,
                )
                if_failed.pop_all()
        except OSError as error:
            raise BadInput(
                f"cannot run {program}: {error.strerror}. A script needs a first line like "
                "'#!/usr/bin/env node' that names an interpreter which is there."
            ) from error
        return cls(
            popen,
            background=background,
            recorder=recorder,
            transcript=Transcript(
                client, recorder, secret=settings.password, reader=settings.reader
            ),
            marker=marker,
            client=client,
            role=role,
            program=program,
            command=command,
            typed=["python", *typed] if interpreter else typed,
            works=works,
            pause_at_task=pause_at_task,
            stop_token=stop_token,
        )

    # ------------------------------------------------------------------ what it is doing

    @property
    def running(self) -> bool:
        """Tell whether its end is not yet on the record."""
        return not self._exit_recorded.is_set()

    @property
    def paused(self) -> bool:
        """Tell whether it stands still where it was to stop, or is just about to."""
        return self._paused_or_ended.is_set() and self.running

    @property
    def is_frozen(self) -> bool:
        """Tell whether ``freeze`` has stopped it, and nothing has let it go on since."""
        return self._is_frozen

    @property
    def is_to_stop(self) -> bool:
        """Tell whether it is to stop by itself, and nobody has taken that back."""
        return self._is_to_stop

    @property
    def tells_of_its_works(self) -> bool:
        """Tell whether it runs under the launcher, which tells when it sleeps."""
        return self._works_pipe is not None

    @property
    def received_count(self) -> int:
        """Return how many tasks it has printed as received until now."""
        return self._transcript.received_count

    @property
    def done_count(self) -> int:
        """Return how many tasks it has printed as done until now."""
        return self._transcript.done_count

    @property
    def in_hand(self) -> str | None:
        """Return the task that it has printed as received and not as done."""
        return self._transcript.in_hand

    def tail(self, count: int = TAIL_LINES) -> list[str]:
        """Return the last lines that it printed, at most ``TAIL_LINES``."""
        return self._transcript.tail(count)

    def last_line(self) -> Phrase:
        """Return the last line that it printed, in a sentence."""
        tail = self.tail(1)
        return say("its last line: {}", repr(tail[0])) if tail else say("it has printed nothing")

    def failure(self, why: Phrase) -> ProgramFailed:
        """Return an error that tells all there is to know about this program."""
        tail = self.tail()
        lines = [
            say("{} ({}): {}.", self.client, self.program.name, why),
            say("  command: {}", shlex.join(self._command)),
            say("  state: {}", self._state()),
            say("  its last lines:") if tail else say("  it printed nothing"),
            *(say("    {}", line) for line in tail),
        ]
        missing = missing_package(tail) if self._typed[0] == "python" else None
        if missing is not None:
            interpreter, name = self._command[0], self.program.name
            hint = hint_for_missing(missing, interpreter=interpreter, program=name)
            lines.append(say("  {}", hint))
        elif any(line.startswith("EOFError") for line in tail):
            lines.append(
                say(
                    "  hint: it reads from its standard input, which is empty here; what it is to "
                    "read may be in a file: --program-input {}=FILE",
                    self.program.name,
                )
            )
        else:
            by_hand = shlex.join(self._typed)
            hint = say("  hint: run it by hand against a broker on localhost:5672: {}", by_hand)
            lines.append(hint)
        return ProgramFailed(joined("\n", lines))

    # ------------------------------------------------------------------ acts

    def freeze(self, *, timeout_s: float) -> None:
        """Stop every thread of every process of its group (SIGSTOP); return when all stand still.

        From then on it does not stop by itself any more.

        Raises ``ProgramFailed`` if the program has ended, ``TimedOut`` after ``timeout_s``.
        """
        self.run_free(timeout_s=timeout_s)
        self.signal(SIGSTOP)
        try:
            self._wait_still(timeout_s)
        except TimedOut:
            self._signal(SIGCONT)
            raise
        if self._reaped():
            self._exit_recorded.wait(timeout_s)
            raise self.failure(say("it ended before it could be frozen"))
        self._is_frozen = True
        self._recorder.record(Frozen(at_ns=self._recorder.now_ns(), client=self.client))

    def wait_paused(self, *, timeout_s: float) -> None:
        """Return when the program stands still where it was to stop.

        Raises ``ProgramFailed`` if it has ended, ``TimedOut`` after ``timeout_s``.
        """
        with noted("paused", limit_s=timeout_s, what=self.client):
            if not self._paused_or_ended.wait(timeout_s):
                raise TimedOut(
                    say(
                        "waited {:.1f} s for {} to stand still in a task; it has begun {}.",
                        timeout_s,
                        self.client,
                        self.received_count,
                    )
                )
        self.freeze(timeout_s=timeout_s)

    def step(self) -> None:
        """Let a frozen program run on to where it stops next: see ``wait_paused``."""
        self._stop_token.touch()
        self._is_to_stop = True
        self._go_on()

    def thaw(self) -> None:
        """Let a frozen program run on (SIGCONT), and not stop any more."""
        self.run_free(timeout_s=STOP_LIMIT_S)
        if self.paused and not self._is_frozen:
            self.freeze(timeout_s=STOP_LIMIT_S)
        self._go_on()

    def run_free(self, *, timeout_s: float) -> None:
        """See to it that the program does not stop by itself any more.

        One that has begun to stop stands still on return. Sent SIGSTOP before, it would stop once
        more when it is to go on. Raises ``TimedOut`` after ``timeout_s``.
        """
        if not self._is_to_stop:
            return
        try:
            self._stop_token.unlink()
        except FileNotFoundError:
            with noted("stopped itself", limit_s=timeout_s, what=self.client):
                if not self._paused_or_ended.wait(timeout_s):
                    raise TimedOut(
                        say(
                            "waited {:.1f} s for {} to stop itself; it has only begun to.",
                            timeout_s,
                            self.client,
                        )
                    ) from None
            self._wait_still(timeout_s)
        self._is_to_stop = False

    def signal(self, how: Signals) -> None:
        """Send a signal to its process group; ``ProgramFailed`` if the program has ended."""
        if not self._signal(how):
            self._exit_recorded.wait(KILL_LIMIT_S)  # seen by us, but maybe not yet by the loop
            raise self.failure(say("it had ended before it could be sent {}", how.name))

    def output_dry(self, *, timeout_s: float) -> None:
        """Return when all that a frozen program has written is on the record."""

        async def read() -> None:
            self._read_what_is_there()

        self._background.run(read(), timeout_s=timeout_s)

    def wait(self, *, timeout_s: float) -> ProgramExited:
        """Return how it ended; ``TimedOut`` if it has not after ``timeout_s`` seconds."""
        with noted(PROGRAM_ENDED, limit_s=timeout_s, what=self.client):
            if not self._exit_recorded.wait(timeout_s):
                raise TimedOut(
                    say(
                        "waited {:.1f} s for {} (process {}) to end; it did not; {}",
                        timeout_s,
                        self.client,
                        self.pid,
                        self.last_line(),
                    )
                )
        assert self._exit is not None
        return self._exit

    def end(self, *, timeout_s: float = 5.0) -> None:
        """End it and whatever it started: SIGTERM, and SIGKILL after ``timeout_s`` seconds.

        May be called twice. Raises ``HarnessBug`` if something will not go.
        """
        if self._ended:
            return
        self._ended = True
        with contextlib.suppress(TimedOut):
            self.run_free(timeout_s=timeout_s)
        self._signal(SIGTERM)
        self._signal(SIGCONT)
        with noted("program terminated", limit_s=timeout_s, what=self.client):
            ended = self._exit_recorded.wait(timeout_s)
        if not ended:
            self._signal(SIGKILL)
            with noted("program killed", limit_s=KILL_LIMIT_S, what=self.client):
                self._exit_recorded.wait(KILL_LIMIT_S)
        with noted("children killed", limit_s=KILLING_LIMIT_S, what=self.client):
            survivors = kill_all(MARKER, self._marker, spared={os.getpid()}, empty_scans=1)
        self._background.run(self._close())
        if survivors:
            raise HarnessBug(say("{} could not be ended: {}", self.client, ", ".join(survivors)))

    # ------------------------------------------------------------------ inside

    def _signal(self, how: Signals) -> bool:
        # Under the lock nobody else reaps it: its number cannot have become another's.
        with self._reaping:
            if self._popen.poll() is not None:
                return False
            os.killpg(self.pid, how)
            return True

    def _go_on(self) -> None:
        if self._is_frozen:
            self._is_frozen = False
            if self.running:
                self._paused_or_ended.clear()
            if not self.running:  # it has ended just now
                self._paused_or_ended.set()
            self._recorder.record(Continued(at_ns=self._recorder.now_ns(), client=self.client))
            self.signal(SIGCONT)

    def _reaped(self) -> bool:
        with self._reaping:
            return self._popen.poll() is not None

    def _state(self) -> Phrase:
        if self._exit is None:
            return say("still running, process {}", self.pid)
        if self._exit.signal_name is not None:
            return say("ended by {}", self._exit.signal_name)
        return say("ended with exit status {}", str(self._exit.exit_code))

    # ------------------------------------------------------------------ on the background loop

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        pipes: list[tuple[Stream | None, IO[bytes] | None]] = [
            ("stdout", self._popen.stdout),
            ("stderr", self._popen.stderr),
            (None, self._works_pipe),
        ]
        for stream, pipe in pipes:
            if pipe is None:
                continue
            os.set_blocking(pipe.fileno(), False)
            self._pipes[pipe.fileno()] = (stream, pipe)
            loop.add_reader(pipe.fileno(), self._read, pipe.fileno())
        try:
            exit_fd = os.pidfd_open(self.pid)
        except (AttributeError, OSError):  # not on this system
            waiting = threading.Thread(target=self._wait_in_thread, args=(loop,), daemon=True)
            waiting.start()
        else:
            loop.add_reader(exit_fd, self._end_seen, exit_fd)

    def _wait_in_thread(self, loop: asyncio.AbstractEventLoop) -> None:
        self._popen.wait()
        with contextlib.suppress(RuntimeError):  # the loop may have been closed
            loop.call_soon_threadsafe(self._record_exit)

    def _end_seen(self, exit_fd: int) -> None:
        asyncio.get_running_loop().remove_reader(exit_fd)
        os.close(exit_fd)
        self._record_exit()

    def _record_exit(self) -> None:
        with self._reaping:
            status = self._popen.wait()
        # All that it wrote is in its pipes, even if a child of its keeps them open.
        self._read_what_is_there()
        self._transcript.finish()
        self._exit = ProgramExited(
            at_ns=self._recorder.now_ns(),
            client=self.client,
            pid=self.pid,
            exit_code=status if status >= 0 else None,
            signal_name=_signal_name(-status) if status < 0 else None,
        )
        self._recorder.record(self._exit)
        self._exit_recorded.set()
        self._paused_or_ended.set()

    def _read(self, fd: int, limit_bytes: int = CHUNK_BYTES) -> int:
        stream, pipe = self._pipes[fd]
        try:
            chunk = os.read(fd, limit_bytes)
        except BlockingIOError:
            return 0
        if chunk and stream is None:
            if self._works.take(chunk):
                self._paused_or_ended.set()
        elif chunk and stream is not None:
            self._transcript.take(stream, chunk)
            self._pause_if_due()
        else:
            asyncio.get_running_loop().remove_reader(fd)
            del self._pipes[fd]
            pipe.close()
        return len(chunk)

    def _pause_if_due(self) -> None:
        if self._pause_at_task is None or self.tells_of_its_works:
            return
        if self.received_count >= self._pause_at_task:
            self.stop_if_to()

    def stop_if_to(self) -> None:
        """Stop it as it would stop itself, unless it has or is not to; call it on the loop."""
        with contextlib.suppress(FileNotFoundError):
            self._stop_token.unlink()
            self._signal(SIGSTOP)
            self._paused_or_ended.set()

    def _wait_still(self, timeout_s: float) -> None:
        wait_until(
            lambda: all(stands_still(pid) for pid in members(self.pid)),
            what=say("{} (process {}) to stand still", self.client, self.pid),
            timeout_s=timeout_s,
            every_s=0.001,
            kind="frozen",
        )

    def _read_what_is_there(self) -> None:
        for fd in list(self._pipes):
            there = fcntl.ioctl(fd, termios.FIONREAD, bytes(4))
            remaining_bytes = int.from_bytes(there, sys.byteorder)
            while remaining_bytes and (count := self._read(fd, min(remaining_bytes, CHUNK_BYTES))):
                remaining_bytes -= count

    async def _close(self) -> None:
        self._read_what_is_there()
        self._transcript.finish()
        for fd, (_, pipe) in self._pipes.items():
            asyncio.get_running_loop().remove_reader(fd)
            pipe.close()
        self._pipes.clear()


def _interpreter(program: Path, python: str) -> list[str]:
    """Return what has to stand before the program in its command; ``python`` empty: our own."""
    if not program.is_file():
        raise BadInput(say("there is no program {}; is the path right?", str(program)))
    if program.suffix == ".py":
        return [python or sys.executable, str(LAUNCHER)]
    if not os.access(program, os.X_OK):
        raise BadInput(
            f"the program {program} is not executable: 'chmod +x' it (a Python script needs a name "
            "that ends in .py instead)"
        )
    return []


def _works_pipe() -> tuple[IO[bytes], int]:
    """Return the two ends of the pipe through which a launcher tells of works."""
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb", buffering=0), writing


def _signal_name(number: int) -> str:
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"  # a real-time signal


@contextlib.contextmanager
def _ignored_signals_handled() -> Iterator[None]:
    """Let a child start with SIGINT and SIGTERM as by default, even if we ignore them.

    Jobs in the background of a shell inherit SIGINT ignored, and a Python program then never sees a
    KeyboardInterrupt. A signal with a handler, unlike an ignored one, is reset by exec.
    """
    ignored = [each for each in (SIGINT, SIGTERM) if signal.getsignal(each) is signal.SIG_IGN]
    for each in ignored:
        signal.signal(each, lambda *_: None)
    try:
        yield
    finally:
        for each in ignored:
            signal.signal(each, signal.SIG_IGN)
