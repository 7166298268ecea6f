"""A port that somebody else has taken before a local server could: another one is found."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import psutil
import pytest

from filaprova.brokers import local
from filaprova.brokers.broker import Broker, Restartable
from filaprova.brokers.inspection import greet
from filaprova.reaper import Reaper

PORTS = ["AMQP", "distribution", "epmd", "management"]
free_ports = local.free_ports


@pytest.fixture
def run() -> Iterator[Reaper]:
    with Reaper() as run:
        yield run


@pytest.fixture
def taken() -> Iterator[int]:
    """Return a port of 127.0.0.1 at which somebody else listens."""
    [port] = free_ports(1)
    with socket.create_server(("127.0.0.1", port)):
        yield port


def server_ports(run: Reaper) -> set[int]:
    ours = {
        process.pid
        for process in psutil.process_iter(["environ"])
        if run.environment.items() <= (process.info["environ"] or {}).items()
    }
    return {
        connection.laddr.port
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.pid in ours
    }


@pytest.mark.parametrize(
    "which", ["distribution", "management", pytest.param("epmd", marks=pytest.mark.thorough)]
)
def test_it_boots_with_others(
    run: Reaper,
    open_one: Callable[..., Broker],
    taken: int,
    which: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ports = free_ports(len(PORTS))
    ports[PORTS.index(which)] = taken
    given = [ports]
    monkeypatch.setattr(local, "free_ports", lambda n: given.pop() if given else free_ports(n))
    broker = open_one("local", reaper=run)
    assert given == []
    assert greet(broker.address())
    assert len(server_ports(run)) == len(PORTS)
    assert taken not in server_ports(run)
    broker.close()
    assert server_ports(run) == set()


@pytest.mark.thorough
def test_one_that_was_taken_while_it_was_down(run: Reaper, open_one: Callable[..., Broker]) -> None:
    broker = open_one("local", reaper=run)
    assert isinstance(broker, Restartable)
    before = broker.address()
    assert broker.stop().clean
    with socket.create_server(before):
        broker.start()
        assert broker.address().port != before.port
        assert greet(broker.address())
