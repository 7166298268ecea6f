"""Repeat the lesson and see whether it ever says something else: ``make burn-in N=20``.

``python tests/burn_in.py [--runs N] [--brokers local,container] [--pressures quiet,cpu,disk]``.
Run i has seed i, the next broker and the next pressure in turn. Nothing is run again: what a run
says is counted. Prints one line a run, then how many there were, each verdict that is not PASS with
its reason, strikes that missed, and seconds p50 and p99. Ends with 1 if anything was not PASS.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN_LIMIT_S = 900
BURN = "while True: pass"
SCRATCH_DISK = """
import os, sys
with open(sys.argv[1], "wb", buffering=0) as file:
    while True:
        file.seek(0)
        file.write(os.urandom(1 << 20) * 16)
        os.fsync(file.fileno())
"""
HOLD_MEMORY = """
import sys
held = bytearray(int(sys.argv[1]))
while True:
    for offset in range(0, len(held), 4096):
        held[offset] = (held[offset] + 1) % 256
"""
MEMORY_BYTES = 4 << 30


@contextlib.contextmanager
def pressure(kind: str) -> Iterator[None]:
    """Keep the machine busy while the body runs: both cores, the disk, or the memory."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        commands = {
            "quiet": [],
            "cpu": [[BURN]] * (os.cpu_count() or 2),
            "disk": [[SCRATCH_DISK, f"{folder}/scratch"]],
            "memory": [[HOLD_MEMORY, str(MEMORY_BYTES)]],
        }[kind]
        for command in commands:
            process = subprocess.Popen([sys.executable, "-c", *command])
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield


def run_lesson(seed: int, broker: str, reports: Path) -> tuple[float, dict[str, object] | None]:
    """Return how long one run took and what it gave; None where it wrote no results."""
    backend, _, image = broker.partition("=")
    command = [sys.executable, "-m", "pytest", "scenarios", "-q", "-p", "no:cacheprovider"]
    command += ["--seed", str(seed), "--broker", backend, "--reports", str(reports)]
    if image:
        command += ["--broker-image", image]
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=RUN_LIMIT_S, check=False
    )
    seconds = time.monotonic() - started
    results = reports / "latest" / "results.json"
    if not results.exists():
        print(done.stdout[-3000:], done.stderr[-3000:], sep="\n")
        return seconds, None
    return seconds, json.loads(results.read_text())


def complaints(run: dict[str, object] | None) -> Iterator[str]:
    """Yield everything of a run that is not PASS."""
    if run is None:
        yield "no results were written"
        return
    scenarios: list[dict[str, object]] = run["scenarios"]  # type: ignore[assignment]
    for scenario in scenarios:
        if scenario["outcome"] == "pass":
            continue
        name = str(scenario["id"]).rpartition("::")[2]
        problem = scenario.get("problem")
        if problem:
            yield f"{name}: {problem['family']}: {problem['message'].splitlines()[0]}"  # type: ignore[index]
        for check in scenario["checks"]:  # type: ignore[attr-defined]
            verdict = check["verdict"]
            if verdict["outcome"] != "pass":
                yield f"{name}: {verdict['outcome']} {verdict['check']}: {verdict['summary']}"


def main() -> int:
    """Repeat, count and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=4, metavar="N")
    parser.add_argument("--first-seed", type=int, default=1, metavar="S")
    parser.add_argument("--brokers", default="local,container", help="container=IMAGE is possible")
    parser.add_argument("--pressures", default="quiet,cpu,disk,memory")
    parser.add_argument("--keep", type=Path, help="folder for the reports (default: thrown away)")
    options = parser.parse_args()
    brokers, pressures = options.brokers.split(","), options.pressures.split(",")
    turns = itertools.cycle((broker, kind) for kind in pressures for broker in brokers)
    seconds: list[float] = []
    counted: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as thrown_away:
        reports = (options.keep or Path(thrown_away)).absolute()
        for seed, (broker, kind) in zip(
            range(options.first_seed, options.first_seed + options.runs), turns, strict=False
        ):
            with pressure(kind):
                took_s, run = run_lesson(seed, broker, reports / f"seed-{seed}")
            told = list(complaints(run))
            seconds.append(took_s)
            counted.update(told)
            outcome = "as expected" if not told else f"{len(told)} not as expected"
            print(f"seed {seed:4}  {broker:32} {kind:7} {took_s:6.1f} s  {outcome}", flush=True)
            for line in told:
                print(f"    {line}", flush=True)
    cuts = statistics.quantiles(seconds, n=100) if len(seconds) > 1 else seconds * 99
    missed = sum(count for line, count in counted.items() if "never caught" in line)
    print(f"{len(seconds)} runs, {sum(counted.values())} verdicts not as expected", end="")
    print(f" ({missed} strikes missed); seconds p50 {cuts[49]:.1f}, p99 {cuts[98]:.1f}")
    for line, count in counted.most_common():
        print(f"  {count} x {line}")
    return 1 if counted else 0


if __name__ == "__main__":
    sys.exit(main())
