"""What CI services and Allure show of a real run: JUnit's file, and Allure's site in a browser."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from filaprova.record.act import StepStarted
from tests.harness.plugin.conftest import Borrow
from tests.harness.plugin.runs import FAULTY, LESSON, ROOT, Run

KILL = "test_automatic_acknowledgement[kill]"
CATEGORY = {
    "test_worker_that_ends_at_once": "Scenario failed",
    "test_strike_on_an_idle_worker": "Unknown: the record does not show enough",
    "test_garbage_on_the_wire": "Unknown: the record does not show enough",
    "test_verifies_nothing": "Harness bug: Filaprova itself",
    "test_fixture_fails": "Harness bug: Filaprova itself",
    "test_program_that_is_not_there": "Environment missing",
    "test_power_is_missing": "Environment missing",
}
"""Tests of tests/faulty/setups.py, and where Allure files them."""


@dataclass(frozen=True)
class Kept:
    """A run with the files it left for CI services."""

    run: Run
    junit: Path
    allure: Path


@pytest.fixture(scope="module")
def kept(
    begin: Callable[..., Run], borrowed: Borrow, tmp_path_factory: pytest.TempPathFactory
) -> Kept:
    folder = tmp_path_factory.mktemp("kept")
    run = begin(
        LESSON / "test_05_automatic_acknowledgement.py",
        FAULTY / "setups.py",
        *("-k", " or ".join(["(automatic and kill)", *CATEGORY])),
        *("--broker", "local", "-q"),
        *(f"--junitxml={folder}/junit.xml", f"--alluredir={folder}/allure"),
        measured=False,
        **borrowed(len(CATEGORY) + 1),
    )
    assert len(run.scenarios) == len(CATEGORY) + 1, run.output
    return Kept(run, folder / "junit.xml", folder / "allure")


# ------------------------------------------------------------------ JUnit


def cases(kept: Kept) -> dict[str, ElementTree.Element]:
    return {str(item.get("name")): item for item in ElementTree.parse(kept.junit).iter("testcase")}


def properties(case: ElementTree.Element) -> dict[str, str]:
    return {str(item.get("name")): str(item.get("value")) for item in case.iter("property")}


def test_junit_has_verdict_evidence_and_every_figure(kept: Kept) -> None:
    told = properties(cases(kept)[KILL])
    ran = kept.run.scenarios[KILL]
    assert (told["verdict"], told["evidence"]) == ("pass", ran.result.folder)
    lost = ran.verdict("lost_exactly_pushed_minus_done").figures
    prefix = "L05 #1 lost_exactly_pushed_minus_done"
    assert told[f"{prefix}.lost"] == str(lost["lost"])
    assert told[f"{prefix}.pushed"] == str(lost["pushed"])
    assert told["L05 #1 struck_mid_task.signal"] == "SIGKILL"
    assert f"{prefix}.lost_tasks" not in told, "too long"


def test_a_failure_has_one_line_for_its_message_and_the_story_as_its_text(kept: Kept) -> None:
    for name in set(CATEGORY) - {"test_power_is_missing", "test_fixture_fails"}:
        failure = cases(kept)[name].find("failure")
        assert failure is not None, name
        message, text = str(failure.get("message")), str(failure.text)
        assert "\n" not in message
        assert message.partition(":")[0] in (
            "scenario failed",
            "unknown",
            "harness bug",
            "environment missing",
        ), message
        assert text.count("\n") >= 1
        assert f"evidence: {kept.run.scenarios[name].folder.path}" in text  # type: ignore[union-attr]
    garbage = cases(kept)["test_garbage_on_the_wire"].find("failure")
    assert garbage is not None
    assert str(garbage.get("message")).startswith("unknown: waited ")
    assert "C1: bytes of the client are not AMQP 0-9-1: a frame of unknown type 71" in str(
        garbage.text
    )
    assert "\n  expected: whole frames of AMQP 0-9-1\n  seen:     1 connection" in str(garbage.text)


# ------------------------------------------------------------------ Allure's results


def results(kept: Kept) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in kept.allure.glob("*-result.json"):
        result = json.loads(path.read_text())
        yield result["fullName"].partition("#")[2], result


def test_every_family_has_a_category_of_its_own(kept: Kept) -> None:
    categories = json.loads((kept.allure / "categories.json").read_text())
    filed = {}
    for name, result in results(kept):
        message = result.get("statusDetails", {}).get("message", "")
        filed[name] = [
            item["name"] for item in categories if re.fullmatch(item["messageRegex"], message)
        ]
    assert filed.pop("test_automatic_acknowledgement") == []
    assert filed == {name: [category] for name, category in CATEGORY.items()}


# ------------------------------------------------------------------ Allure's site


@pytest.fixture(scope="module")
def site(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page that Allure makes of the results; skip, or with CI=true fail, without npm."""
    made = subprocess.run([ROOT / "setup/allure"], capture_output=True, text=True, check=False)
    if made.returncode:
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(made.stderr)
        pytest.skip(made.stderr)
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [
            *("node", ROOT / "tests/report_browser/node_modules/allure/cli.js"),
            *("allure2", "--single-file", "--output", folder, kept.allure),
        ],
        cwd=folder,
        env={**os.environ, "ALLURE_NO_ANALYTICS": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "index.html"


def test_the_site_shows_exercise_claim_steps_and_picture(
    kept: Kept, site: Path, open_report: Callable[..., Any]
) -> None:
    page: Page = open_report(site, fragment="behaviors", locale="en-US").page
    for name in ("Filaprova: work queues", "L05 Automatic acknowledgement", "K3 With"):
        page.locator(".tree .node__title", has_text=name).click()
    page.locator(".tree .node__leaf", has_text="a worker that ends loses all that it holds").click()
    for event in kept.run.scenarios[KILL].events(StepStarted):
        expect(page.get_by_text(event.title, exact=True)).to_be_visible()
    page.get_by_text("Timeline", exact=True).last.click()
    picture = page.locator("img.attachment-preview__media")
    expect(picture).to_be_visible()
    page.wait_for_function("picture => picture.naturalWidth > 900", arg=picture.element_handle())
    page.screenshot(path=site.with_name("steps.png"))


def test_the_site_tells_the_categories_apart(site: Path, open_report: Callable[..., Any]) -> None:
    page: Page = open_report(site, fragment="categories", locale="en-US").page
    for name in set(CATEGORY.values()):
        expect(page.locator(".tree .node__name", has_text=name)).to_be_visible()


def test_the_site_asks_nobody(site: Path) -> None:
    assert "googletagmanager" not in site.read_text()
