"""The lesson's texts: complete, alike in both languages, and quoting only what is measured."""

from __future__ import annotations

import ast
import re
import string
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest

from filaprova.judge.registry import checkers
from filaprova.judge.verdict import Blame, Outcome
from filaprova.report.comparison.row_diff import KINDS
from filaprova.report.console.summary import SHARES
from filaprova.report.pictures.model.fates import FATES
from filaprova.report.text import catalogue as lesson_module
from filaprova.report.text.catalogue import LANGUAGES, Catalogue, Texts, load_catalogue
from filaprova.report.text.figures import placeholders
from filaprova.runs.host import host_facts
from filaprova.runs.recheck import load_checkers
from filaprova.runs.results import Family, Problem
from filaprova.scenario.stage import Role
from tests.scenarios.catalogue import Judgement, figures_of_checkers, judgements, spoken

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "harness" / "filaprova" / "report"
TEMPLATES = REPORT / "pages" / "templates"
PLUGIN = ROOT / "harness" / "filaprova" / "plugin"
TOLD_OF_THE_RUN = {"broker", "run"}


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def asked_for() -> list[Judgement]:
    return judgements()


def sentences(texts: Texts) -> Iterator[tuple[str, str]]:
    """Yield where and text of each sentence that quotes figures of the run."""
    for key, exercise in texts.exercises.items():
        yield key, exercise.result
    for key, question in texts.questions.items():
        yield f"question {key}", question.answer
    for key, claim in texts.claims.items():
        yield key, claim.because


def leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and text of every text there is."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{path}.{key}" if path else str(key))
    else:
        assert isinstance(value, str)
        yield path, value


def everything(language: str) -> dict[str, str]:
    """All texts but those that only one language needs, since scenarios speak the other."""
    texts = msgspec.to_builtins(catalogue().texts[language])
    del texts["sayings"], texts["patterns"]
    return dict(leaves(texts))


# ---- Both languages say the same


