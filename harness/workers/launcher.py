"""Run a Python script as typed by hand, against the address in ``AMQP_URL``.

``python launcher.py PROGRAM [ARGUMENT …]``. The script stays as it is, byte for byte. What changes
is around it: every connection that it opens with pika goes to our address, whatever host, port,
virtual host, user and TLS it names, so that it can reach no other broker; ``time.sleep`` takes
``FILAPROVA_SECONDS_PER_DOT`` for each second asked for; ``random`` starts from ``FILAPROVA_SEED``;
each line it prints is written at once and as a whole, as in a terminal; and where
``FILAPROVA_PAUSE_AT_TASK`` says so, it stands still when it has printed that many lines that match
``FILAPROVA_RECEIVED``.
"""

from __future__ import annotations

import os
import random
import re
import runpy
import signal
import sys
import time
from functools import partial

from pika.connection import Parameters, URLParameters


def main(program: str) -> None:
    """Prepare the surroundings of the script, without a trace in its environment; run it."""
    redirect(URLParameters(os.environ.pop("AMQP_URL")))
    scale_sleep(float(os.environ.pop("FILAPROVA_SECONDS_PER_DOT")))
    random.seed(int(os.environ.pop("FILAPROVA_SEED")))
    # Not -u: that writes a line's text and its end apart, so that a freeze could come in between.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    pause_at_task = os.environ.pop("FILAPROVA_PAUSE_AT_TASK", None)
    if pause_at_task is not None:
        pattern = re.compile(os.environ.pop("FILAPROVA_RECEIVED"), re.IGNORECASE)
        pause_at(int(pause_at_task), pattern)
    sys.argv = sys.argv[1:]
    sys.path[0] = os.path.dirname(os.path.realpath(program))
    runpy.run_path(program, run_name="__main__")


def redirect(ours: Parameters) -> None:
    """Let every set of connection parameters name our address, whatever it was given."""
    for name in ("host", "port", "virtual_host", "credentials", "ssl_options"):
        given: property = getattr(Parameters, name)
        setattr(Parameters, name, given.getter(partial(constant, getattr(ours, name))))


def constant(value: object, _: Parameters) -> object:
    """Return the value, whichever parameters are asked."""
    return value


def scale_sleep(seconds_per_second: float) -> None:
    """Let ``time.sleep`` take this many seconds for each second asked for."""
    sleep = time.sleep

    def scaled_sleep(seconds: float, /) -> None:
        sleep(seconds * seconds_per_second)

    time.sleep = scaled_sleep  # type: ignore[assignment]


def pause_at(task: int, received: re.Pattern[str]) -> None:
    """Let the script wait as soon as it has printed that it received its task of a number.

    Whoever reads that line could only stop it later: on a busy machine, tasks later. It waits until
    it is continued; had it stopped itself, it might do so after having been stopped and continued.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCONT})
    write = sys.stdout.write
    count, line = 0, ""

    def watched_write(text: str, /) -> int:
        nonlocal count, line
        while signal.sigtimedwait({signal.SIGCONT}, 0):
            pass  # continued before, for another reason
        written = write(text)
        *whole, line = (line + text).split("\n")
        for each in whole:
            count += received.match(each) is not None
            if count == task:
                sys.stdout.write = write  # type: ignore[method-assign]
                signal.sigwait({signal.SIGCONT})
                break
        return written

    sys.stdout.write = watched_write  # type: ignore[method-assign]


if __name__ == "__main__":
    main(sys.argv[1])
