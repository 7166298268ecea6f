"""wait_until: the only polling loop."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from filaprova.errors import TimedOut
from filaprova.record.act import Frozen
from filaprova.record.recorder import Recorder
from filaprova.waiting import Waited, wait_until, waits_told_to
from tests.patience import PATIENCE_S


def test_what_is_there_already_is_not_waited_for() -> None:
    assert wait_until(lambda: "value", what="a value", timeout_s=0.0, every_s=60.0) == "value"


def test_the_first_truthy_value_is_returned() -> None:
    answers = iter([None, 0, "", "third", "fourth"])
    found = wait_until(lambda: next(answers), what="a value", timeout_s=5.0, every_s=0.0)
    assert found == "third"
    assert next(answers) == "fourth"


def test_the_message_names_what_was_waited_for_and_how_long() -> None:
    with pytest.raises(TimedOut, match=r"waited 0\.1 s for the port to open; it did not come"):
        wait_until(lambda: None, what="the port to open", timeout_s=0.1)


def test_the_limit_is_kept_and_the_last_look_is_at_the_limit() -> None:
    began = time.monotonic()
    looks: list[float] = []
    with pytest.raises(TimedOut):
        wait_until(
            lambda: looks.append(time.monotonic() - began), what="x", timeout_s=0.2, every_s=60.0
        )
    assert len(looks) == 2
    assert looks[0] < looks[1]
    assert 0.2 <= looks[1] < 60.0, "it did not wait for its next turn"


def test_without_time_the_probe_is_asked_once() -> None:
    looks: list[None] = []
    with pytest.raises(TimedOut):
        wait_until(lambda: looks.append(None), what="x", timeout_s=0.0)
    assert len(looks) == 1


def test_an_error_of_the_probe_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        wait_until(lambda: 1 // 0, what="x", timeout_s=5.0)


def test_a_look_that_took_too_long_is_not_the_last() -> None:
    slow, looks = threading.Event(), list[None]()

    def probe() -> bool:
        looks.append(None)
        slow.wait(0.05)
        return len(looks) == 2

    assert wait_until(probe, what="x", timeout_s=0.01)


def waits_of(act: Callable[[], object]) -> list[Waited]:
    """Return the waits of this process that were noted while ``act`` ran."""
    made: list[Waited] = []
    with waits_told_to(made.append), contextlib.suppress(TimedOut, ZeroDivisionError):
        act()
    return made


def test_a_wait_is_noted_with_what_it_was_for_and_its_limit() -> None:
    [waited] = waits_of(lambda: wait_until(lambda: 1, what="a 1", timeout_s=7.0, kind="numbers"))
    assert (waited.kind, waited.what, waited.limit_s) == ("numbers", "a 1", 7.0)
    assert 0.0 <= waited.seconds < PATIENCE_S


def test_a_wait_in_vain_is_noted_as_well() -> None:
    [waited] = waits_of(lambda: wait_until(lambda: None, what="nothing", timeout_s=0.05))
    assert waited.seconds >= waited.limit_s == 0.05


def test_a_wait_that_broke_off_is_none() -> None:
    assert waits_of(lambda: wait_until(lambda: 1 / 0, what="x", timeout_s=5.0)) == []


def test_nobody_is_told_after_the_end() -> None:
    made: list[Waited] = []
    with waits_told_to(made.append):
        pass
    wait_until(lambda: 1, what="x", timeout_s=5.0)
    assert made == []


def test_a_wait_for_an_event_is_noted(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "history.jsonl")
    recorder.record(Frozen(at_ns=0, client="C1"))
    [waited] = waits_of(
        lambda: recorder.wait_for(bool, what="any", timeout_s=3.0, kind="any event")
    )
    assert (waited.kind, waited.what, waited.limit_s) == ("any event", "any", 3.0)
    recorder.close()
