"""Evidence: faults that landed, records that are whole, witnesses that agree."""

from __future__ import annotations

import pytest

from harness.checkers import (
    counts_agree,
    drained,
    fault_landed,
    fully_decoded,
    struck_mid_task,
    witnesses_agree,
)
from tests.harness.checkers.stories import FAIL, PASS, UNKNOWN, Case, Q, Story, case, name_of


def at_work(body: str | None = None) -> Story:
    """C1 has begun t1."""
    return (
        Story()
        .subscribe("C1")
        .publish("t1", body=body)
        .publish("t2")
        .deliver("t1", to="C1")
        .receive("C1", "t1")
    )


STRUCK = struck_mid_task(clients=["C1"])
LANDED = fault_landed(client="C1", fault="HoldBack")
DRAINED = drained(queue=Q)
DECODED = fully_decoded()
AGREE = witnesses_agree(queue=Q)
COUNTS = counts_agree(queue=Q)

CASES = [
    # ---------------------------------------------------------------- struck in mid-task
    case(
        "with its task in hand",
        at_work().strike("C1", "t1").die("C1"),
        STRUCK,
        PASS,
        "C1 struck with SIGKILL, each in the middle of a task.",
        figures={"struck": 1, "signal": "SIGKILL", "in_hand": {"C1": "t1"}, "looks": 1},
    ),
    case(
        "its output names the body",
        at_work(body="one").strike("C1", "t1").die("C1"),
        STRUCK,
        PASS,
        "C1 struck",
        figures={"in_hand": {"C1": "one"}},
    ),
    case(
        "with nothing in hand",
        at_work().strike("C1", None).die("C1"),
        STRUCK,
        UNKNOWN,
        "C1 held no unfinished task when it was struck.",
        blame="harness",
    ),
    case(
        "with what it was never sent",
        at_work().strike("C1", "t2").die("C1"),
        STRUCK,
        UNKNOWN,
        "C1 claims to hold 't2', which it was never sent.",
        blame="harness",
    ),
    case(
        "it was sent it only later",
        at_work().strike("C1", "t2").deliver("t2", to="C1").die("C1"),
        STRUCK,
        UNKNOWN,
        "which it was never sent",
        blame="harness",
    ),
    case(
        "it lives on",
        at_work().strike("C1", "t1"),
        STRUCK,
        UNKNOWN,
        "C1 did not end by the strike.",
        blame="harness",
    ),
    case(
        "it had ended before",
        at_work().die("C1").strike("C1", "t1"),
        STRUCK,
        UNKNOWN,
        "C1 did not end by the strike.",
        blame="harness",
    ),
    case(
        "never caught",
        at_work().miss("C1"),
        STRUCK,
        UNKNOWN,
        "C1 was never caught in the middle of a task: it was idle ten times; C1 was not struck.",
        blame="harness",
    ),
    case("not struck", at_work(), STRUCK, UNKNOWN, "C1 was not struck.", blame="harness"),
    # ---------------------------------------------------------------- a fault on the wire
    case(
        "landed",
        at_work().land("C1", "HoldBack"),
        LANDED,
        PASS,
        "HoldBack took effect on C1: held back 21 bytes.",
        figures={"fault": "HoldBack", "proof": "held back 21 bytes"},
    ),
    case(
        "on another client",
        at_work().land("C2", "HoldBack"),
        LANDED,
        UNKNOWN,
        "HoldBack never took effect on C1.",
        blame="harness",
    ),
    case(
        "another fault",
        at_work().land("C1", "Cut"),
        LANDED,
        UNKNOWN,
        "HoldBack never took effect on C1.",
        blame="harness",
    ),
    # ---------------------------------------------------------------- drained
    case(
        "all taken out",
        Story().publish("t1").drain("t1"),
        DRAINED,
        PASS,
        "1 task was left in the queue and taken out.",
        figures={"left": 1},
    ),
    case("nothing was left", Story().drain(), DRAINED, PASS, "0 tasks were left"),
    case(
        "twice drained",
        Story().publish("t1", "t2").drain("t1").drain("t2"),
        DRAINED,
        PASS,
        "2 tasks were left",
    ),
    case("never", at_work(), DRAINED, UNKNOWN, "the queue was not drained.", blame="harness"),
    case(
        "given up",
        Story().publish("t1").drain(complete=False),
        DRAINED,
        UNKNOWN,
        "the queue could not be drained: the broker does not answer.",
    ),
    case(
        "the wire shows fewer",
        Story().publish("t1", "t2").drain("t1", told=2),
        DRAINED,
        UNKNOWN,
        "taken out by its own count: 2; as the wire shows: 1.",
        blame="harness",
    ),
    case(
        "the broker says that one is still there",
        Story().publish("t1", "t2").declare("drain", ready=1).drain("t1"),
        DRAINED,
        UNKNOWN,
        "1 taken out, but the broker said last that 1 task was still there.",
        blame="harness",
    ),
    # ---------------------------------------------------------------- decoded
    case(
        "whole",
        at_work().gone("C1"),
        DECODED,
        PASS,
        "2 connections decoded whole.",
        figures={"connections": 2},
    ),
    case(
        "bytes that are no frames",
        at_work().garbage("C1"),
        DECODED,
        UNKNOWN,
        "C1",
    ),
    case(
        "a cut frame without an excuse",
        at_work().gone("C1", cut_bytes=3),
        DECODED,
        UNKNOWN,
        "C1: its connection ended in the middle of a frame.",
    ),
    case(
        "a cut frame of one that was struck",
        at_work().strike("C1", "t1").gone("C1", cut_bytes=3),
        DECODED,
        PASS,
        "decoded whole",
    ),
    case(
        "a cut frame of one that was sent a signal",
        at_work().signal("C1").gone("C1", cut_bytes=3),
        DECODED,
        PASS,
        "decoded whole",
    ),
    case(
        "another one was struck",
        at_work().strike("C2", "t1").gone("C1", cut_bytes=3),
        DECODED,
        UNKNOWN,
        "C1: its connection ended in the middle of a frame.",
    ),
    case(
        "struck only later",
        at_work().gone("C1", cut_bytes=3).strike("C1", "t1"),
        DECODED,
        UNKNOWN,
        "ended in the middle of a frame",
    ),
    case(
        "a fault cut it",
        at_work().gone("C1", by="fault", cut_bytes=3),
        DECODED,
        PASS,
        "decoded whole",
    ),
    case(
        "the broker was killed",
        at_work().stop_broker("kill").gone("C1", by="broker", cut_bytes=3),
        DECODED,
        PASS,
        "decoded whole",
    ),
    case(
        "a graceful stop is no excuse",
        at_work().stop_broker("stop").gone("C1", by="broker", cut_bytes=3),
        DECODED,
        UNKNOWN,
        "ended in the middle of a frame",
    ),
    case("no wire", Story().flood("C1"), DECODED, UNKNOWN, "nothing was seen on the wire."),
    # ---------------------------------------------------------------- witnesses
    case(
        "printed what it was sent",
        at_work().done("C1", "t1").deliver("t2", to="C1"),
        AGREE,
        PASS,
        "the wire and the output of 1 worker tell the same story.",
        figures={"delivered": 2, "received": 1, "done": 1},
    ),
    case(
        "the body is empty, the identity is not",
        at_work(body="").done("C1", "t1"),
        AGREE,
        PASS,
        "tell the same story",
    ),
    case(
        "received once more after it came back",
        at_work().close_channel("C1").deliver("t1", to="C1", again=True).receive("C1", "t1"),
        AGREE,
        PASS,
        "tell the same story",
    ),
    case(
        "printed what was never sent",
        at_work().receive("C1", "t2"),
        AGREE,
        FAIL,
        "C1 printed 't2' as received, which was not its next task.",
        blame="worker",
    ),
    case(
        "printed another task's name",
        at_work().deliver("t2", to="C1").receive("C1", "t1"),
        AGREE,
        FAIL,
        "C1 printed 't1' as received, which was not its next task.",
        blame="worker",
    ),
    case(
        "printed the identity instead of the body",
        at_work(body="one").deliver("t2", to="C1").print("C1", "x").receive_as("C1", "id"),
        AGREE,
        FAIL,
        "C1 printed 'id' as received",
        blame="worker",
    ),
    case(
        "done with nothing in hand",
        at_work().done("C1", "t1", None),
        AGREE,
        FAIL,
        "C1 printed Done without a task in its hands.",
        blame="worker",
    ),
    case("a flood", at_work().flood("C1"), AGREE, UNKNOWN, "C1 printed too much"),
    case(
        "nobody subscribed",
        Story().publish("t1"),
        AGREE,
        UNKNOWN,
        "nobody subscribed, so there is only one witness.",
    ),
    case(
        "nobody printed anything",
        Story().subscribe("C1").publish("t1").deliver("t1", to="C1"),
        AGREE,
        UNKNOWN,
        "no worker printed what it received, so there is only one witness.",
    ),
    # ---------------------------------------------------------------- the broker's counts
    case(
        "as predicted",
        at_work().count(1, 1).ack("t1", by="C1").count(1, 0).drain("t2").count(0, 0),
        COUNTS,
        PASS,
        "3 counts of the broker as the wire predicts.",
        figures={"counts": 3, "ready": 0, "unacked": 0},
    ),
    case(
        "a witness that knows only the ready ones",
        at_work().count(1, None),
        COUNTS,
        PASS,
        "1 count of the broker",
        figures={"unacked": None},
    ),
    case(
        "a channel that closed, a nack, a refusal, a delivery to the dead",
        at_work()
        .close_channel("C1")
        .subscribe("C2")
        .deliver("t2", to="C2")
        .nack("t2", by="C2")
        .publish("t3")
        .refuse("t3")
        .gone("C2")
        .deliver("t1", to="C2", again=True)
        .count(2, 0),
        COUNTS,
        PASS,
        "1 count",
    ),
    case("purged", at_work().purge(1).count(0, 1), COUNTS, PASS, "1 count"),
    case(
        "the broker has one less",
        at_work().count(0, 1),
        COUNTS,
        FAIL,
        "the broker counts 0 ready, 1 unacked; the wire predicts 1 ready, 1 unacked.",
    ),
    case(
        "the broker takes one for acknowledged",
        at_work().count(1, 0),
        COUNTS,
        FAIL,
        "the broker counts 1 ready, 0 unacked; the wire predicts 1 ready, 1 unacked.",
    ),
    case(
        "after a restart",
        at_work().bounce().count(2, 0),
        COUNTS,
        UNKNOWN,
        "restart",
    ),
    case("not listed", at_work(), COUNTS, UNKNOWN, "the queue was not listed"),
    case("not there", at_work().count_nothing(), COUNTS, UNKNOWN, "while it was there."),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_evidence(told: Case) -> None:
    assert told.seen() == told.expected()
