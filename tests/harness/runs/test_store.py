"""Run folders: evidence of every run for itself, whole, and never outside."""

from __future__ import annotations

import doctest
import errno
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest

from filaprova.errors import BadInput, EnvironmentMissing
from filaprova.judge.verdict import Outcome
from filaprova.record.act import HistoryOpened
from filaprova.record.history import History
from filaprova.record.program import (
    OutputDropped,
    OutputLine,
    ProgramExited,
    ProgramStarted,
)
from filaprova.runs import store
from filaprova.runs.store import (
    FOLDER_NAME_LENGTH,
    HISTORY,
    LATEST,
    RESULTS,
    VERDICT,
    RunFolder,
    ScenarioFolder,
    folder_name,
    write_whole,
)
from tests.patience import PATIENCE_S

RUN_NAME = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# ---------------------------------------------------------------- run folders


def test_a_run_gets_a_folder_and_is_the_latest(tmp_path: Path) -> None:
    reports = tmp_path / "not" / "there" / "yet"
    first = RunFolder.create(reports)
    assert RUN_NAME.fullmatch(first.path.name)
    assert os.readlink(reports / LATEST) == first.path.name, "relative: reports may be moved"
    second = RunFolder.create(reports)
    assert os.readlink(reports / LATEST) == second.path.name
    assert names(reports) == sorted([first.path.name, second.path.name, LATEST])


def test_runs_at_the_same_time_do_not_share_a_folder(tmp_path: Path) -> None:
    count = 16
    together = threading.Barrier(count)

    def create(_: int) -> str:
        together.wait(timeout=PATIENCE_S)
        return RunFolder.create(tmp_path / "reports").path.name

    with ThreadPoolExecutor(count) as pool:
        made = list(pool.map(create, range(count)))
    assert len(set(made)) == count
    assert os.readlink(tmp_path / "reports" / LATEST) in made
    assert names(tmp_path / "reports") == sorted([*made, LATEST]), "no half-made link is left"


