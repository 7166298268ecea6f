"""Cast: the programs of a scenario, from their start to their end, each behind a tap of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGSTOP

from filaprova.errors import BadInput, HarnessBug, ProgramFailed, TimedOut
from filaprova.programs.lesson.printed import reader_of
from filaprova.programs.program import Process, Role
from filaprova.programs.surroundings import LaunchSettings
from filaprova.record.event import DRAIN, Event
from filaprova.record.history import History
from filaprova.record.program import ProgramExited
from filaprova.record.wire import ConsumerStarted, SocketClosed, SocketOpened
from filaprova.scenario.client import Client
from filaprova.scenario.stage import Stage
from filaprova.wiretap.tap import Tap


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A worker process with the tap that it speaks through."""

    client: str
    process: Process
    tap: Tap


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a producer published, as seen on the wire."""

    queue: str
    tasks: list[str]


class Cast:
    """All programs that a scenario has started, and the harness's own client among them."""

    def __init__(self, stage: Stage, programs: Path) -> None:
        """``programs`` is the folder of the scenario's own programs."""
        self.processes: list[Process] = []
        self._stage = stage
        self._programs = programs
        self._worker_count = 0

    def new_names(self, count: int) -> list[str]:
        """Return the names of the next workers: C1, C2, …"""
        first = self._worker_count + 1
        self._worker_count += count
        return [f"C{number}" for number in range(first, first + count)]

    def start(
        self, names: Sequence[str], program: str, pause_at_task: int | None = None
    ) -> list[Worker]:
        """Start workers at once, have them subscribe in the order given; return them.

        Their taps let them through one after another, so the order of subscription is known.
        """
        stage = self._stage
        since = len(stage.recorder)
        workers = []
        with stage.timed("start"):
            for name in names:
                tap = stage.wiretap.open(name)
                tap.hold()
                process = self._launch(name, "worker", program, (), tap, pause_at_task)
                workers.append(Worker(client=name, process=process, tap=tap))
            for worker in workers:
                worker.tap.release()
                self._wait_subscribed(worker, since)
        stage.tell("workers", f"{', '.join(names)} subscribed")
        return workers

    def run(self, program: str, arguments: Sequence[str]) -> list[Event]:
        """Run a program to its end, which must be exit 0; return what was seen meanwhile."""
        stage = self._stage
        since = len(stage.recorder)
        with stage.timed("start"):
            name = self._unused(Path(program).stem)
            tap = stage.wiretap.open(name)
            process = self._launch(name, "producer", program, arguments, tap)
            try:
                ended = process.wait(timeout_s=stage.wait_s)
            except TimedOut as error:
                raise process.failure(f"it did not end within {stage.wait_s:g} s") from error
            if ended.exit_code != 0:
                raise process.failure("it should have ended with exit status 0")
            tap.close()
        return stage.since(since)

    @contextlib.contextmanager
    def own_client(self, name: str) -> Iterator[Client]:
        """Give the harness's own client, behind a tap as well."""
        stage = self._stage
        tap = stage.wiretap.open(name if name == DRAIN else self._unused(name))
        credentials = stage.session.broker.credentials
        try:
            yield Client(tap.address, credentials.user, credentials.password, stage.virtual_host)
        finally:
            tap.close()

    def output_dry(self) -> None:
        """Return when all that the programs have printed until now is on the record."""
        for process in self.processes:
            process.output_dry(timeout_s=self._stage.wait_s)

    def end(self) -> None:
        """End every program that still runs; ``HarnessBug`` names all that will not go.

        All are stopped first: what the broker takes back from one, another must not begin.
        """
        stubborn = []
        for process in self.processes:
            with contextlib.suppress(ProgramFailed):  # it has ended by itself
                process.signal(SIGSTOP)
        for process in self.processes:
            try:
                process.end()
            except HarnessBug as error:
                stubborn.append(str(error))
        if stubborn:
            raise HarnessBug("; ".join(stubborn))

    def story(self, happened: str) -> str:
        """Return what happened, below it what has become of every program, and a hint."""
        history = self._stage.recorder.history()
        orphans = sockets_of_the_dead(history)
        lines = [happened, *(f"  {self._state(process, history)}" for process in self.processes)]
        lines += [f"  the connection of {client} is still open on the wire" for client in orphans]
        if orphans:
            lines.append(
                "  hint: the broker returns what it delivered only when the connection ends; has a "
                f"child of {orphans[0]} inherited its socket?"
            )
        return "\n".join(lines)

    # ------------------------------------------------------------------ inside

    def _state(self, process: Process, history: History) -> str:
        ends = [e for e in history.of(ProgramExited) if e.client == process.client]
        if ends:
            how = ends[0].signal_name or f"exit status {ends[0].exit_code}"
            state = f"ended at {ends[0].at_ns / 1e9:+.3f} s ({how})"
        else:
            state = f"runs, pid {process.pid}"
        tail = process.tail(1)
        said = f"its last line: {tail[0]!r}" if tail else "it has printed nothing"
        return f"{process.client} {state}; {said}"

    def _wait_subscribed(self, worker: Worker, since: int) -> None:
        def subscribed_or_gone(event: Event) -> bool:
            return (
                isinstance(event, ConsumerStarted | ProgramExited) and event.client == worker.client
            )

        try:
            event = self._stage.recorder.wait_for(
                subscribed_or_gone,
                what=f"{worker.client} to subscribe",
                timeout_s=self._stage.wait_s,
                since=since,
                kind="subscribed",
            )
        except TimedOut as error:
            raise worker.process.failure(
                f"it did not subscribe within {self._stage.wait_s:g} s"
            ) from error
        if isinstance(event, ProgramExited):
            raise worker.process.failure("it ended before it subscribed to a queue")

    def _launch(
        self,
        name: str,
        role: Role,
        program: str,
        arguments: Sequence[str],
        tap: Tap,
        pause_at_task: int | None = None,
    ) -> Process:
        session = self._stage.session
        process = Process.start(
            background=session.background,
            recorder=self._stage.recorder,
            reaper_environment=session.reaper.environment,
            client=name,
            role=role,
            program=self._find(program),
            arguments=arguments,
            settings=LaunchSettings(
                host=tap.address.host,
                port=tap.address.port,
                virtual_host=self._stage.virtual_host,
                user=session.broker.credentials.user,
                password=session.broker.credentials.password,
                seed=session.settings.seed,
                seconds_per_dot=session.settings.seconds_per_dot,
                scratch=session.reaper.scratch,
                python=session.settings.python,
                arguments=session.settings.program_arguments,
                inputs=session.settings.program_inputs,
                reader=reader_of(session.settings.received, session.settings.done),
            ),
            pause_at_task=pause_at_task,
        )
        self.processes.append(process)
        return process

    def _find(self, program: str) -> Path:
        session = self._stage.session
        replacement = session.settings.programs
        for folder in (replacement, self._programs):
            if folder is not None and (folder / program).is_file():
                if folder is replacement:
                    session.programs_used.add(program)
                return folder / program
        raise BadInput(f"there is no program {program} in {self._programs}")

    def _unused(self, name: str) -> str:
        taken = {process.client for process in self.processes} | self._stage.wiretap.clients
        return next(
            candidate
            for number in range(1, len(taken) + 2)
            if (candidate := name if number == 1 else f"{name}-{number}") not in taken
        )


def sockets_of_the_dead(history: History) -> list[str]:
    """Return the programs that have ended although a connection of theirs is still open."""
    ended = {event.client for event in history.of(ProgramExited)}
    closed = {event.connection for event in history.of(SocketClosed)}
    opened = history.of(SocketOpened)
    return list(
        dict.fromkeys(e.client for e in opened if e.client in ended and e.connection not in closed)
    )


def next_life(client: str) -> str:
    """Return C1b for C1, C1c for C1b."""
    return f"{client[:-1]}{chr(ord(client[-1]) + 1)}" if client[-1].isalpha() else f"{client}b"
