"""Run a Python script as typed by hand, against the address that is told through a pipe.

``python launcher.py PROGRAM [ARGUMENT …]``. The script stays as it is, byte for byte, and so does
its environment. What changes is around it: every connection that it opens with pika goes to our
address, whatever host, port, virtual host, user and TLS it names, so that it can reach no other
broker; ``time.sleep``, ``asyncio.sleep`` and ``BlockingConnection.sleep`` take
``seconds_per_second`` for each second asked for; ``random`` starts from ``seed``; each line it
prints is written at once and as a whole, as in a terminal. When it sleeps, which is the lesson's
work, the pipe ``FILAPROVA_WORKS`` is told; and in the middle of such a sleep the script stands
still if it is first to remove the file ``FILAPROVA_STOP_TOKEN``.

Whichever interpreter the user names runs this file: it needs pika, Python 3.8, and nothing else.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import re
import runpy
import signal
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from importlib.machinery import PathFinder
from types import SimpleNamespace
from typing import Any

from pika.adapters.blocking_connection import BlockingConnection
from pika.connection import Parameters, URLParameters

CHILD = "filaprova_child"
"""What this module is called in a process that multiprocessing has spawned."""
WORK_S = 1.0
"""Who asks for a shorter sleep does not work, he waits for something."""
STOP_AFTER_S = 1.0
"""When a long work is stopped; a shorter one is in its middle."""
TOLD_LIMIT = 20_000
"""So many sleeps of one process are told; from there on they are only slept."""
OUT_OF_THE_WAY = 100
"""Scripts use small numbers for what they open, and may close all of them."""


def main(program: str) -> None:
    """Prepare the surroundings of the script, without a trace in its environment; run it."""
    with open(int(os.environ.pop("FILAPROVA_LAUNCH_FD"))) as pipe:
        told = json.load(pipe)
    works = Works(
        int(os.environ.pop("FILAPROVA_WORKS")), token=os.environ.pop("FILAPROVA_STOP_TOKEN")
    )
    surround(told, works)
    random.seed(told["seed"])
    patterns = [os.environ.pop(f"FILAPROVA_{name}", None) for name in ("RECEIVED", "DONE")]
    received, done = (re.compile(each, re.IGNORECASE) if each else None for each in patterns)
    if received and done:
        stop_without_sleep(works, received, done)
    write_whole_lines()
    sys.argv = sys.argv[1:]
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(os.path.realpath(program))
    runpy.run_path(program, run_name="__main__")


def surround(told: dict[str, Any], works: Works) -> None:
    """Prepare what the script and each process that multiprocessing spawns for it have around."""
    redirect(URLParameters(told["url"]))
    scale_sleep(told["seconds_per_second"], works)
    # Not -u: that writes a line's text and its end apart, so that a freeze could come in between.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    after_import(
        {
            "asyncio": partial(scale_sleep_of_asyncio, told["seconds_per_second"], works),
            "multiprocessing.spawn": partial(surround_spawned, told),
        }
    )


def redirect(ours: Parameters) -> None:
    """Let every set of connection parameters name our address, whatever it was given."""
    for name in ("host", "port", "virtual_host", "credentials", "ssl_options"):
        given: property = getattr(Parameters, name)
        setattr(Parameters, name, given.getter(partial(constant, getattr(ours, name))))


def constant(value: object, _: Parameters) -> object:
    """Return the value, whichever parameters are asked."""
    return value


def scale_sleep(seconds_per_second: float, works: Works) -> None:
    """Let ``time.sleep`` and pika's own sleep take this many seconds for each second asked for."""
    sleep, connection_sleep = time.sleep, BlockingConnection.sleep

    def scaled_sleep(seconds: float, /) -> None:
        for part in works.parts(seconds, seconds * seconds_per_second):
            sleep(part)

    def scaled_connection_sleep(self: BlockingConnection, duration: float) -> None:
        for part in works.parts(duration, duration * seconds_per_second):
            connection_sleep(self, part)

    time.sleep = scaled_sleep  # type: ignore[assignment]
    BlockingConnection.sleep = scaled_connection_sleep


def scale_sleep_of_asyncio(seconds_per_second: float, works: Works, asyncio: Any) -> None:
    """Let ``asyncio.sleep`` take this many seconds for each second asked for."""
    sleep = asyncio.sleep

    async def scaled_sleep(delay: float, *others: Any, **named: Any) -> Any:
        name = f"task {id(asyncio.current_task())}"
        for part in works.parts(delay, delay * seconds_per_second, name):
            result = await sleep(part, *others, **named)
        return result

    asyncio.sleep = asyncio.tasks.sleep = scaled_sleep


def surround_spawned(told: dict[str, Any], spawn: Any) -> None:
    """Let a process that multiprocessing spawns run this file before it imports the script.

    Such a process starts as a new interpreter, and unpickles what it is to prepare. To unpickle
    what is added there is to run this file.
    """
    get_preparation_data = spawn.get_preparation_data

    class Surrounded:
        def __reduce__(self) -> tuple[Any, ...]:
            return runpy.run_path, (__file__, {"TOLD": told}, CHILD)

    def with_surroundings(name: str) -> dict[str, Any]:
        return {"filaprova": Surrounded(), **get_preparation_data(name)}

    spawn.get_preparation_data = with_surroundings