def test_a_name_that_is_taken_is_not_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OneSecond(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> OneSecond:
            return cls(2026, 1, 31, 14, 25, 1, tzinfo=tz)

    tokens = iter(["aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr(store, "datetime", OneSecond)
    monkeypatch.setattr(store.secrets, "token_hex", lambda _: next(tokens))
    made = [RunFolder.create(tmp_path).path.name for _ in range(2)]
    assert made == ["20260131-142501-aaaa", "20260131-142501-bbbb"]


def test_there_is_always_a_latest_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = RunFolder.create(tmp_path)
    seen: list[str] = []

    def watch(original: Any) -> Any:
        def watched(self: Path, *args: Any, **kwargs: Any) -> Any:
            seen.append(os.readlink(tmp_path / LATEST))
            return original(self, *args, **kwargs)

        return watched

    for act in ("symlink_to", "replace", "unlink", "rename"):
        monkeypatch.setattr(Path, act, watch(getattr(Path, act)))
    second = RunFolder.create(tmp_path)
    assert seen
    assert set(seen) == {first.path.name}
    assert os.readlink(tmp_path / LATEST) == second.path.name


@pytest.mark.parametrize("target", ["gone", LATEST, "/"])
def test_a_latest_that_leads_nowhere_is_replaced(tmp_path: Path, target: str) -> None:
    (tmp_path / LATEST).symlink_to(target)
    made = RunFolder.create(tmp_path)
    assert os.readlink(tmp_path / LATEST) == made.path.name


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_latest_that_is_no_link_is_left_alone(tmp_path: Path, kind: str) -> None:
    in_the_way = tmp_path / LATEST
    if kind == "file":
        in_the_way.write_text("mine")
    else:
        (in_the_way / "mine").mkdir(parents=True)
    with pytest.raises(BadInput, match=rf"{re.escape(str(in_the_way))} is in the way\. Remove it"):
        RunFolder.create(tmp_path)
    assert in_the_way.is_file() or names(in_the_way) == ["mine"]
    assert names(tmp_path) == [LATEST], "no empty run is left"


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_in_the_place_of_reports_is_named(tmp_path: Path, below: str) -> None:
    (tmp_path / "reports").write_text("")
    with pytest.raises(BadInput, match=r"/reports.* is in the way\. Remove it, or name another"):
        RunFolder.create(tmp_path / "reports" / below)


def test_reports_that_cannot_be_written(unwritable: Path) -> None:
    for reports in (unwritable, unwritable / "reports"):
        with pytest.raises(EnvironmentMissing, match=r"Permission denied.*name another folder"):
            RunFolder.create(reports)


def test_a_name_the_machine_does_not_take(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentMissing, match="File name too long"):
        RunFolder.create(tmp_path / ("x" * 300))


# ---------------------------------------------------------------- opening earlier runs


def test_only_a_runs_folder_is_one(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path / "reports")
    (tmp_path / "file").write_text("")
    for path, why in (
        (tmp_path / "nowhere", "there is no folder"),
        (tmp_path / "file", "there is no folder"),
        (tmp_path / "reports", r"is not a run's folder: it has no results\.json"),
        (run.path, "is not a run's folder"),
    ):
        with pytest.raises(BadInput, match=rf"{why}.*reports/latest"):
            RunFolder.load(path)
    run.scenario("a.py::test_b").history_path.write_text("")
    assert RunFolder.load(tmp_path / "reports" / LATEST).path == run.path.resolve()


def test_results_alone_make_a_run(tmp_path: Path, make: Any) -> None:
    RunFolder(tmp_path).write_results(make.run())
    assert RunFolder.load(tmp_path).results() == make.run()


def test_a_folder_that_cannot_be_looked_into(unwritable: Path) -> None:
    if os.getuid() == 0:  # the folder belongs to root; the fixture made this process somebody else
        os.seteuid(0)
    unwritable.chmod(0o000)
    if os.getuid() == 0:
        os.seteuid(65534)
    with pytest.raises(BadInput, match=r"cannot look into .*unwritable: Permission denied"):
        RunFolder.load(unwritable)


def test_the_folders_of_scenarios_are_those_with_evidence(tmp_path: Path) -> None:
    for name in ("b", "a", "empty"):
        (tmp_path / name).mkdir()
    (tmp_path / "b" / HISTORY).write_text("")
    (tmp_path / "a" / VERDICT).write_text("")
    (tmp_path / "file").write_text("")
    (tmp_path / RESULTS).write_text("")
    assert [folder.name for folder in RunFolder(tmp_path).scenario_folders()] == ["a", "b"]


# ---------------------------------------------------------------- scenarios' folders


def test_the_docstring_of_folder_name() -> None:
    finder = doctest.DocTestFinder()
    (test,) = finder.find(folder_name, "folder_name", globs={"folder_name": folder_name})
    assert test.examples
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


@pytest.mark.parametrize(
    ("node_id", "name"),
    [
        ("scenarios/lesson/test_01_x.py::test_sends", "01-x-sends"),
        ("test_a.py::TestGroup::test_b", "a-testgroup-b"),
        ("test_a.py::test_b[1-2]", "a-b-1-2"),
        ("test_a.py::test_b[x[y]z]", "a-b-x-y-z"),
        ("test_a.py::test_b[Ação]", "a-b-acao"),
        ("test_a.py::test_b[日本]", "a-b"),
        ("test_a.py::test_b[../../../etc/passwd]", "a-b-etc-passwd"),
        ("../../../etc/passwd", "passwd"),
        ("/etc/passwd::..", "passwd"),
        ("test_a.py::test_b[\x00\x1b\n\u202e]", "a-b"),
        ('test_a.py::test_b[a\\b:c*?"<>|]', "a-b-a-b-c"),
        ("test_a.py::test_b[\udcff]", "a-b"),
        ("..", "scenario"),
        (".", "scenario"),
        ("", "scenario"),
        ("日本", "scenario"),
        ("[]", "scenario"),
    ],
)
def test_a_folders_name_is_safe(node_id: str, name: str) -> None:
    assert folder_name(node_id) == name


@pytest.mark.parametrize(
    "node_id",
    ["x" * 1000, f"a.py::test_b[{'x' * 1000}]", f"{'x' * 500}.py::{'y' * 500}[{'z' * 99}]"],
)
def test_a_folders_name_is_short_and_keeps_the_variant(tmp_path: Path, node_id: str) -> None:
    name = folder_name(node_id)
    assert len(name) <= FOLDER_NAME_LENGTH
    assert ("z" * 40 in name) == ("z" in node_id)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    (tmp_path / name).mkdir()


def test_each_scenario_gets_its_own_folder(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    made = [run.scenario(node).name for node in ("a.py::test_b", "a.py::test_b", "A.py::test_B")]
    assert made == ["a-b", "a-b-2", "a-b-3"]
    assert names(tmp_path) == sorted(made)


@pytest.mark.parametrize("node_id", ["../../x", "a/../../../../tmp/x::y", "..", "\0", "/etc"])
def test_no_node_id_leads_out_of_the_run(tmp_path: Path, node_id: str) -> None:
    run = RunFolder.create(tmp_path / "reports")
    assert run.scenario(node_id).path.resolve().parent == run.path.resolve()


def test_a_scenarios_folder_that_cannot_be_made(unwritable: Path) -> None:
    with pytest.raises(EnvironmentMissing, match=r"cannot make the folder .*Permission denied"):
        RunFolder(unwritable).scenario("a.py::test_b")


@pytest.mark.parametrize(
    "folder",
    ["", "..", "../other", "/etc", "a/../../other", "link", "link/deeper", "a\0b"],
)
def test_results_cannot_lead_out_of_the_run(tmp_path: Path, make: Any, folder: str) -> None:
    run = RunFolder(tmp_path / "run")
    (tmp_path / "other").mkdir()
    run.path.mkdir()
    (run.path / "link").symlink_to("../other")
    with pytest.raises(BadInput, match="is not a folder of the run"):
        run.scenario_folder(make.scenario(folder=folder, outcome=Outcome.PASS))


def test_results_lead_to_the_scenarios_folder(tmp_path: Path, make: Any) -> None:
    run = RunFolder.create(tmp_path)
    made = run.scenario("a.py::test_b")
    made.history_path.write_text("")
    latest = RunFolder.load(tmp_path / LATEST)
    found = latest.scenario_folder(make.scenario(folder="a-b", outcome=Outcome.PASS))
    assert found.path == made.path.resolve()


# ---------------------------------------------------------------- whole files


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "results.json"
    write_whole(path, b"old")
    before = {}

    def observed(self: Path, _: Path) -> Path:
        before[self.parent] = (self.read_bytes(), path.read_bytes())
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", observed)
        with pytest.raises(
            EnvironmentMissing, match=r"cannot write .*results\.json: No space left"
        ):
            write_whole(path, b"new")
    assert before == {tmp_path: (b"new", b"old")}, "written in full beside its place"
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["results.json"], "nothing half-written is left"
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["results.json"]


def test_a_disk_that_fills_up_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "answers.html"
    path.write_bytes(b"old")

    def full(self: Path, _: bytes) -> int:
        self.open("wb").close()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(EnvironmentMissing, match="Make room"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["answers.html"]


def test_what_cannot_be_written_says_so(unwritable: Path) -> None:
    with pytest.raises(EnvironmentMissing, match="Permission denied"):
        write_whole(unwritable / "results.json", b"")
    with pytest.raises(EnvironmentMissing, match="No such file"):
        write_whole(unwritable.parent / "gone" / "results.json", b"")
    with pytest.raises(EnvironmentMissing, match="Not a directory"):
        write_whole(Path("/dev/null/results.json"), b"")
    with pytest.raises(EnvironmentMissing, match="File name too long"):
        write_whole(unwritable.parent / ("x" * 300), b"")
    with pytest.raises(EnvironmentMissing, match="Permission denied"):
        ScenarioFolder(unwritable).write_output(History([line("C1", "hello")]))


# ---------------------------------------------------------------- logs


def line(client: str, text: str, at_ns: int = 0, stream: Any = "stdout") -> OutputLine:
    return OutputLine(at_ns=at_ns, client=client, stream=stream, text=text)


def test_each_program_has_its_log(tmp_path: Path) -> None:
    start = HistoryOpened(at_ns=0, schema=1, scenario="s", started_at="", seed=1)
    folder = ScenarioFolder(tmp_path)
    folder.write_output(
        History(
            [
                start,
                ProgramStarted(
                    at_ns=1_000_000,
                    client="C1",
                    role="worker",
                    program="w.py",
                    command=["python", "w.py"],
                    pid=42,
                ),
                line("C1", "[x] Received \x1b[31m\tred\u202e", at_ns=1_500_000_000),
                line("producer", "sent", at_ns=1_600_000_000),
                line("C1", "Traceback", at_ns=12_345_678_900, stream="stderr"),
                OutputDropped(at_ns=13_000_000_000, client="C1", line_count=9),
                ProgramExited(at_ns=14_000_000_000, client="C1", pid=42, signal_name="SIGKILL"),
                ProgramExited(at_ns=14_000_000_000, client="producer", pid=43, exit_code=0),
            ]
        )
    )
    assert names(tmp_path / "output") == ["C1.log", "producer.log"]
    assert (tmp_path / "output" / "C1.log").read_text(encoding="utf-8").splitlines() == [
        "   +0.001 s  -- started as process 42: python w.py",
        "   +1.500 s  [x] Received \\x1b[31m\tred\\u202e",
        "  +12.346 s  (stderr) Traceback",
        "  +13.000 s  -- 9 further lines were counted, not kept",
        "  +14.000 s  -- ended: SIGKILL",
    ]
    assert (tmp_path / "output" / "producer.log").read_text(encoding="utf-8").splitlines() == [
        "   +1.600 s  sent",
        "  +14.000 s  -- ended: exit code 0",
    ]


@pytest.mark.parametrize(
    ("client", "file"),
    [
        ("../../evil", "evil.log"),
        ("/etc/x", "etc-x.log"),
        ("\0\x1b", "program.log"),
        ("é", "e.log"),
    ],
)
def test_no_client_name_leads_out_of_the_folder(tmp_path: Path, client: str, file: str) -> None:
    ScenarioFolder(tmp_path).write_output(History([line(client, "hello")]))
    assert names(tmp_path) == ["output"]
    assert names(tmp_path / "output") == [file]


def test_without_output_there_is_no_folder_for_it(tmp_path: Path) -> None:
    ScenarioFolder(tmp_path).write_output(History([]))
    assert names(tmp_path) == []


def test_the_brokers_log_cannot_steer_a_terminal(tmp_path: Path) -> None:
    ScenarioFolder(tmp_path).write_broker_log(["\x1b[2Jboot", "a\tb\udcff", ""])
    text = (tmp_path / "broker.log").read_text(encoding="utf-8")
    assert text == "\\x1b[2Jboot\na\tb\\udcff\n\n"
