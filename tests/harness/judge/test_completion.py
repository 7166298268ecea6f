"""Completion: what a program's lines and its sleeps tell of what it did, and what they do not."""

from __future__ import annotations

import pytest

from filaprova.judge import completion
from filaprova.judge.completion import (
    Account,
    accounts,
    done_lines,
    form,
    service_s,
)
from filaprova.record.program import TaskDone
from tests.harness.judge.stories import TICK_NS, Story


def sent(*tasks: str, no_ack: bool = False) -> Story:
    """C1 is sent these tasks, which take a second for each of their dots."""
    story = Story().open().subscribe("C1", no_ack=no_ack).publish(*tasks)
    return story.deliver(*tasks, to="C1")


def account(story: Story, client: str = "C1") -> Account:
    return accounts(story.history())[client]


def told(story: Story) -> tuple[list[str], list[str]]:
    """Return which deliveries C1 tells of as received, and as done."""
    of = account(story)
    return (
        [about.task if about else "never sent" for _, about in of.received],
        [about.task if about else "never sent" for _, about in of.done],
    )


def test_the_form_of_a_body_is_what_it_is_but_for_its_digits() -> None:
    assert form("task 12 of 3...") == form("task 45 of 6...") == "task 00 of 0..."


# ------------------------------------------------------------------ lines


@pytest.mark.parametrize(
    "more", [" from q", " (tag 1)", ", redelivered: no", " - q", " [q]", "; q"]
)
def test_a_line_may_say_more_after_the_task(more: str) -> None:
    said = sent("t1", "t 2").receive_as("C1", f"t1{more}").receive_as("C1", f"t 2{more}")
    assert told(said) == (["t1", "t 2"], [])
    assert account(said).tells_receipts


@pytest.mark.parametrize("line", ["t11 from q", "t1x", "t1: q", "1 from q"])
def test_what_only_begins_like_a_task_is_none(line: str) -> None:
    assert account(sent("t1", "1").receive_as("C1", line)).strange == [line]


def test_the_longest_task_that_a_line_begins_with_is_meant() -> None:
    assert told(sent("t", "t in q").receive_as("C1", "t in q on w")) == (["t in q"], [])


@pytest.mark.parametrize(
    ("story", "receipts", "everything", "why"),
    [
        (sent("t1").do("C1", "t1"), True, True, ""),
        (sent("t1"), False, False, "C1 printed no line that names a task"),
        (
            sent("t1").receive("C1", "t1"),
            True,
            False,
            "C1 printed what it received, and never that it was done",
        ),
        (
            sent("t1").receive("C1", "t1").done("C1", None),
            True,
            False,
            "C1 printed that something was done, but not which task",
        ),
        (
            sent("t1", "t2").do("C1", "t1").done("C1", None),
            True,
            False,
            "C1 printed that something was done, but not which task",
        ),
        (
            sent("t1").do("C1", "t1").receive_as("C1", "b't1'"),
            False,
            False,
            "C1 printed \"b't1'\" as a task, and nobody published such a task: what else it "
            "printed is not relied upon",
        ),
        (
            sent("t1").do("C1", "t1").flood("C1"),
            False,
            False,
            "C1 printed too much: not all lines were kept",
        ),
        (
            sent("t1").done("C1", "t1"),
            False,
            False,
            "C1 printed what it is done with, and never what it received",
        ),
    ],
)
def test_what_can_be_relied_upon(story: Story, receipts: bool, everything: bool, why: str) -> None:
    of = account(story)
    assert (of.tells_receipts, of.tells_all) == (receipts, everything)
    if why:
        assert of.why_silent == why


def test_a_sibling_of_the_same_program_shows_that_it_says_what_is_done() -> None:
    story = Story().role("worker", "C1", program="w.py").role("worker", "C2", program="w.py")
    story.role("worker", "C3", program="other.py").publish("t1", "t2", "t3")
    for client, task in (("C1", "t1"), ("C2", "t2"), ("C3", "t3")):
        story.deliver(task, to=client).receive(client, task)
    assert not account(story).tells_all
    story.done("C2", "t2")
    found = accounts(story.history())
    assert [found[client].tells_all for client in ("C1", "C2", "C3")] == [True, True, False]


