"""The coverage-guided fuzzer at work for a moment; ``make fuzz`` gives it as long as you like."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pytest

from tests.fuzz import fuzz as fuzzing
from tests.fuzz.fuzz import MISSING, fuzz, is_installed, keep
from tests.fuzz.planted import PLANTED
from tests.fuzz.targets.registry import TARGETS

RUNS = {"conversation": 1500, "tap": 300, "output": 3000, "record": 2000, "url": 20000}
SECONDS = 2
"""More than these runs take on an idle machine."""

HAS_WHEEL = (
    sys.platform == "linux"
    and platform.machine() == "x86_64"
    and platform.libc_ver()[0] == "glibc"
    and platform.python_implementation() == "CPython"
    and sys.version_info < (3, 15)
)


@pytest.fixture
def atheris() -> None:
    if not is_installed():
        if HAS_WHEEL and os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)


@pytest.mark.usefixtures("atheris")
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name == "url" else [pytest.mark.thorough]) for name in TARGETS],
)
def test_nothing_is_found_in_a_moment(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    outcome = fuzz(target, SECONDS, tmp_path / "learnt", tmp_path, f"-runs={RUNS[name]}", "-seed=1")
    assert outcome.findings == [], outcome.error
    assert outcome.executions > len(target.inputs())
    assert outcome.edges > 10, "the harness is not instrumented"


@pytest.mark.usefixtures("atheris")
def test_a_planted_defect_is_found_and_kept(tmp_path: Path) -> None:
    target = PLANTED["planted-table"]
    outcome = fuzz(target, 30, tmp_path / "learnt", tmp_path)
    [finding] = outcome.findings
    assert outcome.error.startswith("KeyError")
    with target.examiner() as examine, pytest.raises(KeyError):
        examine(finding.read_bytes())


@pytest.mark.thorough
@pytest.mark.usefixtures("atheris")
def test_what_reaches_nothing_new_is_not_kept(tmp_path: Path) -> None:
    learnt = tmp_path / "learnt"
    learnt.mkdir()
    target = TARGETS["url"]
    (learnt / "again").write_bytes(target.inputs()[0].read_bytes())
    assert keep(target, learnt) == 0


def test_without_atheris_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fuzzing, "is_installed", lambda: False)
    assert fuzzing.main([]) == 2
    assert "atheris, which is not installed" in capsys.readouterr().err
