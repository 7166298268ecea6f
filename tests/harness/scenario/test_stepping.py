"""Stepping, with real scripts; what was delivered to them is put on the record by the test."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from filaprova.errors import TimedOut
from filaprova.programs.program import Process
from filaprova.programs.surroundings import LaunchSettings
from filaprova.record.act import Continued, Frozen
from filaprova.record.event import Event
from filaprova.record.history import History
from filaprova.record.wire import (
    ConsumerStarted,
    Delivered,
    Published,
    QueueDeclared,
    QueueDeleted,
    QueuePurged,
    Settled,
)
from filaprova.scenario.cast import Worker
from filaprova.scenario.hand import hand_of
from filaprova.scenario.stage import Stage
from filaprova.scenario.stepping import ENDED, NO_TASK, ready_count, step_into, watch
from filaprova.waiting import wait_until

LIMIT_S = 20.0
WORKS = """
    import sys, time
    work = time.sleep
    sys.stdin.readline()
    for number in range(TASKS):
        print(f" [x] Received 't{number}'")
        work(1)
        print(" [x] Done")
    sys.stdin.close()
    import signal
    while True:
        signal.sigtimedwait([], 0.1)
"""
SILENT = WORKS.replace("print(", "str(")
DOES_NOT_SLEEP = WORKS.replace("work(1)", "pass")


class Begun:
    """Workers that a test has begun, each with what was delivered to it."""

    def __init__(self, stage: Stage, folder: Path, end: Callable[[Callable[[], object]], object]):
        self.stage = stage
        self._folder = folder
        self._end = end

    def __call__(self, source: str, tasks: int, *, client: str = "C1", **others: Any) -> Worker:
        """Start a script that does so many tasks and then nothing; have them delivered."""
        path = self._folder / f"{client}.py"
        path.write_text(textwrap.dedent(source).replace("TASKS", str(tasks)))
        tap = self.stage.wiretap.open(client)
        process = Process.start(
            background=self.stage.session.background,
            recorder=self.stage.recorder,
            reaper_environment=self.stage.session.reaper.environment,
            client=client,
            role="worker",
            program=path,
            settings=LaunchSettings(
                host=tap.address.host,
                port=tap.address.port,
                virtual_host="v",
                user="u",
                password="p",
                seed=1,
                seconds_per_dot=0.01,
                scratch=self.stage.session.reaper.scratch,
            ),
            pause_at_task=1,
        )
        self._end(process.end)
        self.stage.recorder.record(*sent(client, tasks, **others))
        return Worker(client=client, process=process, tap=tap)


@pytest.fixture
def begin(stage: Stage, tmp_path: Path, request: pytest.FixtureRequest) -> Begun:
    return Begun(stage, tmp_path, request.addfinalizer)


def at(client: str) -> dict[str, Any]:
    return {"at_ns": 0, "client": client, "connection": 1, "channel": 1}


def sent(client: str, count: int, *, no_ack: bool = True, limit: int = 0) -> list[Event]:
    """Return a subscription and deliveries of t0, t1, …"""
    events: list[Event] = [
        ConsumerStarted(
            **at(client), queue="q", consumer_tag="t", no_ack=no_ack, prefetch_count=limit
        )
    ]
    events += [
        Delivered(
            **at(client),
            task=f"t{number}",
            queue="q",
            consumer_tag="t",
            delivery_tag=number + 1,
            redelivered=False,
            no_ack=no_ack,
            body_bytes=1,
        )
        for number in range(count)
    ]
    return events


def published(count: int) -> list[Event]:
    what = {"exchange": "", "routing_key": "q", "persistent": True, "mandatory": False}
    return [
        Published(**at("p"), task=f"t{number}", body_bytes=1, **what) for number in range(count)
    ]


def declared() -> QueueDeclared:
    return QueueDeclared(
        **at("p"),
        queue="q",
        passive=False,
        durable=True,
        exclusive=False,
        auto_delete=False,
        ready_count=0,
        consumer_count=0,
    )


def works(stage: Stage, client: str = "C1") -> tuple[int, int]:
    hand = hand_of(client, stage.recorder)
    return hand.works_begun, hand.works_ended


def stands_still(worker: Worker) -> bool:
    return psutil.Process(worker.process.pid).status() == psutil.STATUS_STOPPED


@pytest.mark.parametrize("source", [WORKS, SILENT], ids=["tells", "silent"])
def test_each_is_brought_into_its_third_work(begin: Begun, stage: Stage, source: str) -> None:
    workers = [begin(source, 5, client=client) for client in ("C1", "C2")]
    assert step_into(stage, workers, 3) == {}
    for worker in workers:
        assert works(stage, worker.client) == (3, 2)
        assert stands_still(worker)
        assert worker.process.is_frozen


def test_they_go_on_in_turn(begin: Begun, stage: Stage) -> None:
    workers = [begin(WORKS, 5, client=client) for client in ("C1", "C2")]
    step_into(stage, workers, 3)
    turns = [event.client for event in stage.recorder.history().of(Continued)]
    assert turns == ["C1", "C2", "C1", "C2"]


@pytest.mark.parametrize(("tasks", "reached"), [(1, 1), (2, 1), (3, 2), (4, 3), (9, 3)])
def test_who_has_fewer_stays_where_one_is_not_begun(
    begin: Begun, stage: Stage, tasks: int, reached: int
) -> None:
    worker = begin(WORKS, tasks)
    assert step_into(stage, [worker], 3) == {}
    assert works(stage) == (reached, reached - 1)


def test_who_holds_one_at_a_time_goes_on_while_there_are_others(begin: Begun, stage: Stage) -> None:
    stage.recorder.record(declared(), *published(3))
    worker = begin(WORKS, 3, no_ack=False, limit=1)
    record = stage.recorder
    # Nobody acknowledges for it: at its second task all three are with it, and it has the limit.
    assert step_into(stage, [worker], 2) == {}
    assert works(stage) == (2, 1)
    assert [type(e) for e in record.history() if isinstance(e, Frozen | Continued)] == [
        Frozen,
        Continued,
        Frozen,
    ]


def test_who_gets_no_task_is_not_waited_for(begin: Begun, stage: Stage) -> None:
    stage.recorder.record(declared(), *published(2))
    busy = begin(WORKS, 2, client="C1")
    idle = begin(WORKS, 0, client="C2")
    assert step_into(stage, [busy, idle], 3) == {"C2": NO_TASK}
    assert works(stage, "C1") == (1, 0)
    assert not stands_still(idle)


def test_who_has_ended_is_not_waited_for(begin: Begun, stage: Stage) -> None:
    worker = begin("import sys; sys.exit(TASKS)", 3)
    worker.process.wait(timeout_s=LIMIT_S)
    assert step_into(stage, [worker], 3) == {"C1": ENDED}


def test_who_should_be_at_work_and_is_not_is_told(begin: Begun, stage: Stage) -> None:
    worker = begin("import signal\nwhile TASKS: signal.sigtimedwait([], 1)", 3)
    stage.session.settings = replace(stage.session.settings, wait_s=0.3)
    with pytest.raises(TimedOut, match="for C1 to be in the middle of its task 1"):
        step_into(stage, [worker], 3)


def test_who_does_not_sleep_stops_at_the_end_of_its_task(begin: Begun, stage: Stage) -> None:
    worker = begin(DOES_NOT_SLEEP, 5)
    assert step_into(stage, [worker], 3) == {}
    hand = hand_of("C1", stage.recorder)
    assert (hand.received_count, hand.done_count, hand.in_hand) == (3, 2, "t2")


def test_a_sleep_that_began_before_there_was_any_task_is_no_work(
    begin: Begun, stage: Stage
) -> None:
    """The worker's main thread sleeps again and again; another thread works."""
    worker = begin(
        """
        import threading, time
        work = time.sleep
        come = threading.Event()
        def tasks():
            come.wait()
            for number in range(9):
                work(1)
            work(1_000_000)
        threading.Thread(target=tasks, daemon=True).start()
        while True:
            work(1)
            come.set()
        """,
        0,
    )
    wait_until(lambda: worker.process.paused, what="it to stop", timeout_s=LIMIT_S)
    stage.recorder.record(*sent("C1", 9)[1:])
    assert step_into(stage, [worker], 2) == {}
    begun, ended = works(stage)
    assert begun == ended + 1 >= 2


