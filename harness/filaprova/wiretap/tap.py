"""Wiretap and Tap: the addresses that clients connect to instead of the broker's.

One tap for each client process, so that every connection is known by its process without any
cooperation. A tap's address stays the same while the broker behind it stops, starts and moves to
another port. Taps listen on 127.0.0.1 only.

The methods are called from the scenario's thread; what they do runs on the observer's loop.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable

from filaprova.address import Address
from filaprova.errors import TimedOut
from filaprova.faults.hold_back import Fault
from filaprova.phrase import say
from filaprova.record.act import FaultLanded
from filaprova.record.observer import Background
from filaprova.record.recorder import Recorder
from filaprova.waiting import noted
from filaprova.wiretap.connection import Connection, Wire
from filaprova.wiretap.login import Login

HOST = "127.0.0.1"
READ_OUT_LIMIT_S = 2.0
"""How long a closing tap waits for the last bytes of clients that have ended, and for the broker
to close their connections."""
FLUSH_LIMIT_S = 1.0
"""How long a closing tap waits until what it has is sent."""
TURNS_TO_ACCEPT = 6
"""Turns of the loop that it takes to accept a connection that is waiting."""
LOOK_EVERY_S = 0.0005


class Wiretap:
    """All taps of one scenario."""

    def __init__(
        self, background: Background, recorder: Recorder, address: Callable[[], Address]
    ) -> None:
        """Connect clients to ``address()``, asked anew for each connection."""
        self.clients: set[str] = set()
        """The names of all taps that were ever opened."""
        self._background = background
        self._wire = Wire(
            recorder=recorder, broker_address=address, next_number=itertools.count(1).__next__
        )
        self._taps: list[Tap] = []

    def open(self, name: str, login: Login | None = None) -> Tap:
        """Open a tap for the client of this name; it listens when this returns.

        ``login``: the client gets a password of its own; without, it has the broker's.
        """
        tap = Tap(name, self._background, self._wire, login)
        self.clients.add(name)
        self._taps.append(tap)
        return tap

    def close(self) -> None:
        """Close all taps, at the same time."""
        taps, self._taps = self._taps, []
        self._background.run(_close_all(taps))


class Tap:
    """The address of one client, and all connections that it makes."""

    def __init__(self, name: str, background: Background, wire: Wire, login: Login | None) -> None:
        self._name = name
        self._login = login
        self._background = background
        self._wire = wire
        self._connections: set[Connection] = set()
        self._held: list[Connection] = []
        self._holding = False
        self.faults: list[Fault] = []
        self._landed: list[Fault] = []
        self._closed = False
        self._server = background.run(self._listen())
        self.address = Address(*self._server.sockets[0].getsockname())

    def hold(self) -> None:
        """Let clients connect, but read nothing from them and do not connect to the broker."""
        self._background.run(self._hold())

    def release(self) -> None:
        """End ``hold``: connect those that wait, in the order in which they came."""
        self._background.run(self._release())

    def arm(self, fault: Fault) -> None:
        """Put a fault into force, on all connections of this client, until the tap is closed."""
        self._background.run(self._arm(fault))

    def dry(self, *, timeout_s: float) -> None:
        """Return when everything that a frozen client has written is on the record.

        And everything that had arrived from the broker by now, as far as the client's socket
        takes it. Raises ``TimedOut`` after ``timeout_s`` seconds, as it may for a client that runs.
        Connections under ``hold`` are passed over.
        """
        with noted("tap dry", limit_s=timeout_s, what=self._name):
            self._background.run(self._dry(timeout_s), timeout_s=timeout_s + 10.0)

    def close(self) -> None:
        """Stop listening and close all connections, once everything of ended clients is read."""
        self._background.run(self.close_on_loop())

    # ------------------------------------------------------------ on the loop

    async def _listen(self) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(self._accept, HOST)

    def _accept(self) -> asyncio.Protocol:
        return Connection(self._name, self._wire, self, self._login).client_end

    def arrived(self, connection: Connection) -> None:
        """Let a client through, or hold it."""
        self._connections.add(connection)
        if self._closed:
            connection.close()
        elif self._holding:
            self._held.append(connection)
        else:
            connection.begin()

    def asked(self, fault: Fault, at_ns: int) -> None:
        """Record once that a fault took effect."""
        if fault.proof is not None and fault not in self._landed:
            self._landed.append(fault)
            self._wire.recorder.record(
                FaultLanded(
                    at_ns=at_ns, client=self._name, fault=type(fault).__name__, proof=fault.proof
                )
            )

    def gone(self, connection: Connection) -> None:
        """Forget a connection."""
        self._connections.discard(connection)

    async def _hold(self) -> None:
        self._holding = True

    async def _release(self) -> None:
        self._holding = False
        held, self._held = self._held, []
        for connection in held:
            connection.begin()

    async def _arm(self, fault: Fault) -> None:
        self.faults.append(fault)
        for connection in self._connections:
            connection.arm(fault)

    async def _dry(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        for _ in range(TURNS_TO_ACCEPT):
            await asyncio.sleep(0)
        try:
            for connection in self._connections:
                connection.read_on()
            while not all(connection.is_dry for connection in self._connections):
                if time.monotonic() > deadline:
                    raise TimedOut(
                        say(
                            "waited {:.1f} s for the tap of {} to run dry; is the client not "
                            "frozen?",
                            timeout_s,
                            self._name,
                        )
                    )
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            for connection in self._connections:
                connection.read_as_usual()

    async def close_on_loop(self) -> None:
        """Do what ``close`` promises."""
        if self._closed:
            return
        self._closed = True
        # A server of Python 3.11 that closes at once leaves whoever it is just accepting hanging.
        for listening in self._server.sockets:
            asyncio.get_running_loop().remove_reader(listening.fileno())
        for _ in range(TURNS_TO_ACCEPT):
            await asyncio.sleep(0)
        self._server.close()
        for connection in self._connections:
            if not connection.client_lives:
                connection.read_on()
        await self._wait(
            "tap read out", READ_OUT_LIMIT_S, lambda: all(map(_is_read_out, self._connections))
        )
        for connection in list(self._connections):
            connection.close()
        await self._wait("tap flushed", FLUSH_LIMIT_S, lambda: not self._connections)
        for connection in list(self._connections):
            connection.abort()
        await self._wait("tap cut off", FLUSH_LIMIT_S, lambda: not self._connections)

    async def _wait(self, kind: str, limit_s: float, satisfied: Callable[[], bool]) -> None:
        deadline = time.monotonic() + limit_s
        with noted(kind, limit_s=limit_s, what=self._name):
            while not satisfied() and time.monotonic() < deadline:
                await asyncio.sleep(LOOK_EVERY_S)


async def _close_all(taps: list[Tap]) -> None:
    await asyncio.gather(*(tap.close_on_loop() for tap in taps))


def _is_read_out(connection: Connection) -> bool:
    """Tell whether nothing more will come, or whether the client lives and has sent nothing."""
    if connection.broker_end is None:
        return True
    return connection.is_open and connection.client_lives and connection.is_dry
