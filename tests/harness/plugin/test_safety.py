"""What a run has open while it goes on, and what it tells: nothing to the network, no password."""

from __future__ import annotations

import html
import ipaddress
import json
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest

from filaprova.brokers.broker import Credentials
from filaprova.brokers.local import free_ports
from filaprova.programs.program import MARKER
from filaprova.reaper import Reaper
from filaprova.record.program import OutputLine
from tests.harness.brokers.conftest import start_node
from tests.harness.plugin.runs import FAULTY, Run, containers_of


@dataclass
class Watched:
    """A run that was looked at in the middle of a scenario and then interrupted."""

    run: Run
    kept: Path
    """Where JUnit's and Allure's files are."""
    own_broker: bool
    password: str = ""
    sockets: list[Any] = field(default_factory=list)
    command_lines: list[str] = field(default_factory=list)
    environments: list[str] = field(default_factory=list)
    """Those of the programs under examination, as the system keeps them."""


@pytest.fixture(scope="module")
def users_own(local: str) -> Iterator[str]:
    """Return the URL of a broker of a user's, whose password looks otherwise in a URL."""
    assert local
    with Reaper() as reaper:
        credentials = Credentials(user="some body", password="p@ss wörd/%1&<x>")
        yield start_node(reaper, free_ports(3), credentials).url()


@pytest.fixture(
    scope="module",
    params=["local", pytest.param("container", marks=pytest.mark.thorough), "users_own"],
)
def watched(
    request: pytest.FixtureRequest,
    begin: Callable[..., Run],
    tmp_path_factory: pytest.TempPathFactory,
) -> Watched:
    broker, environment = [], {}
    match request.param:
        case "local":
            broker = ["--broker", request.getfixturevalue("local")]
        case "container":
            image = request.getfixturevalue("container_image")
            broker = ["--broker", "container", "--broker-image", image]
        case own:
            environment = {"FILAPROVA_BROKER": request.getfixturevalue(own)}
    kept = tmp_path_factory.mktemp("kept")
    others = [f"--junitxml={kept}/junit.xml", f"--alluredir={kept}/allure", "-l", "-rA"]
    run = begin(FAULTY / "watched.py", *broker, *others, **environment)
    watched = Watched(run, kept, own_broker=not environment)
    run.read_until("Wait for what never comes")
    ours = {process.pid: process for process in run.processes()}
    watched.command_lines = [" ".join(process.cmdline()) for process in ours.values()]
    [kept_by_worker] = run.temporary.rglob("password")
    watched.password = kept_by_worker.read_text()
    assert watched.password
    watched.environments = [
        "\n".join(environment.values())
        for environment in (process.environ() for process in ours.values())
        if MARKER in environment
    ]
    ports = published_ports(run) if request.param == "container" else set()
    watched.sockets = [
        each
        for each in psutil.net_connections("inet")
        if each.pid in ours or (each.status == psutil.CONN_LISTEN and each.laddr.port in ports)
    ]
    run.send(signal.SIGINT)
    assert run.output
    return watched


def published_ports(run: Run) -> set[int]:
    """Return the ports of this machine behind which the container of a run listens."""
    [container] = containers_of(run.id)
    [[published]] = container.attrs["NetworkSettings"]["Ports"].values()
    return {int(published["HostPort"])}


def is_loopback(address: Any) -> bool:
    return ipaddress.ip_address(address.ip.removeprefix("::ffff:")).is_loopback


def test_nothing_listens_to_the_network(watched: Watched) -> None:
    listening = [
        each
        for each in watched.sockets
        if each.status == psutil.CONN_LISTEN or each.type == socket.SOCK_DGRAM
    ]
    assert len(listening) >= (2 if watched.own_broker else 1), "the tap, and the broker"
    assert [each for each in listening if not is_loopback(each.laddr)] == []


def test_nothing_speaks_to_the_network(watched: Watched) -> None:
    connected = [each for each in watched.sockets if each.raddr]
    assert len(connected) >= 3, "worker to tap, both ends, and tap to broker"
    assert [each for each in connected if not is_loopback(each.raddr)] == []


def test_the_password_is_on_no_command_line(watched: Watched) -> None:
    assert any("tells_everything.py" in line for line in watched.command_lines)
    for form in forms(watched.password):
        assert [line for line in watched.command_lines if form in line] == []


def test_the_password_is_in_no_programs_environment(watched: Watched) -> None:
    assert len(watched.environments) == 1
    for form in forms(watched.password):
        assert form not in watched.environments[0]


def test_the_password_is_in_nothing_that_is_told_or_kept(watched: Watched) -> None:
    run = watched.run
    assert "the run was interrupted" in run.output
    told = [e.text for e in run.scenarios["test_watched"].events(OutputLine)]
    assert sum(text.startswith("in a URL: amqp://user:…@") for text in told) == 2
    files = [path for top in (run.reports, watched.kept) for path in top.rglob("*")]
    names = {path.name for path in files}
    assert {"history.jsonl", "answers.html", "C1.log", "broker.log", "junit.xml"} <= names
    assert any(name.endswith("-result.json") for name in names)
    for form in forms(watched.password):
        assert form not in run.output
        assert [p for p in files if p.is_file() and form.encode() in p.read_bytes()] == []


def forms(password: str) -> set[str]:
    """Return how it looks by itself, in a URL, in JSON, and in HTML and XML."""
    return {
        password,
        quote(password),
        quote(password, safe=""),
        json.dumps(password)[1:-1],
        html.escape(password),
    }


def test_the_help_does_not_quote_the_environment(begin: Callable[..., Run]) -> None:
    told = begin("--help", measured=False, FILAPROVA_BROKER="amqp://user:battery@127.0.0.1").output
    assert "--broker=" in told
    assert "battery" not in told


def test_nothing_is_left_behind(watched: Watched) -> None:
    assert watched.run.left_behind() == []
