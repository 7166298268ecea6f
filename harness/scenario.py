"""Scenario: the vocabulary in which scenario files are written; owns every lifetime.

Its methods act and wait for events; nothing here judges. ``verify`` names the checks, which judge
the history after the scenario has ended and everything it started is gone.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from harness.brokers.broker import Killable, Restartable
from harness.checkers.check import Check
from harness.client import Client
from harness.errors import BadInput, EnvironmentMissing, ProgramFailed, ScenarioFailed, TimedOut
from harness.events import (
    DRAIN,
    SCHEMA,
    BrokerStarted,
    BrokerStopped,
    BrokerStopping,
    Checkpoint,
    ConsumerStarted,
    Delivered,
    Drained,
    Event,
    HarnessTrouble,
    HistoryOpened,
    ProgramExited,
    Published,
    QueueCounted,
    QueueDeleted,
    Settled,
    Signalled,
    SocketClosed,
    StepEnded,
    StepStarted,
    TaskDone,
    TaskReceived,
)
from harness.history import FLUSH_EVERY_S, History, Recorder
from harness.report.store import ScenarioFolder
from harness.session import Session
from harness.strike import catch_mid_task, strike
from harness.wiretap.faults import HoldBack
from harness.wiretap.tap import Tap, Wiretap
from harness.workers.process import LaunchSettings, Process, Role

WAIT_S = 20.0
"""Limit of every wait of a scenario, in seconds, unless it names another."""


class Narrator(Protocol):
    """Told what a scenario does while it runs."""

    def step(self, title: str) -> AbstractContextManager[None]:
        """Enter a step."""

    def tell(self, seconds: float, role: str, text: str) -> None:
        """Hear one line: seconds since the scenario's start, who acts, what happened."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A check with what it speaks for and how much of the history it sees."""

    subject: str
    checkpoint: str
    check: Check


