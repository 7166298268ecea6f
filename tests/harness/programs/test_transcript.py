"""What becomes of a program's output on the record, piece by piece as it is read."""

from __future__ import annotations

import pytest

from filaprova.programs.lines import LineCutter
from filaprova.programs.transcript import Transcript
from filaprova.record.program import OutputDropped, OutputLine, TaskDone, TaskReceived, TaskSent
from filaprova.record.recorder import Recorder


@pytest.fixture
def transcript(recorder: Recorder) -> Transcript:
    return Transcript("C1", recorder, secret="")


def test_of_an_endless_line_its_beginning_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("filaprova.programs.lines.LINE_LIMIT_BYTES", 10)
    cutter = LineCutter()
    assert cutter.feed(b"1234567") == []
    assert cutter.feed(b"890abc") == []
    assert cutter.feed(b"def\nnext\r\nrest") == ["1234567890", "next"]
    assert cutter.finish() == ["rest"]


def test_each_task_is_told_with_who_printed_it(transcript: Transcript, recorder: Recorder) -> None:
    transcript.take("stdout", b" [x] Sent 'a'\n [x] Received b'a'\n [x] Done b'a'\n")
    [sent] = recorder.history().of(TaskSent)
    [received] = recorder.history().of(TaskReceived)
    [done] = recorder.history().of(TaskDone)
    assert (sent.client, sent.task) == ("C1", "a")
    assert (received.client, received.task) == ("C1", "a")
    assert (done.client, done.task, done.named) == ("C1", "a", True)


@pytest.mark.parametrize(
    ("lines_limit", "characters_limit", "kept"),
    [(1, 100, 1), (3, 100, 3), (100, 6, 2), (100, 7, 3), (100, 100, 4)],
)
def test_a_flood_begins_where_either_limit_is_reached(
    lines_limit: int,
    characters_limit: int,
    kept: int,
    transcript: Transcript,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("filaprova.programs.transcript.LINES_LIMIT", lines_limit)
    monkeypatch.setattr("filaprova.programs.transcript.CHARACTERS_LIMIT", characters_limit)
    lines = ["one", "two", "six", "ten"]
    transcript.take("stderr", "".join(f"{line}\n" for line in lines).encode())
    transcript.finish()
    history = recorder.history()
    told = [(event.client, event.stream, event.text) for event in history.of(OutputLine)]
    assert told == [("C1", "stderr", line) for line in lines[:kept]]
    dropped = [(event.client, event.line_count) for event in history.of(OutputDropped)]
    assert dropped == ([("C1", 4 - kept)] if kept < 4 else [])
    assert transcript.tail(4) == lines


@pytest.mark.parametrize(
    ("out", "err", "dropped"),
    [
        ([b"half", b" line\n"], [b"a line\n"], 2),
        ([b"half", b" line\n"], [b"rest"], 2),
        ([b"rest"], [b"of", b" both"], 2),
        ([b"one\ntwo\nthr", b"ee"], [], 3),
    ],
)
def test_each_line_of_a_flood_is_counted_once(
    out: list[bytes],
    err: list[bytes],
    dropped: int,
    transcript: Transcript,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("filaprova.programs.transcript.LINES_LIMIT", 1)
    transcript.take("stdout", b"kept\nfirst of the flood\n")
    for piece in out:
        transcript.take("stdout", piece)
    for piece in err:
        transcript.take("stderr", piece)
    transcript.finish()
    history = recorder.history()
    assert [event.text for event in history.of(OutputLine)] == ["kept"]
    assert sum(event.line_count for event in history.of(OutputDropped)) == 1 + dropped


def test_the_last_words_of_a_flood_are_shown_whatever_they_are(
    transcript: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filaprova.programs.transcript.LINES_LIMIT", 1)
    transcript.take("stdout", b"kept\nfirst of the flood\n")
    transcript.take("stderr", b"\xff\xc3\xa9\nlast")
    assert transcript.tail(2) == ["\\xffé", "last"]
