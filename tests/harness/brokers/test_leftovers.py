"""What programs make on somebody's own broker goes with the run; what was there before stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from filaprova.address import Address
from filaprova.brokers.broker import BrokerSettings
from filaprova.brokers.choose import open_broker
from filaprova.brokers.external import ExternalBroker
from filaprova.brokers.leftovers import Leftovers, Place
from filaprova.errors import EnvironmentMissing
from filaprova.reaper import Reaper
from filaprova.record.wire import ExchangeDeclared, QueueDeclared
from filaprova.waiting import wait_until
from tests.patience import PATIENCE_S

RUN = """
import sys
from filaprova.brokers.external import open_external
from filaprova.brokers.broker import BrokerSettings
from filaprova.reaper import Reaper
from tests.harness.brokers.test_leftovers import declared
with Reaper() as reaper:
    broker = open_external(sys.argv[1], BrokerSettings(), reaper)
    broker.note(declared("made-by-a-killed-run"))
    print("made", flush=True)
    sys.stdin.read()
"""


def declared(queue: str, **fields: Any) -> QueueDeclared:
    asked: dict[str, Any] = {"passive": False, "durable": True, "exclusive": False}
    counts: dict[str, Any] = {"auto_delete": False, "ready_count": 0, "consumer_count": 0}
    place: dict[str, Any] = {"at_ns": 1, "client": "C1", "connection": 1, "channel": 1}
    return QueueDeclared(queue=queue, **(place | asked | counts | fields))


def exchange_declared(name: str) -> ExchangeDeclared:
    return ExchangeDeclared(
        at_ns=2,
        client="C1",
        connection=1,
        channel=1,
        exchange=name,
        kind="direct",
        passive=False,
        durable=False,
        auto_delete=False,
    )


@pytest.fixture
def broker(open_one: Any) -> ExternalBroker:
    opened = open_one("external")
    assert isinstance(opened, ExternalBroker)
    return opened


@pytest.fixture
def owner(
    broker: ExternalBroker, channel: Callable[..., AbstractContextManager[BlockingChannel]]
) -> Iterator[BlockingChannel]:
    """Whose broker it is: a channel of theirs."""
    with channel(broker) as opened:
        yield opened


def test_what_a_scenario_made_is_removed(broker: ExternalBroker, owner: BlockingChannel) -> None:
    owner.queue_declare("made", durable=True)
    owner.basic_publish("", "made", b"a task that was left")
    owner.exchange_declare("made-too")
    broker.note(declared("made"))
    broker.note(declared("made", ready_count=1, consumer_count=2))
    broker.note(exchange_declared("made-too"))
    broker.tidy()
    assert broker.queue("one", "made") is None
    assert broker.left_alone == []
    owner.exchange_declare("made-too", "fanout")  # is not there with another type
    owner.exchange_delete("made-too")


def test_an_exchange_that_others_are_bound_to_stays(
    broker: ExternalBroker, owner: BlockingChannel
) -> None:
    owner.exchange_declare("shared", "fanout")
    owner.queue_declare("theirs")
    owner.queue_bind("theirs", "shared")
    broker.note(exchange_declared("shared"))
    broker.tidy()
    owner.exchange_declare("shared", passive=True)  # raises unless it is there
    owner.queue_delete("theirs")
    owner.exchange_delete("shared")


def test_what_was_in_use_before_stays(broker: ExternalBroker, owner: BlockingChannel) -> None:
    owner.queue_declare("theirs", durable=True)
    owner.basic_publish("", "theirs", b"a task of theirs")
    broker.note(declared("theirs", ready_count=1))
    broker.note(declared("theirs"))
    broker.note(declared("only-looked-at", passive=True))
    broker.tidy()
    assert broker.left_alone == ["theirs"]
    assert broker.queue("one", "theirs") is not None
    owner.queue_delete("theirs")


def test_a_killed_run_leaves_nothing(
    broker: ExternalBroker, owner: BlockingChannel, machines_own: Any
) -> None:
    owner.queue_declare("made-by-a-killed-run", durable=True)
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RUN), machines_own().url()],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == b"made\n"
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    wait_until(
        lambda: broker.queue("one", "made-by-a-killed-run") is None,
        what="the queue of the killed run to be gone",
        timeout_s=PATIENCE_S,
    )


def test_a_broker_out_of_reach_has_what_is_left_named(
    broker: ExternalBroker,
) -> None:
    reaper, nobody = Reaper(), Address("127.0.0.1", 1)
    lost = Leftovers(
        Place(address=nobody, credentials=broker.credentials, virtual_host="one"), reaper
    )
    lost.note(declared("made"))
    with pytest.raises(EnvironmentMissing, match=r"may still be there, .*'one': queue made\. "):
        lost.remove()
    with pytest.raises(Exception, match=r"(?s)left behind.*queue made"):
        reaper.close()


def test_whoever_may_not_enter_is_told_how(machines_own: Any, reaper: Reaper) -> None:
    url = machines_own().url().removesuffix("one") + "three"
    with pytest.raises(EnvironmentMissing, match=r"rabbitmqctl add_vhost three\n.*set_perm"):
        open_broker(url, settings=BrokerSettings(), reaper=reaper)
    with pytest.raises(EnvironmentMissing, match="user and password of the URL right"):
        open_broker(machines_own().url("wrong"), settings=BrokerSettings(), reaper=reaper)
