"""One row of a comparison: what each run tells of one subject, and where they tell another story.

A sentence is compared piece by piece. Times and speeds differ in any two runs, and what names the
run itself is bound to differ, so neither makes a difference of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from markupsafe import Markup

from filaprova.judge.verdict import Outcome
from filaprova.report.text.bilingual import Bilingual, escaped, in_both_languages, with_code
from filaprova.report.text.figures import Lookup, Words, by_the_clock, pieces

Kind: TypeAlias = Literal["same", "times", "figures", "outcome", "partly"]
KINDS: Sequence[Kind] = ("same", "times", "figures", "outcome", "partly")
"""How much runs differ in one row, in the order in which it is counted."""

BitKind: TypeAlias = Literal["words", "text", "figure", "time", "run"]
Bits: TypeAlias = Sequence[tuple[str, BitKind]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What one run says under a key that the other runs may have, too."""

    key: str
    pt: Bits
    en: Bits
    always: bool = True
    """It is shown even where all runs say the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How one run stands in one row."""

    outcome: Outcome | None = None
    """None: not run there, or it is a claim."""
    ruling: str | None = None
    """The key of a claim's ruling: ``confirmed``, ``undecided`` …; None: nothing of it was run."""
    seconds: float | None = None

    @property
    def ran(self) -> bool:
        """Tell whether the run has anything to say here."""
        return self.outcome is not None or self.ruling is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A sentence as it is shown: its pieces, and whether each of them differs between runs."""

    pt: Sequence[tuple[str, bool]]
    en: Sequence[tuple[str, bool]]

    def __html__(self) -> Markup:
        return in_both_languages(_marked(self.pt), _marked(self.en))

    @property
    def plain(self) -> Bilingual:
        """Return it without marks."""
        return Bilingual(
            pt="".join(text for text, _ in self.pt), en="".join(text for text, _ in self.en)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Runs that tell the same, and what they tell."""

    runs: Sequence[str]
    """Their names; empty where all runs of the row tell the same."""
    told: Sequence[Told]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One subject in all runs."""

    id: str
    """Empty for a scenario outside the lesson."""
    title: Bilingual
    variant: str = ""
    cells: Sequence[Cell]
    kind: Kind
    groups: Sequence[Group]
    varies: bool
    """Runs that are alike in everything differ here, too."""

    @property
    def unchanged(self) -> bool:
        """Tell whether all runs say the same here, but for times and speeds."""
        return self.kind in ("same", "times")


def row(
    title: Bilingual,
    runs: Sequence[tuple[str, Cell, Sequence[Sentence]]],
    alike: Sequence[Sequence[int]],
    *,
    id: str = "",
    variant: str = "",
) -> Row:
    """Compare what runs (name, status, sentences) say of one subject.

    ``alike`` are the indices of runs that are alike in broker, seed and settings.
    """
    by_key: dict[str, list[Sentence]] = {}
    for _, cell, said in runs:
        for sentence in said if cell.ran else ():
            by_key.setdefault(sentence.key, []).append(sentence)
    differing = {key: set(_differing(found)) for key, found in by_key.items()}
    stories = [_story(cell, said) for _, cell, said in runs]
    return Row(
        id=id,
        title=title,
        variant=variant,
        cells=[cell for _, cell, _ in runs],
        kind=_kind([cell for _, cell, _ in runs], stories, differing),
        groups=list(_groups(runs, by_key, differing)),
        varies=any(len({stories[index] for index in some} - {None}) > 1 for some in alike),
    )


def bits(sentence: str, lookup: Lookup, words: Words) -> Bits:
    """Return a sentence in pieces, each with its kind."""
    return [(text, _bit_kind(path)) for text, path in pieces(sentence, lookup, words)]


def free(text: Bilingual, key: str, *, always: bool = True) -> Sentence:
    """Return a text without figures of its own, such as an error's message."""
    return Sentence(key=key, pt=[(text.pt, "text")], en=[(text.en, "text")], always=always)


def _bit_kind(path: Sequence[str] | None) -> BitKind:
    if path is None:
        return "words"
    if path[0] in ("broker", "run"):
        return "run"
    return "time" if by_the_clock(path) else "figure"


def _story(cell: Cell, said: Sequence[Sentence]) -> object:
    """Return what makes a run differ from others here; None: it says nothing."""
    if not cell.ran:
        return None
    told = tuple(
        (sentence.key, *(text for text, kind in sentence.en if kind in ("figure", "text")))
        for sentence in said
    )
    return cell.outcome, cell.ruling, told


def _kind(
    cells: Sequence[Cell], stories: Sequence[object], differing: dict[str, set[BitKind]]
) -> Kind:
    if len({(cell.outcome, cell.ruling) for cell in cells if cell.ran}) > 1:
        return "outcome"
    if len(set(stories) - {None}) > 1:
        return "figures"
    if not all(cell.ran for cell in cells):
        return "partly"
    return "times" if any("time" in kinds for kinds in differing.values()) else "same"


def _differing(sentences: Sequence[Sentence]) -> Iterator[BitKind]:
    """Yield the kinds of pieces that are not the same in all of these sentences."""
    for first, *others in ([item.pt for item in sentences], [item.en for item in sentences]):
        for other in others:
            if [kind for _, kind in other] != [kind for _, kind in first]:
                yield "text"
            else:
                yield from (
                    kind for (one, kind), (two, _) in zip(first, other, strict=True) if one != two
                )


def _groups(
    runs: Sequence[tuple[str, Cell, Sequence[Sentence]]],
    by_key: dict[str, list[Sentence]],
    differing: dict[str, set[BitKind]],
) -> Iterator[Group]:
    names: dict[object, list[str]] = {}
    told: dict[object, list[Told]] = {}
    ran = [(name, cell, said) for name, cell, said in runs if cell.ran]
    for name, cell, said in ran:
        shown = [
            Told(
                pt=_compared(sentence.pt, [other.pt for other in by_key[sentence.key]]),
                en=_compared(sentence.en, [other.en for other in by_key[sentence.key]]),
            )
            for sentence in said
            if sentence.always or differing[sentence.key] & {"figure", "text"}
        ]
        story: object = (cell.outcome, cell.ruling, *(item.plain for item in shown))
        names.setdefault(story, []).append(name)
        told[story] = shown
    for same_story, shown in told.items():
        if shown:
            yield Group(runs=names[same_story] if len(told) > 1 else (), told=shown)


def _compared(mine: Bits, all_of_them: Sequence[Bits]) -> Sequence[tuple[str, bool]]:
    """Return pieces with a mark on each figure that is another one elsewhere."""
    aligned = [other for other in all_of_them if len(other) == len(mine)]
    return [
        (text, kind == "figure" and any(other[index][0] != text for other in aligned))
        for index, (text, kind) in enumerate(mine)
    ]


def _marked(parts: Sequence[tuple[str, bool]]) -> Markup:
    mark = Markup("<mark>{}</mark>")
    return with_code(
        Markup("").join(
            mark.format(escaped(text)) if differs else escaped(text) for text, differs in parts
        )
    )
