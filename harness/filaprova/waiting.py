"""Waits: each has a limit, and how long it took is noted. The only polling loop, the only sleep.

A wait that usually takes half of its limit will one day fail without anything being wrong. So each
is noted with a kind, under which the waits of many runs are gathered (``tests/burn_in.py``).

Events of the history are never polled for: see ``Recorder.wait_for``.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from filaprova.errors import TimedOut
from filaprova.phrase import say

T = TypeVar("T")


class Waited(msgspec.Struct, frozen=True, kw_only=True):
    """One wait that was made: for what, how long, and how long it could have been."""

    kind: str
    """A word or two that all waits of this kind share: ``subscribed``, ``boot``."""
    what: str = ""
    """For what in particular."""
    seconds: float
    limit_s: float


_listeners: list[Callable[[Waited], None]] = []


@contextlib.contextmanager
def waits_told_to(note: Callable[[Waited], None]) -> Iterator[None]:
    """Call ``note`` with every wait of this process that ends while the body runs.

    It is called in whichever thread has waited.
    """
    _listeners.append(note)
    try:
        yield
    finally:
        _listeners.remove(note)


@contextlib.contextmanager
def noted(kind: str, *, limit_s: float, what: str = "") -> Iterator[None]:
    """Note how long the body waits; that it waits no longer than ``limit_s`` is its own duty.

    A wait that was broken off, by any error but ``TimedOut``, is none.
    """
    started = time.monotonic()
    try:
        yield
    except TimedOut:
        _note(kind, what, time.monotonic() - started, limit_s)
        raise
    _note(kind, what, time.monotonic() - started, limit_s)


def wait_until(
    probe: Callable[[], T | None],
    *,
    what: str,
    timeout_s: float,
    every_s: float = 0.02,
    kind: str = "condition",
) -> T:
    """Return the first truthy value of ``probe``, asked every ``every_s`` seconds.

    Raises ``TimedOut`` after ``timeout_s`` seconds; ``what`` completes "waited … s for …". What
    ``probe`` raises is not caught. The probe is asked at least once, and once more at the limit.
    """
    deadline = time.monotonic() + timeout_s
    with noted(kind, limit_s=timeout_s, what=what):
        while True:
            last_chance = time.monotonic() >= deadline
            value = probe()
            if value:
                return value
            if last_chance:
                raise came_not(what, timeout_s)
            time.sleep(min(every_s, max(0.0, deadline - time.monotonic())))


def came_not(what: str, limit_s: float) -> TimedOut:
    """Return the error of a wait that came to its limit; ``what`` completes "waited … s for"."""
    return TimedOut(say("waited {:.1f} s for {}; it did not come.", limit_s, what))


def _note(kind: str, what: str, seconds: float, limit_s: float) -> None:
    waited = Waited(kind=kind, what=str(what), seconds=seconds, limit_s=limit_s)
    for note in tuple(_listeners):
        note(waited)
