"""Set-ups of the broker and of the harness itself that are wrong in one way each.

Acts on the broker are called at a step of the scenario and return how to undo them, if there is
anything to undo. Changes to the harness are made before the scenario begins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from harness.brokers.broker import StopReport
from harness.client import Client
from harness.events import Delivered, Event, Settled, TaskDone
from harness.history import Recorder
from harness.scenario import Scenario, Worker
from harness.session import Session
from harness.strike import Look, _look
from harness.wiretap.connection import Connection
from harness.wiretap.tap import Tap
from harness.workers.process import Process

LESSON_QUEUE = "work_queues_1"
LIMIT_S = 20.0

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
    patch.setattr("harness.client.TIMEOUT_S", 1.0)


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
    """Have the broker be killed where it was to stop gracefully."""
    broker: Any = session.broker

    def stop() -> StopReport:
        broker.kill()
        return StopReport(clean=False, detail="the server ended with exit status 137")

    patch.setattr(broker, "stop", stop)


# ------------------------------------------------------------------ in the harness: acts


def strikes_too_late(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Strike without looking, when the worker has finished all that it was sent."""

    def too_late(process: Process, tap: Tap, recorder: Recorder, *, timeout_s: float) -> Look:
        process.thaw()
        let_finish(recorder, [process.client])
        process.freeze(timeout_s=timeout_s)
        tap.dry(timeout_s=timeout_s)
        process.output_dry(timeout_s=timeout_s)
        return _look(process.client, recorder, 1)

    patch.setattr("harness.scenario.vocabulary.catch_mid_task", too_late)


def strikes_the_idle(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Strike workers when there is nothing left to do."""
    strike = Scenario.strike

    def when_idle(scenario: Scenario, workers: Sequence[Worker], how: Any) -> list[Worker]:
        scenario.resume(workers)
        let_finish(scenario._stage.recorder, [worker.client for worker in workers])
        return strike(scenario, workers, how)

    patch.setattr(Scenario, "strike", when_idle)


def stops_the_server_too_late(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Stop the server when the workers have finished everything."""
    stop = Scenario.stop_broker

    def when_idle(scenario: Scenario) -> None:
        workers = [each for each in scenario._cast.processes if each.role == "worker"]
        for worker in workers:
            worker.thaw()
        let_finish(scenario._stage.recorder, [worker.client for worker in workers])
        for worker in workers:
            worker.freeze(timeout_s=LIMIT_S)
        stop(scenario)

    patch.setattr(Scenario, "stop_broker", when_idle)


def let_finish(recorder: Recorder, clients: Sequence[str]) -> None:
    """Return when these workers have done and settled all that they were sent.

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
            open_counts[client] += 2 * isinstance(event, Delivered)
            open_counts[client] -= isinstance(event, Settled | TaskDone)
        return seen_count > until_now and not any(open_counts.values())

    recorder.wait_for(finished, what="the workers to finish", timeout_s=LIMIT_S)


def never_holds_back(_: Session, patch: pytest.MonkeyPatch) -> None:
    """Forget to cut the worker off."""
    patch.setattr(Scenario, "hold_back", lambda *_: None)
    patch.setattr(Scenario, "wait_held_back", lambda *_: None)


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
