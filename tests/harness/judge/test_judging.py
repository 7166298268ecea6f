"""How a verdict is decided and worded: the pieces that all checkers share, at their edges."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from filaprova.judge.decision import (
    EVIDENCE_LIMIT,
    LAST_INSTANT_NS,
    about,
    counts_text,
    decide,
    does_not_apply,
    doubts_about,
    doubts_about_arrival,
    doubts_about_output,
    every,
    forgotten_since_ns,
    life_of,
    named,
    plural,
    share_text,
    shown,
    went_down_hard,
)
from filaprova.judge.ledger import Ledger
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Blame, Outcome, Verdict
from filaprova.record.act import (
    BrokerStarted,
    BrokerStopped,
    BrokerStopping,
    Drained,
    FaultLanded,
    QueueCounted,
    Released,
    Signalled,
    StepEnded,
    Struck,
)
from filaprova.record.event import Event
from filaprova.record.program import (
    OutputLine,
    ProgramExited,
    TaskDone,
    TaskReceived,
    TaskSent,
)
from filaprova.record.wire import (
    ChannelClosed,
    ConnectionClosed,
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    PrefetchSet,
    Published,
    QueueDeclared,
    QueueDeleted,
    QueuePurged,
    Settled,
    SocketClosed,
    Undecodable,
)
from tests.harness.judge.stories import FAIL, PASS, UNKNOWN, Q, Story

WHERE: dict[str, Any] = {"at_ns": 7, "client": "C1", "connection": 2, "channel": 3}
ON = "C1 [connection 2, channel 3]"
DECLARED = QueueDeclared(
    **WHERE,
    queue=Q,
    passive=False,
    durable=False,
    exclusive=False,
    auto_delete=False,
    ready_count=0,
    consumer_count=0,
)


def book(story: Story) -> Ledger:
    return ledger(story.history(), Q)


def counted(**what: Any) -> QueueCounted:
    return QueueCounted(**{"at_ns": 7, "queue": Q, "exists": True} | what)


# ------------------------------------------------------------------ the decision


@pytest.mark.parametrize(
    ("findings", "blind", "doubts", "outcome", "summary"),
    [
        ([], [], [], PASS, "all well."),
        ([], [], ["unsure", "unseen"], UNKNOWN, "unsure; unseen."),
        (["lost", "late"], [], [], FAIL, "lost; late."),
        (["lost"], [], ["unsure"], FAIL, "lost."),
        (["lost"], ["nothing was seen"], ["unsure"], UNKNOWN, "nothing was seen."),
        ([], ["nothing was seen"], ["unsure"], UNKNOWN, "nothing was seen."),
        ([], ["nothing was seen"], [], UNKNOWN, "nothing was seen."),
    ],
)
def test_blind_outweighs_findings_and_findings_outweigh_doubts(
    findings: list[str], blind: list[str], doubts: list[str], outcome: Outcome, summary: str
) -> None:
    verdict = decide(
        summary="all well",
        figures={"lost": 1},
        findings=findings,
        blind=blind,
        doubts=doubts,
        hint="look there",
    )
    assert structs.replace(verdict, worded={}) == Verdict(
        check="",
        outcome=outcome,
        summary=summary,
        figures={"lost": 1},
        hint="look there" if findings or blind or doubts else "",
    )


@pytest.mark.parametrize("blame", ["publisher", "broker", "worker", "harness", "environment"])
def test_only_a_finding_blames_who_is_examined(blame: Blame) -> None:
    def blamed(**against: list[str]) -> Blame | None:
        return decide(summary="well", figures={}, blame=blame, **against).blame

    unsure = blame if blame in ("harness", "environment") else None
    assert blamed(findings=["lost"]) == blame
    assert blamed(findings=["lost"], doubts=["unsure"]) == blame
    assert blamed(findings=["lost"], blind=["unseen"]) == unsure
    assert blamed(doubts=["unsure"]) == unsure
    assert blamed(blind=["unseen"]) == unsure
    assert blamed() is None


def test_a_finding_without_more_to_say_of_it() -> None:
    verdict = decide(summary="well", figures={}, findings=["lost?"])
    assert (verdict.outcome, verdict.summary) == (FAIL, "lost?")
    assert decide(figures={}).summary == "."  # whoever can pass says what is then said


def test_what_does_not_apply_passes_and_says_why() -> None:
    verdict = does_not_apply("nobody asked", figures={"shares": 2})
    assert (verdict.outcome, verdict.summary) == (PASS, "does not apply: nobody asked.")
    assert verdict.figures == {"applies": False, "shares": 2}


def test_a_verdict_tells_what_was_expected_and_seen_and_the_first_events() -> None:
    events = [OutputLine(at_ns=i, client="C1", stream="stdout", text=str(i)) for i in range(30)]
    verdict = decide(
        summary="Ends with a stop.", figures={}, expected="2", seen="1", evidence=events
    )
    assert (verdict.summary, verdict.expected, verdict.seen) == ("Ends with a stop.", "2", "1")
    assert verdict.evidence == [shown(event) for event in events[:EVIDENCE_LIMIT]]
    bare = decide(summary="well", figures={})
    assert structs.replace(bare, worded={}) == Verdict(check="", outcome=PASS, summary="well.")


# ------------------------------------------------------------------ doubts


@pytest.mark.parametrize(
    ("story", "doubts"),
    [
        (Story(), [f"nothing was published to {Q}, so there is nothing to judge"]),
        (
            Story().publish("t1").refuse("t1"),
            [f"all that was published to {Q} was refused: there is nothing to judge"],
        ),
        (
            Story().publish("t1", "t1"),
            [
                "tasks cannot be told apart: 't1' was published more than once; give each message "
                "a body or a message_id of its own"
            ],
        ),
        (
            Story().publish("t1").deliver("t2", to="C1"),
            [
                f"{Q} held tasks that nobody was seen to publish: 't2'; was it empty at the start, "
                "and does nobody else use it?"
            ],
        ),
        (Story().publish("t1").deliver("t1", to="C1"), []),
    ],
    ids=["nothing", "refused", "repeated", "unexpected", "none"],
)
def test_doubts_about_single_tasks(story: Story, doubts: list[str]) -> None:
    assert doubts_about(book(story)) == doubts


def test_doubts_about_what_may_never_have_arrived() -> None:
    assert doubts_about_arrival(book(Story().publish("t1"))) == []
    assert doubts_about_arrival(book(Story().publish("t2", "t1").gone("producer"))) == [
        "2 tasks may never have arrived (published without confirm on a connection that broke): "
        "'t1', 't2'"
    ]


def test_doubts_about_what_was_printed() -> None:
    story = Story().publish("t1", "t2", "t3").deliver("t1", to="C1").do("C1", "t1")
    assert doubts_about_output(book(story)) == []
    story.deliver("t2", to="C2").deliver("t3", to="C3").flood("C3")
    assert doubts_about_output(book(story)) == ["C2 printed no line that names a task"]
    assert doubts_about_output(book(story), ["C1", "C3"]) == [
        "C3 printed too much: not all lines were kept"
    ]
    assert doubts_about_output(book(story), ["C1", "C9"]) == []
    assert doubts_about_output(book(Story().publish("t1").flood("C1"))) == []


# ------------------------------------------------------------------ a broker that goes down


def stopping(at_ns: int, how: str = "stop") -> BrokerStopping:
    return BrokerStopping(at_ns=at_ns, how=how)  # type: ignore[arg-type]


def ended(at_ns: int, *, clean: bool) -> BrokerStopped:
    return BrokerStopped(at_ns=at_ns, how="stop", clean=clean)


@pytest.mark.parametrize(
    ("unclean", "how", "hard"),
    [
        ([], "stop", False),
        ([], "kill", True),
        ([ended(11, clean=False)], "stop", True),
        ([ended(10, clean=False)], "stop", False),
        ([ended(9, clean=False)], "stop", False),
    ],
)
def test_who_was_killed_or_did_not_end_gracefully_went_down_hard(
    unclean: list[BrokerStopped], how: str, hard: bool
) -> None:
    assert went_down_hard(Ledger(queue=Q, unclean=unclean), stopping(10, how)) is hard


S = LAST_INSTANT_NS


def test_what_may_be_forgotten() -> None:
    story = Story().publish("t1")
    for at_s, ready in [(2, 1), (4, 5), (6, 1)]:
        story.at_ns = at_s * S - 10_000_000  # the clock ticks before it tells
        story.count(ready, 0)
    at = book(story)
    assert forgotten_since_ns(at, stopping(10 * S)) == 9 * S
    assert forgotten_since_ns(at, stopping(6 * S + 5)) == 6 * S
    assert forgotten_since_ns(at, stopping(6 * S)) == 5 * S
    assert forgotten_since_ns(at, stopping(4 * S + S // 2)) == 3 * S + S // 2
    assert forgotten_since_ns(at, stopping(S // 2)) == 0
    assert forgotten_since_ns(at, stopping(10 * S, "kill")) == 0
    at.stops.append(stopping(12 * S))
    assert forgotten_since_ns(at, stopping(10 * S, "kill")) == 0
    assert forgotten_since_ns(at, stopping(15 * S, "kill")) == 11 * S


# ------------------------------------------------------------------ words


def test_tasks_are_named_up_to_eight() -> None:
    names = [f"t{number}" for number in range(10)]
    eight = "'t0', 't1', 't2', 't3', 't4', 't5', 't6', 't7'"
    assert named([]) == "none"
    assert named(names[:2]) == "'t0', 't1'"
    assert named(names[:8]) == eight
    assert named(names[:9]) == f"{eight} and 1 more"
    assert named(names) == f"{eight} and 2 more"


def test_counts_go_with_their_nouns() -> None:
    assert [plural(count, "task") for count in (0, 1, 2)] == ["0 tasks", "1 task", "2 tasks"]
    assert [plural(count, "delivery") for count in (1, 2)] == ["1 delivery", "2 deliveries"]
    assert [every(count, "task") for count in (1, 2)] == ["the only task", "all 2 tasks"]
    assert share_text({"C1": 7, "C2": 0}) == "C1 7, C2 0"
    assert share_text({}) == "nobody"


def test_counts_of_a_queue() -> None:
    assert counts_text(None) == "no count"
    assert counts_text(counted(exists=False)) == "no such queue"
    assert counts_text(counted(ready_count=2)) == "2 ready, unknown unacked"
    assert counts_text(counted(ready_count=2, unacked_count=0)) == "2 ready, 0 unacked"


# ------------------------------------------------------------------ events as evidence


def test_events_about_tasks() -> None:
    events = Story().publish("t1", "t2").receive("C1", "t2").print("C1", "t2").events
    assert about(events, ["t2"]) == [events[3], events[4]]
    assert about(events, []) == []


def test_the_lives_of_the_first_three_tasks_one_after_the_other() -> None:
    story = Story().publish("t1", "t2", "t3", "t4").subscribe("C1")
    story.handle("C1", "t1", "t2").deliver("t3", "t4", to="C1")
    assert life_of(book(story), []) == []
    kinds = {"t2": "PDRDS", "t1": "PDRDS", "t3": "PD"}
    letters = {Published: "P", Delivered: "D", TaskReceived: "R", TaskDone: "D", Settled: "S"}
    life = life_of(book(story), ["t2", "t1", "t3", "t4"])
    assert "".join(letters[type(event)] for event in life) == "".join(kinds.values())
    assert [event.task for event in life] == [  # type: ignore[attr-defined]
        task for task, kind in kinds.items() for _ in kind
    ]


PUBLISHED: dict[str, Any] = {
    **WHERE,
    "task": "t1",
    "exchange": "",
    "routing_key": Q,
    "mandatory": False,
    "body_bytes": 2,
}
DELIVERED: dict[str, Any] = {
    **WHERE,
    "task": "t1",
    "queue": Q,
    "consumer_tag": "c",
    "delivery_tag": 4,
    "no_ack": False,
    "body_bytes": 2,
}


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (
            Published(**PUBLISHED, persistent=True),
            f"{ON} basic.publish to {Q}, persistent: t1",
        ),
        (
            Published(**PUBLISHED, persistent=False),
            f"{ON} basic.publish to {Q}, transient: t1",
        ),
        (Delivered(**DELIVERED, redelivered=False), f"{ON} basic.deliver 4: t1"),
        (Delivered(**DELIVERED, redelivered=True), f"{ON} basic.deliver 4, redelivered: t1"),
        (Settled(**WHERE, task="t1", delivery_tag=4, how="nack"), f"{ON} basic.nack 4: t1"),
        (
            ConsumerStarted(**WHERE, queue=Q, consumer_tag="c", no_ack=False, prefetch_count=0),
            f"{ON} basic.consume-ok on {Q}",
        ),
        (
            ConsumerStarted(**WHERE, queue=Q, consumer_tag="c", no_ack=True, prefetch_count=2),
            f"{ON} basic.consume-ok on {Q}, prefetch 2, no_ack",
        ),
        (TaskReceived(at_ns=7, client="C1", task="t1"), "C1 printed that it received t1"),
        (TaskDone(at_ns=7, client="C1", task="t1"), "C1 printed that it is done with t1"),
        (
            OutputLine(at_ns=7, client="C1", stream="stdout", text="a\x1b"),
            "C1 printed 'a\\x1b'",
        ),
        (
            Struck(
                at_ns=7,
                client="C1",
                signal_name="SIGINT",
                in_hand="t1",
                received_count=1,
                done_count=0,
            ),
            "C1 was struck with SIGINT holding t1",
        ),
        (ProgramExited(at_ns=7, client="C1", pid=1, signal_name="SIGKILL"), "C1 ended: SIGKILL"),
        (ProgramExited(at_ns=7, client="C1", pid=1, exit_code=0), "C1 ended: exit status 0"),
        (counted(exists=False), f"the broker knows no queue {Q}"),
        (
            counted(ready_count=2),
            f"the broker counts in {Q}: 2 ready, unknown unacked, 0 consumers",
        ),
        (
            counted(ready_count=2, unacked_count=0, consumer_count=1),
            f"the broker counts in {Q}: 2 ready, 0 unacked, 1 consumer",
        ),
        (
            QueueDeleted(**WHERE, queue=Q, message_count=3),
            f"{ON} queue.delete of {Q}: 3 messages dropped",
        ),
        (
            QueueDeleted(**WHERE, queue=Q, message_count=0, answered=False),
            f"{ON} queue.delete of {Q}: no answer asked for",
        ),
        (
            QueuePurged(**WHERE, queue=Q, message_count=1),
            f"{ON} queue.purge of {Q}: 1 message dropped",
        ),
        (
            ChannelClosed(**WHERE, by="broker", code=406, text="NO"),
            f"{ON} channel.close by the broker: 406 NO",
        ),
        (
            ConnectionClosed(at_ns=7, client="C1", connection=2, by="client", code=200, text="OK"),
            "C1 connection.close by the client: 200 OK",
        ),
        (
            Undecodable(
                at_ns=7, client="C1", connection=2, by="broker", reason="junk", bytes_hex="00"
            ),
            "C1 undecodable bytes of the broker: junk",
        ),
        (
            BrokerStopped(at_ns=7, how="kill", clean=True, detail="by SIGKILL"),
            "the broker has ended (kill): by SIGKILL",
        ),
        (
            ConsumerCancelled(**WHERE, consumer_tag="c", by="broker"),
            f"{ON} basic.cancel by the broker: c",
        ),
        (PrefetchSet(**WHERE, prefetch_count=2, is_global=False), f"{ON} basic.qos, prefetch 2"),
        (TaskSent(at_ns=7, client="P", task="t1"), "P printed that it sent t1"),
        (Signalled(at_ns=7, client="C1", signal_name="SIGTERM"), "C1 was sent SIGTERM"),
        (Released(at_ns=7, client="C1"), "the harness ends C1, as it ends all"),
        (
            FaultLanded(at_ns=7, client="C1", fault="HoldBack", proof="an ack"),
            "HoldBack took effect on C1: an ack",
        ),
        (
            structs.replace(DECLARED, durable=True, ready_count=2, consumer_count=1),
            f"{ON} queue.declare of {Q}, durable: 2 ready, 1 consumer",
        ),
        (
            structs.replace(DECLARED, answered=False),
            f"{ON} queue.declare of {Q}, not durable: no answer asked for",
        ),
        (
            Drained(at_ns=7, queue=Q, task_count=2, complete=True),
            f"2 tasks taken out of {Q}: all there was",
        ),
        (
            Drained(at_ns=7, queue=Q, task_count=1, complete=False, reason="too late"),
            f"1 task taken out of {Q}: too late",
        ),
        (
            SocketClosed(at_ns=7, client="C1", connection=2, by="fault"),
            "C1 [connection 2] socket closed by the fault",
        ),
        (BrokerStopping(at_ns=7, how="kill"), "the broker is to go down (kill)"),
        (BrokerStarted(at_ns=7), "the broker is up again"),
        (
            Struck(
                at_ns=7,
                client="C1",
                signal_name="SIGINT",
                in_hand=None,
                received_count=1,
                done_count=0,
            ),
            "C1 was struck with SIGINT holding nothing",
        ),
        (
            Struck(
                at_ns=7,
                client="C1",
                signal_name="SIGINT",
                in_hand=None,
                received_count=0,
                done_count=0,
                unsettled=["t1", "t2"],
            ),
            "C1 was struck with SIGINT holding t1, t2",
        ),
        (
            Settled(**WHERE, task="t1", delivery_tag=4, how="nack", requeue=True),
            f"{ON} basic.nack 4, requeue: t1",
        ),
        (StepEnded(at_ns=7, title="Wait"), "StepEnded title Wait"),
        (StepEnded(at_ns=7, title="Wait", error=""), "StepEnded title Wait"),
        (StepEnded(at_ns=7, title="Wait", error="late"), "StepEnded title Wait, error late"),
    ],
)
def test_an_event_is_one_line(event: Event, text: str) -> None:
    assert (shown(event).at_ns, shown(event).text) == (7, text)
