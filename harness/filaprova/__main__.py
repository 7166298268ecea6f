"""python -m filaprova: work with saved runs."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from filaprova.errors import BadInput, FilaprovaError
from filaprova.report.answers import write_answers
from filaprova.report.compare import write_comparison
from filaprova.report.compare_table import print_comparison
from filaprova.report.comparison import Comparison
from filaprova.report.lesson import LANGUAGES, load_catalogue
from filaprova.report.markdown import write_summary
from filaprova.report.rechecked import told_of_all
from filaprova.runs.recheck import recheck_all
from filaprova.runs.store import RunFolder
from filaprova.runs.visible import visible

_DESCRIPTION = """\
Filaprova examines work queues. Runs are made by `pytest scenarios`; these
commands work with the folders that runs leave in reports/.
"""

_EXAMPLES = """\
examples:
  python -m filaprova report reports/latest
  python -m filaprova report reports/RUN1 reports/RUN2 --out comparison.html
  python -m filaprova recheck reports/latest

exit status:
  0  report: what was asked for was written
     recheck: every verdict is what it was, and everything passed
  1  recheck: a verdict changed, or not everything passed
  2  a folder, a file or the command cannot be used as given
"""

_REPORT = """\
Write pages from what saved runs hold.

One run:      answers.html and summary.md, in the run's folder, from its results
              and histories.
Several runs: comparison.html, exercise by run and claim by run, with what
              differs in words and figures; the same as a table in the terminal.
              Runs are named by broker version, backend and seed, or by their
              folders where these are the same. Name runs of one kind twice
              (same broker, seed, settings) to see what depends on speed alone.

What was written is told at the end.
"""

_REPORT_STATUS = """\
exit status:
  0  what was asked for was written, whatever the runs' verdicts are
  2  a folder or file cannot be used, or there is nothing to compare
"""

_RECHECK = """\
Judge saved runs again, by today's checkers and from their files alone: each
check is put to the recorded history, and its verdict compared with that of the
time. Told are, for each run, its outcome then and now, every check that says
something else (what it said then, what it says now, which figures changed) and
every check that does not pass (expected, seen, evidence, hint).
"""

_RECHECK_STATUS = """\
exit status:
  0  every verdict is what it was, and everything passed
  1  a verdict changed, or not everything passed
  2  a folder or its evidence cannot be used; of the other folders is told all
     the same
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # an ASCII terminal or pipe gets escapes
        sys.stdout.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    command = {"recheck": _recheck, "report": _report}[options.command]
    try:
        return command(options)
    except (FilaprovaError, OSError) as error:
        _complain(error)
        return 2


def _recheck(options: argparse.Namespace) -> int:
    done = recheck_all(options.runs)
    for line in told_of_all(done):
        print(visible(line))
    for unusable in done.unusable:
        _complain(unusable)
    return done.exit_status


def _report(options: argparse.Namespace) -> int:
    runs = [RunFolder.load(folder) for folder in options.runs]
    if len(runs) == 1:
        if options.out is not None:
            raise BadInput(
                "--out is for comparisons; what is written of one run goes into its folder"
            )
        result = runs[0].results()
        for write in (write_answers, write_summary):
            print(visible(str(write(runs[0], result))))
        return 0
    comparison = Comparison([(run, run.results()) for run in runs], load_catalogue())
    path = write_comparison(comparison, options.out)
    print_comparison(Console(), comparison, language=options.lesson_language)
    print(visible(f"comparison: {path}"))
    return 0


def _complain(error: Exception) -> None:
    print(f"error: {visible(str(error))}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m filaprova",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(
        title="commands", dest="command", required=True, metavar="COMMAND"
    )
    report = commands.add_parser(
        "report",
        help="write the answers of one run again, or a comparison of several",
        description=_REPORT,
        epilog=_REPORT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    report.add_argument(
        "runs", type=Path, nargs="+", metavar="RUN", help="a run's folder, such as reports/latest"
    )
    report.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where the comparison goes (default: comparison.html beside the first run's folder)",
    )
    report.add_argument(
        "--lesson-language",
        choices=LANGUAGES,
        default="en",
        help="language of the table in the terminal (default: en); pages have both",
    )
    recheck = commands.add_parser(
        "recheck",
        help="judge saved runs again and say what changed",
        description=_RECHECK,
        epilog=_RECHECK_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    recheck.add_argument(
        "runs",
        type=Path,
        nargs="+",
        metavar="RUN",
        help="a run's folder, such as reports/latest, or the folder of one of its scenarios",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
