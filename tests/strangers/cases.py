"""The strangers: programs written by people who had not read how a check works, and what is right.

A case is a folder with ``case.toml`` (``case.json`` does as well) and ``programs/``. A faulty one
must end red and name whose fault it is; an honest one must neither fail nor be accused.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
PARTIES = {"worker", "publisher", "broker", "tool"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StrangerCase:
    """Programs, the scenarios that they are tried in, and what is right to say of them."""

    name: str
    what: str
    honest: bool
    expected: str
    """PASS, FAIL or UNKNOWN: the worst outcome that is right."""
    at_fault: str
    """Who is to be named; "": nobody can be."""
    scenarios: tuple[str, ...]
    """Function names, with the parameter in brackets."""
    programs: Path
    """Folder for ``--programs``."""


def read_case(folder: Path) -> StrangerCase:
    """Read one case."""
    written = folder / "case.toml"
    if written.is_file():
        about = tomllib.loads(written.read_text(encoding="utf-8"))
        scenarios, at_fault = about["scenarios"], about.get("at_fault", "")
        expected = about["expected"]
    else:
        about = json.loads((folder / "case.json").read_text(encoding="utf-8"))
        expected, at_fault = _of_a_sentence(about["expected"])
        scenarios = about["k"]
    return StrangerCase(
        name=folder.name,
        what=about["what"],
        honest=about["honest"],
        expected=expected,
        at_fault=at_fault,
        scenarios=tuple(scenarios),
        programs=folder / "programs",
    )


def cases(*folders: Path) -> Iterator[StrangerCase]:
    """Yield the cases of these folders, by default of all here, in order of their names."""
    for folder in folders or (FOLDER / "faulty", FOLDER / "honest"):
        for written in sorted([*folder.glob("*/case.toml"), *folder.glob("*/case.json")]):
            yield read_case(written.parent)


def _of_a_sentence(expected: str) -> tuple[str, str]:
    """Return outcome and culprit of an expectation told as "FAIL worker or UNKNOWN"."""
    outcome = expected.split()[0]
    if "UNKNOWN" in expected:
        return "UNKNOWN", ""
    named = re.search(r"\b(worker|publisher|broker)\b", expected)
    return outcome, named[1] if named and outcome == "FAIL" else ""
