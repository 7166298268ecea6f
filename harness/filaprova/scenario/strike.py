"""Freeze, look, strike: hit a worker exactly while it holds an unfinished task.

SIGSTOP the victim, read its pipes and its tap dry, and look: is it in the middle of a task, by the
wire, by what its launcher tells of its works, and by what it prints? If so, strike; the victim has
had no chance to move on. If not, let it run on to where it stops next, and look again. No luck, no
sleep: what was held at the moment of the strike is on the record as ``Struck``.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass

from filaprova.errors import ProgramFailed, TimedOut
from filaprova.phrase import Phrase, say, told_by
from filaprova.programs.program import Process
from filaprova.record.act import StrikeMissed, Struck
from filaprova.record.event import Event
from filaprova.record.program import ProgramExited, TaskReceived, WorkBegan
from filaprova.record.recorder import Recorder
from filaprova.record.wire import Delivered
from filaprova.scenario.hand import Hand, hand_of
from filaprova.waiting import wait_until
from filaprova.wiretap.tap import Tap

LOOK_TIMEOUT_S = 10.0
LOOK_EVERY_S = 0.001
KILLED_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a frozen worker holds, by all witnesses."""

    in_hand: str | None
    received_count: int
    done_count: int
    unsettled: list[str]
    look_count: int
    works_begun: int = 0
    works_ended: int = 0


def catch_mid_task(
    process: Process, tap: Tap, recorder: Recorder, *, timeout_s: float
) -> Look | None:
    """Leave the process frozen in the middle of a task, and tell what it holds.

    None: within ``timeout_s`` seconds it was never seen so, or it ended by itself. Why is recorded
    as ``StrikeMissed``, and the process runs. One that was only ever seen between two tasks, but
    holds some that it has not settled, is left frozen there.
    """
    look_count = 0
    try:
        while True:
            since = len(recorder)
            look_count += 1
            hand = _looked_into(process, tap, recorder)
            if hand.is_mid_task:
                return _look(hand, look_count)
            process.step()
            try:
                _wait_for_next_task(process, recorder, hand, since=since, timeout_s=timeout_s)
            except TimedOut:
                hand = _looked_into(process, tap, recorder)
                if hand.is_mid_task or hand.unsettled:
                    return _look(hand, look_count + 1)
                process.thaw()
                raise
    except (TimedOut, ProgramFailed) as error:
        miss(process.client, recorder, told_by(error))
        return None


def miss(client: str, recorder: Recorder, reason: Phrase) -> None:
    """Record that a strike was given up."""
    recorder.record(
        StrikeMissed(
            at_ns=recorder.now_ns(), client=client, reason=str(reason), worded=reason.worded()
        )
    )


def strike(
    process: Process, look: Look, recorder: Recorder, how: signal.Signals, *, timeout_s: float
) -> ProgramExited | None:
    """Send ``how`` to a process that ``catch_mid_task`` left frozen; return how it ended.

    None: it had not ended ``timeout_s`` seconds later; it was killed then.
    """
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
            works_begun=look.works_begun,
            works_ended=look.works_ended,
        )
    )
    return end_by(process, how, timeout_s=timeout_s)


def end_by(process: Process, how: signal.Signals, *, timeout_s: float) -> ProgramExited | None:
    """Send a signal to a process, frozen or not; return how it ended, None if it had to be killed.

    It may take up to ``timeout_s`` seconds: to finish its task, and hand back what it has not
    begun.
    """
    process.signal(how)
    if how is not signal.SIGKILL:
        process.signal(signal.SIGCONT)
    try:
        return process.wait(timeout_s=timeout_s if how is not signal.SIGKILL else KILLED_LIMIT_S)
    except TimedOut:
        process.signal(signal.SIGKILL)
        process.wait(timeout_s=KILLED_LIMIT_S)
        return None


def _looked_into(process: Process, tap: Tap, recorder: Recorder) -> Hand:
    """Freeze a process and return what it has in hand."""
    if not process.is_frozen:
        process.freeze(timeout_s=LOOK_TIMEOUT_S)
    tap.dry(timeout_s=LOOK_TIMEOUT_S)
    process.output_dry(timeout_s=LOOK_TIMEOUT_S)
    return hand_of(process.client, recorder)


def _look(hand: Hand, look_count: int) -> Look:
    return Look(
        in_hand=hand.in_hand,
        received_count=hand.received_count,
        done_count=hand.done_count,
        unsettled=hand.unsettled,
        look_count=look_count,
        works_begun=hand.works_begun,
        works_ended=hand.works_ended,
    )


def _wait_for_next_task(
    process: Process, recorder: Recorder, hand: Hand, *, since: int, timeout_s: float
) -> None:
    """Return when the process may be in the middle of a task.

    One that is known to stop in its works is waited for there: inside, not at their beginning.
    """
    stops_itself = hand.works_begun > 0
    index = since

    def next_task() -> bool:
        nonlocal index
        if not process.running:
            raise ProgramFailed(
                say("{} ended before it could be struck in the middle of a task", process.client)
            )
        fresh = recorder.since(index)
        index += len(fresh)
        return process.paused or (not stops_itself and any(map(_begins, fresh)))

    def _begins(event: Event) -> bool:
        return (
            isinstance(event, TaskReceived | WorkBegan | Delivered)
            and event.client == process.client
        )

    wait_until(
        next_task,
        what=say("{} to receive a task that it could be struck in", process.client),
        timeout_s=timeout_s,
        every_s=LOOK_EVERY_S,
        kind="next task",
    )
