"""answers.html: the lesson's questions and claims, answered with this run's figures.

One file without any reference to elsewhere, in Portuguese and English.
"""

from __future__ import annotations

from pathlib import Path

from filaprova.report.pages.page import Page
from filaprova.report.pages.templating import render_page
from filaprova.report.text.catalogue import Catalogue, load_catalogue
from filaprova.runs.results import RunResult
from filaprova.runs.store import RunFolder, write_whole

ANSWERS = "answers.html"


def write_answers(folder: RunFolder, run: RunResult, catalogue: Catalogue | None = None) -> Path:
    """Write ``answers.html`` into the run's folder and return its path.

    Raises ``BadInput`` where the lesson's texts cannot be used, ``EnvironmentMissing`` where the
    file cannot be written.
    """
    path = folder.path / ANSWERS
    write_whole(
        path, answers_html(run, catalogue or load_catalogue(run.subject), folder.path).encode()
    )
    return path


def answers_html(run: RunResult, catalogue: Catalogue, folder: Path | None = None) -> str:
    """Return the page; pictures are drawn from the histories in the run's folder."""
    page = Page(run, catalogue, folder)
    return render_page(ANSWERS, page=page, run=run, ui=page.interface)
