"""The report of a whole lesson: what every reader of it relies on.

It is that of ``reports/example``, or the one that FILAPROVA_PAGE names. Pictures of it, wide and
narrow, light and dark, are kept in ``reports/screenshots``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from filaprova.report.text.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path(os.environ.get("FILAPROVA_PAGE") or ROOT / "reports/example/answers.html").resolve()
SCREENSHOTS = ROOT / "reports" / "screenshots"
LESSON = load_catalogue().contents
NAMES = """() => [...document.querySelectorAll('figure > .wide > svg')].map(svg =>
    (svg.getAttribute('aria-labelledby') || '').split(' ').map(id => {
        const node = document.getElementById(id);
        return node ? node.innerText.trim() : '';
    }))"""
"""Title and description by which each picture is read out, in the language that is shown."""

OpenReport = Callable[..., Any]


def test_it_is_small() -> None:
    assert PAGE.stat().st_size < 3_000_000


def test_every_question_has_its_answer_and_its_picture(open_report: OpenReport) -> None:
    page = open_report(PAGE).page
    for question in LESSON.questions:
        article = page.locator(f"#Q{question.id}")
        expect(article.locator(".answer")).not_to_be_empty()
        expect(article.locator("> figure svg.timeline").first).to_be_visible()
    assert page.locator(".unanswered").count() == 0
    assert page.locator("#claims .badge.ruling").count() == len(LESSON.claims)


@pytest.mark.parametrize("language", ["Português", "English"])
def test_every_picture_has_a_text_instead_of_it(open_report: OpenReport, language: str) -> None:
    page = open_report(PAGE).page
    page.get_by_label(language).check()
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
    names = page.evaluate(NAMES)
    assert len(names) > 40
    assert page.locator("figure svg:not(.swatch):not(.close-up svg)").count() == len(names)
    for title, description in names:
        assert len(title) > 5
        assert len(description) > 5
    own = "Linha do tempo" if language == "Português" else "Timeline"
    assert any(title.startswith(own) for title, _ in names)


@pytest.mark.thorough
def test_all_of_it_is_accessible(open_report: OpenReport) -> None:
    page = open_report(PAGE, color_scheme="light").page
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
    # axe names every node that passes, too, unless told not to: minutes on a page this long
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_it_fits(open_report: OpenReport, theme: str, width: int) -> None:
    page = open_report(
        PAGE, viewport={"width": width, "height": 900}, locale="en-US", color_scheme=theme
    ).page
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for place in ("exercises", "Q3", "Q10"):  # the whole page is too tall for one picture
        page.evaluate("id => document.getElementById(id).scrollIntoView()", place)
        picture = SCREENSHOTS / f"{place}-{theme}-{width}.png"
        page.screenshot(path=picture)
        print(f"screenshot: {picture}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is too wide"
