"""Process, examined with real programs that behave in every bad way we could think of."""

from __future__ import annotations

import asyncio
import itertools
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TypeAlias

import psutil
import pytest

from filaprova.errors import BadInput, HarnessBug, ProgramFailed, TimedOut
from filaprova.programs.group import stands_still
from filaprova.programs.program import KILL_LIMIT_S, Process
from filaprova.programs.surroundings import LAUNCHER, LaunchSettings
from filaprova.programs.transcript import LINES_LIMIT, TEXT_LIMIT
from filaprova.programs.works import Works
from filaprova.reaper.sidecar import KILLING_LIMIT_S
from filaprova.record.act import PROGRAM_ENDED, Continued, Frozen
from filaprova.record.observer import Background
from filaprova.record.program import (
    OutputDropped,
    OutputLine,
    ProgramExited,
    ProgramStarted,
    TaskDone,
    TaskReceived,
    TaskSent,
    WorkBegan,
    WorkEnded,
)
from filaprova.record.recorder import Recorder
from filaprova.waiting import Waited, wait_until, waits_told_to

LIMIT_S = 20.0


def lines(recorder: Recorder, stream: str = "stdout") -> list[str]:
    return [event.text for event in recorder.history().of(OutputLine) if event.stream == stream]


def wait_said(recorder: Recorder, text: str) -> None:
    recorder.wait_for(
        lambda event: isinstance(event, OutputLine) and event.text == text,
        what=f"the line {text!r}",
        timeout_s=LIMIT_S,
    )


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


# ------------------------------------------------------------------ output


def test_output_and_end_are_on_the_record_in_order(start, recorder: Recorder) -> None:
    process = start("""
        import sys
        print(" [*] Waiting for messages. To exit press CTRL+C")
        print(" [x] Received b'2024-01-01 10:00:00.000001      1 ..'")
        print(" [x] Done")
        print(" [x] Received 'x'")
        print("trouble", file=sys.stderr)
        sys.exit(3)
    """)
    ended = process.wait(timeout_s=LIMIT_S)
    assert (ended.exit_code, ended.signal_name, ended.pid) == (3, None, process.pid)
    kinds = [type(event) for event in recorder.history()]
    assert kinds[0] is ProgramStarted
    assert kinds[-1] is ProgramExited
    task = "2024-01-01 10:00:00.000001      1 .."
    assert [event.task for event in recorder.history().of(TaskReceived)] == [task, "x"]
    assert [event.task for event in recorder.history().of(TaskDone)] == [task]
    assert (process.received_count, process.done_count, process.in_hand) == (2, 1, "x")
    assert lines(recorder, "stderr") == ["trouble"]
    assert not process.running


def test_its_beginning_and_its_end_tell_who_it_was(start, recorder: Recorder) -> None:
    process = start("import sys; sys.exit(3)", "some", "words")
    ended = process.wait(timeout_s=LIMIT_S)
    [started] = recorder.history().of(ProgramStarted)
    assert started == ProgramStarted(
        at_ns=started.at_ns,
        client="C1",
        role="worker",
        program="program.py",
        command=[sys.executable, str(LAUNCHER), str(process.program), "some", "words"],
        pid=process.pid,
    )
    assert process.role == "worker"
    expected = ProgramExited(at_ns=ended.at_ns, client="C1", pid=process.pid, exit_code=3)
    assert recorder.history().of(ProgramExited) == [expected] == [ended]


def test_what_a_publisher_sent_is_read_where_it_is_quoted(start, recorder: Recorder) -> None:
    start(r"""
        print(" [x] Sent 'Hello RabbitMQ 1'")
        print(" [x] Sent b'caf\\xc3\\xa9'")
        print('[X] sent: "two".')
        print(" [x] Sent 30 messages")
        print(" [x] Sent")
        print("Sent 'three'")
    """).wait(timeout_s=LIMIT_S)
    sent = [event.task for event in recorder.history().of(TaskSent)]
    assert sent == ["Hello RabbitMQ 1", "café", "two"]


def test_lines_of_several_threads_do_not_run_into_one_another(start, recorder: Recorder) -> None:
    start("""
        import sys, threading
        sys.setswitchinterval(1e-6)
        def say(number):
            for _ in range(300):
                print(f"thread {number} says this")
                print("and", "that", sep=" ", end="\\n", flush=True)
        threads = [threading.Thread(target=say, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    """).wait(timeout_s=LIMIT_S)
    said = {f"thread {number} says this" for number in range(4)} | {"and that"}
    assert len(lines(recorder)) == 2400
    assert set(lines(recorder)) == said


def test_what_has_no_end_yet_is_written_when_it_is_flushed(start, recorder: Recorder) -> None:
    start("""
        import os, sys
        print("half", end=" ", flush=True)
        os.write(1, b"of ")
        print("a line", end="")
        sys.stdout.flush()
        os.write(1, b"!\\n")
        sys.stdout.write("rest")
    """).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == ["half of a line!", "rest"]


def test_a_last_line_without_its_end_is_kept(start, recorder: Recorder) -> None:
    start("""
        import sys
        print("whole")
        sys.stdout.write("half")
    """).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == ["whole", "half"]


def test_binary_garbage_is_escaped(start, recorder: Recorder) -> None:
    start(r"""
        import os
        os.write(1, b"\xff\xfe\0 \xc3\xa9\n" + bytes(range(256)) + b"\n[x] Received b'\\xzz\n")
    """).wait(timeout_s=LIMIT_S)
    assert lines(recorder)[0] == "\\xff\\xfe\0 é"
    assert [event.task for event in recorder.history().of(TaskReceived)] == ["b'\\xzz"]


