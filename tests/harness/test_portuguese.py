"""All that we say of a run has Portuguese words, also where no story and no run reaches it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from filaprova.report.text.catalogue import load_catalogue
from tests.harness.words import has_words

HARNESS = Path(__file__).resolve().parents[2] / "harness/filaprova"
PATTERNS = load_catalogue().texts["pt"].patterns
NAMES = {"ready"}
"""What a process says to another."""
FOR_OTHERS = {"scenarios"}
"""Folders whose words are examined elsewhere."""
SAYING = {"say": [0], "say_for": [1, 2]}
"""Which arguments of these functions are patterns."""
COUNTED = re.compile(r"(?:1|\{\}|the only) [a-z ]+")
"""What ``plural`` and ``every`` make."""
ERRORS = (
    *("EnvironmentMissing", "HarnessBug", "FaultMissed"),
    *("ScenarioFailed", "ProgramFailed", "TimedOut"),
)
TELLING = {**dict.fromkeys(ERRORS, 0), "tell": 1, "in_vain": 1, "failure": 0, "StopReport": 1}
"""Which argument of these calls is told to people."""


@cache
def trees() -> dict[str, ast.Module]:
    return {
        str(path.relative_to(HARNESS)): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(HARNESS.rglob("*.py"))
        if not FOR_OTHERS & set(path.relative_to(HARNESS).parts)
    }


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.func.id if isinstance(node.func, ast.Name) else node.func.attr, node


def texts_in(node: ast.expr, tree: ast.Module) -> Iterator[str]:
    """Yield the texts that an expression may be; of a name, those that it is given anywhere."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from (*texts_in(one, tree), *texts_in(other, tree))
        case ast.Name(id=name):
            for each in ast.walk(tree):
                match each:
                    case ast.Assign(targets=[ast.Name(id=given)], value=value) if given == name:
                        yield from texts_in(value, tree)


@pytest.mark.parametrize("file", trees())
def test_every_phrase_has_portuguese_words(file: str) -> None:
    tree = trees()[file]
    said = {
        text
        for name, call in calls(tree)
        if name in SAYING and isinstance(call.func, ast.Name)
        for place in SAYING[name]
        for text in texts_in(call.args[place], tree)
    }
    assert {text for text in said if has_words(text)} - PATTERNS.keys() - NAMES == set()


def test_every_portuguese_pattern_is_one_that_can_be_said() -> None:
    texts = {
        node.value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    unsaid = PATTERNS.keys() - texts
    assert {each for each in unsaid if not COUNTED.fullmatch(each)} == set()


@pytest.mark.parametrize("file", trees())
def test_whatever_is_told_to_people_is_a_phrase(file: str) -> None:
    for name, call in calls(trees()[file]):
        place = TELLING.get(name)
        if place is not None:
            told = [*call.args[place : place + 1], *(k.value for k in call.keywords)]
            english = [each for each in told if isinstance(each, ast.JoinedStr)]
            english += [
                each
                for each in told
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
                if " " in each.value
            ]
            assert [ast.unparse(each) for each in english] == [], f"line {call.lineno}: say() it"
