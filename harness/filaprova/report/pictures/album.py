"""Album: the pictures of one page, each history loaded once, none of them needed for the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from markupsafe import Markup

from filaprova.errors import BadInput
from filaprova.record.act import Checkpoint
from filaprova.record.history import History
from filaprova.report.pictures.draw.charts import draw_depth, draw_distribution
from filaprova.report.pictures.draw.glance import draw_glance
from filaprova.report.pictures.draw.sequence import draw_sequence
from filaprova.report.pictures.draw.timeline import draw_timeline
from filaprova.report.pictures.layout.closeup import CloseUp, close_up
from filaprova.report.pictures.layout.timeline import lay_out
from filaprova.report.pictures.model.depth import lay_out_depth
from filaprova.report.pictures.model.distribution import Share, shares, whoever_is_free
from filaprova.report.pictures.model.fates import fates
from filaprova.report.pictures.model.sequence import lay_out_sequence, telling_task
from filaprova.report.pictures.model.story import Story, queues_of, tell
from filaprova.report.pictures.model.task_table import TaskTable, task_table
from filaprova.report.pictures.words import PictureWords
from filaprova.report.text.bilingual import Bilingual, counted, decimal, joined, same
from filaprova.report.text.catalogue import PictureKind
from filaprova.runs.results import ScenarioResult
from filaprova.runs.store import HISTORY

QUEUES_LIMIT = 3
"""A scenario with more queues shows the busiest of them."""

LEGEND_ORDER = (
    "waiting", "work", "kept", "repeat", "cut", "again", "returned", "lost", "strike", "outage",
    "still", "columns", "quiet",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture with its words: a caption, and in sentences what it shows."""

    id: str
    kind: PictureKind
    title: Bilingual
    text: Bilingual
    svg: Markup
    glance: Markup
    """The same story in a few bars, for a glance."""
    legend: Sequence[tuple[str, Bilingual]] = ()
    follow: bool = False
    """Its tasks can be followed."""
    close_up: CloseUp | None = None
    """What the page draws single tasks from, where they are too many to be shown at once."""
    table: TaskTable | None = None
    lives_at: tuple[str, Bilingual] | None = None
    """Id of the picture whose table tells the lives of these tasks, and the table's title."""