def after_import(acts: dict[str, Any]) -> None:
    """Call each act with its module as soon as it is imported; at once where it is already.

    Importing it here would cost every program some 50 ms.
    """
    for name in [name for name in acts if name in sys.modules]:
        acts.pop(name)(sys.modules[name])

    def find_spec(name: str, path: Any = None, target: Any = None) -> Any:
        act = acts.get(name)
        spec: Any = None if act is None else PathFinder.find_spec(name, path, target)
        if act is None or spec is None:
            return None
        execute = spec.loader.exec_module

        def execute_and_act(module: Any) -> None:
            execute(module)
            act(module)

        spec.loader.exec_module = execute_and_act
        return spec

    finder: Any = SimpleNamespace(find_spec=find_spec)
    sys.meta_path.insert(0, finder)


class Works:
    """Tells of the script's sleeps, and stops its group in the middle of one.

    In every thread, and in every child that is forked. The pipe is closed to other programs that
    the script runs. A script that closes all files, as a daemon does, spares it; should it put
    something else in its place, then nothing is told, and nobody stops.
    """

    def __init__(self, pipe: int | None, *, token: str) -> None:
        """Without a ``pipe`` nothing is told, and nobody stops."""
        self.begun_count = 0
        self._pipe = -1
        if pipe is not None:
            self._pipe = fcntl.fcntl(pipe, fcntl.F_DUPFD_CLOEXEC, OUT_OF_THE_WAY)
            os.close(pipe)
            self._identity = os.fstat(self._pipe)
            keep_open(self._pipe)
        self._token = token
        self._group = os.getpgrp()

    def parts(self, asked: float, scaled: float, who: str = "") -> Iterator[float]:
        """Yield the parts in which to sleep ``scaled`` seconds where ``asked`` were asked for.

        If that is a work, tell that it begins and ends, whole or broken off, and stop in between if
        somebody wants it. ``who`` works; "": the thread.
        """
        if not asked >= WORK_S or self._pipe < 0:
            yield scaled
            return
        self.begun_count += 1
        number, how = self.begun_count, "broken"
        who = f"{os.getpid()}-{who or threading.get_native_id()}".replace(" ", "-")
        name = f"{number} {who} {scaled:.9g}"
        before = min(scaled / 2, STOP_AFTER_S)
        try:  # a signal may come anywhere in here, and break off what it likes
            if number <= TOLD_LIMIT:
                self._tell(f"began {name}")
            yield before
            self.stop_if_told()
            yield scaled - before
            how = "whole"
        finally:
            if number <= TOLD_LIMIT:
                self._tell(f"ended {name} {how} {_MONOTONIC_NS()}")

    def stop_if_told(self) -> None:
        """Stop the group, once, if somebody wants it to: that is for who removes the token.

        Somebody else may want to stop it as well, from outside. Stopped by both, it would stop once
        more when it is to go on.
        """
        if not self._is_there():
            return
        try:
            _UNLINK(self._token)
        except OSError:
            return
        self._tell("stopped")
        _KILL_GROUP(self._group, signal.SIGSTOP)

    def _is_there(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._pipe), self._identity)
        except OSError:
            return False

    def _tell(self, what: str) -> None:
        if self._is_there():
            with contextlib.suppress(OSError):
                os.write(self._pipe, what.encode() + b"\n")


def keep_open(number: int) -> None:
    """Let ``os.close`` and ``os.closerange`` spare the file of this number."""
    close, closerange = os.close, os.closerange

    def sparing_close(fd: int) -> None:
        if fd != number:
            close(fd)

    def sparing_closerange(fd_low: int, fd_high: int, /) -> None:
        closerange(fd_low, min(fd_high, number))
        closerange(max(fd_low, number + 1), fd_high)

    os.close, os.closerange = sparing_close, sparing_closerange


def stop_without_sleep(works: Works, received: re.Pattern[str], done: re.Pattern[str]) -> None:
    """Let a script that works otherwise than by sleeping stop as well, before it says "done".

    Or before it says what it received next, if it has not slept since the last time.
    """
    write = sys.stdout.write
    line, slept_count = "", -1

    def watched_write(text: str, /) -> int:
        nonlocal line, slept_count
        *whole, rest = (line + text).split("\n")
        if (
            slept_count == works.begun_count
            and not line
            and (done.match(text) or received.match(text))
        ):
            works.stop_if_told()
        line = rest
        if any(received.match(each) for each in whole):
            slept_count = works.begun_count
        elif any(done.match(each) for each in whole):
            slept_count = -1
        return write(text)

    sys.stdout.write = watched_write  # type: ignore[method-assign]


def write_whole_lines() -> None:
    """Let the lines of several threads not run into one another.

    ``print`` writes a line's text and its end apart, and another thread may come in between.
    """
    write, flush = sys.stdout.write, sys.stdout.flush
    mine = threading.local()

    def write_line(text: str, /) -> int:
        *whole, mine.rest = (getattr(mine, "rest", "") + text).split("\n")
        if whole:
            write("\n".join([*whole, ""]))
        return len(text)

    def flush_rest() -> None:
        rest, mine.rest = getattr(mine, "rest", ""), ""
        if rest:
            write(rest)
        flush()

    sys.stdout.write, sys.stdout.flush = write_line, flush_rest  # type: ignore[method-assign]


_UNLINK, _KILL_GROUP, _MONOTONIC_NS = os.unlink, os.killpg, time.monotonic_ns
"""As they are before the script can put others in their place."""

if __name__ == "__main__":
    main(sys.argv[1])
elif __name__ == CHILD:
    surround(globals()["TOLD"], Works(None, token=""))
