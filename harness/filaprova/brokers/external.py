"""External: a broker that is the user's own, given as an amqp:// URL.

What it cannot do from here, a scenario skips: it is stopped, started and killed only by commands
that the user gives. They run without a shell and without the run's marker, for this broker is to
outlive the run. What programs make on it does not: it is removed after each scenario.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from urllib.parse import unquote, urlsplit

import msgspec

from filaprova.address import Address
from filaprova.brokers.broker import (
    Broker,
    BrokerDescription,
    BrokerSettings,
    Credentials,
    QueueRow,
    StopReport,
)
from filaprova.brokers.inspection import (
    greet,
    handshake,
    probe_queue,
    refusal,
    transient_queues_denied,
)
from filaprova.brokers.leftovers import Leftovers, Place
from filaprova.brokers.management import Management, count, usual_addresses
from filaprova.errors import BadInput, EnvironmentMissing, TimedOut
from filaprova.phrase import Phrase, say, told_by
from filaprova.reaper import Reaper
from filaprova.record.event import Event
from filaprova.waiting import noted, wait_until

DEFAULT_PORT = 5672
READY_LIMIT_S = 90.0
STOP_LIMIT_S = 30.0
COMMAND_LIMIT_S = 60.0
SHOWN_OUTPUT_BYTES = 2_000


class BrokerUrl(msgspec.Struct, frozen=True, kw_only=True):
    """What an amqp:// URL says."""

    address: Address
    credentials: Credentials
    virtual_host: str

    def __str__(self) -> str:
        """Return the URL without user and password."""
        return f"amqp://{self.address.host}:{self.address.port}"


class ExternalBroker:
    """A broker that can only be used."""

    def __init__(
        self, *, url: BrokerUrl, settings: BrokerSettings, reaper: Reaper, reason: Phrase
    ) -> None:
        """Look whether it answers.

        Raises ``EnvironmentMissing`` if it does not answer or refuses the user.
        """
        self._url = url
        self._virtual_hosts = [url.virtual_host for _ in settings.virtual_hosts]
        greeting = greet(url.address)
        if greeting is None:
            raise EnvironmentMissing(
                say(
                    "nothing at {} speaks AMQP 0-9-1; is the broker running, and is that its port?",
                    str(url),
                )
            )
        refused = refusal(url.address, url.credentials, url.virtual_host)
        if refused is not None:
            raise EnvironmentMissing(
                say(
                    "the broker at {} refuses user {} on virtual host {}: {}\n{}",
                    str(url),
                    repr(url.credentials.user),
                    repr(url.virtual_host),
                    refused,
                    _how_to_permit(url, refused),
                )
            )
        try:
            denied = transient_queues_denied(url.address, url.credentials, url.virtual_host)
        except EnvironmentMissing as error:
            raise EnvironmentMissing(
                say(
                    "user {} cannot make a queue on virtual host {} of the broker at {}: {}\n{}",
                    repr(url.credentials.user),
                    repr(url.virtual_host),
                    str(url),
                    told_by(error),
                    _how_to_permit(url, str(error)),
                )
            ) from error
        self._description = BrokerDescription(
            product=greeting.product,
            version=greeting.version,
            erlang_version=greeting.erlang_version,
            backend="external",
            reason=str(reason),
            worded=reason.worded(),
            transient_queues="denied" if denied else "permitted",
        )
        place = Place(
            address=url.address, credentials=url.credentials, virtual_host=url.virtual_host
        )
        self._leftovers = Leftovers(place, reaper)
        self._management = _find_management(url)

    @property
    def description(self) -> BrokerDescription:
        """Return what this broker is."""
        return self._description

    @property
    def credentials(self) -> Credentials:
        """Return the user that the URL names."""
        return self._url.credentials

    @property
    def virtual_hosts(self) -> list[str]:
        """Return the URL's virtual host, as often as one was asked for."""
        return self._virtual_hosts

    def address(self) -> Address:
        """Return the URL's host and port."""
        return self._url.address

    def queues(self, virtual_host: str) -> list[QueueRow]:  # noqa: ARG002
        """Raise ``EnvironmentMissing``: AMQP has no way to list queues."""
        raise EnvironmentMissing(say("the queues of an external broker cannot be listed from here"))

    def queue(self, virtual_host: str, name: str) -> QueueRow | None:
        """Return what a passive declare tells, and the management plugin if there is one."""
        return count(self._management, self.address(), self.credentials, virtual_host, name)

    def log_tail(self, line_count: int = 200) -> list[str]:  # noqa: ARG002
        """Return nothing: there is no access to its log."""
        return []

    @property
    def left_alone(self) -> list[str]:
        """Return the queues that were in use before the run, which are left as they are."""
        return self._leftovers.theirs

    def note(self, event: Event) -> None:
        """Take down what an event of a scenario tells to have been made."""
        self._leftovers.note(event)

    def tidy(self) -> None:
        """Remove all of it; ``EnvironmentMissing`` where the broker does not answer."""
        self._leftovers.remove()

    def close(self) -> None:
        """Leave it as it was before the run; ``EnvironmentMissing`` where it does not answer."""
        self.tidy()


