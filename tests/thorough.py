"""Everything that takes long and is rarely red: ``make thorough``, before an issue is resolved.

``python -m tests.thorough [PART…]`` carries out the parts that are named, by default all, one after
another, whatever comes of those before, and ends with a summary. Ends with 1 if a part failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import THOROUGH

ROOT = Path(__file__).resolve().parent.parent


def parts(*, run_count: int, fuzz_seconds: int) -> dict[str, list[str]]:
    """Return what there is to be carried out: arguments of Python, by the name of the part."""
    return {
        "tests": ["-m", "pytest", "-q", "-m", "thorough", "-n", "2", "--dist", "loadgroup"],
        "strangers": ["-m", "tests.strangers", "--figures"],
        "gallery": ["-m", "tests.faulty.table"],
        "burn-in": ["-m", "tests.burn_in", "--runs", str(run_count)],
        "fuzz": ["-m", "tests.fuzz.fuzz", "--seconds", str(fuzz_seconds)],
        "mutants": ["tests/mutants.py"],
    }


def main() -> int:
    """Carry out what the command line names; tell what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.thorough")
    known = parts(run_count=12, fuzz_seconds=600)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(known)}")
    parser.add_argument("--runs", type=int, default=12, help="of the burn-in (default: 12)")
    parser.add_argument("--seconds", type=int, default=600, help="of fuzzing (default: 600)")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(known):
        parser.error(f"there is no part {', '.join(sorted(unknown))}: {', '.join(known)}")
    known = parts(run_count=options.runs, fuzz_seconds=options.seconds)
    told, failed = [], False
    for name in options.parts or known:
        print(f"== {name}: {' '.join(known[name])}", flush=True)
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, *known[name]],
            cwd=ROOT,
            env=os.environ | {THOROUGH: "1"},
            check=False,
        )
        outcome = "passed" if done.returncode == 0 else f"FAILED with status {done.returncode}"
        told.append(f"{name:10} {time.monotonic() - began:7.0f} s  {outcome}")
        failed = failed or done.returncode != 0
    print("", "== summary", *told, sep="\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
