"""Freeze, look, strike, with a real program that does what the test tells it through a pipe."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from filaprova.address import Address
from filaprova.programs.program import Process
from filaprova.programs.surroundings import LaunchSettings
from filaprova.reaper import Reaper
from filaprova.record.act import (
    PROGRAM_ENDED,
    Continued,
    Frozen,
    StrikeMissed,
    Struck,
)
from filaprova.record.event import Event
from filaprova.record.observer import Background
from filaprova.record.program import (
    ProgramExited,
    TaskDone,
    TaskReceived,
    WorkBegan,
    WorkEnded,
)
from filaprova.record.recorder import Recorder
from filaprova.record.wire import ChannelClosed, Delivered, Settled, SocketClosed
from filaprova.scenario.hand import Hand
from filaprova.scenario.strike import (
    KILLED_LIMIT_S,
    LOOK_TIMEOUT_S,
    Look,
    catch_mid_task,
    strike,
)
from filaprova.waiting import Waited, wait_until, waits_told_to
from filaprova.wiretap.tap import Tap, Wiretap
from tests.harness.amqp.bytes import PROTOCOL_HEADER, ack, consume, consume_ok, deliver
from tests.harness.wiretap.conftest import PlayedBroker
from tests.harness.wiretap.wire import read

LIMIT_S = 20.0
AT: dict[str, Any] = {"at_ns": 0, "client": "C1", "connection": 1}
PATIENCE_S = 5.0
"""How long a strike waits for a task that does come."""
PUPPET = """#!/usr/bin/env python3
import os, signal, socket, sys
from urllib.parse import urlsplit

signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
address = urlsplit(os.environ["AMQP_URL"])
for line in open(sys.argv[1]):
    exec(line)
