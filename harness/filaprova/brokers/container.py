"""Container: a broker in a container of the machine's Docker engine.

Testcontainers finds the engine; why no more of it is used is in ``docs/decisions/0013``.
``python -m filaprova.brokers.container RUN_ID`` removes what a run has in the engine, by its label,
and the reaper runs it. The password is in no file and on no command line, only a hash of it is.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import tarfile
from collections.abc import Iterator, Mapping
from typing import cast

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.types import LogConfig, Mount
from docker.utils import parse_repository_tag
from testcontainers.core.docker_client import DockerClient

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
    LIST_QUEUES,
    STOP_LIMIT_S,
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
from filaprova.errors import EnvironmentMissing, HarnessBug, TimedOut
from filaprova.phrase import Phrase, say
from filaprova.reaper import Reaper
from filaprova.waiting import noted, wait_until

DEFAULT_IMAGE = "rabbitmq:4-management"
LABEL = "filaprova.run"
FOLDER = "/etc/rabbitmq/filaprova"
DATA = "/var/lib/rabbitmq"
PORT = "5672/tcp"
MANAGEMENT_PORT = "15672/tcp"
BETWEEN_SWEEPS_S = 0.3
"""Longer than the engine takes to create a container that a killed run had asked for."""
ENGINE_LIMIT_S = 8.0
SWEEP_LIMIT_S = 6.0
"""Both together are less than the reaper gives a command."""
LOG_LIMIT = {"max-size": "16m", "max-file": "1"}
NOT_RUNNING = 409


@contextlib.contextmanager
def _engine_troubles_told() -> Iterator[None]:
    """Say that it was the engine, wherever something goes wrong in it; it may end at any time."""
    try:
        yield
    except (DockerException, requests.RequestException) as error:
        raise EnvironmentMissing(
            say(
                "the Docker engine failed: {}. Does it still run ('docker version'), and has it "
                "disk space left?",
                str(error),
            )
        ) from error


class ContainerBroker:
    """A broker in a container of its own; ``Restartable`` and ``Killable``."""

    def __init__(
        self,
        *,
        engine: docker.DockerClient,
        image: str,
        settings: BrokerSettings,
        reaper: Reaper,
        reason: Phrase,
        transient_queues: str,
    ) -> None:
        """Create and boot it; return when it answers.

        Raises ``EnvironmentMissing`` if it does not come up.
        """
        self._engine = engine
        self._image = image
        self._credentials = random_credentials()
        self._virtual_hosts = list(settings.virtual_hosts)
        self._config_lines = told_settings(settings)
        self._container: Container | None = None
        self._address = self._management = Address("127.0.0.1", 0)
        reaper.at_end([sys.executable, "-I", "-m", "filaprova.brokers.container", reaper.run_id])
        try:
            self._container = self._create(settings, reaper.run_id)
            greeting = self._boot()
        except BaseException:
            self.close()
            raise
        self._description = BrokerDescription(
            product=greeting.product,
            version=greeting.version,
            erlang_version=greeting.erlang_version,
            backend="container",
            image=image,
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
        return self._virtual_hosts

    def address(self) -> Address:
        """Return where it answers now: the engine publishes another port at every start."""
        return self._address

    @_engine_troubles_told()
    def queues(self, virtual_host: str) -> list[QueueRow]:
        """Return the queues of a virtual host, ordered by name (0.5 s to 1 s)."""

        def ask() -> tuple[int, str, str]:
            answer = self._running().exec_run(
                ["rabbitmqctl", *LIST_QUEUES[:2], "-p", virtual_host, *LIST_QUEUES[2:]],
                user="rabbitmq",
                environment={"HOME": DATA},
                demux=True,
            )
            output, errors = cast(tuple[bytes | None, bytes | None], answer.output)
            told = [(part or b"").decode(errors="replace") for part in (output, errors)]
            return cast(int, answer.exit_code), told[0], told[1]

        return list_queues(ask)

    def queue(self, virtual_host: str, name: str) -> QueueRow | None:
        """Return one queue; None: there is no such queue."""
        management = Management(self._management, self._credentials)
        row = count(management, self._address, self._credentials, virtual_host, name)
        return counted_whole(row, lambda: self.queues(virtual_host))

    @_engine_troubles_told()
    def stop(self) -> StopReport:
        """Stop gracefully and wait for the end; clean only if the server itself ended with 0."""
        container = self._running()
        with noted("broker stopped", limit_s=STOP_LIMIT_S):
            container.stop(timeout=int(STOP_LIMIT_S))
        container.reload()
        return stop_report(container.attrs["State"]["ExitCode"])

    def start(self) -> None:
        """Start again with the data kept; return when it answers."""
        self._boot()

    @_engine_troubles_told()
    def kill(self) -> None:
        """Kill the server, which is the container's first process, with SIGKILL."""
        container = self._running()
        try:
            container.kill("SIGKILL")
        except APIError as error:
            if error.status_code != NOT_RUNNING:
                raise
        with noted("broker killed", limit_s=STOP_LIMIT_S):
            container.wait(timeout=STOP_LIMIT_S)

    @_engine_troubles_told()
    def log_tail(self, line_count: int = 200) -> list[str]:
        """Return the last lines of the log; empty once closed."""
        if self._container is None:
            return []
        with contextlib.suppress(NotFound):
            log: bytes = self._container.logs(tail=line_count)
            return log.decode(errors="replace").splitlines()
        return []

    @_engine_troubles_told()
    def close(self) -> None:
        """Remove the container and its data; may be called twice."""
        container, self._container = self._container, None
        if container is not None:
            _remove(container)

    @_engine_troubles_told()
    def _create(self, settings: BrokerSettings, run_id: str) -> Container:
        container = self._engine.containers.create(
            self._image,
            hostname="filaprova",
            labels={LABEL: run_id},
            ports={PORT: ("127.0.0.1", 0), MANAGEMENT_PORT: ("127.0.0.1", 0)},
            # Without a name it goes with its container; with a label it is found without one.
            mounts=[Mount(DATA, None, labels={LABEL: run_id})],
            environment=node_environment(folder=FOLDER, node_name="rabbit@localhost"),
            log_config=LogConfig(type=LogConfig.types.JSON, config=LOG_LIMIT),
        )
        try:
            files = configuration_files(
                folder=FOLDER,
                credentials=self._credentials,
                virtual_hosts=settings.virtual_hosts,
                listener="5672",
                management="15672",
                config_lines=settings.config_lines,
                advanced_config=settings.advanced_config,
            )
            container.put_archive("/", _archive(files, *_server_user(container)))
        except BaseException:
            _remove(container)
            raise
        return container

    @_engine_troubles_told()
    def _boot(self) -> Greeting:
        container = self._running()
        container.start()
        container.reload()
        self._address = _published(container, PORT) or self._address
        self._management = _published(container, MANAGEMENT_PORT) or self._management
        return await_ready(
            what=say("the broker in a container of {}", self._image),
            address=self._address,
            credentials=self._credentials,
            virtual_host=self._virtual_hosts[0],
            config_lines=self._config_lines,
            died=self._died,
            log_tail=self.log_tail,
        )

    def _died(self) -> Phrase | None:
        container = self._running()
        container.reload()
        state = container.attrs["State"]
        return None if state["Running"] else server_ended(state["ExitCode"])

    def _running(self) -> Container:
        if self._container is None:
            raise HarnessBug(say("the container of {} was removed already", self._image))
        return self._container


