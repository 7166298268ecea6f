"""Stage: what all parts of a scenario share: its record, its wire, its clock, and who watches."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Literal, Protocol, TypeAlias

from filaprova.brokers.broker import Borrowed
from filaprova.phrase import Phrase, say, told_by
from filaprova.record.act import HarnessTrouble, HistoryOpened, WaitedInVain
from filaprova.record.event import SCHEMA, Event
from filaprova.record.history import History
from filaprova.record.observer import origin
from filaprova.record.recorder import FLUSH_EVERY_S, Recorder
from filaprova.runs.session import Session
from filaprova.runs.store import ScenarioFolder
from filaprova.wiretap.tap import Wiretap

AFTER_A_WAIT_IN_VAIN_S = 5.0
"""Limit of every further wait of a scenario, once one has come to nothing."""

Role: TypeAlias = Literal["step", "workers", "producer", "strike", "broker", "drain", "waited"]
"""Who acts, or what is done, in a line that is told while a scenario runs."""
Spent: TypeAlias = Literal["broker", "work", "start"]
"""What a scenario may spend time on, besides on the harness itself."""


class Narrator(Protocol):
    """Told what a scenario does while it runs."""

    def step(self, title: str) -> AbstractContextManager[None]:
        """Enter a step."""

    def tell(self, seconds: float, role: Role, text: str) -> None:
        """Hear a step's title, or what happened: at how many seconds of the scenario, by whom.

        What a ``Phrase`` tells on further lines is more than whoever watches needs to know.
        """


class Stage:
    """One scenario's place in the session: a virtual host, a history, taps. Closed by ``close``."""

    def __init__(
        self, session: Session, folder: ScenarioFolder, *, name: str, narrator: Narrator
    ) -> None:
        """Open the history; its clock starts now."""
        self.session = session
        self.narrator = narrator
        self.virtual_host = session.free_virtual_hosts.pop(0)
        self.seconds_by: dict[Spent, float] = {"broker": 0.0, "work": 0.0, "start": 0.0}
        broker = session.broker
        told = broker.note if isinstance(broker, Borrowed) else None
        self.recorder = Recorder(folder.history_path, told)
        self.recorder.record(
            HistoryOpened(
                at_ns=0,
                schema=SCHEMA,
                scenario=name,
                started_at=datetime.now(UTC).isoformat(timespec="seconds"),
                seed=session.settings.seed,
                broker=session.broker.description.as_texts(),
                settings=session.settings.recorded(),
            )
        )
        self.wiretap = Wiretap(session.background, self.recorder, session.broker.address)
        self._timed_out = False
        self._end_flushing = session.background.every(FLUSH_EVERY_S, self.recorder.flush)

    @property
    def wait_s(self) -> float:
        """Return the limit of every wait, in seconds; a short one after a wait that timed out."""
        limit_s = self.session.settings.wait_s
        return min(limit_s, AFTER_A_WAIT_IN_VAIN_S) if self._timed_out else limit_s

    def now_ns(self) -> int:
        """Return nanoseconds since the history was opened."""
        return self.recorder.now_ns()

    def since(self, index: int) -> list[Event]:
        """Return what was recorded from that index on."""
        return list(self.recorder.history())[index:]

    def tell(self, role: Role, text: str) -> None:
        """Tell whoever watches what somebody has just done."""
        self.narrator.tell(self.now_ns() / 1e9, role, text)

    @contextlib.contextmanager
    def timed(self, what: Spent) -> Iterator[None]:
        """Put the time that the body takes down to ``what``."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds_by[what] += time.monotonic() - started

    def in_vain(self, kind: str, told: Phrase, *, timed_out: bool = True) -> None:
        """Record that something was waited for and did not come; the scenario goes on.

        ``kind`` names the wait among all waits, ``told`` is the whole story.
        """
        self._timed_out = self._timed_out or timed_out
        self.recorder.record(
            WaitedInVain(at_ns=self.now_ns(), kind=kind, told=str(told), worded=told.worded())
        )
        self.tell("waited", told)

    def trouble(self, where: Phrase, error: BaseException) -> None:
        """Record that the harness itself went wrong, so that no verdict can be PASS."""
        told = say("{}: {}: {}", where, type(error).__name__, told_by(error))
        self.recorder.record(
            HarnessTrouble(
                at_ns=self.now_ns(),
                where=str(where),
                error=f"{type(error).__name__}: {error}",
                worded=told.worded(),
            )
        )

    def close(self) -> History:
        """Close the taps and the record, with what went wrong on the observer thread; return it."""
        try:
            self.wiretap.close()
        except Exception as error:
            self.trouble(say("closing the taps"), error)
        for kept in self.session.background.take_errors():
            self.trouble(say("{}", origin(kept)), kept)
        self._end_flushing()
        return self.recorder.close()
