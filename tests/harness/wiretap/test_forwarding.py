"""Bytes pass whole, in order and unaltered, whatever becomes of their decoding."""

from __future__ import annotations

import hashlib
import random
import selectors
import socket
import threading
import time
from collections.abc import Callable

import pytest
from pika import spec

from filaprova.amqp.frames import FrameReader
from filaprova.faults.hold_back import HoldBack
from filaprova.record.observer import Background, origin
from filaprova.record.recorder import Recorder
from filaprova.record.wire import (
    ConfirmsSelected,
    Delivered,
    Published,
    SocketOpened,
    Undecodable,
)
from filaprova.wiretap import end as end_module
from filaprova.wiretap.end import READ_BYTES, WRITE_LIMIT_BYTES
from filaprova.wiretap.tap import Tap
from tests.harness.wiretap.wire import (
    HEADER,
    OPEN_CHANNEL,
    chunks,
    content,
    deliver,
    method,
    publish,
    read,
    read_to_end,
)

Join = Callable[[], tuple[socket.socket, ...]]


def send(connection: socket.socket, data: bytes, seed: int) -> threading.Thread:
    def all_of_it() -> None:
        for chunk in chunks(data, seed):
            connection.sendall(chunk)

    thread = threading.Thread(target=all_of_it)
    thread.start()
    return thread


def bodies(seed: int, count: int) -> list[bytes]:
    sizes = random.Random(seed)
    return [
        b"%d " % number + sizes.randbytes(sizes.choice((0, 9, 4000))) for number in range(count)
    ]


def test_megabytes_pass_both_ways_unaltered(join: Join, recorder: Recorder, tap: Tap) -> None:
    client, broker = join()
    up = OPEN_CHANNEL + b"".join(publish(body) for body in bodies(1, 2000))
    down = b"".join(deliver(tag, body) for tag, body in enumerate(bodies(2, 2000), start=1))
    received: dict[str, bytes] = {}
    reader = threading.Thread(target=lambda: received.update(down=read(client, len(down))))
    senders = [reader, send(broker, down, 3)]
    reader.start()
    senders.append(send(client, up, 4))
    received["up"] = read(broker, len(up))
    for thread in senders:
        thread.join()
    assert hashlib.sha256(received["up"]).hexdigest() == hashlib.sha256(up).hexdigest()
    assert hashlib.sha256(received["down"]).hexdigest() == hashlib.sha256(down).hexdigest()
    tap.dry(timeout_s=5.0)
    assert len(recorder.history().of(Published)) == len(recorder.history().of(Delivered)) == 2000


def test_what_passed_is_on_record_in_order(join: Join, recorder: Recorder, tap: Tap) -> None:
    client, broker = join()
    expected = bodies(5, 500)
    up = OPEN_CHANNEL + b"".join(publish(body) for body in expected)
    for chunk in chunks(up, 6, most_bytes=3000):
        client.sendall(chunk)
    assert read(broker, len(up)) == up
    tap.dry(timeout_s=5.0)
    published = recorder.history().of(Published)
    assert [event.body_bytes for event in published] == [len(body) for body in expected]


