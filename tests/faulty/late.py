"""A scenario after whose end, when nobody judges any more, the observer's thread fails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from filaprova.judge import checks as check
from filaprova.plugin.hooks import RUN
from filaprova.scenario import Scenario


@pytest.fixture
def late_trouble(request: pytest.FixtureRequest) -> Iterator[None]:
    yield

    async def fail() -> None:
        asyncio.get_running_loop().call_soon(lambda: [][0])

    request.config.stash[RUN].session.background.run(fail())


@pytest.mark.usefixtures("late_trouble")
def test_all_is_well_until_its_end(scenario: Scenario) -> None:
    """All is well."""
    scenario.produce("producer.py", 1)
    scenario.drain("faulty")
    scenario.verify("control", check.drained(queue="faulty"))
