"""What every backend promises, examined on each of them with real brokers."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pika
import psutil
import pytest
from docker.errors import DockerException
from docker.models.containers import Container
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import (
    ChannelClosedByBroker,
    ProbableAuthenticationError,
    StreamLostError,
)

from filaprova.brokers.broker import Broker, Killable, Restartable
from filaprova.brokers.inspection import greet, handshake
from filaprova.errors import EnvironmentMissing
from filaprova.reaper import Reaper
from filaprova.waiting import wait_until
from tests.patience import PATIENCE_S

OURS = [
    pytest.param("container-oldest", marks=pytest.mark.thorough),
    "container-newest",
    "local",
]
BACKENDS = [*OURS, "external"]
PERSISTENT = pika.BasicProperties(delivery_mode=2)


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def broker(backend: str, open_one: Callable[..., Broker]) -> Iterator[Broker]:
    broker = open_one(backend)
    yield broker
    broker.close()


def test_it_is_ready_when_it_is_open(broker: Broker) -> None:
    assert handshake(broker.address(), broker.credentials, broker.virtual_hosts[0])


def test_its_user_may_do_everything_on_every_virtual_host(broker: Broker, channel) -> None:
    assert len(broker.virtual_hosts) == 2
    for virtual_host in broker.virtual_hosts:
        with channel(broker, virtual_host) as opened:
            opened.exchange_declare("anything", "fanout", durable=False)
            opened.queue_declare("mine", durable=True)
            opened.queue_bind("mine", "anything")
            opened.basic_publish("anything", "", b"task")
            assert opened.queue_purge("mine").method.message_count >= 0
            opened.queue_delete("mine")
            opened.exchange_delete("anything")


def test_it_lets_nobody_else_in(broker: Broker, channel) -> None:
    with pytest.raises(ProbableAuthenticationError), channel(broker, password="guest"):
        pass
    assert broker.credentials.password not in repr(broker.credentials)


def test_it_says_what_it_is(broker: Broker, backend: str) -> None:
    description = broker.description
    assert description.product == "RabbitMQ"
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", description.version)
    assert re.match(r"\d+(\.\d+)*", description.erlang_version)
    assert description.backend == backend.partition("-")[0]
    assert description.reason
    assert (":" in description.image) == (description.backend == "container")
    if description.backend == "container":
        assert description.image.endswith(description.version)
    assert description.transient_queues == "permitted"


def test_a_classic_queue_is_counted_without_a_command(
    broker: Broker, channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(virtual_host: str) -> None:
        raise AssertionError(f"the queues of {virtual_host} were listed")

    monkeypatch.setattr(broker, "queues", never)
    virtual_host = broker.virtual_hosts[0]
    with channel(broker, virtual_host) as opened:
        opened.queue_declare("counted", durable=True)
        publish_confirmed(opened, "counted")
        row = broker.queue(virtual_host, "counted")
        assert row is not None
        assert row.ready_count == 1
        opened.queue_delete("counted")


@pytest.mark.parametrize("queue_type", ["classic", "quorum"])
def test_it_counts_a_queue(broker: Broker, channel, queue_type: str) -> None:
    virtual_host = broker.virtual_hosts[0]
    with channel(broker, virtual_host) as opened:
        opened.queue_declare("counted", durable=True, arguments={"x-queue-type": queue_type})
        for _ in range(5):
            publish_confirmed(opened, "counted")
        opened.basic_qos(prefetch_count=2)
        held: list[object] = []
        opened.basic_consume("counted", lambda *delivery: held.append(delivery))
        wait_until(
            lambda: opened.connection.process_data_events(0) or len(held) == 2,
            what="two deliveries",
            timeout_s=PATIENCE_S,
        )
        counted = wait_until(
            lambda: (row := broker.queue(virtual_host, "counted")) and row.consumer_count and row,
            what="the broker to count the consumer",
            timeout_s=PATIENCE_S,
        )
        assert (counted.ready_count, counted.consumer_count) == (3, 1)
        can_list = broker.description.backend != "external"
        assert counted.unacked_count == (2 if can_list else None)
        assert counted.durable == (True if can_list else None)
        opened.queue_delete("counted")
    assert broker.queue(virtual_host, "counted") is None


def test_it_lists_queues_by_name(broker: Broker, channel) -> None:
    virtual_host = broker.virtual_hosts[0]
    names = ["b-queue", "a queue, ção", "c-queue"]
    with channel(broker, virtual_host) as opened:
        for name in names:
            opened.queue_declare(name, durable=name != "b-queue")
        if broker.description.backend == "external":
            with pytest.raises(EnvironmentMissing, match="cannot be listed"):
                broker.queues(virtual_host)
        else:
            listed = [(row.name, row.durable) for row in broker.queues(virtual_host)]
            assert listed == [("a queue, ção", True), ("b-queue", False), ("c-queue", True)]
            assert broker.queues(broker.virtual_hosts[1]) == []
        for name in names:
            opened.queue_delete(name)


@pytest.mark.parametrize(
    "backend",
    [*OURS, pytest.param("external", marks=pytest.mark.thorough)],
    indirect=True,
    scope="module",
)
def test_it_stops_starts_with_its_data_and_is_killed(broker: Broker, channel) -> None:
    """One story: a queue is sure to survive a kill only if a stop has put it on disk before."""
    assert isinstance(broker, Restartable)
    assert isinstance(broker, Killable)
    with channel(broker) as opened:
        opened.queue_declare("stays", durable=True)
        opened.queue_declare("goes", durable=False)
        publish_confirmed(opened, "stays")

    report = broker.stop()
    assert report.clean, report.detail
    assert greet(broker.address()) is None

    broker.start()
    with channel(broker) as opened:
        assert opened.queue_declare("stays", passive=True).method.message_count == 1
        with pytest.raises(ChannelClosedByBroker, match="NOT_FOUND"):
            opened.queue_declare("goes", passive=True)

    with channel(broker) as opened:
        publish_confirmed(opened, "stays")
        broker.kill()
        if broker.description.backend != "external":
            broker.kill()  # what is dead already stays so
        assert greet(broker.address()) is None
        with pytest.raises(StreamLostError):  # a graceful stop would say goodbye
            opened.connection.process_data_events(1)
    assert not broker.stop().clean, "what is dead already cannot be stopped gracefully"

    broker.start()
    with channel(broker) as opened:
        assert opened.queue_declare("stays", passive=True).method.message_count == 2
        opened.queue_delete("stays")


def publish_confirmed(channel: BlockingChannel, queue: str) -> None:
    channel.confirm_delivery()
    channel.basic_publish("", queue, b"task", PERSISTENT)


def test_it_shows_the_end_of_its_log(broker: Broker, backend: str) -> None:
    if backend == "external":
        assert broker.log_tail() == []
        return
    before, tail, whole = (broker.log_tail(count) for count in (100_000, 5, 100_000))
    assert "Starting RabbitMQ" in "\n".join(whole)
    # The server works on, so its log may grow between two looks at it, but only at its end.
    ends = range(len(before), len(whole) + 1)
    assert len(before) > 50
    assert tail in [whole[end - 5 : end] for end in ends]


# ------------------------------------------------------------------ two of them side by side


@pytest.fixture(scope="module")
def other_reaper(backend: str) -> Iterator[Reaper]:  # noqa: ARG001 (one for each)
    with Reaper() as reaper:
        yield reaper


@pytest.fixture(scope="module")
def second(
    backend: str, broker: Broker, open_one: Callable[..., Broker], other_reaper: Reaper
) -> Iterator[Broker]:
    """A broker of another run, which comes and goes while the first one is there."""
    assert broker
    second = open_one(backend, reaper=other_reaper)
    yield second
    second.close()


def test_two_do_not_meet(broker: Broker, second: Broker, channel) -> None:
    assert broker.address() != second.address()
    assert broker.credentials != second.credentials
    with channel(second) as opened:
        opened.queue_declare("second", durable=True)
        assert second.queue("one", "second")
        assert broker.queue("one", "second") is None


def test_nothing_of_them_listens_on_the_network(second: Broker, other_reaper: Reaper) -> None:
    ours = {process.pid for process in processes_of(other_reaper)}
    port = second.address().port
    listening = {
        connection.laddr
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
        and (connection.pid in ours or connection.laddr.port == port)
    }
    # AMQP; of a server of this machine also the management plugin, the distribution and epmd
    port_count = {"container": 1, "local": 4, "external": 3}[second.description.backend]
    assert len({address.port for address in listening}) == port_count
    assert all(ipaddress.ip_address(address.ip).is_loopback for address in listening), listening


def test_the_password_is_nowhere(second: Broker, other_reaper: Reaper) -> None:
    password = second.credentials.password
    assert password not in f"{second.credentials!r} {second.credentials} {second.description}"
    assert password not in "\n".join(second.log_tail(100_000))
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            assert password not in str(process.cmdline())
            assert password not in str(process.environ())
    # Not rglob: it fails where a folder goes while it looks, and the server works on.
    files = [Path(top) / name for top, _, names in os.walk(other_reaper.scratch) for name in names]
    if second.description.backend != "container":
        assert len(files) > 5
    for path in files:
        with contextlib.suppress(FileNotFoundError):
            assert password.encode() not in path.read_bytes(), path
    for container in containers_of(other_reaper):
        chunks, _ = container.get_archive("/etc/rabbitmq/filaprova")
        archive = b"".join(chunks)
        assert b"password_hash" in archive
        assert password.encode() not in archive
        assert password not in str(container.attrs)


def test_closed_it_leaves_nothing(
    broker: Broker, second: Broker, backend: str, other_reaper: Reaper
) -> None:
    address, traces = second.address(), traces_of(other_reaper)
    volumes = volumes_of(other_reaper)
    if backend == "external":
        second.close()
        assert greet(address), "a broker of the user's own stays as it is"
        return
    assert traces
    assert bool(volumes) == backend.startswith("container")
    second.close()
    second.close()
    assert traces_of(other_reaper) == []
    assert not volumes & existing_volumes()
    assert greet(address) is None
    assert list(other_reaper.scratch.iterdir()) == []
    assert greet(broker.address()), "the first one was ended, too"


@pytest.mark.parametrize("backend", OURS, indirect=True, scope="module")
def test_the_machines_own_broker_was_not_disturbed(
    broker: Broker, neighbour: tuple[BlockingChannel, int, Callable[[], Any]]
) -> None:
    """By all that was started, stopped, killed and removed until here; the last of this module."""
    channel, pid, machines_own = neighbour
    assert broker
    assert machines_own().pid() == pid
    publish_confirmed(channel, "neighbour")
    assert channel.basic_get("neighbour", auto_ack=True)[2] == b"task"


@pytest.fixture(scope="module", autouse=True)
def neighbour(
    backend: str, machines_own: Callable[[], Any], channel
) -> Iterator[tuple[BlockingChannel, int, Callable[[], Any]] | None]:
    """A client of the machine's own node, connected from before a backend's first test on."""
    if backend == "external":
        yield None  # that is its own node
        return
    node = machines_own()
    with channel(node) as opened:
        opened.queue_declare("neighbour", exclusive=True)
        yield opened, node.pid(), machines_own


def processes_of(reaper: Reaper) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if reaper.environment.items() <= process.environ().items():
                found.append(process)
    return found


def traces_of(reaper: Reaper) -> list[str]:
    """Return the processes and containers that a run has on this machine."""
    return [
        *(f"process {process}" for process in processes_of(reaper)),
        *(f"container {container.id}" for container in containers_of(reaper)),
    ]


def containers_of(reaper: Reaper) -> list[Container]:
    with contextlib.suppress(DockerException):
        label = f"filaprova.run={reaper.run_id}"
        return docker.from_env().containers.list(all=True, filters={"label": label})
    return []


def volumes_of(reaper: Reaper) -> set[str]:
    return {mount["Name"] for c in containers_of(reaper) for mount in c.attrs["Mounts"]}


def existing_volumes() -> set[str]:
    with contextlib.suppress(DockerException):
        return {volume.id for volume in docker.from_env().volumes.list()}
    return set()
