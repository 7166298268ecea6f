"""Distribution: how many tasks each worker was sent and how long it worked, expected beside seen.

What is expected is said only where a rule of the broker says it: dealt in turn to those that have
subscribed, or everything to whoever subscribes first. With a prefetch limit the rule is that
whoever is free gets the next task: how many that makes depends on speed, so no number is predicted,
and the picture says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle, islice

from filaprova.report.pictures.model.story import Story
from filaprova.runs.results import CheckResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one worker got."""

    client: str
    tasks: int
    work_s: float
    expected: int | None


def shares(story: Story, checks: Iterable[CheckResult] = ()) -> list[Share]:
    """Return what each worker got, in order of subscription."""
    expected = expected_shares(story.queue, checks) or _dealt_in_turn(story)
    found = []
    for worker in story.workers:
        stays = [
            stay
            for stay in story.stays
            if stay.client == worker.client and stay.from_ns >= story.from_ns
        ]
        worked_ns = sum(
            (stay.done_ns if stay.done_ns is not None else stay.until_ns)
            - stay.begun_ns
            - _still(stay.begun_ns, stay.done_ns or stay.until_ns, worker.stills)
            for stay in stays
            if stay.begun_ns is not None
        )
        if worker.until_ns is not None and worker.until_ns < story.from_ns:
            continue
        found.append(
            Share(
                client=worker.client,
                tasks=len(stays),
                work_s=max(0, worked_ns) / 1e9,
                expected=expected.get(worker.client),
            )
        )
    return found


def expected_shares(queue: str, checks: Iterable[CheckResult]) -> dict[str, int]:
    """Return what a rule predicts for each worker, where a check names a rule."""
    for item in checks:
        figures = item.verdict.figures
        if item.check.arguments.get("queue") != queue:
            continue
        match item.check.name, figures:
            case "round_robin_by_subscription", {"order": list(order), "published": int(count)}:
                dealt = [str(client) for client in islice(cycle(order), count)] if order else []
                return {str(client): dealt.count(str(client)) for client in order}
            case "first_subscriber_takes_backlog", {
                "first": str(first),
                "backlog": int(backlog),
                "shares": dict(seen),
            }:
                return {str(client): backlog if client == first else 0 for client in seen}
    return {}


def whoever_is_free(story: Story) -> bool:
    """Tell whether the rule is that whoever is free gets the next task."""
    workers = [
        worker for worker in story.workers if (worker.until_ns or story.until_ns) > story.from_ns
    ]
    return bool(workers) and all(worker.prefetch for worker in workers)


def _dealt_in_turn(story: Story) -> dict[str, int]:
    """Return how many tasks each worker gets in turn, if nothing comes between.

    All are there before the first task and until the last one is dealt, and none has a limit.
    """
    first_ns = min((task.published_ns for task in story.tasks if task.published_ns), default=0)
    turns = [worker.client for worker in story.workers]
    stays = [stay for stay in story.stays if stay.client in turns]
    last_ns = max((stay.from_ns for stay in stays), default=0)
    undisturbed = not (story.from_ns or story.strikes or story.outages or story.deleted_ns) and all(
        worker.from_ns < first_ns
        and (worker.until_ns is None or worker.until_ns > last_ns)
        and not worker.prefetch
        for worker in story.workers
    )
    if not undisturbed or any(stay.again for stay in stays):
        return {}
    dealt = list(islice(cycle(turns), len(story.tasks)))
    return {client: dealt.count(client) for client in turns}


def _still(start: int, end: int, stills: Iterable[tuple[int, int]]) -> int:
    return sum(max(0, min(end, until) - max(start, since)) for since, until in stills)
