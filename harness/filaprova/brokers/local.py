"""Local: a broker as private processes of this run, from the RabbitMQ that is installed.

Everything it needs lies in a folder of its own under the run's scratch folder, and everything
listens on 127.0.0.1 below the ephemeral ports. The machine's own node is never touched: another
node name, another epmd, another cookie, another port. All processes carry the run's marker.
"""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
from collections import deque
from pathlib import Path

from filaprova.address import Address
from filaprova.brokers.broker import (
    BrokerDescription,
    BrokerSettings,
    Credentials,
    QueueRow,
    StopReport,
)
from filaprova.brokers.inspection import Greeting
from filaprova.brokers.management import Management, count
from filaprova.brokers.node import (
    COMMAND_LIMIT_S,
    LIST_QUEUES,
    STOP_LIMIT_S,
    BootFailed,
    await_ready,
    configuration_files,
    counted_whole,
    list_queues,
    node_environment,
    random_credentials,
    server_ended,
    stop_report,
    told_settings,
)
from filaprova.errors import EnvironmentMissing, TimedOut
from filaprova.phrase import Phrase, say
from filaprova.reaper import Reaper
from filaprova.waiting import noted

PACKAGED_SCRIPTS = Path("/usr/lib/rabbitmq/bin")
"""Where the packages of Linux distributions keep the server's own scripts."""
SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
"""Often not on a user's PATH."""
LOWEST_PORT = 20_000
EPHEMERAL_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST_EPHEMERAL_PORT = 32_768
BOOT_ATTEMPT_COUNT = 3
PORT_TROUBLES = ("eaddrinuse", "dist_port_already_used", "could_not_start_tcp_listener")


