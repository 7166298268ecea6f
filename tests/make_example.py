"""Make ``reports/example`` of a run: ``python -m tests.make_example RUN``.

RUN is the folder of a whole run on RabbitMQ 4.3.6 with seed 1. Of its scenarios only two folders
are kept, so that the example stays small; in the page no link leads to another. No file has the
path of the checkout, in whose ``reports`` RUN has to be. What README, README.pt-BR and
READING-A-REPORT show of the run is to be brought up to date by hand.
"""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path

from filaprova.report.pages.answers import ANSWERS
from filaprova.runs.store import RESULTS, RunFolder

EXAMPLE = Path(__file__).resolve().parent.parent / "reports" / "example"
KEPT = ("05-automatic-acknowledgement-kill", "08-09-manual-acknowledgement-kill")
LINK = re.compile(r'<a href="\./(?P<folder>[^"/]+)/[^"]*">(?P<text>[^<]*)</a>')


def without_dead_links(page: str) -> str:
    """Return a page in which only the folders that are kept are linked."""
    return LINK.sub(lambda link: link[0] if link["folder"] in KEPT else link["text"], page)


def make(run: RunFolder, example: Path) -> None:
    """Put what is kept of a run in the place of the example that was there."""
    shutil.rmtree(example, ignore_errors=True)
    example.mkdir()
    for name in (RESULTS, "summary.md"):
        shutil.copyfile(run.path / name, example / name)
    for name in KEPT:
        shutil.copytree(run.path / name, example / name)
    page = (run.path / ANSWERS).read_text(encoding="utf-8")
    (example / ANSWERS).write_text(without_dead_links(page), encoding="utf-8")
    checkout = f"{run.path.parent.parent}/"
    for path in (each for each in example.rglob("*") if each.is_file()):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(checkout, ""), encoding="utf-8")


def main() -> None:
    """Make it of the run that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.make_example")
    parser.add_argument("run", type=Path, metavar="RUN")
    make(RunFolder.load(parser.parse_args().run), EXAMPLE)


if __name__ == "__main__":
    main()
