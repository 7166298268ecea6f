"""Freeze, look, strike: hit a worker exactly while it holds an unfinished task.

SIGSTOP the victim, read its pipes and its tap dry, and look: does its output show a task that was
received and not done? If so, strike; the victim has had no chance to move on. If not, let it run
on until it receives another task, and freeze it there. No luck, no sleep: what was held at the
moment of the strike is on the record as ``Struck``.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass

from filaprova.errors import FaultMissed, ProgramFailed, TimedOut
from filaprova.programs.program import Process
from filaprova.record.act import StrikeMissed, Struck
from filaprova.record.event import Event
from filaprova.record.program import ProgramExited, TaskDone, TaskReceived
from filaprova.record.recorder import Recorder
from filaprova.record.wire import Delivered, Settled
from filaprova.wiretap.tap import Tap

LOOK_TIMEOUT_S = 10.0
EXIT_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a frozen worker holds, by both witnesses."""

    in_hand: str | None
    received_count: int
    done_count: int
    unsettled: list[str]
    look_count: int


def catch_mid_task(process: Process, tap: Tap, recorder: Recorder, *, timeout_s: float) -> Look:
    """Leave the process frozen while it holds an unfinished task, and tell what it holds.

    Raises ``FaultMissed``, and records ``StrikeMissed``, if within ``timeout_s`` seconds it was
    never frozen with a task in hand (it is then running again), or if it ended by itself.
    """
    look_count = 0
    try:
        while True:
            since = len(recorder)
            process.freeze(timeout_s=LOOK_TIMEOUT_S)
            tap.dry(timeout_s=LOOK_TIMEOUT_S)
            process.output_dry(timeout_s=LOOK_TIMEOUT_S)
            look_count += 1
            look = _look(process.client, recorder, look_count)
            if look.in_hand is not None:
                return look
            process.thaw()
            _wait_for_next_task(process.client, recorder, since=since, timeout_s=timeout_s)
    except (TimedOut, ProgramFailed) as error:
        recorder.record(
            StrikeMissed(at_ns=recorder.now_ns(), client=process.client, reason=str(error))
        )
        raise FaultMissed(
            f"{process.client} was never caught in the middle of a task: {error}"
        ) from error


def strike(process: Process, look: Look, recorder: Recorder, how: signal.Signals) -> None:
    """Send ``how`` to a process that ``catch_mid_task`` left frozen; return when it has ended."""
    recorder.record(
        Struck(
            at_ns=recorder.now_ns(),
            client=process.client,
            signal_name=how.name,
            in_hand=look.in_hand,
            received_count=look.received_count,
            done_count=look.done_count,
            unsettled=look.unsettled,
            looks=look.look_count,
        )
    )
    process.signal(how)
    if how is not signal.SIGKILL:
        process.signal(signal.SIGCONT)
    try:
        process.wait(timeout_s=EXIT_TIMEOUT_S)
    except TimedOut as error:
        raise process.failure(
            f"it did not end within {EXIT_TIMEOUT_S:g} s of {how.name}"
        ) from error


def _look(client: str, recorder: Recorder, look_count: int) -> Look:
    received_count = done_count = 0
    in_hand: str | None = None
    outstanding: dict[tuple[int, int, int], str] = {}
    for event in recorder.history():
        match event:
            case TaskReceived(client=whose, task=task) if whose == client:
                received_count += 1
                in_hand = task
            case TaskDone(client=whose) if whose == client:
                done_count += 1
                in_hand = None
            case Delivered(client=whose, no_ack=False) if whose == client:
                outstanding[event.connection, event.channel, event.delivery_tag] = event.task
            case Settled(client=whose) if whose == client:
                outstanding.pop((event.connection, event.channel, event.delivery_tag), None)
    return Look(
        in_hand=in_hand,
        received_count=received_count,
        done_count=done_count,
        unsettled=list(outstanding.values()),
        look_count=look_count,
    )


def _wait_for_next_task(client: str, recorder: Recorder, *, since: int, timeout_s: float) -> None:
    def next_task_or_end(event: Event) -> bool:
        return isinstance(event, TaskReceived | ProgramExited) and event.client == client

    event = recorder.wait_for(
        next_task_or_end,
        what=f"{client} to receive a task that it could be struck in",
        timeout_s=timeout_s,
        since=since,
        kind="next task",
    )
    if isinstance(event, ProgramExited):
        raise ProgramFailed(f"{client} ended before it could be struck in the middle of a task")
