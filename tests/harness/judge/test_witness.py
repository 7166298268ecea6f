"""Witnesses: each form of evidence that the checkers write is told from the others."""

from __future__ import annotations

import pytest

from filaprova.judge.decision import shown
from filaprova.record import events

WIRE = {"client": "C1", "connection": 1}


@pytest.mark.parametrize(
    ("event", "witness"),
    [
        (events.ChannelClosed(at_ns=1, **WIRE, channel=1, by="broker", code=1, text="x"), "wire"),
        (events.ConnectionClosed(at_ns=1, **WIRE, by="broker", code=320, text="x"), "wire"),
        (events.Undecodable(at_ns=1, **WIRE, by="client", reason="x", bytes_hex="00"), "wire"),
        (events.TaskReceived(at_ns=1, client="C1", task="the broker counts"), "output"),
        (events.TaskDone(at_ns=1, client="C1", task="a"), "output"),
        (events.TaskSent(at_ns=1, client="producer", task="the broker counts"), "output"),
        (events.OutputLine(at_ns=1, client="C1", stream="stdout", text="x"), "output"),
        (events.QueueCounted(at_ns=1, queue="q", exists=True), "broker"),
        (events.QueueCounted(at_ns=1, queue="q", exists=False), "broker"),
        (events.BrokerStopped(at_ns=1, how="stop", clean=True), "broker"),
        (events.Drained(at_ns=1, queue="q", task_count=0, complete=True), "harness"),
    ],
)
def test_each_kind_of_event_has_its_witness(event: events.Event, witness: str) -> None:
    assert shown(event).witness == witness
