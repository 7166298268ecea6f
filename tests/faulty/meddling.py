"""Set-ups of the broker and of the harness itself that are wrong in one way each.

Acts on the broker are called at a step of the scenario and return how to undo them, if there is
anything to undo. Changes to the harness are made before the scenario begins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from signal import SIGKILL
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from filaprova.brokers.broker import StopReport
from filaprova.phrase import say
from filaprova.programs.program import Process
from filaprova.record.act import FaultLanded, QueueCounted
from filaprova.record.event import Event
from filaprova.record.program import TaskDone
from filaprova.record.recorder import Recorder
from filaprova.record.wire import Delivered, Settled
from filaprova.runs.session import Session
from filaprova.scenario import Scenario, Worker
from filaprova.scenario.client import Client
from filaprova.scenario.hand import hand_of
from filaprova.scenario.strike import Look, _look
from filaprova.wiretap.connection import Connection
from filaprova.wiretap.tap import Tap
from tests.patience import PATIENCE_S

LESSON_QUEUE = "work_queues_1"
LIMIT_S = PATIENCE_S

# ------------------------------------------------------------------ on the broker's side


def aside(session: Session, scenario: Scenario) -> BlockingChannel:
    """Return a channel to the broker that goes through no tap."""
    address, credentials = session.broker.address(), session.broker.credentials
    return pika.BlockingConnection(
        pika.ConnectionParameters(
            host=address.host,
            port=address.port,
            virtual_host=scenario.name,
            credentials=pika.PlainCredentials(credentials.user, credentials.password),
        )
    ).channel()


def thief_takes_three(session: Session, scenario: Scenario) -> None:
    """Take three tasks out of the queue on the side, and leave."""
    channel = aside(session, scenario)
    for _ in range(3):
        channel.basic_get(LESSON_QUEUE, auto_ack=True)
    channel.connection.close()


def gives_up_draining(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Do not wait for long until the last consumer of a queue is gone."""
    patch.setattr("filaprova.scenario.client.TIMEOUT_S", 1.0)


def thief_comes_last(session: Session, patch: pytest.MonkeyPatch) -> None:
    """Take three tasks on the side when the workers have ended, before the queue is drained."""
    drain = Scenario.drain

    def drain_the_rest(scenario: Scenario, queue: str) -> None:
        scenario.end_workers()
        thief_takes_three(session, scenario)
        drain(scenario, queue)

    patch.setattr(Scenario, "drain", drain_the_rest)


def borrows_while_listing(session: Session, patch: pytest.MonkeyPatch) -> None:
    """Hold up to three tasks on the side whenever the queue is listed, and give them back."""
    count = Scenario.count

    def count_the_rest(scenario: Scenario, queue: str) -> QueueCounted:
        channel = aside(session, scenario)
        for _ in range(3):
            channel.basic_get(queue)
        counted = count(scenario, queue)
        channel.connection.close()
        return counted

    patch.setattr(Scenario, "count", count_the_rest)


def thief_consumes(session: Session, scenario: Scenario) -> Callable[[], None]:
    """Subscribe on the side, and stay."""
    channel = aside(session, scenario)
    channel.queue_declare(LESSON_QUEUE)
    channel.basic_consume(LESSON_QUEUE, lambda *_: None, auto_ack=True)
    return channel.connection.close  # type: ignore[no-any-return]


def stranger_publishes(session: Session, scenario: Scenario) -> None:
    """Publish a task on the side."""
    channel = aside(session, scenario)
    channel.confirm_delivery()
    channel.basic_publish("", LESSON_QUEUE, b"from elsewhere .")
    channel.connection.close()


def declared_before(session: Session, scenario: Scenario) -> None:
    """Declare the queue as durable on the side, before anybody else does."""
    channel = aside(session, scenario)
    channel.queue_declare(LESSON_QUEUE, durable=True)
    channel.connection.close()


def deleted_on_the_side(session: Session, scenario: Scenario) -> None:
    """Delete the queue on the side."""
    channel = aside(session, scenario)
    channel.queue_delete(LESSON_QUEUE)
    channel.connection.close()


