"""Given: what lies in the folder of ``--programs``, and what of it nobody will ever run.

A misspelt name would otherwise have somebody's own program pass without being looked at.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from filaprova.errors import BadInput
from filaprova.phrase import Phrase, say

LIKENESS = 0.75
"""How like a known name another has to be for us to ask whether that one was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The programs of a user's folder."""

    folder: Path
    replaced: list[str]
    """Names of the lesson's programs in whose place files of the folder are run."""
    strangers: dict[str, str]
    """Files that no scenario runs and no program of the folder uses, with what may be meant."""

    def told(self) -> list[Phrase]:
        """Return what to tell of the strangers, in sentences."""
        return [self._told(name, meant) for name, meant in self.strangers.items()]

    def _told(self, name: str, meant: str) -> Phrase:
        told = "{} in {} is not run: no scenario has a program of that name"
        stranger = say(told, name, str(self.folder))
        return say("{}; did you mean {}?", stranger, meant) if meant else stranger


def look_into(folder: Path, known: Collection[str]) -> Given:
    """Return what a folder gives; ``BadInput`` if it is no folder or gives nothing at all."""
    if not folder.is_dir():
        if folder.exists():
            raise BadInput(f"{folder} is a file; name the folder that it is in: {folder.parent}")
        raise BadInput(f"there is no folder {folder}")
    files = {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
    replaced = [name for name in files if name in known]
    used = _used_by(replaced, files)
    strangers = {}
    for name in files:
        meant = next(iter(get_close_matches(name, sorted(known), n=1, cutoff=LIKENESS)), "")
        looks_like_one = name.endswith(".py") or (meant and not name.endswith(".pyc"))
        if name not in known and name not in used and looks_like_one:
            strangers[name] = meant
    given = Given(folder=folder, replaced=replaced, strangers=strangers)
    if not replaced:
        deeper = [
            str(below)
            for below in sorted(folder.iterdir())
            if below.is_dir() and any((below / name).is_file() for name in known)
        ]
        raise BadInput(
            "\n".join(
                [
                    f"no file in {folder} bears the name of a program of these scenarios: "
                    f"{', '.join(sorted(known)) or 'they have none'}",
                    *given.told(),
                    *(f"did you mean the folder {below}?" for below in deeper),
                ]
            )
        )
    return given


def _used_by(programs: list[str], files: dict[str, Path]) -> set[str]:
    """Return the files that these programs import or name, and those that these use in turn."""
    used: set[str] = set()
    due = list(programs)
    while due:
        source = files[due.pop()].read_text(encoding="utf-8", errors="replace")
        named = _imported(source) | set(re.findall(r"[\w-]+\.py\b", source))
        found = {name for name in named if name in files} - used
        used |= found
        due += sorted(found)
    return used


def _imported(source: str) -> set[str]:
    """Return the files that a script imports, if they lie beside it."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    modules: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules += [node.module] if node.module else [alias.name for alias in node.names]
    return {f"{module.partition('.')[0]}.py" for module in modules}
