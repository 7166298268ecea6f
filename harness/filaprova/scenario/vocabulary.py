"""The words in which scenario files are written, each with the parts that carry it out.

They act and wait for events; nothing here judges. ``verify`` names the checks, which judge the
history after the scenario has ended and everything it started is gone.
"""

from __future__ import annotations

import contextlib
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filaprova.errors import EnvironmentMissing, ProgramFailed, ScenarioFailed, TimedOut
from filaprova.faults.hold_back import HoldBack
from filaprova.judge.checks import (
    declarations_agree,
    kept_to_protocol,
    nobody_crashed,
    publishers_duties_done,
)
from filaprova.judge.registry import Check
from filaprova.phrase import Phrase, joined, say, told_by
from filaprova.record.act import (
    PROGRAM_ENDED,
    Checkpoint,
    Drained,
    QueueCounted,
    Signalled,
    StepEnded,
    StepStarted,
)
from filaprova.record.event import DRAIN, Event
from filaprova.record.history import History
from filaprova.record.program import TaskDone, TaskReceived
from filaprova.record.wire import (
    ConsumerStarted,
    Delivered,
    PollEmpty,
    Published,
    QueueDeleted,
    Settled,
)
from filaprova.runs.session import Session
from filaprova.runs.store import ScenarioFolder
from filaprova.scenario.cast import Cast, Sent, Worker, next_life
from filaprova.scenario.hand import hand_of
from filaprova.scenario.server import Server
from filaprova.scenario.stage import Narrator, Stage
from filaprova.scenario.stepping import NO_TASK, step_into, watch
from filaprova.scenario.strike import Look, catch_mid_task, end_by, miss, strike
from filaprova.scenario.waits import (
    wait_acknowledgements,
    wait_dealt,
    wait_ended_or_back,
    wait_exited,
    wait_for_each,
    wait_held_back,
    wait_printed,
    wait_working,
)


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
        self._nth = 1
        self._without_task: dict[str, Phrase] = {}
        """Workers that were to be in a task and are in none, with the reason."""
        self._watches: list[Callable[[], None]] = []

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

        With ``pause_at_task`` each stands still as soon as it begins a task; ``wait_paused`` brings
        it into the middle of its task of that number, where it stays until it is struck or resumed:
        however fast it works.
        """
        workers = self._cast.start(self._cast.new_names(count), program, pause_at_task)
        if pause_at_task is not None:
            self._nth = pause_at_task
            self._watches += [
                watch(self._stage, worker, pause_at_task)
                for worker in workers
                if not worker.process.tells_of_its_works
            ]
        return workers

    def start_again(self, workers: Sequence[Worker]) -> list[Worker]:
        """Start those of these workers again that have ended, as C1b after C1, in the order given.

        Return those, and the others after them.
        """
        ended = [worker for worker in workers if not worker.process.running]
        names = [next_life(worker.client) for worker in ended]
        [program] = {worker.process.program.name for worker in workers}
        restarted = self._cast.start(names, program) if names else []
        return [*restarted, *(worker for worker in workers if worker not in ended)]

    def produce(self, program: str, count: int, *, again: int = 1) -> Sent:
        """Run a producer to its end and return what it published.

        ``count`` is its argument; a program that ignores it is accounted for as seen on the wire.
        ``again`` runs it that often, one after another.
        """
        events = [
            event
            for _ in range(again)
            for event in self._cast.run(program, [str(count)], must_succeed=False)
        ]
        sent = self._cast.sent(events, program)
        told = say("published {} tasks to {}", len(sent.tasks), sent.queue)
        self._stage.tell("producer", told)
        return sent

    def run(self, program: str, *arguments: str) -> list[Event]:
        """Run a program to its end, which must be exit 0; return what was seen meanwhile."""
        return self._cast.run(program, arguments, must_succeed=True)

    def delete(self, program: str, queue: str) -> str:
        """Run a program that deletes a queue, with its name as argument; return what it deleted.

        That is the queue asked for, unless it was seen to delete another one only.
        """
        seen = self._cast.run(program, [queue], must_succeed=False)
        deleted = [event.queue for event in seen if isinstance(event, QueueDeleted)]
        return queue if queue in deleted or not deleted else deleted[0]

    def queue_of(self, workers: Sequence[Worker]) -> str:
        """Return the queue that most of these workers have subscribed to, or ask for tasks.

        Raises ``ScenarioFailed`` if none has subscribed to any.
        """
        clients = {worker.client for worker in workers}
        history = self._stage.recorder.history()
        consumers = [e for e in history.of(ConsumerStarted) if not e.exclusive]
        asked: list[ConsumerStarted | PollEmpty] = [*consumers, *history.of(PollEmpty)]
        queues = Counter(event.queue for event in asked if event.client in clients)
        if not queues:
            raise ScenarioFailed(say("{} subscribed to no queue", _names(workers)))
        return queues.most_common(1)[0][0]

    def end_workers(self) -> None:
        """End every worker that still runs, when it is at rest, or soon."""
        self._cast.rest()
        self._cast.end()

    # ------------------------------------------------------------------ strikes

    def strike(self, workers: Sequence[Worker], how: signal.Signals) -> list[Worker]:
        """Hit workers with a signal while each holds an unfinished task; return them, ended.

        One that is in no task, and gets none, is ended all the same.
        """
        stage = self._stage
        with stage.timed("work"):
            looks = [self._catch(worker) for worker in workers]
            for worker, look in zip(workers, looks, strict=True):
                if look is None:
                    self._end(worker, how)
                    continue
                held = repr(look.in_hand) if look.in_hand is not None else say("a task")
                ended = strike(worker.process, look, stage.recorder, how, timeout_s=stage.wait_s)
                stage.tell("strike", say("{} holding {}", _done_to(worker, how), held))
                if ended is None:
                    self._outlived(worker, how)
        return list(workers)

    def end(self, worker: Worker, how: signal.Signals) -> None:
        """Send a worker a signal when it is at rest, or soon, and wait for its end."""
        self._cast.rest([worker])
        with self._stage.timed("work"):
            self._end(worker, how)

    def _catch(self, worker: Worker) -> Look | None:
        stage = self._stage
        if worker.client in self._without_task:
            reason = self._without_task[worker.client]
            if reason == NO_TASK:
                reason = say("{} (the programs published {})", reason, self._published())
            miss(worker.client, stage.recorder, reason)
            return None
        return catch_mid_task(worker.process, worker.tap, stage.recorder, timeout_s=stage.wait_s)

    def _published(self) -> Phrase:
        """Return how many tasks the programs have published, in words."""
        count = len(self._stage.recorder.history().of(Published))
        return say("1 task") if count == 1 else say("{} tasks", count)

    def _end(self, worker: Worker, how: signal.Signals) -> None:
        stage = self._stage
        with contextlib.suppress(ProgramFailed, TimedOut):  # it may have ended
            worker.process.thaw()
        stage.recorder.record(
            Signalled(at_ns=stage.now_ns(), client=worker.client, signal_name=how.name)
        )
        with contextlib.suppress(ProgramFailed):  # it has ended already
            if end_by(worker.process, how, timeout_s=stage.wait_s) is None:
                self._outlived(worker, how)
        stage.tell("strike", _done_to(worker, how))

    def _outlived(self, worker: Worker, how: signal.Signals) -> None:
        """Record that a worker did not end when it was told to, and was killed."""
        held = hand_of(worker.client, self._stage.recorder).unsettled
        holds = say("{} tasks that it had not settled", len(held)) if held else say("no task")
        told = say(
            "waited {:.1f} s for {} to end after {}; it did not, and was killed.",
            self._stage.wait_s,
            worker.client,
            how.name,
        )
        details = say("  it held {}; {}", holds, worker.process.last_line())
        self._stage.in_vain(PROGRAM_ENDED, joined("\n", [told, details]))

    def wait_paused(self, workers: Sequence[Worker]) -> bool:
        """Wait until these workers stand still in the middle of their ``pause_at_task``.

        Who gets fewer tasks stands still in his last one; who gets none is not waited for.
        """
        stage = self._stage
        try:
            with stage.timed("work"):
                self._without_task |= step_into(stage, workers, self._nth)
        except TimedOut as error:
            stage.in_vain("paused", self._cast.story(told_by(error)))
            return False
        finally:
            self._end_watches()
        for client, reason in self._without_task.items():
            if reason != NO_TASK and client in {worker.client for worker in workers}:
                told = say(
                    "gave up waiting for {} to be in the middle of a task: {}.", client, reason
                )
                stage.in_vain("paused", self._cast.story(told), timed_out=False)
        still = [worker for worker in workers if worker.client not in self._without_task]
        if still:
            stage.tell("workers", say("{} stand still in the middle of a task", _names(still)))
        return True

    def resume(self, workers: Sequence[Worker]) -> None:
        """Let workers that stand still go on; from now on they do not stop by themselves."""
        for worker in workers:
            with contextlib.suppress(ProgramFailed, TimedOut):  # it may have ended
                worker.process.thaw()
        self._stage.tell("workers", say("{} resumed", _names(workers)))

    def hold_back(self, worker: Worker) -> None:
        """From now on nothing that the worker sends reaches the broker; see ``wait_held_back``."""
        worker.tap.arm(HoldBack("client"))
        self._stage.tell("strike", say("{} is cut off from sending", worker.client))

    # ------------------------------------------------------------------ waiting for events
    #
    # Each returns whether it came. If not, that is on the record, and what is to be verified is
    # judged on what there is.

    def wait_delivered(self, tasks: Iterable[str], *, to: Sequence[Worker]) -> bool:
        """Wait until the wire has shown a delivery of each task to one of these workers."""
        return wait_for_each(self._stage, self._cast, Delivered, tasks, to)

    def wait_dealt(self, tasks: Iterable[str], *, to: Sequence[Worker]) -> bool:
        """Wait until each task was delivered, or each worker holds all that it is sent at once."""
        return wait_dealt(self._stage, self._cast, tasks, to)

    def wait_done(self, tasks: Iterable[str], *, by: Sequence[Worker]) -> bool:
        """Wait until these workers have printed that they are done with each task.

        Who prints nothing like that is done when he has worked as often as he was sent tasks.
        """
        return wait_printed(self._stage, self._cast, TaskDone, tasks, by)

    def wait_received(self, tasks: Iterable[str], *, by: Sequence[Worker]) -> bool:
        """Wait until these workers have printed that they received each task.

        Who prints nothing like that has received what the wire has shown as delivered to him.
        """
        return wait_printed(self._stage, self._cast, TaskReceived, tasks, by)

    def wait_acknowledged(self, tasks: Iterable[str], *, by: Sequence[Worker]) -> bool:
        """Wait until the wire has shown an acknowledgement of each task by these workers.

        A task that they nacked or rejected counts as well, unless it went back to the queue.
        """
        return wait_for_each(self._stage, self._cast, Settled, tasks, by)

    def wait_acknowledgements(self, count: int, *, by: Sequence[Worker]) -> bool:
        """Wait until the wire has shown that many acknowledgements by these workers.

        Only those count that came after the broker was started again, if it was.
        """
        return wait_acknowledgements(self._stage, self._cast, count, by)

    def wait_working(self, workers: Sequence[Worker]) -> bool:
        """Wait until each of these workers has been sent a task at least once."""
        return wait_working(self._stage, self._cast, workers)

    def wait_held_back(self, worker: Worker) -> bool:
        """Wait until something that the worker sent was held back."""
        return wait_held_back(self._stage, self._cast, worker)

    def wait_ended_or_back(self, workers: Sequence[Worker]) -> bool:
        """Wait until each of these workers has ended, or has subscribed again.

        Since the broker was stopped, or since a queue was deleted.
        """
        return wait_ended_or_back(self._stage, self._cast, workers)

    def wait_exited(self, workers: Sequence[Worker]) -> bool:
        """Wait until these workers have ended by themselves."""
        return wait_exited(self._stage, self._cast, workers)

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
        self.end_workers()
        complete, reason, taken = True, None, None
        with stage.timed("broker"):
            try:
                with self._cast.own_client(DRAIN) as client:
                    taken = client.drain(queue)
                if taken is None:
                    reason = say("the queue does not exist")
            except ScenarioFailed as error:
                complete, reason = False, told_by(error)
        stage.recorder.record(
            Drained(
                at_ns=stage.now_ns(),
                queue=queue,
                task_count=taken or 0,
                complete=complete,
                reason=str(reason or ""),
            )
        )
        stage.tell("drain", reason or say("{} tasks were left in {}", taken or 0, queue))

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
        self._end_watches()
        with contextlib.suppress(Exception):  # what goes wrong with the harness shows below
            self.verify(
                "control",
                publishers_duties_done(),
                declarations_agree(),
                kept_to_protocol(),
                nobody_crashed(),
            )
        for act in (self._cast.end, self._server.bring_up, self._server.tidy):
            try:
                act()
            except Exception as error:
                self._stage.trouble(say("closing the scenario"), error)
        return self._stage.close()

    def _end_watches(self) -> None:
        watches, self._watches = self._watches, []
        for end in watches:
            end()

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


def _done_to(worker: Worker, how: signal.Signals) -> Phrase:
    told = {
        signal.SIGINT: say("{} interrupted", worker.client),
        signal.SIGTERM: say("{} terminated", worker.client),
        signal.SIGKILL: say("{} killed", worker.client),
    }
    return told.get(how, say("{} sent {}", worker.client, how.name))
