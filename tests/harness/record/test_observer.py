"""Background: results come back, errors are kept, everything ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from filaprova.errors import HarnessBug
from filaprova.record.observer import Background
from filaprova.waiting import wait_until
from tests.patience import PATIENCE_S

LIMIT_S = PATIENCE_S


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as background:
        yield background


async def value() -> str:
    return threading.current_thread().name


async def raising(error: Exception) -> None:
    raise error


async def forever() -> None:
    await asyncio.Event().wait()


def errors(background: Background) -> list[BaseException]:
    return wait_until(background.take_errors, what="an error", timeout_s=LIMIT_S)


def test_a_coroutine_runs_on_the_observer_thread(background: Background) -> None:
    assert background.run(value()) == "filaprova-observer"


def test_an_error_is_raised_where_the_result_was_wanted(background: Background) -> None:
    with pytest.raises(KeyError, match="missing"):
        background.run(raising(KeyError("missing")))
    assert background.take_errors() == []


def test_a_timeout_of_the_coroutine_itself_is_its_own_error(background: Background) -> None:
    with pytest.raises(TimeoutError, match="its own"):
        background.run(raising(TimeoutError("its own")))


def test_a_coroutine_that_does_not_end_is_the_harness_fault(background: Background) -> None:
    ended = threading.Event()

    async def stuck() -> None:
        try:
            await forever()
        finally:
            ended.set()

    with pytest.raises(HarnessBug, match=r"did not finish .*stuck.* in 0\.1 s"):
        background.run(stuck(), timeout_s=0.1)
    assert ended.wait(LIMIT_S), "it was cancelled"


def test_an_error_in_a_callback_is_kept(background: Background) -> None:
    background.loop.call_soon_threadsafe(lambda: 1 // 0)
    [error] = errors(background)
    assert isinstance(error, ZeroDivisionError)
    assert background.take_errors() == []


def test_trouble_without_an_exception_is_kept_with_its_message(background: Background) -> None:
    trouble = {"message": "socket.send() raised exception."}
    background.loop.call_soon_threadsafe(background.loop.call_exception_handler, trouble)
    [error] = errors(background)
    assert isinstance(error, HarnessBug)
    assert "socket.send" in str(error)


def test_an_act_is_repeated_until_its_end(background: Background) -> None:
    acts = threading.Semaphore(0)
    end = background.every(0.001, acts.release)
    for _ in range(3):
        assert acts.acquire(timeout=LIMIT_S)
    end()
    background.run(value())  # what the loop had before is done
    while acts.acquire(blocking=False):
        pass
    assert not acts.acquire(timeout=0.1)


def test_ending_twice_does_no_harm(background: Background) -> None:
    end = background.every(0.001, lambda: None)
    end()
    end()
    background.run(value())
    assert background.take_errors() == []


def test_an_act_that_fails_is_not_repeated_and_its_error_is_kept(background: Background) -> None:
    calls: list[None] = []

    def act() -> None:
        calls.append(None)
        raise ValueError("no space left")

    background.every(0.001, act)
    [error] = errors(background)
    assert isinstance(error, ValueError)
    assert len(calls) == 1


def test_closing_cancels_what_runs_and_ends_the_thread() -> None:
    ended = threading.Event()

    async def task() -> None:
        try:
            await forever()
        finally:
            ended.set()

    async def begin() -> asyncio.Task[None]:
        return asyncio.create_task(task())

    background = Background()
    running = background.run(begin())
    background.every(0.001, lambda: None)
    background.close()
    assert ended.is_set()
    assert running.cancelled()
    assert background.loop.is_closed()
    assert "filaprova-observer" not in [thread.name for thread in threading.enumerate()]
    assert background.take_errors() == []


def test_closing_twice_does_no_harm() -> None:
    background = Background()
    background.close()
    background.close()


def test_the_thread_does_not_keep_a_dying_program() -> None:
    with Background() as background:
        assert background.run(is_daemon())


async def is_daemon() -> bool:
    return threading.current_thread().daemon
