"""Figures of a run by name, and the sentences that quote them.

A sentence is a Python format string: ``"{L05[kill][lost]} of {L05[kill][pushed]} were lost"``.
``[subject][variant][name]`` reads a figure of a check with that subject in the scenario with that
variant; without a variant it is ``[subject][name]``. ``{broker[version]}`` and ``{run[seed]}``
read what was run. Where a subject has several scenarios without a variant, the name of a test
stands for it: ``{L17[delete_an_empty_queue][existed]}``. Further brackets go into lists and tables:
``{L02[3][shares][C1]}``.

Where several checks of a subject give different figures of one name, the name alone is ambiguous;
then ``[check.name]``, ``[checkpoint.name]`` or ``[checkpoint.check.name]`` tells which is meant.

After a colon: ``task|tasks`` puts the noun that fits the number behind it (the length of a list),
``/`` (or ``, `` and so on) joins values with it, ``count`` is the length of a list, ``sum``
``min`` ``max`` do what they say, anything else is a Python format specification for a number.
Names that end in ``_s``, ``_ms`` or ``_bytes`` are shown with their unit.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NoReturn, TypeAlias

import msgspec

from filaprova.judge.verdict import Figure
from filaprova.runs.results import CheckResult, RunResult, ScenarioResult

Reason: TypeAlias = Literal[
    "not_run", "variant_not_run", "skipped", "interrupted", "no_figure", "ambiguous"
]

LIST_LIMIT = 12
"""Longer lists are cut in sentences; the evidence has them whole."""

_FIELD = re.compile(r"(?P<first>[\w.]+)(?P<rest>(\[[^\[\]]+\])*)")
_UNITS = {"_s": "s", "_ms": "ms", "_bytes": "bytes"}
_JOINERS = re.compile(r"\W{1,3}")
_SUMMARIES: dict[str, Callable[[Sequence[float]], float]] = {"sum": sum, "min": min, "max": max}


class MissingFigure(LookupError):
    """This run has no such figure; ``detail`` says more about the reason (a skip's reason …)."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason
        self.detail = detail


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """How one language writes figures."""

    decimal: str
    thousands: str
    yes: str
    no: str
    nothing: str
    """Stands for an empty list or text."""
    and_more: str
    """Ends a list that was cut: "and {} more"."""
    unmeasured: str
    """Stands where a figure is missing: "not measured in this run ({})"."""
    reasons: dict[Reason, str]
    """One phrase for each reason; ``{}`` is the detail."""


Lookup: TypeAlias = Callable[[Sequence[str]], Figure]


class Figures:
    """All figures of a run, by subject, variant and name."""

    def __init__(self, run: RunResult) -> None:
        self._told = {
            "broker": dict(run.broker),
            "run": {"seed": str(run.seed), "run": run.run, "started_at": run.started_at},
        }
        self._tables: dict[tuple[str, str], dict[str, list[Figure]]] = {}
        self._scenarios: dict[str, list[ScenarioResult]] = {}
        for scenario in run.scenarios:
            for subject in dict.fromkeys((*scenario.subjects, *judged_subjects(scenario))):
                self._scenarios.setdefault(subject, []).append(scenario)
            for result in scenario.checks:
                for variant in {scenario.variant, variant_of(scenario)}:
                    self._keep(self._tables.setdefault((result.subject, variant), {}), result)

    def lookup(self, path: Sequence[str]) -> Figure:
        """Return the figure at a path such as ``("L05", "kill", "lost")``; or ``MissingFigure``."""
        subject, *rest = path
        if subject in self._told and len(rest) == 1:
            return self._told[subject].get(rest[0]) or _missing("no_figure", ".".join(path))
        if subject not in self._scenarios:
            raise MissingFigure("not_run", subject)
        variant = rest[0] if rest and (subject, rest[0]) in self._tables else ""
        names = rest[1:] if variant else rest
        table = self._tables.get((subject, variant), {})
        if not names or names[0] not in table:
            raise self._why(subject, rest)
        found = table[names[0]]
        if len(found) > 1:
            raise MissingFigure("ambiguous", ".".join(path))
        return descend(found[0], names[1:], ".".join(path))

    def _keep(self, table: dict[str, list[Figure]], result: CheckResult) -> None:
        check = result.verdict.check
        for name, figure in result.verdict.figures.items():
            for alias in (
                name,
                f"{check}.{name}",
                f"{result.checkpoint}.{name}",
                f"{result.checkpoint}.{check}.{name}",
            ):
                known = table.setdefault(alias, [])
                if figure not in known:
                    known.append(figure)

    def _why(self, subject: str, rest: Sequence[str]) -> MissingFigure:
        """Return the best explanation for a figure that is not there."""
        scenarios = self._scenarios[subject]
        variants = {variant_of(scenario) for scenario in scenarios}
        if rest and rest[0] in variants:
            scenarios = [item for item in scenarios if variant_of(item) == rest[0]]
        elif len(rest) > 1:
            return MissingFigure("variant_not_run", f"{subject}[{rest[0]}]")
        for scenario in scenarios:
            if scenario.skipped:
                return MissingFigure("skipped", scenario.skipped)
            if scenario.problem:
                return MissingFigure("interrupted", scenario.problem.family)
        return MissingFigure("no_figure", ".".join((subject, *rest)))


def judged_subjects(scenario: ScenarioResult) -> list[str]:
    """Return the subjects that checks of a scenario speak for, in order, each once."""
    return list(dict.fromkeys(result.subject for result in scenario.checks))


def variant_of(scenario: ScenarioResult) -> str:
    """Return what tells a scenario from others of its subject: its variant, or its test's name."""
    return scenario.variant or scenario.id.rpartition("::")[2].removeprefix("test_")


def descend(figure: Figure, keys: Sequence[str], where: str = "") -> Figure:
    """Return the part of a figure that the keys lead to; ``MissingFigure`` if there is none."""
    for key in keys:
        try:
            if isinstance(figure, dict):
                figure = figure[key]
            elif isinstance(figure, list):
                figure = figure[int(key)]
            else:
                _missing("no_figure", where)
        except (KeyError, IndexError, ValueError):
            _missing("no_figure", where)
    return figure


def placeholders(sentence: str) -> Iterator[tuple[list[str], str]]:
    """Yield path and specification of each placeholder; ``ValueError`` for what is none."""
    for _, field, specification, conversion in string.Formatter().parse(sentence):
        if field is None:
            continue
        matched = _FIELD.fullmatch(field)
        if matched is None or conversion:
            raise ValueError(f"not a figure's name: {{{field}}} in {sentence!r}")
        rest = matched["rest"]
        yield [matched["first"], *re.findall(r"\[([^\[\]]+)\]", rest)], specification or ""


def pieces(sentence: str, lookup: Lookup, words: Words) -> Iterator[tuple[str, list[str] | None]]:
    """Yield a sentence piece by piece: its own words (None), and each figure with its path."""
    paths = placeholders(sentence)
    for literal, field, _, _ in string.Formatter().parse(sentence):
        if literal:
            yield literal, None
        if field is not None:
            path, specification = next(paths)
            yield _show(path, specification, lookup, words), path


def render(sentence: str, lookup: Lookup, words: Words) -> str:
    """Return the sentence with its figures; what is missing is named in its place."""
    return "".join(text for text, _ in pieces(sentence, lookup, words))


def by_the_clock(path: Sequence[str]) -> bool:
    """Tell whether a figure is a time or a speed: no two runs have the same."""
    return _unit(path) in ("s", "ms")


def missing(sentence: str, lookup: Lookup) -> list[tuple[str, MissingFigure]]:
    """Return each placeholder that has no figure, with the reason."""
    found = []
    for path, _ in placeholders(sentence):
        try:
            if lookup(path) is None:
                _missing("no_figure", ".".join(path))
        except MissingFigure as error:
            found.append((".".join(path), error))
    return found


def written(figure: Figure, specification: str, words: Words, *, unit: str = "") -> str:
    """Return one figure as a language writes it."""
    if isinstance(figure, list | dict):
        return _written_all(figure, specification, words, unit)
    if isinstance(figure, bool):
        return words.yes if figure else words.no
    if isinstance(figure, str) or figure is None:
        return figure or words.nothing
    if "|" in specification:
        singular, _, plural = specification.partition("|")
        return f"{_number(figure, '', words)} {singular if figure == 1 else plural}"
    number = _number(figure, specification if not _joins(specification) else "", words)
    return f"{number} {unit}" if unit else number


def _show(path: Sequence[str], specification: str, lookup: Lookup, words: Words) -> str:
    try:
        figure = lookup(path)
        if figure is None:
            _missing("no_figure", ".".join(path))
    except MissingFigure as error:
        return words.unmeasured.format(words.reasons[error.reason].format(error.detail))
    return written(figure, specification, words, unit=_unit(path))


def _written_all(
    figure: list[Figure] | dict[str, Figure], specification: str, words: Words, unit: str
) -> str:
    values = list(figure.values()) if isinstance(figure, dict) else figure
    if specification == "count" or "|" in specification:
        return written(len(values), specification.replace("count", ""), words)
    if specification in _SUMMARIES:
        numbers = [value for value in values if isinstance(value, int | float)]
        return written(_SUMMARIES[specification](numbers or [0]), "", words, unit=unit)
    if not values:
        return words.nothing
    joiner = specification if _joins(specification) else ", "
    texts = [written(value, "", words) for value in values[:LIST_LIMIT]]
    if isinstance(figure, dict) and not _joins(specification):
        texts = [f"{key} {text}" for key, text in zip(figure, texts, strict=False)]
    joined = joiner.join(texts)
    if len(values) > LIST_LIMIT:
        joined += f" {words.and_more.format(len(values) - LIST_LIMIT)}"
    return f"{joined} {unit}" if unit else joined


def _number(figure: float, specification: str, words: Words) -> str:
    if not specification:
        specification = ",d" if isinstance(figure, int) else ",.2f"
    text = format(figure, specification)
    swapped = {",": words.thousands, ".": words.decimal}
    return "".join(swapped.get(character, character) for character in text)


def _unit(path: Sequence[str]) -> str:
    for key in reversed(path):
        for suffix, unit in _UNITS.items():
            if key.endswith(suffix):
                return unit
    return ""


def _joins(specification: str) -> bool:
    return bool(_JOINERS.fullmatch(specification)) and specification != "%"


def _missing(reason: Reason, detail: str) -> NoReturn:
    raise MissingFigure(reason, detail)
