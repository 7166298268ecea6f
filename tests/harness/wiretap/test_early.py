"""What a client sends before the broker is reached arrives, whatever asyncio holds back or not."""

from __future__ import annotations

import asyncio
import socket
from asyncio import selector_events
from collections.abc import Callable
from typing import Any

import pytest

from filaprova.errors import HarnessBug
from filaprova.faults.hold_back import HoldBack
from filaprova.record.act import FaultLanded, HarnessTrouble
from filaprova.record.event import Event
from filaprova.record.observer import Background, origin
from filaprova.record.recorder import Recorder
from filaprova.record.wire import Published, SocketClosed, SocketRefused
from filaprova.waiting import wait_until
from filaprova.wiretap import connection as connection_module
from filaprova.wiretap.end import READ_BYTES, End
from filaprova.wiretap.tap import Tap, Wiretap
from tests.harness.wiretap.conftest import PlayedBroker
from tests.harness.wiretap.test_life_cycle import reset
from tests.harness.wiretap.wire import (
    OPEN_CHANNEL,
    TIMEOUT_S,
    connect,
    publish,
    read,
    read_to_end,
)

WaitFor = Callable[..., Event]


def reads_all_the_same(transport: Any, descriptor: int, read_ready: Any) -> None:
    """Do as Python 3.11.2: once it is made, a transport reads, paused or not."""
    if not transport._closing:
        transport._loop._add_reader(descriptor, read_ready)


