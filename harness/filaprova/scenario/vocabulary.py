"""The words in which scenario files are written, each with the parts that carry it out.

They act and wait for events; nothing here judges. ``verify`` names the checks, which judge the
history after the scenario has ended and everything it started is gone.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filaprova.errors import EnvironmentMissing, ScenarioFailed, TimedOut
from filaprova.faults.hold_back import HoldBack
from filaprova.judge.checks import publishers_duties_done
from filaprova.judge.registry import Check
from filaprova.record.act import (
    Checkpoint,
    Drained,
    FaultLanded,
    QueueCounted,
    Signalled,
    StepEnded,
    StepStarted,
)
from filaprova.record.event import DRAIN, Event
from filaprova.record.history import History
from filaprova.record.program import TaskDone, TaskReceived
from filaprova.record.wire import (
    Delivered,
    Published,
    QueueDeleted,
    Settled,
)
from filaprova.runs.session import Session
from filaprova.runs.store import ScenarioFolder
from filaprova.scenario.cast import Cast, Sent, Worker, next_life
from filaprova.scenario.server import Server
from filaprova.scenario.stage import Narrator, Stage
from filaprova.scenario.strike import catch_mid_task, strike
from filaprova.scenario.waits import wait_acknowledgements, wait_for_each, wait_working


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
        self._stage = Stage(session, folder, name=name, narrator=narrator)
        self._cast = Cast(self._stage, programs)
        self._server = Server(self._stage)

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Name what is done in the body, for the record, the report and whoever watches."""
        stage = self._stage
        stage.recorder.record(StepStarted(at_ns=stage.now_ns(), title=title))
        try:  # from here on: an interruption may come while the title is being told
            with stage.narrator.step(title):
                stage.tell("step", title)
                yield
        except BaseException as error:
            stage.recorder.record(
                StepEnded(at_ns=stage.now_ns(), title=title, error=f"{error}" or repr(error))
            )
            raise
        stage.recorder.record(StepEnded(at_ns=stage.now_ns(), title=title))

    # ------------------------------------------------------------------ programs

    def start_workers(
        self, count: int, program: str, *, pause_at_task: int | None = None
    ) -> list[Worker]:
        """Start workers and return when all have subscribed, the first one first.

        The order of subscription is the order of their names C1, C2, …

        With ``pause_at_task`` each stands still as soon as it begins its task of that number, until
        it is struck or resumed: however fast it works, it is caught in the middle.
        """
        return self._cast.start(self._cast.new_names(count), program, pause_at_task)

    def start_again(self, workers: Sequence[Worker]) -> list[Worker]:
        """Start the program of ended workers again, as C1b after C1, in the order given."""
        [program] = {worker.process.program.name for worker in workers}
        return self._cast.start([next_life(worker.client) for worker in workers], program)

    def produce(self, program: str, count: int, *, again: int = 1) -> Sent:
        """Run a producer to its end and return what it published.

        ``count`` is its argument; a program that ignores it is accounted for as seen on the wire.
        ``again`` runs it that often, one after another.
        """
        published = [
            event
            for _ in range(again)
            for event in self._cast.run(program, [str(count)])
            if isinstance(event, Published)
        ]
        if not published:
            raise ScenarioFailed(f"{program} ended without publishing anything")
        queues = {event.routing_key for event in published}
        if len(queues) > 1:
            raise ScenarioFailed(f"{program} published to several queues: {sorted(queues)}")
        sent = Sent(queue=queues.pop(), tasks=[event.task for event in published])
        self._stage.tell("producer", f"published {len(sent.tasks)} tasks to {sent.queue}")
        return sent

    def run(self, program: str, *arguments: str) -> list[Event]:
        """Run a program to its end, which must be exit 0; return what was seen meanwhile."""
        return self._cast.run(program, arguments)

    def delete(self, program: str, *arguments: str) -> str:
        """Run a program that deletes a queue; return the queue's name as seen on the wire."""
        seen = self._cast.run(program, arguments)
        deleted = [event.queue for event in seen if isinstance(event, QueueDeleted)]
        if len(deleted) != 1:
            raise ScenarioFailed(f"{program} deleted {len(deleted)} queues, not one: {deleted}")
        return deleted[0]

    def end_workers(self) -> None:
        """End every worker that still runs."""
        self._cast.end()

    # ------------------------------------------------------------------ strikes

    def strike(self, workers: Sequence[Worker], how: signal.Signals) -> list[Worker]:
        """Hit workers with a signal while each holds an unfinished task; return them, ended."""
        stage = self._stage
        with stage.timed("work"):
            looks = [
                catch_mid_task(worker.process, worker.tap, stage.recorder, timeout_s=stage.wait_s)
                for worker in workers
            ]
            for worker, look in zip(workers, looks, strict=True):
                strike(worker.process, look, stage.recorder, how)
                stage.tell("strike", f"{worker.client} {_done_to(how)} holding {look.in_hand!r}")
        return list(workers)

    def end(self, worker: Worker, how: signal.Signals) -> None:
        """Send a worker a signal wherever it is, and wait for its end."""
        stage = self._stage
        with stage.timed("work"):
            stage.recorder.record(
                Signalled(at_ns=stage.now_ns(), client=worker.client, signal_name=how.name)
            )
            worker.process.signal(how)
            try:
                worker.process.wait(timeout_s=stage.wait_s)
            except TimedOut as error:
                raise worker.process.failure(
                    f"it did not end within {stage.wait_s:g} s of {how.name}"
                ) from error
        stage.tell("strike", f"{worker.client} {_done_to(how)}")

    def wait_paused(self, workers: Sequence[Worker]) -> None:
        """Wait until these workers stand still where ``pause_at_task`` told them to."""
        with self._stage.timed("work"):
            for worker in workers:
                worker.process.wait_paused(timeout_s=self._stage.wait_s)
        self._stage.tell("workers", f"{_names(workers)} stand still in the middle of a task")

    def resume(self, workers: Sequence[Worker]) -> None:
        """Let workers that stand still go on."""
        for worker in workers:
            worker.process.thaw()
        self._stage.tell("workers", f"{_names(workers)} go on")

    def hold_back(self, worker: Worker) -> None:
        """From now on nothing that the worker sends reaches the broker; see ``wait_held_back``."""
        worker.tap.arm(HoldBack("client"))
        self._stage.tell("strike", f"{worker.client} is cut off from sending")

    # ------------------------------------------------------------------ waiting for events

    def wait_delivered(self, tasks: Iterable[str], *, to: Sequence[Worker]) -> None:
        """Wait until the wire has shown a delivery of each task to one of these workers."""
        wait_for_each(self._stage, self._cast, Delivered, tasks, to, "delivered")

    def wait_done(self, tasks: Iterable[str], *, by: Sequence[Worker]) -> None:
        """Wait until these workers have printed that they are done with each task."""
        wait_for_each(self._stage, self._cast, TaskDone, tasks, by, "done")

    def wait_received(self, tasks: Iterable[str], *, by: Sequence[Worker]) -> None:
        """Wait until these workers have printed that they received each task."""
        wait_for_each(self._stage, self._cast, TaskReceived, tasks, by, "received")

    def wait_acknowledged(self, tasks: Iterable[str], *, by: Sequence[Worker]) -> None:
        """Wait until the wire has shown an acknowledgement of each task by these workers.

        A task that they nacked or rejected counts as well, unless it went back to the queue.
        """
        wait_for_each(self._stage, self._cast, Settled, tasks, by, "acknowledged")

    def wait_acknowledgements(self, count: int, *, by: Sequence[Worker]) -> None:
        """Wait until the wire has shown that many acknowledgements by these workers."""
        wait_acknowledgements(self._stage, self._cast, count, by)

    def wait_working(self, workers: Sequence[Worker]) -> None:
        """Wait until each of these workers has at least once begun a task."""
        wait_working(self._stage, self._cast, workers)

    def wait_held_back(self, worker: Worker) -> None:
        """Wait until something that the worker sent was held back."""
        with self._stage.timed("work"):
            self._stage.wait(
                "held back",
                lambda event: isinstance(event, FaultLanded) and event.client == worker.client,
                lambda waited: self._cast.story(f"{waited} {worker.client} to send something."),
            )

    def wait_exited(self, workers: Sequence[Worker]) -> None:
        """Wait until these workers have ended by themselves."""
        with self._stage.timed("work"):
            for worker in workers:
                worker.process.wait(timeout_s=self._stage.wait_s)

    def delivered_to(self, *workers: Worker) -> list[str]:
        """Return the tasks that the wire has shown as delivered to these workers until now."""
        clients = {worker.client for worker in workers}
        return [
            event.task
            for event in self._stage.recorder.history().of(Delivered)
            if event.client in clients
        ]

    # ------------------------------------------------------------------ the harness's own client

    def declare(
        self, queue: str, *, durable: bool, arguments: dict[str, str | int] | None = None
    ) -> bool:
        """Declare a queue with the harness's own client; False if the broker refused."""
        with self._cast.own_client("declarer") as client:
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
        since = len(self._stage.recorder)
        with self._cast.own_client("publisher") as client:
            client.publish(queue, bodies, persistent=persistent, confirms=confirms)
        published = [e for e in self._stage.since(since) if isinstance(e, Published)]
        return Sent(queue=queue, tasks=[event.task for event in published])

    def drain(self, queue: str) -> None:
        """End all workers, then take what is left in the queue, on the record."""
        stage = self._stage
        self._cast.end()
        complete, reason, taken = True, "", None
        with stage.timed("broker"):
            try:
                with self._cast.own_client(DRAIN) as client:
                    taken = client.drain(queue)
                if taken is None:
                    reason = "the queue does not exist"
            except ScenarioFailed as error:
                complete, reason = False, str(error)
        stage.recorder.record(
            Drained(
                at_ns=stage.now_ns(),
                queue=queue,
                task_count=taken or 0,
                complete=complete,
                reason=reason,
            )
        )
        stage.tell("drain", reason or f"{taken} tasks were left in {queue}")

    # ------------------------------------------------------------------ the broker

    def count(self, queue: str) -> QueueCounted:
        """Record and return the broker's own count of the queue: ready, unacked, consumers."""
        return self._server.count(queue)

    def stop_broker(self) -> None:
        """Stop the broker gracefully and wait for its end."""
        self._server.stop()

    def kill_broker(self) -> None:
        """Kill the broker hard."""
        self._server.kill()

    def start_broker(self) -> None:
        """Start the broker again and return when it answers."""
        self._server.start()

    # ------------------------------------------------------------------ verdicts

    def verify(self, subject: str, *checks: Check) -> None:
        """Have these checks judge the history up to here; they speak for ``subject``.

        The subject is an exercise ("L05"), a claim ("K5") or "control".
        """
        self._cast.output_dry()  # printed before it was said on the wire: before the checkpoint
        checkpoint = f"{subject} #{len(self.planned) + 1}"
        self._stage.recorder.record(Checkpoint(at_ns=self._stage.now_ns(), name=checkpoint))
        self.planned.extend(
            Planned(subject=subject, checkpoint=checkpoint, check=check) for check in checks
        )

    def close(self) -> History:
        """End everything that the scenario started and return its final history.

        Brings a broker back up that the scenario left down. Errors of the harness itself end up in
        the history as ``HarnessTrouble``, so that no verdict over it can be PASS.
        """
        with contextlib.suppress(Exception):  # what goes wrong with the harness shows below
            self.verify("control", publishers_duties_done())
        for act in (self._cast.end, self._server.bring_up):
            try:
                act()
            except Exception as error:
                self._stage.trouble("closing the scenario", error)
        return self._stage.close()

    @property
    def record_trouble(self) -> EnvironmentMissing | None:
        """Return why the history's file lacks its end; None: it is whole."""
        return self._stage.recorder.trouble

    @property
    def elapsed_s(self) -> float:
        """Return seconds since the scenario's start."""
        return self._stage.now_ns() / 1e9

    @property
    def seconds_by(self) -> dict[str, float]:
        """Return where the time went, but for what the harness itself took."""
        return {str(what): seconds for what, seconds in self._stage.seconds_by.items()}


def _names(workers: Sequence[Worker]) -> str:
    return ", ".join(worker.client for worker in workers)


def _done_to(how: signal.Signals) -> str:
    return {
        signal.SIGINT: "interrupted",
        signal.SIGTERM: "terminated",
        signal.SIGKILL: "killed",
    }.get(how, f"sent {how.name}")