def _published(container: Container, port: str) -> Address | None:
    """Return where the engine publishes a port of a container; None: it has ended already."""
    places = container.attrs["NetworkSettings"]["Ports"].get(port)
    return Address(places[0]["HostIp"], int(places[0]["HostPort"])) if places else None


def find_engine() -> docker.DockerClient | None:
    """Return a client of the machine's container engine; None if none answers."""
    try:
        engine: docker.DockerClient = DockerClient().client
        engine.ping()
    except (DockerException, requests.RequestException, OSError):
        return None
    return engine


def find_image(engine: docker.DockerClient, wanted: str | None) -> tuple[str, Phrase]:
    """Return the name of an image that is there now, and where it came from.

    ``wanted`` None: the official image, else the newest one of that name which is there. Raises
    ``EnvironmentMissing`` if there is none.
    """
    name = wanted or DEFAULT_IMAGE
    if _has(engine, name):
        return name, say("the image {} is there", name)
    try:
        engine.images.pull(*_name_and_tag(name))
    except (DockerException, requests.RequestException) as error:
        newest = None if wanted else newest_image(engine)
        if newest is None:
            raise EnvironmentMissing(
                say("the image {} is neither there nor to be pulled: {}", name, str(error))
            ) from error
        told = "{} cannot be pulled, and {} is the newest image that is there"
        return newest, say(told, name, newest)
    return name, say("the image {} was pulled", name)


