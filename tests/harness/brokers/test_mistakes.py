"""Everything that a user can get wrong: each a clear error, soon, with nothing left behind."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import docker
import psutil
import pytest

from filaprova.brokers import choose, external, local, node
from filaprova.brokers.broker import Broker, BrokerSettings, Killable, Restartable
from filaprova.brokers.choose import find_broker, open_broker
from filaprova.brokers.container import ContainerBroker, find_engine
from filaprova.brokers.external import read_url
from filaprova.brokers.inspection import greet
from filaprova.brokers.node import BootFailed
from filaprova.errors import BadInput, EnvironmentMissing, FilaprovaError
from filaprova.plugin.options import command_of
from filaprova.reaper import Reaper
from filaprova.waiting import wait_until
from tests.harness.disks import small_disk
from tests.patience import PATIENCE_S

NEWEST = "rabbitmq:4.3.6"


@pytest.fixture
def run() -> Iterator[Reaper]:
    """A run of its own, of which at the end of the test nothing may be left."""
    with Reaper() as run:
        yield run
        kept = [path for path in run.scratch.iterdir() if not path.name.startswith("leftovers-")]
        assert kept == []  # the reaper still needs its list of leftovers
        assert containers_of(run) == []
        marked = []
        for process in psutil.process_iter(["environ"]):
            if run.environment.items() <= (process.info["environ"] or {}).items():
                marked.append(process)
        assert marked == []


def containers_of(run: Reaper) -> list[object]:
    engine = find_engine()
    if engine is None:
        return []
    label = f"filaprova.run={run.run_id}"
    return list(engine.containers.list(all=True, filters={"label": label}))


def told(
    run: Reaper, request: str, kind: type[FilaprovaError] = EnvironmentMissing, **settings: object
) -> str:
    """Return what a user is told who asks for such a broker."""
    with pytest.raises(kind) as raised:
        open_broker(request, settings=BrokerSettings(**settings), reaper=run)
    return str(raised.value)


# ------------------------------------------------------------------ images


@pytest.fixture
def image(require: Callable[[str], None]) -> Iterator[Callable[[str], str]]:
    """Make an image of RabbitMQ that runs something else instead."""
    require("container-newest")
    engine = docker.from_env()
    made: list[str] = []

    def image(command: str) -> str:
        made.append(f"filaprova-test-{os.getpid()}-{len(made)}:1")
        container = engine.containers.create(NEWEST)
        try:
            container.commit(*made[-1].split(":"), changes=f"CMD {command}")
        finally:
            container.remove(v=True)
        return made[-1]

    yield image
    for name in made:
        engine.images.remove(name)


def test_an_image_that_is_not_there(run: Reaper, require: Callable[[str], None]) -> None:
    require("container-newest")
    absent = "127.0.0.1:1/absent:1"
    message = told(run, "container", image=absent)
    assert f"the image {absent} is neither there nor to be pulled" in message
    assert "Choose one of these" in message


def test_an_image_that_ends_at_once(run: Reaper, image: Callable[[str], str]) -> None:
    name = image('["sh", "-c", "echo out of order; exit 3"]')
    message = told(run, "container", image=name)
    assert f"a container of {name} did not come up: its server ended with status 3" in message
    assert "  | out of order" in message


def test_an_image_that_never_answers(
    run: Reaper, image: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "BOOT_LIMIT_S", 1.5)
    message = told(run, "container", image=image('["sleep", "1000"]'))
    assert "waited 1.5 s for" in message
    assert "It wrote nothing." in message


def test_an_image_whose_command_cannot_be_run(run: Reaper, image: Callable[[str], str]) -> None:
    message = told(run, "container", image=image('["/absent"]'))
    assert "the Docker engine failed" in message
    assert "/absent" in message


def test_an_image_of_something_else(run: Reaper, require: Callable[[str], None]) -> None:
    require("container-newest")
    engine, empty = docker.from_env(), io.BytesIO()
    tarfile.open(fileobj=empty, mode="w").close()
    name = f"filaprova-test-{os.getpid()}-empty:1"
    engine.api.import_image_from_data(
        empty.getvalue(), *name.split(":"), changes=['CMD ["/sbin/init"]']
    )
    try:
        message = told(run, "container", image=name)
    finally:
        engine.images.remove(name)
    assert f"the image {name} has no user named rabbitmq" in message


# ------------------------------------------------------------------ configuration


@pytest.mark.parametrize(
    "backend", ["local", pytest.param("container-oldest", marks=pytest.mark.thorough)]
)
@pytest.mark.parametrize("line", ["no_such_setting = 1"])
def test_a_setting_that_there_is_not(
    run: Reaper, open_one: Callable[..., Broker], backend: str, line: str
) -> None:
    with pytest.raises(BootFailed, match="ended with status 1") as raised:
        open_one(backend, line, reaper=run)
    message = str(raised.value)
    assert f"Is each of these lines a setting of its version of RabbitMQ?\n  {line}\n" in message
    assert "You've tried to set no_such_setting, but there is no setting with that name" in message
    assert len(message.splitlines()) < 30


@pytest.mark.parametrize(
    "line",
    [
        "listeners.tcp.2 = 5672",
        " listeners.ssl.default = 5671",
        "load_definitions = /tmp/mine.json",
        "management.tcp.port = 15672",
        "management.ssl.port = 15671",
        "definitions.local.path = /tmp/mine.json",
        "heartbeat = 1\nlisteners.tcp.2 = 5672",
    ],
)
def test_a_setting_that_would_take_the_broker_away(
    run: Reaper, open_one: Callable[..., Broker], line: str
) -> None:
    with pytest.raises(BadInput, match="leave that line out"):
        open_one("local", line, reaper=run)


def test_the_log_is_shown_from_the_first_error_on() -> None:
    log = [f"[info] {number}" for number in range(100)]
    shown = str(BootFailed("it", "it died", [*log, "[error] this", *["[error] dump"] * 500], []))
    assert shown.startswith("it did not come up: it died\nIts log, from the first error on:\n")
    assert "  | [error] this\n" in shown
    assert "[info]" not in shown
    assert len(shown.splitlines()) == 22
    assert str(BootFailed("it", "it died", log, [])).endswith("  | [info] 99")


# ------------------------------------------------------------------ URLs


def test_a_url_of_nothing(run: Reaper) -> None:
    message = told(run, "amqp://user:battery@127.0.0.1:1/one")
    assert message.startswith("nothing at amqp://127.0.0.1:1 speaks AMQP 0-9-1; is the broker ")


def test_a_url_of_something_else_than_a_broker(run: Reaper) -> None:
    """A server that closes each connection, and at another port one that never answers."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.listen(1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("filaprova.brokers.inspection.ANSWER_LIMIT_S", 0.3)
            message = told(run, f"amqp://127.0.0.1:{silent.getsockname()[1]}")
    assert "speaks AMQP 0-9-1" in message