def test_lines_are_told_by_their_deliveries() -> None:
    story = Story().subscribe("C1").publish("a", "b", body="same").publish("c")
    story.deliver("a", "b", "c", to="C1").receive("C1", "c", "a", "b").done("C1", "a", "b")
    assert told(story) == (["c", "a", "b"], ["a", "b"])


def test_the_identity_is_as_good_as_the_body() -> None:
    story = Story().subscribe("C1").publish("id-1", body="one").deliver("id-1", to="C1")
    story.receive_as("C1", "id-1").done("C1", "id-1")
    assert told(story) == (["id-1"], ["id-1"])


def test_what_was_published_and_never_sent_to_it() -> None:
    assert told(sent("t1").publish("t2").do("C1", "t2")) == (["never sent"], ["never sent"])


def test_what_it_publishes_itself_it_was_not_sent() -> None:
    story = sent("t1").publish("r1", by="C1", key="results").do("C1", "t1", "r1")
    assert told(story) == (["t1"], ["t1"])
    assert account(story).was_nameless


# ------------------------------------------------------------------ echoes


@pytest.mark.parametrize(
    ("said", "received", "done"),
    [
        ("RD", 1, 1),
        ("RRDD", 1, 1),
        ("RRD", 1, 1),
        ("RDD", 1, 1),
        ("RRRDDD", 1, 1),
        ("DD", 0, 1),
        ("RDRD", 2, 2),
        ("RRDDRRDD", 2, 2),
        ("RDR", 2, 1),
    ],
)
def test_an_echo_is_said_once_and_what_is_done_twice_is_said_twice(
    said: str, received: int, done: int
) -> None:
    story = sent("t1", "t2").do("C1", "t2")
    for letter in said:
        story.receive("C1", "t1") if letter == "R" else story.done("C1", "t1")
    received_of, done_of = told(story)
    assert (received_of.count("t1"), done_of.count("t1")) == (received, done)


def test_echoes_of_two_tasks_at_once() -> None:
    story = sent("t1", "t2").receive("C1", "t1", "t2", "t1", "t2").done("C1", "t2", "t1", "t2")
    assert told(story) == (["t1", "t2"], ["t2", "t1"])


def test_an_echo_in_between_makes_no_other_echo_a_second_time() -> None:
    story = sent("t1", "t2").receive("C1", "t1", "t2").done("C1", "t1").receive("C1", "t2")
    assert told(story.done("C1", "t1")) == (["t1", "t2"], ["t1"])


def test_what_was_never_sent_to_it_hides_no_echo() -> None:
    story = sent("t1").publish("t2").done("C1", "t2").do("C1", "t1").done("C1", "t1")
    assert told(story) == (["t1"], ["never sent", "t1"])


def test_what_slept_as_often_as_it_was_sent_repeats_itself() -> None:
    story = sent("1.").receive("C1", "1.").toil("C1", "1.").done("C1", "1.", "1.")
    assert told(story) == (["1."], ["1."])


def test_what_slept_oftener_than_it_was_sent_is_no_echo() -> None:
    story = sent("1.").receive("C1", "1.").toil("C1", "1.").done("C1", "1.")
    assert told(story.toil("C1", "1.").done("C1", "1.")) == (["1."], ["1.", "1."])


def test_only_lines_that_name_their_task_are_counted() -> None:
    story = sent("t1", "t2").done("C1", "t1", named=True).done("C1", "t2")
    assert done_lines(account(story)) == {"t1": 1}


def test_a_line_that_says_more_counts_for_the_task_that_it_names() -> None:
    story = sent("t1").receive("C1", "t1")
    story.tell(TaskDone, client="C1", task="t1 in 2.0 s", named=True)
    assert done_lines(account(story)) == {"t1": 1}


# ------------------------------------------------------------------ sleeps


@pytest.mark.parametrize(
    ("scale", "seconds"), [("1.0", 2.0), ("0.05", 0.1), ("", 0.0), ("quick", 0.0)]
)
def test_how_long_a_task_takes(scale: str, seconds: float) -> None:
    story = Story().open(seconds_per_dot=scale)
    assert service_s(story.history(), "two..") == pytest.approx(seconds)


def test_without_a_beginning_no_task_takes_time() -> None:
    assert service_s(Story().publish("t1").history(), "two..") == 0


