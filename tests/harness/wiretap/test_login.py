"""The password that a client is given opens its tap, and nothing else."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from filaprova.record.act import HarnessTrouble
from filaprova.record.recorder import Recorder
from filaprova.record.wire import SocketClosed
from filaprova.wiretap.login import LONGEST_BYTES, PROTOCOL_HEADER, Login
from filaprova.wiretap.tap import Wiretap
from tests.harness.wiretap.conftest import PlayedBroker
from tests.harness.wiretap.wire import OPEN_CHANNEL, connect, read

LOGIN = Login(user="u", given="a", true="z")
"""Nothing but the password may change, however short it is."""


def frame(content: bytes) -> bytes:
    return b"\x01\x00\x00" + len(content).to_bytes(4, "big") + content + b"\xce"


def start_ok(response: bytes) -> bytes:
    size = len(response).to_bytes(4, "big")
    return frame(b"\x00\x0a\x00\x0b" + b"\x00\x00\x00\x00" + b"\x05PLAIN" + size + response)


def amqplain(password: bytes) -> bytes:
    return start_ok(b"\x05LOGINS\x00\x00\x00\x01u\x08PASSWORDS\x00\x00\x00\x01" + password)


@pytest.fixture
def both(wiretap: Wiretap, broker: PlayedBroker) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Return the sockets of a client with a password of its own, and of the broker."""
    with connect(wiretap.open("C1", LOGIN).address) as client:
        yield client, broker.accept()


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (start_ok(b"\0u\0a"), start_ok(b"\0u\0z")),
        (amqplain(b"a"), amqplain(b"z")),
        (start_ok(b"\0a\0a"), start_ok(b"\0a\0a")),
        (start_ok(b"\0u\0b"), start_ok(b"\0u\0b")),
        (frame(b"aaa"), frame(b"aaa")),
    ],
    ids=["PLAIN", "AMQPLAIN", "another user", "another password", "no start-ok"],
)
def test_only_the_given_password_becomes_the_broker_s(
    sent: bytes, expected: bytes, both: tuple[socket.socket, socket.socket]
) -> None:
    client, broker = both
    client.sendall(PROTOCOL_HEADER)
    assert read(broker, len(PROTOCOL_HEADER)) == PROTOCOL_HEADER
    after = frame(b"\0u\0a")
    client.sendall(sent + after)
    assert read(broker, len(expected + after)) == expected + after
    client.sendall(after)
    assert read(broker, len(after)) == after


def test_it_does_not_matter_how_the_bytes_are_cut(
    both: tuple[socket.socket, socket.socket],
) -> None:
    client, broker = both
    for byte in PROTOCOL_HEADER:
        client.sendall(bytes([byte]))
        assert read(broker, 1) == bytes([byte])
    for byte in start_ok(b"\0u\0a"):
        client.sendall(bytes([byte]))
    expected = start_ok(b"\0u\0z")
    assert read(broker, len(expected)) == expected


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"AMQP\x00\x01\x00\x00",
        PROTOCOL_HEADER + b"\x01\x00\x00\xff\xff\xff\xff" + bytes(LONGEST_BYTES),
        OPEN_CHANNEL,
    ],
    ids=["HTTP", "AMQP 1.0", "too long", "on another channel"],
)
def test_what_is_no_login_is_not_kept(
    sent: bytes, both: tuple[socket.socket, socket.socket]
) -> None:
    client, broker = both
    client.sendall(sent)
    assert read(broker, len(sent)) == sent


def test_a_client_that_leaves_in_the_middle_of_it_is_heard_out(
    both: tuple[socket.socket, socket.socket],
    recorder: Recorder,
    wait_for: Callable[..., SocketClosed],
) -> None:
    client, broker = both
    half = (PROTOCOL_HEADER + start_ok(b"\0u\0a"))[:-1]
    client.sendall(half)
    client.close()
    assert read(broker, len(half)) == PROTOCOL_HEADER + start_ok(b"\0u\0z")[:-1]
    assert broker.recv(1) == b""
    end = wait_for(SocketClosed, client="C1")
    assert end.client_forwarded_bytes == end.client_read_bytes == len(half)
    assert recorder.history().of(HarnessTrouble) == []


def test_a_password_is_as_long_as_the_broker_s_and_its_own() -> None:
    first, second = (Login.made_for("u", "señal") for _ in range(2))
    assert len({first.given, second.given, "señal"}) == 3
    assert len(first.given.encode()) == len("señal".encode())
    assert (first.user, first.true) == ("u", "señal")
    assert first.given not in repr(first)
    assert "señal" not in repr(first)
