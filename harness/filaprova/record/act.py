"""What the harness itself does: steps, strikes, stops of the broker, counts, trouble."""

from __future__ import annotations

from typing import Literal

from filaprova.phrase import Worded
from filaprova.record.event import Event


class HistoryOpened(Event, frozen=True, kw_only=True):
    """First event of each history: what was examined, where and when (``started_at``: UTC)."""

    schema: int
    scenario: str
    started_at: str
    seed: int
    broker: dict[str, str] = {}
    settings: dict[str, str] = {}


class StepStarted(Event, frozen=True, kw_only=True):
    """A scenario step began."""

    title: str


class StepEnded(Event, frozen=True, kw_only=True):
    """A scenario step ended, with the message of its error if it failed."""

    title: str
    error: str | None = None


class Frozen(Event, frozen=True, kw_only=True):
    """SIGSTOP took effect on a program."""

    client: str


class Continued(Event, frozen=True, kw_only=True):
    """A frozen program was continued without being struck (SIGCONT)."""

    client: str


class Struck(Event, frozen=True, kw_only=True):
    """A frozen program was struck; what it held at that moment, by both witnesses."""

    client: str
    signal_name: str
    in_hand: str | None
    """The task that its output shows as received and not done; None: it was idle."""
    received_count: int
    done_count: int
    unsettled: list[str] = []
    """Tasks that the wire shows as delivered to it (manual ack) and not settled."""
    looks: int = 1
    """How often it had to be frozen until it held an unfinished task."""
    works_begun: int = 0
    works_ended: int = 0
    """Sleeps that its launcher had told of by then; fewer ended than begun: it is in its work."""


class Signalled(Event, frozen=True, kw_only=True):
    """A program was sent a signal wherever it happened to be."""

    client: str
    signal_name: str


class Released(Event, frozen=True, kw_only=True):
    """A program that still ran is not needed any more: the harness ends it, as it ends all."""

    client: str


class StrikeMissed(Event, frozen=True, kw_only=True):
    """A strike was given up: the program never held an unfinished task when frozen."""

    client: str
    reason: str
    worded: Worded | None = None
    """The reason, for other languages."""


class BrokerStopping(Event, frozen=True, kw_only=True):
    """A graceful stop ("stop") or a hard kill ("kill") of the broker begins."""

    how: Literal["stop", "kill"]


class BrokerStopped(Event, frozen=True, kw_only=True):
    """The broker process has ended; ``clean`` is False where a graceful stop was not one."""

    how: Literal["stop", "kill"]
    clean: bool
    detail: str = ""
    worded: Worded | None = None
    """The detail, for other languages."""


class BrokerStarted(Event, frozen=True, kw_only=True):
    """The broker answers AMQP again."""


class QueueCounted(Event, frozen=True, kw_only=True):
    """The broker's own counts of one queue; ``exists`` False: the broker does not know it."""

    queue: str
    exists: bool
    ready_count: int = 0
    unacked_count: int | None = None
    """None where this witness cannot tell (a passive declare)."""
    consumer_count: int = 0
    durable: bool | None = None


class Drained(Event, frozen=True, kw_only=True):
    """The harness took everything that was left in a queue; ``complete`` False: it gave up."""

    queue: str
    task_count: int
    complete: bool
    reason: str = ""


PROGRAM_ENDED = "program ended"
"""What kind of wait it is that a program ends."""


class WaitedInVain(Event, frozen=True, kw_only=True):
    """A step waited for something that did not come; what it was to verify is judged all the same.

    ``kind`` names the wait ("acknowledged"); ``told`` is the whole story, several lines, and
    ``worded`` the same for other languages. That of a publisher that did not end begins with its
    name.
    """

    kind: str
    told: str
    worded: Worded | None = None


class Withheld(Event, frozen=True, kw_only=True):
    """A fault kept a frame from the other side: it was sent, and did not arrive.

    ``what`` names the method ("basic.ack"), "heartbeat" and the like; one event for a method with
    its content, and one for each delivery or publish that a settlement or confirm stands for.
    ``task`` is what it is about where that is known, ``delivery_tag`` that of a delivery or of its
    settlement, ``by`` the side that sent it.
    """

    client: str
    connection: int
    channel: int
    fault: str
    what: str
    task: str | None = None
    delivery_tag: int | None = None
    by: Literal["client", "broker"] = "client"


class FaultLanded(Event, frozen=True, kw_only=True):
    """A fault armed in a tap took effect; ``proof`` quotes what shows it."""

    client: str
    fault: str
    proof: str


class Checkpoint(Event, frozen=True, kw_only=True):
    """The record up to here is what the checks of this name judge."""

    name: str


class HarnessTrouble(Event, frozen=True, kw_only=True):
    """Something went wrong in the harness itself; every verdict over this record is UNKNOWN."""

    where: str
    error: str
    worded: Worded | None = None
    """Both, for other languages."""
