"""The registry of checkers: a check is a checker's name with its arguments, storable as JSON.

A checker is a plain function ``History, keyword arguments -> Verdict``, marked with ``@checker``.
Calling the marked name builds a ``Check``; judging happens later, from the running scenario or
from a saved run:

    @checker
    def nothing_lost(history: History, *, queue: str) -> Verdict: ...

    check = nothing_lost(queue="tasks")     # names what is to be judged
    verdict = check.judge(history)          # judges; a crash of the checker is UNKNOWN
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

import msgspec
from msgspec import structs

from filaprova.errors import BadInput
from filaprova.judge.topology import REPLY_TO
from filaprova.judge.verdict import Blame, Evidence, Outcome, Verdict
from filaprova.phrase import as_phrase, joined, say
from filaprova.record.act import HarnessTrouble
from filaprova.record.history import History
from filaprova.record.program import ProgramExited, ProgramStarted
from filaprova.record.wire import ChannelOpened, Delivered, Undecodable

P = ParamSpec("P")

HOLES_SHOWN = 3

_registry: dict[str, Callable[..., Verdict]] = {}


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A checker's name with its arguments (JSON values only)."""

    name: str
    arguments: dict[str, Any] = {}

    def judge(self, history: History) -> Verdict:
        """Return the checker's verdict.

        UNKNOWN if the check is about nobody, if the history is empty or has a hole, if bytes on the
        wire could not be decoded, if the harness recorded trouble of its own, or if the checker
        crashes. Raises ``BadInput`` for a name that no checker has.
        """
        function = _registry.get(self.name)
        if function is None:
            known = ", ".join(sorted(_registry))
            raise BadInput(f"there is no checker {self.name!r}; known: {known}")
        if len(history) == 0:
            return self._unknown("the history is empty")
        nobody = [name for name, value in self.arguments.items() if value == []]
        if nobody:
            return self._unknown(
                say("{} is empty, so the check is about nobody", nobody[0]), blame=None
            )
        try:
            verdict = structs.replace(function(history, **self.arguments), check=self.name)
        except Exception as error:
            return self._unknown(
                say("the checker crashed: {}: {}", type(error).__name__, str(error))
            )
        holes = history.derived("holes", _holes)
        if holes:
            return self._unknown(joined("; ", holes[:HOLES_SHOWN]))
        undecodable = history.of(Undecodable)
        if undecodable and verdict.outcome is not Outcome.UNKNOWN:
            # Whatever came after them on that connection is not on the record.
            first = undecodable[0]
            return self._unknown(
                say(
                    "bytes of the {} on a connection of {} could not be decoded ({}), so the "
                    "record is not whole",
                    say(first.by),
                    first.client,
                    first.reason,
                ),
                blame=None,  # whoever sent them may have had a reason
            )
        troubles = history.of(HarnessTrouble)
        lossy = any(trouble.where.startswith("the tap of") for trouble in troubles)
        if (troubles and verdict.outcome is Outcome.PASS) or lossy:
            return self._unknown(
                say(
                    "the harness had trouble of its own in {}: {}",
                    troubles[0].where,
                    troubles[0].error,
                ),
                [Evidence(at_ns=trouble.at_ns, text=trouble.error) for trouble in troubles[:20]],
            )
        return verdict

    def _unknown(
        self, why: str, evidence: list[Evidence] | None = None, *, blame: Blame | None = "harness"
    ) -> Verdict:
        summary = say("{}: {}.", self.name, as_phrase(why))
        return Verdict(
            check=self.name,
            outcome=Outcome.UNKNOWN,
            summary=str(summary),
            worded={"summary": summary.worded()},
            evidence=evidence or [],
            blame=blame,
        )


def checker(function: Callable[Concatenate[History, P], Verdict]) -> Callable[P, Check]:
    """Register a checker; return the function that builds a ``Check`` of it."""
    name = function.__name__
    _registry[name] = function

    def build(*args: P.args, **kwargs: P.kwargs) -> Check:
        if args:
            raise TypeError(f"{name} takes keyword arguments only")
        return Check(name=name, arguments=msgspec.to_builtins(dict(kwargs)))

    build.__name__ = name
    build.__doc__ = function.__doc__
    return build


def checkers() -> dict[str, Callable[..., Verdict]]:
    """Return every registered checker by name."""
    return dict(_registry)


def _holes(history: History) -> list[str]:
    """Return what the history itself shows to be missing, or to be there twice.

    A broker numbers its deliveries on a channel 1, 2, 3, … (RabbitMQ documentation, "Consumer
    Acknowledgements") except direct replies, and no program starts and ends in the same nanosecond.
    """
    holes: list[str] = []
    last_tags: dict[tuple[int, int], int] = {}
    for event in history:
        if isinstance(event, ChannelOpened):
            last_tags.pop((event.connection, event.channel), None)  # its number is used again
        if not isinstance(event, Delivered) or str(event.queue).startswith(REPLY_TO):
            continue
        where = event.connection, event.channel
        due = last_tags.get(where, 0) + 1
        if event.delivery_tag != due:
            holes.append(
                say(
                    "the record of {} is not whole: delivery {} on connection {}, channel {} where "
                    "{} was due",
                    event.client,
                    event.delivery_tag,
                    *where,
                    due,
                )
            )
        last_tags[where] = event.delivery_tag
    started = {(event.client, event.pid): event.at_ns for event in history.of(ProgramStarted)}
    holes += [
        say(
            "the clock of the record stood still: {} started and ended at the same time",
            event.client,
        )
        for event in history.of(ProgramExited)
        if (program := (event.client, event.pid)) in started and started[program] >= event.at_ns
    ]
    return holes
