"""Waits: what satisfies them, and when they end because nothing more can come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from filaprova.errors import TimedOut
from filaprova.record.act import BrokerStarted, BrokerStopping, FaultLanded, WaitedInVain
from filaprova.record.event import Event
from filaprova.record.program import (
    ProgramExited,
    TaskDone,
    TaskReceived,
    WorkBegan,
    WorkEnded,
)
from filaprova.record.wire import (
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    Published,
    QueueDeclared,
    QueueDeleted,
    Settled,
    SocketClosed,
    SocketOpened,
    TransactionCommitted,
    TransactionSelected,
)
from filaprova.scenario import waits
from filaprova.scenario.cast import Cast, Worker
from filaprova.scenario.stage import AFTER_A_WAIT_IN_VAIN_S, Stage

LIMIT_S = 20.0
Wait = Callable[[Stage, Cast, Sequence[str], list[Worker]], bool]


def worker(client: str = "C1") -> Worker:
    nothing: Any = None
    return Worker(client=client, process=nothing, tap=nothing)


@pytest.fixture
def cast(stage: Stage, tmp_path: Path) -> Cast:
    return Cast(stage, tmp_path)


def at(client: str = "C1", connection: int = 1) -> dict[str, Any]:
    return {"at_ns": 0, "client": client, "connection": connection}


def subscribed(client: str = "C1", queue: str = "q", **others: Any) -> list[Event]:
    consumer = {"consumer_tag": "t", "no_ack": False, "prefetch_count": 0, **others}
    return [
        SocketOpened(**at(client)),
        ConsumerStarted(**at(client), channel=1, queue=queue, **consumer),
    ]


def published(*tasks: str, queue: str = "q") -> list[Event]:
    declared = QueueDeclared(
        **at("p", 9),
        channel=1,
        queue=queue,
        passive=False,
        durable=True,
        exclusive=False,
        auto_delete=False,
        ready_count=0,
        consumer_count=0,
    )
    return [
        declared,
        *(
            Published(
                **at("p", 9),
                channel=1,
                task=task,
                exchange="",
                routing_key=queue,
                persistent=True,
                mandatory=False,
                body_bytes=1,
            )
            for task in tasks
        ),
    ]


def sent(*tasks: str, client: str = "C1", first: int = 1, **others: Any) -> list[Event]:
    what = {"consumer_tag": "t", "redelivered": False, "no_ack": False, **others}
    return [
        Delivered(
            **at(client), channel=1, task=task, queue="q", delivery_tag=tag, body_bytes=1, **what
        )
        for tag, task in enumerate(tasks, start=first)
    ]


def acked(*tasks: str, client: str = "C1", **others: Any) -> list[Event]:
    what = {"how": "ack", **others}
    return [
        Settled(**at(client), channel=1, task=task, delivery_tag=tag, **what)
        for tag, task in enumerate(tasks, start=1)
    ]


def received(*tasks: str) -> list[Event]:
    return [TaskReceived(at_ns=0, client="C1", task=task) for task in tasks]


def done(*tasks: str | None) -> list[Event]:
    return [TaskDone(at_ns=0, client="C1", task=task) for task in tasks]


def worked(count: int) -> list[Event]:
    each = [
        WorkBegan(at_ns=0, client="C1", seconds=1),
        WorkEnded(at_ns=0, client="C1", seconds=1, complete=True),
    ]
    return each * count


def ended(client: str = "C1") -> list[Event]:
    return [ProgramExited(at_ns=0, client=client, pid=1, exit_code=0)]


def closed(client: str = "C1") -> list[Event]:
    return [SocketClosed(**at(client), by="client")]


def delivered_to_all(stage: Stage, cast: Cast, tasks: Sequence[str], of: list[Worker]) -> bool:
    return waits.wait_for_each(stage, cast, Delivered, tasks, of)


def acknowledged(stage: Stage, cast: Cast, tasks: Sequence[str], of: list[Worker]) -> bool:
    return waits.wait_for_each(stage, cast, Settled, tasks, of)


def all_done(stage: Stage, cast: Cast, tasks: Sequence[str], of: list[Worker]) -> bool:
    return waits.wait_printed(stage, cast, TaskDone, tasks, of)


def all_received(stage: Stage, cast: Cast, tasks: Sequence[str], of: list[Worker]) -> bool:
    return waits.wait_printed(stage, cast, TaskReceived, tasks, of)


def dealt(stage: Stage, cast: Cast, tasks: Sequence[str], of: list[Worker]) -> bool:
    return waits.wait_dealt(stage, cast, tasks, of)


def ended_or_back(stage: Stage, cast: Cast, _: Sequence[str], of: list[Worker]) -> bool:
    return waits.wait_ended_or_back(stage, cast, of)


def working(stage: Stage, cast: Cast, _: Sequence[str], of: list[Worker]) -> bool:
    return waits.wait_working(stage, cast, of)


STOPPING = BrokerStopping(at_ns=0, how="stop")
POLLED = {"consumer_tag": None}
SELECTED = TransactionSelected(**at(), channel=1)
COMMITTED = TransactionCommitted(**at(), channel=1)


@pytest.mark.parametrize(
    ("wait", "before", "last"),
    [
        (delivered_to_all, sent("a"), sent("b", first=2)),
        (acknowledged, [*sent("a", "b"), *acked("a")], acked("a", "b")),
        (acknowledged, [*sent("a", "b"), *acked("a", "b", requeue=True)], acked("a", "b")),
        (acknowledged, [*sent("a", "b"), SELECTED, *acked("a", "b")], [COMMITTED]),
        (all_done, [*sent("a", "b"), *done("a")], done("b")),
        (all_done, [*sent("a", "b"), *done("a", "a")], done("b")),
        (all_done, [*sent("a", "b"), *worked(1)], worked(1)),
        (all_done, [*sent("a", "b", body="same"), *done("same")], done("same")),
        (all_received, [*sent("a", "b"), *received("a")], received("b")),
        (dealt, [*subscribed(), *sent("a")], sent("b", first=2)),
        (dealt, subscribed(prefetch_count=1), sent("a")),
        (dealt, subscribed(channel_prefetch_count=1), sent("a")),
        (dealt, [], sent("a", **POLLED)),
        (ended_or_back, [*subscribed(), STOPPING], ended()),
        (ended_or_back, [*subscribed(), STOPPING, *closed()], subscribed()),
        (ended_or_back, [*subscribed(), STOPPING, *closed()], sent("a", **POLLED)),
        (working, subscribed(), sent("a")),
        (working, subscribed(), received("a")),
    ],
)
def test_what_satisfies(
    stage: Stage, cast: Cast, wait: Wait, before: list[Event], last: list[Event]
) -> None:
    """Not before the last of it is there, and then at once."""
    stage.recorder.record(*before)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(wait, stage, cast, ["a", "b"], [worker()])
        with pytest.raises(TimeoutError):
            waiting.result(0.2)
        stage.recorder.record(*last)
        assert waiting.result(LIMIT_S)
    assert stage.recorder.history().of(WaitedInVain) == []


@pytest.mark.parametrize(
    ("wait", "before", "told"),
    [
        (acknowledged, [*sent("a", "b"), *ended(), *closed()], "all of them have ended"),
        (all_done, [*sent("a", "b"), *ended()], "all of them have ended"),
        (acknowledged, [*subscribed(), *sent("a", "b", no_ack=True)], "automatic acknowledgement"),
        (
            delivered_to_all,
            [*published("a", "b"), *subscribed(queue="orders")],
            "the tasks went to q; the workers consume from orders",
        ),
        (
            acknowledged,
            [
                *subscribed(),
                ConsumerCancelled(**at(), channel=1, consumer_tag="t", by="broker"),
            ],
            "none of them is subscribed any more",
        ),
        (acknowledged, [*subscribed(), *closed()], "none of them is subscribed any more"),
        (all_done, [*subscribed(), *sent("a", "b")], "--done takes a pattern"),
    ],
)
def test_a_wait_ends_where_nothing_more_can_come(
    stage: Stage,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    wait: Wait,
    before: list[Event],
    told: str,
) -> None:
    monkeypatch.setattr(waits, "IDLE_LIMIT_S", 0.1)
    stage.recorder.record(*before)
    assert not wait(stage, cast, ["a", "b"], [worker()])
    [waited] = stage.recorder.history().of(WaitedInVain)
    assert waited.told.startswith("gave up waiting for 'a' and 1 more (of 2) to be ")
    assert told in waited.told
    assert stage.wait_s == 20.0


class Slowly:
    """A clock, and a record to which something comes at each of these seconds."""

    def __init__(self, stage: Stage, coming: dict[float, list[Event]]) -> None:
        self.now_s, self.stage, self.coming = 0.0, stage, dict(sorted(coming.items()))

    def monotonic(self) -> float:
        return self.now_s

    def wait_for(self, seen: Callable[[Event], bool], *, timeout_s: float, **_: Any) -> None:
        until_s = self.now_s + timeout_s
        for at_s in [at_s for at_s in self.coming if at_s <= until_s]:
            self.now_s = at_s
            satisfied = [seen(event) for event in self.coming.pop(at_s)]
            if any(satisfied):
                return
        self.now_s = until_s
        raise TimedOut("nothing")


@pytest.mark.parametrize(
    ("coming", "came", "until_s"),
    [
        ({15: acked("a"), 34: acked("b")}, True, 34),
        ({15: acked("a"), 36: acked("b")}, False, 35),
        ({15: acked("a", requeue=True), 21: acked("a", "b")}, False, 20),
        ({0: acked("a"), 10: sent("a"), 30: acked("b")}, False, 20),
        ({s: acked(str(s)) for s in range(10, 100, 10)} | {99: acked("a", "b")}, True, 99),
        ({s: acked(str(s)) for s in range(10, 101, 10)} | {101: acked("a", "b")}, False, 100),
    ],
    ids=["slowly", "too slowly", "goes back", "something else", "just in time", "for too long"],
)
def test_what_comes_slowly_is_waited_for(
    stage: Stage,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    coming: dict[float, list[Event]],
    came: bool,
    until_s: float,
) -> None:
    stage.recorder.record(*subscribed(), *published("a", "b"))
    slowly = Slowly(stage, coming)
    monkeypatch.setattr(waits, "time", slowly)
    monkeypatch.setattr(stage.recorder, "wait_for", slowly.wait_for)
    tasks = ["a", "b", *(str(s) for s in coming if s % 10 == 0 and s)]
    assert acknowledged(stage, cast, tasks, [worker()]) is came
    assert slowly.now_s == until_s
    told = [event.told for event in stage.recorder.history().of(WaitedInVain)]
    assert [text.startswith(f"waited {until_s:.1f} s for ") for text in told] == [True] * (not came)


def test_who_may_come_back_is_waited_for(
    stage: Stage, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits, "IDLE_LIMIT_S", LIMIT_S)
    stage.recorder.record(*subscribed(), *closed())
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(acknowledged, stage, cast, ["a"], [worker()])
        with pytest.raises(TimeoutError):
            waiting.result(0.2)
        stage.recorder.record(*subscribed(), *sent("a"), *acked("a"))
        assert waiting.result(LIMIT_S)


def test_what_is_not_understood_at_all_was_received_as_delivered(
    stage: Stage, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits, "IDLE_LIMIT_S", 0.1)
    stage.recorder.record(*subscribed(), *sent("a", "b"), *received("SIGTERM"))
    assert all_received(stage, cast, ["a", "b"], [worker()])


def impatient(stage: Stage) -> None:
    settings = replace(stage.session.settings, wait_s=0.1)
    stage.session.settings = settings


def test_a_wait_that_times_out_tells_a_story_and_makes_the_next_ones_short(
    stage: Stage, cast: Cast
) -> None:
    impatient(stage)
    stage.recorder.record(*subscribed(), *sent("a", "b"), *acked("a"))
    assert not acknowledged(stage, cast, ["a", "b"], [worker("C1"), worker("C2")])
    [waited] = stage.recorder.history().of(WaitedInVain)
    assert waited.kind == "acknowledged"
    assert waited.told == "waited 0.1 s for 'b' (of 2) to be acknowledged by C1, C2."
    stage.session.settings = replace(stage.session.settings, wait_s=20.0)
    assert stage.wait_s == AFTER_A_WAIT_IN_VAIN_S


def test_acknowledgements_are_counted_from_the_start_of_the_broker_on(
    stage: Stage, cast: Cast
) -> None:
    impatient(stage)
    before = [*subscribed(), *sent("a", "b"), *acked("a", "b")]
    stage.recorder.record(*before, BrokerStarted(at_ns=0))
    assert not waits.wait_acknowledgements(stage, cast, 2, [worker()])
    [waited] = stage.recorder.history().of(WaitedInVain)
    assert waited.told.startswith("waited 0.1 s for 2 acknowledgements by C1; there were 0")
    stage.recorder.record(*sent("a", "b"), *acked("a", "b"))
    assert waits.wait_acknowledgements(stage, cast, 2, [worker()])


def test_who_subscribed_before_the_queue_was_deleted_is_not_back(stage: Stage, cast: Cast) -> None:
    impatient(stage)
    deleted = QueueDeleted(**at("tool", 7), channel=1, queue="q", message_count=0)
    stage.recorder.record(*subscribed("C1"), *subscribed("C2"), deleted, *subscribed("C2"))
    assert not ended_or_back(stage, cast, [], [worker("C1"), worker("C2")])
    [waited] = stage.recorder.history().of(WaitedInVain)
    assert (waited.kind, waited.told) == (
        "ended or back",
        "waited 0.1 s for C1 to end, or to subscribe again.",
    )


def test_something_held_back(stage: Stage, cast: Cast) -> None:
    impatient(stage)
    landed = FaultLanded(at_ns=0, client="C2", fault="HoldBack", proof="")
    stage.recorder.record(landed)
    assert not waits.wait_held_back(stage, cast, worker("C1"))
    assert waits.wait_held_back(stage, cast, worker("C2"))


def test_those_who_run_are_waited_for(stage: Stage, cast: Cast) -> None:
    impatient(stage)
    stage.recorder.record(*ended("C1"))
    assert waits.wait_exited(stage, cast, [worker("C1")])
    assert not waits.wait_exited(stage, cast, [worker("C1"), worker("C2")])
    [waited] = stage.recorder.history().of(WaitedInVain)
    assert waited.told == "waited 0.1 s for C2 to end."
