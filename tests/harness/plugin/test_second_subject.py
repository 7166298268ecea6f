"""A second subject beside the lesson: its page has its own titles and none of the lesson's."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from filaprova.judge.verdict import Outcome
from filaprova.report.text.catalogue import LANGUAGES, load_catalogue
from tests.harness.plugin.runs import LESSON, ROOT, Run

CATALOGUE = """
findings = []
[[exercises]]
id = "P1"
[[questions]]
id = "Q1"
answered_by = ["P1"]
[[claims]]
id = "C1"
ruling = "confirmed"
supported_by = ["P1"]
"""
TEXTS = """
title = "{title}"
findings_heading = "{heading}"
[exercises.P1]
title = "{exercise}"
result = "{{P1[left]}} / {{P1[published]}}."
[questions.Q1]
question = "{question}"
short = "{exercise}"
answer = "{answer}: {{P1[left]}}."
[claims.C1]
says = "{claim}"
because = "{answer}: {{P1[left]}}."
[findings]
[transient_queues]
"""
SAID = {
    "en": {
        "title": "Parcels at the gate",
        "heading": "What else is wrong with parcels",
        "exercise": "Parcels wait at the gate",
        "question": "How many parcels wait?",
        "answer": "Parcels that wait",
        "claim": "A parcel waits until it is fetched.",
    },
    "pt": {
        "title": "Encomendas na portaria",
        "heading": "O que mais há de errado com as encomendas",
        "exercise": "As encomendas esperam na portaria",
        "question": "Quantas encomendas esperam?",
        "answer": "Encomendas à espera",
        "claim": "A encomenda espera até que a busquem.",
    },
}
SCENARIO = '''
import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario


@pytest.mark.examines("P1", "C1")
def test_parcels_wait(scenario: Scenario) -> None:
    """Parcels wait.

    1. Bring five of them.
    """
    with scenario.step("Bring five parcels"):
        sent = scenario.produce("brings.py", 5)
    with scenario.step("Fetch them"):
        scenario.drain(sent.queue)
    scenario.verify("P1", check.left_in_queue_in_order(queue=sent.queue))
'''


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Give a copy of the package whose scenarios are the lesson and, beside it, one on parcels."""
    place = tmp_path / "installed"
    package, parcels = place / "filaprova", place / "filaprova/scenarios/parcels"
    shutil.copytree(
        ROOT / "harness/filaprova",
        package,
        ignore=shutil.ignore_patterns("__pycache__", "scenarios"),
    )
    shutil.copytree(LESSON, package / "scenarios/lesson")
    shutil.copy(ROOT / "scenarios/conftest.py", package / "scenarios")
    (parcels / "programs").mkdir(parents=True)
    shutil.copy(LESSON / "programs/01_producer.py", parcels / "programs/brings.py")
    (parcels / "catalogue.toml").write_text(CATALOGUE)
    for language, said in SAID.items():
        (parcels / f"texts.{language}.toml").write_text(TEXTS.format(**said))
    (parcels / "test_parcels.py").write_text(textwrap.dedent(SCENARIO))
    return place


def test_its_page_is_its_own(begin: Callable[..., Run], local: str, installed: Path) -> None:
    run = begin(
        *("--broker", local, "-c", "/dev/null", "--rootdir", installed / "filaprova"),
        *("--import-mode=importlib", installed / "filaprova/scenarios/parcels"),
        cwd=installed,
        measured=False,
        PYTHONPATH=str(installed),
    )
    assert run.exit_status == 0, run.output
    assert run.run_folder.results().subject == "parcels"
    assert run.scenarios["test_parcels_wait"].outcome is Outcome.PASS
    page = (run.run_folder.path / "answers.html").read_text()
    summary = (run.run_folder.path / "summary.md").read_text()
    for said in SAID.values():
        for text in (said["title"], said["exercise"], said["question"], said["claim"]):
            assert text in page
        assert f"{said['answer']}: 5." in page
    assert SAID["en"]["exercise"] in summary
    assert SAID["en"]["exercise"] in run.output
    for language in LANGUAGES:
        lesson = load_catalogue().texts[language]
        titles = [lesson.title, *(exercise.title for exercise in lesson.exercises.values())]
        titles += [question.question for question in lesson.questions.values()]
        for title in titles:
            assert title not in page, title
            assert title not in summary, title
    for id in ("L01", "K1"):
        assert f">{id}<" not in page
        assert id not in summary