def test_a_url_with_a_wrong_password(run: Reaper, machines_own) -> None:
    own = machines_own()
    message = told(run, own.url(password="battery"))
    assert f"refuses user '{own.credentials.user}' on virtual host 'one'" in message
    assert "ACCESS_REFUSED" in message
    assert "battery" not in message


def test_a_url_with_a_virtual_host_that_there_is_not(run: Reaper, machines_own) -> None:
    message = told(run, machines_own().url().replace("/one", "/three"))
    assert "on virtual host 'three'" in message
    assert machines_own().credentials.password not in message


@pytest.mark.parametrize("host", ["192.0.2.1", "[2001:db8::1]", "rabbit.example", "0.0.0.0"])
def test_a_broker_of_another_machine(run: Reaper, host: str) -> None:
    message = told(run, f"amqp://user:battery@{host}/one", BadInput)
    assert f"the broker at {host.strip('[]')} is not to be examined" in message
    assert "battery" not in message


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "127.1.2.3"])
def test_a_broker_of_this_machine(host: str) -> None:
    assert read_url(f"amqp://{host}").address == (host.strip("[]").lower(), 5672)


@pytest.mark.parametrize(
    "url",
    [
        "amqps://user:battery@127.0.0.1",
        "http://user:battery@127.0.0.1",
        "amqp://user:battery@127.0.0.1:99999",
        "amqp://user:battery@127.0.0.1:port",
        "amqp://user:battery@[::1",
        "amqp://user:battery/staple@127.0.0.1",
        "amqp://user:battery#staple@127.0.0.1",
        "amqp://user:battery\N{ADDRESSED TO THE SUBJECT}@127.0.0.1",
        "amqp://",
        "amqp://user:battery@127.0.0.1/?heartbeat=1",
    ],
)
def test_a_url_that_makes_no_sense(run: Reaper, url: str) -> None:
    message = told(run, url, BadInput)
    assert "amqp://" in message or "cannot be read" in message
    assert "battery" not in message


# ------------------------------------------------------------------ commands of external brokers


def test_without_commands_it_has_no_powers(run: Reaper, machines_own) -> None:
    url = machines_own().url()
    bare = open_broker(url, settings=BrokerSettings(), reaper=run)
    assert not isinstance(bare, Restartable)
    assert not isinstance(bare, Killable)
    command = [sys.executable]
    stoppable = open_broker(
        url, settings=BrokerSettings(stop_command=command, start_command=command), reaper=run
    )
    assert isinstance(stoppable, Restartable)
    assert not isinstance(stoppable, Killable)


