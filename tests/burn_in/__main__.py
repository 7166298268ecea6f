"""Repeat the lesson and see whether it ever says something else: ``make burn-in N=20``.

``python -m tests.burn_in --help`` names the options. Run i has seed i, and the next broker and
pressure in turn. Nothing is run again: what a run says is counted. Prints a line for each run, then
how many there were, what was not PASS with its reason, strikes that missed, times, and which waits
came closest to their limits; ^C prints that of the runs until then. Ends with 1 if anything was not
PASS.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

import msgspec

from filaprova.errors import BadInput
from filaprova.record.history import History
from filaprova.runs.results import RunResult, WaitMade
from filaprova.runs.store import RunFolder
from tests.burn_in.pressures import KINDS, Effect, pressure, why_not
from tests.burn_in.signature import signature
from tests.burn_in.summary import (
    LINES,
    Complaint,
    Line,
    complaints,
    differing,
    gather,
    read_lines,
    summary,
)

ROOT = Path(__file__).resolve().parents[2]
RUN_LIMIT_S = 1200
END_LIMIT_S = 90


class BurnIn:
    """Runs, several of them side by side if so asked; ``interrupt`` ends those under way."""

    def __init__(self, reports: Path, *, keep: bool, side_by_side: int, select: str) -> None:
        """``reports`` is the folder in which the folders of the runs go, and stay if ``keep``."""
        self._reports = reports
        self._keep = keep
        self._select = select
        self._side_by_side = side_by_side
        self._interrupted = threading.Event()
        self._running: set[subprocess.Popen[bytes]] = set()

    def run(self, number: int, seed: int, broker: str, kind: str) -> Line | None:
        """Return what one run gave; None if it was interrupted."""
        if self._interrupted.is_set():
            return None
        reports = self._reports / re.sub(
            r"[^a-z0-9.]+", "-", f"{number:04}-seed-{seed}-{broker}-{kind}"
        )
        reports.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        status, effect, told = None, Effect(), []
        try:
            status, effect = self._carry_out(seed, broker, kind, reports)
        except Exception as error:  # the runs that are still to come shall not suffer
            traceback.print_exc()
            told = [Complaint("broken run", f"the burn-in itself failed: {error!r}")]
        seconds = time.monotonic() - started
        if self._interrupted.is_set():
            return None
        run, waits, signatures = _read(reports)
        if not self._keep:
            shutil.rmtree(reports)
        return Line(
            seed=seed,
            broker=broker,
            pressure=kind,
            side_by_side=self._side_by_side,
            seconds=round(seconds, 2),
            scenarios=len(run.scenarios) if run else 0,
            checks=sum(len(each.checks) for each in run.scenarios) if run else 0,
            complaints=told or list(complaints(run, status, kind, effect.count)),
            waits=gather(waits),
            signatures=signatures,
        )

    def interrupt(self) -> None:
        """End the runs under way, in order: each clears up behind itself."""
        self._interrupted.set()
        for process in list(self._running):
            process.send_signal(signal.SIGINT)

    def _carry_out(
        self, seed: int, broker: str, kind: str, reports: Path
    ) -> tuple[int | None, Effect]:
        """Return the exit status of a run, None if it had to be ended; and what it suffered."""
        backend, _, image = broker.partition("=")
        command = [sys.executable, "-m", "pytest", "scenarios", "-q", "-p", "no:cacheprovider"]
        command += ["--seed", str(seed), "--broker", backend, "--reports", str(reports)]
        if image:
            command += ["--broker-image", image]
        if self._select:
            command += ["-k", self._select]
        with (reports / "output.txt").open("wb") as output:
            # A session of its own: ^C is for us, who tell it.
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
            )
            self._running.add(process)
            if self._interrupted.is_set():  # too late to be told by ``interrupt``
                process.send_signal(signal.SIGINT)
            try:
                with pressure(kind, process, seed) as effect:
                    status = _status(process)
            finally:
                _end(process)
                self._running.discard(process)
        return status, effect


def main() -> int:
    """Repeat, count and tell."""
    options = _options()
    for each in (signal.SIGINT, signal.SIGTERM):  # ignored in the background of some shells
        signal.signal(each, signal.default_int_handler)
    if options.summarise:
        lines = [line for folder in options.summarise for line in read_lines(folder)]
    else:
        lines = _burn_in(options)
    print(*summary(lines), sep="\n")
    failed = not lines or differing(lines) or any(line.complaints for line in lines)
    return 1 if failed else 0


def _burn_in(options: argparse.Namespace) -> list[Line]:
    pressures = []
    for kind in options.pressures.split(","):
        reason = why_not(kind)
        if reason is None:
            pressures.append(kind)
        else:
            print(f"{kind} is not possible here: {reason}; it is left out", flush=True)
    turns = itertools.cycle((b, kind) for kind in pressures for b in options.brokers.split(","))
    numbers = range(1, options.runs + 1)
    lines: list[Line] = []
    with contextlib.ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        burn_in = BurnIn(
            folder.absolute(),
            keep=options.keep is not None,
            side_by_side=options.jobs,
            select=options.select,
        )
        pool = stack.enter_context(ThreadPoolExecutor(options.jobs))
        kept = stack.enter_context((folder / LINES).open("ab", buffering=0))
        runs: list[Future[Line | None]] = [
            pool.submit(
                burn_in.run,
                number,
                options.first_seed + (0 if options.same_seed else number - 1),
                *turn,
            )
            for number, turn in zip(numbers, turns, strict=False)
        ]
        try:
            for run in as_completed(runs):
                if line := run.result():
                    lines.append(line)
                    kept.write(msgspec.json.encode(line) + b"\n")
                    print(line.told(), flush=True)
                    _tell_more(line.complaints)
        except KeyboardInterrupt:
            print("interrupted; the runs under way are ended and not counted", flush=True)
        finally:
            burn_in.interrupt()
            pool.shutdown(cancel_futures=True)
    return lines


def _tell_more(told: list[Complaint]) -> None:
    for complaint in told:
        print(f"    {complaint.what}: {complaint.text}", flush=True)


def _read(reports: Path) -> tuple[RunResult | None, list[WaitMade], dict[str, str]]:
    try:
        folder = RunFolder.load(reports / "latest")
        run = folder.results()
        signatures = {
            each.id: signature(History.load(folder.scenario_folder(each).history_path))
            for each in run.scenarios
            if each.folder
        }
        return run, folder.waits(), signatures
    except BadInput as error:
        print((reports / "output.txt").read_text(errors="replace")[-3000:], error, flush=True)
        return None, [], {}


def _status(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(RUN_LIMIT_S)
    except subprocess.TimeoutExpired:
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a run that still runs; what it started, its reaper ends."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(END_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.burn_in", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--runs", type=int, default=4, metavar="N")
    parser.add_argument("--first-seed", type=int, default=1, metavar="S")
    parser.add_argument(
        "--same-seed",
        action="store_true",
        help="give all runs the first seed: what does not depend on speed must be the same",
    )
    parser.add_argument(
        "--select", default="", metavar="EXPRESSION", help="only these scenarios, as for pytest -k"
    )
    parser.add_argument(
        "--brokers", default="local,container", help="container=IMAGE is possible, too"
    )
    parser.add_argument(
        "--pressures", default=",".join(KINDS), help="any of %(default)s (the default)"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="J", help="runs at a time")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help=f"folder for the reports and for {LINES}, a line for each run (default: none is kept)",
    )
    parser.add_argument(
        "--summarise",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="run nothing: tell the summary of all that these kept folders hold",
    )
    options = parser.parse_args()
    unknown = set(options.pressures.split(",")) - set(KINDS)
    if unknown:
        parser.error(f"there is no pressure {', '.join(sorted(unknown))}: {', '.join(KINDS)}")
    for folder in options.summarise or ():
        if not (folder / LINES).is_file():
            parser.error(f"{folder} is not the folder of a burn-in: it has no {LINES}")
    if options.jobs < 1:
        parser.error("--jobs: at least 1 run at a time")
    return options


if __name__ == "__main__":
    sys.exit(main())