class RestartableExternalBroker(ExternalBroker):
    """One that the user's commands stop and start."""

    def __init__(
        self,
        *,
        url: BrokerUrl,
        settings: BrokerSettings,
        reaper: Reaper,
        reason: Phrase,
        stop: list[str],
        start: list[str],
    ) -> None:
        super().__init__(url=url, settings=settings, reaper=reaper, reason=reason)
        self._stop_command = stop
        self._start_command = start

    def stop(self) -> StopReport:
        """Run the stop command; clean if it succeeds and the broker is gone afterwards."""
        status, output = _run(self._stop_command)
        if status != 0:
            return StopReport(
                clean=False,
                detail=say("the stop command ended with status {}: {}", str(status), output),
            )
        try:
            self._await_end()
        except TimedOut as error:
            return StopReport(clean=False, detail=told_by(error))
        return StopReport(clean=True, detail=say("the stop command succeeded"))

    def start(self) -> None:
        """Run the start command; return when the broker answers, and its management if it had."""
        _run_or_raise("start", self._start_command)
        try:
            wait_until(
                self._is_up,
                what=say("the broker at {} to answer after its start command", str(self._url)),
                timeout_s=READY_LIMIT_S,
                kind="broker booted",
            )
        except TimedOut as error:
            raise EnvironmentMissing(told_by(error)) from error

    def _is_up(self) -> bool:
        host = self._url.virtual_host
        if handshake(self.address(), self.credentials, host) is None:
            return False
        return self._management is None or self._management.totals(host) is not None

    def _await_end(self) -> None:
        wait_until(
            lambda: greet(self.address()) is None,
            what=say("the broker at {} to be gone", str(self._url)),
            timeout_s=STOP_LIMIT_S,
            kind="broker stopped",
        )


class KillableExternalBroker(RestartableExternalBroker):
    """One that the user's commands stop, start and kill."""

    def __init__(
        self,
        *,
        url: BrokerUrl,
        settings: BrokerSettings,
        reaper: Reaper,
        reason: Phrase,
        stop: list[str],
        start: list[str],
        kill: list[str],
    ) -> None:
        super().__init__(
            url=url, settings=settings, reaper=reaper, reason=reason, stop=stop, start=start
        )
        self._kill_command = kill

    def kill(self) -> None:
        """Run the kill command and wait until the broker is gone."""
        _run_or_raise("kill", self._kill_command)
        try:
            self._await_end()
        except TimedOut as error:
            raise EnvironmentMissing(told_by(error)) from error


def open_external(url_text: str, settings: BrokerSettings, reaper: Reaper) -> Broker:
    """Return the broker of a URL, with the powers that the given commands lend.

    Raises ``BadInput`` for a URL or a choice of commands that makes no sense.
    """
    url = read_url(url_text)
    for act, command in (
        ("stop", settings.stop_command),
        ("start", settings.start_command),
        ("kill", settings.kill_command),
    ):
        if command is not None and shutil.which(command[0]) is None:
            raise BadInput(
                f"the {act} command {command[0]!r} is not to be found or not executable; it is run "
                "without a shell, so name a program, by its path if it is not on the PATH"
            )
    reason = say("its URL was given")
    stop, start, kill = settings.stop_command, settings.start_command, settings.kill_command
    if stop is None and start is None and kill is None:
        return ExternalBroker(url=url, settings=settings, reaper=reaper, reason=reason)
    if stop is None or start is None:
        raise BadInput(
            "an external broker needs a stop and a start command, or neither; a kill command "
            "needs both"
        )
    if kill is None:
        return RestartableExternalBroker(
            url=url, settings=settings, reaper=reaper, reason=reason, stop=stop, start=start
        )
    return KillableExternalBroker(
        url=url,
        settings=settings,
        reaper=reaper,
        reason=reason,
        stop=stop,
        start=start,
        kill=kill,
    )


