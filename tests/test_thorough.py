"""``make thorough`` goes on after a failure, and tells of each part."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import thorough

ROOT = Path(__file__).resolve().parent.parent
GOOD, BAD = ["-c", "print('well')"], ["-c", "import sys; sys.exit(3)"]
SEES_IT = ["-c", "import os, sys; sys.exit(not os.environ['FILAPROVA_THOROUGH'])"]


def carried_out(
    monkeypatch: pytest.MonkeyPatch, parts: dict[str, list[str]], *arguments: str
) -> int:
    monkeypatch.setattr(thorough, "parts", lambda **_: parts)
    monkeypatch.setattr(sys, "argv", ["thorough", *arguments])
    return thorough.main()


def test_a_part_that_fails_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert carried_out(monkeypatch, {"one": BAD, "two": GOOD, "three": SEES_IT}) == 1
    _, _, summary = capfd.readouterr().out.partition("== summary\n")
    assert [line.split(" s  ")[-1] for line in summary.splitlines()] == [
        "FAILED with status 3",
        "passed",
        "passed",
    ]
    assert [line.split()[0] for line in summary.splitlines()] == ["one", "two", "three"]


def test_some_parts_can_be_chosen(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert carried_out(monkeypatch, {"one": BAD, "two": GOOD}, "two") == 0
    assert "one" not in capfd.readouterr().out
    with pytest.raises(SystemExit):
        carried_out(monkeypatch, {"one": BAD}, "tow")
    assert "there is no part tow" in capfd.readouterr().err


@pytest.mark.parametrize("part", thorough.parts(run_count=1, fuzz_seconds=1).items())
def test_each_part_is_there_and_documented(part: tuple[str, list[str]]) -> None:
    name, arguments = part
    assert f"\n| `{name}` | " in (ROOT / "docs" / "CI.md").read_text(encoding="utf-8")
    if arguments[0] == "-m":
        module = ROOT.joinpath(*arguments[1].split("."))
        assert arguments[1] == "pytest" or module.is_dir() or module.with_suffix(".py").is_file()
    else:
        assert (ROOT / arguments[0]).is_file()
