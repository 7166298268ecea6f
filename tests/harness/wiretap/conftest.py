"""A real observer, recorder and wiretap before a broker that the test plays itself."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from filaprova.address import Address
from filaprova.record.event import Event
from filaprova.record.observer import Background
from filaprova.record.recorder import Recorder
from filaprova.wiretap.tap import Tap, Wiretap
from tests.harness.wiretap.wire import TIMEOUT_S, connect


class PlayedBroker:
    """Listens like a broker; the test says what it says. Starts anew on another port."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(TIMEOUT_S)
        self._address = Address(*self._listener.getsockname())
        self._accepted: list[socket.socket] = []

    def address(self) -> Address:
        return self._address

    def accept(self) -> socket.socket:
        connection, _ = self._listener.accept()
        connection.settimeout(TIMEOUT_S)
        self._accepted.append(connection)
        return connection

    def has_a_caller(self) -> bool:
        self._listener.settimeout(0.0)
        try:
            self.accept()
        except BlockingIOError:
            return False
        finally:
            self._listener.settimeout(TIMEOUT_S)
        return True

    def stop(self) -> None:
        for each in (self._listener, *self._accepted):
            each.close()
        self._accepted.clear()

    def start(self) -> None:
        self.stop()
        self.__init__()  # type: ignore[misc]


@pytest.fixture
def broker() -> Iterator[PlayedBroker]:
    broker = PlayedBroker()
    yield broker
    broker.stop()


@pytest.fixture
def wiretap(background: Background, recorder: Recorder, broker: PlayedBroker) -> Iterator[Wiretap]:
    wiretap = Wiretap(background, recorder, broker.address)
    yield wiretap
    broker.stop()  # a closing wiretap hears brokers out that have not closed
    wiretap.close()


@pytest.fixture
def tap(wiretap: Wiretap) -> Tap:
    return wiretap.open("C1")


@pytest.fixture
def join(broker: PlayedBroker, tap: Tap) -> Iterator[Callable[[], tuple[socket.socket, ...]]]:
    """Connect through the tap and return the client's socket and the broker's."""
    clients: list[socket.socket] = []

    def join() -> tuple[socket.socket, ...]:
        clients.append(connect(tap.address))
        return clients[-1], broker.accept()

    yield join
    for client in clients:
        client.close()


@pytest.fixture
def wait_for(recorder: Recorder) -> Callable[..., Event]:
    """Wait for the first event of a kind whose fields are as given."""

    def wait_for(kind: type[Event], **fields: object) -> Event:
        return recorder.wait_for(
            lambda event: (
                isinstance(event, kind)
                and all(getattr(event, name) == value for name, value in fields.items())
            ),
            what=f"{kind.__name__} {fields}",
            timeout_s=TIMEOUT_S,
        )

    return wait_for
