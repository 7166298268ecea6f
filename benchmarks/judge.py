"""Measure how long judging takes: ``python benchmarks/judge.py``.

A history of 1,000,000 events is made up and written to a file: four publishers with confirms,
twenty workers that acknowledge each task (prefetch 20), forty strikes after each of which the
worker's tasks come back and its program is started again. A fresh process loads the file and judges
it with what a scenario of a strike verifies; every verdict must be PASS. Prints the seconds of
both, of each check (the first one makes the ledger that all others share), and the peak of memory.
On a machine that is busy otherwise the seconds of CPU are the ones to believe.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from machine import machine

from filaprova.judge import checks as check
from filaprova.judge.registry import Check
from filaprova.judge.verdict import Outcome
from filaprova.record.act import (
    Continued,
    Drained,
    Frozen,
    HistoryOpened,
    QueueCounted,
    Struck,
)
from filaprova.record.event import DRAIN, SCHEMA, Event
from filaprova.record.history import History
from filaprova.record.program import (
    OutputLine,
    ProgramExited,
    ProgramStarted,
    TaskDone,
    TaskReceived,
)
from filaprova.record.wire import (
    ChannelOpened,
    Confirmed,
    ConfirmsSelected,
    ConnectionOpened,
    ConsumerStarted,
    Delivered,
    PrefetchSet,
    Published,
    QueueDeclared,
    Settled,
    SocketClosed,
    SocketOpened,
)

EVENT_COUNT = 1_000_000
EVENTS_OF_A_TASK = 8
PUBLISHER_COUNT = 4
WORKER_COUNT = 20
PREFETCH_COUNT = 20
STRIKE_COUNT = 40
ROUNDS = 3
QUEUE = "work_queues_durable"
CHUNK_COUNT = 10_000
NS_BETWEEN_EVENTS = 50_000
AIM_SECONDS = 5.0
AIM_BYTES = 1 << 30


@dataclass(slots=True)
class Consumer:
    """A worker of the made-up run."""

    client: str
    connection: int
    next_delivery_tag: int = 1
    received_count: int = 0
    done_count: int = 0
    held: deque[tuple[int, str]] = field(default_factory=deque)
    """Delivery tag and task of what it was sent and has not acknowledged; it is at the first."""


class MadeUpRun:
    """A broker, its publishers and its workers, as far as a history shows them."""

    def __init__(self, task_count: int) -> None:
        self.now_ns = 0
        self.connection_count = 0
        self.chance = random.Random(1)
        self.tasks = [
            f"2024-01-01 00:00:00.{number:06} {number:6} {'.' * self.chance.randint(1, 10)}"
            for number in range(task_count)
        ]
        self.ready: deque[tuple[str, bool]] = deque()
        """Tasks in the queue, and whether each has been delivered before."""

    def events(self) -> Iterator[Event]:
        """Yield the whole history."""
        yield HistoryOpened(
            at_ns=0, schema=SCHEMA, scenario="made up", started_at="2024-01-01T00:00:00", seed=1
        )
        consumers: list[Consumer] = []
        for number in range(1, WORKER_COUNT + 1):
            consumers.append(Consumer(f"C{number}", 0))
            yield from self.start(consumers[-1])
        waiting = deque(self.tasks)
        publishers = []
        for number in range(1, PUBLISHER_COUNT + 1):
            self.connection_count += 1
            publishers.append((f"producer-{number}", self.connection_count))
            yield from self.connect(*publishers[-1])
            yield ConfirmsSelected(**self.where(*publishers[-1]))
        tags = dict.fromkeys(publishers, 0)
        task_count, done_count, struck_count, counted = len(waiting), 0, 0, False
        while waiting or self.ready or any(consumer.held for consumer in consumers):
            for publisher in publishers:
                if waiting:
                    tags[publisher] += 1
                    yield from self.publish(publisher, tags[publisher], waiting.popleft())
            for consumer in consumers:
                yield from self.deliver(consumer)
            for consumer in self.chance.sample(consumers, k=3):
                if consumer.held:
                    yield from self.work(consumer)
                    done_count += 1
            if not counted and done_count > 1000:
                counted = True
                yield from self.count(consumers)
            if done_count > (struck_count + 1) * task_count // (STRIKE_COUNT + 2):
                index = struck_count % len(consumers)
                if consumers[index].held:
                    struck_count += 1
                    yield from self.strike(consumers[index])
                    consumers[index] = Consumer(f"{consumers[index].client}b", 0)
                    yield from self.start(consumers[index])
        self.connection_count += 1
        yield from self.connect(DRAIN, self.connection_count)
        yield Drained(at_ns=self.tick(), queue=QUEUE, task_count=0, complete=True)

    def tick(self) -> int:
        """Return the time, each time a little later."""
        self.now_ns += NS_BETWEEN_EVENTS
        return self.now_ns

    def where(self, client: str, connection: int) -> dict[str, object]:
        """Return what every event of a channel has."""
        return {"at_ns": self.tick(), "client": client, "connection": connection, "channel": 1}

    def connect(self, client: str, connection: int) -> Iterator[Event]:
        """Open a connection and a channel, declare the queue."""
        yield SocketOpened(at_ns=self.tick(), client=client, connection=connection)
        yield ConnectionOpened(
            at_ns=self.tick(),
            client=client,
            connection=connection,
            vhost="scenario-01",
            heartbeat_s=60,
            frame_max_bytes=131_072,
        )
        yield ChannelOpened(**self.where(client, connection))
        yield QueueDeclared(
            **self.where(client, connection),
            queue=QUEUE,
            passive=False,
            durable=True,
            exclusive=False,
            auto_delete=False,
            ready_count=len(self.ready),
            consumer_count=0,
        )

    def start(self, consumer: Consumer) -> Iterator[Event]:
        """Start a worker and let it subscribe."""
        self.connection_count += 1
        consumer.connection = self.connection_count
        yield ProgramStarted(
            at_ns=self.tick(),
            client=consumer.client,
            role="worker",
            program="02_worker_consumer_ack_prefetch.py",
            command=["python", "02_worker_consumer_ack_prefetch.py"],
            pid=10_000 + consumer.connection,
        )
        yield from self.connect(consumer.client, consumer.connection)
        yield PrefetchSet(
            **self.where(consumer.client, consumer.connection),
            prefetch_count=PREFETCH_COUNT,
            is_global=False,
        )
        yield ConsumerStarted(
            **self.where(consumer.client, consumer.connection),
            queue=QUEUE,
            consumer_tag=f"ctag{consumer.connection}",
            no_ack=False,
            prefetch_count=PREFETCH_COUNT,
        )

    def publish(self, publisher: tuple[str, int], tag: int, task: str) -> Iterator[Event]:
        """Publish a task and confirm it."""
        yield Published(
            **self.where(*publisher),
            task=task,
            exchange="",
            routing_key=QUEUE,
            persistent=True,
            mandatory=False,
            body_bytes=len(task),
            publish_tag=tag,
        )
        yield Confirmed(**self.where(*publisher), task=task, publish_tag=tag)
        self.ready.append((task, False))

    def deliver(self, consumer: Consumer) -> Iterator[Event]:
        """Send a worker what its prefetch permits."""
        while self.ready and len(consumer.held) < PREFETCH_COUNT:
            task, again = self.ready.popleft()
            tag = consumer.next_delivery_tag
            consumer.next_delivery_tag += 1
            yield Delivered(
                **self.where(consumer.client, consumer.connection),
                task=task,
                queue=QUEUE,
                consumer_tag=f"ctag{consumer.connection}",
                delivery_tag=tag,
                redelivered=again,
                no_ack=False,
                body_bytes=len(task),
            )
            consumer.held.append((tag, task))
            if len(consumer.held) == 1:
                yield from self.begin(consumer)

    def begin(self, consumer: Consumer) -> Iterator[Event]:
        """Let a worker print that it received the first of its tasks."""
        task = consumer.held[0][1]
        consumer.received_count += 1
        at_ns = self.tick()
        yield OutputLine(
            at_ns=at_ns, client=consumer.client, stream="stdout", text=f" [x] Received b'{task}'"
        )
        yield TaskReceived(at_ns=at_ns, client=consumer.client, task=task)

    def work(self, consumer: Consumer) -> Iterator[Event]:
        """Let a worker finish its task, acknowledge it and begin the next one."""
        tag, task = consumer.held.popleft()
        consumer.done_count += 1
        at_ns = self.tick()
        yield OutputLine(at_ns=at_ns, client=consumer.client, stream="stdout", text=" [x] Done")
        yield TaskDone(at_ns=at_ns, client=consumer.client, task=task)
        yield Settled(
            **self.where(consumer.client, consumer.connection),
            task=task,
            delivery_tag=tag,
            how="ack",
            queue=QUEUE,
        )
        if consumer.held:
            yield from self.begin(consumer)

    def count(self, consumers: list[Consumer]) -> Iterator[Event]:
        """Count the queue while everybody stands still with as much as the prefetch allows."""
        for number in range(2 * WORKER_COUNT * PREFETCH_COUNT):
            task = f"filler {number}"
            self.ready.append((task, False))
            yield Published(
                **self.where("producer-1", WORKER_COUNT + 1),
                task=task,
                exchange="",
                routing_key=QUEUE,
                persistent=True,
                mandatory=False,
                body_bytes=len(task),
            )
        for consumer in consumers:
            yield from self.deliver(consumer)
            yield Frozen(at_ns=self.tick(), client=consumer.client)
        yield QueueCounted(
            at_ns=self.tick(),
            queue=QUEUE,
            exists=True,
            ready_count=len(self.ready),
            unacked_count=sum(len(consumer.held) for consumer in consumers),
            consumer_count=len(consumers),
            durable=True,
        )
        for consumer in consumers:
            yield Continued(at_ns=self.tick(), client=consumer.client)

    def strike(self, consumer: Consumer) -> Iterator[Event]:
        """Kill a worker in the middle of a task; all that it holds comes back."""
        client = consumer.client
        yield Frozen(at_ns=self.tick(), client=client)
        yield Struck(
            at_ns=self.tick(),
            client=client,
            signal_name="SIGKILL",
            in_hand=consumer.held[0][1],
            received_count=consumer.received_count,
            done_count=consumer.done_count,
            unsettled=[task for _, task in consumer.held],
        )
        yield ProgramExited(
            at_ns=self.tick(),
            client=client,
            pid=10_000 + consumer.connection,
            signal_name="SIGKILL",
        )
        yield SocketClosed(
            at_ns=self.tick(), client=client, connection=consumer.connection, by="client"
        )
        self.ready.extendleft((task, True) for _, task in reversed(consumer.held))


def write(path: Path) -> int:
    """Write the history of a made-up run; return how many events it has."""
    encoder = msgspec.json.Encoder()
    event_count = 0
    chunk: list[Event] = []
    with path.open("wb") as file:
        for event in MadeUpRun(EVENT_COUNT // EVENTS_OF_A_TASK).events():
            chunk.append(event)
            if len(chunk) == CHUNK_COUNT:
                file.write(encoder.encode_lines(chunk))
                event_count += len(chunk)
                chunk.clear()
        file.write(encoder.encode_lines(chunk))
    return event_count + len(chunk)


def checks(struck: list[str]) -> list[Check]:
    """Return what a scenario of a strike under manual acknowledgement verifies."""
    return [
        check.nothing_lost(queue=QUEUE),
        check.struck_mid_task(clients=struck),
        check.prefetch_respected(queue=QUEUE),
        check.fair_dispatch(queue=QUEUE),
        check.received_twice_exactly_in_flight(queue=QUEUE),
        check.done_twice_within_in_flight(queue=QUEUE),
        check.redelivered_equals_unacked_at_disconnect(queue=QUEUE),
        check.all_settled(queue=QUEUE),
        check.counts_agree(queue=QUEUE),
        check.identities_unique(queue=QUEUE),
        check.witnesses_agree(queue=QUEUE),
        check.drained(queue=QUEUE),
        check.fully_decoded(),
    ]


def judge(path: str) -> dict[str, object]:
    """Load a history and judge it; return what it took."""
    started, cpu_started = time.perf_counter(), time.process_time()
    history = History.load(Path(path))
    loaded, cpu_loaded = time.perf_counter(), time.process_time()
    struck = [event.client for event in history.of(Struck)]
    spent = {}
    judging, cpu_judging = time.perf_counter(), time.process_time()
    for each in checks(struck):
        begun = time.perf_counter()
        verdict = each.judge(history)
        spent[each.name] = time.perf_counter() - begun
        assert verdict.outcome is Outcome.PASS, f"{each.name}: {verdict.summary[:500]}"
    return {
        "load": loaded - started,
        "cpu_load": cpu_loaded - cpu_started,
        "judge": time.perf_counter() - judging,
        "cpu_judge": time.process_time() - cpu_judging,
        "checks": spent,
        "peak": peak_bytes(),
    }


def peak_bytes() -> int:
    """Return the most memory that this process ever had resident."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main() -> None:
    """Make a history up, judge it in fresh processes and print the best round."""
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.jsonl"
        event_count = write(path)
        print(
            f"{event_count:,} events, {path.stat().st_size / 1e6:,.0f} MB, {STRIKE_COUNT} strikes"
        )
        rounds = []
        for _ in range(ROUNDS):
            command = [sys.executable, __file__, str(path)]
            last = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            rounds.append(last)
            print(
                f"load {last['load']:5.2f} s (CPU {last['cpu_load']:5.2f} s)   "
                f"judge {last['judge']:5.2f} s (CPU {last['cpu_judge']:5.2f} s)   "
                f"peak memory {last['peak'] / 2**20:,.0f} MiB"
            )
    best = min(rounds, key=lambda each: each["judge"])
    for name, seconds in sorted(best["checks"].items(), key=lambda item: -item[1]):
        print(f"  {seconds:6.2f} s  {name}")
    met = best["judge"] <= AIM_SECONDS and best["peak"] <= AIM_BYTES
    print(f"aim: judge <= {AIM_SECONDS:.0f} s, <= 1 GiB: {'met' if met else 'MISSED'}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(judge(sys.argv[1])))
    else:
        main()
