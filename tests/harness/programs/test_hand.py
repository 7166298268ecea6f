"""Which task a program says is done, and where that cannot be told."""

from __future__ import annotations

import pytest

from filaprova.programs.hand import SOUGHT_LIMIT, Hand
from filaprova.programs.lesson.printed import Reader


def told(*lines: str) -> list[tuple[str, str | None, bool]]:
    """Return what a program's lines amount to: what it did, to which task, and whether by name."""
    hand, reader = Hand(), Reader()
    found: list[tuple[str, str | None, bool]] = []
    for line in lines:
        for said in reader.read(line):
            if said.kind == "received" and hand.takes(said):
                found.append(("received", said.task, True))
            elif said.kind == "done" and (done := hand.finishes(said)) is not None:
                found.append(("done", done.task, done.named))
    return found


def done(*lines: str) -> list[tuple[str | None, bool]]:
    return [(task, named) for what, task, named in told(*lines) if what == "done"]


A, B, DONE = " [x] Received b'a'", " [x] Received b'b'", " [x] Done"


def test_the_only_task_in_hand_is_done() -> None:
    assert done(A, DONE, B, DONE) == [("a", False), ("b", False)]


def test_of_several_in_hand_nobody_knows_which_one_is_done() -> None:
    assert done(A, B, DONE, DONE) == [(None, False), (None, False)]


def test_when_as_many_are_done_as_were_in_hand_it_is_known_again() -> None:
    assert done(A, B, DONE, DONE, " [x] Received b'c'", DONE)[2:] == [("c", False)]
    assert done(A, B, DONE, " [x] Done b'b'", " [x] Received b'c'", DONE)[2:] == [("c", False)]


def test_it_is_not_known_before() -> None:
    many = [f" [x] Received b'{name}'" for name in "cde"]
    assert done(A, B, DONE, many[0], DONE) == [(None, False)] * 2
    assert done(A, B, DONE, DONE, *many[:2], DONE, many[2], DONE) == [(None, False)] * 4
    assert done(A, DONE, *many[:2], DONE, many[2], DONE)[1:] == [(None, False)] * 2


def test_with_nothing_in_hand_it_is_done_with_nothing() -> None:
    assert done(DONE) == [(None, False)]
    assert done(A, DONE, DONE) == [("a", False), (None, False)]


def test_received_twice_and_done_is_done() -> None:
    assert done(A, A, DONE, B, DONE) == [("a", False), ("b", False)]


def test_received_twice_is_in_hand_twice() -> None:
    named = " [x] Done b'a'"
    assert done(A, A, named, DONE) == [("a", True), ("a", False)]
    assert done(A, A, named, named, DONE) == [("a", True), ("a", True), (None, False)]


def test_a_name_in_quotes_counts_whatever_is_in_hand() -> None:
    assert done(A, B, " [x] Done b'a'", DONE) == [("a", True), ("b", False)]
    assert done(A, " [x] Done b'c'", DONE) == [("c", True), ("a", False)]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Done task 3", "task 3"),
        ("Done task 3", "3"),
        ("Done: task 3 in 2.0 s", "task 3"),
        ("Done with 3 (2.0 s)", "3"),
        ("Task 3 done", "3"),
    ],
)
def test_a_bare_name_counts_where_it_was_received(line: str, name: str) -> None:
    assert done(f"Received: {name}", "Received: a", line) == [(name, True)]


def test_a_bare_name_is_the_longest_that_is_in_hand() -> None:
    lines = ("Received a", "Received a b", "Done a b in 2 s")
    assert done(*lines) == [("a b", True)]
    lines = ("Received: 'job'", "Received: a1234", "Done job a1234 in 2 s")
    assert done(*lines) == [("a1234", True)]
    assert done("Received a", "Received b", "Done abc") == []


def test_a_bare_name_is_known_by_what_was_received_with_more_after_it() -> None:
    assert done("Received a1 from q", "Received a2 from q", "Done a2") == [("a2 from q", True)]
    assert done("Received a1 from q", "Received a1 from p", "Done a1") == []
    assert done("Received a12 from q", "Received b", "Done a1") == []


def test_where_a_line_was_logged_is_no_speaker() -> None:
    lines = ("t | INFO | app.work:take:8 - Received a", "t | SUCCESS | app:<lambda>:12 - Done")
    stamped = [line.replace("t |", "2026-01-01 10:00:00.123 |") for line in lines]
    assert done(*stamped) == [("a", False)]


def test_among_very_many_in_hand_only_a_whole_name_is_looked_for() -> None:
    many = [f"Received a{number}" for number in range(SOUGHT_LIMIT + 2)]
    assert done(*many, "Done a3", "Done a4 in 2 s") == [("a3", True)]
    lines = (*many, "Done a3", "Done a4", "Done a5 in 2 s")
    assert done(*lines) == [("a3", True), ("a4", True), ("a5", True)]


def test_a_bare_text_that_was_never_received_is_no_name() -> None:
    assert done(A, " [x] Done whatever this is") == [("a", False)]
    assert done(A, "finished 7, handed back 3") == []


def test_other_words_than_the_lessons_count_only_with_a_task_in_hand() -> None:
    assert done("finished", A, "finished", "finished") == [("a", False)]


def test_somebody_who_never_received_anything_is_not_done_with_it() -> None:
    assert done("INFO:worker:Received b'a'", "Download: done") == []
    assert done("INFO:worker:Received b'a'", "INFO:worker:done") == [("a", False)]


def test_the_same_task_in_other_words_is_received_once() -> None:
    assert told(A, "Processing b'a'", DONE) == [("received", "a", True), ("done", "a", False)]
    assert told("Processing b'a'", "Done") == [("received", "a", True), ("done", "a", False)]


PROBE, ANSWERED = " [http] Received GET /healthz", " [http] Done"


def test_who_speaks_as_the_lesson_speaks_of_no_task_in_other_words() -> None:
    received = [task for what, task, _ in told(A, PROBE, DONE, PROBE, B) if what == "received"]
    assert received == ["a", "b"]
    assert done(A, DONE, B, ANSWERED, PROBE, ANSWERED, DONE) == [("a", False), ("b", False)]


def test_what_was_said_before_in_other_words_is_not_in_hand_any_more() -> None:
    assert done(PROBE, A, DONE) == [("a", False)]


def test_what_was_quoted_before_the_lesson_s_own_line_stays_in_hand() -> None:
    quoted = "INFO received b'b'"
    assert done(quoted, PROBE, A, DONE) == [(None, False)]
    assert done(PROBE, quoted, A, " [x] Done b'b'", DONE) == [("b", True), ("a", False)]


def test_a_name_in_quotes_is_received_in_whatever_words() -> None:
    received = [what for what, _, _ in told(A, "INFO received b'b'") if what == "received"]
    assert len(received) == 2
    line = '{"event": "received", "task": "b"}'
    assert told(A, line)[1:] == [("received", "b", True)]
