"""What the lesson's scenario files say of themselves, read without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import filaprova.judge.checks
from filaprova.defaults import SUBJECT
from filaprova.report.text.catalogue import SUBJECTS

LESSON_FOLDER = SUBJECTS / SUBJECT

CHECKERS_FOLDER = Path(filaprova.judge.checks.__file__).parent


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One check that a scenario asks for: ``scenario.verify(subject, check.name(…))``."""

    test: str
    variants: Sequence[str]
    """Parameter ids, or the test's name where there are none."""
    parametrized: bool
    subject: str
    check: str


def judgements(folder: Path = LESSON_FOLDER) -> list[Judgement]:
    """Return all that the scenario files of a folder ask for."""
    return [
        found
        for path in sorted(folder.glob("test_*.py"))
        for found in _judgements_of(ast.parse(path.read_text(encoding="utf-8")))
    ]


def spoken(folder: Path = LESSON_FOLDER) -> Iterator[str]:
    """Yield the titles and steps of all scenarios of a folder; ``{}``: what a parameter brings."""
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield (ast.get_docstring(node) or "").splitlines()[0]
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "scenario.step":
                [title] = node.args
                parts = title.values if isinstance(title, ast.JoinedStr) else [title]
                yield "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts
                )


def _judgements_of(module: ast.Module) -> Iterator[Judgement]:
    constants = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for function in module.body:
        if not isinstance(function, ast.FunctionDef) or not function.name.startswith("test_"):
            continue
        variants: list[str] = []
        marks = [
            constants.get(decorator.id, decorator) if isinstance(decorator, ast.Name) else decorator
            for decorator in function.decorator_list
        ]
        for mark in marks:
            variants = _parameter_ids(mark) or variants
        for subject, check in _verified(function, marks):
            yield Judgement(
                test=function.name.removeprefix("test_"),
                variants=variants or [function.name.removeprefix("test_")],
                parametrized=bool(variants),
                subject=subject,
                check=check,
            )


def _parameter_ids(mark: ast.expr) -> list[str]:
    if not isinstance(mark, ast.Call) or not ast.unparse(mark.func).endswith(".parametrize"):
        return []
    ids = next((word.value for word in mark.keywords if word.arg == "ids"), mark.args[1])
    return [str(value) for value in ast.literal_eval(ids)]


def _verified(function: ast.FunctionDef, marks: list[ast.expr]) -> Iterator[tuple[str, str]]:
    """Yield what a scenario verifies; checks that a parameter brings are found where it is made."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "scenario.verify":
            subject = ast.literal_eval(node.args[0])
            for argument in node.args[1:]:
                if isinstance(argument, ast.Starred):
                    yield from ((subject, name) for mark in marks for name in _checkers_in(mark))
                    continue
                assert isinstance(argument, ast.Call), ast.unparse(argument)
                assert isinstance(argument.func, ast.Attribute), ast.unparse(argument)
                yield subject, argument.func.attr


def _checkers_in(expression: ast.expr) -> Iterator[str]:
    for node in ast.walk(expression):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "check":
            yield node.attr


@cache
def figures_of_checkers(folder: Path = CHECKERS_FOLDER) -> dict[str, set[str]]:
    """Return the names of the figures that each checker gives, as written in its source."""
    return {
        node.name: set(_figure_names(node))
        for path in sorted(folder.glob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(decorator) == "checker" for decorator in node.decorator_list)
    }


def _figure_names(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        match node:
            case (
                ast.keyword(arg="figures", value=ast.Dict(keys=keys))
                | ast.AnnAssign(target=ast.Name(id="figures"), value=ast.Dict(keys=keys))
                | ast.Assign(targets=[ast.Name(id="figures")], value=ast.Dict(keys=keys))
            ):
                yield from (ast.literal_eval(key) for key in keys if key is not None)
