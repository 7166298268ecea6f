"""Histories written by hand, one line an event, times in milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness import events
from harness.events import Event
from harness.history import History
from harness.report.both import Both
from harness.report.pictured import picture_words
from harness.report.pictures.words import PictureWords

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
            self.deliver(ms, events.DRAIN, task, no_ack=True)
        self.add(events.Drained, ms, queue=QUEUE, task_count=len(tasks), complete=True)

    def add(self, kind: type[Event], ms: float, **fields: Any) -> None:
        self.events.append(kind(at_ns=int(ms * MS), **fields))

    def history(self) -> History:
        return History(self.events)


@pytest.fixture
def pen() -> Pen:
    return Pen()


@pytest.fixture
def automatic(pen: Pen) -> History:
    """Three tasks for two workers that acknowledge automatically; C1 is killed at its first."""
    pen.consume(1, "C1")
    pen.consume(2, "C2")
    pen.publish(10, "a", "b", "c")
    for ms, client, task in ((11, "C1", "a"), (12, "C2", "b"), (13, "C1", "c")):
        pen.deliver(ms, client, task, no_ack=True)
    pen.begin(14, "C1", "a")
    pen.begin(15, "C2", "b")
    pen.strike(20, "C1")
    pen.hang_up(21, "C1")
    pen.finish(40, "C2", "b")
    pen.drain(60)
    return pen.history()


@pytest.fixture
def manual(pen: Pen) -> History:
    """One task that C1 has done and not acknowledged when it is killed; C2 does it again."""
    pen.consume(1, "C1")
    pen.consume(2, "C2")
    pen.publish(10, "a")
    pen.deliver(11, "C1", "a")
    pen.begin(12, "C1", "a")
    pen.finish(20, "C1", "a")
    pen.strike(25, "C1")
    pen.hang_up(26, "C1")
    pen.deliver(27, "C2", "a", again=True)
    pen.begin(28, "C2", "a")
    pen.finish(38, "C2", "a")
    pen.ack(39, "C2", 1)
    pen.drain(60)
    return pen.history()


class Plain:
    """An interface whose texts are their keys and details."""

    def interface(self, key: str, *details: object) -> Both:
        text = " ".join([key, *map(str, details)])
        return Both(f"pt {text}", f"en {text}")


@pytest.fixture
def words() -> PictureWords:
    return picture_words(Plain())


@pytest.fixture
def crowd() -> Callable[[int], History]:
    """A history of so many tasks, each tenth of them lost with its worker."""

    def crowd(count: int) -> History:
        pen = Pen()
        pen.consume(1, "C1")
        pen.consume(1, "C2")
        for index in range(count):
            task, client, ms = f"task {index}", "C2" if index % 10 == 0 else "C1", 2 + index
            pen.publish(ms, task)
            pen.deliver(ms + 0.1, client, task, no_ack=True)
            if client == "C1":
                pen.begin(ms + 0.2, client, task)
                pen.finish(ms + 0.8, client, task)
        pen.strike(count + 2, "C2")
        pen.hang_up(count + 2.1, "C2")
        pen.drain(count + 3)
        return pen.history()

    return crowd