@pytest.mark.parametrize("act", ["stop", "start", "kill"])
def test_a_command_that_is_not_there(run: Reaper, act: str) -> None:
    commands = {f"{each}_command": [sys.executable] for each in ("stop", "start", "kill")}
    commands[f"{act}_command"] = ["/usr/bin/absent", "rabbitmq"]
    message = told(run, "amqp://127.0.0.1:1", BadInput, **commands)
    assert message.startswith(f"the {act} command '/usr/bin/absent' is not to be found")


@pytest.mark.parametrize("act", ["stop", "start", "kill"])
def test_a_command_alone(run: Reaper, act: str) -> None:
    message = told(run, "amqp://127.0.0.1:1", BadInput, **{f"{act}_command": [sys.executable]})
    assert "needs a stop and a start command" in message


def test_what_belongs_to_another_kind_of_broker(run: Reaper) -> None:
    assert "cannot be configured" in told(run, "amqp://127.0.0.1", BadInput, config_lines=["a = b"])
    assert "belong to a broker given as a URL" in told(
        run, "local", BadInput, stop_command=[sys.executable]
    )
    assert "there is no broker 'docker'" in told(run, "docker", BadInput)


def test_commands_that_fail(run: Reaper, machines_own) -> None:
    fails = [sys.executable, "-c", "import sys; sys.exit('not today')"]
    broker = open_broker(
        machines_own().url(),
        settings=BrokerSettings(stop_command=fails, start_command=fails, kill_command=fails),
        reaper=run,
    )
    assert isinstance(broker, Killable)
    assert isinstance(broker, Restartable)
    report = broker.stop()
    assert (report.clean, report.detail) == (
        False,
        "the stop command ended with status 1: not today",
    )
    with pytest.raises(EnvironmentMissing, match="the start command ended with status 1: not tod"):
        broker.start()
    with pytest.raises(EnvironmentMissing, match="the kill command ended with status 1: not today"):
        broker.kill()
    assert greet(broker.address())


def test_a_command_that_does_nothing(
    run: Reaper, machines_own, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external, "STOP_LIMIT_S", 0.3)
    nothing = [sys.executable, "-c", "pass"]
    broker = open_broker(
        machines_own().url(),
        settings=BrokerSettings(stop_command=nothing, start_command=nothing, kill_command=nothing),
        reaper=run,
    )
    assert isinstance(broker, Killable)
    assert isinstance(broker, Restartable)
    report = broker.stop()
    assert not report.clean
    assert "to be gone; it did not come" in report.detail
    with pytest.raises(EnvironmentMissing, match="to be gone; it did not come"):
        broker.kill()


