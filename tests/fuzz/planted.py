"""Defects planted into the product, to see that the fuzzers find them: targets like the others.

``python -m tests.fuzz.fuzz planted-table`` shows after how many executions.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from filaprova.amqp import fields
from filaprova.amqp.frames import FrameReader
from filaprova.programs.transcript import Transcript
from filaprova.wiretap.connection import Connection
from tests.fuzz.targets.registry import TARGETS, Target


def planted(name: str, target: str, owner: Any, function: str, right: str, wrong: str) -> Target:
    """Return a target with a defect: in a function's source, ``wrong`` instead of ``right``."""

    @contextmanager
    def examiner() -> Iterator[Callable[[bytes], None]]:
        with (
            patch.object(owner, function, altered(getattr(owner, function), right, wrong)),
            TARGETS[target].examiner() as examine,
        ):
            yield examine

    return dataclasses.replace(TARGETS[target], name=f"planted-{name}", examiner=examiner)


def altered(function: Any, right: str, wrong: str) -> Any:
    """Return a function made anew from its own source with one place changed."""
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(right) == 1, f"{right!r} is not in {function.__qualname__} just once"
    made: dict[str, Any] = {}
    known = vars(sys.modules[function.__module__])
    code = compile(
        "from __future__ import annotations\n" + source.replace(right, wrong), "planted", "exec"
    )
    exec(code, known | {"__name__": function.__module__}, made)
    return made[function.__name__]


PLANTED = {
    target.name: target
    for target in (
        planted(
            "size", "conversation", FrameReader, "_read_frames", "<= most_bytes:", "< most_bytes:"
        ),
        planted(
            "buffer",
            "conversation",
            FrameReader,
            "receive",
            "if self._failure is not None:\n",
            "if self._failure is not None:\n        self._pending += data\n",
        ),
        planted(
            "table",
            "conversation",
            fields,
            "_read_value",
            'raise BadFieldError(f"a table holds a value of unknown kind {kind!r}")',
            "raise KeyError(kind)",
        ),
        planted(
            "tap",
            "tap",
            Connection,
            "_receive_faulted",
            "raw[sent_before:]",
            "raw[sent_before + 1:]",
        ),
        planted(
            "output",
            "output",
            Transcript,
            "finish",
            "len(self._unfinished)",
            "0",
        ),
    )
}
