"""Listing queues while a broker is not quite up, or when the command fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from filaprova.brokers.broker import QueueRow
from filaprova.brokers.node import list_queues
from filaprova.errors import EnvironmentMissing, TimedOut

ROW = (
    '[{"name": "q", "durable": true, "messages_ready": 2, "messages_unacknowledged": 1, '
    '"consumers": 3}]'
)
NOT_YET = (
    "Error: this command requires the 'rabbit' app to be running on the target node. "
    "Start it with 'rabbitmqctl start_app'."
)


def answering(*answers: tuple[int, str, str]) -> Callable[[], tuple[int, str, str]]:
    each: Iterator[tuple[int, str, str]] = iter(answers)
    return lambda: next(each)


def test_one_that_does_not_count_as_running_yet_is_asked_again() -> None:
    ask = answering((64, "", NOT_YET), (64, NOT_YET, ""), (0, ROW, ""))
    assert list_queues(ask) == [
        QueueRow(name="q", durable=True, ready_count=2, unacked_count=1, consumer_count=3)
    ]


def test_another_failure_is_told_at_once() -> None:
    with pytest.raises(EnvironmentMissing, match="ended with status 69: no such node"):
        list_queues(answering((69, "", "no such node\n")))


def test_what_takes_too_long_is_told() -> None:
    def ask() -> tuple[int, str, str]:
        raise TimedOut("it took more than 30 s")

    with pytest.raises(EnvironmentMissing, match="was not done within 30 s"):
        list_queues(ask)
