"""Choose: find the broker that a run asks for, or the first one to be had, and open it.

``python -m filaprova.brokers.choose REQUEST`` says which one it would be, and pulls its image.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from filaprova.brokers.broker import Broker, BrokerSettings
from filaprova.brokers.container import ContainerBroker, find_engine, find_image
from filaprova.brokers.external import open_external, read_url
from filaprova.brokers.inspection import transient_queues_denied
from filaprova.brokers.local import LocalBroker, find_scripts
from filaprova.errors import BadInput, EnvironmentMissing, FilaprovaError
from filaprova.phrase import Phrase, joined, say, told_by
from filaprova.reaper import Reaper

CHOICES = """Choose one of these:
  container   start a Docker engine (and, without access to a registry, make an image rabbitmq:TAG)
  local       install RabbitMQ on this machine; it is run privately, its service is not needed
  amqp://…    name a broker of your own"""
PERMIT_TRANSIENT_QUEUES = "deprecated_features.permit.transient_nonexcl_queues = true"
PERMITTED_FOR_THIS_RUN = "denied by default, permitted for this run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A backend that this machine has."""

    backend: str
    reason: Phrase
    boot: Callable[[BrokerSettings, Reaper, str], Broker]
    """Boots it; the text is what to say about transient queues."""


def open_broker(request: str, *, settings: BrokerSettings, reaper: Reaper) -> Broker:
    """Return a broker that answers; ``request`` is auto, container, local or an amqp:// URL.

    Where the broker denies the lesson's transient queues it is booted once more with them
    permitted; ``description.transient_queues`` tells. Raises ``EnvironmentMissing`` if the broker
    is not to be had, ``BadInput`` for a request or settings that make no sense.
    """
    if "://" in request:
        if settings.config_lines or settings.advanced_config is not None:
            raise BadInput("a broker given as a URL cannot be configured from here")
        return open_external(request, settings, reaper)
    if settings.stop_command or settings.start_command or settings.kill_command:
        raise BadInput("commands to stop, start and kill belong to a broker given as a URL")
    choice = find_broker(request, settings.image)
    broker = choice.boot(settings, reaper, "permitted")
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
    return choice.boot(permitting, reaper, PERMITTED_FOR_THIS_RUN)


def find_broker(request: str, image: str | None = None) -> Choice:
    """Return the backend of this machine that serves a request: auto, container or local.

    Raises ``EnvironmentMissing`` with the reasons and the choices if there is none, ``BadInput``
    for another request.
    """
    if request not in ("auto", "container", "local"):
        raise BadInput(f"there is no broker {request!r}: choose auto, container, local or a URL")
    lacking = []
    if request != "local":
        asked = request == "container"
        why = say("it was asked for") if asked else say("a Docker engine answers")
        found = _find_container(image, why)
        if isinstance(found, Choice):
            return found
        lacking.append(found)
    if request != "container":
        found = _find_local(say("it was asked for") if request == "local" else lacking[0])
        if isinstance(found, Choice):
            return found
        lacking.append(found)
    raise EnvironmentMissing(
        say("no broker is to be had: {}.\n{}", joined("; ", lacking), say(CHOICES))
    )


def _find_container(image: str | None, why: Phrase) -> Choice | Phrase:
    """Return the container backend, or what it lacks."""
    engine = find_engine()
    if engine is None:
        return say("no Docker engine answers")
    try:
        name, how = find_image(engine, image)
    except EnvironmentMissing as error:
        return told_by(error)
    reason = say("{}, and {}", why, how)
    return Choice(
        backend="container",
        reason=reason,
        boot=lambda settings, reaper, transient_queues: ContainerBroker(
            engine=engine,
            image=name,
            settings=settings,
            reaper=reaper,
            reason=reason,
            transient_queues=transient_queues,
        ),
    )


def _find_local(why: Phrase) -> Choice | Phrase:
    """Return the local backend, or what it lacks."""
    scripts = find_scripts()
    if scripts is None:
        return say("RabbitMQ is not installed")
    reason = say("{}, and RabbitMQ is installed in {}", why, str(scripts))
    return Choice(
        backend="local",
        reason=reason,
        boot=lambda settings, reaper, transient_queues: LocalBroker(
            scripts=scripts,
            settings=settings,
            reaper=reaper,
            reason=reason,
            transient_queues=transient_queues,
        ),
    )


def main(request: str) -> None:
    """Say which broker a request would get, in one line; end with 1 if there is none."""
    try:
        if "://" in request:
            print(f"broker: external, {read_url(request)}, because its URL was given")
        else:
            choice = find_broker(request, os.environ.get("FILAPROVA_BROKER_IMAGE"))
            print(f"broker: {choice.backend}, because {choice.reason}")
    except FilaprovaError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1])
