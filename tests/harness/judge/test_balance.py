"""Balance: whatever happens to a queue, each copy of each task is in exactly one place."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filaprova.judge.balance import Balance, balance, unworked
from filaprova.judge.ledger import FinishedBy
from filaprova.judge.replay import ledger
from tests.harness.judge.stories import Q, Story

CLIENTS = ("C1", "C2")


def places(story: Story, finished_by: FinishedBy = "done") -> Balance:
    history = story.history()
    return balance(history, ledger(history, Q), finished_by)


def copies(of: Balance) -> Counter[str]:
    """Return how many copies of each task are anywhere."""
    everywhere = [
        *of.completed,
        *of.left,
        *of.held,
        *of.dead_lettered,
        *of.let_go,
        *of.unworked,
        *of.dropped,
        *of.unseen,
        *of.unclear,
        *of.missing,
        *of.indefinite,
    ]
    return Counter(everywhere)


class Broker:
    """A queue that keeps the rules, and tells what happens to it."""

    def __init__(self, *, no_ack: bool) -> None:
        self.story = Story().subscribe(*CLIENTS, no_ack=no_ack)
        self.no_ack = no_ack
        self.ready: list[str] = []
        self.held: dict[str, list[str]] = {client: [] for client in CLIENTS}
        self.published: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        """How many copies were acknowledged, by task."""

    def do(self, what: str, client: str, task: str) -> None:
        """Let something happen, if it can."""
        story, held = self.story, self.held[client]
        match what:
            case "publish":
                story.publish(task)
                self.ready.append(task)
                self.published[task] += 1
            case "deliver" if self.ready and self.ready[0] not in held:
                task = self.ready.pop(0)
                story.deliver(task, to=client, again=self.has_been_sent(task))
                if not self.no_ack:
                    held.append(task)
            case "work" if self.no_ack:
                story.do(client, task)
            case "ack" if held:
                self.ended[held[0]] += 1
                story.work(client, held.pop(0))
            case "silently" if held:
                self.ended[held[0]] += 1
                story.ack(held.pop(0), by=client)
            case "requeue" if held:
                self.ready.insert(0, held[0])
                story.nack(held.pop(0), by=client)
            case "reject" if held:
                story.nack(held.pop(0), by=client, requeue=False)
            case "die":
                story.say_goodbye(client).gone(client).exit(client, code=0)
                self.ready = held + self.ready
                self.held[client] = []
                story.subscribe(client, no_ack=self.no_ack)

    def has_been_sent(self, task: str) -> bool:
        return any((client, task) in self.story.tags for client in CLIENTS)


HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(
            ["publish", "deliver", "deliver", "work", "ack", "silently", "requeue", "reject", "die"]
        ),
        st.sampled_from(CLIENTS),
        st.sampled_from(["t1", "t2", "t3", "t4"]),
    ),
    min_size=1,
    max_size=40,
)


def told(happenings: list[tuple[str, str, str]], *, no_ack: bool, drained: bool) -> Broker:
    broker = Broker(no_ack=no_ack)
    for what, client, task in happenings:
        broker.do(what, client, task)
    if drained:
        broker.story.drain(*broker.ready)
    return broker


@settings(max_examples=150, deadline=None)
@given(HAPPENINGS, st.booleans(), st.booleans(), st.sampled_from(["done", "received"]))
def test_each_copy_is_in_one_place(
    happenings: list[tuple[str, str, str]], no_ack: bool, drained: bool, finished_by: FinishedBy
) -> None:
    broker = told(happenings, no_ack=no_ack, drained=drained)
    assert copies(places(broker.story, finished_by)) == broker.published


@settings(max_examples=150, deadline=None)
@given(HAPPENINGS)
def test_the_places_are_those_of_a_queue_that_keeps_the_rules(
    happenings: list[tuple[str, str, str]],
) -> None:
    broker = told(happenings, no_ack=False, drained=True)
    of = places(broker.story)
    assert Counter(of.left) == Counter(broker.ready)
    assert Counter(of.held) == Counter(task for held in broker.held.values() for task in held)
    assert Counter(of.completed) + Counter(of.unworked) == broker.ended
    assert not of.missing
    assert not of.unclear


@settings(max_examples=100, deadline=None)
@given(HAPPENINGS, st.data())
def test_what_the_drain_does_not_find_is_missing(
    happenings: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    broker = told(happenings, no_ack=False, drained=False)
    kept = [task for task in broker.ready if data.draw(st.booleans())]
    gone = Counter(broker.ready) - Counter(kept)
    of = places(broker.story.drain(*kept))
    assert copies(of) == broker.published
    # What somebody had said that it is done counts as done, once.
    assert Counter(of.missing) <= gone
    assert set(gone - Counter(of.missing)) <= set(of.completed)


def test_a_copy_that_came_back_is_where_it_went_last() -> None:
    story = Story().subscribe("C1", "C2").publish("t1").handle("C1", "t1").bounce("kill")
    of = places(story.drain("t1", again=True))
    assert (of.completed, of.left) == ([], ["t1"])


def test_what_was_said_to_be_done_counts_once_for_each_task() -> None:
    story = Story().subscribe("C1").publish("t1", "t1").deliver("t1", to="C1").do("C1", "t1")
    of = places(story.die("C1").drain())
    assert (of.completed, of.missing) == (["t1"], ["t1"])


def test_thirty_published_thirty_finished_and_thirty_left_is_not_to_be_had() -> None:
    tasks = [f"t{number}" for number in range(30)]
    story = Story().subscribe("C1").publish(*tasks).deliver(*tasks, to="C1").do("C1", *tasks)
    of = places(story.die("C1").drain(*tasks, again=True))
    assert (len(of.completed), len(of.left)) == (0, 30)


@pytest.mark.parametrize(
    ("second", "body", "undone"),
    [("id", "2..", {}), ("di", "1.", {}), ("di", "2..", {"di": "C1"})],
    ids=["the same name", "the same body", "another name and body"],
)
def test_what_it_had_before_by_name_or_body_needs_no_sleep(
    second: str, body: str, undone: dict[str, str]
) -> None:
    story = Story().open().subscribe("C1").publish("id", body="1.").publish(second, body=body)
    story.deliver("id", to="C1", body="1.").sleep("C1", 1).ack("id", by="C1")
    story.deliver(second, to="C1", body=body).ack(second, by="C1").exit("C1", code=0)
    assert places(story.drain()).unworked == undone


def test_what_it_had_before_it_had_another_needs_no_sleep() -> None:
    story = Story().open().subscribe("C1").publish("id", "di", body="1.").publish("2..")
    for task in ("id", "2..", "di"):
        story.deliver(task, to="C1")
    story.toil("C1", "id", "2..").ack("id", "2..", "di", by="C1").exit("C1", code=0)
    assert places(story.drain()).unworked == {}


@pytest.mark.parametrize(
    ("slept", "undone"),
    [(["1."], {"3...": "C2"}), (["1.", "2.."], {"3...": "C2"}), (["1.", "2..", "3..."], {})],
    ids=["fewer sleeps than it acknowledged", "as many", "more"],
)
def test_what_comes_again_needs_a_sleep_where_whoever_had_it_before_certainly_had_not_done_it(
    slept: list[str], undone: dict[str, str]
) -> None:
    story = Story().open().subscribe("C1").publish("1.", "2..", "3...", "4....")
    story.deliver("1.", "2..", "3...", to="C1").toil("C1", *slept).ack("1.", "2..", by="C1")
    story.gone("C1").subscribe("C2").deliver("4....", to="C2").toil("C2", "4....")
    story.ack("4....", by="C2").deliver("3...", to="C2", again=True).ack("3...", by="C2")
    assert places(story.exit("C2", code=0).drain()).unworked == undone


@pytest.mark.parametrize(
    ("second", "dropped", "unseen"),
    [("now", [], ["now"]), ("2..", ["2.."], [])],
    ids=["no", "yes"],
)
def test_what_it_slept_too_little_for_is_dropped(
    second: str, dropped: list[str], unseen: list[str]
) -> None:
    story = Story().open().subscribe("C1", no_ack=True).publish("1.", second)
    story.deliver("1.", second, to="C1").toil("C1", "1.").exit("C1", code=0).gone("C1")
    of = places(story.drain())
    assert (of.completed, of.dropped, of.unseen) == (["1."], dropped, unseen)
    why = "C1 was sent 'now' and never said that it was done" if unseen else ""
    assert of.why_unseen == why


@pytest.mark.parametrize("finished_by", ["done", "received"])
def test_each_copy_needs_a_line_of_its_own(finished_by: FinishedBy) -> None:
    story = Story().subscribe("C1", no_ack=True).publish("t1", "t1", "t1")
    story.deliver("t1", "t1", "t1", to="C1").do("C1", "t1", "t1").exit("C1", code=0).gone("C1")
    of = places(story.drain(), finished_by)
    what = "was done" if finished_by == "done" else "received it"
    assert (of.completed, of.unseen) == (["t1", "t1"], ["t1"])
    assert of.why_unseen.startswith("C1 was sent 't1' and never said that it ")
    assert of.why_unseen.endswith(what)


def test_what_was_sent_to_a_silent_one_that_nobody_harmed_counts_as_received() -> None:
    story = Story().subscribe("C1", no_ack=True).publish("t1", "t2").deliver("t1", "t2", to="C1")
    assert places(story.drain(), "received").completed == ["t1", "t2"]


def test_what_is_said_to_be_done_is_finished_unless_another_word_is_asked_for() -> None:
    history = Story().publish("t1").history()
    book = ledger(history, Q)
    assert balance(history, book) is balance(history, book, "done")
    assert balance(history, book) is not balance(history, book, "received")


def test_what_it_acknowledged_last_is_beyond_its_sleeps_in_whatever_order_it_was_sent() -> None:
    story = Story().open().subscribe("C1").publish("1.", "2..").deliver("1.", "2..", to="C1")
    story.toil("C1", "2..").ack("2..", "1.", by="C1").exit("C1", code=0)
    assert places(story.drain()).unworked == {"1.": "C1"}


def telling() -> Story:
    """C1, which tells all that it does, takes a second for a task and has another.

    C0 and C2 are silent.
    """
    story = Story().subscribe("C0", "C1", "C2").publish("t0", "t1", "t2", "t3")
    story.deliver("t0", to="C0").ack("t0", by="C0").deliver("t1", to="C1")
    story.receive("C1", "t1").wait(1).done("C1", "t1").ack("t1", by="C1")
    return story.deliver("t3", to="C2").deliver("t2", to="C1")


@pytest.mark.parametrize(
    ("story", "undone"),
    [
        (telling().receive("C1", "t2").ack("t2", by="C1"), {"t2": "C1"}),
        (telling().ack("t2", by="C1"), {"t2": "C1"}),
        (telling().receive("C1", "t2").wait(1.1).ack("t2", by="C1"), {}),
        (telling().receive("C1", "t2").ack("t2", by="C1").wait(1).done("C1", "t2"), {}),
    ],
    ids=["received", "not even received", "late enough", "done all the same"],
)
def test_what_was_acknowledged_sooner_than_any_task_takes_and_never_done(
    story: Story, undone: dict[str, str]
) -> None:
    assert places(story.exit("C0", "C1", code=0).gone("C0", "C1").drain()).unworked == undone


@pytest.mark.parametrize(
    ("second", "undone"), [("C2", {}), ("C1", {"t2": "C1"})], ids=["by another", "by itself"]
)
def test_what_was_acknowledged_once_more_may_be_done(second: str, undone: dict[str, str]) -> None:
    story = telling().receive("C1", "t2").ack("t2", by="C1").gone("C1").subscribe(second)
    story.deliver("t2", to=second, again=True).ack("t2", by=second).gone(second)
    history = story.exit("C1", code=0).history()
    assert unworked(history, ledger(history, Q)) == undone


def test_what_was_not_worked_on_is_told_of_each_queue_by_itself() -> None:
    story = telling().receive("C1", "t2").ack("t2", by="C1").exit("C1", code=0).gone("C1")
    history = story.history()
    assert unworked(history, ledger(history, Q)) == {"t2": "C1"}
    assert unworked(history, ledger(history, "another")) == {}


def test_where_nobody_shows_how_long_a_task_takes_none_is_acknowledged_too_soon() -> None:
    story = Story().subscribe("C1").publish("t1", "t2").deliver("t1", "t2", to="C1")
    story.done("C1", "t2").ack("t1", by="C1").receive("C1", "t1").exit("C1", code=0).gone("C1")
    assert places(story.drain()).unworked == {}


@pytest.mark.parametrize(("code", "dropped", "unseen"), [(0, [], ["t2"]), (1, ["t2"], [])])
def test_what_was_sent_without_acknowledgement_to_one_that_failed_is_dropped(
    code: int, dropped: list[str], unseen: list[str]
) -> None:
    story = Story().subscribe("C1", no_ack=True).publish("t1", "t2").deliver("t1", "t2", to="C1")
    of = places(story.do("C1", "t1").exit("C1", code=code).gone("C1").drain())
    assert (of.completed, of.dropped, of.unseen) == (["t1"], dropped, unseen)


def test_what_one_gave_up_by_a_cancel_says_nothing_of_what_another_was_sent() -> None:
    story = Story().subscribe("C1", "C2", no_ack=True).publish("t1", "t2", "t3", "t4")
    story.deliver("t1", "t2", to="C1").deliver("t3", "t4", to="C2").receive("C1", "t1")
    story.receive("C2", "t3").cancel("C1", by="client").close("C1").close("C2")
    of = places(story.drain(), "received")
    assert (of.completed, of.dropped, of.unseen) == (["t1", "t3"], ["t2"], ["t4"])


def test_what_comes_out_of_a_dead_letter_queue_went_there() -> None:
    story = Story().publish("t1", "t2").turn_to("dead").subscribe("C1")
    story.deliver("t1", "t2", to="C1", dead_lettered_from=Q).turn_to(Q)
    assert places(story.drain()).dead_lettered == ["t1", "t2"]


@pytest.mark.parametrize(
    ("key", "bound", "kept"),
    [("rejected", "rejected", ["t1"]), ("rejected", Q, []), (None, Q, ["t1"])],
)
def test_dead_letters_go_by_the_key_that_the_queue_was_declared_with_or_by_their_own(
    key: str | None, bound: str, kept: list[str]
) -> None:
    story = Story().open(own_host=True).exchange("X", "direct").bind("X", bound, to="dead")
    how: dict[str, str | int] = {"x-dead-letter-exchange": "X"}
    if key is not None:
        how["x-dead-letter-routing-key"] = key
    story.declare(arguments=how).subscribe("C1").publish("t1").deliver("t1", to="C1")
    of = places(story.nack("t1", by="C1", requeue=False).drain())
    assert (of.dead_lettered, of.let_go) == (kept, [] if kept else ["t1"])


def test_who_kept_to_one_queue_may_not_have_kept_to_another() -> None:
    """C1 acknowledges as often as it sleeps in one of them, and the other's t it may have done."""
    story = Story("other").open().subscribe("C1").publish("1.", "2..", "5.....")
    story.deliver("1.", "2..", "5.....", to="C1").toil("C1", "1.", "2..").ack("1.", "2..", by="C1")
    story.turn_to(Q).publish("3...", "4....").deliver("3...", to="C1").gone("C1").subscribe("C2")
    story.deliver("4....", to="C2").toil("C2", "4....").ack("4....", by="C2")
    story.deliver("3...", to="C2", again=True).ack("3...", by="C2").turn_to("other")
    story.deliver("5.....", to="C2", again=True).ack("5.....", by="C2").exit("C2", code=0)
    history = story.history()
    assert unworked(history, ledger(history, "other")) == {}
    assert unworked(history, ledger(history, Q)) == {}
