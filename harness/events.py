"""Every kind of event that a history may hold: the vocabulary of the record.

Three sources write them: the wire (decoded by ``harness.amqp``), the programs under examination
(their output and their ends) and the harness's own acts. All carry ``at_ns``, nanoseconds of one
monotonic clock since the history was opened. Events say what was seen and never judge.

``task`` is the identity of a task: the ``message_id`` property if the publisher set one, else the
body's text (UTF-8 with backslash escapes; a body over 256 bytes is cut and gets its SHA-256).
``client`` is the name of the process whose tap port the bytes went through ("C1", "producer").
``connection`` counts the TCP connections of all clients of one history, from 1.
"""

from __future__ import annotations

import hashlib
from typing import Literal, TypeAlias

import msgspec

SCHEMA = 1

BODY_TEXT_LIMIT_BYTES = 256

DRAIN = "drain"
"""Client name of the harness's own consumer: what is delivered to it was left in the queue."""

Side: TypeAlias = Literal["client", "broker"]


def body_text(body: bytes) -> str:
    """Return the text form of a body, the same for every witness.

    UTF-8, with what is not UTF-8 as backslash escapes; a body over ``BODY_TEXT_LIMIT_BYTES`` is
    cut there and its SHA-256 follows.
    """
    if len(body) <= BODY_TEXT_LIMIT_BYTES:
        return body.decode("utf-8", "backslashreplace")
    return long_body_text(body[:BODY_TEXT_LIMIT_BYTES], hashlib.sha256(body).hexdigest())


def long_body_text(beginning: bytes, sha256: str) -> str:
    """Return the text form of a long body from its beginning and its digest alone."""
    return f"{beginning.decode('utf-8', 'backslashreplace')}… sha256:{sha256}"


class Event(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag=True,
    tag_field="event",
    omit_defaults=True,
    gc=False,
):
    """Something that was seen or done ``at_ns`` nanoseconds after the history was opened."""

    at_ns: int


# ---------------------------------------------------------------- the wire: connections, channels


class WireEvent(Event, frozen=True, kw_only=True):
    """Something seen on one TCP connection of one client."""

    client: str
    connection: int


class SocketOpened(WireEvent, frozen=True, kw_only=True):
    """The client connected to its tap and the tap to the broker."""


class SocketRefused(WireEvent, frozen=True, kw_only=True):
    """The client connected to its tap, but the tap could not reach the broker."""

    reason: str


class SocketClosed(WireEvent, frozen=True, kw_only=True):
    """The TCP connection ended; ``by`` tells which side ended it, "fault" that the tap did.

    The remainders are bytes that came in but did not complete a frame.
    """

    by: Literal["client", "broker", "fault"]
    client_remainder_bytes: int = 0
    broker_remainder_bytes: int = 0


class ConnectionOpened(WireEvent, frozen=True, kw_only=True):
    """The AMQP handshake is complete (connection.open-ok)."""

    vhost: str
    heartbeat_s: int
    frame_max_bytes: int
    broker_product: str = ""
    broker_version: str = ""


class ConnectionClosed(WireEvent, frozen=True, kw_only=True):
    """One side sent connection.close."""

    by: Side
    code: int
    text: str


class Undecodable(WireEvent, frozen=True, kw_only=True):
    """Bytes from one side are not AMQP 0-9-1; decoding of that connection ended here."""

    by: Side
    reason: str
    bytes_hex: str


class ChannelEvent(WireEvent, frozen=True, kw_only=True):
    """Something seen on one channel."""

    channel: int


class ChannelOpened(ChannelEvent, frozen=True, kw_only=True):
    """channel.open-ok."""


class ChannelClosed(ChannelEvent, frozen=True, kw_only=True):
    """One side sent channel.close."""

    by: Side
    code: int
    text: str


# ---------------------------------------------------------------- the wire: queues and consumers


class QueueDeclared(ChannelEvent, frozen=True, kw_only=True):
    """queue.declare-ok: the broker's own counts at that moment."""

    queue: str
    passive: bool
    durable: bool
    exclusive: bool
    auto_delete: bool
    ready_count: int
    consumer_count: int
    arguments: dict[str, str | int | float | bool | None] = {}
    answered: bool = True
    """False: asked with ``nowait``, so the broker does not answer and counts are given as 0."""


class QueueDeleted(ChannelEvent, frozen=True, kw_only=True):
    """queue.delete-ok; ``message_count`` messages were dropped with the queue."""

    queue: str
    message_count: int
    answered: bool = True
    """False: asked with ``nowait``, so the broker does not answer and counts are given as 0."""


class QueuePurged(ChannelEvent, frozen=True, kw_only=True):
    """queue.purge-ok."""

    queue: str
    message_count: int
    answered: bool = True
    """False: asked with ``nowait``, so the broker does not answer and counts are given as 0."""


class PrefetchSet(ChannelEvent, frozen=True, kw_only=True):
    """basic.qos-ok."""

    prefetch_count: int
    is_global: bool


class ConsumerStarted(ChannelEvent, frozen=True, kw_only=True):
    """basic.consume-ok; ``prefetch_count`` is the limit in force for this consumer (0: none)."""

    queue: str
    consumer_tag: str
    no_ack: bool
    prefetch_count: int
    priority: int = 0
    """Argument ``x-priority``: who has a higher one is served first."""


