"""Labels: how a scenario is called, in the report and while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from filaprova.defaults import SUBJECT
from filaprova.report.text.catalogue import SUBJECTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The names of one scenario, read off its test."""

    node_id: str
    file: Path
    """Where it is written."""
    title: str
    """First line of its docstring."""
    variant: str
    """pytest's parameter id; empty where there is none."""
    subjects: list[str]
    """The exercises and claims it speaks for."""

    def headline(self, title: str) -> str:
        """Return all of it in one line, with the title as some language has it."""
        subjects = f"{', '.join(self.subjects)}  " if self.subjects else ""
        return f"{subjects}{title}" + (f" [{self.variant}]" if self.variant else "")


def labels_of(item: pytest.Item) -> Labels:
    """Return the labels of a scenario."""
    docstring = (getattr(getattr(item, "function", None), "__doc__", None) or "").strip()
    callspec = getattr(item, "callspec", None)
    return Labels(
        node_id=item.nodeid,
        file=item.path,
        title=docstring.splitlines()[0] if docstring else item.name,
        variant=str(callspec.id) if callspec is not None else "",
        subjects=[name for mark in item.iter_markers("examines") for name in mark.args],
    )


def subject_of(items: Sequence[pytest.Item]) -> str:
    """Return what these scenarios examine: the subject in whose folder the first one is written."""
    folders = (path for item in items for path in item.path.parents if path.parent == SUBJECTS)
    return next((path.name for path in folders), SUBJECT)
