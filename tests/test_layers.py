"""Imports flow one way, and each outside library has one door: docs/ARCHITECTURE.md."""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
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


DEFAULT = "lesson"
"""The subject that a run has unless it is told otherwise; it may be named as that."""
KNOWN_AS_DEFAULT = {
    "harness/filaprova/defaults.py": "says which subject that is",
    "harness/filaprova/cli.py": "has a command for it",
    "harness/filaprova/command_line.py": "explains options by its programs",
    "harness/filaprova/programs/surroundings.py": "finds programs/lesson/launcher.py",
}


def contents_of_subjects() -> set[str]:
    """Return the names that only a subject knows: its ids, programs, queues, and its own."""
    names = set()
    for file in (ROOT / "scenarios").glob("*/catalogue.toml"):
        contents = tomllib.loads(file.read_text())
        parts = [item["id"] for of in contents.values() for item in of if isinstance(item, dict)]
        programs = [path for path in (file.parent / "programs").iterdir() if path.is_file()]
        names |= {file.parent.name, f"scenarios/{file.parent.name}", *parts, *contents["findings"]}
        names |= {name for path in programs for name in (path.name, path.stem)}
        for path in file.parent.rglob("*.py"):
            names |= set(re.findall(r"""["'](\w*queues_\w+)["']""", path.read_text()))
    return {name for name in names if not name.isdecimal()}


def strings_in(source: str) -> Iterator[tuple[int, str]]:
    """Yield each string of a source with its line; those that stand alone only explain."""
    tree = ast.parse(source)
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value


def told_of_a_subject(strings: Iterator[tuple[int, str]], names: set[str]) -> list[str]:
    """Return what of a subject's contents strings name, as words of their own."""
    any_of = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w-])(?:{any_of})(?![\w-])")
    return [f"line {line}: {found[0]}" for line, text in strings if (found := pattern.search(text))]


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


@pytest.mark.parametrize("path", harness_files(), ids=lambda path: module_of(path))
def test_nothing_of_a_subject_is_known_here(path: Path) -> None:
    """Not by an import, and not by a path or an id in a string either."""
    names = contents_of_subjects()
    if str(path.relative_to(ROOT)) in KNOWN_AS_DEFAULT:
        names -= {DEFAULT, f"scenarios/{DEFAULT}"}
    assert told_of_a_subject(strings_in(path.read_text()), names) == []


@pytest.mark.parametrize("kind", ["toml", "j2", "js", "css"])
def test_nothing_of_a_subject_is_told_by_the_product(kind: str) -> None:
    """Templates and the product's own texts would show it on the page of any subject."""
    files = list((ROOT / "harness/filaprova/report").rglob(f"*.{kind}"))
    names = contents_of_subjects() | {"lição"}
    assert files
    for path in files:
        lines = iter(enumerate(path.read_text().splitlines(), start=1))
        assert told_of_a_subject(lines, names) == [], path.name


def test_scenarios_import_only_the_vocabulary() -> None:
    for path in (ROOT / "scenarios").rglob("*.py"):
        for imported in imports_of(path.read_text()):
            part = imported if imported == "filaprova" else part_of(imported)
            assert part is None or part in FOR_SCENARIOS, f"{path} imports {imported}"


def test_a_planted_name_is_found() -> None:
    names = contents_of_subjects()
    assert {"lesson", "L05", "K3", "01_producer.py", "work_queues_1"} <= names
    for planted in ('x = "scenarios/lesson/a.py"', 'f"{x}: L05"', 'x["K3"]', 'x == "01_producer"'):
        assert told_of_a_subject(strings_in(planted), names) != []
    for honest in ('"""Of exercise L05."""', "'--lesson-language'", "'XL05'", "L05 = 1"):
        assert told_of_a_subject(strings_in(honest), names) == []


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