def newest_image(engine: docker.DockerClient) -> str | None:
    """Return the image named ``rabbitmq`` with the highest version as its tag."""
    tags = [tag for image in engine.images.list("rabbitmq") for tag in image.tags]
    return max(tags, key=_version, default=None)


def sweep(engine: docker.DockerClient, run_id: str) -> bool:
    """Remove the containers and the volumes of a run; return whether there were any."""
    its_own: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={run_id}"}
    containers = engine.containers.list(all=True, filters=its_own)
    for container in containers:
        _remove(container)
    volumes = engine.volumes.list(filters=its_own)
    for volume in volumes:
        with _gone_or_going():
            volume.remove(force=True)
    return bool(containers or volumes)


def _remove(container: Container) -> None:
    with _gone_or_going():
        container.remove(force=True, v=True)


@contextlib.contextmanager
def _gone_or_going() -> Iterator[None]:
    # 404: it is gone; 409: somebody else is removing it just now.
    try:
        yield
    except APIError as error:
        if error.status_code not in (404, 409):
            raise


def _has(engine: docker.DockerClient, name: str) -> bool:
    try:
        engine.images.get(name)
    except ImageNotFound:
        return False
    return True


def _name_and_tag(image: str) -> tuple[str, str | None]:
    name, tag = parse_repository_tag(image)
    return name, tag or "latest"


def _version(tag: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", tag.rpartition(":")[2]))


def _server_user(container: Container) -> tuple[int, int]:
    """Return the numbers of the image's user and group ``rabbitmq``, who is to own its files."""
    with contextlib.suppress(NotFound):
        chunks, _ = container.get_archive("/etc/passwd")
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
            file = archive.extractfile("passwd")
            assert file is not None
            for line in file.read().decode().splitlines():
                name, _, user, group, *_ = line.split(":")
                if name == "rabbitmq":
                    return int(user), int(group)
    raise EnvironmentMissing(
        say(
            "the image {} has no user named rabbitmq; is it an image of RabbitMQ?",
            container.attrs["Config"]["Image"],
        )
    )


def _archive(files: Mapping[str, str], user: int, group: int) -> bytes:
    """Return a tar archive of ``FOLDER`` that only this user may read."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        folder = tarfile.TarInfo(FOLDER.removeprefix("/"))
        folder.type, folder.mode, folder.uid, folder.gid = tarfile.DIRTYPE, 0o700, user, group
        archive.addfile(folder)
        for name, text in files.items():
            content = text.encode()
            file = tarfile.TarInfo(f"{folder.name}/{name}")
            file.size, file.mode, file.uid, file.gid = len(content), 0o600, user, group
            archive.addfile(file, io.BytesIO(content))
    return buffer.getvalue()


def main(run_id: str) -> None:
    """Remove the containers of a run that has ended, also one that is just being created.

    An engine that is just being started again is waited for.
    """
    try:
        engine = wait_until(find_engine, what=say("the Docker engine"), timeout_s=ENGINE_LIMIT_S)
    except TimedOut:
        sys.exit(
            "the Docker engine does not answer, so the container could not be removed. Once it "
            f"runs again: docker rm -fv $(docker ps -aqf label={LABEL}={run_id})"
        )
    empty_count = 0

    def swept() -> bool:
        nonlocal empty_count
        empty_count = 0 if sweep(engine, run_id) else empty_count + 1
        return empty_count == 2

    wait_until(
        swept,
        what=say("the containers of run {} to go", run_id),
        timeout_s=SWEEP_LIMIT_S,
        every_s=BETWEEN_SWEEPS_S,
    )


if __name__ == "__main__":
    main(sys.argv[1])