"""


class Puppet:
    """A program, its tap, and the hand that moves it."""

    def __init__(self, process: Process, tap: Tap, recorder: Recorder, orders: int) -> None:
        self.process = process
        self.tap = tap
        self.recorder = recorder
        self._orders = orders

    def do(self, statement: str) -> None:
        """Have it execute a line of Python."""
        os.write(self._orders, statement.encode() + b"\n")

    def say(self, *lines: str) -> None:
        """Have it print lines; return when they are on the record."""
        since = len(self.recorder)
        self.do(f"print({chr(10).join(lines)!r}, flush=True)")
        self.recorder.wait_for(
            lambda event: getattr(event, "text", None) == lines[-1],
            what="the puppet's line",
            timeout_s=LIMIT_S,
            since=since,
        )

    def seen(self, *events: Event) -> None:
        """Put events on the record as if the observer had seen them."""
        self.recorder.record(*events)

    def catch(self, timeout_s: float = 0.1) -> Look | None:
        return catch_mid_task(self.process, self.tap, self.recorder, timeout_s=timeout_s)

    def caught(self, timeout_s: float = 0.1) -> Look:
        look = self.catch(timeout_s)
        assert look is not None
        return look

    def strike(self, how: signal.Signals, timeout_s: float = LIMIT_S) -> ProgramExited | None:
        return strike(self.process, self.caught(), self.recorder, how, timeout_s=timeout_s)

    @property
    def stands_still(self) -> bool:
        return psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED

    def count(self, kind: type[Event]) -> int:
        return len(self.recorder.history().of(kind))


@pytest.fixture
def broker() -> Iterator[PlayedBroker]:
    broker = PlayedBroker()
    yield broker
    broker.stop()


@pytest.fixture
def puppet(
    background: Background,
    recorder: Recorder,
    reaper: Reaper,
    broker: PlayedBroker,
    tmp_path: Path,
) -> Iterator[Puppet]:
    program, orders = tmp_path / "puppet", tmp_path / "orders"
    program.write_text(PUPPET)
    program.chmod(0o755)
    os.mkfifo(orders)
    with contextlib.ExitStack() as stack:
        wiretap = Wiretap(background, recorder, broker.address)
        stack.callback(wiretap.close)
        stack.callback(broker.stop)  # a closing wiretap hears brokers out that have not closed
        tap = wiretap.open("C1")
        process = Process.start(
            background=background,
            recorder=recorder,
            reaper_environment=reaper.environment,
            client="C1",
            role="worker",
            program=program,
            arguments=[str(orders)],
            settings=settings(tap.address, reaper.scratch),
        )
        stack.callback(process.end)
        pen = os.open(orders, os.O_RDWR)
        stack.callback(os.close, pen)
        puppet = Puppet(process, tap, recorder, pen)
        puppet.say("ready")
        yield puppet


def settings(address: Address, scratch: Path) -> LaunchSettings:
    return LaunchSettings(
        host=address.host,
        port=address.port,
        virtual_host="v",
        user="u",
        password="p",
        seed=1,
        seconds_per_dot=1.0,
        scratch=scratch,
    )


@pytest.fixture
def beside() -> Iterator[Callable[..., Future[Look]]]:
    """Do something in another thread, so that the test can go on."""
    with ThreadPoolExecutor(1) as threads:
        yield threads.submit


def received(task: str, client: str = "C1") -> TaskReceived:
    return TaskReceived(at_ns=0, client=client, task=task)


def sent(*tasks: str) -> list[Delivered]:
    """Return deliveries that need no acknowledgement."""
    return [delivered(task, 100 + at, no_ack=True) for at, task in enumerate(tasks)]


def began(client: str = "C1") -> WorkBegan:
    return WorkBegan(at_ns=0, client=client, seconds=1)


def ended(client: str = "C1") -> WorkEnded:
    return WorkEnded(at_ns=0, client=client, seconds=1, complete=True)


def done(client: str = "C1") -> TaskDone:
    return TaskDone(at_ns=0, client=client, task=None)


def delivered(
    task: str,
    tag: int,
    *,
    client: str = "C1",
    connection: int = 1,
    channel: int = 1,
    no_ack: bool = False,
) -> Delivered:
    return Delivered(
        at_ns=0,
        client=client,
        connection=connection,
        channel=channel,
        task=task,
        queue="q",
        consumer_tag="c",
        delivery_tag=tag,
        redelivered=False,
        no_ack=no_ack,
        body_bytes=2,
    )


def settled(tag: int, *, client: str = "C1", connection: int = 1, channel: int = 1) -> Settled:
    return Settled(
        at_ns=0,
        client=client,
        connection=connection,
        channel=channel,
        task=None,
        delivery_tag=tag,
        how="ack",
    )


def wait_for(recorder: Recorder, kind: type[Event]) -> Event:
    return recorder.wait_for(
        lambda event: isinstance(event, kind), what=kind.__name__, timeout_s=LIMIT_S
    )


# ------------------------------------------------------------------ catch


def test_one_that_is_at_work_is_caught_at_once_and_stays_frozen(puppet: Puppet) -> None:
    puppet.seen(*sent("t1", "t2", "t3"))
    for task in ("t1", "t2"):
        puppet.say(f"[x] Received '{task}'", "[x] Done")
    puppet.say("[x] Received 't3'")
    look = puppet.caught()
    assert look == Look(in_hand="t3", received_count=3, done_count=2, unsettled=[], look_count=1)
    assert puppet.stands_still
    assert [puppet.count(kind) for kind in (Frozen, Continued, StrikeMissed)] == [1, 0, 0]


def test_one_between_two_tasks_runs_on_to_its_next(puppet: Puppet, beside) -> None:
    puppet.seen(*sent("t1", "t2"))
    puppet.say("[x] Received 't1'", "[x] Done")
    caught = beside(puppet.caught, PATIENCE_S)
    wait_for(puppet.recorder, Continued)
    puppet.say("[x] Received 't2'")
    look = caught.result(LIMIT_S)
    assert (look.in_hand, look.received_count, look.done_count) == ("t2", 2, 1)
    assert look.look_count == puppet.count(Frozen) == 2
    assert puppet.stands_still


def test_one_that_is_too_quick_twice_is_caught_the_third_time(puppet: Puppet, beside) -> None:
    """A task that was received and done before the freeze is a reason to look again, no more."""
    puppet.seen(*sent("t1", "t2"))
    caught = beside(puppet.caught, PATIENCE_S)
    wait_for(puppet.recorder, Continued)
    puppet.seen(received("t1"), done())
    puppet.recorder.wait_for(
        lambda _: puppet.count(Continued) == 2, what="another look", timeout_s=LIMIT_S
    )
    puppet.seen(received("t2"))
    assert caught.result(LIMIT_S).look_count == puppet.count(Frozen) == 3


def test_what_was_written_before_the_freeze_is_read_before_the_look(
    puppet: Puppet, broker: PlayedBroker, background: Background, tmp_path: Path
) -> None:
    """The observer reads nothing until the puppet stands still: all is still in the sockets."""
    puppet.do("s = socket.create_connection((address.hostname, address.port))")
    asked = PROTOCOL_HEADER + consume("q", "c")
    puppet.do(f"s.sendall({asked!r})")
    connection = broker.accept()
    assert read(connection, len(asked)) == asked
    connection.sendall(consume_ok("c") + deliver(1, b"t1") + deliver(2, b"t2"))
    wait_for(puppet.recorder, Delivered)
    background.loop.call_soon_threadsafe(wait_for, puppet.recorder, Frozen)
    puppet.do(f"s.sendall({ack(1)!r})")
    puppet.do("print(\"[x] Received 't2'\", flush=True)")
    puppet.do(f"open({str(tmp_path / 'written')!r}, 'w')")
    wait_until((tmp_path / "written").exists, what="the puppet to write", timeout_s=LIMIT_S)
    look = puppet.caught()
    assert (look.in_hand, look.unsettled) == ("t2", ["t2"])


def test_each_wait_of_a_look_has_its_limit(puppet: Puppet) -> None:
    puppet.seen(*sent("t1"), received("t1"))
    waits: list[Waited] = []
    with waits_told_to(waits.append):
        puppet.catch()
    limits = {wait.kind: wait.limit_s for wait in waits}
    assert limits["observer's turn"] == LOOK_TIMEOUT_S  # the last one: reading the output
    assert None not in limits.values()


def test_one_that_gets_no_other_task_is_missed(
    puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    puppet.say("[x] Received 't1'", "[x] Done")
    waits: list[Waited] = []
    slept_s: set[float] = set()
    with monkeypatch.context() as patch, waits_told_to(waits.append):
        patch.setattr("filaprova.scenario.strike.LOOK_EVERY_S", 0.0007)
        clock = SimpleNamespace(monotonic=time.monotonic, sleep=slept_s.add)
        patch.setattr("filaprova.waiting.time", clock)
        assert puppet.catch() is None
    assert 0.0007 in slept_s, "a short task is soon over"
    assert [wait.limit_s for wait in waits if wait.kind == "next task"] == [0.1]
    why = "waited 0.1 s for C1 to receive a task that it could be struck in; it did not come."
    [event] = puppet.recorder.history().of(StrikeMissed)
    assert (event.client, event.reason) == ("C1", why)
    assert event.at_ns >= puppet.recorder.history().of(Continued)[0].at_ns
    assert puppet.count(Frozen) == puppet.count(Continued) == 2
    assert not puppet.stands_still


def test_one_that_ends_meanwhile_is_missed(puppet: Puppet, beside) -> None:
    caught = beside(puppet.catch, PATIENCE_S)
    wait_for(puppet.recorder, Continued)
    puppet.do("sys.exit(0)")
    assert caught.result(LIMIT_S) is None
    why = "C1 ended before it could be struck in the middle of a task"
    assert [event.reason for event in puppet.recorder.history().of(StrikeMissed)] == [why]


def test_one_that_had_ended_is_missed(puppet: Puppet) -> None:
    puppet.do("sys.exit(0)")
    puppet.process.wait(timeout_s=LIMIT_S)
    assert puppet.catch() is None
    [missed] = puppet.recorder.history().of(StrikeMissed)
    assert "had ended before it could be sent SIGSTOP" in missed.reason


def test_what_others_do_is_no_reason_to_look_again(puppet: Puppet) -> None:
    puppet.seen(received("t1", "C2"))
    with ThreadPoolExecutor(1) as threads:
        caught = threads.submit(puppet.catch, 0.5)
        wait_for(puppet.recorder, Continued)
        puppet.seen(received("t2", "C2"), ProgramExited(at_ns=0, client="C2", pid=1))
        assert caught.result(LIMIT_S) is None
    assert puppet.count(Frozen) == 2  # at first, and when the time was up


def test_one_that_stops_in_its_works_is_waited_for_there(puppet: Puppet) -> None:
    puppet.seen(*sent("t1", "t2"), received("t1"), began(), ended(), done())
    with ThreadPoolExecutor(1) as threads:
        caught = threads.submit(puppet.catch, 0.5)
        wait_for(puppet.recorder, Continued)
        puppet.seen(received("t2"), began(), ended(), done())
        assert caught.result(LIMIT_S) is None
    assert puppet.count(Frozen) == 2  # at first, and when the time was up


# ------------------------------------------------------------------ look


@pytest.mark.parametrize(
    ("events", "unsettled"),
    [
        ([delivered("t1", 1), delivered("t2", 2)], ["t1", "t2"]),
        ([delivered("t1", 1), delivered("t2", 2), settled(1)], ["t2"]),
        ([delivered("t1", 1), settled(2), settled(1)], []),
        ([delivered("t1", 1), settled(1), settled(1)], []),
        ([delivered("t1", 1, no_ack=True)], []),
        ([delivered("t1", 1, client="C2")], []),
        ([delivered("t1", 1), settled(1, client="C2")], ["t1"]),
        ([delivered("t1", 1), delivered("t2", 1, channel=2), settled(1, channel=2)], ["t1"]),
        ([delivered("t1", 1), delivered("t2", 1, connection=2), settled(1)], ["t2"]),
    ],
    ids=[
        "nothing",
        "the first",
        "all, and one that never was",
        "one twice",
        "of those it need not",
        "another's",
        "by another",
        "on another channel",
        "on another connection",
    ],
)
def test_what_is_settled(puppet: Puppet, events: list[Event], unsettled: list[str]) -> None:
    puppet.seen(*sent("t0"), received("t0"), *events)
    assert puppet.caught().unsettled == unsettled


def test_what_others_print_is_not_in_its_hand(puppet: Puppet) -> None:
    puppet.seen(*sent("t1", "t2"), received("t1"), received("t2", "C2"), done("C2"))
    look = puppet.caught()
    assert (look.in_hand, look.received_count, look.done_count) == ("t1", 1, 0)


# ------------------------------------------------------------------ strike


def test_a_strike_tells_what_was_held_and_kills(puppet: Puppet) -> None:
    puppet.seen(*sent("t1"), received("t1"), began(), ended(), done())
    puppet.seen(delivered("t2", 2), received("t2"), began())
    look = replace(puppet.caught(), look_count=3)
    waits: list[Waited] = []
    with waits_told_to(waits.append):
        strike(puppet.process, look, puppet.recorder, SIGKILL, timeout_s=LIMIT_S)
    assert [each.limit_s for each in waits if each.kind == PROGRAM_ENDED] == [KILLED_LIMIT_S]
    history = puppet.recorder.history()
    [struck] = history.of(Struck)
    assert struck == Struck(
        at_ns=struck.at_ns,
        client="C1",
        signal_name="SIGKILL",
        in_hand="t2",
        received_count=2,
        done_count=1,
        unsettled=["t2"],
        looks=3,
        works_begun=2,
        works_ended=1,
    )
    [frozen], [exited] = history.of(Frozen), history.of(ProgramExited)
    assert frozen.at_ns <= struck.at_ns <= exited.at_ns
    assert list(history).index(struck) < list(history).index(exited)
    assert exited.signal_name == "SIGKILL"


@pytest.mark.parametrize(("how", "ending"), [(SIGINT, (130, None)), (SIGTERM, (None, "SIGTERM"))])
def test_a_gentle_strike_lets_the_handler_run(
    puppet: Puppet, how: signal.Signals, ending: tuple[int | None, str | None]
) -> None:
    puppet.seen(*sent("t1"), received("t1"))
    ended = puppet.strike(how)
    assert ended is not None
    assert [ended] == puppet.recorder.history().of(ProgramExited)
    assert (ended.exit_code, ended.signal_name) == ending


def test_one_that_outlives_the_strike_is_killed(puppet: Puppet) -> None:
    puppet.do("signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    puppet.seen(*sent("t1"))
    puppet.say("deaf", "[x] Received 't1'")
    waits: list[Waited] = []
    with waits_told_to(waits.append):
        assert puppet.strike(SIGTERM, timeout_s=0.1) is None
    assert [each.limit_s for each in waits if each.kind == PROGRAM_ENDED] == [0.1, KILLED_LIMIT_S]
    [gone] = puppet.recorder.history().of(ProgramExited)
    assert gone.signal_name == "SIGKILL"


def test_one_that_takes_its_time_to_end_is_left_it(puppet: Puppet) -> None:
    puppet.do("signal.signal(signal.SIGTERM, lambda *_: print('in a moment', flush=True))")
    puppet.seen(*sent("t1"))
    puppet.say("graceful", "[x] Received 't1'")
    with ThreadPoolExecutor(1) as threads:
        struck = threads.submit(puppet.strike, SIGTERM)
        puppet.recorder.wait_for(
            lambda event: getattr(event, "text", "") == "in a moment",
            what="it to hear of the signal",
            timeout_s=LIMIT_S,
        )
        puppet.do("sys.exit(3)")
        gone = struck.result(LIMIT_S)
    assert gone is not None
    assert gone.exit_code == 3


# ------------------------------------------------------------------ in hand, by all witnesses


def hand(*events: Event) -> Hand:
    hand = Hand("C1")
    for event in events:
        hand.take(event)
    return hand


HAND_OF_T2 = [
    delivered("t1", 1),
    received("t1"),
    done(),
    settled(1),
    delivered("t2", 2),
    delivered("t3", 3),
]


@pytest.mark.parametrize(
    ("events", "in_hand"),
    [
        ([*sent("t1"), received("t1")], "t1"),
        ([received("t1")], None),
        ([delivered("t1", 1), delivered("t2", 2)], "t1"),
        ([delivered("t1", 1), delivered("t2", 2), received("t2")], "t2"),
        ([delivered("t1", 1), delivered("t2", 2), received("SIGTERM")], "t1"),
        ([delivered("t1", 1), delivered("t2", 2), received("t1"), settled(1)], "t2"),
        ([*sent("t1"), began()], None),
        ([delivered("t1", 1), began()], "t1"),
        ([*HAND_OF_T2, received("t3"), settled(3)], "t3"),
        ([delivered("t1", 1), received("t1"), began(), settled(1)], "t1"),
        ([*sent("t1"), received("t1"), began(), ended()], None),
    ],
    ids=[
        "as it says",
        "never sent",
        "the oldest",
        "as it says, not the oldest",
        "what it says is no task",
        "what it says is settled",
        "nobody knows which",
        "at work",
        "as it says, though settled",
        "at work, though settled",
        "never says that it is done",
    ],
)
def test_what_is_in_hand(events: list[Event], in_hand: str | None) -> None:
    assert hand(*events).in_hand == in_hand


@pytest.mark.parametrize(
    ("events", "is_mid_task"),
    [
        ([], False),
        ([began()], False),
        ([*sent("t1"), began()], True),
        ([*sent("t1"), began(), ended()], False),
        ([delivered("t1", 1)], True),
        ([delivered("t1", 1), received("t1"), done()], False),
        ([delivered("t1", 1), delivered("t2", 2), began(), ended()], False),
        ([began(), ended(), delivered("t1", 1)], True),
        ([delivered("t1", 1), settled(1)], False),
        (
            [delivered("t1", 1), ChannelClosed(**AT, channel=1, by="broker", code=406, text="")],
            False,
        ),
        ([delivered("t1", 1), SocketClosed(**AT, by="broker")], False),
        ([delivered("t1", 1), ChannelClosed(**AT, channel=2, by="client", code=1, text="")], True),
    ],
)
def test_what_is_the_middle_of_a_task(events: list[Event], is_mid_task: bool) -> None:
    assert hand(*events).is_mid_task is is_mid_task


def test_one_that_only_holds_what_it_has_done_is_struck_all_the_same(puppet: Puppet) -> None:
    """A worker that never acknowledges holds all, and nothing more of it is to come."""
    puppet.seen(delivered("t1", 1), received("t1"), done())
    look = puppet.caught()
    assert (look.in_hand, look.unsettled, look.look_count) == ("t1", ["t1"], 2)
    assert puppet.stands_still
