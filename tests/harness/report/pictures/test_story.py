"""Story: what became of each task, told from histories written by hand."""

from __future__ import annotations

from typing import Any

from filaprova.record import events
from filaprova.record.history import History
from filaprova.report.pictures.model.story import queues_of, tell

MS = 1_000_000


def states(history: History) -> dict[str, str]:
    return {task.id: task.state for task in tell(history, "tasks").tasks}


def test_lost_with_its_worker(automatic: History) -> None:
    story = tell(automatic, "tasks")
    assert states(automatic) == {
        "a": "lost",
        "b": "finished",
        "c": "lost",
        "first": "finished",
    }
    begun, _, waiting, _ = (task.stays[0] for task in story.tasks)
    assert (begun.begun_ns, begun.done_ns, begun.end) == (14 * MS, None, "lost")
    assert (waiting.begun_ns, waiting.until_ns, waiting.end) == (None, 21 * MS, "lost")
    assert story.tasks[1].stays[0].end == "done"
    assert [(strike.client, strike.signal_name) for strike in story.strikes] == [("C1", "SIGKILL")]
    assert [(worker.client, worker.until_ns) for worker in story.workers] == [
        ("C1", 21 * MS),
        ("C2", None),
    ]


def test_done_twice(manual: History) -> None:
    story = tell(manual, "tasks")
    (task,) = story.tasks
    first, second = task.stays
    assert (first.end, first.repeat, first.again) == ("returned", 0, False)
    assert (second.end, second.repeat, second.again) == ("acked", 1, True)
    assert story.done_twice == [task]
    assert task.redelivered
    assert task.notable
    assert task.state == "finished"


def test_depth_is_the_wires_own_sum(manual: History) -> None:
    ms = [(at_ns // MS, ready, unacked) for at_ns, ready, unacked in tell(manual, "tasks").depth]
    assert ms == [(10, 1, 0), (11, 0, 1), (26, 1, 0), (27, 0, 1), (39, 0, 0)]


def test_left_held_and_ready(pen: Any) -> None:
    pen.publish(1, "a", "b")
    assert states(pen.history()) == {"a": "ready", "b": "ready"}
    pen.consume(2, "C1")
    pen.deliver(3, "C1", "a")
    assert states(pen.history()) == {"a": "held", "b": "ready"}
    pen.hang_up(4, "C1")
    pen.drain(5, "a", "b")
    assert states(pen.history()) == {"a": "left", "b": "left"}


def test_lost_with_the_queue_when_the_server_stopped(pen: Any) -> None:
    pen.publish(1, "a")
    pen.add(events.BrokerStopping, 5, how="stop")
    pen.add(events.BrokerStarted, 90)
    pen.add(events.QueueCounted, 95, queue="tasks", exists=False)
    story = tell(pen.history(), "tasks")
    assert story.tasks[0].state == "lost"
    assert story.tasks[0].lost_in_queue_ns == 5 * MS
    assert [(outage.from_ns, outage.until_ns) for outage in story.outages] == [(5 * MS, 90 * MS)]
    assert story.depth[-1] == (90 * MS, 0, 0)


def test_nobody_knows_about_a_publish_on_a_broken_connection(pen: Any) -> None:
    pen.publish(1, "a")
    pen.hang_up(2, "producer")
    pen.drain(3)
    assert states(pen.history()) == {"a": "unknown"}


def test_a_worker_that_prints_only_what_it_receives(pen: Any) -> None:
    pen.consume(1, "C1")
    pen.publish(2, "a")
    pen.deliver(3, "C1", "a", no_ack=True)
    pen.begin(4, "C1", "a")
    pen.drain(9)
    story = tell(pen.history(), "tasks")
    assert story.finished_by == "received"
    assert story.tasks[0].state == "finished"
    assert story.tasks[0].stays[0].done_ns == 4 * MS


def test_standstills_belong_to_their_worker(pen: Any) -> None:
    pen.consume(1, "C1")
    pen.add(events.Frozen, 3, client="C1")
    pen.add(events.Frozen, 4, client="C1")
    pen.add(events.Continued, 8, client="C1")
    pen.publish(9, "a")
    (worker,) = tell(pen.history(), "tasks").workers
    assert worker.stills == [(3 * MS, 8 * MS)]


def test_the_busiest_queue_comes_first(pen: Any) -> None:
    pen.publish(1, "a", queue="small")
    pen.publish(2, "b", "c", queue="large")
    assert queues_of(pen.history()) == ["large", "small"]