@pytest.mark.parametrize(
    ("story", "by_dots"),
    [
        (sent("1.", "2..").toil("C1", "1.", "2.."), True),
        (sent("1.", "2..").toil("C1", "1."), True),
        (sent("1.", "2..").toil("C1", "2..", "1."), True),
        (sent("1.", "2..").begin_sleep("C1", 1), True),
        (sent("1.", "2.."), False),
        (sent("1.", "2..").sleep("C1", 3), False),
        (sent("1.", "2..").toil("C1", "1.").sleep("C1", 1), False),
        (sent("1.", "2..").toil("C1", "1.").sleep("C1", 0), True),
        (sent("none").sleep("C1", 0), False),
        # Waits for something to do are no work, whatever their length.
        (sent("1.").get_nothing("C1").sleep("C1", 1), False),
        (sent("1.").toil("C1", "1.").get_nothing("C1").sleep("C1", 9), True),
        (sent("1.").gone("C1").sleep("C1", 1), False),
        (Story().open().sleep("C1", 1).subscribe("C1").publish("1.").deliver("1.", to="C1"), False),
        (Story().open().sleep("C1", 9).publish("1.").deliver("1.", to="C1").toil("C1", "1."), True),
        (
            sent("1.")
            .gone("C1")
            .sleep("C1", 9)
            .subscribe("C1")
            .deliver("1.", to="C1")
            .toil("C1", "1."),
            True,
        ),
    ],
)
def test_sleeps_that_are_the_work(story: Story, by_dots: bool) -> None:
    assert account(story).works_by_dots is by_dots


@pytest.mark.parametrize(("limit", "relied_upon"), [(2, False), (3, True)])
def test_whoever_slept_as_often_as_can_be_told_may_have_slept_oftener(
    limit: int, relied_upon: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completion, "WORKS_TOLD_LIMIT", limit)
    of = account(sent("1.", "2..").toil("C1", "1.", "2.."))
    assert (of.works_by_dots, of.tells_all) == (relied_upon, relied_upon)


def in_two_sleeps(*threads: str) -> Story:
    """C1 does two tasks in two sleeps each, in these threads in turn, and acknowledges them."""
    story = sent("2..", "4....")
    for number, seconds in enumerate((1, 1, 1, 3)):
        story.sleep("C1", seconds, threads[number % len(threads)] if threads else "")
    return story.ack("2..", "4....", by="C1")


@pytest.mark.parametrize(
    ("story", "fits"),
    [
        (in_two_sleeps(), True),
        (in_two_sleeps("a", "b"), False),
        (in_two_sleeps().deliver("5.", to="C1"), True),
        (in_two_sleeps().deliver("5.", to="C1", again=True), False),
        (in_two_sleeps().deliver("5.", to="C1").nack("5.", by="C1"), False),
        (in_two_sleeps().deliver("5.", to="C1").nack("5.", by="C1", requeue=False), False),
        (in_two_sleeps().subscribe("C2").deliver("5.", to="C2", again=True), True),
        (in_two_sleeps().subscribe("C2").deliver("5.", to="C2").nack("5.", by="C2"), True),
        (in_two_sleeps().deliver("5..", to="C1").sleep("C1", 1).sleep("C1", 1.4), False),
        (in_two_sleeps().sleep("C1", 1).deliver("5..", to="C1"), False),
    ],
    ids=[
        "whole",
        "in threads",
        "another is unbegun",
        "one comes again",
        "one is put back",
        "one is rejected",
        "one comes again to another",
        "another puts one back",
        "another sleep is too long",
        "another sleep is too soon",
    ],
)
def test_sums_of_sleeps_tell_where_each_task_is_its_own(story: Story, fits: bool) -> None:
    of = account(story)
    assert of.works_by_dots is fits
    lengths = [began.seconds for began, _ in of.works]
    assert lengths[:4] == ([2, 4] if fits else [1, 1, 1, 3])


def test_a_task_whose_last_sleep_was_cut_short_shows_no_sum() -> None:
    story = sent("2..", "4....")
    for seconds in (1, 1, 1):
        story.sleep("C1", seconds)
    assert not account(story.begin_sleep("C1", 3).end_sleep("C1", 3, complete=False)).works_by_dots