def test_long_lines_are_cut_and_still_understood(start, recorder: Recorder) -> None:
    process = start("""
        print(f" [x] Received {b'a' * 1_000_000!r}")
        print("b" * 5_000_000)
    """)
    process.wait(timeout_s=LIMIT_S)
    assert [len(line) for line in lines(recorder)] == [TEXT_LIMIT, TEXT_LIMIT]
    [received] = recorder.history().of(TaskReceived)
    assert received.task.startswith("a" * 256 + "… sha256:")


def test_a_flood_neither_blocks_the_program_nor_the_record(start, recorder: Recorder) -> None:
    process = start("""
        for number in range(300_000):
            print(f"line {number}")
        print("the end of it", end="")
    """)
    assert process.wait(timeout_s=60).exit_code == 0
    kept = len(lines(recorder))
    assert kept == LINES_LIMIT
    dropped = sum(event.line_count for event in recorder.history().of(OutputDropped))
    assert kept + dropped == 300_001
    assert len(recorder.history().of(OutputDropped)) <= 2
    assert process.tail(2) == ["line 299999", "the end of it"]


def test_a_program_that_prints_nothing_but_no_line_end_is_bounded(
    start, recorder: Recorder
) -> None:
    start("""
        import os
        for _ in range(512):
            os.write(1, b"y" * 65536)
    """).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == ["y" * TEXT_LIMIT]


def test_the_password_is_never_on_the_record(start, recorder: Recorder) -> None:
    process = start("""
        #!/bin/sh
        echo "$AMQP_URL"
        exit 1
    """)
    process.wait(timeout_s=LIMIT_S)
    assert lines(recorder) == ["amqp://somebody:…@127.0.0.1:1/scenario-01"]
    everything = f"{list(recorder.history())} {process.failure('x')} {vars(process)}"
    assert "battery" not in everything


def test_a_password_is_recognised_in_a_url_too(start, recorder: Recorder) -> None:
    start('#!/bin/sh\necho "$AMQP_URL"\necho p@ss: 100 %\n', password="p@ss: 100 %").wait(
        timeout_s=LIMIT_S
    )
    assert lines(recorder) == ["amqp://somebody:…@127.0.0.1:1/scenario-01", "…"]


@pytest.mark.parametrize(("password", "shown"), [("guest", "1 … 2"), ("gues", "1 guest 2")])
def test_a_short_password_leaves_the_names_of_tasks_whole(
    start, recorder: Recorder, password: str, shown: str
) -> None:
    start("#!/bin/sh\necho 1 guest 2\n", password=password).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == [shown]


def test_settings_do_not_show_their_password() -> None:
    settings = LaunchSettings(
        host="h",
        port=1,
        virtual_host="/",
        user="u",
        password="battery",
        seed=1,
        seconds_per_dot=1.0,
        scratch=Path("/"),
    )
    assert "battery" not in f"{settings!r} {settings}"
    assert settings.url() == "amqp://u:battery@h:1/%2F"


# ------------------------------------------------------------------ start


def test_what_cannot_be_started(start, tmp_path: Path, recorder: Recorder) -> None:
    with pytest.raises(BadInput, match=r"no program .*absent\.py"):
        start(tmp_path / "absent.py")
    with pytest.raises(BadInput, match="no program"):
        start(tmp_path)
    plain = tmp_path / "plain"
    plain.write_text("no interpreter")
    with pytest.raises(BadInput) as caught:
        start(plain)
    assert str(caught.value) == (
        f"the program {plain} is not executable: 'chmod +x' it (a Python script needs a name that "
        "ends in .py instead)"
    )
    plain.chmod(0o755)
    with pytest.raises(BadInput) as caught:
        start(plain)
    assert str(caught.value) == (
        f"cannot run {plain}: Exec format error. A script needs a first line like "
        "'#!/usr/bin/env node' that names an interpreter which is there."
    )
    before = os.listdir("/proc/self/fd")
    with pytest.raises(BadInput, match="cannot run"):
        start("pass", python=str(tmp_path / "absent"))
    assert len(os.listdir("/proc/self/fd")) == len(before)
    assert len(recorder) == 0


def test_a_program_that_ends_at_once_is_told_about(start) -> None:
    process = start("""
        import sys
        print("about to fail")
        sys.exit("no such module: pika")
    """)
    process.wait(timeout_s=LIMIT_S)
    story = str(process.failure("it ended before it subscribed to a queue"))
    assert "C1 (program.py): it ended before it subscribed to a queue." in story
    assert "ended with exit status 1" in story
    assert "    about to fail\n    no such module: pika\n" in story
    assert story.endswith(f"python {process.program}")


def failure_of(process: Process) -> list[str]:
    """Return the lines that tell of a program's end, after those of its command and its state."""
    process.wait(timeout_s=LIMIT_S)
    return str(process.failure("it ended")).splitlines()[3:]


def test_of_a_program_that_ends_in_silence_no_lines_are_shown(start) -> None:
    silent, hint = failure_of(start("import sys; sys.exit(1)"))
    assert silent == "  it printed nothing"
    assert hint.startswith("  hint: run it by hand against a broker on localhost:5672: ")


def test_a_program_that_finds_a_package_missing_is_told_where_to_put_it(start) -> None:
    first, *printed, hint = failure_of(start("import surely_absent.part"))
    assert first == "  its last lines:"
    assert printed[-1] == "    ModuleNotFoundError: No module named 'surely_absent'"
    assert "finds no 'surely_absent'" in hint
    assert hint.endswith("a module of your own belongs beside program.py")


