"""Cast: what a producer sent, when a worker has subscribed, and when workers are at rest."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from filaprova.errors import ProgramFailed
from filaprova.record.act import Continued, Frozen, WaitedInVain
from filaprova.record.event import Event
from filaprova.record.program import (
    ProgramExited,
    ProgramStarted,
    TaskDone,
    TaskReceived,
    WorkBegan,
    WorkEnded,
)
from filaprova.record.wire import (
    Bound,
    ConsumerStarted,
    Delivered,
    ExchangeDeclared,
    PollEmpty,
    Published,
    QueueDeclared,
    Settled,
)
from filaprova.scenario import cast as cast_module
from filaprova.scenario.cast import Cast, Sent, Worker
from filaprova.scenario.hand import Hand
from filaprova.scenario.stage import Stage

LIMIT_S = 20.0
QUIET = "import signal\nwhile True: signal.sigtimedwait([], 0.1)\n"


@pytest.fixture
def cast(stage: Stage, tmp_path: Path) -> Iterator[Cast]:
    cast = Cast(stage, tmp_path)
    yield cast
    cast.end()


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write(source: str, name: str = "program.py") -> str:
        (tmp_path / name).write_text(textwrap.dedent(source))
        return name

    return write


def at(client: str = "program", channel: int = 1) -> dict[str, Any]:
    return {"at_ns": 0, "client": client, "connection": 1, "channel": channel}


def published(task: str, key: str = "q", *, client: str = "program", **others: Any) -> Published:
    what: dict[str, Any] = {"exchange": "", **others}
    return Published(
        **at(client),
        task=task,
        routing_key=key,
        persistent=True,
        mandatory=False,
        body_bytes=1,
        **what,
    )


def declared(queue: str, client: str = "program", **arguments: int) -> QueueDeclared:
    return QueueDeclared(
        **at(client),
        queue=queue,
        passive=False,
        durable=True,
        exclusive=False,
        auto_delete=False,
        ready_count=0,
        consumer_count=0,
        arguments=dict(arguments),
    )


def exchange(name: str, kind: str) -> ExchangeDeclared:
    return ExchangeDeclared(
        **at(), exchange=name, kind=kind, passive=False, durable=True, auto_delete=False
    )


def delivered(task: str, **others: Any) -> Delivered:
    what: dict[str, Any] = {"consumer_tag": "t", "no_ack": False, "delivery_tag": 1, "queue": "q"}
    return Delivered(**at("C1"), task=task, redelivered=False, body_bytes=1, **what | others)


def taken_from(queue: str) -> Delivered:
    """The program itself took its task out of this queue again."""
    return msgspec.structs.replace(delivered("t1", queue=queue), client="program")


SETTLED = Settled(**at("C1"), task="t", delivery_tag=1, how="ack")
SUBSCRIBED = ConsumerStarted(
    **at("C1"), queue="q", consumer_tag="t", no_ack=False, prefetch_count=0
)


# ------------------------------------------------------------------ what was sent


@pytest.mark.parametrize(
    ("events", "sent"),
    [
        ([declared("q"), published("a"), published("b")], Sent(queue="q", tasks=["a", "b"])),
        (
            [declared("q"), declared("r"), published("a", "r"), published("b"), published("c")],
            Sent(queue="q", tasks=["b", "c"]),
        ),
        (
            [declared("q"), published("a"), published("x", client="C1"), published("b", "none")],
            Sent(queue="q", tasks=["a"]),
        ),
        (
            [
                declared("q"),
                exchange("e", "topic"),
                Bound(**at(), source="e", destination="q", routing_key="task.#"),
                published("a", "task.new", exchange="e"),
                published("b", "other", exchange="e"),
            ],
            Sent(queue="q", tasks=["a"]),
        ),
    ],
    ids=["one queue", "several", "not another's, not what went nowhere", "an exchange of its own"],
)
def test_what_was_sent(
    cast: Cast, stage: Stage, write: Any, events: list[Event], sent: Sent
) -> None:
    cast.run(write("pass"), [], must_succeed=False)
    stage.recorder.record(*events)
    assert cast.sent(stage.since(0), "program.py") == sent
    assert stage.recorder.history().of(WaitedInVain) == []


@pytest.mark.parametrize(
    "limit", ["x-max-length", "x-max-length-bytes", "x-message-ttl", "x-expires"]
)
@pytest.mark.parametrize("first", ["a", "b"])
def test_of_two_queues_with_as_many_the_one_without_a_limit_is_the_one(
    cast: Cast, stage: Stage, write: Any, limit: str, first: str
) -> None:
    cast.run(write("pass"), [], must_succeed=False)
    queues = [declared("a", **{limit: 5}), declared("b", **{"x-max-priority": 5})]
    both = [published("t1", "a"), published("t1", "b")]
    stage.recorder.record(*queues, *sorted(both, key=lambda event: event.routing_key != first))
    assert cast.sent(stage.since(0), "program.py") == Sent(queue="b", tasks=["t1"])


@pytest.mark.parametrize(
    "more",
    [
        [published("t1", "a"), published("t2", "a"), published("t1", "b")],
        [
            published("t1", "a"),
            published("t1", "b"),
            msgspec.structs.replace(SUBSCRIBED, queue="a"),
        ],
        [published("t1", "b"), published("t1", "a"), taken_from("b")],
    ],
    ids=["it got more", "somebody else consumes it", "its publisher took from the other"],
)
def test_a_queue_with_a_limit_is_the_one_where_more_speaks_for_it(
    cast: Cast, stage: Stage, write: Any, more: list[Event]
) -> None:
    cast.run(write("pass"), [], must_succeed=False)
    stage.recorder.record(declared("a", **{"x-max-length": 5}), declared("b"), *more)
    assert cast.sent(stage.since(0), "program.py").queue == "a"


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([declared("q")], "it ended without publishing anything."),
        (
            [declared("q"), published("a", "none"), published("b", "none")],
            "2 tasks went to queue 'none', which was not there.",
        ),
        (
            [declared("q", "C1"), exchange("e", "fanout"), published("a", exchange="e")],
            "1 tasks went to exchange 'e' with key 'q'.",
        ),
    ],
    ids=["nothing", "to no queue", "to an exchange that routes it nowhere"],
)
def test_who_fills_no_queue_is_told_and_the_queue_is_judged(
    cast: Cast, stage: Stage, write: Any, events: list[Event], told: str
) -> None:
    cast.run(write("pass"), [], must_succeed=False)
    stage.recorder.record(*events)
    assert cast.sent(stage.since(0), "program.py") == Sent(queue="q", tasks=[])
    [waited] = stage.recorder.history().of(WaitedInVain)
    assert told in waited.told.splitlines()[0]


def test_who_fills_no_queue_where_there_is_none_has_failed(
    cast: Cast, stage: Stage, write: Any
) -> None:
    cast.run(write("pass"), [], must_succeed=False)
    with pytest.raises(ProgramFailed, match="ended without publishing anything"):
        cast.sent(stage.since(0), "program.py")


def test_a_producer_that_fails_when_it_has_published_is_on_the_record(
    cast: Cast, stage: Stage, write: Any
) -> None:
    program = write("import sys\nsys.stdin.read()\nsys.exit(3)")
    recording = recorded_at_start(stage, published("a"))
    with recording:
        cast.run(program, [], must_succeed=False)
    [waited] = stage.recorder.history().of(WaitedInVain)
    assert "it should have ended with exit status 0." in waited.told
    assert stage.wait_s == 20.0


def test_a_producer_that_does_not_end_is_ended(cast: Cast, stage: Stage, write: Any) -> None:
    stage.session.settings = replace(stage.session.settings, wait_s=1.0)
    with recorded_at_start(stage, published("a")):
        cast.run(write(QUIET), [], must_succeed=False)
    [waited] = stage.recorder.history().of(WaitedInVain)
    assert "it did not end within 1 s." in waited.told
    assert len(stage.recorder.history().of(ProgramExited)) == 1


@pytest.mark.parametrize("must_succeed", [True, False])
def test_a_producer_that_fails_and_has_done_nothing_has_failed(
    cast: Cast, write: Any, must_succeed: bool
) -> None:
    with pytest.raises(ProgramFailed, match="it should have ended with exit status 0"):
        cast.run(write("raise SystemExit(3)"), [], must_succeed=must_succeed)


class recorded_at_start:  # noqa: N801
    """Put events on the record as soon as a program has been started."""

    def __init__(self, stage: Stage, *events: Event) -> None:
        self._stage, self._events = stage, events
        self._threads = ThreadPoolExecutor(1)

    def __enter__(self) -> None:
        self._future = self._threads.submit(self._record)

    def _record(self) -> None:
        self._stage.recorder.wait_for(
            lambda event: isinstance(event, ProgramStarted), what="a start", timeout_s=LIMIT_S
        )
        self._stage.recorder.record(*self._events)

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown()
        self._future.result()


# ------------------------------------------------------------------ subscribing


@pytest.mark.parametrize(
    "event",
    [SUBSCRIBED, PollEmpty(**at("C1"), queue="q"), delivered("t", consumer_tag=None)],
    ids=["consume", "get-empty", "get-ok"],
)
def test_who_consumes_or_polls_has_subscribed(
    cast: Cast, stage: Stage, write: Any, event: Event
) -> None:
    with recorded_at_start(stage, event):
        [worker] = cast.start(["C1"], write(QUIET))
    assert worker.process.running
    assert stage.recorder.history().of(WaitedInVain) == []


def test_who_does_neither_is_told_and_stays(cast: Cast, stage: Stage, write: Any) -> None:
    stage.session.settings = replace(stage.session.settings, wait_s=0.3)
    [worker] = cast.start(["C1"], write(QUIET))
    assert worker.process.running
    [waited] = stage.recorder.history().of(WaitedInVain)
    assert (waited.kind, waited.told.splitlines()[0]) == (
        "subscribed",
        "C1 (program.py): it did not subscribe within 0.3 s.",
    )


PINGED = delivered("ping", consumer_tag=None, queue="amq.gen-1")


OWN = msgspec.structs.replace(declared("q", "C1"), exclusive=True)


@pytest.mark.parametrize("events", [[PINGED], [OWN, SUBSCRIBED]], ids=["named", "exclusive"])
def test_what_it_takes_from_a_queue_of_its_own_is_no_task(
    cast: Cast, stage: Stage, write: Any, events: list[Event]
) -> None:
    stage.session.settings = replace(stage.session.settings, wait_s=0.3)
    with recorded_at_start(stage, *events):
        cast.start(["C1"], write(QUIET))
    [waited] = stage.recorder.history().of(WaitedInVain)
    assert waited.kind == "subscribed"


def test_a_queue_that_the_broker_named_and_it_bound_may_be_one_of_tasks(
    cast: Cast, stage: Stage, write: Any
) -> None:
    bound = Bound(
        **at("C1"), source="E", destination="amq.gen-1", to_exchange=False, routing_key=""
    )
    with recorded_at_start(stage, bound, PINGED):
        cast.start(["C1"], write(QUIET))
    assert stage.recorder.history().of(WaitedInVain) == []


def test_who_ends_before_has_failed(cast: Cast, write: Any) -> None:
    with pytest.raises(ProgramFailed, match="it ended before it subscribed to a queue"):
        cast.start(["C1"], write("pass"))


def test_a_sleep_before_it_subscribes_is_not_what_it_is_to_stop_in(
    cast: Cast, stage: Stage, write: Any
) -> None:
    program = write("import time\nwork = time.sleep\nwork(1)\nwork(1)\nprint('here')\n" + QUIET)
    with ThreadPoolExecutor(1) as threads:
        started = threads.submit(cast.start, ["C1"], program, 1)
        stage.recorder.wait_for(
            lambda event: getattr(event, "text", "") == "here", what="it", timeout_s=LIMIT_S
        )
        stage.recorder.record(SUBSCRIBED)
        [worker] = started.result(LIMIT_S)
    acts = [type(e) for e in stage.recorder.history() if isinstance(e, Frozen | Continued)]
    assert acts == [Frozen, Continued] * 2
    assert worker.process.is_to_stop


# ------------------------------------------------------------------ at rest

RECEIVED = TaskReceived(at_ns=0, client="C1", task="t")
BEGAN = WorkBegan(at_ns=0, client="C1", seconds=1)
ENDED = WorkEnded(at_ns=0, client="C1", seconds=1, complete=True)
DONE = TaskDone(at_ns=0, client="C1", task="t")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cast_module, "REST_LIMIT_S", LIMIT_S)


@pytest.fixture
def quiet_worker(cast: Cast, stage: Stage, write: Any) -> Worker:
    with recorded_at_start(stage, SUBSCRIBED):
        [worker] = cast.start(["C1"], write(QUIET))
    return worker


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("events", "last"),
    [
        ([delivered("t"), BEGAN], ENDED),
        ([delivered("t"), SETTLED, DONE, delivered("u", delivery_tag=2), SETTLED], DONE),
        ([delivered("t"), RECEIVED], DONE),
        ([delivered("t"), BEGAN], ProgramExited(at_ns=0, client="C1", pid=1)),
    ],
    ids=["in its work", "about to say that it is done", "may be about to", "ends"],
)
def test_who_is_about_to_tell_something_is_let_tell_it(
    cast: Cast, stage: Stage, quiet_worker: Worker, events: list[Event], last: Event
) -> None:
    stage.recorder.record(*events)
    with ThreadPoolExecutor(1) as threads:
        resting = threads.submit(cast.rest, [quiet_worker])
        with pytest.raises(TimeoutError):
            resting.result(0.2)
        stage.recorder.record(last)
        resting.result(LIMIT_S)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    "events",
    [
        [],
        [delivered("t"), BEGAN, ENDED, SETTLED],
        [delivered("t"), SETTLED, DONE],
        [delivered("t"), SETTLED, DONE, DONE],
        [delivered("t"), RECEIVED, RECEIVED, SETTLED],
    ],
    ids=["idle", "silent", "has said so", "says it twice", "says only what it received"],
)
def test_who_has_told_all_is_not_waited_for(
    cast: Cast, stage: Stage, quiet_worker: Worker, events: list[Event]
) -> None:
    stage.recorder.record(*events)
    assert at_rest_of_itself(cast, [quiet_worker])


@pytest.mark.usefixtures("patient")
def test_who_stands_still_is_not_waited_for(cast: Cast, stage: Stage, quiet_worker: Worker) -> None:
    stage.recorder.record(delivered("t"), BEGAN)
    quiet_worker.process.freeze(timeout_s=LIMIT_S)
    assert at_rest_of_itself(cast, None)


def test_nobody_is_waited_for_for_ever(
    cast: Cast, stage: Stage, quiet_worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cast_module, "REST_LIMIT_S", 0.1)
    stage.recorder.record(delivered("t"), BEGAN)
    assert not at_rest_of_itself(cast, [quiet_worker])


def at_rest_of_itself(cast: Cast, workers: list[Worker] | None) -> bool:
    """Return whether these came to rest, or the limit was reached."""
    asked: list[bool] = []
    original = Hand.is_at_rest

    def is_at_rest(hand: Hand) -> bool:
        asked.append(original.__get__(hand))
        return asked[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Hand, "is_at_rest", property(is_at_rest))
        cast.rest(workers)
    return all(asked[-1:])
