"""The record under all checkers: what is on its way, what is used again, what cannot be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec import structs

from filaprova.judge.checks import all_settled, counts_agree, fully_decoded, nothing_lost
from filaprova.judge.ledger import Delivery, Ledger
from filaprova.judge.replay import ledger
from filaprova.record.act import BrokerStopped
from filaprova.record.event import DRAIN
from filaprova.record.program import TaskDone, TaskReceived
from filaprova.record.wire import (
    ChannelOpened,
    ConnectionClosed,
    Delivered,
    QueueDeleted,
    QueuePurged,
    TransactionSelected,
)
from tests.harness.judge.stories import (
    FAIL,
    PASS,
    TICK_NS,
    UNKNOWN,
    Case,
    Q,
    Story,
    case,
    name_of,
)


def one_held() -> Story:
    return Story().subscribe("C1").publish("t1", "t2").deliver("t1", to="C1")


def opened_again(story: Story, client: str) -> Story:
    """The client opens a channel of the same number; the broker counts deliveries from 1 again."""
    where = story.on(client)
    story.delivery_tags[where["connection"]] = 0
    return story.tell(ChannelOpened, **where)


def garbled() -> Story:
    """C1 is sent its task and acknowledges it in bytes that nobody can read."""
    return one_held().garbage("C1")


COUNTS = counts_agree(queue=Q)

CASES = [
    case(
        "a channel is opened that was never closed before",
        opened_again(one_held(), "C1").count(1, 1),
        COUNTS,
        PASS,
        "",
    ),
    case(
        "what is on its way to a channel that its client closes comes back",
        one_held().close_channel("C1").deliver("t2", to="C1").count(2, 0),
        COUNTS,
        PASS,
        "",
    ),
    case(
        "what is on its way to a connection that its client closes comes back",
        one_held().close("C1").deliver("t2", to="C1").count(2, 0),
        COUNTS,
        PASS,
        "",
    ),
    case(
        "a channel of the same number holds what it is sent",
        opened_again(one_held().close_channel("C1"), "C1").deliver("t2", to="C1").count(1, 1),
        COUNTS,
        PASS,
        "",
    ),
    case(
        "and counts its deliveries from the beginning",
        opened_again(one_held().close_channel("C1"), "C1")
        .handle("C1", "t1", "t2", again=True)
        .drain(),
        nothing_lost(queue=Q),
        PASS,
        "",
    ),
    case(
        "nobody fails for what could not be read",
        garbled(),
        all_settled(queue=Q),
        UNKNOWN,
        "bytes of the client on a connection of C1 could not be decoded (no frame begins so)",
    ),
    case(
        "nor does anybody pass",
        Story().subscribe("C1").publish("t1").handle("C1", "t1").garbage("C2"),
        all_settled(queue=Q),
        UNKNOWN,
        "bytes of the client on a connection of C2 could not be decoded (no frame begins so)",
    ),
    case(
        "which bytes they are is told",
        garbled(),
        fully_decoded(),
        UNKNOWN,
        "C1: bytes of the client are not AMQP 0-9-1",
    ),
    case("what can be read fails", one_held(), all_settled(queue=Q), FAIL, "", blame="worker"),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_a_story_and_its_verdict(told: Case) -> None:
    assert told.seen() == told.expected()


def test_a_delivery_that_is_missing_after_a_channel_was_opened_again_is_a_hole() -> None:
    story = opened_again(one_held().close_channel("C1"), "C1")
    story.delivery_tags[story.on("C1")["connection"]] = 1
    verdict = all_settled(queue=Q).judge(story.deliver("t2", to="C1").history())
    assert verdict.outcome is UNKNOWN
    assert "delivery 2 on connection 1, channel 1 where 1 was due" in verdict.summary


# ------------------------------------------------------------------ what the book says


def book(story: Story, queue: str = Q) -> Ledger:
    return ledger(story.history(), queue)


def fates(story: Story) -> list[tuple[str, str, int | None]]:
    return [(d.task, d.fate, d.ended_at_ns) for d in book(story).deliveries]


def test_each_queue_of_a_history_has_a_book_of_its_own() -> None:
    history = Story().publish("t1").history()
    assert ledger(history, Q).tasks == ["t1"]
    assert ledger(history, "another").tasks == []
    assert ledger(history, Q) is ledger(history, Q)


@pytest.mark.parametrize(
    ("story", "refused"),
    [
        (Story().publish("t1").refuse("t1"), {"t1"}),
        (Story().publish("t1").send_back("t1"), {"t1"}),
        (Story().publish("t1").refuse("t1").publish("t1"), set()),
        (Story().publish("t1", "t1").refuse("t1"), set()),
        (Story().publish("t1", "t1").refuse("t1", "t1"), {"t1"}),
        (Story().publish("t1").confirm("t1").refuse("t1"), set()),
    ],
)
def test_refused_is_what_was_turned_away_each_time(story: Story, refused: set[str]) -> None:
    assert book(story).refused == refused


def test_what_needs_no_acknowledgement_is_over_when_it_is_sent() -> None:
    story = Story().publish("t1").subscribe("C1", no_ack=True).deliver("t1", to="C1")
    assert fates(story) == [("t1", "automatic", story.at_ns)]


def test_what_is_sent_to_one_that_is_gone_comes_back_at_once() -> None:
    story = Story().publish("t1").subscribe("C1").gone("C1").deliver("t1", to="C1")
    assert fates(story) == [("t1", "returned", story.at_ns)]


def test_a_channel_that_closes_gives_back_all_of_its_own() -> None:
    story = Story().publish("t1", "t2").subscribe("C1").deliver("t1", "t2", to="C1")
    story.close_channel("C1")
    assert fates(story) == [("t1", "returned", story.at_ns), ("t2", "returned", story.at_ns)]


def test_a_connection_that_closes_gives_back_at_once() -> None:
    story = Story().publish("t1", "t2").subscribe("C1").deliver("t1", to="C1")
    story.tell(ConnectionClosed, client="C1", connection=2, by="client", code=200, text="")
    closed_at_ns = story.at_ns
    story.deliver("t2", to="C1").gone("C1")
    assert fates(story) == [
        ("t1", "returned", closed_at_ns),
        ("t2", "returned", closed_at_ns + TICK_NS),
    ]


def test_a_channel_that_the_broker_closes_leaves_what_was_published_on_others() -> None:
    story = Story().publish("t1")
    first = story.events[-1]
    story.events.append(structs.replace(first, channel=2, task="t2"))
    story.close_channel("producer", by="broker")
    assert book(story).indefinite == {"t1"}
    assert book(story.gone("producer")).indefinite == {"t1", "t2"}


def test_what_is_printed_is_told_by_its_identity() -> None:
    story = Story().publish("t1", body="a").publish("t2").receive("C1", "t1", "t2")
    story.receive_as("C1", "nothing of ours").done("C1", "t1", None, "t2")
    story.tell(TaskDone, client="C1", task="nothing of ours")
    received, done = book(story).received, book(story).done
    assert [(event.client, event.task) for event in received] == [("C1", "t1"), ("C1", "t2")]
    assert [(event.client, event.task) for event in done] == [("C1", "t1"), ("C1", "t2")]
    assert [event.at_ns for event in received] == [
        event.at_ns for event in story.events if isinstance(event, TaskReceived)
    ][:2]


def test_a_task_that_was_not_sent_to_it_may_be_called_by_identity_or_body() -> None:
    story = Story().publish("id-1", body="one").publish("id-2", body="two").publish("t1")
    story.deliver("t1", to="C1").receive_as("C1", "id-1").receive_as("C1", "two")
    assert [event.task for event in book(story).received] == ["id-1", "id-2"]


@pytest.mark.parametrize(
    ("code", "sent", "dismissed"),
    [(501, ["t1"], {"C1": "501 NO"}), (501, [], {}), (320, ["t1"], {})],
    ids=["while it holds something", "while it holds nothing", "since it goes down"],
)
def test_a_program_that_the_broker_closes_its_connection_on(
    code: int, sent: list[str], dismissed: dict[str, str]
) -> None:
    story = Story().publish("t1").subscribe("C1").deliver(*sent, to="C1")
    assert book(story.close_connection("C1", code, "NO")).dismissed == dismissed


def test_a_publisher_that_is_blocked_no_more_or_never_was() -> None:
    story = Story().publish("t1").unblock("producer").block("producer")
    assert book(story).blocked == {"producer": "low on disk"}
    assert book(story.unblock("producer")).blocked == {}


def test_what_our_own_consumer_was_told_last_about_this_queue() -> None:
    story = Story().declare(by=DRAIN, ready=2).declare(by="C1", ready=7)
    elsewhere = structs.replace(story.events[-1], client=DRAIN, queue="another")
    story.events.append(elsewhere)
    assert book(story).undrained_count == 2


def test_what_goes_to_a_queue_that_may_be_gone_is_taken_up_under_its_name() -> None:
    """Whether a queue that its maker alone may use has gone with him is not seen."""
    story = Story().declare("C1", exclusive=True).gone("C1").publish("t1")
    assert (book(story).tasks, book(story, "another").tasks) == (["t1"], [])


def test_what_another_queue_was_told_of_first_hides_nothing() -> None:
    story = Story("another").publish("a1").subscribe("C1").handle("C1", "a1").turn_to(Q)
    found = book(story.publish("t1").subscribe("C2").handle("C2", "t1"))
    assert list(found.accounts) == ["C2"]
    assert [event.task for event in found.done] == ["t1"]


@pytest.mark.parametrize("end", [Story.gone, Story.say_goodbye])
def test_what_was_never_committed_is_undone_when_its_channel_or_connection_ends(
    end: Callable[[Story, str], Story],
) -> None:
    story = Story().connect("P").select("P")
    where = {**story.on("P"), "channel": 2}
    story.tell(TransactionSelected, **where).publish("t1", by="P")
    story.events.append(structs.replace(story.events[-1], task="t2", channel=2))

    def undone() -> list[str]:
        return [event.task for event in book(story).undone]

    assert undone() == []
    story.close_channel("P")
    assert undone() == ["t1"]
    end(story, "P")
    assert undone() == ["t1", "t2"]


def test_nothing_is_ready_after_a_purge_or_a_deletion() -> None:
    story = Story().publish("t1")
    for kind in (QueuePurged, QueueDeleted):
        other = {**story.on("C1"), "queue": "another", "message_count": 1}
        story.tell(kind, **other).count(1, 0)
        story.tell(kind, **{**other, "queue": Q}).count(0, 0).publish("t2")
    assert [count.ready_count for count in book(story).counts] == [1, 0, 1, 0]


def test_who_stood_still_when_the_broker_counted() -> None:
    story = Story().freeze("C1", "C2", "C3").go_on("C1").exit("C2").count(0, 0)
    assert book(story).counts[0].frozen == {"C3"}


@pytest.mark.parametrize(
    ("how", "clean", "unclean"),
    [("stop", True, 0), ("stop", False, 1), ("kill", True, 1), ("kill", False, 1)],
)
def test_an_end_that_was_not_graceful(how: str, clean: bool, unclean: int) -> None:
    assert len(book(Story().tell(BrokerStopped, how=how, clean=clean)).unclean) == unclean


@pytest.mark.parametrize(
    ("back", "is_round"), [([], False), (["t1"], False), (["t1", "t2"], False), (["t1"] * 2, True)]
)
def test_a_task_that_is_put_back_more_than_once_goes_round(back: list[str], is_round: bool) -> None:
    story = Story().publish("t1", "t2").subscribe("C1").handle("C1", "t2")
    for task in back:
        story.deliver(task, to="C1").nack(task, by="C1")
    assert book(story).went_round == is_round


def test_shares_count_those_that_never_subscribed_and_those_that_were_sent_nothing() -> None:
    story = Story().publish("t1", "t2").subscribe("C1").deliver("t1", "t2", to="C2")
    assert book(story).shares() == {"C1": 0, "C2": 2}


@pytest.mark.parametrize(("ended_at_ns", "taken"), [(None, 1), (4, 0), (5, 0), (6, 1)])
def test_a_task_is_taken_from_who_holds_it(ended_at_ns: int | None, taken: int) -> None:
    story = Story().publish("t1").deliver("t1", to="C1").deliver("t1", to="C2")
    first, second = story.events[-4], story.events[-1]
    assert isinstance(first, Delivered)
    assert isinstance(second, Delivered)
    held = Delivery(structs.replace(first, at_ns=1), sent_at_ns=1, ended_at_ns=ended_at_ns)
    again = Delivery(structs.replace(second, at_ns=5), sent_at_ns=5)
    found = Ledger(queue=Q, deliveries=[held, again]).taken_from_holders()
    assert found == [again][:taken]


def test_what_is_ready_and_what_is_held() -> None:
    story = Story().publish("t1", "t2", "t3", "t4").refuse("t4").count(3, 0)
    story.subscribe("C1").deliver("t1", "t2", to="C1").count(1, 2)
    story.nack("t1", by="C1").count(2, 1).nack("t2", by="C1", requeue=False).count(2, 0)
    counts = [(count.ready_count, count.unacked_count) for count in book(story).counts]
    assert counts == [(3, 0), (1, 2), (2, 1), (2, 0)]
    assert all(count.agrees for count in book(story).counts)


def test_what_is_printed_in_order_of_time() -> None:
    story = Story().publish("t1", "t2").do("C1", "t2", "t1")
    assert book(story).output() == story.events[-4:]


def test_our_own_consumer_and_those_of_other_queues_are_not_among_the_consumers() -> None:
    story = Story().subscribe("C1", DRAIN)
    story.events.append(structs.replace(story.events[-1], client="C2", queue="another"))
    assert [consumer.client for consumer in book(story).consumers] == ["C1"]


@pytest.mark.parametrize(("ended_at_ns", "before"), [(None, False), (4, True), (5, False)])
def test_what_ended_before_a_moment(ended_at_ns: int | None, before: bool) -> None:
    sent = Story().deliver("t1", to="C1").events[-1]
    assert isinstance(sent, Delivered)
    assert Delivery(sent, sent_at_ns=1, ended_at_ns=ended_at_ns).ended_before(5) is before


def test_answers_to_nothing_that_was_seen_change_nothing() -> None:
    story = Story().connect("producer").connect("C1").confirm("t1").refuse("t1")
    story.tags["C1", "t1"] = 1
    assert book(story.ack("t1", by="C1")) == Ledger(queue=Q)


def test_what_comes_back_because_nobody_heard_of_its_settlement_was_ready_again() -> None:
    story = Story().publish("t1", "t2", "t3").subscribe("C1").handle("C1", "t1").gone("C1")
    story.subscribe("C2").deliver("t1", to="C2", again=True).count(2, 1)
    found = book(story)
    assert [delivery.unheard for delivery in found.deliveries] == [True, False]
    assert found.counts[0].agrees


def test_what_was_counted_as_settled_does_not_come_back_unheard() -> None:
    story = Story().publish("t1", "t2", "t3").subscribe("C1").handle("C1", "t1").gone("C1")
    story.count(2, 0).subscribe("C2").deliver("t1", to="C2", again=True)
    assert not any(delivery.unheard for delivery in book(story).deliveries)


def test_a_consumer_at_its_limit_that_is_sent_more_was_heard() -> None:
    story = Story().publish("t1", "t2", "t3").subscribe("C1", prefetch=2)
    story.deliver("t1", "t2", to="C1").ack("t1", by="C1").deliver("t3", to="C1").gone("C1")
    story.subscribe("C2").deliver("t1", to="C2", again=True)
    assert not any(delivery.unheard for delivery in book(story).deliveries)