def test_what_no_python_prints_is_no_missing_package(start) -> None:
    line = "ModuleNotFoundError: No module named 'pika'"
    *told, hint = failure_of(start(f'#!/bin/sh\necho "{line}"\n'))
    assert told == ["  its last lines:", f"    {line}"]
    assert hint.startswith("  hint: run it by hand")


def test_a_program_that_reads_from_its_empty_input_is_told_how_to_fill_it(start) -> None:
    *_, error, hint = failure_of(start("input()"))
    assert error == "    EOFError: EOF when reading a line"
    assert hint == (
        "  hint: it reads from its standard input, which is empty here; what it is to read may be "
        "in a file: --program-input program.py=FILE"
    )


# ------------------------------------------------------------------ works


def works(recorder: Recorder) -> list[tuple[str, float, bool | None]]:
    return [
        (type(event).__name__, event.seconds, getattr(event, "complete", None))
        for event in recorder.history()
        if isinstance(event, WorkBegan | WorkEnded)
    ]


ONE_WORK = [("WorkBegan", 0.01, None), ("WorkEnded", 0.01, True)]


def test_when_a_script_works_is_on_the_record(start, recorder: Recorder) -> None:
    start("""
        import time; work = time.sleep
        work(1)
        work(0.99)
        work(2.5)
    """).wait(timeout_s=LIMIT_S)
    assert works(recorder) == [
        *ONE_WORK,
        ("WorkBegan", 0.025, None),
        ("WorkEnded", 0.025, True),
    ]


def test_threads_and_forked_children_work_too(start, recorder: Recorder) -> None:
    start("""
        import os, threading, time; work = time.sleep
        thread = threading.Thread(target=time.sleep, args=(1,))
        thread.start()
        thread.join()
        if os.fork() == 0:
            work(1)
            os._exit(0)
        os.wait()
    """).wait(timeout_s=LIMIT_S)
    assert works(recorder) == ONE_WORK * 2


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_work_that_is_broken_off_is_not_complete(
    start, recorder: Recorder, how: signal.Signals
) -> None:
    process = start("""
        import signal, sys, time; work = time.sleep
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        work(1_000_000)
    """)
    recorder.wait_for(lambda e: isinstance(e, WorkBegan), what="its work", timeout_s=LIMIT_S)
    process.signal(how)
    process.wait(timeout_s=LIMIT_S)
    assert works(recorder)[1:] == [("WorkEnded", 10_000.0, False)]


def test_what_was_told_before_a_freeze_is_read_with_the_output(
    start, recorder: Recorder, background: Background
) -> None:
    process = start(
        """
        import os, signal, time; work = time.sleep
        print("up")
        work(1)
        os.kill(0, signal.SIGSTOP)
        """
    )
    wait_said(recorder, "up")
    background.loop.call_soon_threadsafe(
        partial(
            recorder.wait_for,
            lambda event: isinstance(event, Frozen),
            what="the freeze",
            timeout_s=LIMIT_S,
        )
    )
    wait_until(
        lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED,
        what="the script to stop",
        timeout_s=LIMIT_S,
    )
    process.freeze(timeout_s=LIMIT_S)
    process.output_dry(timeout_s=LIMIT_S)
    assert works(recorder) == ONE_WORK


