"""python -m harness: work with saved runs."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.errors import FilaprovaError
from harness.report.answers import write_answers
from harness.report.markdown import write_summary
from harness.report.recheck import describe, recheck
from harness.report.store import RunFolder
from harness.report.visible import visible

_EXAMPLES = """\
examples:
  python -m harness recheck reports/latest
  python -m harness report reports/latest

exit status:
  0  everything is as it should be
  1  recheck: a verdict changed, or not everything passed
  2  the folder or the command cannot be used as given
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # an ASCII terminal or pipe gets escapes
        sys.stdout.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    command = {"recheck": _recheck, "report": _report}[options.command]
    try:
        return command(options.folder)
    except (FilaprovaError, OSError) as error:
        print(f"error: {visible(str(error))}", file=sys.stderr)
        return 2


def _recheck(folder: Path) -> int:
    done = recheck(folder)
    for line in describe(done):
        print(visible(line))
    return done.exit_status


def _report(folder: Path) -> int:
    run = RunFolder.load(folder)
    result = run.results()
    for write in (write_answers, write_summary):
        print(visible(str(write(run, result))))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m harness",
        description="Filaprova examines work queues. Runs are made by `pytest scenarios`; "
        "these commands work with the folders that runs leave in reports/.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary, description in (
        (
            "recheck",
            "judge a saved run again and say what changed",
            "Judge a saved run again, by today's checkers and from its files alone: "
            "each check is put to the recorded history and compared with the verdict of the time.",
        ),
        (
            "report",
            "write answers.html and summary.md of a saved run again",
            "Write answers.html and summary.md of a saved run again, from its results.json.",
        ),
    ):
        command = commands.add_parser(name, help=summary, description=description)
        command.add_argument(
            "folder",
            type=Path,
            metavar="FOLDER",
            help="a run's folder, such as reports/latest"
            + (", or the folder of one of its scenarios" if name == "recheck" else ""),
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
