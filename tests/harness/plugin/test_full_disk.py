"""A disk that gets full in the middle of a run: told plainly, and what it took can be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from filaprova.judge.verdict import Outcome
from filaprova.record.history import History
from filaprova.record.program import OutputLine
from filaprova.record.wire import Published
from filaprova.runs.store import ScenarioFolder, read_verdict
from tests.harness.disks import small_disk
from tests.harness.plugin.conftest import Borrow
from tests.harness.plugin.runs import FAULTY, Run


@pytest.fixture(scope="module")
def run(
    begin: Callable[..., Run], borrowed: Borrow, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Run]:
    with small_disk(tmp_path_factory.mktemp("full") / "disk", "768k") as disk:
        options = ("--broker", "local", "--reports", disk / "reports")
        run = begin(FAULTY / "full_disk.py", *options, **borrowed(3))
        run.reports = disk / "reports"
        assert run.output
        yield run


def history(run: Run, test: str) -> Path:
    return run.run_folder.path / f"full-disk-{test}/history.jsonl"


def test_it_is_told_what_where_and_what_to_do(run: Run) -> None:
    assert run.exit_status == 1
    assert "Traceback" not in run.output
    for test, told in {
        "that-fills-the-disk": r"\+\d.*",
        "after": r"\+0\.000 s: the last \d+ of \d+ ",
    }.items():
        assert re.search(
            f"^environment missing: cannot write {history(run, test)}: No space left on device. "
            f"It ends at {told}events are not in it. Make room or make it writable, then run again",
            run.output,
            re.M,
        )
    of_the_run = rf"^environment missing: cannot write {run.run_folder.path}/[a-z.]+: No space left"
    assert re.search(of_the_run, run.output, re.M)
    assert "answers: " not in run.output


def test_all_scenarios_are_told_all_the_same(run: Run) -> None:
    assert re.search(r"^=+ 2 failed, 1 passed in", run.output, re.M)
    assert re.findall(r"^  ([A-Z]+) in ", run.output, re.M) == ["PASS", "UNKNOWN", "UNKNOWN"]


def test_what_was_there_before_is_whole(run: Run) -> None:
    before = ScenarioFolder(history(run, "before").parent)
    result = read_verdict(before)
    assert (result.outcome, len(result.checks)) == (Outcome.PASS, 5)
    assert len(History.load(before.history_path).of(Published)) == 1


def test_what_the_disk_took_is_a_first_part_without_a_hole(run: Run) -> None:
    lines = [e.text for e in History.load(history(run, "that-fills-the-disk")).of(OutputLine)]
    numbers = [int(text.split()[1]) for text in lines if text.startswith("line ")]
    assert 1_000 < len(numbers) < 10_000
    assert numbers == list(range(len(numbers)))


def test_nothing_is_left_behind(run: Run) -> None:
    assert run.left_behind() == []
    assert [path.name for path in run.run_folder.path.rglob(".*")] == []


def test_reports_on_a_disk_that_may_only_be_read(
    begin: Callable[..., Run], borrowed: Borrow, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "64k,ro") as disk:
        options = ("--broker", "local", "--reports", disk / "reports")
        run = begin(FAULTY / "full_disk.py", *options, **borrowed(3))
        assert run.exit_status == 4
        assert f"--reports: nothing can be written to {disk}; is it read-only?" in run.output
        assert "ready in" not in run.output
        assert "Traceback" not in run.output
        assert run.left_behind() == []