class ConsumerCancelled(ChannelEvent, frozen=True, kw_only=True):
    """basic.cancel-ok (by the client) or basic.cancel (by the broker)."""

    consumer_tag: str
    by: Side


class ConfirmsSelected(ChannelEvent, frozen=True, kw_only=True):
    """confirm.select-ok: from here on the broker confirms what this channel publishes."""


# ---------------------------------------------------------------- the wire: tasks


class Published(ChannelEvent, frozen=True, kw_only=True):
    """basic.publish with its whole content; ``publish_tag`` counts from 1 in confirm mode."""

    task: str
    exchange: str
    routing_key: str
    persistent: bool
    mandatory: bool
    body_bytes: int
    publish_tag: int | None = None
    body: str | None = None
    """The body's text where it is not the identity itself (a ``message_id`` was set)."""
    expiration: str | None = None
    """Milliseconds after which the broker is to let it go, as its publisher wrote them."""


class Confirmed(ChannelEvent, frozen=True, kw_only=True):
    """The broker confirmed one publish (a ``multiple`` confirm gives one event each)."""

    task: str
    publish_tag: int


class PublishRefused(ChannelEvent, frozen=True, kw_only=True):
    """The broker answered a publish in confirm mode with basic.nack."""

    task: str
    publish_tag: int


class Returned(ChannelEvent, frozen=True, kw_only=True):
    """basic.return: an unroutable mandatory publish came back."""

    task: str
    code: int
    text: str


class Delivered(ChannelEvent, frozen=True, kw_only=True):
    """basic.deliver, or basic.get-ok with ``consumer_tag`` None, with its whole content."""

    task: str
    queue: str | None
    """The queue consumed from, known from the basic.consume or basic.get."""
    consumer_tag: str | None
    delivery_tag: int
    redelivered: bool
    no_ack: bool
    body_bytes: int
    body: str | None = None
    delivery_count: int | None = None
    """Header ``x-delivery-count`` of a quorum queue."""


class Settled(ChannelEvent, frozen=True, kw_only=True):
    """The client acknowledged, nacked or rejected one delivery.

    A ``multiple`` settlement gives one event for each delivery that it settles; a tag that
    settles nothing outstanding gives one event with ``task`` None.
    """

    task: str | None
    delivery_tag: int
    how: Literal["ack", "nack", "reject"]
    requeue: bool = False
    multiple: bool = False
    queue: str | None = None


# ---------------------------------------------------------------- programs


class ProgramStarted(Event, frozen=True, kw_only=True):
    """A worker or producer process was started."""

    client: str
    role: Literal["worker", "producer", "tool"]
    program: str
    command: list[str]
    pid: int


class OutputLine(Event, frozen=True, kw_only=True):
    """A line that a program printed (cut at 4,096 characters)."""

    client: str
    stream: Literal["stdout", "stderr"]
    text: str


class OutputDropped(Event, frozen=True, kw_only=True):
    """A flood: further lines are counted, not kept, once a program printed too many."""

    client: str
    line_count: int


class TaskReceived(Event, frozen=True, kw_only=True):
    """A worker printed that it received a task; ``task`` is the body's text as printed."""

    client: str
    task: str


class TaskSent(Event, frozen=True, kw_only=True):
    """A publisher printed that it sent a task; ``task`` is the body's text as printed."""

    client: str
    task: str


class TaskDone(Event, frozen=True, kw_only=True):
    """A worker printed that it is done; ``task`` is the one it had printed as received last."""

    client: str
    task: str | None


class ProgramExited(Event, frozen=True, kw_only=True):
    """A process ended: ``exit_code`` as shells count it, or the ``signal_name`` that ended it."""

    client: str
    pid: int
    exit_code: int | None = None
    signal_name: str | None = None


# ---------------------------------------------------------------- the harness's acts


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


class Signalled(Event, frozen=True, kw_only=True):
    """A program was sent a signal wherever it happened to be."""

    client: str
    signal_name: str


class StrikeMissed(Event, frozen=True, kw_only=True):
    """A strike was given up: the program never held an unfinished task when frozen."""

    client: str
    reason: str


class BrokerStopping(Event, frozen=True, kw_only=True):
    """A graceful stop ("stop") or a hard kill ("kill") of the broker begins."""

    how: Literal["stop", "kill"]


class BrokerStopped(Event, frozen=True, kw_only=True):
    """The broker process has ended; ``clean`` is False where a graceful stop was not one."""

    how: Literal["stop", "kill"]
    clean: bool
    detail: str = ""


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


AnyEvent: TypeAlias = (
    SocketOpened
    | SocketRefused
    | SocketClosed
    | ConnectionOpened
    | ConnectionClosed
    | Undecodable
    | ChannelOpened
    | ChannelClosed
    | QueueDeclared
    | QueueDeleted
    | QueuePurged
    | PrefetchSet
    | ConsumerStarted
    | ConsumerCancelled
    | ConfirmsSelected
    | Published
    | Confirmed
    | PublishRefused
    | Returned
    | Delivered
    | Settled
    | ProgramStarted
    | OutputLine
    | OutputDropped
    | TaskReceived
    | TaskSent
    | TaskDone
    | ProgramExited
    | HistoryOpened
    | StepStarted
    | StepEnded
    | Frozen
    | Continued
    | Struck
    | Signalled
    | StrikeMissed
    | BrokerStopping
    | BrokerStopped
    | BrokerStarted
    | QueueCounted
    | Drained
    | FaultLanded
    | Checkpoint
    | HarnessTrouble
)