@pytest.fixture(params=["as it is", "as in Python 3.11.2", "pauses are ignored"])
def pausing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have asyncio deliver bytes although reading was paused."""
    how = str(request.param)
    if how == "as in Python 3.11.2":
        monkeypatch.setattr(
            selector_events._SelectorTransport,  # type: ignore[attr-defined]
            "_add_reader",
            reads_all_the_same,
        )
    elif how == "pauses are ignored":
        monkeypatch.setattr(End, "pause_reading", lambda _: None)
    return how


def early_bytes(tap: Tap) -> int:
    return sum(each.client_end.read_bytes for each in tap._connections)


def ended(client: socket.socket) -> bool:
    """Tell whether the other side has closed, with unread bytes or without."""
    try:
        return read_to_end(client) == b""
    except ConnectionResetError:
        return True


def ended_early(tap: Tap) -> bool:
    return any(each._ended_early for each in tap._connections)


def test_what_comes_before_the_broker_is_reached_arrives_in_order(
    pausing: str, tap: Tap, broker: PlayedBroker, recorder: Recorder, wait_for: WaitFor
) -> None:
    tap.hold()
    expected = OPEN_CHANNEL
    with connect(tap.address) as client:
        client.sendall(OPEN_CHANNEL)
        if pausing != "as it is":
            wait_until(
                lambda: early_bytes(tap) == len(OPEN_CHANNEL), what="the bytes", timeout_s=TIMEOUT_S
            )
        for number in range(20):
            expected += publish(b"%d" % number)
            client.sendall(publish(b"%d" % number))
        tap.release()
        accepted = broker.accept()
        client.sendall(publish(b"after"))
        expected += publish(b"after")
        assert read(accepted, len(expected)) == expected
        tap.dry(timeout_s=5.0)
        tasks = [event.task for event in recorder.history().of(Published)]
        assert tasks == [*map(str, range(20)), "after"]
    assert read_to_end(accepted) == b""
    closed = wait_for(SocketClosed, by="client")
    assert isinstance(closed, SocketClosed)
    assert closed.client_read_bytes == closed.client_forwarded_bytes == len(expected)
    assert recorder.history().of(HarnessTrouble) == []


def test_a_client_that_stops_sending_before_the_broker_is_reached(
    pausing: str, tap: Tap, broker: PlayedBroker, recorder: Recorder, wait_for: WaitFor
) -> None:
    tap.hold()
    with connect(tap.address) as client:
        client.sendall(OPEN_CHANNEL + publish(b"all"))
        client.shutdown(socket.SHUT_WR)
        if pausing == "as in Python 3.11.2":
            wait_until(lambda: early_bytes(tap) > 0, what="the bytes", timeout_s=TIMEOUT_S)
        elif pausing == "pauses are ignored":
            wait_until(lambda: ended_early(tap), what="the end", timeout_s=TIMEOUT_S)
        tap.release()
        accepted = broker.accept()
        assert read_to_end(accepted) == OPEN_CHANNEL + publish(b"all")
        wait_for(SocketClosed, by="client", connection=1)
        accepted.sendall(b"bye")
        accepted.close()
        assert read_to_end(client) == b"bye"
    assert [event.task for event in recorder.history().of(Published)] == ["all"]


def test_a_client_that_sends_nothing_but_its_end(
    pausing: str, tap: Tap, broker: PlayedBroker, wait_for: WaitFor
) -> None:
    tap.hold()
    with connect(tap.address) as client:
        client.shutdown(socket.SHUT_WR)
        if pausing != "as it is":
            wait_until(lambda: ended_early(tap), what="the end", timeout_s=TIMEOUT_S)
        tap.release()
        accepted = broker.accept()
        assert read_to_end(accepted) == b""
        wait_for(SocketClosed, by="client", client_read_bytes=0)


def test_a_fault_that_is_armed_meets_what_came_early(
    pausing: str, tap: Tap, broker: PlayedBroker, wait_for: WaitFor
) -> None:
    tap.hold()
    with connect(tap.address) as client:
        client.sendall(OPEN_CHANNEL)
        if pausing != "as it is":
            wait_until(lambda: early_bytes(tap) > 0, what="the bytes", timeout_s=TIMEOUT_S)
        tap.arm(HoldBack("client"))
        tap.release()
        accepted = broker.accept()
        wait_for(FaultLanded, proof="held back the protocol header")
    assert read_to_end(accepted) == b""
    closed = wait_for(SocketClosed, by="client")
    assert isinstance(closed, SocketClosed)
    assert closed.client_forwarded_bytes == 0
    assert closed.client_read_bytes == closed.client_withheld_bytes == len(OPEN_CHANNEL)


def test_a_held_client_fills_no_memory_where_pausing_anew_helps(
    monkeypatch: pytest.MonkeyPatch, tap: Tap, broker: PlayedBroker
) -> None:
    monkeypatch.setattr(
        selector_events._SelectorTransport,  # type: ignore[attr-defined]
        "_add_reader",
        reads_all_the_same,
    )
    tap.hold()
    with connect(tap.address) as client:
        client.setblocking(False)
        sent = 0
        piece = OPEN_CHANNEL + publish(b"x" * 60_000) * 50
        while sent < len(piece):
            try:
                sent += client.send(piece[sent:])
            except BlockingIOError:
                break
        wait_until(lambda: early_bytes(tap) > 0, what="the bytes", timeout_s=TIMEOUT_S)
        for _ in range(5):
            tap.dry(timeout_s=5.0)  # the loop has many turns
        assert early_bytes(tap) <= READ_BYTES
        tap.release()
        accepted = broker.accept()
        assert read(accepted, sent) == piece[:sent]


def test_a_client_that_nothing_holds_is_let_go(
    monkeypatch: pytest.MonkeyPatch, tap: Tap, background: Background
) -> None:
    monkeypatch.setattr(End, "pause_reading", lambda _: None)
    monkeypatch.setattr(connection_module, "EARLY_LIMIT_BYTES", 1000)
    tap.hold()
    errors: list[BaseException] = []

    def is_told() -> bool:
        errors.extend(background.take_errors())
        return bool(errors)

    with connect(tap.address) as client:
        client.sendall(bytes(1000))
        wait_until(lambda: early_bytes(tap) == 1000, what="the bytes", timeout_s=TIMEOUT_S)
        tap.dry(timeout_s=5.0)
        assert not is_told()
        client.sendall(bytes(1))
        wait_until(is_told, what="the error", timeout_s=TIMEOUT_S)
        wait_until(lambda: not tap._connections, what="the end", timeout_s=TIMEOUT_S)
    tap.release()
    (error,) = errors
    assert isinstance(error, HarnessBug)
    assert str(error) == "1001 bytes came although reading was paused"
    assert origin(error) == "the tap of C1, holding the client back"


def test_a_broker_that_is_down_gets_nothing_later(
    pausing: str, tap: Tap, broker: PlayedBroker, recorder: Recorder, wait_for: WaitFor
) -> None:
    assert pausing
    broker.stop()
    tap.hold()
    with connect(tap.address) as client:
        client.sendall(OPEN_CHANNEL)
        tap.dry(timeout_s=5.0)
        tap.release()
        wait_for(SocketRefused, connection=1)
    wait_until(lambda: not tap._connections, what="the end", timeout_s=TIMEOUT_S)
    assert recorder.history().of(HarnessTrouble) == []


def test_a_broken_address_does_not_keep_the_tap_open(
    monkeypatch: pytest.MonkeyPatch, background: Background, recorder: Recorder
) -> None:
    def address() -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(End, "pause_reading", lambda _: None)
    tap = Wiretap(background, recorder, address).open("C1")  # type: ignore[arg-type]
    tap.hold()
    with connect(tap.address) as client:
        client.sendall(OPEN_CHANNEL)
        wait_until(lambda: early_bytes(tap) > 0, what="the bytes", timeout_s=TIMEOUT_S)
        tap.release()
        assert ended(client)
    wait_until(lambda: not tap._connections, what="the end", timeout_s=TIMEOUT_S)
    tap.close()
    (error,) = background.take_errors()
    assert origin(error) == "the tap of C1, connecting to the broker"


def test_a_client_that_has_left_without_a_word_is_nothing_to_the_broker(
    monkeypatch: pytest.MonkeyPatch, tap: Tap, broker: PlayedBroker, recorder: Recorder
) -> None:
    monkeypatch.setattr(End, "pause_reading", lambda _: None)
    tap.hold()
    client = connect(tap.address)
    tap.dry(timeout_s=5.0)
    assert len(tap._connections) == 1
    reset(client)
    wait_until(lambda: not tap._connections, what="the end", timeout_s=TIMEOUT_S)
    tap.release()
    assert read_to_end(broker.accept()) == b""
    assert len(recorder) == 0


def test_what_came_of_a_client_that_has_reset_its_connection_arrives_too(
    pausing: str, tap: Tap, broker: PlayedBroker, recorder: Recorder, wait_for: WaitFor
) -> None:
    tap.hold()
    client = connect(tap.address)
    client.sendall(OPEN_CHANNEL + publish(b"x"))
    if pausing != "as it is":
        wait_until(lambda: early_bytes(tap) > 0, what="the bytes", timeout_s=TIMEOUT_S)
    reset(client)
    if pausing == "pauses are ignored":
        wait_until(
            lambda: all(each.client_end.is_closed for each in tap._connections),
            what="the end",
            timeout_s=TIMEOUT_S,
        )
    tap.release()
    with broker.accept() as accepted:
        assert read_to_end(accepted) == OPEN_CHANNEL + publish(b"x")
    wait_for(SocketClosed, by="client")
    wait_until(lambda: not tap._connections, what="the end", timeout_s=TIMEOUT_S)
    assert [event.task for event in recorder.history().of(Published)] == ["x"]
    assert recorder.history().of(HarnessTrouble) == []


@pytest.mark.parametrize("is_down", [True, False])
def test_what_is_kept_of_a_client_that_has_left_does_not_keep_the_tap_open(
    is_down: bool,
    monkeypatch: pytest.MonkeyPatch,
    tap: Tap,
    broker: PlayedBroker,
    recorder: Recorder,
    wait_for: WaitFor,
) -> None:
    monkeypatch.setattr(End, "pause_reading", lambda _: None)
    tap.hold()
    client = connect(tap.address)
    client.sendall(OPEN_CHANNEL)
    wait_until(lambda: early_bytes(tap) > 0, what="the bytes", timeout_s=TIMEOUT_S)
    reset(client)
    (connection,) = tap._connections
    wait_until(lambda: connection.client_end.is_closed, what="the end", timeout_s=TIMEOUT_S)
    if is_down:
        broker.stop()
        tap.release()
        wait_for(SocketRefused, connection=1)
        wait_until(lambda: not tap._connections, what="the end", timeout_s=TIMEOUT_S)
    tap.close()
    assert not tap._connections
    assert recorder.history().of(HarnessTrouble) == []


def test_the_transport_is_one_that_pausing_is_asked_of() -> None:
    """Tell apart a Python whose transports have become others: the tests above patch them."""
    assert issubclass(
        selector_events._SelectorSocketTransport,  # type: ignore[attr-defined]
        asyncio.Transport,
    )