def read_url(text: str) -> BrokerUrl:
    """Read an amqp:// URL; what it leaves out is guest, guest, port 5672 and virtual host /.

    Its host must be this machine itself: a broker that is examined is flooded, stopped and killed.
    Raises ``BadInput``, in which a password is never quoted.
    """
    try:
        parts = urlsplit(text)
        port = parts.port or DEFAULT_PORT
    except ValueError:  # its text may quote the password, so nobody is to see it
        raise BadInput(
            "the broker's URL cannot be read: its host or port makes no sense; in user and "
            "password, / ? # [ ] @ and : are written as %2F %3F %23 %5B %5D %40 and %3A"
        ) from None
    if parts.scheme == "amqps":
        raise BadInput("TLS cannot be used: the record is read off the wire; give an amqp:// URL")
    if parts.scheme != "amqp":
        raise BadInput(f"the broker's URL must begin with amqp://, not with {parts.scheme}://")
    if not parts.hostname or parts.query or parts.fragment:
        raise BadInput("the broker's URL must be of the form amqp://USER:PASSWORD@HOST:PORT/VHOST")
    if not _is_loopback(parts.hostname):
        raise BadInput(
            f"the broker at {parts.hostname} is not to be examined: it is flooded, stopped and "
            "killed, so it must be one of this machine; name it as 127.0.0.1, [::1] or localhost"
        )
    return BrokerUrl(
        address=Address(parts.hostname, port),
        credentials=Credentials(
            user=unquote(parts.username or "guest"), password=unquote(parts.password or "guest")
        ),
        virtual_host=unquote(parts.path.removeprefix("/")) or "/",
    )


def _find_management(url: BrokerUrl) -> Management | None:
    """Return the management plugin of this very broker; None: it has none where one usually is.

    What answers there may be another broker's: only its own lists a queue that was just made.
    """
    with probe_queue(url.address, url.credentials, url.virtual_host) as queue:
        for address in usual_addresses(url.address):
            management = Management(address, url.credentials)
            if queue in (management.totals(url.virtual_host) or {}):
                return management
    return None


def _how_to_permit(url: BrokerUrl, refused: str) -> Phrase:
    """Return how an administrator of the broker lets its user in."""
    if "Authentication" in refused:
        return say(
            "Are user and password of the URL right? rabbitmqctl list_users names the users."
        )
    host, user = shlex.quote(url.virtual_host), shlex.quote(url.credentials.user)
    make = f"  rabbitmqctl add_vhost {host}\n" if "not found" in refused else ""
    return say(
        "Filaprova makes no virtual host and no user there. Whoever administers the broker can:"
        "\n{}",
        f"{make}  rabbitmqctl set_permissions -p {host} {user} '.*' '.*' '.*'",
    )


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _run(command: list[str]) -> tuple[int, str]:
    """Run a command; return its status and the end of its output.

    The output goes to a file, since a pipe would stay open in a server that the command starts.
    """
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        except OSError as error:
            raise BadInput(
                say("the command {} cannot be run: {}", command[0], str(error))
            ) from error
        try:
            with noted("broker's command", limit_s=COMMAND_LIMIT_S, what=command[0]):
                status = process.wait(COMMAND_LIMIT_S)
        except subprocess.TimeoutExpired as error:
            raise EnvironmentMissing(
                say(
                    "the command {} was not done within {:.0f} s and was ended; it must return, "
                    "and leave the server in the background",
                    command[0],
                    COMMAND_LIMIT_S,
                )
            ) from error
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        size_bytes = output.seek(0, os.SEEK_END)
        output.seek(max(0, size_bytes - SHOWN_OUTPUT_BYTES))
        return status, output.read().decode(errors="replace").strip()


def _run_or_raise(act: str, command: list[str]) -> None:
    status, output = _run(command)
    if status != 0:
        raise EnvironmentMissing(
            say("the {} command ended with status {}: {}", act, str(status), output)
        )
