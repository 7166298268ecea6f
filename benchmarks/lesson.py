"""Measure the whole lesson: ``python benchmarks/lesson.py``; beside it, its floor.

Runs ``pytest scenarios`` in a process of its own, cold start included, on the broker that
FILAPROVA_BROKER asks for. The floor is what no harness can do without:

    broker      as many boots, stops, kills and starts as the lesson's record shows, done bare in
                the same run, on the same backend with as many virtual hosts
    work        the time during which at least one worker was asleep over a task that it finished:
                for each task done, what its dots cost, up to the moment of Done

Then it tells where the time went, by what each scenario puts it down to (results.json).
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from machine import machine

from filaprova.brokers.broker import Broker, BrokerSettings, Killable, Restartable
from filaprova.brokers.choose import PERMIT_TRANSIENT_QUEUES, PERMITTED_FOR_THIS_RUN, open_broker
from filaprova.errors import EnvironmentMissing
from filaprova.reaper import Reaper
from filaprova.record.act import BrokerStarted, BrokerStopping, QueueCounted
from filaprova.record.history import History
from filaprova.record.program import ProgramStarted, TaskDone
from filaprova.runs.results import RunResult
from filaprova.runs.store import HISTORY, RunFolder

ROOT = Path(__file__).parent.parent
AIM_SECONDS = 60.0
SHOWN_COUNT = 8
LISTING_COUNT = 3


@dataclass(slots=True, kw_only=True)
class Lesson:
    """One run of the lesson, as it can be read from its folder."""

    seconds: float
    cpu_s: float
    """Seconds of CPU, of all cores, of the lesson and whatever it started: not of a container."""
    result: RunResult
    histories: list[History]

    @property
    def broker_acts(self) -> list[str]:
        """Return what was done to the broker after its first boot: stop, kill, start."""
        return [
            "start" if isinstance(event, BrokerStarted) else event.how
            for history in self.histories
            for event in history
            if isinstance(event, BrokerStarted | BrokerStopping)
        ]

    @property
    def work_s(self) -> float:
        """Return how long workers were asleep over tasks, counted once where several were."""
        seconds_per_dot = float(self.result.settings["seconds_per_dot"])
        return sum(asleep_s(history, seconds_per_dot) for history in self.histories)

    def count(self, kind: type[ProgramStarted | QueueCounted]) -> int:
        """Return how many events of a kind there are."""
        return sum(len(history.of(kind)) for history in self.histories)


@dataclass(slots=True)
class Bare:
    """What the same acts on a broker take without a harness."""

    seconds_by: Counter[str] = field(default_factory=Counter)
    count_by: Counter[str] = field(default_factory=Counter)
    listing_s: float = 0.0
    """What listing the queues once takes; no part of the floor."""

    @property
    def seconds(self) -> float:
        """Return the sum."""
        return sum(self.seconds_by.values())


def run_lesson(reports: Path) -> Lesson:
    """Run the lesson and read its folder; end if it is not all green."""
    command = [sys.executable, "-m", "pytest", "scenarios", "-q", "--reports", str(reports)]
    started, before = time.monotonic(), os.times()
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    seconds, after = time.monotonic() - started, os.times()
    cpu_s = after.children_user + after.children_system
    cpu_s -= before.children_user + before.children_system
    if ended.returncode != 0:
        sys.exit(f"{ended.stdout}\nthe lesson is not green, so its time means nothing")
    folder = RunFolder.load(reports / "latest")
    result = folder.results()
    histories = [
        History.load(folder.path / scenario.folder / HISTORY) for scenario in result.scenarios
    ]
    return Lesson(seconds=seconds, cpu_s=cpu_s, result=result, histories=histories)


def asleep_s(history: History, seconds_per_dot: float) -> float:
    """Return for how long at least one worker slept over a task that it finished."""
    spans = sorted(
        (event.at_ns / 1e9 - event.task.count(".") * seconds_per_dot, event.at_ns / 1e9)
        for event in history.of(TaskDone)
        if event.task is not None
    )
    asleep, reached = 0.0, 0.0
    for begin, end in spans:
        asleep += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return asleep


def do_bare(lesson: Lesson) -> Bare:
    """Do to a broker of its own what the lesson did to its broker; nothing else."""
    denied = lesson.result.broker["transient_queues"] == PERMITTED_FOR_THIS_RUN
    settings = BrokerSettings(
        virtual_hosts=[f"scenario-{number:02}" for number in range(len(lesson.histories))],
        # Told beforehand: one boot, where the lesson has to find out and boots twice.
        config_lines=[PERMIT_TRANSIENT_QUEUES] if denied else [],
        image=os.environ.get("FILAPROVA_BROKER_IMAGE"),
    )
    bare = Bare()
    with Reaper() as reaper:
        started = time.monotonic()
        request = os.environ.get("FILAPROVA_BROKER", "auto")
        broker = open_broker(request, settings=settings, reaper=reaper)
        try:
            for act in ("boot", *lesson.broker_acts, "close"):
                if act == "stop" and isinstance(broker, Restartable):
                    broker.stop()
                elif act == "start" and isinstance(broker, Restartable):
                    broker.start()
                elif act == "kill" and isinstance(broker, Killable):
                    broker.kill()
                elif act == "close":
                    broker.close()
                bare.seconds_by[act] += time.monotonic() - started
                bare.count_by[act] += 1
                if act == "boot":
                    with contextlib.suppress(EnvironmentMissing):  # an external one may not list
                        bare.listing_s = listing_s(broker)
                started = time.monotonic()
        finally:
            broker.close()
    return bare


def listing_s(broker: Broker) -> float:
    """Return the median of the seconds that a broker takes to list its queues."""
    spent = []
    for _ in range(LISTING_COUNT):
        started = time.monotonic()
        broker.queues(broker.virtual_hosts[0])
        spent.append(time.monotonic() - started)
    return statistics.median(spent)


def show(lesson: Lesson, bare: Bare) -> None:
    """Print the lesson beside its floor, then where its time went."""
    result = lesson.result
    print(f"{result.broker['version']} on the {result.broker['backend']} backend", end=", ")
    print(f"{len(result.scenarios)} scenarios, {result.settings['seconds_per_dot']} s a dot")
    floor = bare.seconds + lesson.work_s
    print(f"lesson {lesson.seconds:6.1f} s   aim {AIM_SECONDS:.0f} s", end=": ")
    print("met" if lesson.seconds <= AIM_SECONDS else "MISSED")
    print(f"CPU    {lesson.cpu_s:6.1f} s   of all its processes outside containers")
    print(f"floor  {floor:6.1f} s   ratio {lesson.seconds / floor:.2f}")
    for act, seconds in bare.seconds_by.items():
        print(f"  {seconds:6.1f} s   broker: {act}, {bare.count_by[act]} times, bare")
    print(f"  {lesson.work_s:6.1f} s   workers asleep over tasks")
    spent: Counter[str] = Counter()
    for scenario in result.scenarios:
        spent.update(scenario.seconds_by)
    in_scenarios = sum(spent.values())
    print("where the time of the lesson went:")
    print(f"  {result.boot_seconds:6.1f} s   first boot of the broker")
    for name, seconds in spent.most_common():
        print(f"  {seconds:6.1f} s   {name}")
    between = result.seconds - result.boot_seconds - in_scenarios
    print(f"  {between:6.1f} s   between scenarios: closing, judging, writing")
    outside = lesson.seconds - result.seconds
    print(f"  {outside:6.1f} s   before the boot and after the last scenario")
    programs, listings = lesson.count(ProgramStarted), lesson.count(QueueCounted)
    print(f"  {programs} programs started, {listings} times the queues were listed", end="")
    print(f" ({bare.listing_s:.2f} s bare each, {listings * bare.listing_s:.1f} s in all)")
    print("the longest scenarios:")
    for scenario in sorted(result.scenarios, key=lambda each: -each.seconds)[:SHOWN_COUNT]:
        parts = ", ".join(f"{name} {value:.1f}" for name, value in scenario.seconds_by.items())
        print(f"  {scenario.seconds:6.1f} s   {scenario.id.rpartition('::')[2]}: {parts}")


def main() -> None:
    """Run the lesson, then its floor."""
    print(f"before: {machine()}")
    with tempfile.TemporaryDirectory() as folder:
        lesson = run_lesson(Path(folder))
    print(f"after the lesson: load average {os.getloadavg()[0]:.1f}")
    show(lesson, do_bare(lesson))


if __name__ == "__main__":
    main()
