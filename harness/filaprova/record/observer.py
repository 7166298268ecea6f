"""The observer's thread: one asyncio loop on which all wire bytes and output lines are read.

One reader for everything gives the record one order. An exception in the background is kept and
raised in the scenario, never swallowed.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from filaprova.errors import HarnessBug
from filaprova.phrase import say
from filaprova.waiting import noted

T = TypeVar("T")

END_LIMIT_S = 10.0


def origin(error: BaseException) -> str:
    """Return where on the observer's thread something went wrong, as whoever caught it noted."""
    return next(iter(getattr(error, "__notes__", ())), "the observer thread")


class Background:
    """A daemon thread with an asyncio loop; a context manager."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._errors: list[BaseException] = []
        self.loop.set_exception_handler(self._keep)
        self._thread = threading.Thread(target=self._run, name="filaprova-observer", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T], *, timeout_s: float = 30.0) -> T:
        """Run a coroutine on the loop from another thread and return its result.

        Raises what the coroutine raises, or ``HarnessBug`` after ``timeout_s`` seconds.
        """
        future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        try:
            with noted("observer's turn", limit_s=timeout_s):
                return future.result(timeout_s)
        except TimeoutError as error:
            if future.done():
                raise
            future.cancel()
            raise HarnessBug(
                say("the observer thread did not finish {} in {:.1f} s", repr(coroutine), timeout_s)
            ) from error

    def every(self, seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        """Call ``act`` on the loop every ``seconds``; return the function that ends this."""

        async def repeat() -> None:
            while True:
                await asyncio.sleep(seconds)
                act()

        async def begin() -> asyncio.Task[None]:
            return asyncio.create_task(self._kept(repeat()))

        task = self.run(begin())

        def end() -> None:
            self.loop.call_soon_threadsafe(task.cancel)

        return end

    def take_errors(self) -> list[BaseException]:
        """Return what went wrong on the loop since the last call."""
        errors, self._errors = self._errors, []
        return errors

    def close(self) -> None:
        """Cancel what still runs on the loop and end the thread."""
        if not self._thread.is_alive():
            return
        self.run(self._cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        with noted("observer ended", limit_s=END_LIMIT_S):
            self._thread.join(END_LIMIT_S)
        if self._thread.is_alive():
            raise HarnessBug(say("the observer thread did not end within {:.0f} s", END_LIMIT_S))
        self.loop.close()

    def __enter__(self) -> Background:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def _keep(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception") or HarnessBug(str(context.get("message")))
        self._errors.append(error)

    async def _kept(self, coroutine: Coroutine[Any, Any, None]) -> None:
        try:
            await coroutine
        except Exception as error:
            self._errors.append(error)

    async def _cancel_all(self) -> None:
        tasks = asyncio.all_tasks(self.loop) - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
