"""Whatever tasks, queues and programs are called and print: it is shown, and does nothing."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from filaprova.__main__ import main
from filaprova.judge.verdict import Outcome
from tests.harness.plugin.conftest import Borrow
from tests.harness.plugin.runs import FAULTY, Run

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]")
"""What steers a terminal, hides in a page or is no text."""
TEXTS = (".html", ".log", ".md", ".svg", ".txt")
PRODUCER = "<img src=x onerror=boom()>\x1b[31m;touch pwned;$(touch pwned).py"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder for JUnit's and Allure's files."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def run(begin: Callable[..., Run], borrowed: Borrow, kept: Path) -> Run:
    programs = kept / "scenarios" / "programs"
    programs.mkdir(parents=True)
    scenario = shutil.copy(FAULTY / "hostile.py", programs.parent)
    shutil.copy(FAULTY / "programs/hostile.py", programs)
    shutil.copy(FAULTY / "programs/producer.py", programs / PRODUCER)
    others = (f"--junitxml={kept}/junit.xml", f"--alluredir={kept}/allure", "-rA")
    run = begin(scenario, "--broker", "local", *others, cwd=kept, measured=False, **borrowed(3))
    assert run.output
    return run


def test_it_is_judged_like_any_other(run: Run) -> None:
    assert {name: s.outcome for name, s in run.scenarios.items()} == {
        "test_tasks_and_queue": Outcome.FAIL,
        "test_end": Outcome.FAIL,
        "test_producer": Outcome.PASS,
    }
    assert run.scenarios["test_tasks_and_queue"].verdict("none_done_twice").outcome is Outcome.PASS


def test_the_terminal_is_not_steered(run: Run) -> None:
    assert run.output.count("<script>boom()</script>") >= 3
    assert r"\x1b[31m\x07" in run.output
    assert CONTROLS.findall(run.output) == []


def test_nor_is_it_by_judging_again(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recheck", str(run.run_folder.path)]) == 1
    told = capsys.readouterr().out
    assert r"\x1b[31m\x07" in told
    assert CONTROLS.findall(told) == []


def test_no_text_file_steers_a_terminal(run: Run) -> None:
    files = [path for path in run.run_folder.path.rglob("*") if path.suffix in TEXTS]
    assert len(files) >= 7
    for path in files:
        assert CONTROLS.findall(path.read_text(encoding="utf-8")) == [], path


def test_json_is_json(run: Run, kept: Path) -> None:
    count = 0
    for path in [*run.run_folder.path.rglob("*"), *(kept / "allure").iterdir()]:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        documents = text.removesuffix("\n").split("\n") if path.suffix == ".jsonl" else [text]
        if path.suffix in (".json", ".jsonl"):
            for document in documents:
                json.dumps(json.loads(document)).encode("utf-8")
            count += 1
    assert count >= 10


def test_junit_is_xml(kept: Path) -> None:
    cases = list(ElementTree.parse(kept / "junit.xml").iter("testcase"))
    assert len(cases) == 3
    told = "".join(ElementTree.tostring(each, encoding="unicode") for each in cases)
    assert CONTROLS.findall(told) == []
    assert "]]&gt;&lt;/svg&gt;" in told


def test_allure_gets_nothing_that_a_browser_would_run(kept: Path) -> None:
    results = [json.loads(path.read_text()) for path in (kept / "allure").glob("*-result.json")]
    assert len(results) == 3
    attached = [each for result in results for each in result["attachments"]]
    assert len(attached) >= 9
    assert {each["type"] for each in attached} <= {
        "text/plain",
        "application/json",
        "image/svg+xml",
    }
    pictures = [kept / "allure" / each["source"] for each in attached if "svg" in each["type"]]
    assert len(pictures) >= 2
    for element in (each for path in pictures for each in ElementTree.parse(path).iter()):
        assert not element.tag.endswith(("script", "foreignObject", "image", "}a")), element.tag
        assert [name for name in element.attrib if name.startswith("on")] == []
    assert [result["descriptionHtml"] for result in results if "descriptionHtml" in result] == []
    assert "A step <script>" in "".join(texts(results))
    assert [text for text in texts(results) if CONTROLS.search(text)] == []


def texts(document: Any) -> Iterator[str]:
    """Yield every text in a JSON document."""
    match document:
        case str():
            yield document
        case dict():
            yield from texts([*document, *document.values()])
        case list():
            for each in document:
                yield from texts(each)


def test_no_shell_has_read_a_name(run: Run, kept: Path) -> None:
    assert list(kept.rglob("pwned")) == []
    assert not (run.temporary / "pwned").exists()


def test_the_page_does_nothing(run: Run, open_report: Callable[..., Any]) -> None:
    page = open_report(run.run_folder.path / "answers.html").page
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
    assert page.locator("img").count() == 0
    assert "<script>boom()</script>" in page.locator("body").inner_text()
    assert page.evaluate("typeof boom") == "undefined"
    assert page.evaluate("[...document.querySelectorAll('[onerror]')].length") == 0
    assert "{{7*7}}" in page.locator("body").inner_text()


def test_nothing_is_left_behind(run: Run) -> None:
    assert run.left_behind() == []