def test_both_languages_have_the_same_keys() -> None:
    pt, en = (list(everything(language)) for language in LANGUAGES)
    assert pt == en, "the same texts in the same order"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: str) -> None:
    assert [path for path, text in everything(language).items() if not text.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_one_clean_line(language: str) -> None:
    unclean = re.compile(r"\n|  |^ | $|\t| [,.;:]")
    assert [path for path, text in everything(language).items() if unclean.search(text)] == []


def test_both_languages_quote_the_same_figures() -> None:
    told = [
        {
            where: sorted({tuple(path) for path, _ in placeholders(text)})
            for where, text in quoting(catalogue().texts[language])
        }
        for language in LANGUAGES
    ]
    assert told[0] == told[1]


def quoting(texts: Texts) -> Iterator[tuple[str, str]]:
    yield from sentences(texts)
    yield from ((f"check {name}", check.result) for name, check in texts.checks.items())


def test_texts_without_figures_have_no_braces() -> None:
    quoted = re.compile(r"^(exercises\..*\.result|questions\..*\.answer|claims\..*\.because"
                        r"|checks\..*\.result|interface\..*|words\..*)$")  # fmt: skip
    for language in LANGUAGES:
        braced = [
            path
            for path, text in everything(language).items()
            if not quoted.match(path) and re.search(r"[{}]", text)
        ]
        assert braced == []


# ---- Nothing is missing, nothing is left over


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_of_the_lesson_has_its_texts(language: str) -> None:
    lesson, texts = catalogue().contents, catalogue().texts[language]
    assert list(texts.exercises) == [item.id for item in lesson.exercises]
    assert list(texts.questions) == [item.id for item in lesson.questions]
    assert list(texts.claims) == [item.id for item in lesson.claims]
    assert list(texts.findings) == lesson.findings


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_checker_has_its_text(language: str) -> None:
    load_checkers()
    ours = {
        name for name, function in checkers().items()
        if function.__module__.startswith("filaprova.judge.checks.")
    }  # fmt: skip
    assert set(catalogue().texts[language].checks) == ours


def test_every_check_of_a_scenario_is_a_checker() -> None:
    load_checkers()
    assert {item.check for item in asked_for()} <= set(checkers())


def test_what_to_say_of_transient_queues() -> None:
    source = "\n".join(
        path.read_text() for path in (ROOT / "harness/filaprova/brokers").glob("*.py")
    )
    described = ast.parse((ROOT / "harness/filaprova/brokers/broker.py").read_text())
    [told] = [
        after.value.value
        for node in ast.walk(described)
        if isinstance(node, ast.ClassDef)
        for before, after in zip(node.body, node.body[1:], strict=False)
        if isinstance(before, ast.AnnAssign)
        and ast.unparse(before.target) == "transient_queues"
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
    ]
    values = set(re.findall(r"``([^`]+)``", told)) - {"permitted"}
    assert values
    assert all(f'"{value}"' in source for value in values), "the brokers really say so"
    for language in LANGUAGES:
        assert set(catalogue().texts[language].transient_queues) == values


# ---- The scenarios have what the lesson counts on


def test_variants_are_those_of_the_scenarios() -> None:
    lesson = catalogue().contents
    for item in (*lesson.exercises, *lesson.claims):
        mine = [found for found in asked_for() if found.subject == item.id]
        variants = {variant for found in mine for variant in found.variants}
        if item.variants or item in lesson.claims:
            assert set(item.variants) == variants, item.id
        else:
            assert len({found.test for found in mine}) == 1, f"{item.id}: several tests"
            assert not any(found.parametrized for found in mine), f"{item.id}: {variants}"


def test_everything_that_a_scenario_judges_is_in_the_lesson() -> None:
    lesson = catalogue().contents
    known = {item.id for item in (*lesson.exercises, *lesson.claims)} | {"control"}
    assert {item.subject for item in asked_for()} <= known


def test_answers_and_rulings_rest_on_what_is_there() -> None:
    lesson = catalogue().contents
    exercises = {item.id for item in lesson.exercises}
    for question in lesson.questions:
        assert set(question.answered_by) <= exercises
    for claim in lesson.claims:
        assert set(claim.supported_by) <= exercises | {claim.id}
    judged = {item.subject for item in asked_for()}
    assert {one for claim in lesson.claims for one in claim.supported_by} <= judged


def test_whatever_a_scenario_says_is_said_in_portuguese() -> None:
    assert set(catalogue().texts["pt"].sayings) == set(spoken())
    assert catalogue().texts["en"].sayings == {}


def test_what_is_said_of_a_parameter_keeps_it() -> None:
    texts = catalogue().texts["pt"]
    assert texts.say("Connect workers: 3") == "Conectar consumidores: 3"
    assert texts.say("Somebody's own step") == "Somebody's own step"


# ---- Sentences quote figures that the scenarios give


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_well_formed(language: str) -> None:
    for where, text in quoting(catalogue().texts[language]):
        assert list(placeholders(text)), f"{where} quotes no figure"
    for _, check in catalogue().texts[language].checks.items():
        assert all(len(path) == 1 for path, _ in placeholders(check.result)), check.result


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_that_is_quoted_has_a_check_behind_it(language: str) -> None:
    for where, text in sentences(catalogue().texts[language]):
        for path, _ in placeholders(text):
            if path[0] in TOLD_OF_THE_RUN:
                assert len(path) == 2, f"{where}: {path}"
                continue
            assert reached(path), f"{where}: no scenario has a check that gives {path}"


def reached(path: list[str]) -> bool:
    """Tell whether exactly one check of one scenario gives the figure at a path."""
    subject, *rest = path
    mine = [item for item in asked_for() if item.subject == subject]
    if rest and any(rest[0] in item.variants for item in mine):
        mine = [item for item in mine if rest[0] in item.variants]
        rest = rest[1:]
    elif len({variant for item in mine for variant in item.variants}) > 1:
        return False
    check, dot, figure = rest[0].partition(".") if rest else ("", "", "")
    return (
        bool(dot)
        and [item.check for item in mine].count(check) == 1
        and figure in figures_of_checkers().get(check, set())
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_of_a_check_quotes_its_own_figures(language: str) -> None:
    given = figures_of_checkers()
    for name, check in catalogue().texts[language].checks.items():
        quoted = {path[0] for path, _ in placeholders(check.result)}
        assert quoted <= given[name], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_quotes_only_what_it_rests_on(language: str) -> None:
    """Otherwise a figure could be missing although all that the sentence rests on was run."""
    lesson, texts = catalogue().contents, catalogue().texts[language]
    allowed = {exercise.id: {exercise.id} for exercise in lesson.exercises}
    for question in lesson.questions:
        allowed[f"question {question.id}"] = set(question.answered_by)
    for claim in lesson.claims:
        allowed[claim.id] = set(claim.supported_by) | {claim.id}
    for where, text in sentences(texts):
        quoted = {path[0] for path, _ in placeholders(text)} - TOLD_OF_THE_RUN
        assert quoted <= allowed[where], where


# ---- The interface


COMPUTED = {
    "outcome_": [*Outcome, "none"],
    "ruling_": [word.replace(" ", "_") for word in typing.get_args(lesson_module.Ruling)],
    "obstacle_": [Outcome.FAIL, Outcome.UNKNOWN],
    "blame_": typing.get_args(Blame),
    "family_": [
        word.replace(" ", "_") for word in typing.get_args(typing.get_type_hints(Problem)["family"])
    ],
    "line_": [
        word.replace(" ", "_") for word in typing.get_args(typing.get_type_hints(Problem)["family"])
    ],
    "role_": [role for role in typing.get_args(Role) if role != "step"],
    "verdict_": [*Outcome, "skipped"],
    "story_": [
        *(word.replace(" ", "_") for word in typing.get_args(Family)),
        *("expected", "seen", "blame"),
    ],
    "host_": list(host_facts()),
    "time_": [*SHARES, "rest"],
    "compare_": KINDS,
    "count_": KINDS,
    "glance_": FATES,
}
"""What may follow a beginning to which the report adds something at run time."""

ASKED = re.compile(
    r"""(?:interface|\bui)(?:\(|\[)\s*f?["'](?P<key>\w+)(?P<more>\{|["']\s*[~+])?""", re.S
)


def asked_keys() -> set[str]:
    """Return every key of the interface that code or template ask for."""
    sources = [*REPORT.rglob("*.py"), *PLUGIN.glob("*.py"), *TEMPLATES.glob("*.j2")]
    keys = {"family_" + end for end in COMPUTED["family_"]}  # by way of page._key
    for path in sources:
        for found in ASKED.finditer(path.read_text(encoding="utf-8")):
            if not found["more"]:
                keys.add(found["key"])
            elif found["key"] == "fact_":
                keys |= {f"fact_{name}" for name in told_facts()}
            else:
                keys |= {found["key"] + end for end in COMPUTED[found["key"]]}
    return keys | said_in_close_ups().keys()


SAID = re.compile(
    r"""\bword\('(?P<key>\w+)'(?P<rest>(?:,(?:[^()]|\((?:[^()]|\([^()]*\))*\))*)?)\)"""
)


def said_in_close_ups() -> dict[str, int]:
    """Return how many details the close-ups' script gives, for each key that it names."""
    given: dict[str, int] = {}
    for found in SAID.finditer((TEMPLATES / "closeup.js").read_text(encoding="utf-8")):
        inner, rest = "", found["rest"]
        while inner != rest:
            inner, rest = rest, re.sub(r"\([^()]*\)", "", rest)
        given[found["key"]] = rest.count(",")
    return given


def told_facts() -> list[str]:
    """Return the names of the facts that the page tells of a run."""
    for node in ast.walk(ast.parse((REPORT / "pages" / "page.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "facts":
            assert isinstance(node.value, ast.Dict)
            return [ast.literal_eval(key) for key in node.value.keys if key is not None]
    raise AssertionError("page.py tells no facts")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_interface_is_complete_and_nothing_is_unused(language: str) -> None:
    assert set(catalogue().texts[language].interface) == asked_keys()


def details_given() -> dict[str, int]:
    """Return how many details ``page.interface("key", …)`` gives, for each key."""
    given = said_in_close_ups()
    for path in REPORT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            count = len(node.args) - 1
            match node:
                case ast.Call(func=ast.Attribute(attr="interface"), args=[key, *_]):
                    for name in names_of(key):
                        given[name] = count
                case ast.Call(
                    func=ast.Attribute(
                        attr="format",
                        value=ast.Subscript(
                            value=ast.Attribute(attr="interface"),
                            slice=ast.Constant(value=str(name)),
                        ),
                    )
                ):
                    given[name] = len(node.args)
    return given


def names_of(key: ast.expr) -> list[str]:
    if isinstance(key, ast.Constant):
        return [str(key.value)]
    if isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
        beginning = str(key.values[0].value)
        return [beginning + end for end in COMPUTED.get(beginning, [])]
    return []


@pytest.mark.parametrize("language", LANGUAGES)
def test_interface_texts_show_all_their_details(language: str) -> None:
    given = details_given()
    assert given["overall"] == 6
    assert given["obstacle_problem"] == 3
    assert given["closeup_place"] == 4
    for key, text in catalogue().texts[language].interface.items():
        fields = [field for _, field, _, _ in string.Formatter().parse(text) if field is not None]
        assert fields == [""] * given.get(key, 0), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_take_their_one_detail(language: str) -> None:
    words = catalogue().texts[language].words
    for text in (words.and_more, words.unmeasured, *words.reasons.values()):
        assert text.count("{}") == 1
    hints = typing.get_type_hints(type(words))["reasons"]
    assert set(words.reasons) == set(typing.get_args(typing.get_args(hints)[0]))
