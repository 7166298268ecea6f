"""What is said about each story, word for word, kept in ``verdicts/`` for people to read.

``make verdicts`` keeps what is said now and shows what has changed; whoever hands that in has read
it.
"""

from __future__ import annotations

import difflib
import importlib
import json
import sys
from pathlib import Path

from tests.harness.judge.stories import Case, name_of

HERE = Path(__file__).parent
KEPT = HERE / "verdicts"


def told() -> dict[str, list[Case]]:
    """Return the stories that are told in this folder, by what their file examines."""
    names = [path.stem for path in sorted(HERE.glob("test_*.py"))]
    modules = {name: importlib.import_module(f"tests.harness.judge.{name}") for name in names}
    return {
        name.removeprefix("test_"): module.CASES
        for name, module in modules.items()
        if hasattr(module, "CASES")
    }


def spelled(case: Case) -> str:
    """Return all that is said about a story, a line for each thing."""
    verdict = case.verdict()
    figures = ", ".join(f"{name} {json.dumps(value)}" for name, value in verdict.figures.items())
    things = {
        "expected": verdict.expected,
        "seen": verdict.seen,
        "blame": verdict.blame,
        "hint": verdict.hint,
        "figures": figures,
    }
    return "\n".join(
        [
            f"{verdict.outcome.upper()}: {verdict.summary}",
            *(f"  {thing:9} {said}" for thing, said in things.items() if said),
            *(f"  {item.at_ns / 1e9:+.3f} s  {item.text}" for item in verdict.evidence),
        ]
    )


def kept() -> dict[str, str]:
    """Return what is kept, by the name of the story."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(KEPT.glob("*.txt"))]
    blocks = [block.partition("\n") for text in texts for block in text.strip().split("\n\n")]
    return {name.removeprefix("# "): said for name, _, said in blocks}


def main() -> None:
    """Keep what is said now; show how it differs from what was kept."""
    before = {path.name: path.read_text(encoding="utf-8") for path in KEPT.glob("*.txt")}
    now = {
        f"{name}.txt": "\n\n".join(f"# {name_of(case)}\n{spelled(case)}" for case in cases) + "\n"
        for name, cases in told().items()
    }
    for name in sorted(before.keys() | now.keys()):
        old, new = (texts.get(name, "").splitlines(keepends=True) for texts in (before, now))
        sys.stdout.writelines(difflib.unified_diff(old, new, f"kept/{name}", f"said/{name}"))
        (KEPT / name).unlink(missing_ok=True)
    for name, text in now.items():
        (KEPT / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
