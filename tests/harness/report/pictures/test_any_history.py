"""Whatever a record lacks or has out of order, its pictures can be drawn."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from filaprova.judge.balance import balance
from filaprova.judge.replay import ledger
from filaprova.record import events
from filaprova.record.history import History
from filaprova.report.pictures.draw.charts import draw_depth, draw_distribution
from filaprova.report.pictures.draw.sequence import draw_sequence
from filaprova.report.pictures.draw.timeline import draw_timeline
from filaprova.report.pictures.layout.closeup import close_up
from filaprova.report.pictures.layout.timeline import LEFT, RIGHT, lay_out
from filaprova.report.pictures.model.depth import lay_out_depth
from filaprova.report.pictures.model.distribution import shares
from filaprova.report.pictures.model.sequence import lay_out_sequence
from filaprova.report.pictures.model.story import tell
from filaprova.report.pictures.model.task_table import task_table
from filaprova.report.pictures.picture_words import picture_words
from tests.harness.report.pictures.conftest import Plain
from tests.harness.report.pictures.pen import Pen

WORDS = picture_words(Plain())
CLIENTS = ("C1", "C2")
TASKS = ("a", "b", "c")

acts = st.tuples(
    st.sampled_from(
        ["publish", "consume", "deliver", "ack", "begin", "finish", "strike", "hang_up", "drain",
         "freeze", "go on", "stop", "start", "count", "delete"]
    ),
    st.sampled_from(CLIENTS),
    st.sampled_from(TASKS),
    st.booleans(),
    st.integers(0, 50),
)  # fmt: skip


def write(pen: Pen, act: str, ms: int, client: str, task: str, flag: bool) -> None:
    write_one: dict[str, Any] = {
        "publish": lambda: pen.publish(ms, task),
        "consume": lambda: pen.consume(ms, client),
        "deliver": lambda: pen.deliver(ms, client, task, no_ack=flag, again=not flag),
        "ack": lambda: pen.ack(ms, client, 1 + flag),
        "begin": lambda: pen.begin(ms, client, task),
        "finish": lambda: pen.finish(ms, client, task),
        "strike": lambda: pen.strike(ms, client),
        "hang_up": lambda: pen.hang_up(ms, client if flag else "producer"),
        "drain": lambda: pen.drain(ms, *([task] if flag else [])),
        "freeze": lambda: pen.add(events.Frozen, ms, client=client),
        "go on": lambda: pen.add(events.Continued, ms, client=client),
        "stop": lambda: pen.add(events.BrokerStopping, ms, how="stop" if flag else "kill"),
        "start": lambda: pen.add(events.BrokerStarted, ms),
        "count": lambda: pen.add(events.QueueCounted, ms, queue="tasks", exists=flag),
        "delete": lambda: pen.add(
            events.QueueDeleted, ms, **pen.wire(client), channel=1, queue="tasks", message_count=1
        ),
    }
    write_one[act]()


@settings(max_examples=300, deadline=None)
@given(st.lists(acts, max_size=40), st.integers(0, 100))
def test_it_can_be_drawn(acted: list[tuple[str, str, str, bool, int]], since_ms: int) -> None:
    pen = Pen()
    ms = 0
    for act, client, task, flag, pause in acted:
        ms += pause
        write(pen, act, ms, client, task, flag)
    history = History(pen.events)
    story = tell(history, "tasks", from_ns=since_ms * 1_000_000)
    timeline = lay_out(story)
    for lane in timeline.lanes:
        assert all(LEFT <= bar.x <= RIGHT for bar in lane.bars)
        assert all(LEFT <= mark.x <= RIGHT for mark in lane.marks)
    draw_timeline(timeline, WORDS)
    draw_depth(lay_out_depth(story, timeline.clock))
    draw_distribution(shares(story), WORDS)
    task_table(story, WORDS)
    timeline.detailed = False
    close_up(timeline)
    for one in story.tasks:
        draw_sequence(lay_out_sequence(story, one), WORDS)
    book = ledger(history, "tasks")
    places = balance(history, book, story.finished_by)
    assert {one.id for one in story.of_state("finished")} <= set(places.completed)
    assert set(places.lost) <= {one.id for one in story.of_state("lost")} | set(book.refused)
    assert all(ready >= 0 and unacked >= 0 for _, ready, unacked in story.depth)
