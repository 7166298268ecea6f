"""What a run has open while it goes on, and what it tells: nothing to the network, no password."""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from harness.events import OutputLine
from tests.harness.plugin.runs import FAULTY, Run, containers_of


@dataclass
class Watched:
    """A run that was looked at in the middle of a scenario and then interrupted."""

    run: Run
    kept: Path
    """Where JUnit's and Allure's files are."""
    password: str = ""
    sockets: list[Any] = field(default_factory=list)
    command_lines: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=["local", "container"])
def watched(
    request: pytest.FixtureRequest,
    begin: Callable[..., Run],
    tmp_path_factory: pytest.TempPathFactory,
) -> Watched:
    if request.param == "local":
        broker = ["--broker", request.getfixturevalue("local")]
    else:
        image = request.getfixturevalue("container_image")
        broker = ["--broker", "container", "--broker-image", image]
    kept = tmp_path_factory.mktemp("kept")
    others = [f"--junitxml={kept}/junit.xml", f"--alluredir={kept}/allure", "-l", "-rA"]
    run = begin(FAULTY / "watched.py", *broker, *others)
    watched = Watched(run, kept)
    run.read_until("Wait for what never comes")
    ours = {process.pid: process for process in run.processes()}
    watched.command_lines = [" ".join(process.cmdline()) for process in ours.values()]
    [password] = {
        urlsplit(url).password for p in ours.values() if (url := p.environ().get("AMQP_URL"))
    }
    assert password
    watched.password = password
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
    tap_and_broker = 2
    assert len(listening) >= tap_and_broker
    assert [each for each in listening if not is_loopback(each.laddr)] == []


def test_nothing_speaks_to_the_network(watched: Watched) -> None:
    connected = [each for each in watched.sockets if each.raddr]
    assert len(connected) >= 3, "worker to tap, both ends, and tap to broker"
    assert [each for each in connected if not is_loopback(each.raddr)] == []


def test_the_password_is_on_no_command_line(watched: Watched) -> None:
    assert any("tells_everything.py" in line for line in watched.command_lines)
    assert [line for line in watched.command_lines if watched.password in line] == []


def test_the_password_is_in_nothing_that_is_told_or_kept(watched: Watched) -> None:
    run = watched.run
    assert "the run was interrupted" in run.output
    told = [e.text for e in run.scenarios["test_watched"].events(OutputLine)]
    assert sum(text.startswith("AMQP_URL=amqp://filaprova-") for text in told) == 2
    assert watched.password not in run.output
    files = [path for top in (run.reports, watched.kept) for path in top.rglob("*")]
    names = {path.name for path in files}
    assert {"history.jsonl", "answers.html", "C1.log", "broker.log", "junit.xml"} <= names
    assert any(name.endswith("-result.json") for name in names)
    holding = [p for p in files if p.is_file() and watched.password.encode() in p.read_bytes()]
    assert holding == []


def test_the_help_does_not_quote_the_environment(begin: Callable[..., Run]) -> None:
    told = begin("--help", FILAPROVA_BROKER="amqp://user:battery@127.0.0.1").output
    assert "--broker=" in told
    assert "battery" not in told


def test_nothing_is_left_behind(watched: Watched) -> None:
    assert watched.run.left_behind() == []