class Album:
    """Draw pictures of the scenarios of a run; where a history is missing there are none."""

    def __init__(self, folder: Path | None, words: PictureWords) -> None:
        self._folder = folder
        self._words = words
        self._loaded: tuple[str, History | None] = ("", None)
        self._count = 0
        self._lives_at: dict[tuple[str, str], tuple[str, Bilingual]] = {}
        """Which picture has the table of the tasks of a scenario's queue."""

    def of_scenario(self, scenario: ScenarioResult) -> list[Picture]:
        """Return a timeline of each queue of a scenario, of the first few where there are many."""
        history = self.history(scenario)
        pictures: list[Picture] = []
        if history is None:
            return pictures
        queues = queues_of(history)
        for queue in queues[:QUEUES_LIMIT]:
            story = tell(history, queue)
            name = queue if len(queues) > 1 else ""
            pictures += self._draw(story, ("timeline",), scenario, name)
        return pictures

    def of_subject(
        self, scenario: ScenarioResult, subject: str, kinds: Sequence[PictureKind]
    ) -> list[Picture]:
        """Return pictures of the part of a scenario that speaks for one exercise."""
        history = self.history(scenario)
        if history is None:
            return []
        queues = queues_of(history)
        if not queues:
            return []
        from_ns, part = _part(history, scenario, subject)
        queue = _queue_of(scenario, subject, queues)
        name = f"{subject} [{scenario.variant}]" if scenario.variant else subject
        return self._draw(tell(part, queue, from_ns=from_ns), kinds, scenario, name)

    def _draw(
        self, story: Story, kinds: Sequence[PictureKind], scenario: ScenarioResult, name: str
    ) -> list[Picture]:
        drawn = [self._one(kind, story, scenario, name) for kind in kinds]
        return [picture for picture in drawn if picture is not None]

    def _one(
        self, kind: PictureKind, story: Story, scenario: ScenarioResult, name: str
    ) -> Picture | None:
        words = self._words
        if not story.tasks:
            return None
        identity = f"picture-{self._count + 1}"
        label = {"role": "img", "aria_labelledby": f"{identity}-title {identity}-text"}
        timeline = lay_out(story)
        table: TaskTable | None = None
        lives_at: tuple[str, Bilingual] | None = None
        legend: Sequence[tuple[str, Bilingual]] = ()
        if kind == "timeline":
            title, told = words.timeline, _in_a_sentence(story, words)
            label |= {"role": "group", "tabindex": "0"} if timeline.detailed else {}
            svg = draw_timeline(timeline, words, **label)
            legend = [(key, words.bars[key]) for key in LEGEND_ORDER if key in timeline.kinds]
            place = (scenario.folder, story.queue)
            lives_at = self._lives_at.get(place)
            if lives_at is None:
                table = task_table(story, words)
            if table is not None:
                self._lives_at[place] = identity, table.title
        elif kind == "depth":
            title = words.depth
            peak = words.peak.filled(
                max((ready for _, ready, _ in story.depth), default=0),
                max((unacked for _, _, unacked in story.depth), default=0),
            )
            told = joined([words.ready, words.unacked, words.counted, peak], " ")
            svg = draw_depth(lay_out_depth(story, timeline.clock), **label)
        elif kind == "distribution":
            found = shares(story, scenario.checks)
            if not found:
                return None
            title = words.distribution
            told = joined([_share(share, words) for share in found], "; ")
            if whoever_is_free(story):
                told = joined([told, words.whoever_is_free], ". ")
            svg = draw_distribution(found, words, **label)
        else:
            task = telling_task(story)
            if task is None:
                return None
            title, told = words.sequence.filled(task.number), same(task.id)
            svg = draw_sequence(lay_out_sequence(story, task), words, **label)
        self._count += 1
        return Picture(
            id=identity,
            kind=kind,
            title=joined([title, same(name)], " · ") if name else title,
            text=told,
            svg=svg,
            glance=draw_glance(fates(story), words),
            legend=legend,
            follow=kind == "timeline" and timeline.detailed,
            close_up=close_up(timeline) if kind == "timeline" else None,
            table=table,
            lives_at=lives_at,
        )

    def with_numbers(self, scenario: ScenarioResult, text: Bilingual) -> Bilingual:
        """Return a text of a verdict in which tasks are called by their numbers in the pictures."""
        history = self.history(scenario)
        queues = queues_of(history) if history is not None else []
        if history is None or not queues:
            return text
        for task in tell(history, queues[0]).tasks:
            called = self._words.task.filled(task.number)
            text = text.with_word(repr(task.id), called)
        return text

    def history(self, scenario: ScenarioResult) -> History | None:
        """Return the record of a scenario, or None where there is none that can be read."""
        path = PurePosixPath(scenario.folder)
        if self._folder is None or not scenario.folder or path.is_absolute() or ".." in path.parts:
            return None
        if self._loaded[0] != scenario.folder:
            try:
                history = History.load(self._folder / path / HISTORY)
            except (BadInput, ValueError):
                history = None
            self._loaded = (scenario.folder, history)
        return self._loaded[1]


def _part(history: History, scenario: ScenarioResult, subject: str) -> tuple[int, History]:
    """Return where the part of one exercise begins, and the history up to its end.

    It ends at the first checkpoint that is judged for the exercise and begins at the last one
    before that was judged for another exercise.
    """
    judged = {item.checkpoint: item.subject for item in scenario.checks}
    from_ns = 0
    for event in history.of(Checkpoint):
        owners = {item.subject for item in scenario.checks if item.checkpoint == event.name}
        if subject in owners:
            return from_ns, history.until(event.name)
        if judged.get(event.name, "control") != "control":
            from_ns = event.at_ns
    return 0, history


def _queue_of(scenario: ScenarioResult, subject: str, queues: Sequence[str]) -> str:
    """Return the queue that the checks of an exercise are about."""
    asked: Iterable[str] = (
        str(item.check.arguments.get("queue"))
        for item in scenario.checks
        if item.subject == subject
    )
    return next((queue for queue in asked if queue in queues), queues[0])


def _share(share: Share, words: PictureWords) -> Bilingual:
    told = same(f"{share.client}: {share.tasks}")
    if share.expected is not None:
        told = joined([told, joined([words.expected, same(str(share.expected))], " ")], ", ")
    if share.work_s:
        told = joined([told, decimal(f"{share.work_s:.2f} s")], ", ")
    return told


def _in_a_sentence(story: Story, words: PictureWords) -> Bilingual:
    counts = (
        len(story.tasks),
        len(story.workers),
        len(story.of_state("finished")),
        len(story.of_state("lost")),
        len(story.done_twice),
    )
    return words.timeline_text.filled(*map(counted, counts))
