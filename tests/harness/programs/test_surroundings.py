"""What a program finds around it, looked at from inside real programs."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from pathlib import Path

import pytest

from filaprova.errors import BadInput
from filaprova.programs.interpreter import find_interpreter, missing_package
from filaprova.programs.lesson.printed import Reader
from filaprova.record.program import OutputLine, TaskDone, TaskReceived
from filaprova.record.recorder import Recorder

LIMIT_S = 20.0


def lines(recorder: Recorder) -> list[str]:
    return [event.text for event in recorder.history().of(OutputLine) if event.stream == "stdout"]


# ------------------------------------------------------------------ environment


def test_the_users_own_environment_reaches_a_script(
    start, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMQP_URL", "amqp://the-users-own/")
    monkeypatch.setenv("QUEUE_NAME", "orders")
    start("""
        import os
        print(os.environ["AMQP_URL"], os.environ["QUEUE_NAME"])
    """).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == ["amqp://the-users-own/ orders"]


def test_a_script_finds_no_address_that_its_user_did_not_give(
    start, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AMQP_URL", raising=False)
    monkeypatch.setenv("FILAPROVA_BROKER", "amqp://somebody:secret@127.0.0.1")
    start("""
        import os
        from pathlib import Path
        whole = Path("/proc/self/environ").read_text()
        print("AMQP" in whole, "amqp" in whole, "PYTEST_CURRENT_TEST" in whole)
        print(sorted(name for name in os.environ if name.startswith("FILAPROVA_")))
        print([fd for fd in os.listdir("/proc/self/fd") if 3 < int(fd) < 100])  # 100: works
    """).wait(timeout_s=LIMIT_S)
    told = lines(recorder)
    assert told[0] == "False False False"
    assert "FILAPROVA_LAUNCH_FD" not in told[1]
    assert told[2] == "[]"


@pytest.mark.parametrize(
    "parameters",
    [
        "pika.ConnectionParameters('localhost')",
        "pika.URLParameters('amqps://guest:guest@example.org:5671/other')",
        "pika.ConnectionParameters(host='h', port=9, virtual_host='v', "
        "credentials=pika.PlainCredentials('a', 'b'))",
    ],
)
def test_whatever_a_script_names_it_reaches_the_tap(
    start, recorder: Recorder, parameters: str
) -> None:
    start(
        f"""
        import pika
        it = {parameters}
        print(it.host, it.port, it.virtual_host, it.credentials.username, it.ssl_options)
    """,
        port=4321,
    ).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == ["127.0.0.1 4321 scenario-01 somebody None"]


def test_it_runs_in_its_own_folder_and_imports_from_there(
    start, recorder: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "helper.py").write_text("NAME = 'helper'\n")
    (tmp_path / "settings.ini").write_text("mine")
    start("""
        import sys
        from helper import NAME
        print(NAME, open("settings.ini").read(), sys.path[0], sys.argv[1:])
    """).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == [f"helper mine {tmp_path} []"]


# ------------------------------------------------------------------ arguments and input


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (["--fast"], ["--fast"]),
        (["--count", "{}", "x"], ["--count", "30", "durable", "x"]),
        (["--count={}"], ["--count=30 durable"]),
        ([], []),
    ],
)
def test_arguments_of_the_users_take_the_place_of_the_scenarios(
    start, recorder: Recorder, given: list[str], passed: list[str]
) -> None:
    source = "import sys; print(sys.argv[1:])"
    start(source, "30", "durable", arguments={"program.py": given}).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == [str(passed)]


def test_other_programs_keep_theirs(start, recorder: Recorder) -> None:
    source = "import sys; print(sys.argv[1:])"
    start(source, "30", arguments={"other.py": ["x"]}).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == ["['30']"]


def test_an_input_is_read_by_its_program_alone(start, recorder: Recorder, tmp_path: Path) -> None:
    typed = tmp_path / "typed"
    typed.write_text("olá\nsair\n")
    source = "print(input()); print(input())"
    start(source, inputs={"program.py": typed}).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == ["olá", "sair"]
    ended = start(source, inputs={"other.py": typed}).wait(timeout_s=LIMIT_S)
    assert ended.exit_code == 1


# ------------------------------------------------------------------ time


def test_every_kind_of_sleep_is_scaled(start, recorder: Recorder) -> None:
    """A minute each; were one not scaled, the program would not end in time."""
    ended = start("""
        import asyncio, time
        from asyncio import sleep as bound_by_name
        from pika import BlockingConnection
        class Pretended(BlockingConnection):
            def __init__(self):
                self.asked = []
            def process_data_events(self, time_limit=0):
                self.asked.append(time_limit)
                nap(time_limit * 100)
        nap = time.sleep
        nap(60)
        async def both():
            print(await asyncio.sleep(60, result="asyncio"))
            await bound_by_name(delay=60)
        asyncio.run(both())
        connection = Pretended()
        connection.sleep(duration=60)
        print(sum(connection.asked))
    """).wait(timeout_s=LIMIT_S)
    assert ended.exit_code == 0
    assert lines(recorder) == ["asyncio", "0.6"]


def test_what_is_not_imported_costs_nothing(
    start, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for measuring in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):  # it imports a lot
        monkeypatch.delenv(measuring, raising=False)
    start("""
        import sys
        print("multiprocessing" in sys.modules)
    """).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == ["False"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_of_multiprocessing_have_the_same_around_them(
    start, recorder: Recorder, method: str
) -> None:
    ended = start(
        f"""
        import multiprocessing, time, asyncio

        def work(depth):
            import pika
            nap = time.sleep
            nap(60)
            asyncio.run(asyncio.sleep(60))
            print(depth, pika.ConnectionParameters("elsewhere").port)
            if depth:
                begin(depth - 1)

        def begin(depth):
            child = multiprocessing.get_context({method!r}).Process(target=work, args=(depth,))
            child.start()
            child.join()

        if __name__ == "__main__":
            begin(1)
        """,
        port=4321,
    ).wait(timeout_s=LIMIT_S)
    assert ended.exit_code == 0
    assert lines(recorder) == ["1 4321", "0 4321"]


# ------------------------------------------------------------------ output


def test_patterns_of_the_users_are_understood(start, recorder: Recorder) -> None:
    reader = Reader(received=re.compile("took (.*)"), done=re.compile("did it"))
    start("print('took 1 .'); print('did it')", reader=reader).wait(timeout_s=LIMIT_S)
    history = recorder.history()
    assert [event.task for event in history.of(TaskReceived)] == ["1 ."]
    assert [(event.task, event.named) for event in history.of(TaskDone)] == [("1 .", False)]


# ------------------------------------------------------------------ interpreters


def python(folder: Path, source: str) -> str:
    """Return the path of a command that says what it is asked as this Python source does."""
    path = folder / "a-python"
    path.write_text(f"#!{sys.executable}\n{textwrap.dedent(source)}")
    path.chmod(0o755)
    return str(path)


def test_the_interpreter_can_be_chosen(start, recorder: Recorder, tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    chosen.write_text(f'#!/bin/sh\nCHOSEN=yes exec {sys.executable} "$@"\n')
    chosen.chmod(0o755)
    start("import os; print(os.environ['CHOSEN'])", python=str(chosen)).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == ["yes"]


def test_an_interpreter_that_will_do() -> None:
    path, told = find_interpreter(sys.executable)
    assert path == sys.executable
    assert re.fullmatch(r"Python 3\.\d+\.\S+ with pika 1\.\S+", told)


@pytest.mark.parametrize(
    ("source", "lacks"),
    [
        ("print('hello')", "does not answer as a Python"),
        ("raise SystemExit(1)", "does not answer as a Python"),
        ("print([1])", "does not answer as a Python"),
        ('print(\'{"version": "3.7.2", "new_enough": false}\')', "is Python 3.7.2; .* 3.8 or"),
        (
            'print(\'{"version": "3.9.2", "new_enough": true}\')',
            r"\(Python 3.9.2\) has no pika. Install it there: .*a-python -m pip install pika",
        ),
        (
            'print(\'{"version": "3.9", "new_enough": true, "pika": "0.9", "usable": false}\')',
            r"has pika 0\.9, which is too old",
        ),
    ],
)
def test_an_interpreter_that_will_not_do(tmp_path: Path, source: str, lacks: str) -> None:
    with pytest.raises(BadInput, match=lacks):
        find_interpreter(python(tmp_path, source))


ANSWER = '{"version": "3.9.2", "new_enough": true, "pika": "1.3", "usable": true}'
GOOD = f"print('{ANSWER}')"


def test_an_interpreter_that_answers_and_fails_will_not_do(tmp_path: Path) -> None:
    assert find_interpreter(python(tmp_path, GOOD))[1] == "Python 3.9.2 with pika 1.3"
    with pytest.raises(BadInput, match="does not answer as a Python"):
        find_interpreter(python(tmp_path, GOOD + "; raise SystemExit(1)"))


def test_an_interpreter_that_takes_too_long_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filaprova.programs.interpreter.LIMIT_S", 0.2)
    with pytest.raises(BadInput, match="does not answer as a Python"):
        find_interpreter(python(tmp_path, f"import threading; threading.Event().wait(); {GOOD}"))


def test_an_interpreter_does_not_read_what_is_typed(tmp_path: Path) -> None:
    typed, typing = os.pipe()
    os.write(typing, b"typed")
    os.close(typing)
    kept = os.dup(0)
    os.dup2(typed, 0)
    try:
        source = f"import sys; print('{ANSWER}' + sys.stdin.read())"
        assert find_interpreter(python(tmp_path, source))[1] == "Python 3.9.2 with pika 1.3"
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(typed)


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("ModuleNotFoundError: No module named 'yaml'", "yaml"),
        ("ModuleNotFoundError: No module named 'yaml.nodes'", "yaml"),
        ("ImportError: No module named yaml", "yaml"),
        ("ValueError: No module named 'yaml'", None),
    ],
)
def test_which_package_is_missing(line: str, package: str | None) -> None:
    assert missing_package(["Traceback (most recent call last):", line, "bye"]) == package


def test_an_interpreter_that_is_not_there() -> None:
    with pytest.raises(BadInput, match="no program /absent/python"):
        find_interpreter("/absent/python")


def test_a_package_that_is_missing_is_told(start) -> None:
    process = start("import no_such_package_here.part")
    process.wait(timeout_s=LIMIT_S)
    story = str(process.failure("it ended before it subscribed to a queue"))
    assert f"{sys.executable} -m pip install no_such_package_here)" in story
    assert "--python PATH" in story
    assert "by hand" not in story