def test_a_program_that_cannot_stop_itself_is_frozen_as_the_wire_shows_it_at_its_task(
    stage: Stage, tmp_path: Path
) -> None:
    program = tmp_path / "worker"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    tap = stage.wiretap.open("C1")
    process = Process.start(
        background=stage.session.background,
        recorder=stage.recorder,
        reaper_environment=stage.session.reaper.environment,
        client="C1",
        role="worker",
        program=program,
        settings=LaunchSettings(
            host=tap.address.host,
            port=tap.address.port,
            virtual_host="v",
            user="u",
            password="p",
            seed=1,
            seconds_per_dot=0.01,
            scratch=stage.session.reaper.scratch,
        ),
        pause_at_task=2,
    )
    worker = Worker(client="C1", process=process, tap=tap)
    end = watch(stage, worker, 2)
    try:
        stage.recorder.record(*sent("C1", 4, no_ack=False))
        settled = Settled(**at("C1"), task="t0", delivery_tag=1, how="ack")
        stage.recorder.record(settled)
        wait_until(lambda: stands_still(worker), what="it to be stopped", timeout_s=LIMIT_S)
        assert step_into(stage, [worker], 2) == {}
        assert hand_of("C1", stage.recorder).unsettled == ["t1", "t2", "t3"]
        process.thaw()
        assert not stands_still(worker)
    finally:
        end()
        process.end()


@pytest.mark.parametrize(
    ("events", "count"),
    [
        ([declared(), *published(3)], 3),
        ([declared(), *published(3), *sent("C1", 2)], 1),
        ([declared(), *published(3), *sent("C1", 3), *sent("C1", 3)], 0),
        ([declared(), *published(3), QueuePurged(**at("p"), queue="q", message_count=3)], 0),
        ([declared(), *published(3), QueueDeleted(**at("p"), queue="q", message_count=3)], 0),
        ([declared(), *published(3), QueuePurged(**at("p"), queue="r", message_count=3)], 3),
    ],
    ids=["published", "some delivered", "not less than none", "purged", "deleted", "another's"],
)
def test_what_is_ready(events: list[Event], count: int) -> None:
    assert ready_count(History(events), {"q"}) == count
