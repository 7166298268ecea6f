"""Try mutants in forks of one pytest: ``tests/mutants.py`` calls this in ``.mutants/mutants``.

mutmut begins a pytest for each mutant, which collects thousands of tests each time; that takes a
day. Here they are collected once. Each mutant is a fork, in which the tests that go through its
function are carried out until one fails: first those that have killed others of the same function
or the same file, then the shortest. What came of it is a line of ``fates.jsonl``. A mutant that has
been killed is not tried again as long as its function is the same.

``python mutant_lanes.py --jobs J [--name NAME]… -- TEST…``, with further arguments of pytest.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import mmap
import os
import signal
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from mutmut.mutation import trampoline

from tests.mutants import FATES, all_mutants, function_key, is_chosen, module_of, read_fates

HERE = Path()
STATISTICS = HERE / "mutmut-stats.json"
ALARM_S, TIMES_AS_LONG = 10, 20
"""A test may take this long and so many times as long as without a mutant; then it hangs."""
SHORT_S = 0.1
"""Tests that killed another function's mutants come first only if they are as short as this."""
TOLD_EACH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One fork and what it does."""

    mutant: str
    tests: Sequence[pytest.Item]
    place: mmap.mmap
    """Which of the tests it is at."""


class Lanes:
    """A plugin of pytest: instead of the tests, the mutants are tried."""

    def __init__(self, names: Sequence[str], jobs: int) -> None:
        """Choose those of these names, by default all, that are not known to be killed."""
        statistics = json.loads(STATISTICS.read_text(encoding="utf-8"))
        self._seconds: Mapping[str, float] = statistics["duration_by_test"]
        self._tests_of: Mapping[str, list[str]] = statistics["tests_by_mangled_function_name"]
        self._jobs = jobs
        self._killers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """Of each function and of each module: which tests killed, and how often."""
        self._hashes = dict(all_mutants(HERE))
        known = read_fates(HERE)
        for mutant, fate in known.items():
            self._learn(mutant, fate.get("by", ""))
        chosen = [
            mutant
            for mutant, function_hash in self._hashes.items()
            if is_chosen(mutant, names)
            if (fate := known.get(mutant, {})).get("hash") != function_hash or "by" not in fate
        ]
        self._waiting = deque(sorted(chosen, key=lambda m: (self._all_seconds(m), m)))
        self._counted: Counter[str] = Counter()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all mutants that wait, some side by side."""
        if session.testsfailed:
            raise session.Interrupted("not all tests could be collected")
        items = {item.nodeid: item for item in session.items}
        lanes: dict[int, Lane] = {}
        began = time.monotonic()
        with (HERE / FATES).open("a", encoding="utf-8") as fates:
            while self._waiting or lanes:
                while self._waiting and len(lanes) < self._jobs:
                    mutant = self._waiting.popleft()
                    tests = self._in_order(mutant, items)
                    place = mmap.mmap(-1, 8)
                    lane = Lane(mutant=mutant, tests=tests, place=place)
                    lanes[self._forked(session, lane)] = lane
                process, status = os.wait()
                if process not in lanes:
                    continue
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process, signal.SIGKILL)  # what its tests have begun
                fate = self._fate(lanes.pop(process), os.waitstatus_to_exitcode(status))
                print(json.dumps(fate), file=fates, flush=True)
                self._counted[fate["fate"]] += 1
                if self._counted.total() % TOLD_EACH == 0 or not (self._waiting or lanes):
                    told = ", ".join(f"{name} {n}" for name, n in self._counted.most_common())
                    seconds = time.monotonic() - began
                    print(f"{seconds:.0f} s: {told}, left {len(self._waiting)}", flush=True)
        return True

    def _forked(self, session: pytest.Session, lane: Lane) -> int:
        """Begin a fork that carries out the tests of a lane; return its process."""
        if process := os.fork():
            return process
        status = 1
        try:
            os.setsid()
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
            trampoline.set_mutant_under_test(lane.mutant)
            # Each call of a function that has mutants asks for this, and the environment is slow
            trampoline.get_mutant_under_test = lambda: lane.mutant
            status = self._carried_out(session, lane)
        finally:
            os._exit(status)

    def _carried_out(self, session: pytest.Session, lane: Lane) -> int:
        for index, test in enumerate(lane.tests):
            lane.place[:8] = index.to_bytes(8, sys.byteorder)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            limit_s = ALARM_S + TIMES_AS_LONG * self._seconds.get(test.nodeid, 0)
            signal.setitimer(signal.ITIMER_REAL, limit_s)
            following = lane.tests[index + 1] if index + 1 < len(lane.tests) else None
            test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
            if session.testsfailed:
                return 1
        return 0

    def _all_seconds(self, mutant: str) -> float:
        tests = self._tests_of.get(function_key(mutant), ())
        return sum(self._seconds.get(test, 0) for test in tests)

    def _in_order(self, mutant: str, items: Mapping[str, pytest.Item]) -> list[pytest.Item]:
        of_function = self._killers[function_key(mutant)]
        of_module = self._killers[module_of(mutant)]

        def first(test: str) -> tuple[int, int, float, str]:
            seconds = self._seconds.get(test, 0)
            near = of_module[test] if seconds <= SHORT_S else 0
            return -of_function[test], -near, seconds, test

        tests = self._tests_of.get(function_key(mutant), ())
        return [items[test] for test in sorted(tests, key=first) if test in items]

    def _learn(self, mutant: str, killer: str) -> None:
        if killer:
            self._killers[function_key(mutant)][killer] += 1
            self._killers[module_of(mutant)][killer] += 1

    def _fate(self, lane: Lane, status: int) -> dict[str, str]:
        fate = {"mutant": lane.mutant, "hash": self._hashes[lane.mutant]}
        if not lane.tests:
            return fate | {"fate": "no tests"}
        if status == 0:
            return fate | {"fate": "survived"}
        killer = lane.tests[int.from_bytes(lane.place[:8], sys.byteorder)].nodeid
        self._learn(lane.mutant, killer)
        how = "timeout" if status == -signal.SIGALRM else "killed"
        return fate | {"fate": how, "by": killer}


def main() -> int:
    """Collect the tests, and try the mutants."""
    parser = argparse.ArgumentParser(prog="mutant_lanes.py")
    parser.add_argument("--jobs", type=int, required=True, metavar="J")
    parser.add_argument("--name", action="append", default=[])
    parser.add_argument("tests", nargs="+", metavar="TEST", help="arguments of pytest")
    options = parser.parse_args()
    lanes = Lanes(options.name, options.jobs)
    return pytest.main(["-q", "-s", "--rootdir=.", "--tb=native", *options.tests], plugins=[lanes])


if __name__ == "__main__":
    sys.exit(main())
