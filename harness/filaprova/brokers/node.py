"""What container and local brokers have in common: the configuration of one private node.

The same files and the same environment serve every version and both backends, so that a scenario
meets the same broker everywhere; nothing of the configuration that an image or a package brings
along is read. Environment variables: RabbitMQ's documentation, "File and Directory Locations".
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterator, Sequence

from filaprova.address import Address
from filaprova.brokers.broker import BrokerSettings, Credentials, QueueRow, StopReport
from filaprova.brokers.inspection import Greeting, handshake
from filaprova.errors import BadInput, EnvironmentMissing, TimedOut
from filaprova.phrase import Phrase, joined, say, told_by
from filaprova.waiting import wait_until

BOOT_LIMIT_S = 90.0
"""A quiet machine takes 2 s to 4 s, one with both cores busy 10 s."""
STOP_LIMIT_S = 30.0
COMMAND_LIMIT_S = 30.0
LOG_LINE_COUNT = 400
SHOWN_LINE_COUNT = 20
FIRST_ERROR = re.compile(r"\[(error|critical)\]|BOOT FAILED|^Error|\berror:", re.IGNORECASE)
OUR_SETTINGS = re.compile(
    r"\s*(listeners\.|load_definitions|definitions\.|management\.(tcp|ssl|listener)\b)"
)
"""What a line of the user's must not change: where the broker listens, and who may use it."""
OUR_TERMS = re.compile(
    r"\b(tcp_listeners|ssl_listeners|load_definitions|definitions|rabbitmq_management)\b"
)
"""The same in an advanced.config."""
QUORUM_TICK_FLAGS = "-rabbit quorum_tick_interval 200"
"""A quorum queue's counts are as old as this; by default up to 5 s."""

NOT_YET_RUNNING = re.compile(r"requires the 'rabbit' app to be running")
LOOPBACK_FLAGS = "-kernel inet_dist_use_interface {127,0,0,1}"
LIST_QUEUES = [
    *("-q", "list_queues", "--formatter", "json"),
    *("name", "durable", "messages_ready", "messages_unacknowledged", "consumers"),
]


def random_credentials() -> Credentials:
    """Return a user and a password that nobody else has."""
    return Credentials(user=f"filaprova-{secrets.token_hex(4)}", password=secrets.token_urlsafe(24))


def configuration_files(
    *,
    folder: str,
    credentials: Credentials,
    virtual_hosts: Sequence[str],
    listener: str,
    management: str,
    config_lines: Sequence[str],
    advanced_config: str | None = None,
) -> dict[str, str]:
    """Return the texts of the files, by name, that are to lie in ``folder``.

    Raises ``BadInput`` for configuration that would take the broker away from us.

    The user and the virtual hosts are imported at boot, where one costs some milliseconds; asked
    for over the command line, each would cost half a second. Of the password there is only a hash.
    """
    for line in config_lines:
        if OUR_SETTINGS.match(line) or "\n" in line:
            raise BadInput(
                f"the broker cannot be given the line {line!r} of configuration: where it listens, "
                "and the users it has, are Filaprova's to say; leave that line out"
            )
    ours = OUR_TERMS.search(advanced_config or "")
    if ours is not None:
        raise BadInput(
            f"the broker cannot be given an advanced.config with {ours[0]}: where it listens, and "
            "the users it has, are Filaprova's to say; leave that out"
        )
    return {
        "rabbitmq.conf": "\n".join(
            [
                f"listeners.tcp.1 = {listener}",
                f"load_definitions = {folder}/definitions.json",
                *_management_listener(management),
                # Statistics are what the plugin spends its time on; counts need none.
                "management_agent.disable_metrics_collector = true",
                *config_lines,
                "",
            ]
        ),
        "advanced.config": "[].\n" if advanced_config is None else advanced_config,
        "enabled_plugins": "[rabbitmq_management].\n",
        "definitions.json": json.dumps(_definitions(credentials, virtual_hosts)),
    }


def _management_listener(listener: str) -> Iterator[str]:
    """Yield the lines for a listener of the plugin that is written as those of AMQP are."""
    host, _, port = listener.rpartition(":")
    yield f"management.tcp.port = {port}"
    if host:
        yield f"management.tcp.ip = {host}"


def told_settings(settings: BrokerSettings) -> list[str]:
    """Return what the user has configured, to be told where a broker does not come up with it."""
    if settings.advanced_config is None:
        return settings.config_lines
    return [*settings.config_lines, f"advanced.config: {settings.advanced_config.strip()}"]


def node_environment(*, folder: str, node_name: str) -> dict[str, str]:
    """Return the environment of the server and of its command line tools.

    Everything listens on the loopback interface only, except for the AMQP listener of a container,
    which its engine publishes there.
    """
    return {
        "RABBITMQ_NODENAME": node_name,
        "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
        "RABBITMQ_CONFIG_FILES": f"{folder}/none/*.conf",
        "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/advanced.config",
        "RABBITMQ_CONF_ENV_FILE": f"{folder}/none/rabbitmq-env.conf",
        "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
        "RABBITMQ_LOGS": "-",
        # The server's script then becomes the server instead of staying its parent: signals reach
        # it, and the exit status is its own. (The script's own would be 0 for every SIGTERM.)
        "RUNNING_UNDER_SYSTEMD": "true",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_ZFLAGS": LOOPBACK_FLAGS,
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": QUORUM_TICK_FLAGS,
    }


