"""What stands still, by what the kernel shows of each thread."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from filaprova.programs.group import stands_still

PID = 77


@pytest.fixture
def threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like that of a process's threads, which has none yet."""
    monkeypatch.setattr("filaprova.programs.group._PROC", tmp_path)
    (tmp_path / "self" / "task").mkdir(parents=True)
    threads = tmp_path / str(PID) / "task"
    threads.mkdir(parents=True)
    return threads


def show(threads: Path, number: int, state: bytes, name: bytes = b"python") -> Path:
    thread = threads / str(number)
    thread.mkdir()
    (thread / "stat").write_bytes(b"%d (%b) %b 1 1 1" % (number, name, state))
    return thread


@pytest.mark.parametrize(
    ("state", "expected"),
    [(b"T", True), (b"t", True), (b"Z", True), (b"X", True), (b"R", False), (b"S", False)],
)
def test_every_thread_has_to_stand_still(threads: Path, state: bytes, expected: bool) -> None:
    show(threads, PID, b"T")
    show(threads, PID + 1, state)
    assert stands_still(PID) is expected


def test_a_thread_s_name_may_hold_anything(threads: Path) -> None:
    show(threads, PID, b"T", name=b"a (\xff) R b")
    assert stands_still(PID)
    show(threads, PID + 1, b"R", name=b"a (\xff) T b")
    assert not stands_still(PID)


def test_a_thread_that_has_ended_meanwhile_stands_still(threads: Path) -> None:
    show(threads, PID, b"T")
    (threads / "78").mkdir()
    assert stands_still(PID)


def test_who_waits_where_no_children_are_shown_does_not_stand_still(threads: Path) -> None:
    thread = show(threads, PID, b"D")
    assert not stands_still(PID)
    (thread / "children").write_text("")
    assert not stands_still(PID)


def test_of_who_is_not_shown_it_is_asked_whether_it_is_there(threads: Path) -> None:
    assert threads
    assert not stands_still(os.getpid())
    with subprocess.Popen(["true"]) as ended:
        pass
    assert stands_still(ended.pid)