class Scenario:
    """One examination: made by the ``scenario`` fixture, closed by the plugin."""

    def __init__(
        self,
        session: Session,
        folder: ScenarioFolder,
        *,
        name: str,
        programs: Path,
        narrator: Narrator,
    ) -> None:
        """Open the history; ``programs`` is the folder of the scenario's own programs."""
        self.name = name
        self.planned: list[Planned] = []
        self.seconds_by = dict.fromkeys(("broker", "work", "start"), 0.0)
        self._session = session
        self._programs = programs
        self._narrator = narrator
        self._virtual_host = session.free_virtual_hosts.pop(0)
        self._recorder = Recorder(folder.history_path)
        self._processes: list[Process] = []
        self._worker_count = 0
        self._broker_is_up = True
        self._recorder.record(
            HistoryOpened(
                at_ns=0,
                schema=SCHEMA,
                scenario=name,
                started_at=datetime.now(UTC).isoformat(timespec="seconds"),
                seed=session.settings.seed,
                broker={
                    k: str(v)
                    for k, v in msgspec.to_builtins(self._session.broker.description).items()
                },
                settings=session.settings.recorded(),
            )
        )
        self._wiretap = Wiretap(session.background, self._recorder, session.broker.address)
        self._end_flushing = session.background.every(FLUSH_EVERY_S, self._recorder.flush)

    # ------------------------------------------------------------------ steps

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Name what is done in the body, for the record, the report and whoever watches."""
        self._recorder.record(StepStarted(at_ns=self._now(), title=title))
        with self._narrator.step(title):
            self._tell("step", title)
            try:
                yield
            except BaseException as error:
                self._recorder.record(
                    StepEnded(at_ns=self._now(), title=title, error=f"{error}" or repr(error))
                )
                raise
        self._recorder.record(StepEnded(at_ns=self._now(), title=title))

    # ------------------------------------------------------------------ programs

    def start_workers(
        self, count: int, program: str, *, pause_at_task: int | None = None
    ) -> list[Worker]:
        """Start workers and return when all have subscribed, the first one first.

        All processes start at once; their taps let them through one after another, so that the
        order of subscription is the order of their names C1, C2, …

        With ``pause_at_task`` each stands still as soon as it begins its task of that number, until
        it is struck or resumed: however fast it works, it is caught in the middle.
        """
        names = [f"C{self._worker_count + 1 + index}" for index in range(count)]
        self._worker_count += count
        return self._start(names, program, pause_at_task)

    def start_again(self, workers: Sequence[Worker]) -> list[Worker]:
        """Start the programs of ended workers again, as C1b after C1, in the order given."""
        return [
            again
            for worker in workers
            for again in self._start([_next_life(worker.client)], worker.process.program.name)
        ]

    def produce(self, program: str, count: int, *, again: int = 1) -> Sent:
        """Run a producer to its end and return what it published.

        ``count`` is its argument; a program that ignores it is accounted for as seen on the wire.
        ``again`` runs it that often, one after another.
        """
        since = len(self._recorder)
        for _ in range(again):
            self.run(program, str(count))
        published = [e for e in self._since(since) if isinstance(e, Published)]
        if not published:
            raise ScenarioFailed(f"{program} ended without publishing anything")
        queues = {event.routing_key for event in published}
        if len(queues) > 1:
            raise ScenarioFailed(f"{program} published to several queues: {sorted(queues)}")
        sent = Sent(queue=queues.pop(), tasks=[event.task for event in published])
        self._tell("producer", f"published {len(sent.tasks)} tasks to {sent.queue}")
        return sent

    def run(self, program: str, *arguments: str) -> list[Event]:
        """Run a program to its end, which must be exit 0; return what was seen meanwhile."""
        since = len(self._recorder)
        with self._timed("start"):
            name = self._unused(Path(program).stem)
            tap = self._wiretap.open(name)
            process = self._launch(name, "producer", program, arguments, tap)
            ended = process.wait(timeout_s=WAIT_S)
            if ended.exit_code != 0:
                raise process.failure("it should have ended with exit status 0")
            tap.close()
        return self._since(since)

    def delete(self, program: str, *arguments: str) -> str:
        """Run a program that deletes a queue; return the queue's name as seen on the wire."""
        deleted = [e.queue for e in self.run(program, *arguments) if isinstance(e, QueueDeleted)]
        if len(deleted) != 1:
            raise ScenarioFailed(f"{program} deleted {len(deleted)} queues, not one: {deleted}")
        return deleted[0]

    def strike(self, workers: Sequence[Worker], how: signal.Signals) -> list[Worker]:
        """Hit workers with a signal while each holds an unfinished task; return them, ended."""
        with self._timed("work"):
            looks = [
                catch_mid_task(worker.process, worker.tap, self._recorder, timeout_s=WAIT_S)
                for worker in workers
            ]
            for worker, look in zip(workers, looks, strict=True):
                strike(worker.process, look, self._recorder, how)
                self._tell("strike", f"{worker.client} {_done_to(how)} holding {look.in_hand!r}")
        return list(workers)

    def end(self, worker: Worker, how: signal.Signals) -> None:
        """Send a worker a signal wherever it is, and wait for its end."""
        with self._timed("work"):
            self._recorder.record(
                Signalled(at_ns=self._now(), client=worker.client, signal_name=how.name)
            )
            worker.process.signal(how)
            worker.process.wait(timeout_s=WAIT_S)
        self._tell("strike", f"{worker.client} {_done_to(how)}")

    def wait_paused(self, workers: Sequence[Worker]) -> None:
        """Wait until these workers stand still where ``pause_at_task`` told them to."""
        with self._timed("work"):
            for worker in workers:
                worker.process.wait_paused(timeout_s=WAIT_S)
        self._tell("workers", f"{_names(workers)} stand still in the middle of a task")

    def resume(self, workers: Sequence[Worker]) -> None:
        """Let workers that stand still go on."""
        for worker in workers:
            worker.process.thaw()
        self._tell("workers", f"{_names(workers)} go on")

    def hold_back_acks(self, worker: Worker) -> None:
        """From the middle of its task on, nothing that the worker sends leaves its machine."""
        with self._timed("work"):
            look = catch_mid_task(worker.process, worker.tap, self._recorder, timeout_s=WAIT_S)
            worker.tap.arm(HoldBack("client"))
            worker.process.thaw()
        self._tell("strike", f"{worker.client} is cut off from sending, holding {look.in_hand!r}")

    def end_workers(self) -> None:
        """End every worker that still runs."""
        for process in self._processes:
            process.end()

    # ------------------------------------------------------------------ waiting for events

    def wait_delivered(self, tasks: Iterable[str], *, to: Sequence[Worker]) -> None:
        """Wait until the wire has shown a delivery of each task to one of these workers."""
        self._wait_for_each(Delivered, tasks, to, "to be delivered")

    def wait_done(self, tasks: Iterable[str], *, by: Sequence[Worker]) -> None:
        """Wait until these workers have printed that they are done with each task."""
        self._wait_for_each(TaskDone, tasks, by, "to be done")

    def wait_received(self, tasks: Iterable[str], *, by: Sequence[Worker]) -> None:
        """Wait until these workers have printed that they received each task."""
        self._wait_for_each(TaskReceived, tasks, by, "to be received")

    def wait_acknowledged(self, tasks: Iterable[str], *, by: Sequence[Worker]) -> None:
        """Wait until the wire has shown an acknowledgement of each task by these workers."""
        self._wait_for_each(Settled, tasks, by, "to be acknowledged")

    def wait_acknowledgements(self, count: int, *, by: Sequence[Worker]) -> None:
        """Wait until the wire has shown that many acknowledgements by these workers."""
        clients = {worker.client for worker in by}
        seen: list[Event] = []

        def enough(event: Event) -> bool:
            if isinstance(event, Settled) and event.client in clients:
                seen.append(event)
            return len(seen) >= count

        with self._timed("work"):
            self._wait(enough, lambda: f"{count} acknowledgements; there were {len(seen)}")

    def wait_working(self, workers: Sequence[Worker]) -> None:
        """Wait until each of these workers has at least once begun a task."""
        idle = {worker.client for worker in workers}

        def begun(event: Event) -> bool:
            if isinstance(event, TaskReceived):
                idle.discard(event.client)
            return not idle

        with self._timed("work"):
            self._wait(begun, lambda: f"{', '.join(sorted(idle))} to begin a task")

    def wait_exited(self, workers: Sequence[Worker]) -> None:
        """Wait until these workers have ended by themselves."""
        with self._timed("work"):
            for worker in workers:
                worker.process.wait(timeout_s=WAIT_S)

    def delivered_to(self, *workers: Worker) -> list[str]:
        """Return the tasks that the wire has shown as delivered to these workers until now."""
        clients = {worker.client for worker in workers}
        return [
            event.task
            for event in self._recorder.history().of(Delivered)
            if event.client in clients
        ]

    # ------------------------------------------------------------------ the queue

    def count(self, queue: str) -> QueueCounted:
        """Record and return the broker's own count of the queue: ready, unacked, consumers."""
        with self._timed("broker"):
            rows = self._session.broker.queues(self._virtual_host)
        row = next((row for row in rows if row.name == queue), None)
        counted = QueueCounted(at_ns=self._now(), queue=queue, exists=row is not None)
        if row is not None:
            counted = QueueCounted(
                at_ns=self._now(),
                queue=queue,
                exists=True,
                ready_count=row.ready_count,
                unacked_count=row.unacked_count,
                consumer_count=row.consumer_count,
                durable=row.durable,
            )
        self._recorder.record(counted)
        self._tell("broker", _count_text(counted))
        return counted

    def declare(
        self, queue: str, *, durable: bool, arguments: dict[str, str | int] | None = None
    ) -> bool:
        """Declare a queue with the harness's own client; False if the broker refused."""
        with self._own_client("declarer") as client:
            return client.declare(queue, durable=durable, arguments=arguments)

    def publish(
        self,
        queue: str,
        bodies: Sequence[bytes],
        *,
        persistent: bool = True,
        confirms: bool = False,
    ) -> Sent:
        """Publish these bodies with the harness's own client."""
        since = len(self._recorder)
        with self._own_client("publisher") as client:
            client.publish(queue, bodies, persistent=persistent, confirms=confirms)
        published = [e for e in self._since(since) if isinstance(e, Published)]
        return Sent(queue=queue, tasks=[event.task for event in published])

    def drain(self, queue: str) -> None:
        """End all workers, then take what is left in the queue, on the record."""
        self.end_workers()
        complete, reason, taken = True, "", None
        with self._timed("broker"):
            try:
                with self._own_client(DRAIN) as client:
                    taken = client.drain(queue)
                if taken is None:
                    reason = "the queue does not exist"
            except ScenarioFailed as error:
                complete, reason = False, str(error)
        self._recorder.record(
            Drained(
                at_ns=self._now(),
                queue=queue,
                task_count=taken or 0,
                complete=complete,
                reason=reason,
            )
        )
        self._tell("drain", reason or f"{taken} tasks were left in {queue}")

    # ------------------------------------------------------------------ the broker

    def require_restartable(self) -> Restartable:
        """Return the broker's power to stop and start; ``EnvironmentMissing`` if it has none."""
        broker = self._session.broker
        if not isinstance(broker, Restartable):
            raise EnvironmentMissing(
                f"this {broker.description.backend} broker cannot be stopped and started from here"
            )
        return broker

    def stop_broker(self) -> None:
        """Stop the broker gracefully and wait for its end."""
        broker = self.require_restartable()
        with self._timed("broker"):
            self._recorder.record(BrokerStopping(at_ns=self._now(), how="stop"))
            self._tell("broker", "stopping gracefully")
            self._broker_is_up = False
            report = broker.stop()
            self._recorder.record(
                BrokerStopped(
                    at_ns=self._now(), how="stop", clean=report.clean, detail=report.detail
                )
            )
        self._tell("broker", f"stopped ({report.detail})")

    def kill_broker(self) -> None:
        """Kill the broker hard."""
        self.require_restartable()
        broker = self._session.broker
        if not isinstance(broker, Killable):
            raise EnvironmentMissing(
                f"this {broker.description.backend} broker cannot be killed from here"
            )
        with self._timed("broker"):
            self._recorder.record(BrokerStopping(at_ns=self._now(), how="kill"))
            self._broker_is_up = False
            broker.kill()
            self._recorder.record(BrokerStopped(at_ns=self._now(), how="kill", clean=False))
        self._tell("broker", "killed")

    def start_broker(self) -> None:
        """Start the broker again and return when it answers."""
        broker = self.require_restartable()
        with self._timed("broker"):
            broker.start()
            self._broker_is_up = True
            self._recorder.record(BrokerStarted(at_ns=self._now()))
        self._tell("broker", "answers again")

    # ------------------------------------------------------------------ verdicts

    def verify(self, subject: str, *checks: Check) -> None:
        """Have these checks judge the history up to here; they speak for ``subject``.

        The subject is an exercise ("L05"), a claim ("K5") or "control".
        """
        for process in self._processes:
            # What a program printed before it spoke on the wire belongs before the checkpoint.
            process.output_dry(timeout_s=WAIT_S)
        checkpoint = f"{subject} #{len(self.planned) + 1}"
        self._recorder.record(Checkpoint(at_ns=self._now(), name=checkpoint))
        self.planned.extend(
            Planned(subject=subject, checkpoint=checkpoint, check=check) for check in checks
        )

    def close(self) -> History:
        """End everything that the scenario started and return its final history.

        Brings a broker back up that the scenario left down. Errors of the harness itself end up in
        the history as ``HarnessTrouble``, so that no verdict over it can be PASS.
        """
        for act in (self.end_workers, self._wiretap.close, self._bring_broker_up):
            try:
                act()
            except Exception as error:
                self._trouble(f"closing the scenario ({act.__name__})", error)
        for kept in self._session.background.take_errors():
            self._trouble("the observer thread", kept)
        self._end_flushing()
        return self._recorder.close()

    @property
    def elapsed_s(self) -> float:
        """Return seconds since the scenario's start."""
        return self._now() / 1e9

    # ------------------------------------------------------------------ inside

    def _start(
        self, names: list[str], program: str, pause_at_task: int | None = None
    ) -> list[Worker]:
        since = len(self._recorder)
        workers = []
        with self._timed("start"):
            for name in names:
                tap = self._wiretap.open(name)
                tap.hold()
                process = self._launch(name, "worker", program, (), tap, pause_at_task)
                workers.append(Worker(client=name, process=process, tap=tap))
            for worker in workers:
                worker.tap.release()
                self._wait_subscribed(worker, since)
        self._tell("workers", f"{', '.join(names)} subscribed")
        return workers

    def _wait_subscribed(self, worker: Worker, since: int) -> None:
        def subscribed_or_gone(event: Event) -> bool:
            return (
                isinstance(event, ConsumerStarted | ProgramExited) and event.client == worker.client
            )

        try:
            event = self._recorder.wait_for(
                subscribed_or_gone, what="", timeout_s=WAIT_S, since=since
            )
        except TimedOut as error:
            raise worker.process.failure(f"it did not subscribe within {WAIT_S:.0f} s") from error
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
        credentials = self._session.broker.credentials
        settings = self._session.settings
        process = Process.start(
            background=self._session.background,
            recorder=self._recorder,
            reaper_environment=self._session.reaper.environment,
            client=name,
            role=role,
            program=self._find(program),
            arguments=arguments,
            settings=LaunchSettings(
                host=tap.address.host,
                port=tap.address.port,
                virtual_host=self._virtual_host,
                user=credentials.user,
                password=credentials.password,
                seed=settings.seed,
                seconds_per_dot=settings.seconds_per_dot,
                scratch=self._session.reaper.scratch,
            ),
            pause_at_task=pause_at_task,
        )
        self._processes.append(process)
        return process

    def _find(self, program: str) -> Path:
        replacement = self._session.settings.programs
        for folder in (replacement, self._programs):
            if folder is not None and (folder / program).is_file():
                return folder / program
        raise BadInput(f"there is no program {program} in {self._programs}")

    @contextlib.contextmanager
    def _own_client(self, name: str) -> Iterator[Client]:
        tap = self._wiretap.open(name if name == DRAIN else self._unused(name))
        credentials = self._session.broker.credentials
        try:
            yield Client(tap.address, credentials.user, credentials.password, self._virtual_host)
        finally:
            tap.close()

    def _unused(self, name: str) -> str:
        taken = {process.client for process in self._processes} | self._wiretap.clients
        return next(
            candidate
            for number in range(1, len(taken) + 2)
            if (candidate := name if number == 1 else f"{name}-{number}") not in taken
        )

    def _wait_for_each(
        self, kind: type[Event], tasks: Iterable[str], workers: Sequence[Worker], what: str
    ) -> None:
        missing = set(tasks)
        clients = {worker.client for worker in workers}
        # Whose output or wire is at its end adds nothing more: no use in waiting on.
        end = ProgramExited if kind in (TaskDone, TaskReceived) else SocketClosed
        living = set(clients)

        def all_seen_or_all_gone(event: Event) -> bool:
            client = getattr(event, "client", None)
            if isinstance(event, kind) and client in clients:
                missing.discard(getattr(event, "task", ""))
            elif isinstance(event, end) and client in living:
                living.discard(client)
            return not (missing and living)

        def waited_for() -> str:
            return (
                f"{len(missing)} tasks {what} by {', '.join(sorted(clients))} "
                f"(one of them: {min(missing)!r})"
            )

        if missing:
            with self._timed("work"):
                self._wait(all_seen_or_all_gone, waited_for)
            if missing:
                raise ProgramFailed(self._story(f"waited for {waited_for()}, but all have ended."))

    def _wait(self, satisfied: Callable[[Event], bool], what: Callable[[], str]) -> None:
        try:
            self._recorder.wait_for(satisfied, what="", timeout_s=WAIT_S)
        except TimedOut:
            raise TimedOut(self._story(f"waited {WAIT_S:.1f} s for {what()}.")) from None

    def _story(self, happened: str) -> str:
        lines = [happened]
        for process in self._processes:
            state = "runs" if process.running else "has ended"
            last = (process.tail(1) or ["(it has printed nothing)"])[0]
            lines.append(f"  {process.client} {state}, pid {process.pid}; its last line: {last!r}")
        return "\n".join(lines)

    def _since(self, index: int) -> list[Event]:
        return list(self._recorder.history())[index:]

    def _bring_broker_up(self) -> None:
        if not self._broker_is_up:
            self.start_broker()

    def _trouble(self, where: str, error: BaseException) -> None:
        self._recorder.record(
            HarnessTrouble(at_ns=self._now(), where=where, error=f"{type(error).__name__}: {error}")
        )

    def _tell(self, role: str, text: str) -> None:
        self._narrator.tell(self.elapsed_s, role, text)

    @contextlib.contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds_by[what] += time.monotonic() - started

    def _now(self) -> int:
        return self._recorder.now_ns()


def _names(workers: Sequence[Worker]) -> str:
    return ", ".join(worker.client for worker in workers)


def _next_life(client: str) -> str:
    """Return C1b for C1, C1c for C1b."""
    return f"{client[:-1]}{chr(ord(client[-1]) + 1)}" if client[-1].isalpha() else f"{client}b"


def _done_to(how: signal.Signals) -> str:
    return {
        signal.SIGINT: "interrupted",
        signal.SIGTERM: "terminated",
        signal.SIGKILL: "killed",
    }.get(how, f"sent {how.name}")


def _count_text(counted: QueueCounted) -> str:
    if not counted.exists:
        return f"there is no queue {counted.queue}"
    return (
        f"{counted.queue}: {counted.ready_count} ready, {counted.unacked_count} unacked, "
        f"{counted.consumer_count} consumers"
    )
