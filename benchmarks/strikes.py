"""Measure strikes: ``python benchmarks/strikes.py [COUNT]`` (120 by default, 1,000 for the record).

Freeze, look, strike, at no moment chosen beforehand: real workers of the lesson run freely on a
private local broker and are hit with SIGINT, SIGTERM and SIGKILL in turn. Batches of twelve workers
with automatic acknowledgement, with manual acknowledgement and with prefetch 1, at the lesson's
pace (10 ms a dot, one to three dots) and ten times as fast (1 ms a task).

Each strike is judged by the record, as in a scenario:

    landed      ``struck_mid_task`` says PASS: the worker held an unfinished task
    unknown     it says UNKNOWN: the worker was never caught
    wrong       PASS, but the second witness contradicts: the wire shows that the task was not
                delivered, or was settled; the worker printed before the strike that it was done;
                or afterwards the broker did not deliver it again (manual) or did (automatic)

Ends with status 1 if a strike is wrong, or if another check of a batch does not pass.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from machine import machine

from filaprova.brokers.broker import BrokerSettings
from filaprova.brokers.choose import open_broker
from filaprova.judge import checks as check
from filaprova.judge.verdict import Outcome
from filaprova.reaper import Reaper
from filaprova.record.act import Struck
from filaprova.record.history import History
from filaprova.record.observer import Background
from filaprova.record.program import TaskDone
from filaprova.record.wire import Delivered, Published, Settled
from filaprova.runs.session import Session, Settings
from filaprova.runs.store import RunFolder
from filaprova.scenario import Scenario

PROGRAMS = Path(__file__).parent.parent / "scenarios" / "lesson" / "programs"
STRIKE_COUNT = 120
BATCH_COUNT = 12
HEAD_START_COUNT = 300
SLICE_COUNT = 500
FEED_EVERY_S = 0.02
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A worker of the lesson, with the queue that it consumes from."""

    program: str
    queue: str
    durable: bool
    automatic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long the tasks are, and how many a second keep twelve workers busy."""

    name: str
    seconds_per_dot: float
    most_dots: int
    tasks_per_s: float


KINDS = (
    Kind(
        program="02_worker_consumer_timed.py", queue="work_queues_1", durable=False, automatic=True
    ),
    Kind(
        program="02_worker_consumer_ack.py", queue="work_queues_1", durable=False, automatic=False
    ),
    Kind(
        program="02_worker_consumer_ack_prefetch.py",
        queue="work_queues_durable",
        durable=True,
        automatic=False,
    ),
)
PACES = (
    Pace(name="10 ms a dot", seconds_per_dot=0.01, most_dots=3, tasks_per_s=800),
    Pace(name="1 ms a task", seconds_per_dot=0.001, most_dots=1, tasks_per_s=5000),
)


class Silence:
    """A narrator who says nothing."""

    def step(self, _title: str) -> contextlib.AbstractContextManager[None]:
        """Enter a step."""
        return contextlib.nullcontext()

    def tell(self, _seconds: float, _role: str, _text: str) -> None:
        """Hear one line."""


@dataclass(slots=True)
class Tally:
    """What became of the strikes."""

    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """How many, by pace, signal, and landed, unknown or wrong."""
    looks: dict[str, list[int]] = field(default_factory=dict)
    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    finished_dying: int = 0
    """Tasks that the worker printed as done after it was struck, on its way out."""
    lost_unseen: int = 0
    """Tasks under automatic acknowledgement that were lost before the wire could show them."""
    troubles: list[str] = field(default_factory=list)

    def of(self, outcome: str, pace: str | None = None, how: str | None = None) -> int:
        """Return how many strikes had this outcome."""
        return sum(
            count
            for (of_pace, of_how, of_outcome), count in self.outcomes.items()
            if of_outcome == outcome and pace in (None, of_pace) and how in (None, of_how)
        )


def run_batch(session: Session, number: int, count: int, kind: Kind, pace: Pace) -> Batch:
    """Start workers, strike them one after another while they work, and judge the record."""
    name = f"batch-{number:03}"
    folder = session.folder.scenario(name)
    settings = dataclasses.replace(session.settings, seconds_per_dot=pace.seconds_per_dot)
    virtual_host = session.free_virtual_hosts[0]
    scenario = Scenario(
        dataclasses.replace(session, settings=settings),
        folder,
        name=name,
        programs=PROGRAMS,
        narrator=Silence(),
    )
    batch = Batch(kind=kind, pace=pace)
    try:
        workers = scenario.start_workers(count, kind.program)
        with Feeder(scenario, kind.queue, pace, number):
            scenario.wait_working(workers)
            for worker, how in zip(workers, itertools.cycle(SIGNALS), strict=False):
                started = time.perf_counter()
                scenario.strike([worker], how)
                batch.milliseconds.append(1000 * (time.perf_counter() - started))
                batch.strikes[worker.client] = how.name
        scenario.drain(kind.queue)
    finally:
        batch.history = scenario.close()
    shutil.rmtree(folder.path)
    session.free_virtual_hosts.append(virtual_host)
    return batch


@dataclass(slots=True, kw_only=True)
class Batch:
    """What a batch of workers gave."""

    kind: Kind
    pace: Pace
    strikes: dict[str, str] = field(default_factory=dict)
    """By client, the name of the signal."""
    milliseconds: list[float] = field(default_factory=list)
    history: History | None = None

    def judge(self, tally: Tally) -> None:
        """Add the strikes of this batch to the tally."""
        assert self.history is not None
        struck = {event.client: event for event in self.history.of(Struck)}
        second = SecondWitness(self.history, automatic=self.kind.automatic)
        for client, how in self.strikes.items():
            verdict = check.struck_mid_task(clients=[client]).judge(self.history)
            outcome = "landed" if verdict.outcome is Outcome.PASS else "unknown"
            objection = second.objection(struck[client]) if outcome == "landed" else ""
            if objection:
                outcome = "wrong"
                tally.troubles.append(f"{client} ({self.kind.program}, {how}): {objection}")
            elif outcome == "unknown":
                tally.troubles.append(verdict.summary)
            tally.outcomes[self.pace.name, how, outcome] += 1
            if client in struck:
                tally.looks.setdefault(self.pace.name, []).append(struck[client].looks)
        tally.milliseconds.setdefault(self.pace.name, []).extend(self.milliseconds)
        tally.finished_dying += second.finished_dying
        queue = self.kind.queue
        checks = [
            check.witnesses_agree(queue=queue),
            check.drained(queue=queue),
            check.fully_decoded(),
        ]
        if self.kind.automatic:
            tally.lost_unseen += second.count_never_delivered()
        else:
            checks.append(check.nothing_lost(queue=queue))
        for each in checks:
            verdict = each.judge(self.history)
            if verdict.outcome is not Outcome.PASS:
                tally.outcomes[self.pace.name, "", "check not passed"] += 1
                tally.troubles.append(f"{each.name}: {verdict.outcome}: {verdict.summary}")


class SecondWitness:
    """The wire, and what the worker printed, asked again without what the strike recorded."""

    def __init__(self, history: History, *, automatic: bool) -> None:
        self.finished_dying = 0
        self._automatic = automatic
        self._deliveries: dict[str, list[Delivered]] = {}
        for event in history.of(Delivered):
            self._deliveries.setdefault(event.task, []).append(event)
        self._settled = {
            (event.connection, event.channel, event.delivery_tag) for event in history.of(Settled)
        }
        self._published = [event.task for event in history.of(Published)]
        self._done = {(event.client, event.task): event.at_ns for event in history.of(TaskDone)}

    def objection(self, struck: Struck) -> str:
        """Return what contradicts that this worker held this task; empty if nothing does."""
        deliveries = self._deliveries.get(struck.in_hand or "", [])
        own = [event for event in deliveries if event.client == struck.client]
        later = [event for event in deliveries if event.at_ns > struck.at_ns]
        done_ns = self._done.get((struck.client, struck.in_hand))
        if len(own) != 1 or own[0].at_ns > struck.at_ns:
            return f"{struck.in_hand!r} had not been delivered to it once when it was struck"
        if done_ns is not None and done_ns <= struck.at_ns:
            return f"it had printed that it was done with {struck.in_hand!r}"
        if (own[0].connection, own[0].channel, own[0].delivery_tag) in self._settled:
            return f"it settled {struck.in_hand!r}"
        if self._automatic and later:
            return f"{struck.in_hand!r} was delivered again, although it needed no acknowledgement"
        if not self._automatic and not (later and later[0].redelivered):
            return f"{struck.in_hand!r} was not delivered again, marked as redelivered"
        self.finished_dying += done_ns is not None
        return ""

    def count_never_delivered(self) -> int:
        """Return how many tasks the wire shows as delivered to nobody, not even to the drain.

        The broker had given them to a worker that was just being killed: acknowledged by that,
        they were gone before they reached the socket. Happens only while somebody publishes.
        """
        return sum(task not in self._deliveries for task in self._published)


class Feeder:
    """Publishes tasks, all different, for as long as workers are to be kept busy."""

    def __init__(self, scenario: Scenario, queue: str, pace: Pace, number: int) -> None:
        self._scenario = scenario
        self._queue = queue
        self._pace = pace
        self._number = number
        self._published_count = 0
        self._ended = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="feeder")

    def __enter__(self) -> Feeder:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        began = time.monotonic()
        try:
            while not self._ended.wait(FEED_EVERY_S):
                due = HEAD_START_COUNT + self._pace.tasks_per_s * (time.monotonic() - began)
                count = min(SLICE_COUNT, int(due) - self._published_count)
                slice_of_tasks = [
                    self._body(self._published_count + index) for index in range(count)
                ]
                if slice_of_tasks:
                    self._scenario.publish(self._queue, slice_of_tasks, persistent=False)
                    self._published_count += count
        except BaseException as error:
            self._error = error

    def _body(self, index: int) -> bytes:
        dots = "." * (1 + index % self._pace.most_dots)
        return f"batch {self._number:03} task {index:06} {dots}".encode()


def show(tally: Tally) -> None:
    """Print the figures, by pace and by signal."""
    for pace in PACES:
        looks = tally.looks.get(pace.name, [])
        milliseconds = tally.milliseconds.get(pace.name, [])
        if len(looks) < 2:
            continue
        print(f"{pace.name}: looks per strike {quantiles(looks, '.0f')} max {max(looks)}", end="")
        print(f", ms per strike {quantiles(milliseconds, '.1f')} max {max(milliseconds):.1f}")
        for how in SIGNALS:
            counts = [
                f"{outcome} {tally.of(outcome, pace.name, how.name)}"
                for outcome in ("landed", "unknown", "wrong")
            ]
            print(f"  {how.name:8} {'  '.join(counts)}")
    print(f"landed {tally.of('landed')}, unknown {tally.of('unknown')}, wrong {tally.of('wrong')}")
    print(f"done with its task while dying: {tally.finished_dying} (of these landed)")
    print(f"lost between broker and socket (automatic acknowledgement): {tally.lost_unseen}")
    print(f"other checks not passed: {tally.of('check not passed')}")
    for trouble in tally.troubles[:20]:
        print(f"  {trouble[:300]}")


def quantiles(values: list[float] | list[int], form: str) -> str:
    """Return the median and the 99th percentile."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return f"p50 {cuts[49]:{form}} p99 {cuts[98]:{form}}"


def main(strike_count: int) -> int:
    """Strike that often, tell how it went and return the exit status."""
    print(machine())
    started = time.monotonic()
    tally = Tally()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        reaper = stack.enter_context(Reaper())
        background = stack.enter_context(Background())
        settings = BrokerSettings(virtual_hosts=["one"])
        broker = open_broker("local", settings=settings, reaper=reaper)
        stack.callback(broker.close)
        session = Session(
            settings=Settings(seed=1, seconds_per_dot=PACES[0].seconds_per_dot),
            broker=broker,
            background=background,
            reaper=reaper,
            folder=RunFolder.create(folder),
            free_virtual_hosts=list(broker.virtual_hosts),
        )
        turns = itertools.cycle((kind, pace) for pace in PACES for kind in KINDS)
        remaining = strike_count
        for number, (kind, pace) in enumerate(turns, start=1):
            batch = run_batch(session, number, min(BATCH_COUNT, remaining), kind, pace)
            batch.judge(tally)
            remaining -= len(batch.strikes)
            if remaining <= 0:
                break
    show(tally)
    print(f"{strike_count} strikes in {time.monotonic() - started:.0f} s, {machine()}")
    return 1 if tally.of("wrong") or tally.of("check not passed") else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else STRIKE_COUNT))
