"""Imports flow one way, and each outside library has one door: docs/ARCHITECTURE.md."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LAYERS: list[set[str]] = [
    {"filaprova.__main__"},
    {"filaprova.plugin", "filaprova.cli"},
    {"filaprova.scenario"},
    {"filaprova.report"},
    {"filaprova.runs"},
    {"filaprova.brokers", "filaprova.programs", "filaprova.wiretap", "filaprova.judge"},
    {"filaprova.faults"},
    {"filaprova.amqp"},
    {"filaprova.record"},
    {"filaprova.reaper"},
    {"filaprova.waiting", "filaprova.address", "filaprova.command_line"},
    {"filaprova.errors", "filaprova.defaults", "filaprova.phrase"},
]
"""From the top to the bottom. A part imports from itself and from parts further down."""

DOORS: dict[str, list[str]] = {
    "docker": ["harness/filaprova/brokers/container.py"],
    "testcontainers": ["harness/filaprova/brokers/container.py"],
    "pika": [
        "harness/filaprova/scenario/client.py",
        "harness/filaprova/amqp/frames.py",
        "harness/filaprova/brokers/inspection.py",
        "harness/filaprova/programs/lesson/launcher.py",
    ],
    "pytest": ["harness/filaprova/plugin/*.py"],
    "_pytest": [],
    "allure": ["harness/filaprova/plugin/*.py"],
    "rich": [
        "harness/filaprova/plugin/hooks.py",
        "harness/filaprova/plugin/progress.py",
        "harness/filaprova/report/console/*.py",
        "harness/filaprova/cli.py",
    ],
    "jinja2": ["harness/filaprova/report/pages/templating.py"],
}
"""Which files of the harness may import a library that is kept out of the rest."""

FOR_SCENARIOS = {"filaprova", "filaprova.judge", "filaprova.scenario"}
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
    """Return the part of the harness that a module belongs to: ``filaprova.amqp``."""
    names = module.split(".")
    return ".".join(names[:2]) if names[0] == "filaprova" and len(names) > 1 else None


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT / "harness").with_suffix("").parts)


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
        p for p in sorted((ROOT / "harness").rglob("__init__.py")) if p.parent.name != "filaprova"
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
            part = imported if imported == "filaprova" else part_of(imported)
            assert part is None or part in FOR_SCENARIOS, f"{path} imports {imported}"


def test_a_planted_violation_is_found() -> None:
    planted = textwrap.dedent("""
        def later():
            from filaprova.brokers.local import LocalBroker
    """)
    assert violations("filaprova.programs.program", planted) != []
    assert violations("filaprova.record.history", "import filaprova.judge.checks.delivery") != []
    assert violations("filaprova.scenario", "from filaprova.wiretap.tap import Tap") == []
    assert strangers(Path("harness/filaprova/record/history.py"), "import pika.spec") != []
    assert strangers(Path("harness/filaprova/scenario/client.py"), "import pika.spec") == []
    assert (
        strangers(Path("harness/filaprova/plugin/narration.py"), "from rich.live import Live") != []
    )
