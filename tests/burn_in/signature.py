"""What a scenario must give again with the same seed: who was sent what, and settled what.

Not compared are times, process numbers, tags, and how the events of different programs lie between
each other: of these nobody but the machine decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from filaprova.record.act import (
    BrokerStopping,
    FaultLanded,
    Signalled,
    Struck,
)
from filaprova.record.event import DRAIN, Event
from filaprova.record.history import History
from filaprova.record.wire import (
    ConsumerStarted,
    Delivered,
    Published,
    QueueDeleted,
    Settled,
    SocketClosed,
)

TEXT_LIMIT = 400

SPEED_DECIDES: Mapping[str, str] = {
    "test_fair_dispatch[": "with prefetch 1 whoever is free first gets the next task",
    "test_long_tasks[fair]": "with prefetch 1 whoever is free first gets the next task",
    "test_short_tasks[fair_short]": "with prefetch 1 whoever is free first gets the next task",
    "test_delete_a_queue_under_work": "with prefetch 1 whoever is free first gets the next task",
}
"""Scenarios, by the beginning of their names, in which who gets which task depends on speed."""


def signature(history: History) -> str:
    """Return for each worker the tasks that it was sent and those that it settled, in order.

    Up to the first fault or the first end of a worker: what comes back then goes to whoever is
    ready. Tasks are named by the order in which they were published, since their bodies hold the
    time. A long one ends in its SHA-256.
    """
    numbers: dict[str, int] = {}
    sent: dict[str, list[str]] = {}
    settled: dict[str, list[str]] = {}
    end = ""
    for event in history:
        match event:
            case Published():
                numbers.setdefault(event.task, len(numbers) + 1)
            case ConsumerStarted() if event.client != DRAIN:
                sent.setdefault(event.client, [])
                settled.setdefault(event.client, [])
            case Delivered() if event.client in sent:
                sent[event.client].append(f"{numbers.get(event.task)}")
            case Settled() if event.client in settled:
                settled[event.client].append(f"{event.how} {numbers.get(event.task or '')}")
            case _ if _ends(event, sent):
                if isinstance(event, Struck):
                    end = f"; {event.client} struck holding {numbers.get(event.in_hand or '')}"
                break
    text = "; ".join(
        f"{client} sent {' '.join(sent[client])}, settled {' '.join(settled[client])}"
        for client in sorted(sent)
    )
    if len(text) > TEXT_LIMIT:
        text = f"{text[:TEXT_LIMIT]}… sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    return text + end


def speed_decides(scenario: str) -> bool:
    """Tell whether a scenario of this name may give another signature with the same seed."""
    return scenario.rpartition("::")[2].startswith(tuple(SPEED_DECIDES))


def _ends(event: Event, workers: Mapping[str, object]) -> bool:
    if isinstance(event, SocketClosed):
        return event.client in workers
    return isinstance(event, Struck | Signalled | BrokerStopping | FaultLanded | QueueDeleted)
