"""Try the strangers' programs as a user would: ``python -m tests.strangers [NAME…]``.

Each case is a run of ``pytest scenarios --programs`` of its own and a line of what it said; the
figures come last, of each origin and of all. With ``--times 20`` each is tried so often with the
same seed, and those of which not the same was said each time are told. Those that neither stop the
server nor ask anything of it share one, sixty at a time (see ``tests/one_broker.py``). Ends with 1
if anything is not right.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

from filaprova.judge.verdict import Outcome, worst
from tests.one_broker import ROOT, OneBroker, as_a_user, one_broker, stops_the_server
from tests.strangers.cases import ORIGINS, PARTIES, StrangerCase, cases

CASES_PER_BROKER = 60
FIGURES = Path(__file__).with_name("figures.json")
"""What came of all the cases here; ``python -m tests.faulty.table`` tells it in docs/FAULTS.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a run said of one case."""

    case: StrangerCase
    status: int
    outcome: str
    parties: frozenset[str]
    """Everybody that a verdict names as at fault, except the harness and its surroundings."""
    said: Sequence[str]
    """The first things that are not a pass."""
    untold: tuple[str, ...] = ()
    """Texts that its output should have in it, and has not."""
    verdicts: frozenset[str] = frozenset()
    """What each check said of each scenario: its outcome, and whom it blamed."""

    @property
    def caught(self) -> bool:
        """Tell whether the run was not green."""
        return self.status != 0

    @property
    def rightly_blamed(self) -> bool:
        """Tell whether the culprit was named, and nobody else."""
        wanted = {self.case.at_fault} - {""}
        return self.caught and self.parties == wanted

    @property
    def condemned(self) -> bool:
        """Tell whether an honest program was failed or accused."""
        return self.outcome == "fail" or bool(self.parties)

    @property
    def green_enough(self) -> bool:
        """Tell whether the run of an honest program was green, if it is to be."""
        return self.case.expected == "UNKNOWN" or not self.caught

    @property
    def right(self) -> bool:
        """Tell whether all is as it should be."""
        if self.untold:
            return False
        if self.case.honest:
            return self.green_enough and not self.condemned
        if self.case.expected == "UNKNOWN":
            return self.caught and self.parties <= {self.case.at_fault}
        return self.caught and self.outcome == "fail" and self.rightly_blamed


def main() -> int:
    """Try the cases that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.strangers", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="parts of names; default: all")
    parser.add_argument(
        "--origin", choices=ORIGINS, action="append", default=[], help="those of this origin"
    )
    parser.add_argument("--folder", type=Path, action="append", default=[], help="other cases")
    parser.add_argument("--jobs", type=int, default=2, help="runs side by side (default: 2)")
    parser.add_argument("--seed", default="7", help="seed of every run (default: 7)")
    parser.add_argument("--times", type=int, default=1, help="how often each is tried (default: 1)")
    parser.add_argument(
        "--broker", default="", help="as for pytest, for each run its own (default: one for all)"
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="checkout to try (default: this)")
    parser.add_argument("--keep", type=Path, help="folder in which the runs are kept")
    parser.add_argument("--json", type=Path, help="file for what every run said")
    parser.add_argument(
        "--figures", action="store_true", help=f"write {FIGURES.relative_to(ROOT)}, for docs"
    )
    options = parser.parse_args()
    chosen = [
        case
        for case in cases(*options.folder)
        if not options.names or any(name in case.name for name in options.names)
        if not options.origin or case.origin in options.origin
    ]
    if options.figures and (options.names or options.folder or options.times != 1):
        parser.error("--figures: of all cases here, of all of an origin, or of none, each once")
    with contextlib.ExitStack() as stack:
        kept = options.keep or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="filaprova-strangers-"))
        )

        def attempt(number: int, case: StrangerCase, shared: OneBroker | None) -> Tried:
            tried = try_case(
                case,
                reports=kept / case.name / (str(number) if options.times > 1 else ""),
                seed=options.seed,
                broker=options.broker or "local",
                shared=shared,
                root=options.root,
            )
            sign = "ok   " if tried.right else "WRONG"
            named = ", ".join(sorted(tried.parties)) or "nobody"
            right = f"{case.expected} {case.at_fault}".strip()
            line = f"{sign} {case.name}: {tried.outcome} ({named}), right is {right}"
            why = [*tried.said, *(f"it was not told: {text}" for text in tried.untold)]
            print("\n      ".join([line] if tried.right else [line, *why]), flush=True)
            return tried

        all_tried: list[Tried] = []
        is_shared = not options.broker and options.root == ROOT
        numbered = [(number, case) for number in range(1, options.times + 1) for case in chosen]
        for share in shares_of(numbered):
            numbers, those = zip(*share, strict=True)
            broker = one_broker_for(those) if is_shared else contextlib.nullcontext()
            with broker as shared, ThreadPoolExecutor(options.jobs) as lanes:
                all_tried += lanes.map(attempt, numbers, those, repeat(shared))
    if options.json:
        options.json.write_text(json.dumps({t.case.name: t.outcome for t in all_tried}, indent=1))
    counted = figures_by_origin(all_tried)
    if options.figures:
        keep_figures(counted)
    for origin, figures in counted.items():
        print(f"{origin:12} {figures}")
    torn = differences(all_tried)
    if options.times > 1:
        same = len(chosen) - len(torn)
        print(f"the same said each of {options.times} times: of {same} of {len(chosen)} cases")
        for name, counted_verdicts in torn.items():
            print(f"  {name}:", *counted_verdicts, sep="\n    ")
    return int(bool(torn) or not all(tried.right for tried in all_tried))