def test_what_comes_again_is_told_by_sums_that_come_out_even() -> None:
    story = sent("2..").deliver("4....", to="C1", again=True)
    for seconds in (1, 1, 1, 3):
        story.sleep("C1", seconds)
    of = account(story.ack("2..", "4....", by="C1"))
    assert of.works_by_dots
    assert [began.seconds for began, _ in of.works] == [2, 4]


def test_a_task_that_is_half_done_is_begun() -> None:
    of = account(in_two_sleeps().deliver("5.....", to="C1").sleep("C1", 2))
    assert [(began.seconds, ended is not None) for began, ended in of.works] == [
        (2, True),
        (4, True),
        (5, False),
    ]


@pytest.mark.parametrize(
    ("story", "strange"),
    [
        (sent("t1").receive_as("C1", "hello").do("C1", "t1"), ["hello"]),
        (
            Story()
            .subscribe("C1")
            .receive_as("C1", "hello")
            .publish("t1")
            .deliver("t1", to="C1")
            .do("C1", "t1"),
            [],
        ),
        (Story().subscribe("C1").receive_as("C1", "hello"), []),
    ],
    ids=["when it was sent one", "before it was sent one", "when it is never sent one"],
)
def test_a_strange_line_may_be_about_a_task_once_there_is_one(
    story: Story, strange: list[str]
) -> None:
    of = account(story)
    assert of.strange == strange
    assert of.tells_all is (bool(of.sent) and not strange)


@pytest.mark.parametrize(
    ("story", "received", "done"),
    [
        (sent("1.", "2..").toil("C1", "1.", "2.."), ["1.", "2.."], ["1.", "2.."]),
        (sent("1.", "2..").toil("C1", "1.").begin_sleep("C1", 2), ["1.", "2.."], ["1."]),
        # The next may begin at the very moment at which one ends.
        (
            sent("1.", "2..").toil("C1", "1.").wait(-TICK_NS / 1e9).begin_sleep("C1", 2),
            ["1.", "2.."],
            ["1."],
        ),
        (
            sent("1.").begin_sleep("C1", 1).end_sleep("C1", 1, complete=False),
            ["1."],
            [],
        ),
        # Strange lines do not stand in the way, and neither do those that name nothing.
        (sent("1.").receive_as("C1", "x").toil("C1", "1.").done("C1", None), ["1."], ["1."]),
        # Lines about what it received are its own.
        (sent("1.", "2..").receive("C1", "1.").toil("C1", "1."), ["1."], ["1."]),
        # Not in the order of delivery, not as long, too often, at once, before: it does not fit.
        (sent("1.", "2..").toil("C1", "2.."), [], []),
        (sent("1.", "2..").sleep("C1", 7), [], []),
        (sent("1.").toil("C1", "1.").toil("C1", "1."), [], []),
        (sent("1.", "1_.").begin_sleep("C1", 1).begin_sleep("C1", 1), [], []),
        (Story().open().publish("1.").sleep("C1", 1).deliver("1.", to="C1"), [], []),
    ],
)
def test_a_silent_program_tells_by_its_sleeps(
    story: Story, received: list[str], done: list[str]
) -> None:
    assert told(story) == (received, done)
    of = account(story)
    assert of.tells_all is bool(received)
    assert [event.task for event, _ in of.received] == received
    assert [event.task for event, _ in of.done] == done
    assert not done_lines(of)


def test_whoever_says_what_is_done_is_taken_at_its_word() -> None:
    story = sent("1.", "2..").do("C1", "1.").toil("C1", "1.", "2..")
    assert told(story) == (["1."], ["1."])


def test_sleeps_of_threads_are_paired_by_their_length() -> None:
    story = sent("1.", "2..").begin_sleep("C1", 2).begin_sleep("C1", 1)
    of = account(story.end_sleep("C1", 1).end_sleep("C1", 2, complete=False))
    ends = [(began.seconds, end is not None and end.complete) for began, end in of.works]
    assert ends == [(2, False), (1, True)]
    assert of.works_ended == 1


def test_programs_that_nobody_sent_anything_have_nothing_to_tell() -> None:
    story = Story().open().publish("t1")
    story.tell(TaskDone, client="C9", task="t1")
    assert not account(story, "C9").tells_all
    assert accounts(Story().drain("t1").history()) == {}
