"""comparison.html: several runs side by side, in one file."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from filaprova.errors import BadInput
from filaprova.report.comparison.comparison import Comparison
from filaprova.report.pages.answers import ANSWERS
from filaprova.report.pages.templating import render_page
from filaprova.runs.store import write_whole

COMPARISON = "comparison.html"


def write_comparison(comparison: Comparison, path: Path | None = None) -> Path:
    """Write the page to ``path``, or else beside the first run's folder; return its path.

    Raises ``BadInput`` where there is no such folder, ``EnvironmentMissing`` where the file cannot
    be written.
    """
    path = path or comparison.runs[0].folder.parent / COMPARISON
    if path.is_dir():
        raise BadInput(f"{path} is a folder; name a file for the comparison, or leave --out away.")
    if not path.parent.is_dir():
        raise BadInput(f"there is no folder {path.parent}; make it, or name another file.")
    write_whole(path, comparison_html(comparison, path.parent).encode())
    return path


def comparison_html(comparison: Comparison, folder: Path) -> str:
    """Return the page; its links to the runs' answers are relative to ``folder``."""
    return render_page(
        COMPARISON,
        page=comparison,
        ui=comparison.interface,
        answers=[_address(run.folder / ANSWERS, folder) for run in comparison.runs],
    )


def _address(answers: Path, folder: Path) -> str | None:
    """Return the address of a run's answers as seen from a folder; None: there are none."""
    if not answers.is_file():
        return None
    return quote(os.path.relpath(answers, folder.resolve()), errors="surrogatepass")
