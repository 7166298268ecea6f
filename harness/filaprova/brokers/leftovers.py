"""Leftovers: what programs make on a broker that is somebody's own, and its removal.

A file in the reaper's folder names it, so that it is removed even when the run is killed:
``python -m filaprova.brokers.leftovers FILE``, which reads from its input where it is. What was in
use before the run is nobody's leftover.
"""

from __future__ import annotations

import contextlib
import secrets
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from filaprova.address import Address
from filaprova.brokers.broker import Credentials
from filaprova.brokers.inspection import delete
from filaprova.errors import EnvironmentMissing
from filaprova.phrase import say, told_by
from filaprova.reaper import Reaper
from filaprova.record.event import Event
from filaprova.record.wire import ExchangeDeclared, QueueDeclared

Kind: TypeAlias = Literal["queue", "exchange"]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where all of it is, and who may remove it; never in a file, for it has the password."""

    address: Address
    credentials: Credentials
    virtual_host: str


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a program has declared: a line of the file."""

    kind: Kind
    name: str


class Leftovers:
    """What a run has made and not yet removed."""

    def __init__(self, place: Place, reaper: Reaper) -> None:
        """Have the reaper remove what is made from now on, whatever becomes of the run."""
        self._place = place
        self._file = reaper.scratch / f"leftovers-{secrets.token_hex(4)}.jsonl"
        self._made: set[Made] = set()
        self._theirs: set[str] = set()
        command = [sys.executable, "-P", "-m", "filaprova.brokers.leftovers", str(self._file)]
        reaper.at_end(command, told=msgspec.json.encode(place).decode())

    @property
    def theirs(self) -> list[str]:
        """Return the queues that had tasks or consumers before a program of this run came."""
        return sorted(self._theirs)

    def note(self, event: Event) -> None:
        """Take down what an event tells to have been made."""
        for made in self._told_by(event):
            if made not in self._made:
                self._made.add(made)
                with contextlib.suppress(OSError), self._file.open("ab", buffering=0) as file:
                    file.write(msgspec.json.encode(made) + b"\n")

    def remove(self) -> None:
        """Remove it all. Raises ``EnvironmentMissing`` naming what is left where that fails."""
        _remove(self._place, self._made)
        self._made.clear()
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _told_by(self, event: Event) -> Iterator[Made]:
        match event:
            case QueueDeclared(passive=False, exclusive=False, queue=name):
                made = Made(kind="queue", name=name)
                if made not in self._made and (event.ready_count or event.consumer_count):
                    self._theirs.add(name)
                if name not in self._theirs:
                    yield made
            case ExchangeDeclared(passive=False, exchange=name) if not name.startswith("amq."):
                yield Made(kind="exchange", name=name)


def _remove(place: Place, made_there: Iterable[Made]) -> None:
    """Remove queues first: an exchange stays as long as anything is bound to it."""
    all_made = sorted(made_there, key=lambda made: (made.kind != "queue", made.name))
    try:
        for made in all_made:
            delete(place.address, place.credentials, place.virtual_host, made.kind, made.name)
    except EnvironmentMissing as error:
        names = ", ".join(f"{made.kind} {made.name}" for made in all_made)
        raise EnvironmentMissing(
            say(
                "what this run made on the broker at {}:{} may still be there, on virtual host {}: "
                "{}. Delete it once the broker answers again (rabbitmqctl delete_queue NAME). {}",
                place.address.host,
                place.address.port,
                repr(place.virtual_host),
                names,
                told_by(error),
            )
        ) from error


def main(file: Path) -> None:
    """Remove what a file names; end with the reason if that fails."""
    place = msgspec.json.decode(sys.stdin.read(), type=Place)
    lines = file.read_bytes().splitlines() if file.exists() else []
    # A killed run may have written half of the last line.
    whole = [line for line in lines if line.endswith(b"}")]
    try:
        _remove(place, [msgspec.json.decode(line, type=Made) for line in whole])
    except EnvironmentMissing as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
