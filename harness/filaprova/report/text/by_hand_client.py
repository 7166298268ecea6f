"""What the harness's own client did, as a line of Python that a student can type."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from filaprova.record.wire import Published
from filaprova.runs.escape_controls import escape_controls

BODIES_LIMIT = 1000
"""Characters; bodies that take more, and follow no numbers, are stood in for by numbered ones."""


def declare_command(queue: str, durable: bool, arguments: Mapping[str, Any] | None = None) -> str:
    """Return the command that declares a queue."""
    options = ", durable=True" if durable else ""
    if arguments:
        options += f", arguments={dict(arguments)!r}"
    return _command([f"c.queue_declare({json.dumps(queue)}{options})"])


def publish_command(events: Sequence[Published]) -> str:
    """Return the command that publishes what one connection published to one queue."""
    first = events[0]
    properties = f"pika.BasicProperties(delivery_mode={2 if first.persistent else 1})"
    publish = f'c.basic_publish("", {json.dumps(first.routing_key)}, body, {properties})'
    acts = ["c.confirm_delivery()"] if first.publish_tag is not None else []
    return _command([*acts, f"[{publish} for body in {_bodies([e.task for e in events])}]"])


def _command(acts: Sequence[str]) -> str:
    code = ["import pika", "c = pika.BlockingConnection().channel()", *acts, "c.connection.close()"]
    return escape_controls(f"python -c {shlex.quote('; '.join(code))}")


def _bodies(tasks: Sequence[str]) -> str:
    """Return an expression for these bodies: by their numbers if they have such, else a list."""
    numbered = _numbered(tasks)
    if numbered is not None:
        return numbered
    listed = json.dumps(tasks, ensure_ascii=False)
    return listed if len(listed) <= BODIES_LIMIT else _range("task {}", 0, len(tasks))


def _numbered(tasks: Sequence[str]) -> str | None:
    """Return an expression for bodies that are a text and a number each, one after the other."""
    number = re.search(r"(?<!\d)\d{1,9}$", tasks[0])
    if len(tasks) < 2 or number is None:
        return None
    before = tasks[0][: number.start()]
    padded = before.rstrip(" ")
    begins, width = int(number[0]), len(tasks[0]) - len(padded)
    for form in (_literal(before) + "{}", f"{_literal(padded)}{{:{width}}}"):
        if list(tasks) == [form.format(begins + index) for index in range(len(tasks))]:
            return _range(form, begins, len(tasks))
    return None


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _range(form: str, begins: int, count: int) -> str:
    numbers = f"{begins}, {begins + count}" if begins else f"{count}"
    return f"map({json.dumps(form, ensure_ascii=False)}.format, range({numbers}))"
