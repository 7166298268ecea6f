"""Real runs for the tests of the plugin; those that a test begins are ended with its module."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn, TypeAlias

import pytest

from filaprova.brokers.container import find_engine
from filaprova.brokers.local import find_scripts
from tests.harness.plugin.runs import Run
from tests.one_broker import one_broker

IMAGE = "rabbitmq:4.3.6"
Borrow: TypeAlias = Callable[[int], dict[str, str]]


@pytest.fixture(scope="module")
def begin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Run]]:
    """Begin a run; one that a test does not see to its end is ended here."""
    runs: list[Run] = []

    def begin(*arguments: str | Path, **others: str | Path) -> Run:
        runs.append(Run(tmp_path_factory.mktemp("run"), *arguments, **others))
        return runs[-1]

    yield begin
    for run in runs:
        run.end()


@pytest.fixture(scope="session")
def local() -> str:
    """Return the name of the local backend; skip, or with CI=true fail, without one."""
    if find_scripts() is None:
        lacking("RabbitMQ is not installed")
    return "local"


@pytest.fixture(scope="session")
def borrowed(local: str) -> Iterator[Borrow]:
    """Return the environment of a run with so many scenarios that stops no server.

    It examines with one that is there already, and is told nothing of it: a boot takes seconds.
    """
    assert local
    with one_broker(80) as shared:
        yield shared.given_to


@pytest.fixture(scope="session")
def container_image() -> str:
    """Return an image of RabbitMQ that is there; skip, or with CI=true fail, without one."""
    engine = find_engine()
    if engine is None or not engine.images.list(IMAGE):
        lacking(f"there is no Docker engine with an image {IMAGE}")
    return IMAGE


def lacking(why: str) -> NoReturn:
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(f"{why}; with CI=true no backend may be missing")
    pytest.skip(why)
