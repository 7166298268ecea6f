"""Measure what is left of a killed run: ``python benchmarks/killed.py [COUNT]`` (10 by default).

Runs of the lesson's fifth exercise on a private local broker are killed with SIGKILL, at three
moments in turn: the broker is up, the tasks are there, a worker has just been struck. The seconds
are those from the kill until no process and no file of the run is left.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from machine import machine

from filaprova.waiting import wait_until

ROOT = Path(__file__).parent.parent
SCENARIO = "scenarios/lesson/test_05_automatic_acknowledgement.py"
MOMENTS = ("ready in", "published 20 tasks", "strike: C1 killed")
AIM_SECONDS = 5.0
LIMIT_S = 300.0


def left(temporary: Path) -> list[str]:
    """Return the files in a folder, and the processes for which it is the place for such."""
    found = [str(path) for path in temporary.iterdir()]
    for process in psutil.process_iter(["environ", "name"]):
        if (process.info["environ"] or {}).get("TMPDIR", "").startswith(str(temporary)):
            found.append(process.info["name"])
    return found


def killed_s(moment: str) -> float:
    """Kill a run at this moment; return how long something of it was there."""
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder, "temporary")
        temporary.mkdir()
        run = subprocess.Popen(
            [
                *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", SCENARIO, "-k", "kill"),
                *("--broker", "local", "--reports", f"{folder}/reports"),
            ],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(temporary)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        with run:
            assert run.stdout is not None
            said = []
            for line in run.stdout:
                said.append(line)
                if moment in line:
                    break
            else:
                sys.exit(f"the run ended before it said {moment!r}:\n{''.join(said)}")
            run.send_signal(signal.SIGKILL)
            run.wait()
            began = time.monotonic()
            wait_until(lambda: not left(temporary), what="the end", timeout_s=LIMIT_S, every_s=0.02)
            return time.monotonic() - began


def main() -> int:
    """Kill, measure and tell."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print(machine())
    seconds = [killed_s(MOMENTS[number % len(MOMENTS)]) for number in range(count)]
    met = "met" if max(seconds) <= AIM_SECONDS else "missed"
    print(
        f"{count} killed runs, all gone after: median {statistics.median(seconds):.2f} s, "
        f"at most {max(seconds):.2f} s (aim: {AIM_SECONDS:g} s, {met})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
