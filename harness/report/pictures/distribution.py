"""Distribution: how many tasks each worker was sent and how long it worked, expected beside seen.

What is expected is said only where a rule of the broker says it: dealt in turn to those that have
subscribed, or everything to whoever subscribes first. Of other distributions only what was seen is
shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle, islice

from harness.report.pictures.story import Story
from harness.report.results import CheckResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one worker got."""

    client: str
    tasks: int
    work_s: float
    expected: int | None


def shares(story: Story, checks: Iterable[CheckResult] = ()) -> list[Share]:
    """Return what each worker got, in order of subscription."""
    expected = expected_shares(story.queue, checks)
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


def _still(start: int, end: int, stills: Iterable[tuple[int, int]]) -> int:
    return sum(max(0, min(end, until) - max(start, since)) for since, until in stills)