def differences(all_tried: Sequence[Tried]) -> dict[str, list[str]]:
    """Return the cases of which not the same was said each time: what was not, and how often."""
    by_name: dict[str, list[Tried]] = {}
    for tried in all_tried:
        by_name.setdefault(tried.case.name, []).append(tried)
    return {
        name: [
            f"{count} of {len(some)} times: {verdict}"
            for verdict, count in sorted(Counter(v for t in some for v in t.verdicts).items())
            if count < len(some)
        ]
        for name, some in by_name.items()
        if len({tried.verdicts for tried in some}) > 1
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Caught, rightly blamed and condemned, each of how many."""

    caught: int
    faulty: int
    rightly_blamed: int
    with_a_culprit: int
    """Faulty ones of which the record tells whose fault it is."""
    condemned: int
    not_green: int
    """Honest ones that are not condemned, and not green either, although they should be."""
    honest: int
    untold: int
    """Cases, faulty or honest, that were to be told something and were not."""

    @classmethod
    def of(cls, all_tried: Sequence[Tried]) -> Figures:
        """Count."""
        faulty = [t for t in all_tried if not t.case.honest]
        honest = [t for t in all_tried if t.case.honest]
        sure = [t for t in faulty if t.case.expected == "FAIL"]
        return cls(
            caught=sum(t.caught for t in faulty),
            faulty=len(faulty),
            rightly_blamed=sum(t.rightly_blamed for t in sure),
            with_a_culprit=len(sure),
            condemned=sum(t.condemned for t in honest),
            not_green=sum(not t.green_enough and not t.condemned for t in honest),
            honest=len(honest),
            untold=sum(bool(t.untold) for t in all_tried),
        )

    def __str__(self) -> str:
        return (
            f"caught {self.caught} of {self.faulty}, rightly blamed {self.rightly_blamed} of "
            f"{self.with_a_culprit}, honest ones condemned {self.condemned} of {self.honest}, "
            f"not green although they should be {self.not_green}, "
            f"told too little {self.untold}"
        )


def figures_by_origin(all_tried: Sequence[Tried]) -> dict[str, Figures]:
    """Count those of each origin that there are, and then all of them."""
    by_origin = {
        origin: [tried for tried in all_tried if tried.case.origin == origin]
        for origin in dict.fromkeys([*ORIGINS, *(tried.case.origin for tried in all_tried)])
    }
    counted = {origin: Figures.of(some) for origin, some in by_origin.items() if some}
    return counted | {"all": Figures.of(all_tried)}


def keep_figures(counted: Mapping[str, Figures]) -> None:
    """Write what was counted in the place of what is known of the same origins, and the sums."""
    known = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    known |= {origin: dataclasses.asdict(figures) for origin, figures in counted.items()}
    plain = {origin: known[origin] for origin in ORIGINS if origin in known}
    sums = {
        name: sum(figures[name] for figures in plain.values())
        for name in (field.name for field in dataclasses.fields(Figures))
    }
    FIGURES.write_text(f"{json.dumps({**plain, 'all': sums}, indent=1)}\n")


def shares_of(
    numbered: Sequence[tuple[int, StrangerCase]],
) -> Iterator[Sequence[tuple[int, StrangerCase]]]:
    """Return the runs in shares, each for one broker: virtual hosts lengthen its boot."""
    for first in range(0, len(numbered), CASES_PER_BROKER):
        yield numbered[first : first + CASES_PER_BROKER]


def one_broker_for(chosen: Iterable[StrangerCase]) -> AbstractContextManager[OneBroker]:
    """Boot a server for all cases that can share one."""
    return one_broker(
        max(1, sum(len(case.scenarios) for case in chosen if not has_its_own_broker(case)))
    )


def has_its_own_broker(case: StrangerCase) -> bool:
    """Tell whether one of its scenarios stops the server, or an option is about it."""
    return any(stops_the_server(name) for name in case.scenarios) or any(
        option.startswith("--broker") for option in case.options
    )


def try_case(
    case: StrangerCase,
    *,
    reports: Path,
    seed: str = "7",
    broker: str = "local",
    shared: OneBroker | None = None,
    root: Path = ROOT,
) -> Tried:
    """Run the case's scenarios with its programs, and read what came of it."""
    run = as_a_user(
        case.scenarios,
        programs=case.programs,
        reports=reports,
        seed=seed,
        broker=broker,
        shared=None if has_its_own_broker(case) else shared,
        root=root,
        others=case.options,
        environment=case.environment,
    )
    untold = tuple(text for text in case.told if text not in run.output)
    if run.result is None:
        return Tried(
            case=case,
            status=run.status,
            outcome="unknown",
            parties=frozenset(),
            said=run.output.strip().splitlines()[-3:],
            untold=untold,
            verdicts=frozenset({"it left no results"}),
        )
    scenarios = run.result.scenarios
    verdicts = [check.verdict for item in scenarios for check in item.checks]
    bad = [verdict for verdict in verdicts if verdict.outcome is not Outcome.PASS]
    said = [f"{v.outcome} {v.check} [{v.blame}]: {v.summary}" for v in bad]
    said += [
        f"{item.problem.family}: {item.problem.message.splitlines()[0]}"
        for item in scenarios
        if item.problem
    ]
    return Tried(
        case=case,
        status=run.status,
        outcome=str(worst([item.outcome for item in scenarios])),
        parties=frozenset(v.blame for v in bad if v.blame in PARTIES),
        said=said[:8],
        untold=untold,
        verdicts=frozenset(
            f"{item.id}: {verdict.check} {verdict.outcome} {verdict.blame or ''}".rstrip()
            for item in scenarios
            for verdict in (check.verdict for check in item.checks)
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
