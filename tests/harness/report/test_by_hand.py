"""By hand: a record read back as what a student would type."""

from __future__ import annotations

from typing import Any

import pytest

from harness import events
from harness.events import Event
from harness.history import History
from harness.report.by_hand import LINES_LIMIT, by_hand
from harness.report.host import host_facts


def lines(*recorded: Event) -> list[tuple[str, str, str]]:
    return [
        (line.act, line.terminal, line.command)
        for step in by_hand(History(recorded))
        for line in step.lines
    ]


def started(program: str, *command: str, client: str = "C1") -> Event:
    return events.ProgramStarted(
        at_ns=1, client=client, role="worker", program=program, command=list(command), pid=7
    )


def test_a_program_is_started_as_a_student_would() -> None:
    event = started(
        "01_send.py", "/v/bin/python", "/h/launcher.py", "/h/scenarios/x/01_send.py", "a b"
    )
    assert lines(event) == [("run", "C1", "python scenarios/x/01_send.py 'a b'")]


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (["/usr/bin/node", "/home/me/worker.js", "x"], "worker.js x"),
        (["/somewhere/else"], "worker.js"),
    ],
)
def test_folders_of_this_machine_are_left_out(command: list[str], shown: str) -> None:
    assert lines(started("worker.js", *command)) == [("run", "C1", shown)]


def test_strikes_and_the_server() -> None:
    struck: dict[str, Any] = {"at_ns": 1, "client": "C2", "in_hand": None}
    told = lines(
        events.Struck(**struck, signal_name="SIGINT", received_count=0, done_count=0),
        events.Struck(**struck, signal_name="SIGKILL", received_count=0, done_count=0),
        events.BrokerStopping(at_ns=2, how="kill"),
        events.BrokerStarted(at_ns=3),
        events.QueueCounted(at_ns=4, queue="q", exists=True),
    )
    assert [(act, command) for act, _, command in told] == [
        ("interrupt", ""),
        ("signal", "kill -s KILL PID"),
        ("kill", ""),
        ("start", ""),
        ("list", "rabbitmqctl list_queues name messages_ready messages_unacknowledged"),
    ]


def test_steps_keep_their_order_and_their_titles() -> None:
    steps = by_hand(
        History(
            [
                events.StepStarted(at_ns=1, title="Start"),
                started("w.py", "w.py"),
                events.StepStarted(at_ns=2, title="Wait"),
            ]
        )
    )
    assert [(step.title, len(step.lines)) for step in steps] == [("Start", 1), ("Wait", 0)]


def test_a_long_record_does_not_make_a_long_list() -> None:
    many = [started("w.py", "w.py", client=f"C{index}") for index in range(500)]
    assert len(lines(*many)) == LINES_LIMIT


def test_the_machine_is_described_without_its_name() -> None:
    facts = host_facts()
    assert set(facts) == {"system", "processors", "memory", "python"}
    assert all(facts.values())
