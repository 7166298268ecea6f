"""Server: what a scenario does to its broker and asks it; all of it on the record."""

from __future__ import annotations

import contextlib

from filaprova.brokers.broker import Borrowed, Killable, Restartable
from filaprova.errors import EnvironmentMissing
from filaprova.phrase import Phrase, say
from filaprova.record.act import (
    BrokerStarted,
    BrokerStopped,
    BrokerStopping,
    QueueCounted,
)
from filaprova.scenario.stage import Stage


class Server:
    """The broker of one scenario, which leaves it as it found it: up."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._broker = stage.session.broker
        self._is_up = True

    def stop(self) -> None:
        """Stop it gracefully and wait for its end."""
        broker, stage = self._restartable(), self._stage
        with stage.timed("broker"):
            stage.recorder.record(BrokerStopping(at_ns=stage.now_ns(), how="stop"))
            stage.tell("broker", say("stopping gracefully"))
            self._is_up = False
            report = broker.stop()
            stage.recorder.record(
                BrokerStopped(
                    at_ns=stage.now_ns(),
                    how="stop",
                    clean=report.clean,
                    detail=str(report.detail),
                    worded=report.detail.worded(),
                )
            )
        stage.tell("broker", say("stopped ({})", report.detail))

    def kill(self) -> None:
        """Kill it hard."""
        self._restartable()
        broker, stage = self._broker, self._stage
        if not isinstance(broker, Killable):
            raise EnvironmentMissing(
                say(
                    "this {} broker cannot be killed from here; --broker-kill COMMAND says how",
                    broker.description.backend,
                )
            )
        with stage.timed("broker"):
            stage.recorder.record(BrokerStopping(at_ns=stage.now_ns(), how="kill"))
            self._is_up = False
            broker.kill()
            stage.recorder.record(BrokerStopped(at_ns=stage.now_ns(), how="kill", clean=False))
        stage.tell("broker", say("killed"))

    def start(self) -> None:
        """Start it again and return when it answers."""
        broker, stage = self._restartable(), self._stage
        with stage.timed("broker"):
            broker.start()
            self._is_up = True
            stage.recorder.record(BrokerStarted(at_ns=stage.now_ns()))
        stage.tell("broker", say("answers again"))

    def bring_up(self) -> None:
        """Start it if the scenario left it down."""
        if not self._is_up:
            self.start()

    def tidy(self) -> None:
        """Remove what programs made on somebody's own broker; the run tries again at its end."""
        if isinstance(self._broker, Borrowed):
            with contextlib.suppress(EnvironmentMissing):
                self._broker.tidy()

    def count(self, queue: str) -> QueueCounted:
        """Record and return its own count of a queue: ready, unacked, consumers."""
        stage = self._stage
        with stage.timed("broker"):
            row = self._broker.queue(stage.virtual_host, queue)
        counted = QueueCounted(at_ns=stage.now_ns(), queue=queue, exists=row is not None)
        if row is not None:
            counted = QueueCounted(
                at_ns=stage.now_ns(),
                queue=queue,
                exists=True,
                ready_count=row.ready_count,
                unacked_count=row.unacked_count,
                consumer_count=row.consumer_count,
                durable=row.durable,
            )
        stage.recorder.record(counted)
        stage.tell("broker", _count_text(counted))
        return counted

    def _restartable(self) -> Restartable:
        broker = self._broker
        if not isinstance(broker, Restartable):
            raise EnvironmentMissing(
                say(
                    "this {} broker cannot be stopped and started from here; --broker-stop COMMAND "
                    "and --broker-start COMMAND say how",
                    broker.description.backend,
                )
            )
        return broker


def _count_text(counted: QueueCounted) -> Phrase:
    if not counted.exists:
        return say("there is no queue {}", counted.queue)
    return say(
        "{}: {} ready, {} unacked, {} consumers",
        counted.queue,
        counted.ready_count,
        "?" if counted.unacked_count is None else counted.unacked_count,
        counted.consumer_count,
    )
