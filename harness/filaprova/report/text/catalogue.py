"""The lesson as data: its exercises, questions and claims, and what is said about them.

``lesson.toml`` holds what no language changes; ``lesson.<language>.toml`` the texts. Texts with
figures are sentences in the sense of ``filaprova.report.text.figures``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import msgspec

from filaprova.errors import BadInput
from filaprova.report.text.figures import Words

LESSON_FOLDER = (Path(__file__).parents[2] / "scenarios" / "lesson").resolve()
LANGUAGES = ("pt", "en")

Language: TypeAlias = Literal["pt", "en"]
Ruling: TypeAlias = Literal["confirmed", "refuted", "made precise"]
S = TypeVar("S", bound=msgspec.Struct)


class Exercise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One exercise; ``variants``: parameters, or names of tests, that a whole run has of it."""

    id: str
    variants: list[str] = []


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question and the exercises that answer it together."""

    id: str
    answered_by: list[str]


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One claim of the lesson, and what the evidence makes of it if every support holds."""

    id: str
    ruling: Ruling
    supported_by: list[str]
    """Exercises, and claims whose own checks decide ("K5")."""
    variants: list[str] = []
    """Parameters, or names of tests, that a whole run has of its own checks."""


class Lesson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the lesson consists of, in its order."""

    exercises: list[Exercise]
    questions: list[Question]
    claims: list[Claim]
    findings: list[str]
    """What the lesson's own text and code get wrong, outside its claims."""


class ExerciseText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An exercise's name, and its result in one sentence with figures."""

    title: str
    result: str


class QuestionText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question, and its answer in a few sentences with figures."""

    question: str
    answer: str


class ClaimText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the lesson says, in our words, and why it is ruled as it is, with figures."""

    says: str
    because: str


class CheckText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a checker checks, and its figures in one sentence (may be empty)."""

    title: str
    result: str = ""


class FindingText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something the reader of the lesson should know."""

    title: str
    text: str


class Texts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All texts in one language."""

    words: Words
    exercises: dict[str, ExerciseText]
    questions: dict[str, QuestionText]
    claims: dict[str, ClaimText]
    findings: dict[str, FindingText]
    checks: dict[str, CheckText]
    """What is said of each checker; its sentence quotes that checker's own figures."""
    transient_queues: dict[str, str]
    """What to tell where the broker does not simply permit transient queues."""
    interface: dict[str, str]
    sayings: dict[str, str] = {}
    """What scenarios say in English, titles and steps, and how this language says it.

    ``{}`` stands for whatever is there.
    """

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
    """The lesson with its texts in every language."""

    lesson: Lesson
    texts: dict[str, Texts]


def load_catalogue(folder: Path = LESSON_FOLDER) -> Catalogue:
    """Read the lesson's files; raise ``BadInput`` for one that is missing or broken."""
    return Catalogue(
        lesson=_decode(folder / "lesson.toml", Lesson),
        texts={
            language: _decode(folder / f"lesson.{language}.toml", Texts) for language in LANGUAGES
        },
    )


def _decode(path: Path, kind: type[S]) -> S:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise BadInput(f"{path}: {error}") from error
