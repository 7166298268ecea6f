"""Imports flow one way, and each outside library has one door: docs/ARCHITECTURE.md."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LAYERS: list[set[str]] = [
    {"harness.plugin", "harness.__main__"},
    {"harness.scenario"},
    {"harness.session", "harness.strike"},
    {"harness.report"},
    {
        "harness.brokers",
        "harness.workers",
        "harness.wiretap",
        "harness.client",
        "harness.checkers",
    },
    {"harness.amqp"},
    {"harness.history"},
    {"harness.verdict", "harness.events"},
    {"harness.background", "harness.reaper"},
    {"harness.waiting", "harness.address"},
    {"harness.errors"},
]
"""From the top to the bottom. A part imports from itself and from parts further down."""

DOORS: dict[str, list[str]] = {
    "docker": ["harness/brokers/container.py"],
    "testcontainers": ["harness/brokers/container.py"],
    "pika": [
        "harness/client.py",
        "harness/amqp/frames.py",
        "harness/brokers/inspection.py",
        "harness/workers/launcher.py",
    ],
    "pytest": ["harness/plugin/*.py"],
    "_pytest": [],
    "allure": ["harness/plugin/*.py"],
    "rich": [
        "harness/plugin/__init__.py",
        "harness/plugin/progress.py",
        "harness/report/*.py",
        "harness/__main__.py",
    ],
    "jinja2": ["harness/report/*.py"],
}
"""Which files of the harness may import a library that is kept out of the rest."""

FOR_SCENARIOS = {"harness", "harness.checkers", "harness.scenario"}
"""What a scenario file may import of the harness: its vocabulary and the checkers."""


def imports_of(source: str) -> Iterator[str]:
    """Yield the full name of each module that a source imports, at any depth."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(module: str) -> str | None:
    """Return the part of the harness that a module belongs to: ``harness.amqp``."""
    names = module.split(".")
    return ".".join(names[:2]) if names[0] == "harness" and len(names) > 1 else None


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def violations(module: str, source: str) -> list[str]:
    """Return what a module of the harness imports although the layers forbid it."""
    depth = {part: index for index, layer in enumerate(LAYERS) for part in layer}
    own = part_of(module)
    assert own in depth, f"{module} is in no layer: add its part to LAYERS"
    found = []
    for imported in imports_of(source):
        part = part_of(imported)
        if part is None or part == own or part not in depth:
            continue
        if depth[part] <= depth[own]:
            found.append(f"{module} imports {imported}")
    return found


def strangers(path: Path, source: str) -> list[str]:
    """Return the fenced libraries that a file imports without being one of their doors."""
    return [
        f"{path} imports {imported}"
        for imported in imports_of(source)
        if (library := imported.split(".")[0]) in DOORS
        and not any(path.match(door) for door in DOORS[library])
    ]


def harness_files() -> list[Path]:
    return [p for p in sorted((ROOT / "harness").rglob("*.py")) if p.name != "__init__.py"] + [
        p for p in sorted((ROOT / "harness").rglob("__init__.py")) if p.parent.name != "harness"
    ]


@pytest.mark.parametrize("path", harness_files(), ids=lambda path: module_of(path))
def test_imports_only_from_below(path: Path) -> None:
    assert violations(module_of(path), path.read_text()) == []


@pytest.mark.parametrize("path", harness_files(), ids=lambda path: module_of(path))
def test_each_library_has_its_door(path: Path) -> None:
    assert strangers(path.relative_to(ROOT), path.read_text()) == []


def test_scenarios_import_only_the_vocabulary() -> None:
    for path in (ROOT / "scenarios").rglob("*.py"):
        for imported in imports_of(path.read_text()):
            part = imported if imported == "harness" else part_of(imported)
            assert part is None or part in FOR_SCENARIOS, f"{path} imports {imported}"


def test_a_planted_violation_is_found() -> None:
    planted = textwrap.dedent("""
        def later():
            from harness.brokers.local import LocalBroker
    """)
    assert violations("harness.workers.process", planted) != []
    assert violations("harness.history", "import harness.checkers.delivery") != []
    assert violations("harness.scenario", "from harness.wiretap.tap import Tap") == []
    assert strangers(Path("harness/history.py"), "import pika.spec") != []
    assert strangers(Path("harness/client.py"), "import pika.spec") == []
    assert strangers(Path("harness/plugin/narration.py"), "from rich.live import Live") != []
