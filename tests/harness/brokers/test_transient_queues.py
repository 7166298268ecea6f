"""Brokers that deny the lesson's transient queues, as upstream 4.3 and later do by default."""

from __future__ import annotations

from collections.abc import Callable

import docker
import pytest

from filaprova.brokers.broker import Broker, BrokerSettings
from filaprova.brokers.choose import PERMITTED_FOR_THIS_RUN, find_broker, open_broker
from filaprova.brokers.inspection import transient_queues_denied
from filaprova.reaper import Reaper

NEWEST = "rabbitmq:4.3.6"
DENY = "deprecated_features.permit.transient_nonexcl_queues = false"


@pytest.mark.thorough
def test_denied_they_are_permitted_for_this_run(open_one: Callable[..., Broker], channel) -> None:
    """Our permission wins over the line before it that denies them; one container is left."""
    with Reaper() as run:
        broker = open_one("container-newest", DENY, reaper=run)
        assert broker.description.transient_queues == PERMITTED_FOR_THIS_RUN
        with channel(broker) as opened:
            opened.queue_declare("lesson", durable=False)
            assert opened.queue_declare("lesson", passive=True)
        engine = docker.from_env()
        mine = {"label": f"filaprova.run={run.run_id}"}
        assert len(engine.containers.list(all=True, filters=mine)) == 1
        broker.close()


def test_of_a_users_own_broker_it_is_told(require: Callable[[str], None]) -> None:
    require("container-newest")
    with Reaper() as run:
        denying = find_broker("container", NEWEST).boot(
            BrokerSettings(virtual_hosts=["one"], config_lines=[DENY]), run, "unknown"
        )
        address, credentials = denying.address(), denying.credentials
        assert transient_queues_denied(address, credentials, "one")
        url = f"amqp://{credentials.user}:{credentials.password}@127.0.0.1:{address.port}/one"
        external = open_broker(url, settings=BrokerSettings(), reaper=run)
        assert external.description.transient_queues == "denied"
        denying.close()
