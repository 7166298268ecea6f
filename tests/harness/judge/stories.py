"""Histories told by hand, a line for each thing that happened, and what a checker has to say.

A story is a record that could have been made: it keeps the connections, channels and delivery tags,
and its clock ticks 10 ms with everything that happens. It does not keep the broker's rules, so that
brokers and workers which break them can be told of as well.

    Story().subscribe("C1").publish("t1").deliver("t1", to="C1").work("C1", "t1").history()
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

import msgspec

from filaprova.judge.registry import Check
from filaprova.judge.verdict import Blame, Figure, Outcome, Verdict
from filaprova.record.act import (
    BrokerStarted,
    BrokerStopped,
    BrokerStopping,
    Continued,
    Drained,
    FaultLanded,
    Frozen,
    HarnessTrouble,
    HistoryOpened,
    QueueCounted,
    Released,
    Signalled,
    StrikeMissed,
    Struck,
    WaitedInVain,
    Withheld,
)
from filaprova.record.event import DRAIN, Event
from filaprova.record.history import History
from filaprova.record.program import (
    OutputDropped,
    OutputLine,
    ProgramExited,
    ProgramStarted,
    TaskDone,
    TaskReceived,
    TaskSent,
    WorkBegan,
    WorkEnded,
)
from filaprova.record.wire import (
    Bound,
    ChannelClosed,
    Confirmed,
    ConnectionBlocked,
    ConnectionClosed,
    ConnectionOpened,
    ConnectionUnblocked,
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    ExchangeDeclared,
    ExchangeDeleted,
    PollEmpty,
    PrefetchSet,
    Published,
    PublishRefused,
    QueueDeclared,
    QueueDeleted,
    QueuePurged,
    Returned,
    Settled,
    SocketClosed,
    SocketOpened,
    TransactionCommitted,
    TransactionRolledBack,
    TransactionSelected,
    Unbound,
    Undecodable,
)

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL

Q = "tasks"
"""The queue that all stories are about unless they say otherwise."""

TIMED_OUT = "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out"
TICK_NS = 10_000_000

SECONDS_PER_DOT = 1.0
"""What a dot of a task takes in stories whose beginning is told with ``open``."""

CHANNEL = 1


class Story:
    """A record in the making; every method appends what happened and returns the story."""

    def __init__(self, queue: str = Q) -> None:
        self.queue = queue
        self.events: list[Event] = []
        self.at_ns = 0
        self.connections: dict[str, int] = {}
        self.connected = 0
        self.no_ack: dict[int, bool] = {}
        self.delivery_tags: dict[int, int] = {}
        self.publish_tags: dict[int, int] = {}
        self.tags: dict[tuple[str, str], int] = {}
        """The tag of the last delivery of each task to each client."""
        self.bodies: dict[str, str] = {}

    def history(self) -> History:
        return History(self.events)

    # ------------------------------------------------------------------ the clock, and anything

    def tell(self, kind: type[Event], /, **what: Any) -> Self:
        self.at_ns += TICK_NS
        self.events.append(kind(at_ns=self.at_ns, **what))
        return self

    def wait(self, seconds: float) -> Self:
        self.at_ns += int(seconds * 1e9)
        return self

    def open(self, *, own_host: bool = False, seconds_per_dot: str | None = None) -> Self:
        """The record begins; with ``own_host`` in a virtual host that nobody else uses."""
        dot = str(SECONDS_PER_DOT) if seconds_per_dot is None else seconds_per_dot
        return self.tell(
            HistoryOpened,
            schema=1,
            scenario="a story",
            started_at="2026-01-01T00:00:00Z",
            seed=7,
            broker={"backend": "local" if own_host else "external"},
            settings={"seconds_per_dot": dot},
        )

    # ------------------------------------------------------------------ connections

    def connect(self, client: str) -> Self:
        self.connected += 1
        self.connections[client] = self.connected
        self.tell(SocketOpened, client=client, connection=self.connected)
        return self.tell(
            ConnectionOpened,
            client=client,
            connection=self.connected,
            vhost="/",
            heartbeat_s=60,
            frame_max_bytes=131_072,
        )

    def on(self, client: str) -> dict[str, Any]:
        """Return where on the wire this client is; it connects if it never did."""
        if client not in self.connections:
            self.connect(client)
        return {"client": client, "connection": self.connections[client], "channel": CHANNEL}

    def gone(
        self,
        *clients: str,
        by: Literal["client", "broker", "fault"] = "client",
        cut_bytes: int = 0,
    ) -> Self:
        """Their sockets have closed; what is delivered to them from now on comes too late."""
        for client in clients:
            where = self.on(client)
            self.tell(
                SocketClosed,
                client=client,
                connection=where["connection"],
                by=by,
                client_remainder_bytes=cut_bytes,
            )
        return self

    def close_channel(
        self, client: str, by: Literal["client", "broker"] = "client", code: int = 0, text: str = ""
    ) -> Self:
        return self.tell(ChannelClosed, **self.on(client), by=by, code=code, text=text)

    def close_connection(self, client: str, code: int, text: str) -> Self:
        """connection.close by the broker, for a reason."""
        connection = self.on(client)["connection"]
        return self.tell(
            ConnectionClosed,
            client=client,
            connection=connection,
            by="broker",
            code=code,
            text=text,
        )

    def close(self, client: str, by: Literal["client", "broker"] = "client") -> Self:
        """An orderly end: connection.close, then the socket."""
        return self.say_goodbye(client, by).gone(client)

    def say_goodbye(self, client: str, by: Literal["client", "broker"] = "client") -> Self:
        """connection.close; the socket is still open."""
        return self.tell(
            ConnectionClosed,
            client=client,
            connection=self.on(client)["connection"],
            by=by,
            code=200,
            text="Normal shutdown",
        )

    def garbage(self, client: str) -> Self:
        where = self.on(client)
        return self.tell(
            Undecodable,
            client=client,
            connection=where["connection"],
            by="client",
            reason="no frame begins so",
            bytes_hex="00",
        )

    # ------------------------------------------------------------------ publishing

    def publish(
        self,
        *tasks: str,
        by: str = "producer",
        persistent: bool = True,
        confirms: bool = False,
        body: str | None = None,
        expiration: str | None = None,
        exchange: str = "",
        key: str | None = None,
        mandatory: bool = False,
        priority: int | None = None,
    ) -> Self:
        """Publish tasks, to the queue itself unless an ``exchange`` or a routing ``key`` is named.

        With ``confirms`` each is confirmed at once.
        """
        for task in tasks:
            where = self.on(by)
            tag = self.publish_tags[where["connection"]] = (
                self.publish_tags.get(where["connection"], 0) + 1
            )
            if body is not None:
                self.bodies[task] = body
            self.tell(
                Published,
                **where,
                task=task,
                exchange=exchange,
                routing_key=self.queue if key is None else key,
                persistent=persistent,
                mandatory=mandatory,
                body_bytes=len(task),
                publish_tag=tag,
                body=body,
                expiration=expiration,
                priority=priority,
            )
            if confirms:
                self.tell(Confirmed, **where, task=task, publish_tag=tag)
        return self

    def confirm(self, *tasks: str, by: str = "producer") -> Self:
        for task in tasks:
            self.tell(Confirmed, **self.on(by), task=task, publish_tag=1)
        return self

    def refuse(self, *tasks: str, by: str = "producer") -> Self:
        for task in tasks:
            self.tell(PublishRefused, **self.on(by), task=task, publish_tag=1)
        return self

    def send_back(self, *tasks: str, by: str = "producer") -> Self:
        """basic.return: nobody has a use for them."""
        for task in tasks:
            self.tell(Returned, **self.on(by), task=task, code=312, text="NO_ROUTE")
        return self

    # ------------------------------------------------------------------ transactions

    def block(self, client: str, reason: str = "low on disk") -> Self:
        """connection.blocked."""
        where = {key: value for key, value in self.on(client).items() if key != "channel"}
        return self.tell(ConnectionBlocked, **where, reason=reason)

    def unblock(self, client: str) -> Self:
        """connection.unblocked."""
        where = {key: value for key, value in self.on(client).items() if key != "channel"}
        return self.tell(ConnectionUnblocked, **where)

    def time_out(self, client: str) -> Self:
        """The broker closes the channel of one that does not acknowledge for too long."""
        return self.close_channel(client, "broker", 406, TIMED_OUT)

    def select(self, client: str) -> Self:
        """From here on what this channel publishes and settles counts once it is committed."""
        return self.tell(TransactionSelected, **self.on(client))

    def commit(self, client: str) -> Self:
        return self.tell(TransactionCommitted, **self.on(client))

    def roll_back(self, client: str) -> Self:
        return self.tell(TransactionRolledBack, **self.on(client))

    # ------------------------------------------------------------------ consuming

    def subscribe(
        self,
        *clients: str,
        prefetch: int = 0,
        no_ack: bool = False,
        finding: int | None = None,
        priority: int = 0,
        exclusive: bool = False,
    ) -> Self:
        """Connect anew and subscribe; ``finding`` so many ready tasks when declaring the queue."""
        for client in clients:
            self.connect(client)
            if finding is not None:
                self.declare(by=client, ready=finding)
            where = self.on(client)
            self.no_ack[where["connection"]] = no_ack
            self.tell(
                ConsumerStarted,
                **where,
                queue=self.queue,
                consumer_tag="ctag",
                no_ack=no_ack,
                prefetch_count=prefetch,
                priority=priority,
                exclusive=exclusive,
            )
        return self

    def subscribe_again(self, client: str, prefetch: int = 0) -> Self:
        """A second subscription on the same channel."""
        return self.tell(
            ConsumerStarted,
            **self.on(client),
            queue=self.queue,
            consumer_tag="ctag2",
            no_ack=False,
            prefetch_count=prefetch,
        )

    def shared_limit(self, limit: int) -> Self:
        """The channel of the subscription just made has this limit for all its consumers."""
        self.events[-1] = msgspec.structs.replace(self.events[-1], channel_prefetch_count=limit)
        return self

    def set_prefetch(self, client: str, prefetch: int) -> Self:
        return self.tell(PrefetchSet, **self.on(client), prefetch_count=prefetch, is_global=False)

    def cancel(self, *clients: str, by: Literal["client", "broker"] = "broker") -> Self:
        for client in clients:
            self.tell(ConsumerCancelled, **self.on(client), consumer_tag="ctag", by=by)
        return self

    def deliver(self, *tasks: str, to: str, again: bool = False, **how: Any) -> Self:
        """Deliver; ``again`` with the mark of a redelivery, whether it is one or not.

        ``how`` names further fields of ``Delivered``.
        """
        for task in tasks:
            where = self.on(to)
            connection = where["connection"]
            tag = self.delivery_tags[connection] = self.delivery_tags.get(connection, 0) + 1
            self.tags[to, task] = tag
            what = {
                "task": task,
                "queue": self.queue,
                "consumer_tag": "ctag",
                "delivery_tag": tag,
                "redelivered": again,
                "no_ack": self.no_ack.get(connection, False),
                "body_bytes": len(task),
                "body": self.bodies.get(task),
            }
            self.tell(Delivered, **where, **(what | how))
        return self

    def get(self, *tasks: str, by: str, again: bool = False) -> Self:
        """Ask for one message and get it (basic.get)."""
        return self.deliver(*tasks, to=by, again=again, consumer_tag=None)

    def get_nothing(self, client: str) -> Self:
        """Ask for one message of a queue that has none."""
        return self.tell(PollEmpty, **self.on(client), queue=self.queue)

    def of_no_queue(self) -> Self:
        """Of what was delivered last nobody saw from which queue it came."""
        self.events[-1] = msgspec.structs.replace(self.events[-1], queue=None)
        return self

    def settle(
        self,
        *tasks: str,
        by: str,
        how: Literal["ack", "nack", "reject"],
        requeue: bool = False,
        multiple: bool = False,
    ) -> Self:
        for index, task in enumerate(tasks):
            if multiple and index:
                self.at_ns -= TICK_NS  # one frame settles them all at one moment
            self.tell(
                Settled,
                **self.on(by),
                task=task,
                delivery_tag=self.tags[by, task],
                how=how,
                requeue=requeue,
                multiple=multiple,
                queue=self.queue,
            )
        return self

    def ack(self, *tasks: str, by: str, multiple: bool = False) -> Self:
        return self.settle(*tasks, by=by, how="ack", multiple=multiple)

    def nack(self, *tasks: str, by: str, requeue: bool = True) -> Self:
        return self.settle(*tasks, by=by, how="nack", requeue=requeue)

    # ------------------------------------------------------------------ what workers print and do

    def receive(self, client: str, *tasks: str) -> Self:
        """Print that they are received: the body, which may not be the identity."""
        for task in tasks:
            self.tell(TaskReceived, client=client, task=self.bodies.get(task, task))
        return self

    def say(self, client: str, *tasks: str) -> Self:
        """Print that they are sent."""
        for task in tasks:
            self.tell(TaskSent, client=client, task=self.bodies.get(task, task))
        return self

    def receive_as(self, client: str, text: str) -> Self:
        """Print something else as received than what came."""
        return self.tell(TaskReceived, client=client, task=text)

    def done(self, client: str, *tasks: str | None, named: bool = False) -> Self:
        """Print that they are done; ``named``: the lines themselves tell which they are."""
        for task in tasks:
            printed = None if task is None else self.bodies.get(task, task)
            self.tell(TaskDone, client=client, task=printed, named=named)
        return self

    def begin_sleep(self, client: str, seconds: float, thread: str = "") -> Self:
        return self.tell(WorkBegan, client=client, seconds=seconds, thread=thread)

    def end_sleep(self, client: str, seconds: float, *, complete: bool = True) -> Self:
        ended_ns = self.at_ns + TICK_NS
        return self.tell(
            WorkEnded, client=client, seconds=seconds, complete=complete, ended_ns=ended_ns
        )

    def sleep(self, client: str, seconds: float, thread: str = "") -> Self:
        """Sleep for so long, as the launcher tells."""
        return self.begin_sleep(client, seconds, thread).wait(seconds).end_sleep(client, seconds)

    def toil(self, client: str, *tasks: str) -> Self:
        """Sleep for each of these tasks, as long as its dots say."""
        for task in tasks:
            self.sleep(client, self.bodies.get(task, task).count(".") * SECONDS_PER_DOT)
        return self

    def work(self, client: str, *tasks: str) -> Self:
        """Receive, do and acknowledge, one after the other."""
        for task in tasks:
            self.receive(client, task).done(client, task).ack(task, by=client)
        return self

    def do(self, client: str, *tasks: str) -> Self:
        """Receive and do, one after the other, and acknowledge nothing."""
        for task in tasks:
            self.receive(client, task).done(client, task)
        return self

    def handle(self, client: str, *tasks: str, again: bool = False) -> Self:
        """Deliver, receive, do and acknowledge, one after the other."""
        for task in tasks:
            self.deliver(task, to=client, again=again).work(client, task)
        return self

    def print(self, client: str, text: str) -> Self:
        return self.tell(OutputLine, client=client, stream="stdout", text=text)

    def complain(self, client: str, *lines: str) -> Self:
        """Print to the standard error."""
        for text in lines:
            self.tell(OutputLine, client=client, stream="stderr", text=text)
        return self

    def flood(self, client: str) -> Self:
        return self.tell(OutputDropped, client=client, line_count=7)

    def freeze(self, *clients: str) -> Self:
        for client in clients:
            self.tell(Frozen, client=client)
        return self

    def go_on(self, *clients: str) -> Self:
        for client in clients:
            self.tell(Continued, client=client)
        return self

    def strike(
        self, client: str, holding: str | None, signal: str = "SIGKILL", **more: Any
    ) -> Self:
        """Strike; ``more`` names what the wire or the launcher showed it to have in hand."""
        in_hand = None if holding is None else self.bodies.get(holding, holding)
        return self.tell(
            Struck,
            client=client,
            signal_name=signal,
            in_hand=in_hand,
            received_count=1,
            done_count=0,
            **more,
        )

    def miss(self, client: str) -> Self:
        return self.tell(StrikeMissed, client=client, reason="it was idle ten times")

    def signal(self, client: str, signal: str = "SIGKILL") -> Self:
        return self.tell(Signalled, client=client, signal_name=signal)

    def release(self, client: str) -> Self:
        """The harness is about to end it, as it ends all."""
        return self.tell(Released, client=client)

    def exit(self, *clients: str, code: int | None = None, signal: str | None = None) -> Self:
        for client in clients:
            self.tell(ProgramExited, client=client, pid=1, exit_code=code, signal_name=signal)
        return self

    def role(
        self,
        role: Literal["worker", "producer", "tool"],
        client: str,
        pid: int = 1,
        program: str | None = None,
        asked: int | None = None,
    ) -> Self:
        """Its process is started, of a program of its own unless one is named.

        A publisher may be ``asked`` for so many tasks.
        """
        program = program or client
        command = ["python", program] if asked is None else ["python", program, str(asked)]
        return self.tell(
            ProgramStarted, client=client, role=role, program=program, command=command, pid=pid
        )

    def die(self, *clients: str) -> Self:
        """Killed: the process ends and its socket closes."""
        for client in clients:
            self.exit(client, signal="SIGKILL").gone(client)
        return self

    # ------------------------------------------------------------------ queues and the broker

    def turn_to(self, queue: str) -> Self:
        """What follows is about this queue."""
        self.queue = queue
        return self

    def declare(
        self,
        by: str = "tool",
        *,
        durable: bool = True,
        ready: int = 0,
        passive: bool = False,
        exclusive: bool = False,
        auto_delete: bool = False,
        arguments: dict[str, str | int] | None = None,
    ) -> Self:
        return self.tell(
            QueueDeclared,
            **self.on(by),
            queue=self.queue,
            passive=passive,
            durable=durable,
            exclusive=exclusive,
            auto_delete=auto_delete,
            ready_count=ready,
            consumer_count=0,
            arguments=arguments or {},
        )

    def exchange(
        self,
        name: str,
        kind: str,
        by: str = "tool",
        *,
        passive: bool = False,
        durable: bool = True,
        arguments: dict[str, str | int] | None = None,
    ) -> Self:
        """Declare an exchange."""
        return self.tell(
            ExchangeDeclared,
            **self.on(by),
            exchange=name,
            kind=kind,
            passive=passive,
            durable=durable,
            auto_delete=False,
            arguments=arguments or {},
        )

    def delete_exchange(self, name: str, by: str = "tool") -> Self:
        return self.tell(ExchangeDeleted, **self.on(by), exchange=name)

    def bind(
        self, source: str, key: str = "", to: str | None = None, by: str = "tool", **how: Any
    ) -> Self:
        """Bind the queue, or what is named, to an exchange."""
        destination = self.queue if to is None else to
        where = self.on(by)
        return self.tell(
            Bound, **where, source=source, destination=destination, routing_key=key, **how
        )

    def unbind(
        self, source: str, key: str = "", to: str | None = None, by: str = "tool", **how: Any
    ) -> Self:
        destination = self.queue if to is None else to
        where = self.on(by)
        return self.tell(
            Unbound, **where, source=source, destination=destination, routing_key=key, **how
        )

    def delete(self, dropped: int, by: str = "tool", *, answered: bool = True) -> Self:
        return self.tell(
            QueueDeleted,
            **self.on(by),
            queue=self.queue,
            message_count=dropped,
            answered=answered,
        )

    def purge(self, dropped: int, by: str = "tool", *, answered: bool = True) -> Self:
        return self.tell(
            QueuePurged,
            **self.on(by),
            queue=self.queue,
            message_count=dropped,
            answered=answered,
        )

    def count(self, ready: int, unacked: int | None = 0, consumers: int = 0) -> Self:
        return self.tell(
            QueueCounted,
            queue=self.queue,
            exists=True,
            ready_count=ready,
            unacked_count=unacked,
            consumer_count=consumers,
        )

    def count_nothing(self) -> Self:
        """The broker knows no such queue."""
        return self.tell(QueueCounted, queue=self.queue, exists=False)

    def drain(
        self, *tasks: str, again: bool = False, told: int | None = None, complete: bool = True
    ) -> Self:
        """Take these out of the queue; it says that they are all, or ``told`` so many."""
        if tasks:
            self.subscribe(DRAIN).deliver(*tasks, to=DRAIN, again=again).ack(*tasks, by=DRAIN)
        return self.tell(
            Drained,
            queue=self.queue,
            task_count=len(tasks) if told is None else told,
            complete=complete,
            reason="" if complete else "the broker does not answer",
        )

    def stop_broker(self, how: Literal["stop", "kill"] = "stop", *, clean: bool = True) -> Self:
        """The broker goes down, and every socket with it."""
        self.tell(BrokerStopping, how=how)
        open_now = [c for c in self.connections if not self._closed(c)]
        self.gone(*open_now, by="broker")
        detail = "exit status 0" if clean else "exit status 137"
        return self.tell(BrokerStopped, how=how, clean=clean, detail=detail)

    def _closed(self, client: str) -> bool:
        connection = self.connections[client]
        return any(isinstance(e, SocketClosed) and e.connection == connection for e in self.events)

    def start_broker(self) -> Self:
        return self.tell(BrokerStarted)

    def bounce(self, how: Literal["stop", "kill"] = "stop") -> Self:
        """The broker is stopped and started; whoever was connected has to connect anew."""
        self.stop_broker(how).start_broker()
        self.connections.clear()
        return self

    def withhold(self, client: str, task: str, what: str = "basic.ack") -> Self:
        """A fault keeps from the broker what this client sent about the last delivery of a task."""
        return self.tell(
            Withheld,
            **self.on(client),
            fault="HoldBack",
            what=what,
            task=task,
            delivery_tag=self.tags[client, task],
        )

    def land(self, client: str, fault: str) -> Self:
        return self.tell(FaultLanded, client=client, fault=fault, proof="held back 21 bytes")

    def wait_in_vain(self, kind: str, told: str = "") -> Self:
        """A step of the scenario waited for something that did not come."""
        return self.tell(WaitedInVain, kind=kind, told=told or f"waited 20.0 s: {kind}")

    def trouble(self) -> Self:
        return self.tell(HarnessTrouble, where="the tap of C1", error="boom")


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A story, a check, and what the check has to say about the story."""

    name: str
    story: Story
    check: Check
    outcome: Outcome
    says: str
    """A piece of the summary."""
    blame: Blame | None
    figures: dict[str, Figure]

    def verdict(self) -> Verdict:
        return self.check.judge(self.story.history())

    def expected(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome,
            "says": self.says,
            "blame": self.blame,
            "figures": self.figures,
        }

    def seen(self) -> dict[str, Any]:
        """Return what ``expected`` is to be compared with: of the figures those that are named."""
        verdict = self.verdict()
        return {
            "outcome": verdict.outcome,
            "says": self.says if self.says in verdict.summary else verdict.summary,
            "blame": verdict.blame,
            "figures": {name: verdict.figures.get(name, "no such figure") for name in self.figures},
        }


def at_work() -> Story:
    """Two consumers hold a task each, one task is ready."""
    return (
        Story()
        .declare()
        .subscribe("C1", "C2")
        .publish("t1", "t2", "t3")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
    )


def case(
    name: str,
    story: Story,
    check: Check,
    outcome: Outcome,
    says: str,
    *,
    blame: Blame | None = None,
    figures: Mapping[str, Figure] | None = None,
) -> Case:
    """Return a case; one that does not pass must say whom it blames, by default nobody."""
    return Case(
        name=name,
        story=story,
        check=check,
        outcome=outcome,
        says=says,
        blame=blame,
        figures=dict(figures or {}),
    )


def name_of(told: Case) -> str:
    """Return the name of a case, for pytest to show."""
    return f"{told.check.name}-{told.outcome}-{told.name}".replace(" ", "_")
