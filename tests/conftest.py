"""For all tests: none fails because the machine is busy, or because they run in the background."""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

from tests.patience import RUN_S

settings.register_profile("patient", deadline=None)  # else as by default, also under CI
settings.load_profile("patient")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell has its jobs in the background ignore Ctrl-C, and programs inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test that hangs be ended late: some are a run of many scenarios, or wait for one."""
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(1.5 * RUN_S))