def stops_uncleanly(session: Session, patch: pytest.MonkeyPatch) -> None:
    """Have the broker be killed where it was to stop gracefully.

    Not before all is on its disk, which another start makes certain: a queue that was declared less
    than two seconds before a kill may be lost by right, and would be one more thing to notice.
    """
    broker: Any = session.broker
    stop_gracefully = broker.stop

    def stop() -> StopReport:
        stop_gracefully()
        broker.start()
        broker.kill()
        return StopReport(clean=False, detail=say("the server ended with exit status {}", "137"))

    patch.setattr(broker, "stop", stop)


# ------------------------------------------------------------------ in the harness: acts


def strikes_too_late(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Strike without looking, when the worker has done all that it was sent."""

    def too_late(process: Process, tap: Tap, recorder: Recorder, *, timeout_s: float) -> Look:
        process.thaw()
        let_finish(recorder, [process.client], TaskDone, Settled)
        process.freeze(timeout_s=timeout_s)
        tap.dry(timeout_s=timeout_s)
        process.output_dry(timeout_s=timeout_s)
        return _look(hand_of(process.client, recorder), 1)

    patch.setattr("filaprova.scenario.vocabulary.catch_mid_task", too_late)


def strikes_the_idle(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Strike workers when there is nothing left to do."""
    strike = Scenario.strike

    def when_idle(scenario: Scenario, workers: Sequence[Worker], how: Any) -> list[Worker]:
        scenario.resume(workers)
        clients = [worker.client for worker in workers]
        let_finish(scenario._stage.recorder, clients, TaskDone, Settled)
        return strike(scenario, workers, how)

    patch.setattr(Scenario, "strike", when_idle)


def stops_the_server_too_late(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Stop the server when the workers have finished everything."""
    stop = Scenario.stop_broker

    def when_idle(scenario: Scenario) -> None:
        workers = [each for each in scenario._cast.processes if each.role == "worker"]
        for worker in workers:
            worker.thaw()
        clients = [worker.client for worker in workers]
        let_finish(scenario._stage.recorder, clients, TaskDone, Settled)
        for worker in workers:
            worker.freeze(timeout_s=LIMIT_S)
        stop(scenario)

    patch.setattr(Scenario, "stop_broker", when_idle)


def let_finish(
    recorder: Recorder, clients: Sequence[str], *steps: type[TaskDone | Settled]
) -> None:
    """Return when these workers have taken these steps with all that they were sent.

    Each of them was paused when all had been delivered, so it holds something now.
    """
    until_now = len(recorder)
    seen_count = 0
    open_counts = dict.fromkeys(clients, 0)

    def finished(event: Event) -> bool:
        nonlocal seen_count
        seen_count += 1
        client = getattr(event, "client", "")
        if client in open_counts:
            open_counts[client] += len(steps) * isinstance(event, Delivered)
            open_counts[client] -= isinstance(event, steps)
        return seen_count > until_now and not any(open_counts.values())

    recorder.wait_for(finished, what="the workers to finish", timeout_s=LIMIT_S)


def never_holds_back(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Forget to cut the worker off."""
    patch.setattr(Scenario, "hold_back", lambda *_: None)
    patch.setattr(Scenario, "wait_held_back", lambda *_: None)


def holds_back_in_silence(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Hold back as it was to be, and do not put it on the record."""
    record = Recorder.record

    def silent(self: Recorder, *events: Event) -> None:
        record(self, *(event for event in events if not isinstance(event, FaultLanded)))

    patch.setattr(Recorder, "record", silent)


def another_worker(_: Session, scenario: Scenario) -> Callable[[], None]:
    """Start a worker that the scenario knows nothing of."""
    [another] = scenario.start_workers(1, "02_worker_consumer_noack.py")
    return lambda: scenario.end(another, SIGKILL)


def another_worker_stays(session: Session, scenario: Scenario) -> None:
    """Start a worker that the scenario knows nothing of until it ends them all."""
    another_worker(session, scenario)


def sends_more(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Send each worker another task when the ended ones are started again."""
    start_again = Scenario.start_again

    def with_more(scenario: Scenario, workers: Sequence[Worker]) -> list[Worker]:
        restarted = start_again(scenario, workers)
        more = scenario.publish(LESSON_QUEUE, [b"one more %d ." % n for n in range(3)])
        waiting = set(more.tasks)

        def all_settled(event: Event) -> bool:
            if isinstance(event, Settled):
                waiting.discard(event.task or "")
            return not waiting

        scenario._stage.recorder.wait_for(all_settled, what="more work", timeout_s=LIMIT_S)
        return restarted

    patch.setattr(Scenario, "start_again", with_more)


def never_lists(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Do not list any queue."""
    patch.setattr(Scenario, "count", lambda *_: None)


def lists_too_early(_: Session, patch: pytest.MonkeyPatch) -> None:
    """List the queue before ended workers are started again, and not when the scenario does."""
    count, start_again = Scenario.count, Scenario.start_again

    def list_first(scenario: Scenario, workers: Sequence[Worker]) -> list[Worker]:
        count(scenario, LESSON_QUEUE)
        return start_again(scenario, workers)

    never_lists(_, patch)
    patch.setattr(Scenario, "start_again", list_first)


def never_drains(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Leave in the queue whatever is there."""
    patch.setattr(Scenario, "drain", lambda *_: None)


def forgets_to_redeclare(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Declare nothing where the queue was to be declared with another durability."""
    declare = Scenario.declare

    def forgetful(scenario: Scenario, queue: str, *, durable: bool) -> bool:
        return not durable and declare(scenario, queue, durable=durable)

    patch.setattr(Scenario, "declare", forgetful)


def drains_too_little(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Take five tasks out of the queue and say that this was all."""

    def drain(client: Client, queue: str) -> int:
        with client._channel() as channel:
            for _ in range(5):
                channel.queue_declare(queue, passive=True)
                channel.basic_get(queue, auto_ack=True)
        return 5

    patch.setattr(Client, "drain", drain)


def never_confirms(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Publish without confirms, whatever was asked for."""
    _publish_with(patch, confirms=False)


def always_confirms(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Publish with confirms, whatever was asked for."""
    _publish_with(patch, confirms=True)


def _publish_with(patch: pytest.MonkeyPatch, *, confirms: bool) -> None:
    publish = Client.publish

    def otherwise(client: Client, queue: str, bodies: Sequence[bytes], **others: bool) -> int:
        return publish(client, queue, bodies, **{**others, "confirms": confirms})

    patch.setattr(Client, "publish", otherwise)


# ------------------------------------------------------------------ in the harness: the record


def loses_a_delivery(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Do not decode the bytes that bring C1 its first task; forward them all the same."""
    _follow_first_delivery(patch, times=0)


def decodes_a_delivery_twice(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Decode the bytes that bring C1 its first task twice; forward them once."""
    _follow_first_delivery(patch, times=2)


def _follow_first_delivery(patch: pytest.MonkeyPatch, *, times: int) -> None:
    follow = Connection._follow
    first: list[Any] = []
    """The frames of the first delivery: method, header and body; they may come one by one."""

    def wrongly(self: Connection, end: Any, frames: Sequence[Any], error: Any, at_ns: int) -> None:
        others: list[Any] = []
        for frame in frames:
            is_first = self._client == "C1" and len(first) < 3
            if is_first and (frame.method == "basic.deliver" or (first and end.side == "broker")):
                first.append(frame)
                if len(first) == 3:
                    others += first * times
            else:
                others.append(frame)
        follow(self, end, others, error, at_ns)

    patch.setattr(Connection, "_follow", wrongly)


def stops_the_clock(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Have the record's clock stand still."""
    patch.setattr(Recorder, "now_ns", lambda _: 1)


def forgets_a_delivery(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Drop the second delivery to C1 from the record."""
    record = Recorder.record
    count = 0

    def forgetful(self: Recorder, *events: Event) -> None:
        nonlocal count
        kept = []
        for event in events:
            if isinstance(event, Delivered) and event.client == "C1":
                count += 1
                if count == 2:
                    continue
            kept.append(event)
        record(self, *kept)

    patch.setattr(Recorder, "record", forgetful)
