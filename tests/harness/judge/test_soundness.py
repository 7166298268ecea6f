"""Soundness: is the record whole, and did what we inject land?"""

from __future__ import annotations

import pytest

from filaprova.judge.checks import drained, fault_landed, fully_decoded, struck_mid_task
from filaprova.record.wire import SocketClosed
from tests.harness.judge.scenes import at_work, one_worker
from tests.harness.judge.stories import PASS, UNKNOWN, Case, Q, Story, case, name_of

STRUCK = struck_mid_task(clients=["C1", "C2"])
ONE_STRUCK = struck_mid_task(clients=["C1"])
LANDED = fault_landed(client="C1", fault="HoldBack")
DRAINED = drained(queue=Q)
DECODED = fully_decoded()


def two_at_work() -> Story:
    """C1 and C2 have received a task each and are not done."""
    return (
        Story()
        .subscribe("C1", "C2")
        .publish("t1", "t2", "t3")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
        .receive("C1", "t1")
        .receive("C2", "t2")
    )


def one_struck() -> Story:
    return two_at_work().strike("C1", "t1").die("C1")


CASES = [
    case(
        "a child of the struck one goes on with its task",
        Story()
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .receive("C1", "t1")
        .strike("C1", "t1")
        .die("C1")
        .done("C1", "t1"),
        ONE_STRUCK,
        UNKNOWN,
        "a process that C1 had started went on after its end.",
    ),
    # ---------------------------------------------------------------- strikes
    case(
        "both were struck in the middle of a task",
        one_struck().strike("C2", "t2").die("C2"),
        STRUCK,
        PASS,
        "C1 and C2 were struck with SIGKILL, each in the middle of a task.",
        figures={
            "struck": 2,
            "signal": "SIGKILL",
            "in_hand": {"C1": "t1", "C2": "t2"},
            "looks": 2,
        },
    ),
    case(
        "both print nothing: the wire shows what one holds, and the other is in a sleep",
        Story()
        .subscribe("C1", "C2")
        .publish("t1", "t2")
        .deliver("t1", to="C1")
        .deliver("t2", to="C2")
        .strike("C1", None, unsettled=["t1"])
        .strike("C2", None, works_begun=2, works_ended=1)
        .die("C1", "C2"),
        STRUCK,
        PASS,
        "C1 and C2 were struck with SIGKILL, each in the middle of a task.",
        figures={"in_hand": {"C1": "a task", "C2": "a task"}},
    ),
    case(
        "it has settled all, and slept for all",
        Story()
        .subscribe("C1")
        .publish("t1")
        .deliver("t1", to="C1")
        .ack("t1", by="C1")
        .strike("C1", None, works_begun=1, works_ended=1)
        .die("C1"),
        ONE_STRUCK,
        UNKNOWN,
        "C1 held no unfinished task when it was struck.",
        blame="harness",
        figures={"in_hand": {"C1": None}},
    ),
    case(
        "what it holds is told by its body, and known by its message_id",
        Story()
        .subscribe("C1")
        .publish("id-1", body="the work")
        .deliver("id-1", to="C1")
        .receive("C1", "id-1")
        .strike("C1", "id-1", "SIGINT")
        .die("C1"),
        struck_mid_task(clients=["C1"]),
        PASS,
        "C1 was struck with SIGINT in the middle of a task.",
        figures={"in_hand": {"C1": "the work"}},
    ),
    case(
        "one was not struck",
        one_struck(),
        STRUCK,
        UNKNOWN,
        "C2 was not struck",
        blame="harness",
        figures={"struck": 1},
    ),
    case(
        "one was idle",
        one_struck().done("C2", "t2").strike("C2", None).die("C2"),
        STRUCK,
        UNKNOWN,
        "C2 held no unfinished task when it was struck",
        blame="harness",
    ),
    case(
        "one was never caught",
        one_struck().miss("C2"),
        STRUCK,
        UNKNOWN,
        "C2 was never caught in the middle of a task: it was idle ten times",
        blame="harness",
    ),
    case(
        "one says that it holds what it was never sent",
        one_struck().strike("C2", "t3").die("C2"),
        STRUCK,
        UNKNOWN,
        "C2 claims to hold 't3', which it was never sent",
        blame="harness",
    ),
    case(
        "what it holds was sent to another",
        one_struck().strike("C2", "t1").die("C2"),
        STRUCK,
        UNKNOWN,
        "C2 claims to hold 't1', which it was never sent",
        blame="harness",
    ),
    case(
        "one outlived its strike",
        one_struck().strike("C2", "t2"),
        STRUCK,
        UNKNOWN,
        "C2 did not end by the strike",
        blame="harness",
    ),
    case(
        "it was sent it only later",
        at_work().strike("C1", "t2").deliver("t2", to="C1").die("C1"),
        ONE_STRUCK,
        UNKNOWN,
        "which it was never sent",
        blame="harness",
    ),
    case(
        "it had ended before",
        at_work().die("C1").strike("C1", "t1"),
        ONE_STRUCK,
        UNKNOWN,
        "C1 did not end by the strike.",
        blame="harness",
    ),
    case(
        "each by a signal of its own",
        one_struck().strike("C2", "t2", signal="SIGTERM").die("C2"),
        STRUCK,
        PASS,
        "C1 and C2 were struck with SIGKILL, SIGTERM, each in the middle of a task.",
    ),
    case(
        "nobody was struck",
        two_at_work(),
        STRUCK,
        UNKNOWN,
        "C1 was not struck; C2 was not struck.",
        blame="harness",
    ),
    # ---------------------------------------------------------------- faults
    case(
        "the fault took effect",
        one_worker("t1").land("C1", "HoldBack"),
        LANDED,
        PASS,
        "HoldBack took effect on C1: held back 21 bytes.",
        figures={"fault": "HoldBack", "proof": "held back 21 bytes"},
    ),
    case(
        "it took effect on another",
        one_worker("t1").land("C2", "HoldBack"),
        LANDED,
        UNKNOWN,
        "HoldBack never took effect on C1",
        blame="harness",
    ),
    case(
        "another one took effect",
        one_worker("t1").land("C1", "Cut"),
        LANDED,
        UNKNOWN,
        "HoldBack never took effect on C1",
        blame="harness",
    ),
    # ---------------------------------------------------------------- the drain
    case(
        "one was left",
        Story().publish("t1").drain("t1"),
        DRAINED,
        PASS,
        "1 task was left in the queue and taken out.",
        figures={"left": 1},
    ),
    case("nothing was left", Story().publish("t1").drain(), DRAINED, PASS, "0 tasks were left"),
    case(
        "nobody drained it",
        Story().publish("t1"),
        DRAINED,
        UNKNOWN,
        "the queue was not drained",
        blame="harness",
    ),
    case(
        "it gave up",
        Story().publish("t1").drain("t1", complete=False),
        DRAINED,
        UNKNOWN,
        "could not be drained: the broker does not answer",
    ),
    case(
        "it took out more than the wire shows",
        Story().publish("t1", "t2").drain("t1", told=2),
        DRAINED,
        UNKNOWN,
        "taken out by its own count: 2; as the wire shows: 1",
        blame="harness",
    ),
    case(
        "twice drained",
        Story().publish("t1", "t2").drain("t1").drain("t2"),
        DRAINED,
        PASS,
        "2 tasks were left",
    ),
    case(
        "the broker says that one is still there",
        Story().publish("t1", "t2").declare("drain", ready=1).drain("t1"),
        DRAINED,
        UNKNOWN,
        "1 taken out, but the broker said last that 1 task was still there.",
        blame="harness",
    ),
    case(
        "taken out, but nobody says that this was all",
        Story().publish("t1").subscribe("drain").deliver("t1", to="drain"),
        DRAINED,
        UNKNOWN,
        "the queue was not drained.",
        blame="harness",
    ),
    case(
        "what comes after the end is none of it",
        Story().publish("t1", "t2").drain("t1").deliver("t2", to="drain"),
        DRAINED,
        PASS,
        "1 task was left in the queue and taken out.",
    ),
    case(
        "the broker says that two are still there",
        Story().publish("t1", "t2", "t3").declare("drain", ready=2).drain("t1"),
        DRAINED,
        UNKNOWN,
        "1 taken out, but the broker said last that 2 tasks were still there.",
        blame="harness",
    ),
    # ---------------------------------------------------------------- decoding
    case(
        "every byte was understood",
        one_worker("t1").close("C1").gone("producer"),
        DECODED,
        PASS,
        "2 connections decoded whole.",
        figures={"connections": 2},
    ),
    case("there was no wire", Story().print("C1", "hello"), DECODED, UNKNOWN, "nothing was seen"),
    case(
        "somebody sent garbage",
        one_worker("t1").garbage("C1"),
        DECODED,
        UNKNOWN,
        "C1: bytes of the client are not AMQP 0-9-1: no frame begins so",
    ),
    case(
        "a frame was cut off",
        one_worker("t1").gone("C1", cut_bytes=3),
        DECODED,
        UNKNOWN,
        "C1: its connection ended in the middle of a frame",
    ),
    case(
        "a fault cut it off",
        one_worker("t1").gone("C1", by="fault", cut_bytes=3),
        DECODED,
        PASS,
        "decoded whole",
    ),
    case(
        "its strike cut it off",
        one_struck().gone("C1", cut_bytes=3),
        DECODED,
        PASS,
        "decoded whole",
    ),
    case(
        "the strike of another did not",
        one_struck().gone("C2", cut_bytes=3),
        DECODED,
        UNKNOWN,
        "C2: its connection ended in the middle of a frame",
    ),
    case(
        "the kill of the broker cut it off",
        one_worker("t1").stop_broker("kill").gone("C1", by="broker", cut_bytes=3),
        DECODED,
        PASS,
        "decoded whole",
    ),
    case(
        "a kill of long before did not",
        one_worker("t1").bounce("kill").subscribe("C1").gone("C1", cut_bytes=3),
        DECODED,
        UNKNOWN,
        "C1: its connection ended in the middle of a frame",
    ),
    case(
        "a graceful stop cuts nothing off",
        one_worker("t1").stop_broker().gone("C1", by="broker", cut_bytes=3),
        DECODED,
        UNKNOWN,
        "C1: its connection ended in the middle of a frame",
    ),
    case(
        "struck only later",
        at_work().gone("C1", cut_bytes=3).strike("C1", "t1"),
        DECODED,
        UNKNOWN,
        "ended in the middle of a frame",
    ),
    case(
        "a cut frame of one that was sent a signal",
        at_work().signal("C1").gone("C1", cut_bytes=3),
        DECODED,
        PASS,
        "decoded whole",
    ),
    case(
        "a frame of the broker was cut off",
        at_work().tell(
            SocketClosed, client="C1", connection=1, by="client", broker_remainder_bytes=3
        ),
        DECODED,
        UNKNOWN,
        "C1: its connection ended in the middle of a frame.",
    ),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_soundness(told: Case) -> None:
    assert told.seen() == told.expected()
