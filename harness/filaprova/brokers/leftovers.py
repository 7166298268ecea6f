"""Leftovers: what programs make on a broker that is somebody's own, and its removal.

A file in the reaper's folder has all of it, so that it is removed even when the run is killed:
``python -m filaprova.brokers.leftovers FILE``. What was in use before the run is nobody's leftover.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
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
    """Where all of it is: the first line of the file."""

    address: Address
    credentials: Credentials
    virtual_host: str


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a program has declared: a further line of the file."""

    kind: Kind
    name: str


class Leftovers:
    """What a run has made and not yet removed."""

    def __init__(self, place: Place, reaper: Reaper) -> None:
        """Have the reaper remove what is made from now on, whatever becomes of the run."""
        self._place = place
        fd, name = tempfile.mkstemp(".jsonl", "leftovers-", reaper.scratch)  # nobody else reads it
        self._file = Path(name)
        self._made: set[Made] = set()
        self._theirs: set[str] = set()
        with open(fd, "wb") as file:
            file.write(_line(place))
        reaper.at_end([sys.executable, "-P", "-m", "filaprova.brokers.leftovers", str(self._file)])

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
                    file.write(_line(made))

    def remove(self) -> None:
        """Remove it all. Raises ``EnvironmentMissing`` naming what is left where that fails."""
        _remove(self._place, self._made)
        self._made.clear()
        with contextlib.suppress(OSError):
            self._file.write_bytes(_line(self._place))

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


def _line(content: Place | Made) -> bytes:
    return msgspec.json.encode(content) + b"\n"


def main(file: Path) -> None:
    """Remove what a file names; end with the reason if that fails."""
    first, *others = file.read_bytes().splitlines()
    # A killed run may have written half of the last line.
    whole = [line for line in others if line.endswith(b"}")]
    made = [msgspec.json.decode(line, type=Made) for line in whole]
    try:
        _remove(msgspec.json.decode(first, type=Place), made)
    except EnvironmentMissing as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
