"""summary.md: a run as a comment below a pull request, or as the summary of a CI job.

What comes from a run may hold anything. In sentences it is escaped; the stories of failures stand
in blocks of code, where no host of code makes links, mentions or HTML of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from filaprova.judge.verdict import Outcome
from filaprova.report.pages.page import Page
from filaprova.report.text.bilingual import Bilingual
from filaprova.report.text.catalogue import Catalogue, load_catalogue
from filaprova.report.text.causes import troubled
from filaprova.report.text.failure import failure_story, name_of
from filaprova.report.text.repeat import repeat_command
from filaprova.runs.escape_controls import escape_controls
from filaprova.runs.results import RunResult, ScenarioResult
from filaprova.runs.store import RunFolder, write_whole

SUMMARY = "summary.md"
LENGTH_LIMIT = 60_000
"""Characters of the whole; a comment on GitHub holds 65,536."""
STORIES_LENGTH = 25_000
"""Characters of all failures together; those that find no room are counted."""
OBSTACLES = 5
"""So many of them a row of the table shows."""
STORY_LENGTH = 2_500
CELL_LENGTH = 400
_SIGNS = {Outcome.PASS: "✅", Outcome.UNKNOWN: "❔", Outcome.FAIL: "❌"}
_MARKUP = re.compile(r"([\\`*_\[\]<>|~&$!#])")
_MENTION = re.compile(r"([@!#])(?=\w)")


def write_summary(folder: RunFolder, run: RunResult, catalogue: Catalogue | None = None) -> Path:
    """Write ``summary.md`` into the run's folder and return its path.

    Raises ``BadInput`` where the lesson's texts cannot be used, ``EnvironmentMissing`` where the
    file cannot be written.
    """
    path = folder.path / SUMMARY
    write_whole(path, summary_markdown(run, catalogue or load_catalogue(run.subject)).encode())
    return path


def summary_markdown(run: RunResult, catalogue: Catalogue) -> str:
    """Return the summary in the language of the run; failures first, so that no cut takes them."""
    text = "\n\n".join(_Writer(run, catalogue).blocks()) + "\n"
    return (
        text if len(text) <= LENGTH_LIMIT else text[:LENGTH_LIMIT].rpartition("\n")[0] + "\n\n…\n"
    )


def escaped(text: str) -> str:
    """Return text, in one line, that Markdown shows as it is, also in a table."""
    quiet = _MARKUP.sub(r"\\\1", escape_controls(text.replace("\n", " ")))
    return _MENTION.sub(r"\1<!-- -->", quiet)  # or @names and #numbers would be notified


def cell(text: str) -> str:
    """Return text for a cell of a table, in which `this` is shown as code."""
    parts = re.split(r"`([^`\n]+)`", _cut(text))
    return "".join(
        "`{}`".format(escape_controls(part).replace("|", r"\|")) if index % 2 else escaped(part)
        for index, part in enumerate(parts)
    )


def block(text: str, language: str = "text") -> str:
    """Return text as a block of code that nothing in it can end."""
    fence = "`" * max(3, *(len(ticks) + 1 for ticks in re.findall("`+", text)), 3)
    return f"{fence}{language}\n{escape_controls(text, keep=chr(10))}\n{fence}"


class _Writer:
    def __init__(self, run: RunResult, catalogue: Catalogue) -> None:
        self._run = run
        self._page = Page(run, catalogue)
        self._texts = catalogue.texts[run.language]

    def blocks(self) -> Iterator[str]:
        yield f"## Filaprova: {self._outcome(self._run.outcome)}"
        yield escaped(self._choose(self._page.overall))
        yield escaped(self._choose(self._page.brief))
        for note in self._page.notes:
            yield f"> {self._interface('note')}: {escaped(self._choose(note))}"
        yield from self._failures()
        yield from self._skipped()
        yield self._exercises()
        yield from self._claims()
        yield f"{self._interface('repeat_all')}:"
        yield block(self._page.command, "sh")

    def _failures(self) -> Iterator[str]:
        bad = troubled(self._run)
        if not bad:
            return
        yield f"### {self._interface('problems')}"
        told = [self._failure(scenario) for scenario in bad]
        room = [length <= STORIES_LENGTH for length in accumulate(map(len, told))]
        yield from (text for text, fits in zip(told, room, strict=True) if fits)
        if not all(room):
            yield escaped(self._choose(self._page.interface("summary_more", room.count(False))))

    def _failure(self, scenario: ScenarioResult) -> str:
        subjects = f"{', '.join(scenario.subjects)} · " if scenario.subjects else ""
        title = escaped(_cut(subjects + name_of(scenario, self._texts)))
        story = failure_story(scenario, None, self._texts)
        if len(story) > STORY_LENGTH:
            story = f"{story[:STORY_LENGTH].rpartition(chr(10))[0] or story[:STORY_LENGTH]}\n…"
        if scenario.folder:
            label = self._texts.interface["story_evidence"]
            story += f"\n{label} {self._run.run}/{scenario.folder}"
        return "\n\n".join(
            (
                f"#### {self._outcome(scenario.outcome)}: {title}",
                block(story),
                self._interface("repeat"),
                block(repeat_command(self._run, scenario.id), "sh"),
            )
        )

    def _skipped(self) -> Iterator[str]:
        if self._page.skipped:
            yield f"### {self._interface('skipped')}"
            yield "\n".join(
                f"- {cell(f'{name_of(item, self._texts)}: {self._choose(reason)}')}"
                for item, reason in self._page.skipped
            )

    def _exercises(self) -> str:
        headings = [self._interface(key) for key in ("exercise", "outcome", "result", "seconds")]
        rows = []
        for view in self._page.exercises:
            if view.status.outcome is not None:
                told = [view.result] if view.result else view.obstacles
                lines = [cell(self._choose(text)) for text in told[:OBSTACLES]]
                if len(told) > OBSTACLES:
                    more = self._page.interface("summary_more", len(told) - OBSTACLES)
                    lines.append(cell(self._choose(more)))
                rows.append(
                    [
                        f"{view.id} {cell(self._choose(view.title))}",
                        self._outcome(view.status.outcome),
                        "<br>".join(lines),
                        self._choose(self._page.seconds(view.status.seconds)),
                    ]
                )
        for other in self._page.others:
            rows.append(
                [
                    cell(name_of(other.scenario, self._texts)),
                    self._outcome(other.scenario.outcome),
                    cell(self._choose(self._page.learnt(other.scenario))),
                    self._choose(self._page.seconds(other.scenario.seconds)),
                ]
            )
        return _table(headings, rows, "|---|---|---|--:|")

    def _claims(self) -> Iterator[str]:
        rows = []
        for view in self._page.claims:
            if any(support.scenarios for support in view.supports):
                ruling = f"ruling_{view.ruling.replace(' ', '_')}" if view.ruling else "undecided"
                rows.append([f"{view.id} {cell(self._choose(view.says))}", self._interface(ruling)])
        if rows:
            yield _table([self._interface("claims"), self._interface("verdict")], rows, "|---|---|")

    def _outcome(self, outcome: Outcome) -> str:
        return f"{_SIGNS[outcome]} {self._interface(f'outcome_{outcome.value}')}"

    def _interface(self, key: str) -> str:
        return escaped(self._choose(self._page.interface(key)))

    def _choose(self, text: Bilingual) -> str:
        return text.pt if self._run.language == "pt" else text.en


def _cut(text: str) -> str:
    return text if len(text) <= CELL_LENGTH else f"{text[:CELL_LENGTH]}…"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], ruler: str) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (headings, *rows)]
    return "\n".join([lines[0], ruler, *lines[1:]])
