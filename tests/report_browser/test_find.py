"""Search and filters of the page: what is shown, what is announced, and how one gets out again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from filaprova.judge.verdict import Outcome
from tests.harness.report.pictures.pen import Pen
from tests.report_browser.conftest import killed_worker, scenario_of, write_page

OpenReport = Callable[..., Any]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of two scenarios: C1 to C3 in one that passed, C9 in one that failed."""
    folder = tmp_path_factory.mktemp("find")
    pen = Pen()
    pen.consume(1, "C9")
    pen.publish(2, "maçã")
    pen.deliver(3, "C9", "maçã")
    passed = scenario_of(folder, killed_worker())
    failed = scenario_of(folder, pen.history(), "terminate", Outcome.FAIL)
    return write_page(folder, passed, failed)


@pytest.fixture
def page(path: Path, open_report: OpenReport) -> Page:
    page: Page = open_report(path, locale="en-US").page
    page.evaluate("document.querySelectorAll('#L05').forEach(item => { item.open = true; })")
    page.get_by_text("Filters").click()
    return page


def scenarios(page: Page) -> Locator:
    return page.locator("#L05 > .scenario:visible")


def hits(page: Page) -> list[int]:
    return [int(number) for number in page.locator(".counted").inner_text().split(" / ")]


def test_words_are_found_without_accents_in_folded_parts(page: Page) -> None:
    page.get_by_label("Search").fill("MACA c9")
    expect(page.locator("#problems")).to_be_visible()
    expect(page.locator("#Q3")).to_be_hidden()
    assert hits(page)[0] == 1


def test_only_the_language_that_is_shown_is_searched(page: Page) -> None:
    page.get_by_label("Search").fill("pergunta")
    expect(page.locator("#questions")).to_be_hidden()
    assert hits(page)[0] == 0
    page.get_by_label("Português").check()
    expect(page.locator(".find output")).to_contain_text("itens", use_inner_text=True)
    assert hits(page)[0] > 0


def test_what_failed_is_filtered(page: Page) -> None:
    expect(scenarios(page)).to_have_count(2)
    page.get_by_label("only failed or unknown").check()
    expect(scenarios(page)).to_have_count(1)
    expect(scenarios(page)).to_contain_text("terminate")


@pytest.mark.parametrize(("worker", "variant"), [("C2", "kill"), ("C9", "terminate")])
def test_a_consumer_is_filtered(page: Page, worker: str, variant: str) -> None:
    page.locator(".find").get_by_label("Consumer").select_option(label=worker)
    expect(scenarios(page)).to_have_count(1)
    expect(scenarios(page)).to_contain_text(variant)
    assert page.locator("#problems").is_visible() is (worker == "C9")


def test_an_exercise_is_filtered(page: Page) -> None:
    page.get_by_label("Exercise").select_option(label="L05")
    found, entries = hits(page)
    assert found == entries
    assert page.locator("select[name=exercise] option").all_inner_texts() == ["–", "L05"]


def test_the_tiles_go_with_their_questions(page: Page) -> None:
    expect(page.locator(".overview a:visible")).to_have_count(1)
    page.get_by_label("Search").fill("nothing like this")
    expect(page.locator(".overview a:visible")).to_have_count(0)


def test_clear_shows_everything_again(page: Page) -> None:
    shown = page.locator("[data-listed]:visible")
    everything = shown.count()
    page.get_by_label("Search").fill("nothing like this")
    expect(shown).not_to_have_count(everything)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Clear").press("Enter")
    expect(shown).to_have_count(everything)
    expect(page.locator(".find output")).to_be_empty()
    expect(page.get_by_role("button", name="Clear")).to_be_hidden()


def test_a_link_to_something_hidden_brings_it_back(page: Page) -> None:
    page.get_by_label("Search").fill("nothing like this")
    expect(page.locator("#questions")).to_be_hidden()
    page.locator("nav a[href='#questions']").click()
    expect(page.locator("#questions")).to_be_visible()
    expect(page.get_by_label("Search")).to_have_value("")


def test_hits_are_announced(page: Page) -> None:
    page.get_by_label("Search").fill("terminate")
    expect(page.get_by_role("status")).to_contain_text("entries", use_inner_text=True)


def test_without_scripts_all_is_shown_and_nothing_can_be_typed(
    path: Path, open_report: OpenReport
) -> None:
    page = open_report(path, java_script_enabled=False).page
    expect(page.locator(".find")).to_be_hidden()
    expect(page.locator("#Q3")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(path: Path, open_report: OpenReport, scheme: str) -> None:
    page = open_report(
        path, locale="en-US", color_scheme=scheme, viewport={"width": 390, "height": 900}
    ).page
    page.get_by_text("Filters").click()
    page.get_by_label("Search").fill("terminate")
    results = Axe().run(page, context={"include": [["nav"], [".overview"]]})
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is too wide"
