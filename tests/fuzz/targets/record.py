"""A saved history that somebody else has written: it is read or refused, and judged in any case."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filaprova.judge.checks  # noqa: F401  # registers them
from filaprova.errors import BadInput
from filaprova.judge.registry import Check
from filaprova.judge.verdict import Outcome
from filaprova.record.act import HarnessTrouble
from filaprova.record.history import History
from filaprova.record.wire import Undecodable

CHECKS = [
    Check(name="fully_decoded"),
    *(
        Check(name=name, arguments={"queue": "tasks"})
        for name in (
            "all_settled",
            "counts_agree",
            "fair_dispatch",
            "none_done_twice",
            "nothing_lost",
            "prefetch_respected",
            "witnesses_agree",
        )
    ),
]


@contextmanager
def examiner() -> Iterator[Callable[[bytes], None]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.jsonl"
        yield lambda data: examine(data, path)


def examine(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    try:
        history = History.load(path)
    except BadInput:
        return
    doubtful = bool(history.of(Undecodable) or history.of(HarnessTrouble))
    for check in CHECKS:
        verdict = check.judge(history)
        assert "crashed" not in verdict.summary, verdict.summary
        assert not (doubtful and verdict.outcome is Outcome.PASS), "a doubtful record, and a PASS"
