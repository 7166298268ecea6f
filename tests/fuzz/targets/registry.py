"""All targets by name, and what a fuzzer needs to know of each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.targets import conversation, output, record, tap, url

CORPUS = Path(__file__).resolve().parent.parent / "corpus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One reader of bytes that others have made."""

    name: str
    examiner: Callable[[], AbstractContextManager[Callable[[bytes], None]]]
    """Gives the function that examines one input, and raises if anything is wrong."""
    longest_bytes: int
    corpus: str
    """The folder of its inputs; two targets may read the same kind of input."""

    @property
    def folder(self) -> Path:
        """Return where its inputs are kept."""
        return CORPUS / self.corpus

    def inputs(self) -> list[Path]:
        """Return the inputs that are kept."""
        return sorted(path for path in self.folder.iterdir() if path.is_file())


TARGETS = {
    target.name: target
    for target in (
        Target(
            name="conversation",
            examiner=conversation.examiner,
            longest_bytes=4096,
            corpus="scripts",
        ),
        Target(
            name="tap",
            examiner=tap.examiner,
            longest_bytes=4096,
            corpus="scripts",
        ),
        Target(
            name="output",
            examiner=output.examiner,
            longest_bytes=2048,
            corpus="output",
        ),
        Target(
            name="record",
            examiner=record.examiner,
            longest_bytes=8192,
            corpus="record",
        ),
        Target(
            name="url",
            examiner=url.examiner,
            longest_bytes=512,
            corpus="url",
        ),
    )
}
