"""answers.html: the lesson's questions and claims, answered with this run's figures.

One file without any reference to elsewhere, in Portuguese and English. Everything that comes from
a run is text to be shown: control characters become visible, markup is escaped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.report.lesson import Catalogue, load_catalogue
from harness.report.page import Page
from harness.report.results import RunResult
from harness.report.store import RunFolder, write_whole
from harness.report.visible import visible

ANSWERS = "answers.html"
_TEMPLATES = Path(__file__).parent / "templates"


def write_answers(folder: RunFolder, run: RunResult, catalogue: Catalogue | None = None) -> Path:
    """Write ``answers.html`` into the run's folder and return its path.

    Raises ``BadInput`` where the lesson's texts cannot be used, ``EnvironmentMissing`` where the
    file cannot be written.
    """
    path = folder.path / ANSWERS
    write_whole(path, answers_html(run, catalogue or load_catalogue(), folder.path).encode())
    return path


def answers_html(run: RunResult, catalogue: Catalogue, folder: Path | None = None) -> str:
    """Return the page; pictures are drawn from the histories in the run's folder."""
    page = Page(run, catalogue, folder)
    template = environment().get_template(f"{ANSWERS}.j2")
    return template.render(page=page, run=run, ui=page.interface)


def environment() -> Environment:
    """Return what renders our templates: everything is escaped, nothing may be missing."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=_harmless,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _harmless(value: Any) -> Any:
    """Make plain text visible before it is escaped; markup of ours passes."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value, keep="\n\t")
    return value
