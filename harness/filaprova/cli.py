"""The command ``filaprova``: run the lesson, copy its programs, work with saved runs."""

from __future__ import annotations

import argparse
import io
import os
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from filaprova.command_line import OPTIONS
from filaprova.errors import BadInput, FilaprovaError
from filaprova.report.comparison.compare import write_comparison
from filaprova.report.comparison.comparison import Comparison
from filaprova.report.console.compare_table import print_comparison
from filaprova.report.console.rechecked import told_of_all
from filaprova.report.pages.answers import write_answers
from filaprova.report.pages.markdown import write_summary
from filaprova.report.text.catalogue import LANGUAGES, SUBJECTS, load_catalogue
from filaprova.runs.escape_controls import escape_controls
from filaprova.runs.recheck import as_recorded, recheck_all
from filaprova.runs.store import RunFolder

_PACKED = SUBJECTS / "lesson"
_SCENARIO = re.compile(r"scenarios/lesson($|/$|/test_\w+\.py($|::))")
"""How reports name a scenario, and how a user may name all of them."""

_DESCRIPTION = """\
Filaprova examines work queues: it runs a real RabbitMQ and real programs, breaks
them at chosen moments, records everything, and judges the record. A run leaves
its report in ./reports.
"""

_EXAMPLES = """\
examples:
  filaprova lesson                          examine the lesson's own programs
  filaprova new mine                        copy them to ./mine, to be changed
  filaprova lesson --programs mine          examine yours in their places
  filaprova report reports/RUN1 reports/RUN2 --out comparison.html
  filaprova recheck reports/latest

`filaprova COMMAND --help` explains a command, its options and its exit status.
"""

_LESSON = """\
Run the exercises of the lesson on a real RabbitMQ: a container, or a private
server of an installed rabbitmq-server, or a broker of your own (--broker).
The report is written to ./reports/latest/answers.html.
"""

_LESSON_STATUS = """\
Any other option goes to pytest, such as -k WORDS to choose scenarios, -x to stop
at the first failure, or --collect-only to list them.

exit status (pytest's):
  0  every scenario that was run passed
  1  one did not pass, or no broker is to be had
  2  the run was interrupted
  4  an option cannot be used as given
  5  no scenario was chosen
"""

_NEW = """\
Copy the programs of the lesson (publishers and workers) to a folder, for you to
change, break and mend. `filaprova lesson --programs DIR` then runs yours in their
places. The folder must be new or empty.
"""

_NEW_STATUS = """\
exit status:
  0  the programs were copied
  2  the folder cannot be used
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

The command prints where it wrote.
"""

_REPORT_STATUS = """\
exit status:
  0  what was asked for was written, whatever the runs' verdicts are
  2  a folder or file cannot be used, or there is nothing to compare
"""

_RECHECK = """\
Judge saved runs again, by today's checkers and from their files alone: each
check is put to the recorded history, and its verdict compared with that of the
time. For each run you read its outcome then and now, every check that says
something else (what it said then, what it says now, which figures changed) and
every check that does not pass (expected, seen, evidence, hint).
"""

_RECHECK_STATUS = """\
exit status:
  0  every verdict is what it was, and everything passed
  1  a verdict changed, or not everything passed
  2  a folder or its evidence cannot be used; the other folders are judged all
     the same
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # an ASCII terminal or pipe gets escapes
        sys.stdout.reconfigure(errors="backslashreplace")
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["lesson"] and not {"-h", "--help"} & set(given):
        _lesson(given[1:])
    options = _parser().parse_args(given)
    command = {"new": _new, "recheck": _recheck, "report": _report}[options.command]
    try:
        return command(options)
    except (FilaprovaError, OSError) as error:
        _complain(error)
        return 2


def _lesson(arguments: Sequence[str]) -> NoReturn:
    """Become pytest, with the scenarios of this package and nobody else's configuration."""
    root = SUBJECTS.parent
    named = {word for word in arguments if _SCENARIO.match(word)}
    words = [str(root / word) if word in named else word for word in arguments]
    own = ["-c", os.devnull, "--rootdir", str(root), "--no-header", "--strict-markers"]
    own += ["--import-mode=importlib", "-p", "no:cacheprovider"]
    own += ["--filaprova-command", "filaprova lesson"]
    chosen = [] if named else [str(_PACKED)]
    # -P: what lies in the folder of a user is no module of ours
    command = [sys.executable, "-P", "-m", "pytest", *own, *chosen, *words]
    os.execv(sys.executable, command)


def _new(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is not a new or empty folder; nothing was copied")
    shutil.copytree(
        _PACKED / "programs",
        folder,
        ignore=shutil.ignore_patterns("__pycache__"),
        dirs_exist_ok=True,
    )
    print(
        escape_controls(
            f"{len(list(folder.iterdir()))} programs are in {folder}; change them, then run"
        )
    )
    print(escape_controls(f"  {shlex.join(['filaprova', 'lesson', '--programs', str(folder)])}"))
    return 0


def _recheck(options: argparse.Namespace) -> int:
    done = recheck_all(options.runs)
    for line in told_of_all(done):
        print(escape_controls(line))
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
        result = as_recorded(runs[0])
        for write in (write_answers, write_summary):
            print(escape_controls(str(write(runs[0], result))))
        return 0
    results = [run.results() for run in runs]
    subjects = sorted({result.subject for result in results})
    if len(subjects) > 1:
        raise BadInput(f"runs of {' and '.join(subjects)} have nothing to be compared")
    comparison = Comparison(list(zip(runs, results, strict=True)), load_catalogue(subjects[0]))
    path = write_comparison(comparison, options.out)
    print_comparison(Console(), comparison, language=options.lesson_language)
    print(escape_controls(f"comparison: {path}"))
    return 0


def _complain(error: Exception) -> None:
    print(f"error: {escape_controls(str(error))}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="filaprova",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(
        title="commands", dest="command", required=True, metavar="COMMAND"
    )

    def command(name: str, *, help: str, description: str, epilog: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=help,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    lesson = command(
        "lesson",
        help="run the lesson's exercises on a real broker",
        description=_LESSON,
        epilog=_LESSON_STATUS,
    )
    lesson.add_argument(
        "scenarios",
        nargs="*",
        metavar="SCENARIO",
        help="a scenario as reports name it, scenarios/lesson/FILE[::TEST] (default: all)",
    )
    for name, attributes in OPTIONS.items():
        lesson.add_argument(f"--{name}", **attributes)
    new = command(
        "new",
        help="copy the lesson's programs to a folder of yours",
        description=_NEW,
        epilog=_NEW_STATUS,
    )
    new.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")
    report = command(
        "report",
        help="write the answers of one run again, or a comparison of several",
        description=_REPORT,
        epilog=_REPORT_STATUS,
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
    recheck = command(
        "recheck",
        help="judge saved runs again and say what changed",
        description=_RECHECK,
        epilog=_RECHECK_STATUS,
    )
    recheck.add_argument(
        "runs",
        type=Path,
        nargs="+",
        metavar="RUN",
        help="a run's folder, such as reports/latest, or the folder of one of its scenarios",
    )
    return parser
