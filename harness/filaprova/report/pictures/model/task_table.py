"""Lives: each task's life in words, which is also the text alternative of the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from filaprova.record.event import DRAIN
from filaprova.report.pictures.layout.timeline import DETAIL_LIMIT
from filaprova.report.pictures.model.story import Story, Task
from filaprova.report.pictures.words import PictureWords
from filaprova.report.text.bilingual import Bilingual, decimal, joined, same

LISTED_LIMIT = DETAIL_LIMIT
"""So many tasks are listed all, so that each bar has its life; of more, only those to which
something happened. Of more of those only their identities are told, by what became of them."""
NOTABLE_LIMIT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One task of the table."""

    number: int
    id: str
    state: Bilingual
    life: Bilingual
    notable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTable:
    """The tasks that are listed."""

    title: Bilingual
    rows: Sequence[TaskRow]
    groups: Sequence[tuple[Bilingual, Sequence[str]]]
    """Too many for a row each: what became of them, and their identities."""
    more: Bilingual | None
    """How many are not listed although something happened to them."""


def moment(at_ns: int) -> Bilingual:
    """Return a moment in seconds as each language writes it."""
    return decimal(f"{at_ns / 1e9:+.3f}")


def task_table(story: Story, words: PictureWords) -> TaskTable | None:
    """Return the table of a story's tasks; None where there is nothing to list."""
    everything = len(story.tasks) <= LISTED_LIMIT
    listed = story.tasks if everything else [task for task in story.tasks if task.notable]
    if not listed:
        return None
    shown = listed[:NOTABLE_LIMIT]
    title = words.all_tasks if everything else words.notable_tasks
    hidden = len(listed) - len(shown)
    return TaskTable(
        title=title.filled(len(listed)),
        rows=[_row(task, words) for task in shown] if len(shown) <= LISTED_LIMIT else [],
        groups=_groups(shown, words) if len(shown) > LISTED_LIMIT else [],
        more=words.more_tasks.filled(hidden) if hidden else None,
    )


def _row(task: Task, words: PictureWords) -> TaskRow:
    return TaskRow(
        number=task.number,
        id=task.id,
        state=state_of(task, words),
        life=life_of(task, words),
        notable=task.notable,
    )


def _groups(tasks: Sequence[Task], words: PictureWords) -> list[tuple[Bilingual, list[str]]]:
    groups: dict[Bilingual, list[str]] = {}
    for task in tasks:
        groups.setdefault(state_of(task, words), []).append(task.id)
    return list(groups.items())


def state_of(task: Task, words: PictureWords) -> Bilingual:
    """Return what became of a task."""
    if task.done_count > 1:
        return words.states["repeated"].filled(task.done_count)
    return words.states[task.state]


def life_of(task: Task, words: PictureWords) -> Bilingual:
    """Return everything that happened to a task, in order of time."""
    steps: list[tuple[int, Bilingual]] = [(task.published_ns, words.steps["published"])]
    for stay in task.stays:
        who = same(stay.client)
        if stay.client == DRAIN:
            steps.append((stay.from_ns, words.steps["taken"]))
            continue
        arrival = words.steps["again" if stay.again else "delivered"]
        steps.append((stay.from_ns, arrival.filled(who)))
        if stay.begun_ns is not None and stay.begun_ns != stay.done_ns:
            steps.append((stay.begun_ns, words.steps["begun"].filled(who)))
        if stay.done_ns is not None:
            steps.append((stay.done_ns, words.steps["done"].filled(who)))
        if stay.end in ("acked", "returned", "lost"):
            steps.append((stay.until_ns, words.steps[stay.end].filled(who)))
    if task.lost_in_queue_ns is not None:
        steps.append((task.lost_in_queue_ns, words.steps["lost_in_queue"]))
    told = [joined([moment(at_ns), step], " ") for at_ns, step in sorted(steps, key=lambda s: s[0])]
    return joined(told, " → ")
