"""Choose: open the broker that a run asks for, or the first one to be had."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from harness.brokers.broker import Broker, BrokerSettings
from harness.brokers.container import ContainerBroker, find_engine, find_image
from harness.brokers.external import open_external
from harness.brokers.inspection import transient_queues_denied
from harness.brokers.local import LocalBroker, find_scripts
from harness.errors import BadInput, EnvironmentMissing
from harness.reaper import Reaper

CHOICES = """Choose one of these:
  container   start a Docker engine (and, without access to a registry, make an image rabbitmq:TAG)
  local       install RabbitMQ on this machine; it is run privately, its service is not needed
  amqp://…    name a broker of your own"""
PERMIT_TRANSIENT_QUEUES = "deprecated_features.permit.transient_nonexcl_queues = true"

Boot = Callable[[BrokerSettings, str], Broker]
"""Boot a broker with these settings, on which transient queues are as said."""


def open_broker(request: str, *, settings: BrokerSettings, reaper: Reaper) -> Broker:
    """Return a broker that answers; ``request`` is auto, container, local or an amqp:// URL.

    Where the broker denies the lesson's transient queues it is booted once more with them
    permitted; ``description.transient_queues`` tells. Raises ``EnvironmentMissing`` if the broker
    is not to be had, ``BadInput`` for a request or settings that make no sense.
    """
    if "://" in request:
        if settings.config_lines:
            raise BadInput("a broker given as a URL cannot be configured from here")
        return open_external(request, settings)
    if request not in ("auto", "container", "local"):
        raise BadInput(f"there is no broker {request!r}: choose auto, container, local or a URL")
    if settings.stop_command or settings.start_command or settings.kill_command:
        raise BadInput("commands to stop, start and kill belong to a broker given as a URL")
    missing = []
    if request != "local":
        try:
            return _permitting(settings, _container(settings, reaper, request))
        except _Absent as absent:
            missing.append(f"container: {absent}")
    if request != "container":
        try:
            return _permitting(settings, _local(reaper, request, missing))
        except _Absent as absent:
            missing.append(f"local: {absent}")
    raise EnvironmentMissing("\n".join(["no broker is to be had.", *missing, CHOICES]))


class _Absent(Exception):
    """A backend cannot be used on this machine; another may be."""


def _container(settings: BrokerSettings, reaper: Reaper, request: str) -> Boot:
    engine = find_engine()
    if engine is None:
        raise _Absent("no Docker engine answers")
    try:
        image, how = find_image(engine, settings.image)
    except EnvironmentMissing as error:
        raise _Absent(str(error)) from error
    why = "asked for" if request == "container" else "a Docker engine answers"
    return lambda settings, transient_queues: ContainerBroker(
        engine=engine,
        image=image,
        settings=settings,
        reaper=reaper,
        reason=f"{why}, and {how}",
        transient_queues=transient_queues,
    )


def _local(reaper: Reaper, request: str, missing: list[str]) -> Boot:
    scripts = find_scripts()
    if scripts is None:
        raise _Absent("RabbitMQ is not installed")
    why = "asked for" if request == "local" else missing[0].partition(": ")[2]
    return lambda settings, transient_queues: LocalBroker(
        scripts=scripts,
        settings=settings,
        reaper=reaper,
        reason=f"{why}, and RabbitMQ is installed in {scripts}",
        transient_queues=transient_queues,
    )


def _permitting(settings: BrokerSettings, boot: Boot) -> Broker:
    broker = boot(settings, "permitted")
    try:
        denied = transient_queues_denied(
            broker.address(), broker.credentials, broker.virtual_hosts[0]
        )
    except BaseException:
        broker.close()
        raise
    if not denied:
        return broker
    broker.close()
    lines = [*settings.config_lines, PERMIT_TRANSIENT_QUEUES]
    permitting = msgspec.structs.replace(settings, config_lines=lines)
    return boot(permitting, "denied by default, permitted for this run")
