"""The report in a real browser: languages, themes, pictures, keyboard, paper, accessibility."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Position, expect

from filaprova.record.history import History
from filaprova.report.pictures.layout.timeline import LEFT, RIGHT
from tests.harness.report.pictures.pen import Pen
from tests.report_browser.conftest import killed_worker

Report = Callable[..., Path]
HOSTILE = "<img src=http://evil.example/x onerror=alert(1)>\"'</svg><script>boom()</script>"
TIMELINE = "#Q3 > figure.timeline"


def test_the_browsers_language_comes_first_and_the_switch_is_remembered(
    report: Report, open_report: Any
) -> None:
    path = report(killed_worker())
    page = open_report(path, locale="pt-PT").page
    expect(page.locator("h1")).to_have_text("Filaprova: a lição posta à prova", use_inner_text=True)
    page.get_by_label("English").check()
    expect(page.locator("h1")).to_contain_text("the lesson", use_inner_text=True)
    assert page.locator("html").get_attribute("lang") == "en"
    page.reload()
    expect(page.get_by_label("English")).to_be_checked()
    assert page.evaluate("getComputedStyle(document.querySelector('h1 .pt')).display") == "none"


def test_other_languages_get_english(report: Report, open_report: Any) -> None:
    page = open_report(report(killed_worker()), locale="de-DE").page
    expect(page.get_by_label("English")).to_be_checked()


PAPER = "getComputedStyle(document.body).backgroundColor"
WHITE, DARK = "rgb(255, 255, 255)", "rgb(21, 24, 27)"


@pytest.mark.parametrize(("system", "first"), [("light", WHITE), ("dark", DARK)])
def test_the_theme_is_the_systems_until_one_is_chosen_and_remembered(
    report: Report, open_report: Any, system: str, first: str
) -> None:
    page = open_report(report(killed_worker()), locale="en-US", color_scheme=system).page
    expect(page.get_by_label("Automatic")).to_be_checked()
    assert page.evaluate(PAPER) == first
    for label, paper in (("Dark", DARK), ("Light", WHITE)):
        page.get_by_label(label).check()
        assert page.evaluate(PAPER) == paper
        page.reload()
        expect(page.get_by_label(label)).to_be_checked()
        assert page.evaluate(PAPER) == paper
    page.get_by_label("Automatic").check()
    assert page.evaluate(PAPER) == first


def test_the_theme_can_be_switched_without_scripts(report: Report, open_report: Any) -> None:
    page = open_report(report(killed_worker()), java_script_enabled=False, locale="en-US").page
    page.locator("#dark").check()
    expect(page.locator("body")).to_have_css("background-color", DARK)


def test_without_scripts_everything_is_there(report: Report, open_report: Any) -> None:
    page = open_report(report(killed_worker()), java_script_enabled=False).page
    expect(page.locator(f"{TIMELINE} svg.timeline")).to_be_visible()
    page.get_by_label("English").check()
    expect(page.locator("h1 .en")).to_be_visible()
    expect(page.locator("h1 .pt")).to_be_hidden()


def test_a_task_is_followed_through_all_lanes(report: Report, open_report: Any) -> None:
    page = open_report(report(killed_worker())).page
    figure = page.locator(TIMELINE)
    figure.scroll_into_view_if_needed()
    figure.locator("path.repeat").first.hover()
    life = figure.locator(".followed")
    expect(life).to_contain_text("task 1", use_inner_text=True)
    expect(life).to_contain_text("reentregue a C2", use_inner_text=True)
    page.mouse.move(1, 1)
    expect(life.locator(".hint")).to_be_visible()
    figure.locator("path.repeat").first.click()
    page.mouse.move(1, 1)
    expect(life).to_contain_text("feita 2 vezes", use_inner_text=True)
    expect(figure.locator(".thread")).to_be_visible()
    expect(figure.locator("svg.following .on").first).to_be_visible()
    assert figure.locator(".t2.on").count() == 0
    figure.locator("path.repeat").first.click()
    page.mouse.move(1, 1)
    expect(life.locator(".hint")).to_be_visible()


def test_the_keyboard_does_what_the_mouse_does(report: Report, open_report: Any) -> None:
    page = open_report(report(killed_worker())).page
    figure = page.locator(TIMELINE)
    figure.locator("svg.timeline").focus()
    for key, task in (("ArrowRight", "1"), ("ArrowRight", "2"), ("ArrowLeft", "1")):
        page.keyboard.press(key)
        expect(figure.locator(".followed strong")).to_have_text(f"№ {task} ")
    page.keyboard.press("ArrowUp")
    expect(figure.locator(".followed strong")).to_have_text("№ 12 ")
    page.keyboard.press("Escape")
    expect(figure.locator(".hint")).to_be_visible()


@pytest.mark.parametrize("modifier", ["Alt", "Control", "Meta"])
def test_the_browsers_own_keys_are_left_to_it(
    report: Report, open_report: Any, modifier: str
) -> None:
    page = open_report(report(killed_worker())).page
    page.locator(f"{TIMELINE} svg.timeline").focus()
    page.evaluate(
        """addEventListener('keydown', function (event) {
             window.swallowed = event.defaultPrevented; event.preventDefault();
           })"""
    )
    page.keyboard.press(f"{modifier}+ArrowLeft")
    assert page.evaluate("window.swallowed") is False
    expect(page.locator(f"{TIMELINE} .hint")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("window.swallowed") is True


def test_a_link_to_something_folded_unfolds_it(report: Report, open_report: Any) -> None:
    page = open_report(report(killed_worker())).page
    page.locator(f"{TIMELINE} .lives a").click()
    target = page.locator(f"{TIMELINE} .lives a").get_attribute("href")
    expect(page.locator(f"{target} svg.timeline")).to_be_visible()
    page.locator(f"{target} .tasks summary").click()
    expect(page.locator(f"{target} .tasks tr.r1")).to_contain_text("task 1")


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1200, "light"),
        (390, "dark"),
        pytest.param(1200, "dark", marks=pytest.mark.thorough),
        pytest.param(390, "light", marks=pytest.mark.thorough),
    ],
)
def test_it_is_accessible(
    report: Report, open_report: Any, scheme: str, width: int, tmp_path: Path
) -> None:
    page = open_report(
        report(killed_worker()), color_scheme=scheme, viewport={"width": width, "height": 900}
    ).page
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
    page.screenshot(path=tmp_path / f"{scheme}-{width}.png", full_page=True)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is too wide"


def test_it_prints(report: Report, open_report: Any, tmp_path: Path) -> None:
    page = open_report(report(killed_worker()), color_scheme="dark").page
    page.locator("#dark").check()
    paper = page.pdf(path=tmp_path / "answers.pdf", format="A4")
    assert paper.startswith(b"%PDF")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(PAPER) == WHITE, "paper is white, whatever the theme"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    expect(page.locator(".switches")).to_be_hidden()


def test_evidence_is_printed_at_the_end_if_wanted(report: Report, open_report: Any) -> None:
    page = open_report(report(killed_worker()), locale="en-US").page
    before = page.locator("main").inner_html()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("main").inner_html() == before, "nobody wants it yet"
    page.get_by_label("print with the evidence").check()
    page.emulate_media(media="print")
    expect(page.locator("#L05 .check")).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("main > section:last-child > #L05 .check").first).to_be_visible()
    expect(page.locator("#evidence details:not([open])")).to_have_count(0)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("main").inner_html() == before
    expect(page.locator("#print-evidence")).to_be_hidden()


def test_no_heading_is_printed_without_its_text(report: Report, open_report: Any) -> None:
    page = open_report(report(killed_worker())).page
    page.emulate_media(media="print")
    alone = page.evaluate(
        """() => [...document.querySelectorAll('main > section')].filter(section =>
             section.offsetHeight && ![...section.children].some(child =>
               child.tagName !== 'H2' && child.offsetHeight)).map(section => section.id)"""
    )
    assert alone == []


def test_hostile_names_stay_inert(report: Report, open_report: Any) -> None:
    page = open_report(report(killed_worker(HOSTILE), name=HOSTILE)).page
    assert page.locator("img").count() == 0
    figure = page.locator(TIMELINE)
    figure.locator("path.repeat").first.hover()
    expect(figure.locator(".followed")).to_contain_text("<script>boom()</script>")


@pytest.mark.thorough
def test_many_events_are_a_page_of_moderate_size(report: Report, open_report: Any) -> None:
    """How soon it opens is measured by ``benchmarks/page.py``."""
    path = report(crowd(20_000))
    assert path.stat().st_size < 700_000
    page = open_report(path).page
    expect(page.locator(f"{TIMELINE} > .wide svg.timeline")).to_be_visible()
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")


def test_single_tasks_of_a_crowd_can_be_looked_at(report: Report, open_report: Any) -> None:
    page = open_report(report(crowd(2_000)), locale="pt-BR").page
    figure = page.locator(TIMELINE)
    overview, close = figure.locator("> .wide svg.timeline"), figure.locator(".close-up")
    expect(close.locator("svg")).to_be_hidden()
    overview.click(position=at_share(overview, 0.5))
    expect(close.locator(".place")).to_have_text(PLACE, use_inner_text=True)
    bars = close.locator("path.work")
    assert 55 <= bars.count() <= 61
    numbers = shown(close)
    assert all(850 < number < 1150 for number in numbers), "it is the middle that was clicked on"
    close.get_by_role("button", name="aproximar").click()
    assert 28 <= bars.count() <= 31
    assert set(shown(close)) < set(numbers)
    before = shown(close)
    close.get_by_role("button", name="depois").click()
    assert min(shown(close)) > min(before)
    close.get_by_role("button", name="antes").click()
    close.get_by_role("button", name="antes").click()
    assert min(shown(close)) < min(before)
    close.get_by_role("button", name="afastar").click()
    assert 55 <= bars.count() <= 61
    page.get_by_label("English").check()
    expect(close.locator(".place")).to_contain_text("2,000 deliveries", use_inner_text=True)


PLACE = re.compile(r"De \+0,97\d\d s a \+1,02\d\d s: 60 de 2\.000 entregas, uma a uma\.")


def shown(close: Locator) -> list[int]:
    """Return the numbers of the tasks that a close-up shows at work, in order of time."""
    kinds = close.locator("path.work").evaluate_all("all => all.map(one => one.classList[2])")
    return [int(kind.removeprefix("t")) for kind in kinds]


def at_share(picture: Locator, share: float) -> Position:
    """Return a place in a timeline by its share of the time axis."""
    box = picture.bounding_box()
    assert box is not None
    return {"x": box["width"] * (LEFT + share * (RIGHT - LEFT)) / 960, "y": box["height"] / 2}


def test_a_task_is_found_by_its_number_and_followed(report: Report, open_report: Any) -> None:
    page = open_report(report(crowd(2_000)), locale="en-US").page
    close = page.locator(TIMELINE).locator(".close-up")
    life = close.locator(".followed")
    close.get_by_label("Task no.").fill("1234")
    close.get_by_label("Task no.").press("Enter")
    expect(life).to_contain_text("task 1233 · finished · +1.2350 published", use_inner_text=True)
    expect(life).to_contain_text("→ +1.2352 C1 began → +1.2358 C1 was done", use_inner_text=True)
    expect(close.locator(".t1234.on").first).to_be_visible()
    close.locator("svg").focus()
    page.keyboard.press("ArrowRight")
    expect(life.locator("strong")).to_have_text("№ 1235 ")
    page.keyboard.press("Escape")
    expect(life.locator(".hint")).to_be_visible()
    close.get_by_label("Task no.").fill("2001")
    close.get_by_role("button", name="show").click()
    expect(close.locator(".place")).to_contain_text("no task 2001", use_inner_text=True)


@pytest.mark.parametrize(("key", "end"), [("ArrowLeft", -1), ("ArrowRight", 0)])
def test_arrows_begin_anew_where_the_kept_task_is_not_drawn(
    report: Report, open_report: Any, key: str, end: int
) -> None:
    page = open_report(report(crowd(2_000)), locale="en-US").page
    close = page.locator(TIMELINE).locator(".close-up")
    close.get_by_label("Task no.").fill("1234")
    close.get_by_label("Task no.").press("Enter")
    expect(close.locator(".t1234.on").first).to_be_visible()
    for _ in range(2):
        close.get_by_role("button", name="later").click()
    expect(close.locator(".t1234")).to_have_count(0)
    drawn = {number for names in close.locator(".s").evaluate_all(NAMES) for number in tasks(names)}
    expect(close.locator(".followed strong")).to_have_text("№ 1234 ")
    close.locator("svg").focus()
    page.keyboard.press(key)
    expect(close.locator(".followed strong")).to_have_text(f"№ {sorted(drawn)[end]} ")


NAMES = "all => all.map(one => one.getAttribute('class'))"


def tasks(names: str) -> list[int]:
    """Return the task that a shape with these classes belongs to, if any."""
    return [int(number) for number in re.findall(r"\bt(\d+)\b", names)]


def test_what_was_lost_in_a_crowd_is_a_click_away(report: Report, open_report: Any) -> None:
    page = open_report(report(crowd(2_000)), locale="en-US").page
    close = page.locator(TIMELINE).locator(".close-up")
    for number in (1801, 1802):
        close.get_by_role("button", name="next lost").click()
        expect(close.locator(".followed strong")).to_have_text(f"№ {number} ")
        expect(close.locator(".followed")).to_contain_text("lost", use_inner_text=True)


def test_a_close_up_does_not_cross_a_long_pause(report: Report, open_report: Any) -> None:
    pen = Pen()
    pen.consume(1, "C1")
    for index in range(400):
        at_ms = 2 + index + 60_000 * (index >= 200)
        pen.publish(at_ms, f"task {index + 1}")
        pen.deliver(at_ms + 0.1, "C1", f"task {index + 1}", no_ack=True)
        pen.begin(at_ms + 0.2, "C1", f"task {index + 1}")
        pen.finish(at_ms + 0.8, "C1", f"task {index + 1}")
    page = open_report(report(pen.history()), locale="en-US").page
    close = page.locator(TIMELINE).locator(".close-up")
    for task, first, last in ((190, 160, 200), (210, 201, 239)):
        close.get_by_label("Task no.").fill(str(task))
        close.get_by_role("button", name="show").click()
        expect(close.locator(".followed strong")).to_have_text(f"№ {task} ")
        assert shown(close) == list(range(first, last + 1))


def test_an_old_browser_is_offered_no_close_up(report: Report, open_report: Any) -> None:
    path = report(crowd(2_000))
    page = open_report(path).page
    expect(page.locator(f"{TIMELINE} .close-up")).to_be_visible()
    page.add_init_script("delete window.DecompressionStream")
    page.reload()
    expect(page.locator(f"{TIMELINE} > .wide svg.timeline")).to_be_visible()
    expect(page.locator(f"{TIMELINE} .close-up")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_close_up_is_accessible(report: Report, open_report: Any, scheme: str) -> None:
    page = open_report(
        report(crowd(500)), color_scheme=scheme, viewport={"width": 390, "height": 900}
    ).page
    page.locator(f"{TIMELINE} .close-up button[name=notable]").click()
    expect(page.locator(f"{TIMELINE} .close-up svg")).to_be_visible()
    results = Axe().run(page, context={"include": [[TIMELINE]]})
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is too wide"


def test_hostile_names_stay_inert_in_a_close_up(report: Report, open_report: Any) -> None:
    page = open_report(report(crowd(500, HOSTILE))).page
    close = page.locator(TIMELINE).locator(".close-up")
    close.get_by_role("button", name="próxima perdida").click()
    expect(close.locator(".followed")).to_contain_text("<script>boom()</script>")
    assert page.locator("img").count() == 0


def crowd(count: int, hostile: str = "") -> History:
    pen = Pen()
    pen.consume(1, f"C1{hostile}")
    for index in range(count):
        pen.publish(2 + index, f"task {index}{hostile}")
        pen.deliver(2.1 + index, f"C1{hostile}", f"task {index}{hostile}", no_ack=True)
        if index < count * 9 // 10:
            pen.begin(2.2 + index, f"C1{hostile}", f"task {index}{hostile}")
            pen.finish(2.8 + index, f"C1{hostile}", f"task {index}{hostile}")
    pen.strike(count + 3, f"C1{hostile}")
    pen.hang_up(count + 4, f"C1{hostile}")
    pen.drain(count + 5)
    return pen.history()
