"""Try the strangers' programs as a user would: ``python -m tests.strangers [NAME…]``.

Each case is a run of ``pytest scenarios --programs`` of its own and a line of what it said; the
figures come last. Ends with 1 if anything is not right.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.strangers.cases import PARTIES, StrangerCase, cases

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 900
SEVERITY = ["pass", "unknown", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a run said of one case."""

    case: StrangerCase
    status: int
    outcome: str
    parties: frozenset[str]
    """Everybody that a verdict names as at fault, except the harness and its surroundings."""
    told: str
    """The first thing that is not a pass."""

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
    def right(self) -> bool:
        """Tell whether all is as it should be."""
        if self.case.honest:
            green_enough = self.case.expected == "UNKNOWN" or self.status == 0
            return green_enough and not self.condemned
        if self.case.expected == "UNKNOWN":
            return self.caught
        return self.caught and self.outcome == "fail" and self.rightly_blamed


def main() -> int:
    """Try the cases that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.strangers", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="parts of names; default: all")
    parser.add_argument("--folder", type=Path, action="append", default=[], help="other cases")
    parser.add_argument("--jobs", type=int, default=1, help="runs side by side (default: 1)")
    parser.add_argument("--seed", default="7", help="seed of every run (default: 7)")
    parser.add_argument("--broker", default="local", help="as for pytest (default: local)")
    parser.add_argument("--root", type=Path, default=ROOT, help="checkout to try (default: this)")
    parser.add_argument("--keep", type=Path, help="folder in which the runs are kept")
    parser.add_argument("--json", type=Path, help="file for what every run said")
    options = parser.parse_args()
    chosen = [
        case
        for case in cases(*options.folder)
        if not options.names or any(name in case.name for name in options.names)
    ]
    with tempfile.TemporaryDirectory(prefix="filaprova-strangers-") as scratch:
        kept = options.keep or Path(scratch)

        def attempt(case: StrangerCase) -> Tried:
            tried = try_case(case, options, kept / case.name)
            sign = "ok   " if tried.right else "WRONG"
            named = ", ".join(sorted(tried.parties)) or "nobody"
            right = f"{case.expected} {case.at_fault}".strip()
            line = f"{sign} {case.name}: {tried.outcome} ({named}), right is {right}"
            print(line if tried.right else f"{line}\n      {tried.told}", flush=True)
            return tried

        with ThreadPoolExecutor(options.jobs) as lanes:
            all_tried = list(lanes.map(attempt, chosen))
    if options.json:
        options.json.write_text(json.dumps({t.case.name: t.outcome for t in all_tried}, indent=1))
    print(figures(all_tried))
    return int(not all(tried.right for tried in all_tried))


def figures(all_tried: list[Tried]) -> str:
    """Return caught, rightly blamed and condemned, each of how many."""
    faulty = [t for t in all_tried if not t.case.honest]
    honest = [t for t in all_tried if t.case.honest]
    sure = [t for t in faulty if t.case.expected == "FAIL"]
    return (
        f"caught {sum(t.caught for t in faulty)} of {len(faulty)}, rightly blamed "
        f"{sum(t.rightly_blamed for t in sure)} of {len(sure)}, honest ones condemned "
        f"{sum(t.condemned for t in honest)} of {len(honest)}, not green although they should be "
        f"{sum(not t.right and not t.condemned for t in honest)}"
    )


def try_case(case: StrangerCase, options: argparse.Namespace, reports: Path) -> Tried:
    """Run the case's scenarios with its programs, and read what came of it."""
    command = [
        ".venv/bin/pytest", *(node_id(options.root, name) for name in case.scenarios),
        "-q", "--broker", options.broker, "--seed", options.seed,
        "--programs", str(case.programs), "--reports", str(reports),
    ]  # fmt: skip
    run = subprocess.run(
        command, cwd=options.root, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    results = reports / "latest" / "results.json"
    if not results.is_file():
        tail = " / ".join((run.stdout + run.stderr).strip().splitlines()[-3:])
        return Tried(
            case=case, status=run.returncode, outcome="unknown", parties=frozenset(), told=tail
        )
    scenarios = json.loads(results.read_text())["scenarios"]
    verdicts = [check["verdict"] for item in scenarios for check in item["checks"]]
    bad = [verdict for verdict in verdicts if verdict["outcome"] != "pass"]
    problems = [item["problem"] for item in scenarios if item.get("problem")]
    outcomes = [item["outcome"] for item in scenarios]
    told = [f"{v['outcome']} {v['check']} [{v.get('blame')}]: {v['summary']}" for v in bad]
    told += [f"{p['family']}: {p['message'].splitlines()[0]}" for p in problems]
    return Tried(
        case=case,
        status=run.returncode,
        outcome=max(outcomes, key=SEVERITY.index, default="unknown"),
        parties=frozenset(v["blame"] for v in bad if v.get("blame") in PARTIES),
        told="\n      ".join(told[:8]),
    )


def node_id(root: Path, name: str) -> str:
    """Return pytest's node id of a scenario that is named by its function."""
    function = name.partition("[")[0]
    for path in sorted((root / "scenarios/lesson").glob("test_*.py")):
        if f"def {function}(" in path.read_text(encoding="utf-8"):
            return f"{path.relative_to(root)}::{name}"
    raise SystemExit(f"there is no scenario {name}")


if __name__ == "__main__":
    sys.exit(main())
