"""Through a tap with a real RabbitMQ: all is on record, and crashes look like crashes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pika
import pytest

from filaprova.address import Address
from filaprova.brokers.broker import Broker, BrokerSettings, Restartable
from filaprova.brokers.choose import open_broker
from filaprova.brokers.local import find_scripts
from filaprova.faults.hold_back import HoldBack
from filaprova.reaper import Reaper
from filaprova.record.act import HarnessTrouble
from filaprova.record.event import Event
from filaprova.record.observer import Background
from filaprova.record.recorder import Recorder
from filaprova.record.wire import (
    Bound,
    ChannelClosed,
    Confirmed,
    ConnectionOpened,
    ConsumerStarted,
    Delivered,
    ExchangeDeclared,
    ExchangeDeleted,
    PollEmpty,
    Published,
    Settled,
    SocketClosed,
    SocketRefused,
    TransactionCommitted,
    TransactionRolledBack,
    TransactionSelected,
    Unbound,
    Undecodable,
)
from filaprova.wiretap.login import Login
from filaprova.wiretap.tap import Tap, Wiretap
from tests.harness.wiretap.wire import TIMEOUT_S

WaitFor = Callable[..., Event]

WORKER = """
import sys, pika
host, port, user, password, acknowledge = sys.argv[1:]
where = pika.ConnectionParameters(host, int(port), "one", pika.PlainCredentials(user, password))
channel = pika.BlockingConnection(where).channel()
channel.basic_qos(prefetch_count=3)
def take(channel, deliver, properties, body):
    if acknowledge == "yes":
        channel.basic_ack(deliver.delivery_tag)