class LocalBroker:
    """A private server process; ``Restartable`` and ``Killable``."""

    def __init__(
        self,
        *,
        scripts: Path,
        settings: BrokerSettings,
        reaper: Reaper,
        reason: Phrase,
        transient_queues: str,
    ) -> None:
        """Create its folder and boot it; return when it answers.

        Raises ``EnvironmentMissing`` if it does not come up.
        """
        self._scripts = scripts
        self._settings = settings
        self._credentials = random_credentials()
        self._name = f"filaprova-{secrets.token_hex(4)}"
        self._folder = reaper.scratch / self._name
        self._marker = reaper.environment
        self._server: subprocess.Popen[bytes] | None = None
        self._epmd: subprocess.Popen[bytes] | None = None
        self._ports: list[int] = []
        try:
            self._folder.mkdir(mode=0o700)
            self._write(".erlang.cookie", secrets.token_hex(32), mode=0o400)
            greeting = self._boot()
        except OSError as error:
            self.close()
            raise EnvironmentMissing(
                say(
                    "cannot prepare a private broker in {}: {}. Make room there, or let TMPDIR "
                    "name another folder.",
                    str(self._folder),
                    str(error.strerror),
                )
            ) from error
        except BaseException:
            self.close()
            raise
        self._description = BrokerDescription(
            product=greeting.product,
            version=greeting.version,
            erlang_version=greeting.erlang_version,
            backend="local",
            reason=str(reason),
            worded=reason.worded(),
            transient_queues=transient_queues,
        )

    @property
    def description(self) -> BrokerDescription:
        """Return what this broker is."""
        return self._description

    @property
    def credentials(self) -> Credentials:
        """Return the user that may do everything on every virtual host of this run."""
        return self._credentials

    @property
    def virtual_hosts(self) -> list[str]:
        """Return the virtual hosts prepared for this run."""
        return self._settings.virtual_hosts

    def address(self) -> Address:
        """Return where it answers now."""
        return Address("127.0.0.1", self._ports[0])

    def queues(self, virtual_host: str) -> list[QueueRow]:
        """Return the queues of a virtual host, ordered by name (0.4 s to 0.7 s)."""
        command = [
            str(self._scripts / "rabbitmqctl"),
            *(*LIST_QUEUES[:2], "-p", virtual_host, *LIST_QUEUES[2:]),
        ]

        def ask() -> tuple[int, str, str]:
            try:
                answer = subprocess.run(
                    command,
                    env=self._environment(),
                    cwd=self._folder,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=COMMAND_LIMIT_S,
                    start_new_session=True,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise TimedOut(say("it took more than {:.0f} s", COMMAND_LIMIT_S)) from error
            return answer.returncode, answer.stdout, answer.stderr

        return list_queues(ask)

    def queue(self, virtual_host: str, name: str) -> QueueRow | None:
        """Return one queue; None: there is no such queue."""
        management = Management(Address("127.0.0.1", self._ports[3]), self._credentials)
        row = count(management, self.address(), self._credentials, virtual_host, name)
        return counted_whole(row, lambda: self.queues(virtual_host))

    def stop(self) -> StopReport:
        """Stop gracefully and wait for the end; clean only if the server itself ended with 0."""
        assert self._server is not None
        self._server.terminate()
        try:
            with noted("broker stopped", limit_s=STOP_LIMIT_S):
                return stop_report(self._server.wait(STOP_LIMIT_S))
        except subprocess.TimeoutExpired:
            self.kill()
            return StopReport(
                clean=False,
                detail=say("it did not end within {:.0f} s and was killed", STOP_LIMIT_S),
            )

    def start(self) -> None:
        """Start again with the data kept; return when it answers."""
        self._boot()

    def kill(self) -> None:
        """Kill the server and its helpers with SIGKILL and wait for the end."""
        _kill_session(self._server)

    def log_tail(self, line_count: int = 200) -> list[str]:
        """Return the last lines of the log; empty once closed."""
        with contextlib.suppress(OSError), self._log.open(errors="replace") as log:
            return [line.rstrip("\n") for line in deque(log, maxlen=line_count)]
        return []

    def close(self) -> None:
        """End its processes and remove its folder; may be called twice."""
        self.kill()
        _kill_session(self._epmd)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _boot(self) -> Greeting:
        """Start the server; with other ports if somebody took one of ours meanwhile."""
        for attempt in range(1, BOOT_ATTEMPT_COUNT + 1):
            if not self._ports or attempt > 1:
                _kill_session(self._epmd)  # it listens at the port it was started for
                self._ports = free_ports(4)
                self._write_configuration()
            try:
                return self._boot_once()
            except BootFailed as error:
                _kill_session(self._server)
                said = "\n".join(error.log)
                epmd_ended = self._epmd is not None and self._epmd.poll() is not None
                port_taken = epmd_ended or any(trouble in said for trouble in PORT_TROUBLES)
                if attempt == BOOT_ATTEMPT_COUNT or not port_taken:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _boot_once(self) -> Greeting:
        environment = self._environment()
        with self._log.open("ab") as log:
            if self._epmd is None or self._epmd.poll() is not None:
                self._epmd = self._start([find_epmd()], environment, log.fileno())
            self._server = self._start(
                [str(self._scripts / "rabbitmq-server")], environment, log.fileno()
            )
        return await_ready(
            what=say("the private broker of {}", str(self._scripts / "rabbitmq-server")),
            address=self.address(),
            credentials=self._credentials,
            virtual_host=self.virtual_hosts[0],
            config_lines=told_settings(self._settings),
            died=self._died,
            log_tail=self.log_tail,
        )

    def _start(
        self, command: list[str], environment: dict[str, str], log: int
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env=environment,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def _died(self) -> Phrase | None:
        assert self._server is not None
        status = self._server.poll()
        return None if status is None else server_ended(status)

    def _environment(self) -> dict[str, str]:
        """Return the environment of all its processes, free of the machine's own settings."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RABBITMQ_", "ERL_"))
        }
        _, dist_port, epmd_port, _ = self._ports
        folder = str(self._folder)
        return (
            inherited
            | self._marker
            | node_environment(folder=folder, node_name=f"{self._name}@localhost")
            | {
                "HOME": folder,
                "TMPDIR": folder,
                "LANG": "C.UTF-8",
                "ERL_EPMD_PORT": str(epmd_port),
                "ERL_CRASH_DUMP_SECONDS": "0",
                "RABBITMQ_DIST_PORT": str(dist_port),
                "RABBITMQ_MNESIA_BASE": f"{folder}/data",
                "RABBITMQ_LOG_BASE": folder,
                "RABBITMQ_FEATURE_FLAGS_FILE": f"{folder}/feature_flags",
                "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/generated",
                "RABBITMQ_PLUGINS_EXPAND_DIR": f"{folder}/plugins",
                "RABBITMQ_PID_FILE": f"{folder}/pid",
            }
        )

    def _write_configuration(self) -> None:
        files = configuration_files(
            folder=str(self._folder),
            credentials=self._credentials,
            virtual_hosts=self.virtual_hosts,
            listener=f"127.0.0.1:{self._ports[0]}",
            management=f"127.0.0.1:{self._ports[3]}",
            config_lines=self._settings.config_lines,
            advanced_config=self._settings.advanced_config,
        )
        for name, text in files.items():
            self._write(name, text)

    def _write(self, name: str, text: str, mode: int = 0o600) -> None:
        path = self._folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        path.chmod(mode)


def find_scripts() -> Path | None:
    """Return the folder with the server's own scripts; None if no RabbitMQ is installed.

    What a distribution puts on the PATH can be a wrapper that works for the system's node only and
    drops the environment; beside the scripts themselves lies ``rabbitmq-env``.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_FOLDERS])
    found = shutil.which("rabbitmq-server", path=path)
    folders = [Path(found).resolve().parent] if found else []
    return next(
        (
            folder
            for folder in (*folders, PACKAGED_SCRIPTS)
            if (folder / "rabbitmq-env").exists() and (folder / "rabbitmq-server").exists()
        ),
        None,
    )


def find_epmd() -> str:
    """Return the path of Erlang's port mapper; ``EnvironmentMissing`` if it is not there."""
    found = shutil.which("epmd")
    if found is None:
        raise EnvironmentMissing(
            say("Erlang's epmd is not on the PATH; is Erlang installed whole?")
        )
    return found


def free_ports(count: int) -> list[int]:
    """Return different ports of 127.0.0.1 that nobody listens on, below the ephemeral ones.

    An ephemeral one could be taken by any outgoing connection before the server uses it.
    """
    limit = LOWEST_EPHEMERAL_PORT
    with contextlib.suppress(OSError, ValueError):
        limit = int(EPHEMERAL_PORTS.read_text().split()[0])
    candidates = range(min(LOWEST_PORT, limit - 5_000), limit)
    free: list[int] = []
    for port in random.SystemRandom().sample(candidates, k=min(500, len(candidates))):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            free.append(port)
        if len(free) == count:
            return free
    raise EnvironmentMissing(
        say(
            "no {} free ports of 127.0.0.1 between {} and {}",
            count,
            candidates.start,
            candidates.stop,
        )
    )


def _kill_session(process: subprocess.Popen[bytes] | None) -> None:
    """Kill a process and whatever is in its process group, and wait for its end.

    One whose end we have seen is left alone: its number may be another's by now. What it may have
    left behind is the reaper's to find.
    """
    if process is not None and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
