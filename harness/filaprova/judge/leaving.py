"""Leaving: who was told to end, who then went away in order, and what it handed back."""

from __future__ import annotations

from dataclasses import dataclass

from filaprova.judge.decision import plural
from filaprova.judge.ledger import Ledger
from filaprova.phrase import Phrase, joined_names, say
from filaprova.record.act import Released, Signalled, Struck
from filaprova.record.history import History
from filaprova.record.program import ProgramExited
from filaprova.record.wire import ChannelClosed, ConnectionClosed, Settled


@dataclass(frozen=True, slots=True, kw_only=True)
class InOrder:
    """A program that was told to end, and left nothing to be taken back from it."""

    client: str
    settled_count: int
    """Tasks that it finished after it was told to end."""
    handed_back_count: int


def told_to_end(history: History) -> set[str]:
    """Return the programs that were sent a signal to end."""
    struck = {event.client for event in history.of(Struck)}
    return struck | {event.client for event in history.of(Signalled)}


def not_of_itself(history: History) -> set[str]:
    """Return the programs that were told to end, or that the harness ended as it ends all."""
    return told_to_end(history) | {event.client for event in history.of(Released)}


def closed_in_order(history: History) -> set[tuple[int, int | None]]:
    """Return the channels that programs closed themselves; None stands for all of a connection."""
    channels = {(e.connection, e.channel) for e in history.of(ChannelClosed) if e.by == "client"}
    connections = {(e.connection, None) for e in history.of(ConnectionClosed) if e.by == "client"}
    return channels | connections


def handed_back(history: History, book: Ledger) -> list[InOrder]:
    """Return who, told to end, settled or handed back all that it had, and ended.

    Closing the channel or the connection in order hands back what had not been settled.
    """
    ends = {event.client: event for event in history.of(ProgramExited)}
    told_ns: dict[str, int] = {}
    for event in history:
        if isinstance(event, Struck | Signalled) and event.signal_name != "SIGKILL":
            told_ns.setdefault(event.client, event.at_ns)
    own = {(e.connection, e.channel, e.delivery_tag) for e in history.of(Settled) if e.requeue}
    closed = closed_in_order(history)
    found = []
    for client, since_ns in told_ns.items():
        held = [
            d
            for d in book.worked
            if d.client == client and not d.ended_before(since_ns) and d.fate != "automatic"
        ]
        back = [
            d
            for d in held
            if (d.event.connection, d.event.channel, d.event.delivery_tag) in own
            or (
                d.fate == "returned"
                and closed & {(d.event.connection, None), (d.event.connection, d.event.channel)}
            )
        ]
        settled = [d for d in held if d.fate in ("acked", "discarded") and not d.unheard]
        end = ends.get(client)
        if (
            end is not None
            and end.signal_name is None
            and held
            and len(back) + len(settled) == len(held)
        ):
            found.append(
                InOrder(client=client, settled_count=len(settled), handed_back_count=len(back))
            )
    return found


def in_order_text(left: list[InOrder]) -> Phrase:
    """Return what was done by those that left in order, as a sentence."""
    settled = sum(each.settled_count for each in left)
    back = sum(each.handed_back_count for each in left)
    return say(
        "{} left in order: {} finished and {} handed back, so that nothing was in flight",
        joined_names([each.client for each in left]),
        plural(settled, "task"),
        plural(back, "task"),
    )
