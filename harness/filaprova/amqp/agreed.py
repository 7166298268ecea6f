"""What both sides have agreed on one channel: consumers, outstanding deliveries and publishes."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from itertools import takewhile
from typing import Any, NamedTuple, TypeAlias, TypeVar

Arguments: TypeAlias = list[Any]
T = TypeVar("T")


class UnexpectedError(Exception):
    """A frame that is whole, but cannot come from this side at this moment."""


class Consumer(NamedTuple):
    queue: str | None
    no_ack: bool


class Channel:
    """What both sides have agreed on one channel since it was opened."""

    __slots__ = (
        "asked",
        "confirming",
        "consumers",
        "last_queue",
        "number",
        "prefetch_count",
        "publish_count",
        "unconfirmed",
        "unsettled",
    )

    def __init__(self, number: int) -> None:
        self.number = number
        self.asked: defaultdict[str, deque[Arguments]] = defaultdict(deque)
        """Requests that wait for the broker's answer, by the name of that answer."""
        self.last_queue = ""
        self.prefetch_count = 0
        self.consumers: dict[str, Consumer] = {}
        self.unsettled: OrderedDict[int, tuple[str, str | None]] = OrderedDict()
        """Task and queue of each outstanding delivery, by its delivery tag."""
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


def take(outstanding: OrderedDict[int, T], tag: int, multiple: bool) -> list[tuple[int, T]]:
    """Remove and return what a tag stands for: itself, or all up to it, or (0) simply all."""
    if not multiple:
        return [(tag, outstanding.pop(tag))] if tag in outstanding else []
    tags = [*takewhile(lambda each: tag == 0 or each <= tag, outstanding)]
    return [(each, outstanding.pop(each)) for each in tags]
