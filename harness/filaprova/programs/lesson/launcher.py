"""Run a Python script as typed by hand, against the address that is told through a pipe.

``python launcher.py PROGRAM [ARGUMENT …]``. The script stays as it is, byte for byte, and so does
its environment. What changes is around it: every connection that it opens with pika goes to our
address, whatever host, port, virtual host, user and TLS it names, so that it can reach no other
broker; ``time.sleep``, ``asyncio.sleep`` and ``BlockingConnection.sleep`` take
``seconds_per_second`` for each second asked for; ``random`` starts from ``seed``; each line it
prints is written at once and as a whole, as in a terminal; and where ``FILAPROVA_PAUSE_AT_TASK``
says so, it stands still when it has printed that many lines that match ``FILAPROVA_RECEIVED``, if
it is first to take ``FILAPROVA_PAUSE_TOKEN``.

Whichever interpreter the user names runs this file: it needs pika, Python 3.8, and nothing else.
"""

from __future__ import annotations

import json
import os
import random
import re
import runpy
import signal
import sys
import time
from functools import partial
from importlib.machinery import PathFinder
from types import SimpleNamespace
from typing import Any

from pika.adapters.blocking_connection import BlockingConnection
from pika.connection import Parameters, URLParameters

CHILD = "filaprova_child"
"""What this module is called in a process that multiprocessing has spawned."""


def main(program: str) -> None:
    """Prepare the surroundings of the script, without a trace in its environment; run it."""
    with open(int(os.environ.pop("FILAPROVA_LAUNCH_FD"))) as pipe:
        told = json.load(pipe)
    surround(told)
    random.seed(told["seed"])
    pause_at_task = os.environ.pop("FILAPROVA_PAUSE_AT_TASK", None)
    if pause_at_task is not None:
        pattern = re.compile(os.environ.pop("FILAPROVA_RECEIVED"), re.IGNORECASE)
        pause_at(int(pause_at_task), pattern, token=os.environ.pop("FILAPROVA_PAUSE_TOKEN"))
    sys.argv = sys.argv[1:]
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(os.path.realpath(program))
    runpy.run_path(program, run_name="__main__")


def surround(told: dict[str, Any]) -> None:
    """Prepare what the script and each process that multiprocessing spawns for it have around."""
    redirect(URLParameters(told["url"]))
    scale_sleep(told["seconds_per_second"])
    # Not -u: that writes a line's text and its end apart, so that a freeze could come in between.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    after_import(
        {
            "asyncio": partial(scale_sleep_of_asyncio, told["seconds_per_second"]),
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


def scale_sleep(seconds_per_second: float) -> None:
    """Let ``time.sleep`` and pika's own sleep take this many seconds for each second asked for."""
    sleep, connection_sleep = time.sleep, BlockingConnection.sleep

    def scaled_sleep(seconds: float, /) -> None:
        sleep(seconds * seconds_per_second)

    def scaled_connection_sleep(self: BlockingConnection, duration: float) -> None:
        connection_sleep(self, duration * seconds_per_second)

    time.sleep = scaled_sleep  # type: ignore[assignment]
    BlockingConnection.sleep = scaled_connection_sleep


def scale_sleep_of_asyncio(seconds_per_second: float, asyncio: Any) -> None:
    """Let ``asyncio.sleep`` take this many seconds for each second asked for."""
    sleep = asyncio.sleep

    async def scaled_sleep(delay: float, *others: Any, **named: Any) -> Any:
        return await sleep(delay * seconds_per_second, *others, **named)

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


def pause_at(task: int, received: re.Pattern[str], *, token: str) -> None:
    """Let the script stop its group as it prints that it received its task of a number.

    Whoever reads that line could only stop it later: on a busy machine, tasks later. It is stopped
    by one of the two, never by both, or it would stop once more when it is to go on: by who removes
    the file ``token``. The script does so before anybody can read the line.
    """
    write = sys.stdout.write
    count, line = 0, ""

    def watched_write(text: str, /) -> int:
        nonlocal count, line
        *whole, line = (line + text).split("\n")
        count += sum(received.match(each) is not None for each in whole)
        if count < task:
            return write(text)
        sys.stdout.write = write  # type: ignore[method-assign]
        try:
            os.unlink(token)
        except FileNotFoundError:
            return write(text)
        written = write(text)
        os.kill(0, signal.SIGSTOP)
        return written

    sys.stdout.write = watched_write  # type: ignore[method-assign]


if __name__ == "__main__":
    main(sys.argv[1])
elif __name__ == CHILD:
    surround(globals()["TOLD"])
