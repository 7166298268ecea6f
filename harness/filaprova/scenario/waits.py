"""Waits: until which events of the history a scenario may wait, and when waiting is in vain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from filaprova.errors import ProgramFailed
from filaprova.record.event import Event
from filaprova.record.program import ProgramExited, TaskDone, TaskReceived
from filaprova.record.wire import Settled, SocketClosed
from filaprova.scenario.cast import Cast, Worker
from filaprova.scenario.stage import Stage


def wait_for_each(
    stage: Stage,
    cast: Cast,
    kind: type[Event],
    tasks: Iterable[str],
    workers: Sequence[Worker],
    what: str,
) -> None:
    """Wait until one of the workers has given an event of this kind for each task.

    What is sent back to the queue (``requeue``) is not settled, and is waited for further.

    Whose output or wire is at its end adds nothing more: once all are, waiting on is in vain and
    ``ProgramFailed`` is raised. ``what`` completes "'task 1' and 19 more to be …": "done".
    """
    missing = set(tasks)
    clients = {worker.client for worker in workers}
    end = ProgramExited if kind in (TaskDone, TaskReceived) else SocketClosed
    living = set(clients)

    def all_seen_or_all_gone(event: Event) -> bool:
        client = getattr(event, "client", None)
        if isinstance(event, kind) and client in clients and not getattr(event, "requeue", False):
            missing.discard(getattr(event, "task", ""))
        elif isinstance(event, end) and client in living:
            living.discard(client)
        return not (missing and living)

    def story(waited: str) -> str:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        return cast.story(
            f"{waited} {min(missing)!r}{more} to be {what} by {', '.join(sorted(clients))}."
        )

    if missing:
        with stage.timed("work"):
            stage.wait(what, all_seen_or_all_gone, story)
        if missing:
            raise ProgramFailed(story("all have ended, in vain waited for"))


def wait_acknowledgements(stage: Stage, cast: Cast, count: int, workers: Sequence[Worker]) -> None:
    """Wait until the workers have settled that many deliveries."""
    clients = {worker.client for worker in workers}
    seen: list[Event] = []

    def enough(event: Event) -> bool:
        if isinstance(event, Settled) and event.client in clients:
            seen.append(event)
        return len(seen) >= count

    with stage.timed("work"):
        stage.wait(
            "acknowledgements",
            enough,
            lambda waited: cast.story(f"{waited} {count} acknowledgements; there were {len(seen)}"),
        )


def wait_working(stage: Stage, cast: Cast, workers: Sequence[Worker]) -> None:
    """Wait until each of the workers has begun a task at least once."""
    idle = {worker.client for worker in workers}

    def begun(event: Event) -> bool:
        if isinstance(event, TaskReceived):
            idle.discard(event.client)
        return not idle

    with stage.timed("work"):
        stage.wait(
            "task begun",
            begun,
            lambda waited: cast.story(f"{waited} {', '.join(sorted(idle))} to begin a task"),
        )
