"""The strangers: programs that are not of our making, and what is right to say of each.

A case is a folder with ``case.toml`` (``case.json`` does as well) and ``programs/``. A faulty one
must end red and name whose fault it is; an honest one must neither fail nor be accused. Where the
point of a case is what its user is told, it has the text as well.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent
PARTIES = {"worker", "publisher", "broker", "tool"}
ORIGINS = {
    "stranger": "Strangers",
    "manner": "In the manner of public scripts",
    "adversary": "An adversary's",
    "second round": "Strangers, second round",
    "third round": "Strangers, third round",
    "fourth round": "Strangers, fourth round",
    "fifth round": "Strangers, fifth round",
    "sixth round": "Strangers, sixth round",
    "seventh round": "Strangers, seventh round",
    "eighth round": "Strangers, eighth round",
    "ninth round": "Strangers, ninth round",
}
"""Where cases come from, as ``docs/FAULTS.md`` calls it. Strangers had not read how a check works;
the others are known since something wrong was said of them."""
AT_FIRST = {
    "stranger": ("30 of 30", "15 of 30", "18 of 34"),
    "adversary": ("16 of 21", "10 of 17", "1 of 19"),
    "second round": ("15 of 20", "8 of 20", "1 of 20"),
    "third round": ("18 of 20", "11 of 20", "3 of 20"),
    "fourth round": ("19 of 20", "15 of 20", "0 of 20"),
    "fifth round": ("20 of 20", "14 of 20", "1 of 24"),
    "sixth round": ("20 of 20", "19 of 20", "2 of 20"),
    "seventh round": ("14 of 20", "10 of 20", "6 of 24"),
    "eighth round": ("20 of 20", "16 of 20", "0 of 24"),
    "ninth round": ("19 of 20", "14 of 20", "0 of 24"),
}
"""Caught, rightly blamed and condemned when they were first tried, before anything was mended for
them. Of the strangers half were caught as a time-out only. One of the seventh round is not here: it
never works at all, and nobody can tell that from a worker whose work does not show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrangerCase:
    """Programs, the scenarios that they are tried in, and what is right to say of them."""

    name: str
    what: str
    honest: bool
    expected: str
    """PASS, FAIL or UNKNOWN: the worst outcome that is right, of a faulty one the mildest."""
    at_fault: str
    """Who is to be named, or with UNKNOWN may be; "": nobody can be."""
    scenarios: tuple[str, ...]
    """Function names, with the parameter in brackets."""
    programs: Path
    """Folder for ``--programs``."""
    origin: str
    """One of ``ORIGINS``."""
    told: tuple[str, ...] = ()
    """Texts that the run's output must have in it."""
    options: tuple[str, ...] = ()
    """Further arguments of pytest."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What its user has set, by name."""


def read_case(folder: Path) -> StrangerCase:
    """Read one case; in its options "{case}" stands for its folder."""
    folder = folder.absolute()
    written = folder / "case.toml"
    if written.is_file():
        about = tomllib.loads(written.read_text(encoding="utf-8"))
        scenarios, at_fault = about["scenarios"], about.get("at_fault", "")
        expected = about["expected"]
    else:
        about = json.loads((folder / "case.json").read_text(encoding="utf-8"))
        expected, at_fault = _of_a_sentence(about["expected"])
        scenarios = about["k"]
    told = about.get("told", [])
    return StrangerCase(
        name=folder.name,
        what=about["what"],
        honest=about["honest"],
        expected=expected,
        at_fault=at_fault,
        scenarios=tuple(scenarios),
        programs=folder / "programs",
        origin=about.get("origin", folder.parent.name),
        told=(told,) if isinstance(told, str) else tuple(told),
        options=tuple(text.replace("{case}", str(folder)) for text in about.get("options", [])),
        environment=about.get("environment", {}),
    )


def cases(*folders: Path) -> Iterator[StrangerCase]:
    """Yield the cases of these folders, by default of all here, in order of their names."""
    for folder in folders or (FOLDER / "faulty", FOLDER / "honest"):
        for written in sorted([*folder.glob("*/case.toml"), *folder.glob("*/case.json")]):
            yield read_case(written.parent)


def _of_a_sentence(expected: str) -> tuple[str, str]:
    """Return outcome and culprit of an expectation told as "FAIL worker or UNKNOWN"."""
    outcome = "UNKNOWN" if "UNKNOWN" in expected else expected.split()[0]
    named = re.search(r"\b(worker|publisher|broker)\b", expected)
    return outcome, named[1] if named and outcome != "PASS" else ""
