"""A broker given by URL whose management plugin answers is counted by that, and by no other's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from filaprova.address import Address
from filaprova.brokers import external
from filaprova.brokers.broker import Broker, Killable, QueueRow, Restartable
from filaprova.brokers.local import free_ports
from filaprova.brokers.management import ABOVE_AMQP, USUAL_PORT, Management, usual_addresses
from filaprova.reaper import Reaper
from tests.harness.brokers.conftest import Node, is_free, open_node, start_node


@pytest.fixture(scope="module")
def managed(reaper: Reaper, require: Callable[[str], None]) -> Node:
    """Start a node with the plugin, which listens where it usually does for that port."""
    require("external")
    port = next(
        port
        for ports in iter(lambda: free_ports(1), [])
        for port in ports
        if is_free(port + ABOVE_AMQP)
    )
    ports = [port, *free_ports(2)]
    return start_node(reaper, ports, management_port=port + ABOVE_AMQP)


@pytest.fixture
def broker(managed: Node, reaper: Reaper) -> Iterator[Broker]:
    opened = open_node(managed, reaper)
    yield opened
    opened.close()


def counted(broker: Broker) -> QueueRow:
    row = broker.queue("one", "counted")
    assert row is not None
    return row


def test_what_is_unacknowledged_is_told_at_once(broker: Broker, channel: Any) -> None:
    assert isinstance(broker, Restartable)
    assert isinstance(broker, Killable)
    with channel(broker) as owner:
        owner.queue_declare("counted", durable=True)
        for _ in range(3):
            owner.basic_publish("", "counted", b"a task")
        tags = [owner.basic_get("counted")[0].delivery_tag for _ in range(2)]
        held = QueueRow(
            name="counted", durable=True, ready_count=1, unacked_count=2, consumer_count=0
        )
        assert counted(broker) == held
        owner.basic_ack(tags[0])
        owner.queue_declare("counted", passive=True)  # the acknowledgement has arrived
        assert counted(broker).unacked_count == 1
        assert broker.queue("one", "never-declared") is None
        owner.queue_delete("counted")


def test_of_a_queue_whose_counts_are_old_only_what_is_exact_is_told(
    broker: Broker, channel: Any
) -> None:
    with channel(broker) as owner:
        owner.queue_declare("counted", durable=True, arguments={"x-queue-type": "quorum"})
        owner.confirm_delivery()
        owner.basic_publish("", "counted", b"a task")
        assert counted(broker) == QueueRow(
            name="counted", durable=None, ready_count=1, unacked_count=None, consumer_count=0
        )
        owner.queue_delete("counted")


@pytest.mark.thorough
def test_after_a_restart_it_tells_again(broker: Broker, channel: Any) -> None:
    assert isinstance(broker, Restartable)
    with channel(broker) as owner:
        owner.queue_declare("counted", durable=True)
    broker.stop()
    broker.start()
    assert counted(broker).unacked_count == 0
    with channel(broker) as owner:
        owner.queue_delete("counted")


def test_the_plugin_of_another_broker_is_not_asked(
    managed: Node, reaper: Reaper, channel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows the user, and listens where this broker's own would."""
    plain = start_node(reaper, free_ports(3), managed.credentials)
    others = usual_addresses(managed.address)
    monkeypatch.setattr(external, "usual_addresses", lambda _: others)
    broker = open_node(plain, reaper)
    assert Management(others[0], managed.credentials).totals("one") is not None
    with channel(broker) as owner:
        owner.queue_declare("counted")
        assert counted(broker).unacked_count is None
        owner.queue_delete("counted")
    broker.close()


def test_where_a_plugin_usually_listens() -> None:
    assert [a.port for a in usual_addresses(Address("::1", 5673))] == [15673, USUAL_PORT]
    assert [a.port for a in usual_addresses(Address("::1", 5672))] == [USUAL_PORT]
    assert [a.port for a in usual_addresses(Address("::1", 60_000))] == [USUAL_PORT]


def test_whoever_does_not_answer_as_the_plugin_does_tells_nothing(managed: Node) -> None:
    nobody = Address("127.0.0.1", 1)
    for address in (nobody, managed.address):  # nothing listens; something that speaks AMQP
        assert Management(address, managed.credentials).totals("one") is None
