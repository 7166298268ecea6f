"""Stepping: bring workers into the middle of their tasks, each to its n-th, and leave them there.

A worker that runs under the launcher stops by itself in the middle of each work, or else at the end
of a task. It is let go on from one to the next, until it is at its n-th, or would have none that it
has not begun. Others are frozen when the wire, or what they print, shows them at their task; they
may be a task further then. Nobody is waited for who gets nothing more: the wire shows that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from filaprova.errors import ProgramFailed, TimedOut
from filaprova.judge.topology import routes_of
from filaprova.phrase import Phrase, say
from filaprova.record.history import History
from filaprova.record.wire import Delivered, Published, QueueDeleted, QueuePurged
from filaprova.scenario.cast import Worker
from filaprova.scenario.hand import Hand, hand_of
from filaprova.scenario.stage import Stage
from filaprova.waiting import came_not, wait_until

LOOK_EVERY_S = 0.002
LOOK_TIMEOUT_S = 10.0
CAUGHT = "caught"
ENDED = say("it has ended")
NO_TASK = say("it is sent no task")


def step_into(stage: Stage, workers: Sequence[Worker], nth: int) -> dict[str, Phrase]:
    """Bring each of these workers to its n-th task; return why some of them have none.

    They go on in turn, one task each, so that none gets far ahead. Raises ``TimedOut`` where one
    should be in a task and was not seen to be.
    """
    without: dict[str, Phrase] = {}
    for number in range(1, nth + 1):
        for worker in workers:
            if worker.client not in without:
                reason = _bring(stage, worker, number)
                if reason:
                    without[worker.client] = reason
    return without


def ready_count(history: History, queues: set[str]) -> int:
    """Return how many tasks of these queues at least have been published and sent to nobody yet."""
    ready = dict.fromkeys(queues, 0)
    routes = routes_of(history)
    for event in history:
        match event:
            case Published():
                for queue in queues & (routes[id(event)] or set()):
                    ready[queue] += 1
            case Delivered(queue=str(queue), redelivered=False) if queue in ready:
                ready[queue] -= 1
            case QueuePurged(queue=queue) | QueueDeleted(queue=queue) if queue in ready:
                ready[queue] = 0
    return sum(max(0, count) for count in ready.values())


def watch(stage: Stage, worker: Worker, nth: int) -> Callable[[], None]:
    """Have a worker that cannot stop itself be frozen at its n-th task; return how to end that.

    It is looked after on the observer's thread, which is the first to know.
    """
    hand = Hand(worker.client)
    index = 0

    def look() -> None:
        nonlocal index
        fresh = stage.recorder.since(index)
        index += len(fresh)
        for event in fresh:
            hand.take(event)
        if fresh and hand.is_mid_task and hand.finished_count >= nth - 1:
            worker.process.stop_if_to()

    return stage.session.background.every(LOOK_EVERY_S, look)


def _bring(stage: Stage, worker: Worker, number: int) -> Phrase | None:
    """Have a worker stand still in its task of this number; return why it has none, if so."""
    process = worker.process
    deadline = time.monotonic() + stage.wait_s
    while True:
        reason = _wait_caught(stage, worker, number, timeout_s=deadline - time.monotonic())
        if reason:
            return reason
        try:
            if not process.is_frozen:
                process.freeze(timeout_s=LOOK_TIMEOUT_S)
            worker.tap.dry(timeout_s=LOOK_TIMEOUT_S)
            process.output_dry(timeout_s=LOOK_TIMEOUT_S)
            hand, ready = _look(stage, worker)
            far_enough = hand.finished_count >= number - 1 or not hand.has_spare(ready)
            if hand.is_mid_task and far_enough:
                return None
            if not hand.gets_more(ready) and not hand.unsettled:
                return NO_TASK
            process.step()
        except ProgramFailed:
            return ENDED


def _wait_caught(stage: Stage, worker: Worker, number: int, *, timeout_s: float) -> Phrase | None:
    """Return when a worker has stopped itself, or is to be stopped; or why it never will be."""
    process, recorder = worker.process, stage.recorder
    looked_at = -1

    def caught() -> str | None:
        nonlocal looked_at
        if not process.running:
            return ENDED
        if process.paused or process.is_frozen:
            return CAUGHT
        if looked_at == len(recorder):
            return None
        looked_at = len(recorder)
        hand, ready = _look(stage, worker)
        if _due(hand, number, tells=process.tells_of_its_works):
            return CAUGHT
        if hand.gets_more(ready) or hand.is_mid_task or hand.unsettled or not hand.queues:
            return None
        return NO_TASK

    what = say("{} to be in the middle of its task {}", worker.client, number)
    try:
        told = wait_until(
            caught, what=what, timeout_s=max(timeout_s, 0.0), every_s=LOOK_EVERY_S, kind="paused"
        )
    except TimedOut:
        raise came_not(what, stage.wait_s) from None
    return told if isinstance(told, Phrase) else None


def _due(hand: Hand, number: int, *, tells: bool) -> bool:
    """Tell whether a worker that does not stop by itself is in its task of this number.

    Whether one under the launcher does shows when it is through with its first.
    """
    if tells and (hand.works_begun or not hand.finished_count):
        return False
    return hand.is_mid_task and hand.finished_count >= number - 1


def _look(stage: Stage, worker: Worker) -> tuple[Hand, int]:
    """Return what a worker has in hand, and how many tasks are there for it that nobody has."""
    hand = hand_of(worker.client, stage.recorder)
    history = stage.recorder.history()
    polled = (e.queue for e in history.of(Delivered) if e.client == hand.client and e.queue)
    return hand, ready_count(history, hand.queues or set(polled))
