"""The house rules that no linter knows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def tracked(*patterns: str) -> list[Path]:
    """Return the files that git tracks, or would, whose names match one of the patterns."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def lines(path: Path) -> list[tuple[int, str]]:
    if b"\0" in path.read_bytes()[:8192]:
        return []  # a picture
    text = path.read_text(encoding="utf-8", errors="replace")  # inputs of fuzzers are any bytes
    return list(enumerate(text.splitlines(), start=1))


RULES = {
    "the only sleep is in waiting.py": (
        re.compile(r"\btime\.sleep\(|\bfrom time import .*sleep"),
        ["harness/*.py", "tests/*.py"],
        {
            "harness/filaprova/waiting.py",
            "harness/filaprova/programs/lesson/launcher.py",
            "harness/filaprova/reaper/sidecar.py",
        },
    ),
    "no shell": (re.compile(r"shell\s*=\s*True|os\.system\("), ["*.py"], set()),
    "nothing is rerun": (re.compile(r"rerunfailures|flaky|pytest\.mark\.xfail"), ["*"], set()),
    "no address to download from": (
        re.compile(
            r"index-url|find-links|https?://[^\s\"')]*(?:pypi|npmjs|deb\.debian|docker\.io/)"
        ),
        ["*"],
        set(),
    ),
    "nothing listens on every interface": (
        re.compile(r"""["'](0\.0\.0\.0|\[::\])["']"""),
        ["harness/*.py", "scenarios/*.py"],
        set(),
    ),
}
EXEMPT = {"tests/test_tidy.py"}
AS_TYPED = re.compile(r"tests/strangers/\w+/[^/]+/programs/")
"""Programs that are examined, as somebody else wrote them."""


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule: str) -> None:
    pattern, where, doors = RULES[rule]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked(*where)
        if str(path.relative_to(ROOT)) not in doors | EXEMPT
        and not AS_TYPED.match(str(path.relative_to(ROOT)))
        for number, line in lines(path)
        if pattern.search(line)
    ]
    assert found == []


def test_scenarios_are_short_and_tell_their_exercise() -> None:
    for path in tracked("scenarios/**/test_*.py"):
        assert len(lines(path)) <= 110, f"{path.name} is long for a scenario"
        for body in re.findall(r"def test_.*?\n    \"\"\"(.*?)\"\"\"", path.read_text(), re.S):
            assert "\n    1. " in body, f"{path.name}: a docstring without numbered steps"


def test_every_document_that_is_linked_is_there() -> None:
    for path in tracked("*.md"):
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
