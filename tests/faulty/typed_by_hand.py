"""What Filaprova did itself is typed again, as the page tells it; see test_typed_by_hand.py."""

from __future__ import annotations

import shlex
from pathlib import Path

from filaprova.judge import checks as check
from filaprova.record.event import Event
from filaprova.record.wire import Published, QueueDeclared
from filaprova.report.text.by_hand import by_hand
from filaprova.scenario import Scenario

NUMBERED = [b"number %d" % number for number in range(12)]
PADDED = [b"{padded} %3d" % number for number in range(98, 102)]
OTHERS = [b"it's", b'"this"', b"...", "é {}".encode()]
"""The bodies: braces, quotes and blanks are what a command can stumble over."""


def deeds(events: list[Event]) -> list[tuple[object, ...]]:
    """Return what was declared and published, and how."""
    return [
        (event.routing_key, event.task, event.persistent, event.publish_tag is not None)
        if isinstance(event, Published)
        else (event.queue, event.durable, event.arguments)
        for event in events
        if isinstance(event, Published | QueueDeclared)
    ]


def test_typed_by_hand(scenario: Scenario, tmp_path: Path) -> None:
    """Whatever Filaprova's own client can do, and then the same by the page's commands."""
    scenario.declare("lasting", durable=True, arguments={"x-max-length": 100})
    scenario.declare("fleeting", durable=False)
    scenario.publish("lasting", NUMBERED, confirms=True)
    scenario.publish("lasting", PADDED, persistent=False)
    scenario.publish("fleeting", OTHERS)
    history = scenario._stage.recorder.history()
    typed: list[Event] = []
    for number, line in enumerate(line for step in by_hand(history) for line in step.lines):
        python, option, code = shlex.split(line.command)
        assert (python, option) == ("python", "-c")
        program = tmp_path / f"typed_{number}.py"
        program.write_text(code, encoding="utf-8")
        typed += scenario.run(str(program))
    assert deeds(typed) == deeds(list(history))
    assert len(deeds(typed)) == 2 + len(NUMBERED) + len(PADDED) + len(OTHERS)
    scenario.verify("control", check.fully_decoded())
