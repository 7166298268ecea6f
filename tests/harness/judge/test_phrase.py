"""What checkers say is English, and every other language has words for all of it."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter

import msgspec
import pytest

from filaprova.judge.verdict import SAID, Verdict
from filaprova.phrase import Worded, as_phrase, joined, say, say_for
from filaprova.report.text.catalogue import load_catalogue
from filaprova.report.text.verdict_words import told_in
from tests.harness.judge.verdicts import told
from tests.harness.words import has_words

PATTERNS = load_catalogue().texts["pt"].patterns
STORIES = told()


def patterns_of(worded: Worded) -> Iterator[str]:
    yield worded.pattern
    for part in worded.parts:
        if isinstance(part, Worded):
            yield from patterns_of(part)


def all_worded(verdict: Verdict) -> Iterator[Worded]:
    yield from verdict.worded.values()
    yield from (item.worded for item in verdict.evidence if item.worded is not None)


def places_of(pattern: str) -> int:
    return sum(name is not None for _, name, _, _ in Formatter().parse(pattern))


def test_a_phrase_is_its_text_and_remembers_how_it_was_made() -> None:
    phrase = say("{} lost: {}", say("{} tasks", 2), "'t2'")
    assert phrase == "2 tasks lost: 't2'"
    assert phrase.worded() == Worded("{} lost: {}", [Worded("{} tasks", [2]), "'t2'"])
    assert [say_for(n, "{} is", "{} are", n) for n in (0, 1, 2)] == ["0 are", "1 is", "2 are"]
    assert as_phrase("a {brace}").worded() == Worded("a {{brace}}", [])
    assert as_phrase(phrase) is phrase
    assert joined("; ", [phrase, "C1"]).worded() == Worded("{}; {}", [phrase.worded(), "C1"])


def test_another_language_has_its_own_order_and_decimals_and_quotes_names() -> None:
    worded = say("{} held {:.1f} s by {}", say("task"), 0.75, "task 1.5").worded()
    patterns = {"{} held {:.1f} s by {}": "{2} segurou {0} por {1:.1f} s", "task": "tarefa"}
    assert told_in(worded, patterns, ",") == "task 1.5 segurou tarefa por 0,8 s"
    assert told_in(worded, {}, ",") == "task held 0,8 s by task 1.5"


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_translation_has_the_places_of_its_pattern(pattern: str) -> None:
    numbers = {name for _, name, _, _ in Formatter().parse(PATTERNS[pattern]) if name is not None}
    assert numbers <= {str(number) for number in range(places_of(pattern))}
    assert PATTERNS[pattern] != pattern


@pytest.mark.parametrize("file", STORIES)
def test_what_is_said_of_stories_can_be_made_again_of_its_parts(file: str) -> None:
    for case in STORIES[file]:
        verdict = case.verdict()
        again = {field: told_in(worded, {}, ".") for field, worded in verdict.worded.items()}
        assert again == {
            field: getattr(verdict, field) for field in SAID if getattr(verdict, field)
        }
        for item in verdict.evidence:
            assert item.worded is None or told_in(item.worded, {}, ".") == item.text


@pytest.mark.parametrize("file", STORIES)
def test_all_that_is_said_of_stories_has_portuguese_words(file: str) -> None:
    for case in STORIES[file]:
        verdict = case.verdict()
        patterns = {each for worded in all_worded(verdict) for each in patterns_of(worded)}
        spoken = {each for each in patterns if has_words(each)}
        assert spoken - PATTERNS.keys() == set(), case.name
        assert msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict) == verdict
