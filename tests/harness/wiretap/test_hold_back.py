"""HoldBack: from arming on nothing of one side reaches the other, nor the record."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from pika import spec

from filaprova.amqp.conversation import Conversation
from filaprova.amqp.frames import Frame, FrameReader
from filaprova.faults.hold_back import HoldBack
from filaprova.record.act import FaultLanded, Withheld
from filaprova.record.event import Event
from filaprova.record.observer import origin
from filaprova.record.recorder import Recorder
from filaprova.record.wire import (
    Delivered,
    Published,
    Settled,
    SocketClosed,
    SocketOpened,
    Undecodable,
)
from filaprova.wiretap.tap import Tap
from tests.harness.amqp.bytes import golden
from tests.harness.wiretap.wire import (
    HEARTBEAT,
    OPEN_CHANNEL,
    ack,
    chunks,
    deliver,
    method,
    publish,
    read,
    read_to_end,
)

Join = Callable[[], tuple[socket.socket, ...]]
WaitFor = Callable[..., Event]


@pytest.fixture
def working(join: Join) -> tuple[socket.socket, ...]:
    """A client that holds delivery 1."""
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    read(broker, len(OPEN_CHANNEL))
    broker.sendall(deliver(1, b"task"))
    read(client, len(deliver(1, b"task")))
    return client, broker


def test_an_ack_is_held_back_and_never_sent(
    working: tuple[socket.socket, ...], tap: Tap, recorder: Recorder, wait_for: WaitFor
) -> None:
    client, broker = working
    tap.arm(HoldBack("client"))
    client.sendall(HEARTBEAT)
    tap.dry(timeout_s=5.0)
    assert recorder.history().of(FaultLanded) == []
    client.sendall(ack(1) + publish(b"x"))
    landed = wait_for(FaultLanded, client="C1", fault="HoldBack")
    assert landed.proof == "held back basic.ack of delivery 1 on channel 1"  # type: ignore[attr-defined]
    client.close()
    assert read_to_end(broker) == b""
    wait_for(SocketClosed, by="client")
    history = recorder.history()
    assert history.of(Settled) == history.of(Published) == []
    assert len(history.of(FaultLanded)) == 1
    held = ["heartbeat", "basic.ack", "basic.publish"]
    assert [what for what, *_ in withheld(recorder)] == held


def withheld(recorder: Recorder) -> list[tuple[object, ...]]:
    return [
        (event.what, event.by, event.channel, event.task, event.delivery_tag)
        for event in recorder.history().of(Withheld)
    ]


def test_what_is_held_back_is_on_the_record(
    working: tuple[socket.socket, ...], tap: Tap, recorder: Recorder, wait_for: WaitFor
) -> None:
    client, _ = working
    tap.arm(HoldBack("client"))
    client.sendall(HEARTBEAT + ack(1) + publish(b"x") + ack(1))
    client.sendall(method(spec.Basic.Publish(exchange="", routing_key="q")))
    client.close()
    closed = wait_for(SocketClosed, by="client")
    assert withheld(recorder) == [
        ("heartbeat", "client", 0, None, None),
        ("basic.ack", "client", 1, "task", 1),
        ("basic.publish", "client", 1, "x", None),
        ("basic.ack", "client", 1, None, 1),
        ("basic.publish", "client", 1, None, None),
    ]
    for event in recorder.history().of(Withheld):
        assert (event.client, event.connection, event.fault) == ("C1", 1, "HoldBack")
        assert event.at_ns <= closed.at_ns


def test_frames_and_garbage_held_back_at_once_are_both_told(
    working: tuple[socket.socket, ...], tap: Tap, recorder: Recorder, wait_for: WaitFor
) -> None:
    client, _ = working
    tap.arm(HoldBack("client"))
    client.sendall(ack(1) + b"\xff" * 100)
    wait_for(Withheld, what="bytes that are not AMQP 0-9-1")
    client.sendall(b"\xff" * 100)
    tap.dry(timeout_s=5.0)
    assert [what for what, *_ in withheld(recorder)] == [
        "basic.ack",
        "bytes that are not AMQP 0-9-1",
    ]


def test_what_one_of_two_faults_lets_through_is_on_the_record_in_its_place(
    working: tuple[socket.socket, ...], tap: Tap, recorder: Recorder, wait_for: WaitFor
) -> None:
    client, broker = working

    class HoldBackAcknowledgements(HoldBack):
        def passes(self, frame: Frame | None) -> bool:
            is_ack = frame is not None and frame.method == "basic.ack"
            return not is_ack or super().passes(frame)

    class Nothing(HoldBack):
        def passes(self, *_: object) -> bool:
            return True

    tap.arm(Nothing("client"))
    tap.arm(HoldBackAcknowledgements("client"))
    client.sendall(publish(b"before") + ack(1) + publish(b"after"))
    assert read(broker, len(publish(b"before") + publish(b"after"))) == publish(
        b"before"
    ) + publish(b"after")
    wait_for(Published, task="after")
    told = [
        getattr(event, "what", type(event).__name__)
        for event in recorder.history()
        if isinstance(event, Published | Withheld)
    ]
    assert told == ["Published", "basic.ack", "Published"]
    (event,) = recorder.history().of(Withheld)
    assert event.fault == "HoldBackAcknowledgements"


def test_the_other_direction_stays_open(
    working: tuple[socket.socket, ...], tap: Tap, wait_for: WaitFor
) -> None:
    client, broker = working
    tap.arm(HoldBack("client"))
    broker.sendall(deliver(2, b"next"))
    assert read(client, len(deliver(2, b"next"))) == deliver(2, b"next")
    wait_for(Delivered, delivery_tag=2)


PARTED = publish(b"parted" * 20)
METHOD_BYTES = len(method(spec.Basic.Publish(exchange="", routing_key="q")))


@pytest.mark.parametrize("cut", range(1, METHOD_BYTES))
@pytest.mark.parametrize("seed", [1, 2])
def test_a_frame_that_is_half_out_goes_out_whole(
    cut: int, seed: int, working: tuple[socket.socket, ...], tap: Tap, recorder: Recorder
) -> None:
    client, broker = working
    client.sendall(ack(1) + PARTED[:cut])
    assert read(broker, len(ack(1)) + cut) == ack(1) + PARTED[:cut]
    tap.dry(timeout_s=5.0)
    tap.arm(HoldBack("client"))
    for chunk in chunks(PARTED[cut:] + ack(2), seed, most_bytes=30):
        client.sendall(chunk)
        tap.dry(timeout_s=5.0)
    client.close()
    assert read_to_end(broker) == PARTED[cut:METHOD_BYTES]
    history = recorder.history()
    assert [event.delivery_tag for event in history.of(Settled)] == [1]
    assert [event.proof for event in history.of(FaultLanded)] == [
        "held back a header frame on channel 1"
    ]
    assert history.of(Undecodable) == []
    assert withheld(recorder) == [
        ("basic.publish", "client", 1, None, None),
        ("basic.ack", "client", 1, None, 2),
    ]


@pytest.mark.parametrize("cut", [1, 6, 7, METHOD_BYTES - 1])
def test_the_rest_of_a_frame_does_not_wait_for_its_end(
    cut: int, working: tuple[socket.socket, ...], tap: Tap
) -> None:
    client, broker = working
    client.sendall(PARTED[:cut])
    read(broker, cut)
    tap.dry(timeout_s=5.0)
    tap.arm(HoldBack("client"))
    for index in range(cut, METHOD_BYTES):
        client.sendall(PARTED[index : index + 1])
        assert read(broker, 1) == PARTED[index : index + 1]


def test_garbage_is_held_back_like_frames(
    working: tuple[socket.socket, ...], tap: Tap, recorder: Recorder, wait_for: WaitFor
) -> None:
    client, broker = working
    tap.arm(HoldBack("client"))
    client.sendall(b"\xff" * 1000)
    wait_for(FaultLanded, proof="held back bytes that are not AMQP 0-9-1")
    client.close()
    assert read_to_end(broker) == b""
    assert recorder.history().of(Undecodable) == []


def test_a_settlement_that_is_broken_is_held_back_too(
    working: tuple[socket.socket, ...], tap: Tap, wait_for: WaitFor
) -> None:
    client, broker = working
    tap.arm(HoldBack("client"))
    client.sendall(golden("01 0001 00000005 003c 0050 00 ce"))  # basic.ack without a whole tag
    wait_for(FaultLanded, proof="held back basic.ack on channel 1")
    client.close()
    assert read_to_end(broker) == b""


def test_a_new_connection_is_cut_off_too(join: Join, tap: Tap, wait_for: WaitFor) -> None:
    tap.arm(HoldBack("client"))
    client, broker = join()
    wait_for(SocketOpened)
    client.sendall(OPEN_CHANNEL)
    wait_for(FaultLanded, proof="held back the protocol header")
    client.close()
    assert read_to_end(broker) == b""


def test_deliveries_can_be_held_back(
    working: tuple[socket.socket, ...], tap: Tap, recorder: Recorder, wait_for: WaitFor
) -> None:
    client, broker = working
    tap.arm(HoldBack("broker"))
    broker.sendall(deliver(2, b"unseen"))
    wait_for(FaultLanded, proof="held back basic.deliver on channel 1")
    client.sendall(ack(1))
    wait_for(Settled, delivery_tag=1)
    assert [event.task for event in recorder.history().of(Delivered)] == ["task"]
    assert withheld(recorder) == [("basic.deliver", "broker", 1, "unseen", 2)]


def test_a_failing_fault_is_reported_and_frames_pass(
    working: tuple[socket.socket, ...], tap: Tap, background: object, wait_for: WaitFor
) -> None:
    client, broker = working

    class Failing(HoldBack):
        def passes(self, *_: object) -> bool:
            raise ZeroDivisionError("planted")

    tap.arm(Failing("client"))
    client.sendall(ack(1))
    assert read(broker, len(ack(1))) == ack(1)
    wait_for(Settled, delivery_tag=1)
    (error,) = background.take_errors()  # type: ignore[attr-defined]
    assert isinstance(error, ZeroDivisionError)
    assert origin(error) == "the tap of C1, asking a fault"


class Passing(HoldBack):
    """Has everything pass."""

    def passes(self, *_: object) -> bool:
        return True


def test_a_second_fault_leaves_the_first_in_force(
    working: tuple[socket.socket, ...], tap: Tap, recorder: Recorder
) -> None:
    client, _ = working
    tap.arm(HoldBack("client"))
    tap.arm(Passing("client"))
    client.sendall(ack(1))
    tap.dry(timeout_s=5.0)
    assert withheld(recorder) == [("basic.ack", "client", 1, "task", 1)]


def test_a_failing_fault_leaves_the_next_in_force(
    working: tuple[socket.socket, ...],
    tap: Tap,
    background: object,
    recorder: Recorder,
) -> None:
    class Failing(HoldBack):
        def passes(self, *_: object) -> bool:
            raise ZeroDivisionError("planted")

    client, _ = working
    tap.arm(Failing("client"))
    tap.arm(HoldBack("client"))
    client.sendall(ack(1))
    tap.dry(timeout_s=5.0)
    assert withheld(recorder) == [("basic.ack", "client", 1, "task", 1)]
    assert len(background.take_errors()) == 1  # type: ignore[attr-defined]


def test_garbage_that_a_fault_lets_pass_is_on_the_record(
    working: tuple[socket.socket, ...], tap: Tap, wait_for: WaitFor
) -> None:
    client, broker = working
    tap.arm(Passing("client"))
    said = ack(1) + b"\xff" * 100
    client.sendall(said)
    assert read(broker, len(said)) == said
    wait_for(Settled, delivery_tag=1)
    wait_for(Undecodable, by="client", client="C1")


@pytest.mark.parametrize("half", [0, 9])
def test_what_a_failing_decoder_cannot_cut_passes_whole(
    half: int,
    working: tuple[socket.socket, ...],
    tap: Tap,
    background: object,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, broker = working
    client.sendall(ack(1)[:half])
    assert read(broker, half) == ack(1)[:half]
    tap.arm(Passing("client"))
    with monkeypatch.context() as patch:
        patch.setattr(FrameReader, "receive", lambda *_: 1 // 0)
        client.sendall(ack(1)[half:])
        assert read(broker, len(ack(1)) - half) == ack(1)[half:]
    client.sendall(publish(b"x") + b"\xff" * 100)
    assert read(broker, len(publish(b"x")) + 100) == publish(b"x") + b"\xff" * 100
    tap.dry(timeout_s=5.0)
    (error,) = background.take_errors()  # type: ignore[attr-defined]
    assert isinstance(error, ZeroDivisionError)
    assert origin(error) == "the tap of C1, decoding"
    history = recorder.history()
    assert history.of(Settled) == history.of(Published) == history.of(Undecodable) == []


def test_what_a_failing_decoder_cannot_cut_is_held_back_whole(
    working: tuple[socket.socket, ...],
    tap: Tap,
    background: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, broker = working
    tap.arm(HoldBack("client"))
    monkeypatch.setattr(FrameReader, "receive", lambda *_: 1 // 0)
    client.sendall(ack(1))
    tap.dry(timeout_s=5.0)
    client.close()
    assert read_to_end(broker) == b""
    assert len(background.take_errors()) == 1  # type: ignore[attr-defined]


def test_what_cannot_be_followed_passes(
    working: tuple[socket.socket, ...],
    tap: Tap,
    background: object,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, broker = working
    tap.arm(Passing("client"))
    monkeypatch.setattr(Conversation, "receive_frames", lambda *_: 1 // 0)
    client.sendall(ack(1))
    assert read(broker, len(ack(1))) == ack(1)
    tap.dry(timeout_s=5.0)
    (error,) = background.take_errors()  # type: ignore[attr-defined]
    assert isinstance(error, ZeroDivisionError)
    assert origin(error) == "the tap of C1, decoding"
    assert recorder.history().of(Settled) == []


def test_a_frame_that_is_half_out_and_turns_out_to_be_none_passes_once(
    working: tuple[socket.socket, ...], tap: Tap, wait_for: WaitFor
) -> None:
    client, broker = working
    client.sendall(ack(1)[:9])
    assert read(broker, 9) == ack(1)[:9]
    tap.arm(Passing("client"))
    client.sendall(b"\xff" * 50)
    wait_for(Undecodable, by="client")
    client.close()
    assert read_to_end(broker) == b"\xff" * 50
