"""A frozen client's last bytes are on record when ``dry`` returns."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import select
import signal
import socket
import subprocess
import sys
from asyncio import selector_events
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from filaprova.address import Address
from filaprova.errors import TimedOut
from filaprova.record.observer import Background
from filaprova.record.recorder import Recorder
from filaprova.record.wire import Published, SocketClosed
from filaprova.waiting import Waited, wait_until, waits_told_to
from filaprova.wiretap import connection as connection_module
from filaprova.wiretap import end as end_module
from filaprova.wiretap import kernel
from filaprova.wiretap import tap as tap_module
from filaprova.wiretap.end import End
from filaprova.wiretap.kernel import (
    FarSocket,
    acknowledge_now,
    ask_for_socket,
    far_socket,
    find_in_table,
    unread_bytes,
)
from filaprova.wiretap.tap import Tap
from tests.harness.wiretap.conftest import PlayedBroker
from tests.harness.wiretap.test_life_cycle import standing_still
from tests.harness.wiretap.wire import OPEN_CHANNEL, TIMEOUT_S, connect, deliver, publish, read

Join = Callable[[], tuple[socket.socket, ...]]

WRITER = """
import os, select, signal, socket, sys
port, no_delay, count = map(int, sys.argv[1:4])
opening, piece = map(bytes.fromhex, sys.argv[4:])
connection = socket.create_connection(("127.0.0.1", port))
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, no_delay)
connection.sendall(opening)
connection.setblocking(False)
written = 0
while written < count * len(piece) and select.select([], [connection], [], 0.3)[1]:
    written += connection.send(piece[written % len(piece):])
