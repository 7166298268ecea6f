"""What both sides have agreed on one channel: consumers, outstanding deliveries and publishes."""

from __future__ import annotations

import re
from collections import OrderedDict, defaultdict, deque
from collections.abc import Mapping
from itertools import takewhile
from typing import Any, NamedTuple, TypeAlias, TypeVar

Arguments: TypeAlias = list[Any]
Outstanding: TypeAlias = tuple[str, str | None]
"""A delivery that was not settled: its task, and its queue where that is known."""
T = TypeVar("T")


class UnexpectedError(Exception):
    """A frame that is whole, but cannot come from this side at this moment."""


class Consumer(NamedTuple):
    """A subscription: its queue, None if nobody knows it, and whether it acknowledges by itself."""

    queue: str | None
    no_ack: bool


def shares_global_qos(product: str, version: str) -> bool:
    """Tell whether a limit that basic.qos sets with ``global`` is shared by a channel's consumers.

    RabbitMQ does that (www.rabbitmq.com/docs/consumer-prefetch) up to 4.2. From 4.3 on it takes the
    limit for one of each consumer without saying so, unless its configuration permits
    ``global_qos``, which the wire does not show.
    """
    numbers = re.match(r"(\d{1,4})\.(\d{1,4})", version)
    if product != "RabbitMQ" or numbers is None:
        return True
    return (int(numbers[1]), int(numbers[2])) < (4, 3)


class Channel:
    """What both sides have agreed on one channel since it was opened."""

    __slots__ = (
        "asked",
        "channel_prefetch_count",
        "confirming",
        "consumers",
        "last_queue",
        "number",
        "prefetch_count",
        "publish_count",
        "recovering_count",
        "settled_in_transaction",
        "unconfirmed",
        "unsettled",
    )

    def __init__(self, number: int) -> None:
        self.number = number
        self.asked: defaultdict[str, deque[Arguments]] = defaultdict(deque)
        """Requests that wait for the broker's answer, by the name of that answer."""
        self.last_queue = ""
        self.prefetch_count = 0
        """The limit that each consumer gets that starts from now on."""
        self.channel_prefetch_count = 0
        """The limit that all consumers share."""
        self.consumers: dict[str, Consumer] = {}
        self.unsettled: OrderedDict[int, Outstanding] = OrderedDict()
        """The outstanding deliveries by their delivery tags."""
        self.recovering_count = 0
        """Times that the client gave back what it held, and the broker has not answered yet."""
        self.settled_in_transaction: dict[int, Outstanding] | None = None
        """What was settled since the transaction began; None: the channel has no transactions."""
        self.confirming = False
        self.publish_count = 0
        self.unconfirmed: OrderedDict[int, str] = OrderedDict()
        """Task of each publish that the broker has not confirmed, by its publish tag."""

    def answer(self, to: str) -> Arguments:
        """Return the arguments of the oldest request that ``to`` answers."""
        if not self.asked[to]:
            raise UnexpectedError(f"a {to} that nobody asked for")
        return self.asked[to].popleft()

    def queue(self, name: str) -> str:
        """Return the queue that a name in a request means."""
        return name or self.last_queue

    def settleable(self, tag: int, multiple: bool) -> list[int]:
        """Return the tags of the outstanding deliveries that a settlement stands for."""
        if tag != 0 and tag not in self.unsettled:
            return []  # refused, whatever is before it
        return meant(self.unsettled, tag, multiple)

    def settle(
        self, tag: int, multiple: bool, *, for_good: bool = False
    ) -> list[tuple[int, Outstanding]]:
        """Remove and return the outstanding deliveries that a settlement stands for.

        ``for_good``: even where a transaction that it happens in is rolled back.
        """
        settled = [(each, self.unsettled.pop(each)) for each in self.settleable(tag, multiple)]
        if self.settled_in_transaction is not None and not for_good:
            self.settled_in_transaction.update(settled)
        return settled

    def let_go(self) -> None:
        """Forget the deliveries: as the channel closes, they go back to their queues."""
        self.unsettled.clear()
        self.settled_in_transaction = None

    def commit(self) -> None:
        """Let what was settled be settled; the next transaction begins."""
        if self.settled_in_transaction:
            self.settled_in_transaction = {}

    def roll_back(self) -> None:
        """Make what was settled outstanding again; the next transaction begins."""
        if self.settled_in_transaction:
            outstanding = {**self.unsettled, **self.settled_in_transaction}
            self.unsettled = OrderedDict(sorted(outstanding.items()))
            self.settled_in_transaction = {}


def meant(outstanding: Mapping[int, object], tag: int, multiple: bool) -> list[int]:
    """Return the tags that a tag stands for: itself, or all up to it, or (0) simply all."""
    if not multiple:
        return [tag] if tag in outstanding else []
    return [*takewhile(lambda each: tag == 0 or each <= tag, outstanding)]


def take(outstanding: OrderedDict[int, T], tag: int, multiple: bool) -> list[tuple[int, T]]:
    """Remove and return what a tag stands for."""
    return [(each, outstanding.pop(each)) for each in meant(outstanding, tag, multiple)]
