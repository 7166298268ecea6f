"""Wait for a condition outside the history: the only polling loop, the only sleep.

Events of the history are never polled for: see ``Recorder.wait_for``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from harness.errors import TimedOut

T = TypeVar("T")


def wait_until(
    probe: Callable[[], T | None],
    *,
    what: str,
    timeout_s: float,
    every_s: float = 0.02,
) -> T:
    """Return the first truthy value of ``probe``, asked every ``every_s`` seconds.

    Raises ``TimedOut`` after ``timeout_s`` seconds; ``what`` completes "waited … s for …". What
    ``probe`` raises is not caught. The probe is asked at least once, and once more at the limit.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        last_chance = time.monotonic() >= deadline
        value = probe()
        if value:
            return value
        if last_chance:
            raise TimedOut(f"waited {timeout_s:.1f} s for {what}; it did not come.")
        time.sleep(min(every_s, max(0.0, deadline - time.monotonic())))
