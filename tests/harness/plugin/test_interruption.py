"""Interruptions: the first one waits for the end of the body, the second one does not."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from filaprova.plugin import hooks
from filaprova.plugin.interruption import by_termination, postponed


@pytest.fixture(autouse=True)
def usual_handler() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler, "it was put back"
    signal.signal(signal.SIGINT, before)


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


DONE: list[int] = []
"""How far ``put_down`` got."""


def put_down(*acts: Callable[[], object]) -> list[int]:
    """Do all this while interruptions are postponed; return ``DONE``."""
    DONE.clear()
    with postponed():
        for number, act in enumerate(acts, start=1):
            act()
            DONE.append(number)
    return DONE


def fail() -> None:
    raise ZeroDivisionError


def test_one_that_comes_in_the_body_is_raised_after_it() -> None:
    with pytest.raises(KeyboardInterrupt):
        put_down(interrupt, os.getpid)
    assert DONE == [1, 2]


def test_the_second_one_is_raised_at_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        put_down(interrupt, interrupt, os.getpid)
    assert DONE == [1]


def test_without_one_nothing_is_raised() -> None:
    assert put_down(os.getpid) == [1]
    with pytest.raises(KeyboardInterrupt):
        interrupt()


def test_an_error_of_the_body_does_not_swallow_it() -> None:
    with pytest.raises(KeyboardInterrupt) as raised:
        put_down(interrupt, fail)
    assert isinstance(raised.value.__context__, ZeroDivisionError)
    assert DONE == [1]


def test_somebody_elses_handler_is_left_alone() -> None:
    came = []
    signal.signal(signal.SIGINT, lambda *_: came.append("it"))
    try:
        with postponed():
            interrupt()
            assert came == ["it"]
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def test_beside_the_main_thread_there_is_nothing_to_postpone() -> None:
    thread = threading.Thread(target=put_down, args=(os.getpid,))
    thread.start()
    thread.join()
    assert DONE == [1]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit()])
def test_one_of_the_scenario_outlives_trouble_of_its_conclusion(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, error: BaseException
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(hooks, "_conclude", full)
    with pytest.raises(type(error)) as raised:
        hooks._concluded(request.node, error)
    assert isinstance(raised.value.__cause__, OSError)
    with pytest.raises(OSError, match="no space left"):
        hooks._concluded(request.node, None)


# ------------------------------------------------------------------ SIGTERM


@pytest.fixture
def usual_termination() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("usual_termination")
@pytest.mark.parametrize("for_ctrl_c", [signal.default_int_handler, signal.SIG_IGN])
def test_a_termination_is_an_interruption(for_ctrl_c: signal.Handlers) -> None:
    signal.signal(signal.SIGINT, for_ctrl_c)
    with by_termination():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            put_down(lambda: os.kill(os.getpid(), signal.SIGTERM), os.getpid)
        assert DONE == [1, 2]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, "it was put back"
    assert signal.getsignal(signal.SIGINT) is for_ctrl_c
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.usefixtures("usual_termination")
def test_who_has_a_handler_for_terminations_keeps_it() -> None:
    came: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: came.append(number))
    with by_termination():
        os.kill(os.getpid(), signal.SIGTERM)
    assert came == [signal.SIGTERM]


@pytest.mark.usefixtures("usual_termination")
def test_another_thread_leaves_terminations_alone() -> None:
    seen: list[object] = []

    def look() -> None:
        with by_termination():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.SIG_DFL]
