"""Topology: which queues a publish was routed to, followed on the wire.

Exchanges, bindings and queues are followed declaration by declaration (AMQP 0-9-1 section 3.1.3;
RabbitMQ documentation, "Exchanges"). What nobody declared on the record may be there all the same,
unless the record begins with a virtual host of its own: then it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from filaprova.record.act import BrokerStarted, HistoryOpened, QueueCounted
from filaprova.record.event import Event
from filaprova.record.history import History
from filaprova.record.wire import (
    Bound,
    ConsumerStarted,
    Delivered,
    ExchangeDeclared,
    ExchangeDeleted,
    Published,
    QueueDeclared,
    QueueDeleted,
    SocketClosed,
    Unbound,
)

PREDECLARED = {
    "amq.direct": "direct",
    "amq.fanout": "fanout",
    "amq.topic": "topic",
    "amq.headers": "headers",
    "amq.match": "headers",
}
REPLY_TO = "amq.rabbitmq.reply-to"
"""Who is sent an answer under such a name has no queue of that name (RabbitMQ documentation,
"Direct Reply-to")."""
OWN_BACKENDS = ("local", "container")
"""Brokers of ours, which give every scenario an empty virtual host."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One route out of an exchange."""

    destination: str
    to_exchange: bool
    routing_key: str


@dataclass(slots=True)
class Topology:
    """What is declared and bound at one moment of a record; ``see`` takes it to the next event."""

    begins_empty: bool = False
    queues: dict[str, QueueDeclared | None] = field(default_factory=dict)
    """Queues that are there, with the declaration that made them where that was seen."""
    gone: set[str] = field(default_factory=set)
    """Queues that were seen to be gone, whether or not they came back."""
    uncertain: set[str] = field(default_factory=set)
    """Queues of which the record does not show whether they are still there."""
    kinds: dict[str, str] = field(default_factory=lambda: dict(PREDECLARED))
    fleeting: set[str] = field(default_factory=set)
    """Exchanges that do not outlive the broker."""
    alternates: dict[str, str] = field(default_factory=dict)
    """Where an exchange sends what it cannot route (RabbitMQ documentation, "Alternate
    Exchanges")."""
    bindings: dict[str, set[Binding]] = field(default_factory=dict)

    def see(self, event: Event) -> None:
        """Take up what an event says about queues, exchanges and bindings."""
        match event:
            case HistoryOpened():
                self.begins_empty = event.broker.get("backend") in OWN_BACKENDS
            case QueueDeclared(passive=False):
                self._there(event.queue, event)
            case QueueDeclared() | ConsumerStarted():
                self._there(event.queue, None)
            case QueueCounted(exists=True):
                self._there(event.queue, None)
            case QueueDeleted() | QueueCounted():
                self._remove(event.queue)
            case ExchangeDeclared(passive=False) if event.exchange not in self.kinds:
                self.kinds[event.exchange] = event.kind  # a passive declaration's means nothing
                if not event.durable:
                    self.fleeting.add(event.exchange)
                alternate = event.arguments.get("alternate-exchange")
                if isinstance(alternate, str):
                    self.alternates[event.exchange] = alternate
            case ExchangeDeleted():
                self._remove_exchange(event.exchange)
            case Bound():
                self.bindings.setdefault(event.source, set()).add(_binding(event))
            case Unbound():
                self.bindings.get(event.source, set()).discard(_binding(event))
            case SocketClosed():
                for queue, declared in self.queues.items():
                    if declared and (
                        declared.auto_delete
                        or (declared.exclusive and declared.connection == event.connection)
                    ):
                        self.uncertain.add(queue)
            case BrokerStarted():
                for queue, declared in list(self.queues.items()):
                    if declared and not declared.durable:
                        self._remove(queue)
                for exchange in list(self.fleeting):
                    self._remove_exchange(exchange)

    def routes(self, event: Published) -> set[str] | None:
        """Return the queues that a publish goes to now; None: the record cannot tell."""
        if not event.exchange:
            return self._queue_named(event.routing_key)
        found: set[str] = set()
        for binding in self._matching(event.exchange, event.routing_key, set()):
            if binding is None:
                return None
            found.add(binding.destination)
        if not found and not self.begins_empty:
            return None  # it may have bindings of before the record
        return found

    def _queue_named(self, queue: str) -> set[str] | None:
        if queue in self.uncertain or queue.startswith(REPLY_TO):
            return None
        if queue in self.queues or not (self.begins_empty or queue in self.gone):
            return {queue}  # where nothing shows otherwise, it is there
        return set()

    def _matching(
        self, exchange: str, routing_key: str, passed: set[str]
    ) -> Iterator[Binding | None]:
        if exchange in passed:
            return
        kind = self.kinds.get(exchange)
        if kind is None and not self.begins_empty:
            yield None
            return
        passed = {*passed, exchange}
        is_routed = False
        for binding in self.bindings.get(exchange, ()):
            matched = _matches(kind, binding.routing_key, routing_key)
            is_routed = is_routed or matched is not False
            if matched is None:
                yield None
            elif matched and binding.to_exchange:
                yield from self._matching(binding.destination, routing_key, passed)
            elif matched:
                yield binding
        if not is_routed and exchange in self.alternates:
            yield from self._matching(self.alternates[exchange], routing_key, passed)

    def _there(self, queue: str, declared: QueueDeclared | None) -> None:
        if self.queues.get(queue) is None or queue in self.uncertain:
            self.queues[queue] = declared or self.queues.get(queue)
        self.uncertain.discard(queue)

    def _remove(self, queue: str) -> None:
        self.queues.pop(queue, None)
        self.uncertain.discard(queue)
        self.gone.add(queue)
        for bound in self.bindings.values():
            bound -= {b for b in bound if b.destination == queue and not b.to_exchange}

    def _remove_exchange(self, exchange: str) -> None:
        self.kinds.pop(exchange, None)
        self.fleeting.discard(exchange)
        self.alternates.pop(exchange, None)
        self.bindings.pop(exchange, None)


