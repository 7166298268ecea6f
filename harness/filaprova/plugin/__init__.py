"""pytest plugin: a test that uses the ``scenario`` fixture is a scenario.

pytest imports this in every session on the machine, so it imports next to nothing and says nothing.
Everything else is in ``hooks``, which joins the session once a scenario has been collected.
``@pytest.mark.examines("L05", "K3")`` names what a scenario speaks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from filaprova.command_line import PREFIX
from filaprova.plugin.declared import declare

if TYPE_CHECKING:
    from filaprova.scenario import Scenario


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options, by names that nobody else has."""
    declare(parser, PREFIX)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers", "examines(*subjects): the exercises and claims that a scenario speaks for, by id"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the rest of the plugin join a session that has scenarios."""
    if not scenario_items(items):
        return
    from filaprova.plugin import hooks

    config.pluginmanager.register(hooks, "filaprova scenarios")
    hooks.prepare(config, items)


def scenario_items(items: Sequence[pytest.Item]) -> list[pytest.Function]:
    """Return the tests that use the ``scenario`` fixture."""
    return [
        item
        for item in items
        if isinstance(item, pytest.Function) and "scenario" in item.fixturenames
    ]


@pytest.fixture
def scenario(request: pytest.FixtureRequest) -> Iterator[Scenario]:
    """Give a scenario of its own: its virtual host, its taps, its record."""
    from filaprova.plugin.hooks import opened

    yield from opened(request)
