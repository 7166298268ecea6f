"""A frozen client's last bytes are on record when ``dry`` returns."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from filaprova.address import Address
from filaprova.errors import TimedOut
from filaprova.record.recorder import Recorder
from filaprova.record.wire import Published
from filaprova.wiretap.kernel import FarSocket, ask_for_socket, find_in_table
from filaprova.wiretap.tap import Tap
from tests.harness.wiretap.conftest import PlayedBroker
from tests.harness.wiretap.wire import OPEN_CHANNEL, connect, publish

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
            with pytest.raises(TimedOut, match="C1 to run dry"):
                tap.dry(timeout_s=0.1)
        accepted.close()


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
    assert state.unsent_bytes > 0
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
    monkeypatch.setattr("filaprova.wiretap.kernel._TABLE", tmp_path / "tcp")
    own = Address("127.0.0.1", 0x1111)
    assert find_in_table(own, Address("127.0.0.1", 0x2222)) == FarSocket(True, 0x110)
    assert find_in_table(own, Address("127.0.0.1", 0x3333)) == FarSocket(False, 0x1A)
    assert find_in_table(own, Address("127.0.0.1", 0x4444)) is None
