"""Fuzz all targets in turn: ``make fuzz``, ``python -m tests.fuzz.fuzz [--seconds 600]``.

Coverage-guided, by atheris (libFuzzer for Python). What a run learns is kept in ``.fuzz/`` and the
next run starts from it; ``--keep`` adds to the corpus in ``tests/fuzz/corpus/`` what reaches
something that it does not reach yet. An input that breaks a target is put there at once, so that
``tests/fuzz/test_corpus.py`` fails until the defect is mended, and afterwards watches over it.

Prints a line a target. Ends with 1 if anything was found, with 2 where there is no atheris.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.planted import PLANTED
from tests.fuzz.targets.registry import TARGETS, Target

ROOT = Path(__file__).resolve().parents[2]
LEARNT = ROOT / ".fuzz"
START_LIMIT_S = 120.0
"""How long a fuzzer may take to start, to go through what it knows, and to end."""
INPUT_LIMIT_S = 30
MEMORY_LIMIT_MB = 1024
MISSING = (
    "make fuzz needs atheris, which is not installed. make environment installs it where PyPI has "
    "it ready made: CPython 3.11 to 3.14 on Linux, x86-64. make test fuzzes with hypothesis "
    "everywhere."
)

_PROGRESS = re.compile(r"^#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+)", re.MULTILINE)
_WRITTEN = re.compile(r"Test unit written to (\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a fuzzer has done on one target."""

    executions: int
    """As libFuzzer has told last; what it found within the first ones, it found after 0."""
    edges: int
    new_inputs: int
    seconds: float
    findings: list[Path]
    output: str

    @property
    def error(self) -> str:
        """Return what was raised, or how else the fuzzer ended."""
        _, _, raised = self.output.partition("=== Uncaught Python exception: ===")
        return (raised or self.output[-2000:]).partition("==")[0].strip()


def is_installed() -> bool:
    """Tell whether there is a coverage-guided fuzzer here."""
    return importlib.util.find_spec("atheris") is not None


def fuzz(target: Target, seconds: int, learnt: Path, findings: Path, *more: str) -> Outcome:
    """Run a fuzzer in a process of its own; it adds to ``learnt`` and starts from the corpus too.

    Raises ``subprocess.TimeoutExpired`` for one that hangs beyond libFuzzer's own limits.
    """
    learnt.mkdir(parents=True, exist_ok=True)
    before = set(learnt.iterdir())
    began = time.monotonic()
    done = _run(
        target,
        str(learnt),
        str(target.folder),
        f"-max_total_time={seconds}",
        f"-artifact_prefix={findings}/found-{target.name}-",
        *more,
        limit_s=seconds + START_LIMIT_S,
    )
    progress = _PROGRESS.findall(done.stdout)
    executions, edges, _ = map(int, progress[-1]) if progress else (0, 0, 0)
    found = [Path(name) for name in _WRITTEN.findall(done.stdout)]
    if done.returncode != 0 and not found:
        raise RuntimeError(f"the fuzzer of {target.name} failed:\n{done.stdout[-4000:]}")
    return Outcome(
        executions=executions,
        edges=edges,
        new_inputs=len(set(learnt.iterdir()) - before),
        seconds=time.monotonic() - began,
        findings=found,
        output=done.stdout,
    )


def keep(target: Target, learnt: Path) -> int:
    """Add those of the learnt inputs to the corpus that reach more; return how many."""
    before = len(target.inputs())
    _run(target, "-merge=1", str(target.folder), str(learnt), limit_s=600.0)
    return len(target.inputs()) - before


def _run(target: Target, *arguments: str, limit_s: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "tests.fuzz.child", target.name),
            f"-max_len={target.longest_bytes}",
            f"-timeout={INPUT_LIMIT_S}",
            f"-rss_limit_mb={MEMORY_LIMIT_MB}",
            *arguments,
        ],
        cwd=ROOT,
        # Measured too, it would be slow, and libFuzzer ends it before anything is written.
        env={name: value for name, value in os.environ.items() if "COVERAGE" not in name},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=limit_s,
        check=False,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Fuzz what reads bytes that others have made.")
    parser.add_argument("--seconds", type=int, default=600, help="in total (default 600)")
    parser.add_argument("--keep", action="store_true", help="add what was learnt to the corpus")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    options = parser.parse_args(arguments)
    if not is_installed():
        print(MISSING, file=sys.stderr)
        return 2
    names = options.targets or list(TARGETS)
    unknown = sorted(set(names) - set(TARGETS | PLANTED))
    if unknown:
        parser.error(f"there is no target {unknown[0]}; there are {', '.join(TARGETS)}")
    found = 0
    print(f"{'target':<14}{'executions':>12}{'a second':>10}{'edges':>8}{'learnt':>8}{'kept':>6}")
    for target in ((TARGETS | PLANTED)[name] for name in names):
        learnt = LEARNT / target.name
        share = max(1, options.seconds // len(names))
        outcome = fuzz(target, share, learnt, target.folder)
        kept = keep(target, learnt) if options.keep and not outcome.findings else 0
        rate = outcome.executions / outcome.seconds
        print(
            f"{target.name:<14}{outcome.executions:>12,}{rate:>10,.0f}{outcome.edges:>8,}"
            f"{outcome.new_inputs:>8}{kept:>6}",
            flush=True,
        )
        for path in outcome.findings:
            found += 1
            print(f"  found: {os.path.relpath(path)}\n{outcome.error}", flush=True)
    print(f"{found or 'nothing'} found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