def test_no_more_works_are_told_than_the_record_can_hold(
    start, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filaprova.programs.works.WORKS_LIMIT", 5)
    start("""
        import time; work = time.sleep
        for _ in range(10):
            work(1)
    """).wait(timeout_s=LIMIT_S)
    assert works(recorder) == ONE_WORK * 5


def test_a_program_that_the_script_runs_cannot_tell_of_works(start, recorder: Recorder) -> None:
    start("""
        import subprocess, sys
        names = "import os; print(sorted(os.listdir('/proc/self/fd'), key=int)[3:-1])"
        subprocess.run([sys.executable, "-c", names], close_fds=False)
    """).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == ["[]"]


@pytest.mark.parametrize(
    "closing",
    [
        "os.closerange(3, 65536)",
        "[os.close(fd) for fd in range(3, 200) if os.path.exists(f'/proc/self/fd/{fd}')]",
    ],
)
def test_a_script_that_closes_all_it_does_not_know_tells_of_its_works(
    start, recorder: Recorder, closing: str
) -> None:
    process = start(f"""
        import os, time; work = time.sleep
        {closing}
        work(1)
    """)
    assert process.wait(timeout_s=LIMIT_S).exit_code == 0
    assert works(recorder) == ONE_WORK


def test_a_script_that_puts_its_own_in_the_place_of_all_files_works_untold(
    start, recorder: Recorder, tmp_path: Path
) -> None:
    process = start(
        f"""
        import os, time; work = time.sleep
        number = os.open({str(tmp_path / "file")!r}, os.O_CREAT | os.O_RDWR)
        for fd in range(3, 200):
            os.dup2(number, fd)
        work(1)
        """,
        pause_at_task=1,
    )
    assert process.wait(timeout_s=LIMIT_S).exit_code == 0
    assert works(recorder) == []
    assert (tmp_path / "file").read_bytes() == b""


def test_nonsense_about_works_is_passed_over(recorder: Recorder) -> None:
    told = Works("C1", recorder)
    for line in (
        b"began",
        b"began 1 a -e.",
        b"began 1 a 1e9e",
        b"ended 1 a 1 whole",
        b"\xff\0",
        b"",
    ):
        assert not told.take(line + b"\n")
    assert not told.take(b"began 1 a 0.")
    assert not told.take(b"1\nstopp")
    assert told.take(b"ed\nended 1 b 0.1 whole\nended 1 a 0.1 broken\nended 1 a 0.1 whole\n")
    assert works(recorder) == [("WorkBegan", 0.1, None), ("WorkEnded", 0.1, False)]


def test_who_sleeps_and_until_when_is_on_the_record(recorder: Recorder) -> None:
    told = Works("C1", recorder)
    begun_ns, ended_ns = recorder.now_ns(), recorder.now_ns()
    since_boot_ns = ended_ns - recorder.moment_ns(0)
    assert not told.take(b"began 1 77-a 0.5\nbegan 2 77-b 0.25\n")
    assert not told.take(b"ended 1 77-a 0.5 whole %d\nended 2 77-b 0.25 broken\n" % since_boot_ns)
    first, second = recorder.history().of(WorkBegan)
    assert (first.client, first.thread, first.seconds) == ("C1", "77-a", 0.5)
    assert (second.client, second.thread, second.seconds) == ("C1", "77-b", 0.25)
    whole, broken = recorder.history().of(WorkEnded)
    assert (whole.client, whole.thread, whole.ended_ns) == ("C1", "77-a", ended_ns)
    assert (broken.client, broken.thread, broken.ended_ns) == ("C1", "77-b", None)
    assert begun_ns <= first.at_ns <= whole.at_ns


# ------------------------------------------------------------------ standing still at work

THREE_TASKS = """
    import time; work = time.sleep
    for number in range(3):
        print(f" [x] Received 'task {number}'")
        work(1)
        print(" [x] Done")
"""


def counts(process: Process) -> tuple[int, int]:
    process.output_dry(timeout_s=LIMIT_S)
    return process.received_count, process.done_count


def test_a_script_stands_still_in_the_middle_of_each_work_until_it_runs_free(
    start, recorder: Recorder
) -> None:
    process = start(THREE_TASKS, pause_at_task=1)
    process.wait_paused(timeout_s=LIMIT_S)
    assert (counts(process), works(recorder)) == ((1, 0), ONE_WORK[:1])
    assert process.is_to_stop is False
    process.step()
    assert process.is_to_stop is True
    process.wait_paused(timeout_s=LIMIT_S)
    assert (counts(process), works(recorder)) == ((2, 1), [*ONE_WORK, *ONE_WORK[:1]])
    assert process.paused
    process.thaw()
    assert process.wait(timeout_s=LIMIT_S).exit_code == 0
    assert not process.paused
    assert (counts(process), works(recorder)) == ((3, 3), ONE_WORK * 3)
    acts = [type(e) for e in recorder.history() if isinstance(e, Frozen | Continued)]
    assert acts == [Frozen, Continued] * 2


def test_a_script_stops_in_its_first_work_however_late_it_is_read(
    start, background: Background, tmp_path: Path
) -> None:
    read_on, progress = threading.Event(), tmp_path / "progress"
    process = start(
        f"""
        import time; work = time.sleep
        for number in range(10):
            with open({str(progress)!r}, "a") as file:
                file.write("x")
            print(" [x] Received %r" % f"task {{number}}".encode())
            work(1)
            print(" [x] Done")
        """,
        pause_at_task=1,
    )
    background.loop.call_soon_threadsafe(read_on.wait, LIMIT_S)
    try:
        wait_until(
            lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED,
            what="the script to stop",
            timeout_s=LIMIT_S,
        )
        assert progress.read_text() == "x"
    finally:
        read_on.set()
    process.wait_paused(timeout_s=LIMIT_S)
    assert counts(process) == (1, 0)


def test_a_script_that_steps_is_never_stopped_twice(start) -> None:
    """Whoever comes first, we to its next stop or it to its own SIGSTOP."""
    process = start(
        """
        import time; work = time.sleep
        for _ in range(200):
            work(1)
        """,
        pause_at_task=1,
    )
    for number in range(100):
        process.wait_paused(timeout_s=LIMIT_S)
        process.step() if number < 99 else process.thaw()
    assert process.wait(timeout_s=LIMIT_S).exit_code == 0


@pytest.mark.parametrize("act", ["freeze", "thaw"])
def test_a_script_that_is_slow_to_stop_itself_is_not_stopped_twice(start, act: str) -> None:
    process = start(
        """
        import os, threading, time; work = time.sleep
        write = os.write
        def slow_write(fd, text):
            if text == b"stopped\\n":
                threading.Event().wait(0.3)
            write(fd, text)
            threading.Event().wait(0.3)
        os.write = slow_write
        print("up")
        work(1)
        work(1)
        """,
        pause_at_task=1,
    )
    wait_until(
        lambda: not process._stop_token.exists(), what="it to begin to stop", timeout_s=LIMIT_S
    )
    if act == "freeze":
        process.freeze(timeout_s=LIMIT_S)
    process.thaw()
    assert process.wait(timeout_s=LIMIT_S).exit_code == 0


def test_one_that_has_begun_to_stop_and_does_not_is_not_waited_for_for_ever(start) -> None:
    process = start("#!/bin/sh\nexec sleep 1000\n", pause_at_task=1)
    process._stop_token.unlink()
    waits: list[Waited] = []
    with waits_told_to(waits.append), pytest.raises(TimedOut) as caught:
        process.freeze(timeout_s=0.1)
    why = "waited 0.1 s for C1 to stop itself; it has only begun to."
    assert str(caught.value) == why
    assert [(each.kind, each.what, each.limit_s) for each in waits] == [
        ("stopped itself", "C1", 0.1)
    ]
    process.end(timeout_s=0.1)
    assert process.wait(timeout_s=0).signal_name == "SIGTERM"


def test_a_script_that_is_to_run_free_before_it_stops_does_not_stop(start) -> None:
    process = start("import time; work = time.sleep; work(1)", pause_at_task=1)
    process.thaw()
    assert process.wait(timeout_s=LIMIT_S).exit_code == 0


def test_a_script_that_does_not_sleep_stops_before_it_says_done(start) -> None:
    process = start(
        """
        for number in range(3):
            print(f" [x] Received 'task {number}'")
            print(" [x] Done")
        """,
        pause_at_task=1,
    )
    for number in range(3):
        process.wait_paused(timeout_s=LIMIT_S)
        assert counts(process) == (number + 1, number)
        process.step()
    assert process.wait(timeout_s=LIMIT_S).exit_code == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_paused_script_ends_by_a_signal(start, how: signal.Signals) -> None:
    process = start(THREE_TASKS, pause_at_task=1)
    process.wait_paused(timeout_s=LIMIT_S)
    process.signal(how)
    process.signal(signal.SIGCONT) if how is not signal.SIGKILL else None
    process.wait(timeout_s=LIMIT_S)
    assert process.done_count == 0


def test_an_interrupt_reaches_into_the_work(start, recorder: Recorder) -> None:
    process = start(
        """
        import time; work = time.sleep
        try:
            try:
                work(1_000_000)
            finally:
                print("finally")
        except KeyboardInterrupt:
            print("Interrupted")
        """,
        pause_at_task=1,
    )
    process.wait_paused(timeout_s=LIMIT_S)
    process.signal(signal.SIGINT)
    process.signal(signal.SIGCONT)
    assert process.wait(timeout_s=LIMIT_S).exit_code == 0
    assert lines(recorder) == ["finally", "Interrupted"]
    assert works(recorder)[-1] == ("WorkEnded", 10_000.0, False)


def test_a_program_in_another_language_is_stopped_by_who_reads_its_lines(
    start, tmp_path: Path
) -> None:
    process = start(
        """
        #!/bin/sh
        echo ' [x] Received one'
        echo ' [x] Done'
        echo ' [x] Received two'
        until [ -e go ]; do sleep 0.01; done
        echo ' [x] Received three'
        """,
        pause_at_task=2,
    )
    waits: list[Waited] = []
    with waits_told_to(waits.append):
        process.wait_paused(timeout_s=LIMIT_S)
    assert ("paused", "C1", LIMIT_S) in [(each.kind, each.what, each.limit_s) for each in waits]
    assert (process.received_count, process.done_count) == (2, 1)
    process.thaw()
    (tmp_path / "go").touch()
    assert process.wait(timeout_s=LIMIT_S).exit_code == 0
    assert process.received_count == 3


def test_one_that_does_not_come_to_the_task_it_is_to_stop_in(start, recorder: Recorder) -> None:
    process = start("#!/bin/sh\necho ' [x] Received one'\nexec sleep 60\n", pause_at_task=2)
    recorder.wait_for(lambda e: isinstance(e, TaskReceived), what="a task", timeout_s=LIMIT_S)
    with pytest.raises(TimedOut) as caught:
        process.wait_paused(timeout_s=0.1)
    assert str(caught.value) == "waited 0.1 s for C1 to stand still in a task; it has begun 1."
    assert not process.is_frozen


def test_a_program_that_is_just_starting_another_stands_still(
    start, recorder: Recorder, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "fifo")
    process = start(f"""
        import os
        print("up")
        first = [(os.POSIX_SPAWN_OPEN, 9, {str(tmp_path / "fifo")!r}, os.O_RDONLY, 0)]
        os.posix_spawn("/bin/true", ["true"], os.environ, file_actions=first)
        print("on")
    """)
    wait_said(recorder, "up")
    wait_until(  # until the child is between vfork and exec, where it opens the other end
        lambda: psutil.Process(process.pid).status() == psutil.STATUS_DISK_SLEEP,
        what="the program to wait for its child",
        timeout_s=LIMIT_S,
    )
    process.freeze(timeout_s=LIMIT_S)
    process.thaw()
    (tmp_path / "fifo").write_text("")
    wait_said(recorder, "on")


def test_a_killed_program_is_told_about(start, recorder: Recorder) -> None:
    process = start("import signal; print('up'); signal.pause()")
    wait_said(recorder, "up")
    process.signal(signal.SIGKILL)
    ended = process.wait(timeout_s=LIMIT_S)
    assert (ended.exit_code, ended.signal_name) == (None, "SIGKILL")
    assert "ended by SIGKILL" in str(process.failure("x"))
    with pytest.raises(ProgramFailed, match="had ended before it could be sent SIGTERM"):
        process.signal(signal.SIGTERM)


def test_its_input_is_empty_and_its_temporary_files_go_to_scratch(
    start, recorder: Recorder, reaper
) -> None:
    start("""
        import sys, tempfile
        print(repr(sys.stdin.read()), tempfile.gettempdir())
    """).wait(timeout_s=LIMIT_S)
    assert lines(recorder) == [f"'' {reaper.scratch}"]


def test_waiting_for_one_that_never_ends(start, recorder: Recorder) -> None:
    process = start("import signal; print('at first'); print('forever'); signal.pause()")
    wait_said(recorder, "forever")
    waits: list[Waited] = []
    with (
        waits_told_to(waits.append),
        pytest.raises(TimedOut, match=r"waited 0\.1 s for C1 .* last line: 'forever'"),
    ):
        process.wait(timeout_s=0.1)
    assert [(each.kind, each.what, each.limit_s) for each in waits] == [(PROGRAM_ENDED, "C1", 0.1)]
    assert process.running


def test_waiting_for_one_that_says_nothing(start) -> None:
    process = start("import signal; signal.pause()")
    with pytest.raises(TimedOut, match="it did not; it has printed nothing"):
        process.wait(timeout_s=0)


@pytest.mark.parametrize("kind", ["", "#!/usr/bin/env python3\n"], ids=["script", "executable"])
def test_interrupt_works_although_we_were_started_with_it_ignored(
    start, recorder: Recorder, kind: str
) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = start(
            kind
            + "import signal\n"
            + "try:\n    print('up', flush=True)\n    while True: signal.sigtimedwait([], 0.01)\n"
            + "except KeyboardInterrupt:\n    print('Interrupted')\n"
        )
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        wait_said(recorder, "up")
        process.signal(signal.SIGINT)
        assert process.wait(timeout_s=LIMIT_S).exit_code == 0
    finally:
        signal.signal(signal.SIGINT, before)
    assert lines(recorder) == ["up", "Interrupted"]


# ------------------------------------------------------------------ freeze


def test_a_frozen_program_does_nothing_until_it_is_thawed(start, recorder: Recorder) -> None:
    process = start("""
        import itertools
        for number in itertools.count():
            print(number)
    """)
    wait_said(recorder, "100")
    process.freeze(timeout_s=LIMIT_S)
    process.output_dry(timeout_s=LIMIT_S)
    stopped_at = len(recorder)
    with pytest.raises(TimedOut):
        recorder.wait_for(lambda _: True, what="a word", timeout_s=0.1, since=stopped_at)
    process.thaw()
    recorder.wait_for(
        lambda event: isinstance(event, OutputLine),
        what="a word",
        timeout_s=LIMIT_S,
        since=stopped_at,
    )
    assert process.is_frozen is False
    acts = [e for e in recorder.history() if isinstance(e, Frozen | Continued)]
    assert [(type(e), e.client) for e in acts] == [(Frozen, "C1"), (Continued, "C1")]


def test_what_stands_still_is_told_by_its_status_where_there_is_no_proc(
    start, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filaprova.programs.group._PROC", tmp_path)
    process = start("import signal; print('up'); signal.pause()")
    wait_said(recorder, "up")
    assert not stands_still(process.pid)
    process.freeze(timeout_s=LIMIT_S)
    assert psutil.Process(process.pid).status() == psutil.STATUS_STOPPED
    assert stands_still(process.pid)
    process.end()
    assert stands_still(process.pid)
    with subprocess.Popen(["true"]) as ended:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        assert stands_still(ended.pid), "a zombie"


def test_freezing_stops_every_thread_and_every_child(start, recorder: Recorder) -> None:
    process = start("""
        import os, threading, time; work = time.sleep
        def spin():
            while True:
                pass
        for _ in range(4):
            threading.Thread(target=spin, daemon=True).start()
        if os.fork() == 0:
            spin()
        print("up")
        spin()
    """)
    wait_said(recorder, "up")
    process.freeze(timeout_s=LIMIT_S)
    [child] = psutil.Process(process.pid).children()
    states = {
        thread: (Path("/proc") / str(pid) / "task" / thread / "stat").read_text().rsplit(") ")[1][0]
        for pid in (process.pid, child.pid)
        for thread in os.listdir(f"/proc/{pid}/task")
    }
    assert len(states) == 6
    assert set(states.values()) == {"T"}


def test_nothing_written_before_a_freeze_is_missed(start, recorder: Recorder) -> None:
    """500 times: what the program says it has written is on the record after output_dry."""
    process = start(
        """
        import mmap, os, select, sys
        written = mmap.mmap(os.open(sys.argv[1], os.O_RDWR), 8)
        number = 0
        while True:
            number += 1
            os.write(1, b"line %d\\n" % number)
            written[:8] = number.to_bytes(8, "little")
            if number % 20 == 0:
                select.select([], [], [], 0.0005)
        """,
        str(counter := _counter(recorder)),
    )
    recorder.wait_for(lambda e: isinstance(e, OutputLine), what="a line", timeout_s=LIMIT_S)

    def count() -> int:
        return int.from_bytes(counter.read_bytes(), "little")

    for _ in range(500):
        process.freeze(timeout_s=LIMIT_S)
        process.output_dry(timeout_s=LIMIT_S)
        written = count()
        seen = int(process.tail(1)[0].removeprefix("line "))
        assert written <= seen <= written + 1
        process.thaw()
        wait_until(
            lambda written=written: count() > written,
            what="the program to go on",
            timeout_s=LIMIT_S,
            every_s=0,
        )


def _counter(recorder: Recorder) -> Path:
    path = Path(recorder._file.name).with_name("counter")
    path.write_bytes(bytes(8))
    return path


def test_a_signal_to_a_frozen_program_takes_effect_when_it_continues(
    start, recorder: Recorder
) -> None:
    process = start("""
        import signal
        try:
            print(" [x] Received 'task'")
            signal.pause()
            print(" [x] Done")
        except KeyboardInterrupt:
            print("Interrupted")
    """)
    recorder.wait_for(lambda e: isinstance(e, TaskReceived), what="a task", timeout_s=LIMIT_S)
    process.freeze(timeout_s=LIMIT_S)
    process.signal(signal.SIGINT)
    process.output_dry(timeout_s=LIMIT_S)
    assert lines(recorder) == [" [x] Received 'task'"]
    process.signal(signal.SIGCONT)
    assert process.wait(timeout_s=LIMIT_S).exit_code == 0
    assert lines(recorder)[-1] == "Interrupted"


def test_what_has_ended_cannot_be_frozen(start) -> None:
    process = start("pass")
    process.wait(timeout_s=LIMIT_S)
    with pytest.raises(ProgramFailed, match="exit status 0"):
        process.freeze(timeout_s=LIMIT_S)


def test_what_does_not_come_to_stand_still_runs_on(
    start, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start("""
        import itertools
        for number in itertools.count():
            print(number)
    """)
    wait_said(recorder, "100")
    clock, slept = itertools.count(), list[float]()
    ticking = SimpleNamespace(monotonic=lambda: next(clock) / 10, sleep=slept.append)
    waits: list[Waited] = []
    with monkeypatch.context() as patch, waits_told_to(waits.append):
        patch.setattr("filaprova.programs.program.stands_still", lambda _: False)
        patch.setattr("filaprova.waiting.time", ticking)
        with pytest.raises(TimedOut) as caught:
            process.freeze(timeout_s=1.0)
    who = f"C1 (process {process.pid}) to stand still"
    assert str(caught.value) == f"waited 1.0 s for {who}; it did not come."
    assert [(each.kind, each.what, each.limit_s) for each in waits] == [("frozen", who, 1.0)]
    assert slept[0] == 0.001, "it is looked at again at once: each moment counts"
    assert not process.is_frozen
    recorder.wait_for(
        lambda event: isinstance(event, OutputLine),
        what="a word",
        timeout_s=LIMIT_S,
        since=len(recorder),
    )


ReadLate: TypeAlias = Callable[[], Callable[[], None]]


@pytest.fixture
def read_late(background: Background) -> Iterator[ReadLate]:
    """Have the loop that reads what programs do stand still; what is returned lets it go on."""
    stands, may_run = threading.Event(), threading.Event()

    def stand() -> None:
        stands.set()
        may_run.wait(LIMIT_S)

    def read_late() -> Callable[[], None]:
        background.loop.call_soon_threadsafe(stand)
        assert stands.wait(LIMIT_S)
        return may_run.set

    yield read_late
    may_run.set()


def test_an_end_that_is_read_late_does_not_keep_a_signal_waiting(
    start, read_late: ReadLate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filaprova.programs.program.KILL_LIMIT_S", 0.01)
    process = start("#!/bin/sh\nuntil [ -e go ]; do sleep 0.01; done\n")
    read_late()
    (tmp_path / "go").touch()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(ProgramFailed, match="it had ended before it could be sent SIGINT"):
        process.signal(signal.SIGINT)
    assert process.running, "its end is not on the record yet"


def test_an_end_that_is_read_late_does_not_keep_a_freeze_waiting(
    start, read_late: ReadLate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends_meanwhile(pid: int) -> bool:
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        return True

    process = start("#!/bin/sh\nexec sleep 1000\n")
    read_late()
    with monkeypatch.context() as patch:
        patch.setattr("filaprova.programs.program.stands_still", ends_meanwhile)
        with pytest.raises(ProgramFailed, match=r": it ended before it could be frozen\."):
            process.freeze(timeout_s=0.1)
    assert process.running, "its end is not on the record yet"
    assert not process.is_frozen


def test_an_end_in_the_moment_of_a_freeze_is_noticed(start) -> None:
    """Freeze programs that are about to end, at many moments: frozen, or failed; never hung."""
    outcomes = set()
    for _ in range(40):
        process = start("#!/bin/sh\nexit 0\n")
        try:
            while True:
                process.freeze(timeout_s=LIMIT_S)
                process.thaw()
                select.select([], [], [], 0.0005)  # or it would hardly get on
        except ProgramFailed as error:
            outcomes.add("exit status 0" in str(error))
        process.end()
    assert outcomes == {True}


# ------------------------------------------------------------------ end


def test_ending_one_that_ignores_signals(start, recorder: Recorder) -> None:
    process = start("""
        import signal
        for ignored in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)
        print("up")
        while True:
            signal.pause()
    """)
    wait_said(recorder, "up")
    waits: list[Waited] = []
    with waits_told_to(waits.append):
        process.end(timeout_s=0.2)
        assert process.wait(timeout_s=0).signal_name == "SIGKILL"
        process.end()
    assert [(each.kind, each.what, each.limit_s) for each in waits] == [
        ("program terminated", "C1", 0.2),
        ("program killed", "C1", KILL_LIMIT_S),
        ("children killed", "C1", KILLING_LIMIT_S),
        ("observer's turn", "", 30.0),
        (PROGRAM_ENDED, "C1", 0),
    ]


def test_one_that_ends_when_it_is_told_to_is_not_killed(start, recorder: Recorder) -> None:
    process = start("import signal; print('up'); signal.pause()")
    wait_said(recorder, "up")
    waits: list[Waited] = []
    with waits_told_to(waits.append):
        process.end()
    kinds = [each.kind for each in waits]
    assert kinds == ["program terminated", "children killed", "observer's turn"]
    assert process.wait(timeout_s=0).signal_name == "SIGTERM"


def test_an_end_that_is_read_late_does_not_keep_the_children_alive(
    start, recorder: Recorder, read_late: ReadLate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filaprova.programs.program.KILL_LIMIT_S", 0.01)
    process = start("import signal; print('up'); signal.pause()")
    wait_said(recorder, "up")
    read_on = read_late()
    seen: list[bool] = []

    def note(waited: Waited) -> None:
        if waited.kind == "children killed":
            seen.append(process.running)
            read_on()

    with waits_told_to(note):
        process.end(timeout_s=0.01)
    assert seen == [True], "its end was not on the record yet"


def test_what_cannot_be_ended_is_told(start, monkeypatch: pytest.MonkeyPatch) -> None:
    process = start("pass")
    with monkeypatch.context() as patch:
        left = ["process 1 (init)", "process 2 (kthreadd)"]
        patch.setattr("filaprova.programs.program.kill_all", lambda *_, **__: left)
        with pytest.raises(HarnessBug) as caught:
            process.end()
    assert str(caught.value) == ("C1 could not be ended: process 1 (init), process 2 (kthreadd)")


def test_a_child_that_nobody_knows_keeps_none_of_our_files_open(start, recorder: Recorder) -> None:
    start("pass").end()
    before = len(os.listdir("/proc/self/fd"))
    process = start("""
        #!/bin/sh
        setsid env -i sleep 1000 &
        echo child $!
    """)
    process.wait(timeout_s=LIMIT_S)
    wait_until(lambda: lines(recorder), what="its child", timeout_s=LIMIT_S)
    child = psutil.Process(int(lines(recorder)[0].removeprefix("child ")))
    try:
        wait_until(lambda: not child.environ(), what="it to be nobody's", timeout_s=LIMIT_S)
        process.end()
        assert child.is_running()
        assert len(os.listdir("/proc/self/fd")) == before
    finally:
        child.kill()


def test_only_what_has_been_written_is_read_before_an_end(
    start, recorder: Recorder, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes as fast as we read would keep us for ever."""
    process = start("import signal; print('up'); signal.pause()")
    wait_said(recorder, "up")
    taken: list[bytes] = []

    async def read_what_is_there() -> None:
        with (
            open(f"/proc/{process.pid}/fd/1", "wb", buffering=0) as pipe,
            monkeypatch.context() as patch,
        ):

            def take(_stream: str, chunk: bytes) -> None:
                taken.append(chunk)
                pipe.write(b"more\n")

            patch.setattr(process._transcript, "take", take)
            pipe.write(b"first\n")
            process._read_what_is_there()

    background.run(read_what_is_there())
    assert taken == [b"first\n"]


def test_a_pipe_that_was_read_out_meanwhile_is_not_waited_for(
    start, recorder: Recorder, background: Background, read_late: ReadLate, tmp_path: Path
) -> None:
    process = start("""
        #!/bin/sh
        until [ -e go ]; do sleep 0.01; done
        echo up
        echo > said
        exec sleep 1000
    """)
    read_on = read_late()
    background.loop.call_soon_threadsafe(process._read_what_is_there)
    (tmp_path / "go").touch()
    wait_until((tmp_path / "said").exists, what="a word", timeout_s=LIMIT_S)
    read_on()  # the loop sees that there is something, and calls first who reads it
    process.output_dry(timeout_s=LIMIT_S)
    assert lines(recorder) == ["up"]


def test_ending_a_frozen_one_lets_it_clean_up(start, recorder: Recorder) -> None:
    process = start("""
        import signal, sys
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("bye"))
        print("up")
        signal.pause()
    """)
    wait_said(recorder, "up")
    process.freeze(timeout_s=LIMIT_S)
    process.end()
    assert lines(recorder, "stderr") == ["bye"]


def test_a_child_that_keeps_the_pipes_does_not_hide_the_end(start, recorder: Recorder) -> None:
    process = start("""
        import os, signal, sys
        if os.fork() == 0:
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print(f"child {os.getpid()}")
            while True:
                signal.pause()
        print("parent", end="")
    """)
    assert process.wait(timeout_s=LIMIT_S).exit_code == 0
    child = recorder.wait_for(
        lambda e: isinstance(e, OutputLine) and "child" in e.text, what="it", timeout_s=LIMIT_S
    )
    assert isinstance(child, OutputLine)
    pid = int(child.text.rpartition("child ")[2])
    assert is_alive(pid)
    process.end()
    assert not is_alive(pid)
    assert "parent" in "".join(lines(recorder))


def test_a_wrapper_and_its_child_get_the_signal(start, recorder: Recorder) -> None:
    process = start("""
        #!/bin/sh
        sleep 1000 &
        echo child $!
        wait
    """)
    recorder.wait_for(lambda e: isinstance(e, OutputLine), what="its child", timeout_s=LIMIT_S)
    child = int(lines(recorder)[0].removeprefix("child "))
    process.signal(signal.SIGKILL)
    process.wait(timeout_s=LIMIT_S)
    wait_until(lambda: not is_alive(child), what="the child's end", timeout_s=LIMIT_S)


def test_end_is_noticed_where_there_is_no_pidfd(
    start, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    before = set(threading.enumerate())
    process = start("print('up')")
    new = set(threading.enumerate()) - before
    assert all(thread.daemon for thread in new), "nobody who leaves waits for it"
    assert process.wait(timeout_s=LIMIT_S).exit_code == 0
    assert lines(recorder) == ["up"]
    other = start("import signal; print('other'); signal.pause()")
    wait_said(recorder, "other")
    other.freeze(timeout_s=LIMIT_S)
    other.end()
    assert other.wait(timeout_s=0).signal_name == "SIGTERM"
    closed = asyncio.new_event_loop()
    closed.close()
    other._wait_in_thread(closed)  # nobody is there any more whom it would concern


def test_nothing_is_kept_open(start) -> None:
    def open_files() -> int:
        return len(os.listdir("/proc/self/fd"))

    start("pass").end()
    before = open_files()
    for _ in range(5):
        start("print('x')").end()
    assert open_files() == before
    assert threading.active_count() <= 2
