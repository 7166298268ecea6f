"""What Allure shows besides steps and evidence: labels, parameters, the environment, categories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import allure
import pytest

from harness.plugin.labels import Labels
from harness.report.results import RunResult
from harness.report.store import write_whole
from harness.report.visible import visible

EPIC = "Filaprova: work queues"
_CATEGORIES = {
    "scenario failed": "Scenario failed",
    "unknown": "Unknown: the record does not show enough",
    "harness bug": "Harness bug: Filaprova itself",
    "environment missing": "Environment missing",
}
"""How a message begins that says why a scenario is not green, and the category it makes."""


def label(labels: Labels, *, seed: int, broker: str) -> None:
    """Label the test that is running. Exercises are features, claims are stories."""
    dynamic: Any = allure.dynamic
    dynamic.epic(EPIC)
    exercises = [name for name in labels.subjects if name.startswith("L")]
    claims = [name for name in labels.subjects if name.startswith("K")]
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


def write_allure_files(config: pytest.Config, run: RunResult) -> None:
    """Write the environment and the categories beside Allure's results, if there are any."""
    directory: str | None = config.getoption("allure_report_dir", None)
    if not directory:
        return
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "environment.properties", _properties(run).encode())
    categories = [
        {
            "name": name,
            "messageRegex": rf"^(?:\w+: )?{beginning}: [\s\S]*$",
            "matchedStatuses": ["failed", "broken", "skipped"],
        }
        for beginning, name in _CATEGORIES.items()
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
        f"{name}={visible(text)}\n".replace("\\", "\\\\") for name, text in facts.items() if text
    )
