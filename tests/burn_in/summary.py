"""What the runs of a burn-in gave, as data and in sentences."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from filaprova.judge.verdict import Outcome
from filaprova.runs.results import RunResult, ScenarioResult, WaitMade
from tests.burn_in.signature import speed_decides

LINES = "runs.jsonl"
"""The file of a burn-in's folder that holds a line for each run."""
SHOWN_WAITS = 12
HALF = 0.5

What: TypeAlias = Literal["wrong", "unknown", "missed strike", "broken run"]


class Complaint(msgspec.Struct, frozen=True):
    """One thing that a run said and should not have said."""

    what: What
    text: str


class WaitsOfAKind(msgspec.Struct, frozen=True, kw_only=True):
    """How much of their limits the waits of one kind used in one run."""

    shares: list[float]
    longest: WaitMade
    """The one with the greatest share."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one run."""

    seed: int
    broker: str
    pressure: str
    side_by_side: int = 1
    """How many runs there were at a time."""
    seconds: float
    scenarios: int = 0
    checks: int = 0
    complaints: list[Complaint] = []
    waits: dict[str, WaitsOfAKind] = {}
    signatures: dict[str, str] = {}
    """What each scenario must give again with this seed."""

    def told(self) -> str:
        """Return the line in which a run is told to whoever watches."""
        count = len(self.complaints)
        outcome = f"{count} not as expected" if count else "as expected"
        return (
            f"seed {self.seed:4}  {self.broker:26} {self.pressure:9} {self.seconds:6.1f} s  "
            f"{self.checks:4} checks  {outcome}"
        )


def complaints(
    run: RunResult | None, status: int | None, pressure: str, effect_count: int
) -> Iterator[Complaint]:
    """Yield everything of a run that is not PASS, and whatever else makes it worth nothing.

    ``run`` None: it wrote no results. ``status`` None: it had to be ended. ``effect_count``: how
    often the pressure took hold.
    """
    yielded = False
    for scenario in run.scenarios if run else ():
        if scenario.outcome is not Outcome.PASS:
            yield from _complaints_of(scenario)
            yielded = True
    if status is None:
        yield Complaint("broken run", "the run did not end by itself")
    elif run is None:
        yield Complaint("broken run", f"no results were written; pytest ended with {status}")
    elif not run.scenarios:
        yield Complaint("broken run", "no scenario was run")
    elif status != 0 and not yielded:
        yield Complaint("broken run", f"all verdicts are PASS, but pytest ended with {status}")
    if pressure != "quiet" and not effect_count:
        yield Complaint("broken run", f"the pressure {pressure} took no effect")


def gather(waits: Iterable[WaitMade]) -> dict[str, WaitsOfAKind]:
    """Return the waits of a run by their kinds."""
    by_kind: dict[str, list[WaitMade]] = defaultdict(list)
    for wait in waits:
        by_kind[wait.kind].append(wait)
    return {
        kind: WaitsOfAKind(
            shares=[round(_share(wait), 5) for wait in made], longest=max(made, key=_share)
        )
        for kind, made in sorted(by_kind.items())
    }


def read_lines(folder: Path) -> list[Line]:
    """Return the runs that an earlier burn-in kept in this folder."""
    return msgspec.json.Decoder(Line).decode_lines((folder / LINES).read_bytes())