def _binding(event: Bound | Unbound) -> Binding:
    return Binding(event.destination, event.to_exchange, event.routing_key)


def _matches(kind: str | None, pattern: str, routing_key: str) -> bool | None:
    """Tell whether an exchange of a kind routes by this binding; None: the record cannot tell."""
    if kind == "fanout":
        return True
    if kind == "direct":
        return pattern == routing_key
    if kind == "topic":
        return _topic_matches(_words(pattern), _words(routing_key))
    return None  # headers and plugins look at what is not recorded


def _words(key: str) -> list[str]:
    return key.split(".") if key else []


def _topic_matches(pattern: Sequence[str], words: Sequence[str]) -> bool:
    """Tell whether words fit a topic pattern: ``*`` is any one word, ``#`` any number of them."""
    fitted = {0}
    """How many of the words the pattern so far can stand for."""
    for part in pattern:
        if part == "#":
            fitted = set(range(min(fitted), len(words) + 1))
        else:
            fitted = {n + 1 for n in fitted if n < len(words) and part in ("*", words[n])}
        if not fitted:
            return False
    return len(words) in fitted


def routes_of(history: History) -> dict[int, set[str] | None]:
    """Return the queues that each publish was routed to, by its ``id``; None: nobody can tell.

    The ids are those of the history's own events.
    """
    return history.derived("routes of publishes", _routes)


def _routes(history: History) -> dict[int, set[str] | None]:
    topology = Topology()
    routes: dict[int, set[str] | None] = {}
    for event in history:
        if isinstance(event, Published):
            routes[id(event)] = topology.routes(event)
        else:
            topology.see(event)
    return routes


def arrived(history: History) -> dict[int, set[str]]:
    """Return the queues from which publishes were delivered, whatever the declarations say.

    By the ``id`` of each publish. A queue is there, and a binding in force, before their answers
    are seen: what was published in between arrives. What comes by way of a dead letter exchange is
    another matter.
    """
    return history.derived("arrived", _arrived)


def _arrived(history: History) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    last: dict[str, Published] = {}
    for event in history:
        if isinstance(event, Published):
            last[event.task] = event
        elif (
            isinstance(event, Delivered)
            and event.task in last
            and event.queue is not None
            and event.dead_lettered_from is None
        ):
            found.setdefault(id(last[event.task]), set()).add(event.queue)
    return found
