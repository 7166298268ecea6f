"""Sequence: one task's life as messages between programs, for teaching.

Columns are the programs in the order in which the task meets them, with the queue between producer
and workers; time goes down, not to scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from filaprova.record.event import DRAIN
from filaprova.report.pictures.model.story import Story, Task

StepKind: TypeAlias = Literal[
    "publish", "deliver", "redeliver", "begun", "done", "ack", "strike", "returned", "lost",
]  # fmt: skip
QUEUE = "\0queue"
PRODUCER = "\0producer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the diagram: from one column to another, or at one column."""

    kind: StepKind
    at_ns: int
    source: str
    target: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """The diagram of one task."""

    task: Task
    columns: Sequence[str]
    steps: Sequence[Step]


def lay_out_sequence(story: Story, task: Task) -> Diagram:
    """Return the life of one task as a diagram."""
    stays = [stay for stay in task.stays if stay.client != DRAIN and stay.until_ns >= story.from_ns]
    clients = list(dict.fromkeys(stay.client for stay in stays))
    steps = [Step(kind="publish", at_ns=task.published_ns, source=PRODUCER, target=QUEUE)]
    for stay in stays:
        client = stay.client
        kind: StepKind = "redeliver" if stay.again else "deliver"
        steps.append(Step(kind=kind, at_ns=stay.from_ns, source=QUEUE, target=client))
        if stay.begun_ns is not None:
            steps.append(Step(kind="begun", at_ns=stay.begun_ns, source=client, target=client))
        if stay.done_ns is not None and story.finished_by == "done":
            steps.append(Step(kind="done", at_ns=stay.done_ns, source=client, target=client))
        if stay.end == "acked":
            steps.append(Step(kind="ack", at_ns=stay.until_ns, source=client, target=QUEUE))
        if stay.end == "returned":
            steps.append(Step(kind="returned", at_ns=stay.until_ns, source=client, target=QUEUE))
        if stay.end == "lost":
            steps.append(Step(kind="lost", at_ns=stay.until_ns, source=client, target=client))
    for strike in story.strikes:
        held = [s for s in stays if s.client == strike.client and s.from_ns <= strike.at_ns]
        if any(stay.until_ns >= strike.at_ns for stay in held):
            steps.append(
                Step(
                    kind="strike",
                    at_ns=strike.at_ns,
                    source=strike.client,
                    target=strike.client,
                    detail=strike.signal_name,
                )
            )
    if task.lost_in_queue_ns is not None:
        steps.append(Step(kind="lost", at_ns=task.lost_in_queue_ns, source=QUEUE, target=QUEUE))
    return Diagram(
        task=task,
        columns=[PRODUCER, QUEUE, *clients],
        steps=sorted(steps, key=lambda step: step.at_ns),
    )


def telling_task(story: Story) -> Task | None:
    """Return the task whose life teaches most: lost while worked on, else done or sent again."""

    def begun_and_cut(task: Task) -> bool:
        return any(stay.begun_ns is not None and stay.done_ns is None for stay in task.stays)

    for wanted in (
        [task for task in story.of_state("lost") if begun_and_cut(task)],
        [task for task in story.tasks if task.redelivered and begun_and_cut(task)],
        story.done_twice,
        [task for task in story.tasks if task.redelivered],
        story.of_state("lost"),
    ):
        if wanted:
            return wanted[0]
    return None
