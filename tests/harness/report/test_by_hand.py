"""By hand: a record read back as what a student would type."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from filaprova.record import events
from filaprova.record.event import DRAIN, Event
from filaprova.record.history import History
from filaprova.report.text.by_hand import LINES_LIMIT, by_hand
from filaprova.runs.host import host_facts


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


# ------------------------------------------------------------------ what the harness did itself

OURS: dict[str, Any] = {"at_ns": 1, "client": "publisher", "connection": 1, "channel": 1}
PYTHON = "import pika; c = pika.BlockingConnection().channel(); {}; c.connection.close()"


def opened(**whose: Any) -> Event:
    where = {name: value for name, value in (OURS | whose).items() if name != "channel"}
    return events.ConnectionOpened(**where, vhost="/", heartbeat_s=0, frame_max_bytes=131072)


def published(*tasks: str, **how: Any) -> list[Event]:
    options = {"persistent": True, "routing_key": "q"} | OURS | how
    return [
        opened(connection=options["connection"], client=options["client"]),
        *(
            events.Published(**options, task=task, exchange="", mandatory=False, body_bytes=1)
            for task in tasks
        ),
    ]


def declared(**how: Any) -> Event:
    options: dict[str, Any] = {"durable": False, "passive": False, "queue": "q"} | OURS | how
    none: dict[str, Any] = {"exclusive": False, "auto_delete": False, "ready_count": 0}
    return events.QueueDeclared(**options, **none, consumer_count=0)


def code_of(*recorded: Event) -> list[str]:
    """Return the code of the commands for what was recorded."""
    typed = [shlex.split(command) for _, _, command in lines(*recorded)]
    assert all(words[:2] == ["python", "-c"] for words in typed)
    return [words[2] for words in typed]


@pytest.mark.parametrize(
    ("tasks", "bodies"),
    [
        (["task 0", "task 1", "task 2"], 'map("task {}".format, range(3))'),
        (["task 9", "task 10"], 'map("task {}".format, range(9, 11))'),
        (["task   9", "task  10"], 'map("task{:4}".format, range(9, 11))'),
        (["{}1", "{}2"], 'map("{{}}{}".format, range(1, 3))'),
        (["task 1"], '["task 1"]'),
        (["task 1", "task 3"], '["task 1", "task 3"]'),
        (["é", '"'], '["é", "\\""]'),
        (["x" * 999, "y"], 'map("task {}".format, range(2))'),
        (["9" * 5000, "y"], 'map("task {}".format, range(2))'),
        (["1234567890", "1234567891"], '["1234567890", "1234567891"]'),
    ],
)
def test_what_we_publish_is_one_command(tasks: list[str], bodies: str) -> None:
    publish = 'c.basic_publish("", "q", body, pika.BasicProperties(delivery_mode=2))'
    expected = PYTHON.replace("{}", f"[{publish} for body in {bodies}]")
    assert code_of(*published(*tasks)) == [expected]


def test_how_we_publish_is_told() -> None:
    [transient] = code_of(*published("t", persistent=False))
    [confirmed] = code_of(*published("t", publish_tag=1))
    assert "delivery_mode=1" in transient
    assert "confirm_delivery" not in transient
    assert "; c.confirm_delivery(); [c.basic_publish(" in confirmed


def test_each_publish_is_a_command_of_its_own() -> None:
    one, other = published("a"), published("b", connection=2)
    assert [act for act, _, _ in lines(*one, *other)] == ["publish", "publish"]


def test_what_we_declare_is_a_command() -> None:
    assert code_of(opened(), declared()) == [PYTHON.replace("{}", 'c.queue_declare("q")')]
    [command] = code_of(opened(), declared(durable=True, arguments={"x-max-length": 3}))
    assert """c.queue_declare("q", durable=True, arguments={'x-max-length': 3})""" in command


def test_what_we_were_refused_to_declare_is_a_command() -> None:
    text = (
        "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost 'v': "
        "received '{}' but current is '{}'"
    )
    told = [text.format("true", "false"), text.format("false", "true"), "another reason"]
    refused = [events.ChannelClosed(**OURS, by="broker", code=406, text=each) for each in told]
    assert ["durable=True" in code for code in code_of(opened(), *refused)] == [True, False]


def test_what_programs_and_the_drain_do_is_no_command_of_ours() -> None:
    program = {"client": "C1"}
    drain = {"client": DRAIN, "connection": 2}
    told = lines(
        started("w.py", "w.py"),
        opened(**program),
        declared(**program),
        *published("t", **program),
        opened(**drain),
        declared(**drain),
        opened(client="declarer", connection=3),
        declared(client="declarer", connection=3, passive=True),
        events.Drained(at_ns=5, queue="q", task_count=1, complete=True),
    )
    assert [act for act, _, _ in told] == ["run", "list"]


# ------------------------------------------------------------------ the steps


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
