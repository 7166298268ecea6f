"""A real browser, and reports for it made from histories written by hand."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from filaprova.judge.registry import Check
from filaprova.judge.verdict import Evidence, Outcome, Verdict
from filaprova.record.history import History
from filaprova.report.pages.answers import write_answers
from filaprova.runs.results import CheckResult, RunResult, ScenarioResult
from filaprova.runs.store import RunFolder
from tests.harness.plugin.conftest import begin, borrowed, local
from tests.harness.report.pictures.pen import Pen
from tests.patience import PATIENCE_S

__all__ = ["begin", "borrowed", "local"]

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


expect.set_options(timeout=PATIENCE_S * 1000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give the machine's own Chromium; without one skip, but fail where CI is true."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        reason = "there is no Chromium on this machine; install the package chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page in the browser, with what it complained of and what it asked the network for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def open_report(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Open a file in a context of its own; at the end it must be quiet and offline."""
    opened: list[Opened] = []

    def open_report(
        path: Path, *, fragment: str = "", locale: str = "pt-BR", **context: object
    ) -> Opened:
        page = browser.new_context(locale=locale, **context).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(PATIENCE_S * 1000)
        item = Opened(page=page)
        page.on("console", lambda message: item.complaints.append(message.text))
        page.on("pageerror", lambda error: item.complaints.append(str(error)))
        page.on("request", lambda request: item.requests.append(request.url))
        page.goto(f"{path.as_uri()}#{fragment}")
        opened.append(item)
        return item

    yield open_report
    for item in opened:
        assert item.complaints == []
        assert [url for url in item.requests if not url.startswith(("file:", "blob:"))] == []
        item.page.context.close()


def keep(history: History, folder: Path) -> None:
    folder.mkdir()
    (folder / "history.jsonl").write_bytes(msgspec.json.Encoder().encode_lines(list(history)))


def killed_worker(hostile: str = "") -> History:
    """Three workers, twelve tasks; C1 is killed at its second, one task is done twice."""
    pen = Pen()
    for number in (1, 2, 3):
        pen.consume(number, f"C{number}{hostile}")
    for index in range(12):
        pen.publish(10 + index / 10, f"task {index + 1}{hostile}")
    for index in range(12):
        pen.deliver(12 + index / 10, f"C{index % 3 + 1}{hostile}", f"task {index + 1}{hostile}")
    for turn in range(4):
        for worker in (1, 2, 3):
            task = f"task {turn * 3 + worker}{hostile}"
            if worker > 1 or turn < 2:
                pen.begin(14 + 20 * turn + worker, f"C{worker}{hostile}", task)
            if worker > 1 or turn < 1:
                pen.finish(30 + 20 * turn + worker, f"C{worker}{hostile}", task)
            if worker > 1:
                pen.ack(31 + 20 * turn + worker, f"C{worker}{hostile}", turn + 1)
    pen.events.sort(key=lambda event: event.at_ns)
    pen.strike(100, f"C1{hostile}")
    pen.hang_up(101, f"C1{hostile}")
    for turn in range(4):
        task = f"task {turn * 3 + 1}{hostile}"
        pen.deliver(102 + turn / 10, f"C2{hostile}", task, again=True)
    for turn in range(3):
        task = f"task {turn * 3 + 1}{hostile}"
        pen.begin(104 + 20 * turn, f"C2{hostile}", task)
        pen.finish(122 + 20 * turn, f"C2{hostile}", task)
        pen.ack(123 + 20 * turn, f"C2{hostile}", 5 + turn)
    pen.ack(170, f"C2{hostile}", 8)
    pen.hang_up(175, f"C2{hostile}")
    pen.drain(180)
    return pen.history()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return the page of a run of one scenario with this history; the same one for the same."""
    pages: dict[tuple[bytes, str], Path] = {}

    def report(history: History, name: str = "kill") -> Path:
        page = msgspec.json.Encoder().encode_lines(list(history)), name
        if page not in pages:
            pages[page] = write_report(tmp_path_factory.mktemp("report"), history, name)
        return pages[page]

    return report


def write_report(folder: Path, history: History, name: str = "kill") -> Path:
    """Write the page of a run of one scenario with this history; return its path."""
    return write_page(folder, scenario_of(folder, history, name))


def scenario_of(
    folder: Path, history: History, name: str = "kill", outcome: Outcome = Outcome.PASS
) -> ScenarioResult:
    """Keep the history in the run's folder; return what became of its scenario."""
    place = f"scenario-{len(list(folder.iterdir()))}"
    keep(history, folder / place)
    verdict = Verdict(
        check="nothing_lost",
        outcome=outcome,
        summary="Nothing to add.",
        expected="lost = pushed - done",
        seen="as expected",
        evidence=[Evidence(at_ns=1, text="C1 printed that it is done with task 1")],
    )
    return ScenarioResult(
        id=f"scenarios/lesson/test_05.py::test_killed[{name}]",
        folder=place,
        title="A worker dies.",
        variant="kill" if outcome is Outcome.PASS else "terminate",
        subjects=["L05"],
        outcome=outcome,
        checks=[
            CheckResult(
                subject="L05",
                checkpoint="end",
                check=Check(name="nothing_lost", arguments={"queue": "tasks"}),
                verdict=verdict,
            )
        ],
    )


def write_page(folder: Path, *scenarios: ScenarioResult) -> Path:
    """Write the page of a run of these scenarios; return its path."""
    run = RunResult(
        run="20260131-142501-9f3c",
        started_at="2026-01-31T14:25:01+00:00",
        seconds=12.0,
        seed=7,
        broker={"product": "RabbitMQ", "version": "4.1.0", "backend": "local"},
        host={"processors": "2", "memory": "8.0 GiB"},
        scenarios=list(scenarios),
    )
    return write_answers(RunFolder(folder), run)
