"""Routes: to which queues each publish of a record went."""

from __future__ import annotations

from filaprova.judge.topology import Topology
from filaprova.record.history import History
from filaprova.record.wire import Published


def routes_of(history: History) -> dict[int, set[str] | None]:
    """Return the queues that each publish was routed to, by its ``id``; None: nobody can tell.

    The ids are those of the history's own events.
    """
    return history.derived("routes of publishes", _routes)


def _routes(history: History) -> dict[int, set[str] | None]:
    topology = Topology()
    routes: dict[int, set[str] | None] = {}
    for event in history:
        if isinstance(event, Published):
            routes[id(event)] = topology.routes(event)
        else:
            topology.see(event)
    return routes
