"""What Allure shows besides steps: labels, parameters, evidence, the environment, categories."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import allure
import pytest

from filaprova.plugin.labels import Labels
from filaprova.plugin.options import language_of
from filaprova.plugin.run import Run
from filaprova.report.pages.timelines import timelines
from filaprova.report.text.catalogue import Catalogue, Language, load_catalogue
from filaprova.report.text.failure import line_begin, name_of
from filaprova.runs.escape_controls import escape_controls
from filaprova.runs.results import Family, RunResult, ScenarioResult
from filaprova.runs.store import write_whole

EPIC = "Filaprova: work queues"
_CATEGORIES: dict[Family, str] = {
    "scenario failed": "Scenario failed",
    "unknown": "Unknown: the record does not show enough",
    "harness bug": "Harness bug: Filaprova itself",
    "environment missing": "Environment missing",
}
"""The families of problems, and their categories."""


def label(labels: Labels, *, seed: int, broker: str, subject: str, language: Language) -> None:
    """Label the test that is running. Exercises are features, claims are stories."""
    dynamic: Any = allure.dynamic
    exercises, claims = names_of_subjects(labels.subjects, load_catalogue(subject), language)
    dynamic.epic(EPIC)
    dynamic.feature(*(exercises or ["Controls"]))
    if claims:
        dynamic.story(*claims)
    level = allure.severity_level
    dynamic.severity(level.CRITICAL if labels.subjects else level.NORMAL)
    # Excluded: another seed does not make it another test in Allure's history.
    dynamic.parameter("seed", seed, excluded=True)
    dynamic.parameter("broker", broker, excluded=True)
    if labels.variant:
        dynamic.parameter("variant", labels.variant)


def names_of_subjects(
    subjects: Sequence[str], catalogue: Catalogue, language: Language
) -> tuple[list[str], list[str]]:
    """Return the exercises and the claims among the subjects, each with what it is about."""
    texts = catalogue.texts[language]
    exercises = {key: f"{key} {text.title}" for key, text in texts.exercises.items()}
    claims = {key: f"{key} {text.says}".replace("`", "") for key, text in texts.claims.items()}
    return (
        [exercises[key] for key in subjects if key in exercises],
        [claims[key] for key in subjects if key in claims],
    )


def attach_evidence(config: pytest.Config, run: Run, result: ScenarioResult) -> None:
    """Give the test its name, a scenario's timelines and every file of its evidence.

    Only if Allure is asked for. The name comes as late as this because Allure's own plugin sets it
    anew before the body runs.
    """
    if not config.getoption("allure_report_dir", None):
        return
    kinds, dynamic = cast(Any, allure.attachment_type), cast(Any, allure.dynamic)
    texts = load_catalogue(run.subject).texts[language_of(config)]
    dynamic.title(escape_controls(name_of(result, texts)))
    for title, picture in timelines(
        run.session.folder.path, result, load_catalogue(run.subject), language_of(config)
    ):
        allure.attach(picture, title, attachment_type=kinds.SVG)
    folder = run.session.folder.scenario_folder(result)
    for path in sorted(folder.path.rglob("*")):
        if path.is_file():
            kind = kinds.JSON if path.suffix == ".json" else kinds.TEXT
            name = str(path.relative_to(folder.path))
            allure.attach(path.read_bytes(), name, attachment_type=kind)


def write_allure_files(config: pytest.Config, run: RunResult) -> None:
    """Write the environment and the categories beside Allure's results, if there are any."""
    directory: str | None = config.getoption("allure_report_dir", None)
    if not directory:
        return
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "environment.properties", _properties(run).encode())
    texts = load_catalogue(run.subject).texts[run.language]
    categories = [
        {
            "name": name,
            "messageRegex": rf"^(?:\w+: )?(?:{family}|{line_begin(family, texts)}): [\s\S]*$",
            "matchedStatuses": ["failed", "broken", "skipped"],
        }
        for family, name in _CATEGORIES.items()
    ]
    write_whole(folder / "categories.json", json.dumps(categories, indent=1).encode())


def _properties(run: RunResult) -> str:
    """Return what was run; no host name, no address, nothing that may hold a password."""
    facts = {
        "broker": run.broker.get("product", ""),
        "version": run.broker.get("version", ""),
        "erlang": run.broker.get("erlang_version", ""),
        "backend": run.broker.get("backend", ""),
        "seed": str(run.seed),
        "python": run.host.get("python", ""),
    }
    return "".join(
        f"{name}={escape_controls(text)}\n".replace("\\", "\\\\")
        for name, text in facts.items()
        if text
    )
