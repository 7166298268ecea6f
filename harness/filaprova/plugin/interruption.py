"""Interruptions: what is being put down is finished first, and SIGTERM is one of them."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import NoReturn


@contextlib.contextmanager
def by_termination() -> Iterator[None]:
    """Take a SIGTERM during the body for a Ctrl-C: what CI cancels ends with its report, too.

    Also where Ctrl-C is ignored, as by a job that a shell has in the background.
    """
    if not _may_handle(signal.SIGTERM, usual=signal.SIG_DFL):
        yield
        return
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextlib.contextmanager
def postponed() -> Iterator[None]:
    """Raise a ``KeyboardInterrupt`` that comes during the body after it; the second one at once.

    It is raised also where the body raised something else, which is then its context.
    For what is over soon, and is worth nothing by half: a verdict, a report.
    """
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: _interrupt}
    taken = {each: handler for each, handler in usual.items() if _may_handle(each, usual=handler)}
    came = False

    def note(*_: object) -> None:
        nonlocal came
        if came:
            raise KeyboardInterrupt
        came = True

    for each in taken:
        signal.signal(each, note)
    try:
        yield
    finally:
        for each, handler in taken.items():
            signal.signal(each, handler)
        if came:
            raise KeyboardInterrupt


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _may_handle(number: signal.Signals, *, usual: object) -> bool:
    """Tell whether this thread may take a signal over, and nobody else has done so."""
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and signal.getsignal(number) is usual
