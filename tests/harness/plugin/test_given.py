"""Whose programs are run, and what is said of files that nobody runs."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from filaprova.errors import BadInput
from filaprova.plugin.given import look_into
from filaprova.record.event import DRAIN
from filaprova.record.program import OutputLine, ProgramStarted
from filaprova.record.wire import Published
from tests.harness.plugin.conftest import Borrow
from tests.harness.plugin.runs import LESSON, Run

KNOWN = {"01_producer.py", "02_worker.py", "02_worker_ack.py"}


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Write files, given as their names without ``.py``."""

    def folder(**files: str) -> Path:
        for name, source in files.items():
            (tmp_path / f"{name.removeprefix('_')}.py").write_text(source)
        return tmp_path

    return folder


def test_what_a_folder_gives(folder: Callable[..., Path]) -> None:
    given = look_into(folder(_01_producer="", _02_worker=""), KNOWN)
    assert (given.replaced, given.strangers) == (["01_producer.py", "02_worker.py"], {})
    assert given.told() == []


def test_a_misspelt_name_is_told_with_the_one_that_is_meant(folder: Callable[..., Path]) -> None:
    path = folder(_02_worker="", _02_worker_acks="")
    assert look_into(path, KNOWN).told() == [
        f"02_worker_acks.py in {path} is not run: no scenario has a program of that name; did you "
        "mean 02_worker_ack.py?"
    ]


def test_a_name_like_no_other_is_told_as_well(folder: Callable[..., Path]) -> None:
    path = folder(_02_worker="", statistics_of_mine="")
    [told] = look_into(path, KNOWN).told()
    assert told.endswith("no scenario has a program of that name")


@pytest.mark.parametrize("name", ["02_worker_ack", "02-worker-ack.py", "02_worker_ack.py.txt"])
def test_a_name_that_differs_a_little_is_told(
    folder: Callable[..., Path], tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("")
    assert look_into(folder(_02_worker=""), KNOWN).strangers == {name: "02_worker_ack.py"}


def test_what_is_clearly_no_program_is_passed_over(
    folder: Callable[..., Path], tmp_path: Path
) -> None:
    for name in ("README.md", "requirements.txt", "02_worker.pyc", ".env"):
        (tmp_path / name).write_text("")
    (tmp_path / "__pycache__").mkdir()
    assert look_into(folder(_02_worker=""), KNOWN).strangers == {}


@pytest.mark.parametrize(
    "source",
    [
        "import helper",
        "from helper import connect",
        "def f():\n    from . import helper",
        "import other",
        "import subprocess\nsubprocess.run(['python', 'helper.py'])",
    ],
)
def test_a_module_that_a_program_uses_is_no_stranger(
    folder: Callable[..., Path], source: str
) -> None:
    files = {"_02_worker": source, "helper": "import other", "other": "import helper.part"}
    given = look_into(folder(**files), KNOWN)
    assert given.strangers == {}


def test_a_module_that_only_a_stranger_uses_is_one(folder: Callable[..., Path]) -> None:
    given = look_into(folder(_02_worker="", _02_workers="import helper", helper=""), KNOWN)
    assert given.strangers == {"02_workers.py": "02_worker.py", "helper.py": ""}


def test_a_program_that_is_no_python_uses_nothing(folder: Callable[..., Path]) -> None:
    given = look_into(folder(_02_worker="import helper (", helper=""), KNOWN)
    assert list(given.strangers) == ["helper.py"]


def test_a_folder_of_strangers_is_refused(folder: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/02_worker.py").write_text("")
    with pytest.raises(BadInput) as refused:
        look_into(folder(_02_worker_acks=""), KNOWN)
    told = str(refused.value).splitlines()
    assert told[0].endswith("these scenarios: 01_producer.py, 02_worker.py, 02_worker_ack.py")
    assert told[1].endswith("did you mean 02_worker_ack.py?")
    assert told[2] == f"did you mean the folder {tmp_path / 'mine'}?"
    with pytest.raises(BadInput, match="there is no folder"):
        look_into(tmp_path / "absent", KNOWN)


# ------------------------------------------------------------------ whole runs


def test_a_run_that_uses_none_of_the_given_programs_is_no_success(
    begin: Callable[..., Run], borrowed: Borrow, folder: Callable[..., Path]
) -> None:
    path = folder(_04_delete="", _02_worker_consumer_acks="")
    options = ("-q", "--broker", "local", "--programs", path)
    run = begin(LESSON / "test_01_serial_sending.py", *options, **borrowed(1))
    assert run.exit_status == 1
    assert "1 passed" in run.output
    first, _, last = run.output.partition("1 passed")[0].partition("= filaprova =")
    assert "note: 02_worker_consumer_acks.py in" in first
    assert "NONE OF YOUR PROGRAMS WAS RUN" in last
    assert run.result.notes[0].startswith("NONE OF YOUR PROGRAMS WAS RUN")
    assert "did you mean 02_worker_consumer_ack.py?" in run.result.notes[1]


def test_arguments_and_input_reach_the_program_that_they_are_for(
    begin: Callable[..., Run], borrowed: Borrow, folder: Callable[..., Path], tmp_path: Path
) -> None:
    typed = tmp_path / "typed"
    typed.write_text("um\ndois\nsair\n")
    path = folder(
        _01_producer="""
import sys
import pika
print(sys.argv[1:])
connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue="work_queues_1")
while (body := input("? ")) != "sair":
    channel.basic_publish("", "work_queues_1", body)
connection.close()
"""
    )
    run = begin(
        LESSON / "test_01_serial_sending.py",
        *("--broker", "local", "--programs", path, "--wait", "33", "--python", sys.executable),
        *("--program-arguments", "01_producer.py --count={} 'a b'"),
        *("--program-input", f"01_producer.py={typed}"),
        **borrowed(1),
    )
    [scenario] = run.scenarios.values()
    sent = [event.task for event in scenario.events(Published) if event.client != DRAIN]
    assert sent == ["um", "dois"]
    [started] = scenario.events(ProgramStarted)
    assert started.command[-2:] == ["--count=30", "a b"]
    assert scenario.events(OutputLine)[0].text == "['--count=30', 'a b']"
    settings = run.result.settings
    assert settings["wait"] == "33"
    assert settings["program_input"] == f"01_producer.py={typed}"
    assert shlex.split(settings["program_arguments"]) == ["01_producer.py '--count={}' 'a b'"]
    assert settings["python"] == sys.executable
    assert "NONE OF YOUR PROGRAMS" not in run.output
