"""What a subject consists of, as data, and all that is said about it in each language.

A subject is a folder under ``scenarios/``: ``catalogue.toml`` holds what no language changes,
``texts.<language>.toml`` what is said. What Filaprova says of any subject stands beside this file,
in ``product.<language>.toml``. Texts with figures are sentences in the sense of
``filaprova.report.text.figures``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import msgspec
from msgspec import structs

from filaprova.defaults import SUBJECT
from filaprova.errors import BadInput
from filaprova.phrase import Worded
from filaprova.report.text.figures import Words
from filaprova.report.text.verdict_words import told_in

SUBJECTS = (Path(__file__).parents[2] / "scenarios").resolve()
LANGUAGES = ("pt", "en")

Language: TypeAlias = Literal["pt", "en"]
PictureKind: TypeAlias = Literal["timeline", "distribution", "depth", "sequence"]
Ruling: TypeAlias = Literal["confirmed", "refuted", "made precise"]
S = TypeVar("S", bound=msgspec.Struct)


class Exercise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One exercise; ``variants``: parameters, or names of tests, that a whole run has of it."""

    id: str
    variants: list[str] = []


class WantedPictures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pictures of one exercise, of one of its variants."""

    exercise: str
    variant: str = ""
    kinds: list[PictureKind]


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question and the exercises that answer it together."""

    id: str
    answered_by: list[str]
    pictures: list[WantedPictures] = []
    """What the answer talks about: shares as a distribution, losses as a timeline, and so on."""


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One claim, and what the evidence makes of it if every support holds."""

    id: str
    ruling: Ruling
    supported_by: list[str]
    """Exercises, and claims whose own checks decide ("K5")."""
    variants: list[str] = []
    """Parameters, or names of tests, that a whole run has of its own checks."""


class Contents(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a subject consists of, in its order."""

    exercises: list[Exercise]
    questions: list[Question]
    claims: list[Claim]
    findings: list[str]
    """What its own text and code get wrong, outside its claims."""


class ExerciseText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An exercise's name, and its result in one sentence with figures."""

    title: str
    result: str


class QuestionText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question, in a few words too, and its answer in a few sentences with figures."""

    question: str
    short: str
    answer: str


class ClaimText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is claimed, in our words, and why it is ruled as it is, with figures."""

    says: str
    because: str


class CheckText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a checker checks, and its figures in one sentence (may be empty)."""

    title: str
    result: str = ""


class TermText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word of the field, the forms in which it occurs, divided by bars, and what it means."""

    word: str
    forms: str
    meaning: str


class FindingText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something the reader should know."""

    title: str
    text: str


class SubjectTexts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of one subject, in one language."""

    title: str
    """Of its page."""
    findings_heading: str
    exercises: dict[str, ExerciseText]
    questions: dict[str, QuestionText]
    claims: dict[str, ClaimText]
    findings: dict[str, FindingText]
    transient_queues: dict[str, str]
    """What to tell where the broker does not simply permit transient queues."""
    sayings: dict[str, str] = {}
    """What scenarios say in English, titles and steps, and how this language says it.

    ``{}`` stands for whatever is there.
    """


class ProductTexts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of any subject, in one language."""

    words: Words
    checks: dict[str, CheckText]
    """What is said of each checker; its sentence quotes that checker's own figures."""
    glossary: dict[str, TermText]
    interface: dict[str, str]


class PhraseTexts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What checkers, or all others, say in English, and how one language says it."""

    patterns: dict[str, str] = {}
    """By the English pattern (``filaprova.phrase``); ``{0}`` is its first part."""


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """All texts in one language; the fields are those of the subject and of the product."""

    title: str
    findings_heading: str
    words: Words
    exercises: dict[str, ExerciseText]
    questions: dict[str, QuestionText]
    claims: dict[str, ClaimText]
    findings: dict[str, FindingText]
    checks: dict[str, CheckText]
    glossary: dict[str, TermText]
    transient_queues: dict[str, str]
    interface: dict[str, str]
    sayings: dict[str, str] = {}
    patterns: dict[str, str] = {}

    def tell(self, text: str, worded: Worded | None) -> str:
        """Return what we say of a run; as it is, where this language has no words of its own."""
        return told_in(worded, self.patterns, self.words.decimal) if worded else text

    def say(self, english: str) -> str:
        """Return what a scenario says; as it is, where this language has no words of its own."""
        if english in self.sayings:
            return self.sayings[english]
        for pattern, said in self.sayings.items():
            before, hole, after = pattern.partition("{}")
            if hole and english.startswith(before) and english.endswith(after):
                return said.replace("{}", english[len(before) : len(english) - len(after)])
        return english


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """A subject with its texts in every language."""

    contents: Contents
    texts: dict[str, Texts]


@cache
def load_catalogue(subject: str = SUBJECT, subjects: Path = SUBJECTS) -> Catalogue:
    """Read the files of a subject, and the product's texts.

    Raises ``BadInput`` for one that is missing or broken, and for a name that is none.
    """
    if not subject.isidentifier():
        raise BadInput(f"{subject!r} is no subject; it is the name of a folder in {subjects}")
    folder = subjects / subject
    return Catalogue(
        contents=_decode(folder / "catalogue.toml", Contents),
        texts={language: _texts(folder, language) for language in LANGUAGES},
    )


def _texts(folder: Path, language: str) -> Texts:
    own = _decode(folder / f"texts.{language}.toml", SubjectTexts)
    product = _decode(Path(__file__).with_name(f"product.{language}.toml"), ProductTexts)
    told = {} if language == "en" else _patterns(language, "verdicts") | _patterns(language, "acts")
    return Texts(**structs.asdict(own), **structs.asdict(product), patterns=told)


def _patterns(language: str, kind: str) -> dict[str, str]:
    path = Path(__file__).with_name(f"{kind}.{language}.toml")
    return _decode(path, PhraseTexts).patterns


def _decode(path: Path, kind: type[S]) -> S:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise BadInput(f"{path}: {error}") from error