channel.basic_consume("q", take)
channel.start_consuming()
"""


@pytest.fixture(scope="module")
def rabbitmq() -> Iterator[Broker]:
    if find_scripts() is None:
        reason = "RabbitMQ is not installed"
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(reason)
        pytest.skip(reason)
    with Reaper() as reaper:
        broker = open_broker("local", settings=BrokerSettings(virtual_hosts=["one"]), reaper=reaper)
        yield broker
        broker.close()


@pytest.fixture
def wiretap(background: Background, recorder: Recorder, rabbitmq: Broker) -> Iterator[Wiretap]:
    wiretap = Wiretap(background, recorder, rabbitmq.address)
    yield wiretap
    wiretap.close()


def connect(tap: Tap, broker: Broker) -> pika.BlockingConnection:
    credentials = pika.PlainCredentials(broker.credentials.user, broker.credentials.password)
    return pika.BlockingConnection(pika.ConnectionParameters(*tap.address, "one", credentials))


def start_worker(tap: Tap, broker: Broker, acknowledge: str) -> subprocess.Popen[bytes]:
    credentials = broker.credentials
    return subprocess.Popen(
        [
            *(sys.executable, "-c", WORKER, tap.address.host, str(tap.address.port)),
            *(credentials.user, credentials.password, acknowledge),
        ]
    )


def fill(wiretap: Wiretap, broker: Broker, count: int) -> None:
    with connect(wiretap.open("producer"), broker) as connection:
        channel = connection.channel()
        channel.queue_delete("q")
        channel.queue_declare("q")
        channel.confirm_delivery()
        for number in range(count):
            channel.basic_publish("", "q", b"task %d" % number)


@pytest.mark.parametrize("hold_back", [False, True])
def test_a_killed_worker_s_tasks_come_back_after_its_end_is_on_record(
    hold_back: bool, wiretap: Wiretap, rabbitmq: Broker, recorder: Recorder, wait_for: WaitFor
) -> None:
    fill(wiretap, rabbitmq, 3)
    first, second = wiretap.open("C1"), wiretap.open("C2")
    doomed = start_worker(first, rabbitmq, "no")
    wait_for(Delivered, client="C1", delivery_tag=3)
    if hold_back:
        first.arm(HoldBack("client"))
    heir = start_worker(second, rabbitmq, "yes")
    wait_for(ConnectionOpened, client="C2")
    doomed.kill()
    doomed.wait()
    wait_for(Settled, client="C2", task="task 2")
    heir.kill()
    heir.wait()
    wiretap.close()
    history = recorder.history()
    events = list(history)
    (end,) = (e for e in history.of(SocketClosed) if e.client == "C1")
    assert end.by == "client"
    back = [event for event in history.of(Delivered) if event.client == "C2"]
    assert [event.task for event in back] == ["task 0", "task 1", "task 2"]
    assert all(event.redelivered for event in back)
    assert events.index(end) < events.index(back[0])
    assert len(history.of(Published)) == len(history.of(Confirmed)) == 3
    assert history.of(Undecodable) == []


def test_routing_dead_letters_and_polls_are_on_record(
    wiretap: Wiretap, rabbitmq: Broker, recorder: Recorder
) -> None:
    with connect(wiretap.open("C1"), rabbitmq) as connection:
        channel = connection.channel()
        channel.exchange_declare("logs", "topic")
        channel.exchange_declare("all", "fanout", auto_delete=True)
        channel.exchange_bind("logs", "all", "#")
        dead = channel.queue_declare("", exclusive=True).method.queue
        work = channel.queue_declare(
            "",
            exclusive=True,
            arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead},
        ).method.queue
        channel.queue_bind(work, "logs", "a.*")
        assert channel.basic_get(work) == (None, None, None)
        channel.basic_publish("all", "a.b", b"task", pika.BasicProperties(priority=3))
        delivery, _, _ = next(channel.consume(work, exclusive=True, inactivity_timeout=TIMEOUT_S))
        channel.basic_nack(delivery.delivery_tag, requeue=False)
        channel.cancel()
        assert next(channel.consume(dead, inactivity_timeout=TIMEOUT_S))[2] == b"task"
        channel.cancel()
        channel.queue_unbind(work, "logs", "a.*")
        channel.exchange_unbind("logs", "all", "#")
        channel.exchange_delete("logs")
    wiretap.close()
    history = recorder.history()
    assert [event.exchange for event in history.of(ExchangeDeclared)] == ["logs", "all"]
    bound = [(event.source, event.destination, event.routing_key) for event in history.of(Bound)]
    assert bound == [("all", "logs", "#"), ("logs", work, "a.*")]
    gone = [(event.source, event.destination, event.routing_key) for event in history.of(Unbound)]
    assert gone == bound[::-1]
    assert [event.exchange for event in history.of(ExchangeDeleted)] == ["logs"]
    assert [event.queue for event in history.of(PollEmpty)] == [work]
    assert [event.priority for event in history.of(Published)] == [3]
    assert [event.exclusive for event in history.of(ConsumerStarted)] == [True, False]
    first, second = history.of(Delivered)
    assert (first.exchange, first.routing_key, first.dead_lettered_from) == ("all", "a.b", None)
    assert (second.exchange, second.routing_key, second.dead_lettered_from) == ("", dead, work)
    (opened,) = history.of(ConnectionOpened)
    assert opened.client_product == "Pika Python Client Library"
    assert opened.client_version == pika.__version__
    assert history.of(Undecodable) == []
    assert history.of(HarnessTrouble) == []


def test_after_a_rollback_the_broker_takes_the_same_settlement_again(
    wiretap: Wiretap, rabbitmq: Broker, recorder: Recorder
) -> None:
    with connect(wiretap.open("C1"), rabbitmq) as connection:
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.tx_select()
        channel.basic_publish("", queue, b"task")
        channel.tx_commit()
        delivery, _, _ = channel.basic_get(queue)
        channel.basic_ack(delivery.delivery_tag)
        channel.tx_rollback()
        channel.basic_ack(delivery.delivery_tag)
        channel.tx_commit()
    wiretap.close()
    history = recorder.history()
    assert [event.task for event in history.of(Settled)] == ["task", "task"]
    kinds = (TransactionSelected, TransactionCommitted, TransactionRolledBack)
    told = [type(event) for event in history if isinstance(event, kinds)]
    assert told == [
        TransactionSelected,
        TransactionCommitted,
        TransactionRolledBack,
        TransactionCommitted,
    ]
    assert [event.code for event in history.of(ChannelClosed)] in ([], [0], [200])


def test_the_broker_bounces_behind_a_tap(
    wiretap: Wiretap, rabbitmq: Broker, wait_for: WaitFor
) -> None:
    assert isinstance(rabbitmq, Restartable)
    tap = wiretap.open("C1")
    connection = connect(tap, rabbitmq)
    rabbitmq.stop()
    wait_for(SocketClosed, client="C1", by="broker")
    with pytest.raises(pika.exceptions.AMQPError):
        connection.process_data_events(1)
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        connect(tap, rabbitmq)
    wait_for(SocketRefused, client="C1")
    rabbitmq.start()
    connect(tap, rabbitmq).close()
    wait_for(ConnectionOpened, client="C1", connection=3)


def test_a_password_of_a_tap_s_own_is_none_for_the_broker(
    wiretap: Wiretap, rabbitmq: Broker
) -> None:
    login = Login.made_for(rabbitmq.credentials.user, rabbitmq.credentials.password)
    credentials = pika.PlainCredentials(login.user, login.given)

    def join(address: Address) -> pika.BlockingConnection:
        return pika.BlockingConnection(pika.ConnectionParameters(*address, "one", credentials))

    with join(wiretap.open("C1", login).address) as connection:
        assert connection.is_open
    with pytest.raises(pika.exceptions.ProbableAuthenticationError):
        join(rabbitmq.address())
