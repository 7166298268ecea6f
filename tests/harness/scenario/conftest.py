"""A real stage whose broker is never spoken to, and a record that the test writes itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from filaprova.address import Address
from filaprova.brokers.broker import BrokerDescription, Credentials
from filaprova.reaper import Reaper
from filaprova.record.observer import Background
from filaprova.runs.session import Session, Settings
from filaprova.runs.store import RunFolder
from filaprova.scenario.stage import Stage


class SilentBroker:
    """A broker that nobody needs to reach."""

    description = BrokerDescription(
        product="RabbitMQ", version="1", erlang_version="1", backend="local"
    )
    credentials = Credentials(user="u", password="p")

    def address(self) -> Address:
        return Address("127.0.0.1", 1)


class Silence:
    """A narrator who says nothing."""

    def step(self, _title: str) -> AbstractContextManager[None]:
        return nullcontext()

    def tell(self, _seconds: float, _role: str, _text: str) -> None:
        pass


@pytest.fixture
def stage(background: Background, reaper: Reaper, tmp_path: Path) -> Iterator[Stage]:
    folder = RunFolder.create(tmp_path / "reports")
    broker: Any = SilentBroker()
    session = Session(
        settings=Settings(seed=1, seconds_per_dot=0.01, wait_s=20.0),
        broker=broker,
        background=background,
        reaper=reaper,
        folder=folder,
        free_virtual_hosts=["v"],
    )
    stage = Stage(session, folder.scenario("test.py::test"), name="test", narrator=Silence())
    yield stage
    stage.close()
