"""A pen that writes histories by hand, one line an event, times in milliseconds."""

from __future__ import annotations

from typing import Any

from filaprova.record import events
from filaprova.record.event import DRAIN, Event
from filaprova.record.history import History

QUEUE = "tasks"
MS = 1_000_000


class Pen:
    """Write events of one queue with as few words as possible."""

    def __init__(self) -> None:
        self.events: list[Event] = [
            events.HistoryOpened(at_ns=0, schema=1, scenario="s", started_at="now", seed=1)
        ]
        self.connections: dict[str, int] = {}
        self.tags: dict[str, int] = {}

    def wire(self, client: str) -> dict[str, Any]:
        number = self.connections.setdefault(client, len(self.connections) + 1)
        return {"client": client, "connection": number}

    def publish(self, ms: float, *tasks: str, client: str = "producer", queue: str = QUEUE) -> None:
        for task in tasks:
            self.add(
                events.Published, ms, **self.wire(client), channel=1, task=task, exchange="",
                routing_key=queue, persistent=True, mandatory=False, body_bytes=1,
            )  # fmt: skip

    def consume(self, ms: float, client: str, *, prefetch: int = 0) -> None:
        self.add(
            events.ConsumerStarted, ms, **self.wire(client), channel=1, queue=QUEUE,
            consumer_tag=client, no_ack=False, prefetch_count=prefetch,
        )  # fmt: skip

    def deliver(
        self, ms: float, client: str, task: str, *, no_ack: bool = False, again: bool = False
    ) -> None:
        tag = self.tags[client] = self.tags.get(client, 0) + 1
        self.add(
            events.Delivered, ms, **self.wire(client), channel=1, task=task, queue=QUEUE,
            consumer_tag=client, delivery_tag=tag, redelivered=again, no_ack=no_ack, body_bytes=1,
        )  # fmt: skip

    def ack(self, ms: float, client: str, tag: int) -> None:
        self.add(
            events.Settled, ms, **self.wire(client), channel=1, task=None, delivery_tag=tag,
            how="ack", queue=QUEUE,
        )  # fmt: skip

    def begin(self, ms: float, client: str, task: str) -> None:
        self.add(events.TaskReceived, ms, client=client, task=task)

    def finish(self, ms: float, client: str, task: str) -> None:
        self.add(events.TaskDone, ms, client=client, task=task)

    def strike(self, ms: float, client: str) -> None:
        self.add(
            events.Struck, ms, client=client, signal_name="SIGKILL", in_hand=None,
            received_count=0, done_count=0,
        )  # fmt: skip

    def hang_up(self, ms: float, client: str) -> None:
        self.add(events.SocketClosed, ms, **self.wire(client), by="client")

    def drain(self, ms: float, *tasks: str) -> None:
        for task in tasks:
            self.deliver(ms, DRAIN, task, no_ack=True)
        self.add(events.Drained, ms, queue=QUEUE, task_count=len(tasks), complete=True)

    def add(self, kind: type[Event], ms: float, **fields: Any) -> None:
        self.events.append(kind(at_ns=int(ms * MS), **fields))

    def history(self) -> History:
        return History(self.events)
