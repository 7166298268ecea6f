"""For all tests: none fails because the machine is busy, or because they run in the background."""

from __future__ import annotations

import signal

from hypothesis import settings

settings.register_profile("patient", deadline=None)  # else as by default, also under CI
settings.load_profile("patient")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell has its jobs in the background ignore Ctrl-C, and programs inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