def test_no_shell_reads_a_command(
    run: Reaper, machines_own, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(external, "STOP_LIMIT_S", 0.1)
    monkeypatch.chdir(tmp_path)
    record = "import json, sys; json.dump(sys.argv[1:], open('arguments', 'w'))"
    hostile = [";", "touch", "pwned", "$(touch pwned)", "`touch pwned`", "| touch pwned", "*", "&"]
    text = f"{shlex.join([sys.executable, '-c', record])} {' '.join(map(shlex.quote, hostile))}"
    unquoted = "; touch pwned; $HOME > pwned"
    config = cast(pytest.Config, SimpleNamespace(getoption=lambda _: f"{text} {unquoted}"))
    command = command_of(config, "stop")
    broker = open_broker(
        machines_own().url(),
        settings=BrokerSettings(stop_command=command, start_command=command),
        reaper=run,
    )
    assert isinstance(broker, Restartable)
    broker.stop()
    assert json.loads((tmp_path / "arguments").read_text()) == [*hostile, *unquoted.split()]
    assert [path.name for path in tmp_path.iterdir()] == ["arguments"]


def test_a_command_that_does_not_return(
    run: Reaper, machines_own, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It and what it has started is ended, so that nothing of it stays behind."""
    wait = subprocess.Popen.wait

    def wait_from_when_it_has_begun(process: subprocess.Popen[bytes], *limit_s: float) -> int:
        wait_until(lambda: child.is_file() and child.read_text(), what="it", timeout_s=PATIENCE_S)
        return wait(process, *limit_s)

    child = tmp_path / "child"
    monkeypatch.setattr(subprocess.Popen, "wait", wait_from_when_it_has_begun)
    monkeypatch.setattr(external, "COMMAND_LIMIT_S", 0.9)
    script = tmp_path / "stop"
    script.write_text(f"#!/bin/sh\nsleep 1000 &\necho $! >{child}\nwait\n")
    script.chmod(0o755)
    broker = open_broker(
        machines_own().url(),
        settings=BrokerSettings(stop_command=[str(script)], start_command=[str(script)]),
        reaper=run,
    )
    assert isinstance(broker, Restartable)
    with pytest.raises(EnvironmentMissing, match="was not done within 1 s"):
        broker.stop()
    pid = int(child.read_text())
    wait_until(lambda: not is_alive(pid), what="its child's end", timeout_s=PATIENCE_S)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


# ------------------------------------------------------------------ what a machine lacks


def test_a_missing_backend_is_a_skip_and_in_ci_a_failure(
    require: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///absent/docker.sock")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Docker engine answers"):
        require("container-oldest")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no backend may be missing"):
        require("container-oldest")


def test_without_an_engine_the_local_one_is_taken(
    require: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    require("local")
    monkeypatch.setenv("DOCKER_HOST", "unix:///absent/docker.sock")
    choice = find_broker("auto")
    assert choice.backend == "local"
    assert choice.reason.startswith("no Docker engine answers, and RabbitMQ is installed in /")


def test_a_machine_that_has_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///absent/docker.sock")
    monkeypatch.setattr(choose, "find_scripts", lambda: None)
    with pytest.raises(EnvironmentMissing, match="no Docker engine answers; RabbitMQ is not inst"):
        find_broker("auto")
    with pytest.raises(SystemExit) as ended:
        choose.main("auto")
    assert "Choose one of these" in str(ended.value.code)
    assert capsys.readouterr().out == ""


# ------------------------------------------------------------------ local ones in trouble


@pytest.mark.parametrize("size", ["4k", pytest.param("64k", marks=pytest.mark.thorough)])
def test_no_room_for_its_files(
    require: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, size: str
) -> None:
    """There is room for not even its configuration, or not for what it writes when it boots."""
    require("local")
    with small_disk(tmp_path / "disk", size) as disk:
        monkeypatch.setenv("TMPDIR", str(disk))
        with Reaper() as run:
            message = told(run, "local")
        assert "No space left on device" in message or "enospc" in message
        assert str(disk) in message
        assert list(disk.iterdir()) == []


@pytest.mark.thorough
def test_two_runs_at_the_same_moment_and_a_stop_that_does_not_end(
    open_one: Callable[..., Broker], require: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    require("local")
    with Reaper() as one, Reaper() as other, ThreadPoolExecutor() as pool:
        opening = [pool.submit(open_one, "local", reaper=reaper) for reaper in (one, other)]
        first, second = (future.result() for future in opening)
        assert first.address() != second.address()

        monkeypatch.setattr(local, "STOP_LIMIT_S", 0.5)
        first._server.send_signal(19)
        report = first.stop()
        assert (report.clean, report.detail) == (
            False,
            "it did not end within 0 s and was killed",
        )
        one.close()  # the other run's end is none of the second's business
        assert greet(first.address()) is None
        assert greet(second.address())


# ------------------------------------------------------------------ advanced.config


def test_terms_that_would_take_the_broker_away_are_refused(run: Reaper) -> None:
    lines = "[{rabbit, [{tcp_listeners, [5672]}]}]."
    assert "cannot be given an advanced.config with tcp_listeners" in told(
        run, "local", BadInput, advanced_config=lines
    )


def test_terms_are_not_for_a_url(run: Reaper) -> None:
    said = told(run, "amqp://127.0.0.1:1", BadInput, advanced_config="[].")
    assert "cannot be configured from here" in said


def test_a_term_that_is_none_is_told(run: Reaper, require: Callable[[str], None]) -> None:
    require("local")
    said = told(run, "local", advanced_config="[{rabbit, [")
    assert "  advanced.config: [{rabbit, [\n" in said
    assert "did not come up" in said


@pytest.mark.parametrize(
    "backend", ["local", pytest.param("container", marks=pytest.mark.thorough)]
)
def test_terms_reach_the_broker(run: Reaper, require: Callable[[str], None], backend: str) -> None:
    """Two settings that a node tells of: one of the user's, and one of ours beside it."""
    require("local" if backend == "local" else "container-newest")
    settings = BrokerSettings(
        advanced_config="[{rabbit, [{channel_tick_interval, 777}]}].",
        image=NEWEST if backend == "container" else None,
    )
    broker = open_broker(backend, settings=settings, reaper=run)
    try:
        answer = evaluated(
            broker,
            "[application:get_env(rabbit, Name) || "
            "Name <- [channel_tick_interval, quorum_tick_interval]]",
        )
        assert answer == "[{ok,777},{ok,200}]"
    finally:
        broker.close()


def evaluated(broker: Broker, expression: str) -> str:
    """Return what a node answers to an expression in Erlang."""
    command = ["rabbitmqctl", "-q", "eval", f"{expression}."]
    if isinstance(broker, local.LocalBroker):
        return subprocess.run(
            [str(broker._scripts / command[0]), *command[1:]],
            env=broker._environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    assert isinstance(broker, ContainerBroker)
    return cast(bytes, broker._running().exec_run(command).output).decode().strip()
