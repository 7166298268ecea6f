"""For all tests: none fails because the machine is busy, or because they run in the background."""

from __future__ import annotations

import os
import signal

import pytest

from tests.patience import RUN_S

THOROUGH = "FILAPROVA_THOROUGH"
"""In the environment: tests are carried out, too, that take long and are rarely red."""

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell has its jobs in the background ignore Ctrl-C, and programs inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker; be patient with hypothesis' examples.

    Runs of scenarios that tests begin do without hypothesis, since it takes long to import.
    """
    if config.pluginmanager.hasplugin("hypothesispytest"):
        from hypothesis import settings

        settings.register_profile("patient", deadline=None)  # else as by default, also under CI
        settings.load_profile("patient")
    config.addinivalue_line(
        "markers", "thorough: takes long and is rarely red; a part of make thorough, not make test"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is thorough, unless that is wanted; let what hangs be ended late.

    Some tests are a run of many scenarios, or wait for one.
    """
    if not os.environ.get(THOROUGH):
        thorough = [item for item in items if item.get_closest_marker("thorough")]
        config.hook.pytest_deselected(items=thorough)
        items[:] = [item for item in items if item not in thorough]
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(1.5 * RUN_S))
