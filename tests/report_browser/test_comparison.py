"""The comparison in a real browser: languages, themes, width, paper, accessibility."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from filaprova.judge.verdict import Outcome
from filaprova.report.comparison.compare import write_comparison
from filaprova.report.comparison.comparison import Comparison
from filaprova.report.text.catalogue import load_catalogue
from filaprova.runs.results import RunResult
from filaprova.runs.store import RunFolder

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "<img src=http://evil.example/x onerror=alert(1)><script>boom()</script>"
RUNS = "#side-by-side .compared"


@pytest.fixture
def comparison(tmp_path: Path) -> Callable[..., Path]:
    """Compare the real run of the example with the same on two brokers that did otherwise."""

    def comparison(name: str = "4.0.5") -> Path:
        real = RunFolder(ROOT / "reports" / "example").results()
        runs = [real, *(_otherwise(real, version) for version in (name, "3.10.8"))]
        kept = []
        for number, run in enumerate(runs):
            folder = RunFolder(tmp_path / f"run-{number}")
            folder.path.mkdir()
            (folder.path / "answers.html").write_text("<!DOCTYPE html><title>answers</title>")
            kept.append((folder, run))
        return write_comparison(Comparison(kept, load_catalogue()))

    return comparison


def _otherwise(run: RunResult, version: str) -> RunResult:
    """Return a run in which L05 lost another number, L08 failed and L17 was not run."""
    content = msgspec.to_builtins(run)
    content["broker"]["version"] = version
    content["scenarios"] = [item for item in content["scenarios"] if "L17" not in item["subjects"]]
    for scenario in content["scenarios"]:
        for check in scenario["checks"]:
            verdict = check["verdict"]
            if check["subject"] == "L05" and "lost" in verdict["figures"]:
                verdict["figures"]["lost"] += 1
            if check["subject"] == "L08" and version != "3.10.8":
                scenario["outcome"] = verdict["outcome"] = Outcome.FAIL
                verdict["summary"] = f"2 tasks lost: {version}"
                verdict["worded"] = {}
    return msgspec.convert(content, RunResult)


def test_differences_are_marked_and_told(comparison: Any, open_report: Any) -> None:
    page = open_report(comparison(), locale="en-US").page
    rows = page.locator(f"{RUNS} tbody tr")
    expect(rows).to_have_count(17)
    expect(page.locator(f"{RUNS} #L01 .kind")).to_have_text("the same", use_inner_text=True)
    row = page.locator(f"{RUNS} #L05")
    expect(row.locator(".kind")).to_have_text("other figures", use_inner_text=True)
    expect(row.locator(".en mark").first).to_have_text("10")
    expect(row.locator(".told")).to_contain_text("4.0.5, 3.10.8: Lost: 11", use_inner_text=True)
    row = page.locator(f"{RUNS} #L08")
    expect(row.locator(".kind")).to_have_text("another outcome", use_inner_text=True)
    expect(row.locator(".told")).to_contain_text("2 tasks lost: 4.0.5", use_inner_text=True)
    expect(page.locator("#K5, #K1").locator(".badge").first).to_be_visible()
    assert page.get_by_text("run-1/answers.html").get_attribute("href") == "run-1/answers.html"


def test_the_switch_is_that_of_the_answers(comparison: Any, open_report: Any) -> None:
    page = open_report(comparison(), locale="pt-BR").page
    expect(page.locator("h1")).to_have_text(
        "Filaprova: 3 execuções lado a lado", use_inner_text=True
    )
    page.get_by_label("English").check()
    expect(page.locator("h1")).to_contain_text("side by side", use_inner_text=True)
    page.reload()
    expect(page.get_by_label("English")).to_be_checked()


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
    comparison: Any, open_report: Any, scheme: str, width: int, tmp_path: Path
) -> None:
    page = open_report(
        comparison(), color_scheme=scheme, viewport={"width": width, "height": 900}
    ).page
    page.screenshot(path=tmp_path / f"comparison-{scheme}-{width}.png", full_page=True)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is too wide"


def test_it_prints(comparison: Any, open_report: Any, tmp_path: Path) -> None:
    page = open_report(comparison()).page
    assert page.pdf(path=tmp_path / "comparison.pdf", format="A4").startswith(b"%PDF")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_hostile_names_stay_inert(comparison: Any, open_report: Any) -> None:
    page = open_report(comparison(HOSTILE), locale="en-US").page
    assert page.locator("img").count() == 0
    expect(page.locator(f"{RUNS} #L08 .told")).to_contain_text(HOSTILE, use_inner_text=True)