def test_an_answer_is_never_recorded_before_its_cause(
    join: Join, recorder: Recorder, tap: Tap
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    assert read(broker, len(OPEN_CHANNEL)) == OPEN_CHANNEL
    question, answer = publish(b"x"), method(spec.Confirm.SelectOk())
    for _ in range(300):
        client.sendall(question)
        read(broker, len(question))
        broker.sendall(answer)
        read(client, len(answer))
    tap.dry(timeout_s=5.0)
    kinds = [
        type(event)
        for event in recorder.history()
        if isinstance(event, Published | ConfirmsSelected)
    ]
    assert kinds == [Published, ConfirmsSelected] * 300


def test_undecodable_bytes_pass_and_are_told_once(join: Join, recorder: Recorder, tap: Tap) -> None:
    client, broker = join()
    garbage = random.Random(7).randbytes(300_000)
    client.sendall(OPEN_CHANNEL + b"\x09" + garbage)
    broker.sendall(b"\x09" + garbage)
    assert read(broker, len(OPEN_CHANNEL) + 1 + len(garbage))[-300_000:] == garbage
    assert read(client, 1 + len(garbage))[1:] == garbage
    client.sendall(publish(b"after"))
    assert read(broker, len(publish(b"after"))) == publish(b"after")
    tap.dry(timeout_s=5.0)
    history = recorder.history()
    assert len(history.of(Undecodable)) == 1
    assert history.of(Published) == []


def test_another_protocol_passes_too(join: Join) -> None:
    client, broker = join()
    client.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert read(broker, 18) == b"GET / HTTP/1.1\r\n\r\n"
    broker.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    broker.close()
    assert read_to_end(client) == b"HTTP/1.1 400 Bad Request\r\n\r\n"


def test_a_failing_decoder_is_reported_and_bytes_still_pass(
    join: Join, background: Background, monkeypatch: object
) -> None:
    client, broker = join()
    client.sendall(HEADER)
    read(broker, len(HEADER))
    from filaprova.amqp.conversation import Conversation

    def fail(*_: object) -> list[object]:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(Conversation, "receive_frames", fail)  # type: ignore[attr-defined]
    for _ in range(3):
        client.sendall(publish(b"x"))
        assert read(broker, len(publish(b"x"))) == publish(b"x")
    broker.sendall(deliver(1, b"y"))
    assert read(client, len(deliver(1, b"y"))) == deliver(1, b"y")
    (error,) = background.take_errors()
    assert isinstance(error, ZeroDivisionError)
    assert origin(error) == "the tap of C1, decoding"


@pytest.mark.parametrize("faults", [(), (HoldBack("client"),)], ids=["passing", "held back"])
def test_a_failing_reader_of_frames_is_reported_once(
    faults: tuple[HoldBack, ...],
    join: Join,
    tap: Tap,
    background: Background,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> list[object]:
        raise ZeroDivisionError("planted")

    client, broker = join()
    client.sendall(HEADER)
    read(broker, len(HEADER))
    for fault in faults:
        tap.arm(fault)
    monkeypatch.setattr(FrameReader, "receive", fail)
    for _ in range(3):
        client.sendall(publish(b"x"))
        if faults:
            tap.dry(timeout_s=5.0)
        else:
            assert read(broker, len(publish(b"x"))) == publish(b"x")
    (error,) = background.take_errors()
    assert isinstance(error, ZeroDivisionError)
    assert origin(error) == "the tap of C1, decoding"
    client.close()
    assert read_to_end(broker) == b""


def accepted_bytes(writer: socket.socket, piece: bytes) -> int:
    """Return how much a writer gets rid of until it has been stuck for a quarter of a second."""
    writer.setblocking(False)
    sent = 0
    with selectors.DefaultSelector() as selector:
        selector.register(writer, selectors.EVENT_WRITE)
        deadline = time.monotonic() + 10.0
        while selector.select(0.25):
            assert time.monotonic() < deadline
            sent += writer.send(piece[sent % len(piece) :])
    return sent


def test_a_reader_that_stands_still_stops_the_writer(join: Join, tap: Tap) -> None:
    for from_client in (True, False):
        client, broker = join()
        writer = client if from_client else broker
        sent = accepted_bytes(writer, content(b"x" * 60_000))
        connection = next(iter(tap._connections))
        kept = max(
            end.unsent_bytes for end in (connection.client_end, connection.broker_end) if end
        )
        # The rest is in the kernel's buffers, whose limits are the machine's.
        assert 0 < kept <= WRITE_LIMIT_BYTES + READ_BYTES
        assert sent < 40_000_000
        client.close()
        broker.close()


def test_so_much_is_kept_for_a_reader_that_stands_still(
    join: Join, tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_bytes = 8 * READ_BYTES
    monkeypatch.setattr(end_module, "WRITE_LIMIT_BYTES", limit_bytes)
    client, _ = join()
    accepted_bytes(client, content(b"x" * 60_000))
    (connection,) = tap._connections
    assert connection.broker_end is not None
    assert connection.broker_end.unsent_bytes > limit_bytes


@pytest.mark.parametrize("from_client", [True, False])
def test_a_writer_goes_on_once_its_reader_does(from_client: bool, join: Join, tap: Tap) -> None:
    client, broker = join()
    writer, reader = (client, broker) if from_client else (broker, client)
    client.sendall(OPEN_CHANNEL)
    read(broker, len(OPEN_CHANNEL))
    piece = publish(b"x" * 60_000) if from_client else deliver(1, b"x" * 60_000)
    sent = accepted_bytes(writer, piece)
    rest = piece[sent % len(piece) :] + piece
    writing = threading.Thread(target=writer.sendall, args=(rest,))
    writer.setblocking(True)
    writing.start()
    assert len(read(reader, sent + len(rest))) == sent + len(rest)
    writing.join()
    tap.dry(timeout_s=5.0)
    (connection,) = tap._connections
    for end in (connection.client_end, connection.broker_end):
        assert end is not None
        assert not end.full
    client.sendall(publish(b"more"))
    assert read(broker, len(publish(b"more"))) == publish(b"more")


def test_small_writes_are_not_delayed(
    join: Join, tap: Tap, wait_for: Callable[..., object]
) -> None:
    join()
    wait_for(SocketOpened)
    connection = next(iter(tap._connections))
    for end in (connection.client_end, connection.broker_end):
        assert end is not None
        opened = end.transport.get_extra_info("socket")
        assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
