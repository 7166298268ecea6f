"""Freeze, look, strike, with a real program that does what the test tells it through a pipe."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM

import psutil
import pytest

import filaprova.scenario.strike
from filaprova.address import Address
from filaprova.errors import FaultMissed, ProgramFailed, TimedOut
from filaprova.programs.program import Process
from filaprova.programs.surroundings import LaunchSettings
from filaprova.reaper import Reaper
from filaprova.record.act import (
    Continued,
    Frozen,
    StrikeMissed,
    Struck,
)
from filaprova.record.event import Event
from filaprova.record.observer import Background
from filaprova.record.program import ProgramExited, TaskDone, TaskReceived
from filaprova.record.recorder import Recorder
from filaprova.record.wire import Delivered, Settled
from filaprova.scenario.strike import LOOK_TIMEOUT_S, Look, catch_mid_task, strike
from filaprova.waiting import Waited, wait_until, waits_told_to
from filaprova.wiretap.tap import Tap, Wiretap
from tests.harness.amqp.bytes import PROTOCOL_HEADER, ack, consume, consume_ok, deliver
from tests.harness.wiretap.conftest import PlayedBroker
from tests.harness.wiretap.wire import read

LIMIT_S = 20.0
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

    def catch(self, timeout_s: float = 0.1) -> Look:
        return catch_mid_task(self.process, self.tap, self.recorder, timeout_s=timeout_s)

    def strike(self, how: signal.Signals) -> None:
        strike(self.process, self.catch(), self.recorder, how)

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
    for task in ("t1", "t2"):
        puppet.say(f"[x] Received '{task}'", "[x] Done")
    puppet.say("[x] Received 't3'")
    look = puppet.catch()
    assert look == Look(in_hand="t3", received_count=3, done_count=2, unsettled=[], look_count=1)
    assert puppet.stands_still
    assert [puppet.count(kind) for kind in (Frozen, Continued, StrikeMissed)] == [1, 0, 0]


def test_one_between_two_tasks_runs_on_to_its_next(puppet: Puppet, beside) -> None:
    puppet.say("[x] Received 't1'", "[x] Done")
    caught = beside(puppet.catch, PATIENCE_S)
    wait_for(puppet.recorder, Continued)
    puppet.say("[x] Received 't2'")
    look = caught.result(LIMIT_S)
    assert (look.in_hand, look.received_count, look.done_count) == ("t2", 2, 1)
    assert look.look_count == puppet.count(Frozen) == 2
    assert puppet.stands_still


def test_one_that_is_too_quick_twice_is_caught_the_third_time(puppet: Puppet, beside) -> None:
    """A task that was received and done before the freeze is a reason to look again, no more."""
    caught = beside(puppet.catch, PATIENCE_S)
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
    look = puppet.catch()
    assert (look.in_hand, look.unsettled) == ("t2", ["t2"])


def test_each_wait_of_a_look_has_its_limit(puppet: Puppet) -> None:
    puppet.seen(received("t1"))
    waits: list[Waited] = []
    with waits_told_to(waits.append):
        puppet.catch()
    limits = {wait.kind: wait.limit_s for wait in waits}
    assert limits["observer's turn"] == LOOK_TIMEOUT_S  # the last one: reading the output
    assert None not in limits.values()


def test_one_that_gets_no_other_task_is_missed(puppet: Puppet) -> None:
    puppet.say("[x] Received 't1'", "[x] Done")
    waits: list[Waited] = []
    with pytest.raises(FaultMissed) as missed, waits_told_to(waits.append):
        puppet.catch()
    assert [wait.limit_s for wait in waits if wait.kind == "next task"] == [0.1]
    why = "waited 0.1 s for C1 to receive a task that it could be struck in; it did not come."
    assert str(missed.value) == f"C1 was never caught in the middle of a task: {why}"
    assert isinstance(missed.value.__cause__, TimedOut)
    [event] = puppet.recorder.history().of(StrikeMissed)
    assert (event.client, event.reason) == ("C1", why)
    assert event.at_ns >= puppet.recorder.history().of(Continued)[0].at_ns
    assert puppet.count(Frozen) == 1
    assert not puppet.stands_still


def test_one_that_ends_meanwhile_is_missed(puppet: Puppet, beside) -> None:
    caught = beside(puppet.catch, PATIENCE_S)
    wait_for(puppet.recorder, Continued)
    puppet.do("sys.exit(0)")
    with pytest.raises(FaultMissed) as missed:
        caught.result(LIMIT_S)
    why = "C1 ended before it could be struck in the middle of a task"
    assert str(missed.value) == f"C1 was never caught in the middle of a task: {why}"
    assert [event.reason for event in puppet.recorder.history().of(StrikeMissed)] == [why]


def test_one_that_had_ended_is_missed(puppet: Puppet) -> None:
    puppet.do("sys.exit(0)")
    puppet.process.wait(timeout_s=LIMIT_S)
    with pytest.raises(FaultMissed, match="had ended before it could be sent SIGSTOP") as missed:
        puppet.catch()
    assert isinstance(missed.value.__cause__, ProgramFailed)
    assert puppet.count(StrikeMissed) == 1


def test_what_others_do_is_no_reason_to_look_again(puppet: Puppet) -> None:
    puppet.seen(received("t1", "C2"))
    with ThreadPoolExecutor(1) as threads:
        caught = threads.submit(puppet.catch, 0.5)
        wait_for(puppet.recorder, Continued)
        puppet.seen(received("t2", "C2"), ProgramExited(at_ns=0, client="C2", pid=1))
        with pytest.raises(FaultMissed, match=r"waited 0\.5 s"):
            caught.result(LIMIT_S)
    assert puppet.count(Frozen) == 1


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
    puppet.seen(received("t1"), *events)
    assert puppet.catch().unsettled == unsettled


def test_what_others_print_is_not_in_its_hand(puppet: Puppet) -> None:
    puppet.seen(received("t1"), received("t2", "C2"), done("C2"))
    look = puppet.catch()
    assert (look.in_hand, look.received_count, look.done_count) == ("t1", 1, 0)


# ------------------------------------------------------------------ strike


def test_a_strike_tells_what_was_held_and_kills(puppet: Puppet) -> None:
    puppet.seen(received("t1"), done(), received("t2"), delivered("t2", 2))
    strike(puppet.process, replace(puppet.catch(), look_count=3), puppet.recorder, SIGKILL)
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
    )
    [frozen], [ended] = history.of(Frozen), history.of(ProgramExited)
    assert frozen.at_ns <= struck.at_ns <= ended.at_ns
    assert list(history).index(struck) < list(history).index(ended)
    assert ended.signal_name == "SIGKILL"


@pytest.mark.parametrize(("how", "ending"), [(SIGINT, (130, None)), (SIGTERM, (None, "SIGTERM"))])
def test_a_gentle_strike_lets_the_handler_run(
    puppet: Puppet, how: signal.Signals, ending: tuple[int | None, str | None]
) -> None:
    puppet.seen(received("t1"))
    puppet.strike(how)
    [ended] = puppet.recorder.history().of(ProgramExited)
    assert (ended.exit_code, ended.signal_name) == ending


def test_one_that_outlives_the_strike_is_told(
    puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filaprova.scenario.strike, "EXIT_TIMEOUT_S", 0.1)
    puppet.do("signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    puppet.say("deaf", "[x] Received 't1'")
    with pytest.raises(ProgramFailed) as failed:
        puppet.strike(SIGTERM)
    assert str(failed.value).startswith(
        "C1 (puppet): it did not end within 0.1 s of SIGTERM.\n  command: "
    )
    assert isinstance(failed.value.__cause__, TimedOut)
