"""Words that are explained where they occur: once in a section, by touch and by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.report_browser.conftest import killed_worker
from tests.report_browser.test_lesson import PAGE

OpenReport = Callable[..., Any]
PREFETCH = {
    "pt-BR": "prefetch: quantas entregas sem confirmação um consumidor pode segurar",
    "en-US": "prefetch: how many unacked deliveries a consumer may hold",
}


def words(page: Page, section: str, name: str) -> Locator:
    return page.locator(f"#{section}").get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize("locale", PREFETCH)
def test_a_word_is_explained_by_touch_and_by_keyboard(open_report: OpenReport, locale: str) -> None:
    page = open_report(
        PAGE, locale=locale, viewport={"width": 390, "height": 900}, has_touch=True
    ).page
    word, told = words(page, "questions", "prefetch"), page.locator("#explained")
    expect(word).to_have_count(1)
    expect(told).to_be_hidden()
    word.tap()
    expect(told).to_have_text(PREFETCH[locale], use_inner_text=True)
    box = told.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.keyboard.press("Escape")
    expect(told).to_be_hidden()
    word.press("Enter")
    expect(told).to_be_visible()


def test_the_longest_form_wins_and_each_word_is_marked_once(open_report: OpenReport) -> None:
    page = open_report(PAGE, locale="en-US").page
    marked = page.locator("#questions button.term:visible").all_inner_texts()
    assert len(marked) >= 5
    assert len({word.lower() for word in marked}) == len(marked)
    assert page.locator("a button.term, summary button.term, h3 button.term").count() == 0


def test_the_answers_read_as_they_were(open_report: OpenReport) -> None:
    page = open_report(PAGE, java_script_enabled=False).page
    answers = page.locator(".answer").all_text_contents()
    assert open_report(PAGE).page.locator(".answer").all_text_contents() == answers


def test_without_scripts_the_list_is_there(open_report: OpenReport) -> None:
    page = open_report(PAGE, java_script_enabled=False).page
    expect(page.locator("#word-prefetch")).to_be_visible()
    expect(page.locator("#explained")).to_be_hidden()


def test_it_is_accessible(report: Callable[..., Path], open_report: OpenReport) -> None:
    page = open_report(report(killed_worker()), locale="en-US", color_scheme="dark").page
    words(page, "findings", "durable").click()
    expect(page.locator("#explained")).to_be_visible()
    results = Axe().run(page, context={"include": [["#explained"], ["#findings"], ["#glossary"]]})
    assert results.violations_count == 0, results.generate_report()