def await_ready(
    *,
    what: Phrase,
    address: Address,
    credentials: Credentials,
    virtual_host: str,
    config_lines: Sequence[str],
    died: Callable[[], Phrase | None],
    log_tail: Callable[[int], list[str]],
) -> Greeting:
    """Return the greeting of a booting broker as soon as an AMQP handshake succeeds.

    ``died`` tells how it ended, if it did. Raises ``BootFailed`` if it ends first, or does not
    answer within ``BOOT_LIMIT_S``.
    """

    def probe() -> Greeting | None:
        end = died()
        if end is not None:
            raise BootFailed(what, end, log_tail(LOG_LINE_COUNT), config_lines)
        return handshake(address, credentials, virtual_host)

    try:
        return wait_until(
            probe, what=say("{} to answer", what), timeout_s=BOOT_LIMIT_S, kind="broker booted"
        )
    except TimedOut as error:
        raise BootFailed(what, told_by(error), log_tail(LOG_LINE_COUNT), config_lines) from error


class BootFailed(EnvironmentMissing):
    """A broker did not come up; ``log`` holds the last lines that it wrote.

    Shown of them is where the trouble began: long dumps of the consequences come after it.
    """

    def __init__(
        self, what: Phrase, reason: Phrase, log: list[str], config_lines: Sequence[str]
    ) -> None:
        begin = next(
            (index for index, line in enumerate(log) if FIRST_ERROR.search(line)),
            max(0, len(log) - SHOWN_LINE_COUNT),
        )
        lines = [say("{} did not come up: {}", what, reason)]
        if config_lines:
            lines.append(say("Is each of these lines a setting of its version of RabbitMQ?"))
            lines += [say("  {}", line) for line in config_lines]
        lines.append(say("Its log, from the first error on:") if log else say("It wrote nothing."))
        lines += [say("  | {}", line) for line in log[begin : begin + SHOWN_LINE_COUNT]]
        super().__init__(joined("\n", lines))
        self.log = log


def server_ended(status: int) -> Phrase:
    """Return how a server ended while it was to boot."""
    return say("its server ended with status {}", str(status))


def stop_report(exit_status: int) -> StopReport:
    """Return how a stop went, by the exit status of the server itself."""
    return StopReport(
        clean=exit_status == 0,
        detail=say("the server ended with exit status {}", str(exit_status)),
    )


def counted_whole(row: QueueRow | None, listed: Callable[[], list[QueueRow]]) -> QueueRow | None:
    """Return a queue as it was counted, or as it is listed where that did not tell all of it."""
    if row is None or row.unacked_count is not None:
        return row
    return next((each for each in listed() if each.name == row.name), None)


def list_queues(ask: Callable[[], tuple[int, str, str]]) -> list[QueueRow]:
    """Return the queues that a command lists; ``ask`` gives its exit status, output and errors.

    A broker answers clients a moment before it counts as running for ``rabbitmqctl``: it is asked
    again then. Raises ``EnvironmentMissing`` where the command fails otherwise, or for too long.
    """

    def listing() -> str | None:
        status, output, errors = ask()
        if status == 0:
            return output
        told = (errors or output).strip()
        if NOT_YET_RUNNING.search(told):
            return None
        raise EnvironmentMissing(
            say("rabbitmqctl list_queues ended with status {}: {}", str(status), told)
        )

    try:
        found = wait_until(
            listing, what=say("the queues"), timeout_s=COMMAND_LIMIT_S, kind="queues listed"
        )
    except TimedOut as error:
        raise EnvironmentMissing(
            say("rabbitmqctl list_queues was not done within {:.0f} s", COMMAND_LIMIT_S)
        ) from error
    return read_queue_rows(found)


def read_queue_rows(listing: str) -> list[QueueRow]:
    """Return the rows that ``rabbitmqctl list_queues`` printed as JSON."""
    rows = [
        QueueRow(
            name=row["name"],
            durable=row["durable"],
            ready_count=row["messages_ready"],
            unacked_count=row["messages_unacknowledged"],
            consumer_count=row["consumers"],
        )
        for row in json.loads(listing)
    ]
    return sorted(rows, key=lambda row: row.name)


def _definitions(credentials: Credentials, virtual_hosts: Sequence[str]) -> dict[str, object]:
    salt = secrets.token_bytes(4)
    digest = hashlib.sha256(salt + credentials.password.encode()).digest()
    return {
        "users": [
            {
                "name": credentials.user,
                "password_hash": base64.b64encode(salt + digest).decode(),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": "administrator",
            }
        ],
        "vhosts": [{"name": name} for name in virtual_hosts],
        "permissions": [
            {
                "user": credentials.user,
                "vhost": name,
                "configure": ".*",
                "write": ".*",
                "read": ".*",
            }
            for name in virtual_hosts
        ],
    }
