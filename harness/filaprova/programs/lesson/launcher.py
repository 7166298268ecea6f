"""Run a Python script as typed by hand, against the address in ``AMQP_URL``.

``python launcher.py PROGRAM [ARGUMENT …]``. The script stays as it is, byte for byte. What changes
is around it: every connection that it opens with pika goes to our address, whatever host, port,
virtual host, user and TLS it names, so that it can reach no other broker; ``time.sleep`` takes
``FILAPROVA_SECONDS_PER_DOT`` for each second asked for; ``random`` starts from ``FILAPROVA_SEED``;
each line it prints is written at once and as a whole, as in a terminal; and where
``FILAPROVA_PAUSE_AT_TASK`` says so, it stands still when it has printed that many lines that match
``FILAPROVA_RECEIVED``, if it is first to take ``FILAPROVA_PAUSE_TOKEN``.
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
        pause_at(int(pause_at_task), pattern, token=os.environ.pop("FILAPROVA_PAUSE_TOKEN"))
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