def summary(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the sentences about all these runs."""
    counted = Counter(complaint for line in lines for complaint in line.complaints)
    of: Counter[What] = Counter()
    for complaint, count in counted.items():
        of[complaint.what] += count
    checks, scenarios = sum(line.checks for line in lines), sum(line.scenarios for line in lines)
    yield (
        f"{len(lines)} runs, {scenarios} scenarios, {checks} checks: {of['wrong']} wrong, "
        f"{of['unknown']} UNKNOWN, {of['missed strike']} strikes missed, "
        f"{of['broken run']} runs broken off; nothing was run again"
    )
    yield from _times(lines)
    for complaint, count in counted.most_common():
        yield f"  {count} x {complaint.what}: {complaint.text}"
    yield from _same_seed(lines)
    yield from _tightest(lines)


def differing(lines: Iterable[Line]) -> list[str]:
    """Return the scenarios that gave another signature with the same seed, unless speed decides."""
    return [
        f"seed {seed}, {scenario}: {count} x {text}"
        for (seed, scenario), counted in _signatures(lines).items()
        if len(counted) > 1 and not speed_decides(scenario)
        for text, count in counted.most_common()
    ]


def percentile(values: Iterable[float], percent: int) -> float:
    """Return the smallest value that ``percent`` % of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def _complaints_of(scenario: ScenarioResult) -> Iterator[Complaint]:
    name = scenario.id.rpartition("::")[2]
    if scenario.skipped:
        yield Complaint("unknown", f"{name}: skipped: {scenario.skipped}")
        return
    problem = scenario.problem
    if problem:
        first = problem.message.partition("\n")[0]
        text = f"{name}: {problem.family}: {first}"
        if "never caught" in first:
            yield Complaint("missed strike", text)
        else:
            failed = scenario.outcome is Outcome.FAIL
            yield Complaint("wrong" if failed else "unknown", text)
    bad = [check.verdict for check in scenario.checks if check.verdict.outcome is not Outcome.PASS]
    for verdict in bad:
        yield Complaint(
            "wrong" if verdict.outcome is Outcome.FAIL else "unknown",
            f"{name}: {verdict.check}: {verdict.summary}",
        )
    if not (problem or bad):
        yield Complaint("unknown", f"{name}: {scenario.outcome} for no reason that it names")


def _times(lines: Sequence[Line]) -> Iterator[str]:
    groups: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.broker, line.pressure].append(line)
    whole = [("all", "all", list(lines))] if len(groups) > 1 else []
    for broker, pressure, group in [*((*key, group) for key, group in groups.items()), *whole]:
        seconds = [line.seconds for line in group]
        bad = sum(bool(line.complaints) for line in group)
        yield (
            f"  {broker:26} {pressure:9} {len(group):4} runs, {bad} not as expected; "
            f"seconds p50 {percentile(seconds, 50):.1f}, p99 {percentile(seconds, 99):.1f}"
        )


def _signatures(lines: Iterable[Line]) -> dict[tuple[int, str], Counter[str]]:
    counted: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for line in lines:
        for scenario, text in line.signatures.items():
            counted[line.seed, scenario][text] += 1
    return counted


def _same_seed(lines: Sequence[Line]) -> Iterator[str]:
    """Yield how alike the runs were that had one seed; nothing where each had its own."""
    again = {key: texts for key, texts in _signatures(lines).items() if texts.total() > 1}
    if not again:
        return
    fixed = [texts for (_, scenario), texts in again.items() if not speed_decides(scenario)]
    free = [texts for (_, scenario), texts in again.items() if speed_decides(scenario)]
    alike = [texts for texts in fixed if len(texts) == 1]
    yield (
        f"the same seed up to {max(texts.total() for texts in again.values())} times: {len(alike)} "
        f"of {len(fixed)} scenarios had the same signature every time "
        f"({sum(texts.total() for texts in alike)} records); where speed decides, "
        f"{len(free)} scenarios had {max(map(len, free), default=0)} at most"
    )
    for told in differing(lines):
        yield f"  differs: {told}"


def _tightest(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the kinds of waits that came closest to their limits, in runs that went well.

    The p99 of a kind is that of the pressure under which it is worst.
    """
    lines = [line for line in lines if not line.complaints]
    shares: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    longest: dict[str, tuple[WaitMade, Line]] = {}
    for line in lines:
        for kind, waits in line.waits.items():
            shares[kind][line.pressure] += waits.shares
            if kind not in longest or _share(waits.longest) > _share(longest[kind][0]):
                longest[kind] = waits.longest, line
    p99 = {
        kind: max((percentile(values, 99), pressure) for pressure, values in by_pressure.items())
        for kind, by_pressure in shares.items()
    }
    over = sorted(kind for kind, (share, _) in p99.items() if share >= HALF)
    count = sum(len(values) for by_pressure in shares.values() for values in by_pressure.values())
    yield (
        f"{count} waits of {len(shares)} kinds in {len(lines)} runs as expected; at p99 "
        + (f"half of the limit or more: {', '.join(over)}" if over else "all below half the limit")
    )
    for kind in sorted(p99, key=lambda kind: p99[kind], reverse=True)[:SHOWN_WAITS]:
        share, pressure = p99[kind]
        wait, line = longest[kind]
        yield (
            f"  {kind:18} p99 {share:6.1%} ({pressure}), longest {_share(wait):6.1%}: "
            f"{wait.seconds:.2f} of {wait.limit_s:g} s, seed {line.seed}, {line.broker}, "
            f"{line.pressure}, {wait.scenario or 'the run itself'} {wait.what}".rstrip()
        )


def _share(wait: WaitMade) -> float:
    return wait.seconds / wait.limit_s