print(written, flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
"""


def frozen_writer(tap: Tap, piece: bytes, count: int, *, no_delay: bool) -> tuple[int, int]:
    """Start a program that writes until it is full or done, then stops; return pid and bytes."""
    writer = subprocess.Popen(
        [
            *(sys.executable, "-c", WRITER),
            *(str(tap.address.port), str(int(no_delay)), str(count)),
            *(OPEN_CHANNEL.hex(), piece.hex()),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    written = int(writer.stdout.readline())
    os.waitid(os.P_PID, writer.pid, os.WSTOPPED)
    writer.stdout.close()
    writer.returncode = 0  # it is ended by the test
    return writer.pid, written


def end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


@pytest.mark.parametrize("no_delay", [True, False])
def test_everything_written_before_freezing_is_recorded(
    no_delay: bool, tap: Tap, broker: PlayedBroker, recorder: Recorder
) -> None:
    for _ in range(10):
        before = len(recorder.history().of(Published))
        pid, _ = frozen_writer(tap, publish(b"x" * 40), 50, no_delay=no_delay)
        tap.dry(timeout_s=10.0)
        assert len(recorder.history().of(Published)) - before == 50
        end(pid)
        broker.accept().close()


def test_a_broker_that_takes_nothing_does_not_hide_what_was_written(
    tap: Tap, broker: PlayedBroker, recorder: Recorder
) -> None:
    piece = publish(b"x" * 30_000)
    pid, written = frozen_writer(tap, piece, 4000, no_delay=True)
    accepted = broker.accept()
    assert written < 4000 * len(piece), "the broker was meant to be stuck"
    tap.dry(timeout_s=10.0)
    assert len(recorder.history().of(Published)) == written // len(piece)
    connection = next(iter(tap._connections))
    assert not connection.client_end.transport.is_reading()
    end(pid)
    accepted.close()


def test_a_client_that_runs_is_told_apart(tap: Tap, broker: PlayedBroker) -> None:
    with connect(tap.address) as client:
        accepted = broker.accept()
        client.setblocking(False)
        tap.dry(timeout_s=1.0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("filaprova.wiretap.connection.far_socket", lambda *_: FarSocket(True, 1))
            with pytest.raises(TimedOut) as caught:
                tap.dry(timeout_s=0.1)
        accepted.close()
    assert str(caught.value) == (
        "waited 0.1 s for the tap of C1 to run dry; is the client not frozen?"
    )


def test_no_more_is_read_on_than_a_frozen_client_can_have_written(
    tap: Tap, broker: PlayedBroker, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(tap.address) as client:
        accepted = broker.accept()
        client.sendall(OPEN_CHANNEL)
        piece = publish(b"x" * 30_000)
        written = fill(client, piece)
        client.setblocking(True)
        client.sendall(piece[written % len(piece) :])
        tap.dry(timeout_s=10.0)
        read_before = len(recorder.history().of(Published))
        (connection,) = tap._connections
        assert connection.broker_end is not None
        client.sendall(publish(b"more"))
        monkeypatch.setattr(connection_module, "READ_ON_LIMIT_BYTES", 0)
        with pytest.raises(TimedOut):
            tap.dry(timeout_s=0.1)
        assert len(recorder.history().of(Published)) == read_before
        waiting = connection.broker_end.unsent_bytes
        monkeypatch.setattr(connection_module, "READ_ON_LIMIT_BYTES", waiting)
        tap.dry(timeout_s=10.0)
        assert len(recorder.history().of(Published)) == read_before + 1
        accepted.close()


def fill(writer: socket.socket, piece: bytes) -> int:
    """Write pieces until nobody has taken anything for a while; return how many bytes."""
    writer.setblocking(False)
    written = 0
    while select.select([], [writer], [], 0.3)[1]:
        written += writer.send(piece[written % len(piece) :])
    return written


def test_what_had_arrived_from_the_broker_is_on_record_too(
    join: Join, tap: Tap, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the loop many turns to read it, and the client has written nothing meanwhile."""
    monkeypatch.setattr(tap_module, "TURNS_TO_ACCEPT", 0)
    monkeypatch.setattr(
        selector_events._SelectorSocketTransport,  # type: ignore[attr-defined]
        "max_size",
        1000,
    )
    client, accepted = join()
    client.sendall(OPEN_CHANNEL)
    read(accepted, len(OPEN_CHANNEL))
    (connection,) = tap._connections
    assert connection.broker_end is not None
    with standing_still(background):
        accepted.sendall(deliver(1, b"x" * 20_000))
        arrived_bytes = connection.broker_end.unread_bytes
        drying = asyncio.run_coroutine_threadsafe(tap._dry(10.0), background.loop)
    drying.result(TIMEOUT_S)
    assert connection.broker_end.read_bytes >= arrived_bytes > 10_000


class Answered:
    """An owner that hears what an end has read, and then does something."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.heard = b""
        self._act = act

    def made(self, end: End) -> None:
        assert end

    def received(self, _end: End, data: bytes) -> None:
        self.heard += data
        self._act()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        far = connect(Address(*server.getsockname()))
        near, _ = server.accept()
    with far, near:
        near.setblocking(False)
        yield near, far


def end_of(near: socket.socket, owner: Any) -> End:
    end = End("client", owner)
    transport = SimpleNamespace(
        set_write_buffer_limits=lambda **_: None, get_extra_info=lambda _: near
    )
    end.connection_made(cast(asyncio.Transport, transport))
    return end


def test_of_a_writer_that_never_stops_only_what_had_arrived_is_read(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(end_module, "READ_BYTES", 1)
    near, far = pair

    def write_more() -> None:
        far.sendall(b"more")
        select.select([near], [], [], TIMEOUT_S)

    owner = Answered(write_more)
    far.sendall(b"arrived")
    wait_until(lambda: unread_bytes(near.fileno()) == 7, what="the bytes", timeout_s=TIMEOUT_S)
    end_of(near, owner).take_arrived()
    assert owner.heard == b"arrived"


def test_a_socket_that_gives_less_than_the_kernel_told_of_is_not_waited_for(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    near, far = pair
    owner = Answered(lambda: None)
    far.sendall(b"arrived")
    wait_until(lambda: unread_bytes(near.fileno()) == 7, what="the bytes", timeout_s=TIMEOUT_S)
    monkeypatch.setattr(end_module, "unread_bytes", lambda _: 100)
    end_of(near, owner).take_arrived()
    assert owner.heard == b"arrived"


def test_of_a_broker_that_has_ended_nothing_is_waited_for(
    join: Join, tap: Tap, background: Background, wait_for: Callable[..., object]
) -> None:
    client, accepted = join()
    client.sendall(OPEN_CHANNEL)
    fill(accepted, deliver(1, b"x" * 50_000))
    (connection,) = tap._connections
    assert connection.broker_end is not None
    background.loop.call_soon_threadsafe(connection.broker_end.transport.abort)
    wait_for(SocketClosed, by="broker")
    assert not connection.client_end.is_closed, "the client takes nothing"
    tap.dry(timeout_s=1.0)
    client.close()


def test_of_a_client_that_has_ended_nothing_is_waited_for(
    join: Join, tap: Tap, wait_for: Callable[..., object]
) -> None:
    client, accepted = join()
    client.sendall(OPEN_CHANNEL)
    client.close()
    wait_for(SocketClosed, by="client")
    assert len(tap._connections) == 1, "the broker has not closed"
    tap.dry(timeout_s=1.0)
    accepted.close()


def test_how_long_it_takes_is_noted(join: Join, tap: Tap) -> None:
    join()
    waits: list[Waited] = []
    with waits_told_to(waits.append):
        tap.dry(timeout_s=5.0)
    assert [(each.kind, each.what, each.limit_s) for each in waits] == [
        ("observer's turn", "", 15.0),
        ("tap dry", "C1", 5.0),
    ]


@pytest.mark.parametrize("look", [ask_for_socket, find_in_table])
def test_the_kernel_tells_of_the_far_socket(
    look: Callable[[Address, Address], FarSocket | None],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        far = connect(Address(*server.getsockname()))
        near, _ = server.accept()
    own, peer = Address(*near.getsockname()), Address(*near.getpeername())
    assert look(own, peer) == FarSocket(True, 0)
    far.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while far.send(bytes(100_000)):
            pass
    state = look(own, peer)
    assert state is not None
    assert state.unsent_bytes > 0, "the kernel goes on sending, so how many is not for sure"
    far.close()
    state = look(own, peer)
    assert state is None or not state.established
    near.close()
    assert look(own, Address("127.0.0.1", 1)) is None


TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1111 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0100007F:2222 0100007F:1111 01 00000110:00000007 00:00000000 00000000     0        0 2 1
   2: 0100007F:3333 0100007F:1111 0B 0000001A:00000000 00:00000000 00000000     0        0 3 1
"""


@pytest.mark.skipif(sys.byteorder == "big", reason="the table shows addresses as the machine does")
def test_the_table_of_the_kernel_is_in_hexadecimal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tcp").write_text(TABLE)
    monkeypatch.setattr(kernel, "_TABLE", tmp_path / "tcp")
    own = Address("127.0.0.1", 0x1111)
    assert find_in_table(own, Address("127.0.0.1", 0x2222)) == FarSocket(True, 0x110)
    assert find_in_table(own, Address("127.0.0.1", 0x3333)) == FarSocket(False, 0x1A)
    assert find_in_table(own, Address("127.0.0.1", 0x4444)) is None


@pytest.mark.parametrize("why", ["another system", "refused", "not answered"])
@pytest.mark.skipif(sys.byteorder == "big", reason="the table shows addresses as the machine does")
def test_where_the_kernel_does_not_tell_its_table_does(
    why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why == "another system":
        another = SimpleNamespace(platform="darwin", byteorder=sys.byteorder)
        monkeypatch.setattr(kernel, "sys", another)
        expected = (errno.EPROTONOSUPPORT, "there is no sock_diag")
    elif why == "refused":
        monkeypatch.setattr(kernel, "_SOCK_DIAG_BY_FAMILY", 99)
        expected = (errno.EINVAL, "sock_diag refused")
    else:
        monkeypatch.setattr(kernel, "_NLM_F_REQUEST", 0)  # what is no request gets no answer
        monkeypatch.setattr(kernel, "ANSWER_LIMIT_S", 0.1)
        expected = (None, None)
    (tmp_path / "tcp").write_text(TABLE)
    monkeypatch.setattr(kernel, "_TABLE", tmp_path / "tcp")
    own, peer = Address("127.0.0.1", 0x1111), Address("127.0.0.1", 0x2222)
    with pytest.raises(OSError) as caught:  # noqa: PT011
        ask_for_socket(own, peer)
    assert (caught.value.errno, caught.value.strerror) == expected
    assert far_socket(own, peer) == FarSocket(True, 0x110)


@pytest.mark.skipif(sys.platform != "linux", reason="there is no such acknowledging elsewhere")
def test_the_kernel_is_told_to_acknowledge_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        far = connect(Address(*server.getsockname()))
        near, _ = server.accept()
    with far, near:
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
        far.sendall(b"x")
        read(near, 1)  # from here on an acknowledgement is due
        acknowledge_now(near)
        assert near.getsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK) == 1
