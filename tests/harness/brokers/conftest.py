"""The three backends, real ones; where the machine lacks one, a skip, or with CI=true a failure."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from filaprova.address import Address
from filaprova.brokers.broker import Broker, BrokerSettings, Credentials
from filaprova.brokers.choose import open_broker
from filaprova.brokers.container import find_engine, find_image
from filaprova.brokers.inspection import handshake
from filaprova.brokers.local import find_scripts, free_ports
from filaprova.brokers.node import configuration_files, node_environment, random_credentials
from filaprova.errors import EnvironmentMissing
from filaprova.reaper import Reaper
from filaprova.waiting import wait_until
from tests.patience import PATIENCE_S

IMAGES = {"container-oldest": "rabbitmq:3.10.8", "container-newest": "rabbitmq:4.3.6"}
NODE_SCRIPT = Path(__file__).with_name("external_node.py")
USUAL_PORTS = [5672, 4369, 25672]
"""AMQP, epmd, distribution: those of a node that is installed and left as it is."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A RabbitMQ node that is not the harness's own, and the commands of its owner."""

    address: Address
    credentials: Credentials
    folder: Path

    def url(self, password: str | None = None) -> str:
        user = quote(self.credentials.user, safe="")
        password = quote(password or self.credentials.password, safe="")
        return f"amqp://{user}:{password}@{self.address.host}:{self.address.port}/one"

    def command(self, act: str) -> list[str]:
        return [sys.executable, str(NODE_SCRIPT), str(self.folder), act]

    def pid(self) -> int:
        return int((self.folder / "server.pid").read_text())


class Open(Protocol):
    def __call__(
        self, backend: str, *config_lines: str, reaper: Reaper | None = None
    ) -> Broker: ...


def lacking(backend: str) -> str:
    """Return what this machine lacks for a backend; empty: nothing."""
    if backend not in IMAGES:
        return "" if find_scripts() else "RabbitMQ is not installed"
    engine = find_engine()
    if engine is None:
        return "no Docker engine answers"
    try:
        find_image(engine, IMAGES[backend])
    except EnvironmentMissing as error:
        return str(error)
    return ""


@pytest.fixture(scope="session")
def require() -> Callable[[str], None]:
    """Skip, or with CI=true fail, where the machine lacks a backend."""

    def require(backend: str) -> None:
        reason = lacking(backend)
        if reason and os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(f"{backend}: {reason}; with CI=true no backend may be missing")
        if reason:
            pytest.skip(f"{backend}: {reason}")

    return require


@pytest.fixture(scope="session")
def machines_own(reaper: Reaper, require: Callable[[str], None]) -> Iterator[Callable[[], Node]]:
    """Start the node that a machine may have: on the usual ports, if nobody else is there.

    Started when it is asked for first, and the same one from then on.
    """
    with contextlib.ExitStack() as stack:

        @functools.cache
        def machines_own() -> Node:
            require("external")
            ours = reserve_usual_ports(stack) and all(is_free(port) for port in USUAL_PORTS)
            return start_node(reaper, USUAL_PORTS if ours else free_ports(3))

        yield machines_own


def reserve_usual_ports(stack: contextlib.ExitStack) -> bool:
    """Have the usual ports to ourselves among all runs of this suite; False: another one has."""
    reservation = stack.enter_context(socket.socket(socket.AF_UNIX))
    try:
        reservation.bind("\0filaprova-tests-usual-ports")  # gone with this process; no file
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def open_one(
    reaper: Reaper, require: Callable[[str], None], machines_own: Callable[[], Node]
) -> Open:
    """Open a broker of a backend with the virtual hosts one and two; the caller closes it."""
    session_reaper = reaper

    def open_one(backend: str, *config_lines: str, reaper: Reaper | None = None) -> Broker:
        require(backend)
        if backend == "external":
            node = start_node(reaper, free_ports(3)) if reaper else machines_own()
            return open_node(node, reaper or session_reaper)
        return open_broker(
            backend.partition("-")[0],
            settings=BrokerSettings(
                virtual_hosts=["one", "two"],
                config_lines=list(config_lines),
                image=IMAGES.get(backend),
            ),
            reaper=reaper or session_reaper,
        )

    return open_one


def open_node(node: Node, reaper: Reaper) -> Broker:
    return open_broker(
        node.url(),
        settings=BrokerSettings(
            virtual_hosts=["one", "two"],
            stop_command=node.command("stop"),
            start_command=node.command("start"),
            kill_command=node.command("kill"),
        ),
        reaper=reaper,
    )


def start_node(
    reaper: Reaper,
    ports: list[int],
    credentials: Credentials | None = None,
    management_port: int | None = None,
) -> Node:
    """Start a node of a user's own, named as one that is installed and left as it is."""
    credentials = credentials or random_credentials()
    folder = reaper.scratch / f"node-{ports[0]}"
    folder.mkdir()
    port, epmd_port, distribution_port = ports
    files = configuration_files(
        folder=str(folder),
        credentials=credentials,
        virtual_hosts=["one"],
        listener=f"127.0.0.1:{port}",
        management=f"127.0.0.1:{management_port or 0}",
        config_lines=[],
    )
    if management_port is None:
        files["enabled_plugins"] = "[].\n"
    scripts = find_scripts()
    assert scripts is not None
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "LANG")},
        **reaper.environment,
        **node_environment(folder=str(folder), node_name="rabbit@localhost"),
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(epmd_port),
        "RABBITMQ_DIST_PORT": str(distribution_port),
        "RABBITMQ_MNESIA_BASE": f"{folder}/data",
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_FEATURE_FLAGS_FILE": f"{folder}/feature_flags",
        "RABBITMQ_PLUGINS_EXPAND_DIR": f"{folder}/plugins",
        "RABBITMQ_PID_FILE": f"{folder}/pid",
    }
    files["environment.json"] = json.dumps(environment)
    files["command.json"] = json.dumps([str(scripts / "rabbitmq-server")])
    for name, text in files.items():
        (folder / name).write_text(text)
    node = Node(address=Address("127.0.0.1", port), credentials=credentials, folder=folder)
    subprocess.run(node.command("start"), check=True, timeout=PATIENCE_S)
    wait_until(
        lambda: handshake(node.address, credentials, "one"),
        what="the node of the suite to answer",
        timeout_s=PATIENCE_S,
    )
    return node


def is_free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False


class Channel(Protocol):
    def __call__(
        self, broker: Broker | Node, virtual_host: str = "one", password: str | None = None
    ) -> contextlib.AbstractContextManager[BlockingChannel]: ...


@pytest.fixture(scope="session")
def channel() -> Channel:
    """Connect to a broker as its user, as any program would."""

    @contextlib.contextmanager
    def channel(
        broker: Broker | Node, virtual_host: str = "one", password: str | None = None
    ) -> Iterator[BlockingChannel]:
        address = broker.address if isinstance(broker, Node) else broker.address()
        credentials = broker.credentials
        connection = pika.BlockingConnection(
            pika.ConnectionParameters(
                *address,
                virtual_host,
                pika.PlainCredentials(credentials.user, password or credentials.password),
                heartbeat=0,
            )
        )
        try:
            yield connection.channel()
        finally:
            if connection.is_open:
                connection.close()

    return channel
