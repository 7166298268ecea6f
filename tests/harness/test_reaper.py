"""The reaper, examined with real runs that are killed and real processes that will not go."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from filaprova.errors import EnvironmentMissing, HarnessBug, TimedOut
from filaprova.reaper import Reaper, sidecar
from filaprova.reaper.sidecar import MARKER, marked
from filaprova.waiting import wait_until
from tests.patience import PATIENCE_S

STUBBORN = """
import os, signal, subprocess, sys
for name in ("SIGTERM", "SIGINT", "SIGHUP"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
def show():
    open(os.path.join(sys.argv[1], str(os.getpid())), "x").close()
if os.fork() == 0:
    os.setsid()
    os.closerange(0, 256)
    if os.fork() == 0:
        show()  # a daemon: own session, no parent, nothing open
        while True:
            signal.pause()
    os._exit(0)
bare = [sys.executable, "-c", "import signal; signal.pause()"]
open(os.path.join(sys.argv[1], str(subprocess.Popen(bare, env={}).pid)), "x").close()
show()
os.kill(os.getpid(), signal.SIGSTOP)
"""
"""Ignores what it can, has a daemon for a grandchild, a child without a marker, and is frozen."""

RUN = """
import os, subprocess, sys
from filaprova.reaper import Reaper
pids, stubborn = sys.argv[1:]
say = lambda word: print(word, flush=True)
say("begun")
with Reaper() as reaper:
    say("open")
    (reaper.scratch / "folder").mkdir()
    (reaper.scratch / "folder" / "file").write_text("secret")
    reaper.at_end(["touch", os.path.join(pids, "..", "ended")])
    say("registered")
    for number in range(3):
        subprocess.Popen(
            [sys.executable, "-c", stubborn, pids], env=os.environ | reaper.environment
        )
        say(f"started {number}")
    say("waiting")
    sys.stdin.read()
"""


class KillableRun:
    """A run in a process of its own, with a temporary folder by which its traces are known."""

    def __init__(self, tmp_path: Path, source: str = RUN) -> None:
        self.pids = tmp_path / "pids"
        self.pids.mkdir()
        self.temporary = tmp_path / "temporary"
        self.temporary.mkdir()
        self.popen = subprocess.Popen(
            [sys.executable, "-c", source, str(self.pids), STUBBORN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"TMPDIR": str(self.temporary)},
            start_new_session=True,
        )

    def wait_said(self, word: str) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            if line.decode().strip() == word:
                return
        raise AssertionError(f"the run ended before it said {word!r}")

    def shown(self) -> list[int]:
        return [int(path.name) for path in self.pids.iterdir()]

    def traces(self) -> list[str]:
        """Return what is there of the run, found without the marker."""
        living = [f"process {pid}" for pid in self.shown() if is_alive(pid)]
        for process in psutil.process_iter():
            try:
                if process.environ().get("TMPDIR") == str(self.temporary):
                    living.append(f"process {process.pid} {process.cmdline()[:3]}")
            except (psutil.Error, OSError):
                pass
        return living + [str(path) for path in self.temporary.iterdir()]

    def kill(self) -> None:
        os.kill(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def wait_traceless(self) -> None:
        try:
            wait_until(lambda: not self.traces(), what="the end", timeout_s=PATIENCE_S)
        except TimedOut:
            pytest.fail(f"still there: {self.traces()}")

    def close(self) -> None:
        if self.popen.poll() is None:
            self.kill()
        for pipe in (self.popen.stdin, self.popen.stdout):
            assert pipe is not None
            pipe.close()


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def run(tmp_path: Path) -> Iterator[KillableRun]:
    run = KillableRun(tmp_path)
    yield run
    run.close()


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that belongs to nobody's run."""
    with subprocess.Popen(["sleep", "60"]) as child:
        yield child
        child.kill()


def test_a_killed_run_leaves_nothing(run: KillableRun, tmp_path: Path) -> None:
    run.wait_said("waiting")
    wait_until(lambda: len(run.shown()) == 9, what="9 stubborn processes", timeout_s=PATIENCE_S)
    assert len(run.traces()) >= 8
    run.kill()
    run.wait_traceless()
    assert (tmp_path / "ended").exists()


@pytest.mark.parametrize(
    "moment", ["begun", "open", "registered", "started 0", "started 1", "started 2", "waiting"]
)
def test_killed_at_any_moment(run: KillableRun, tmp_path: Path, moment: str) -> None:
    run.wait_said(moment)
    run.kill()
    run.wait_traceless()
    after_registration = moment not in ("begun", "open")
    assert (tmp_path / "ended").exists() or not after_registration


@pytest.mark.parametrize("delay_ms", range(0, 44, 4))
def test_killed_while_the_reaper_opens(run: KillableRun, delay_ms: int) -> None:
    run.wait_said("begun")
    assert run.popen.stdout is not None
    select.select([], [], [], delay_ms / 1000)
    run.kill()
    run.wait_traceless()


def test_a_run_that_ends_waits_until_all_is_gone(run: KillableRun, tmp_path: Path) -> None:
    run.wait_said("waiting")
    assert run.popen.stdin is not None
    run.popen.stdin.close()
    assert run.popen.wait() == 0
    assert run.traces() == []
    assert (tmp_path / "ended").exists()


def test_a_child_forked_without_exec_cannot_keep_a_dead_run_alive(tmp_path: Path) -> None:
    run = KillableRun(
        tmp_path,
        textwrap.dedent("""
            import os, signal, sys
            from filaprova.reaper import Reaper
            reaper = Reaper()
            child = os.fork()
            if child == 0:
                signal.alarm(60)
                signal.pause()
            print(child, flush=True)
            signal.pause()
        """),
    )
    assert run.popen.stdout is not None
    forked = int(run.popen.stdout.readline())
    try:
        run.kill()
        wait_until(
            lambda: not list(run.temporary.iterdir()),
            what="the folder to be gone",
            timeout_s=PATIENCE_S,
        )
        assert is_alive(forked), "it has no marker: not ours to kill"
    finally:
        os.kill(forked, signal.SIGKILL)
        run.close()


def test_children_do_not_inherit_the_pipe() -> None:
    with Reaper() as reaper:
        pipe = os.readlink(f"/proc/self/fd/{sidecar_input(reaper)}")
        child = subprocess.run(
            ["ls", "-l", "/proc/self/fd"],
            close_fds=False,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    assert "pipe:" in child.stdout
    assert pipe not in child.stdout


def sidecar_input(reaper: Reaper) -> int:
    pipe = reaper._sidecar.stdin
    assert pipe is not None
    return pipe.fileno()


def test_commands_run_last_one_first_after_the_kills_and_before_the_folder_goes(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    say = "import os, sys; print(sys.argv[2], os.path.exists(%r), file=open(sys.argv[1], 'a'))"
    with Reaper() as reaper:
        for word in ("first", "second"):
            reaper.at_end([sys.executable, "-c", say % str(reaper.scratch), str(log), word])
    assert log.read_text() == "second True\nfirst True\n"
    assert not reaper.scratch.exists()


def test_what_will_not_go_is_named(tmp_path: Path) -> None:
    reaper = Reaper()
    reaper.at_end([sys.executable, "-c", "import sys; sys.exit('no such container: abc')"])
    reaper.at_end([str(tmp_path / "absent")])
    with pytest.raises(HarnessBug, match=r"absent.*exit status 1: no such container: abc"):
        reaper.close()
    assert not reaper.scratch.exists()
    reaper.close()


def test_no_place_for_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "absent"))
    with pytest.raises(EnvironmentMissing, match=r"No such file .*absent"):
        Reaper()


def test_scratch_is_private() -> None:
    with Reaper() as reaper:
        assert reaper.scratch.stat().st_mode & 0o777 == 0o700


def test_only_its_own_run_is_cleaned_up(child: subprocess.Popen[bytes]) -> None:
    with Reaper() as first:
        environment = os.environ | first.environment
        with subprocess.Popen(["sleep", "60"], env=environment) as marked:
            with Reaper() as second:
                assert second.run_id != first.run_id
            assert marked.poll() is None
            first.close()
            assert marked.wait() == -signal.SIGKILL
    assert child.poll() is None


def test_signals_of_a_terminal_do_not_end_the_sidecar() -> None:
    with Reaper() as reaper:
        sidecar = reaper._sidecar
        assert os.getsid(sidecar.pid) == sidecar.pid
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            sidecar.send_signal(ending)
    assert not reaper.scratch.exists()


def test_a_lost_sidecar_is_reported_and_replaced_at_the_end(tmp_path: Path) -> None:
    reaper = Reaper()
    reaper.at_end(["touch", str(tmp_path / "ended")])
    with subprocess.Popen(["sleep", "60"], env=os.environ | reaper.environment) as marked:
        reaper._sidecar.kill()
        reaper._sidecar.wait()
        with pytest.raises(HarnessBug, match=r"the reaper .* is gone"):
            reaper.at_end(["true"])
        reaper.close()
        assert marked.wait() == -signal.SIGKILL
    assert not reaper.scratch.exists()
    assert (tmp_path / "ended").exists()


def test_an_outer_run_does_not_reap_the_sidecar(monkeypatch: pytest.MonkeyPatch) -> None:
    with Reaper() as outer:
        for name, value in outer.environment.items():
            monkeypatch.setenv(name, value)
        with Reaper() as inner:
            environment = psutil.Process(inner._sidecar.pid).environ()
            assert not set(outer.environment) & set(environment)


def test_a_run_that_was_killed_before_anybody_looked_has_ended(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    scratch = tmp_path / "scratch"
    with subprocess.Popen(
        [sys.executable, "-I", sidecar.__file__, "a-run", str(ended.pid), str(scratch)],
        stdin=subprocess.PIPE,  # stays open, as a forked child of the run would hold it
        stdout=subprocess.PIPE,
    ) as reaping:
        try:
            assert reaping.wait(PATIENCE_S) == 0
        finally:
            reaping.kill()
    assert not scratch.exists()


def test_a_long_list_of_commands_arrives_whole(tmp_path: Path) -> None:
    names = [f"{number:04}-{'x' * 200}" for number in range(600)]
    write = "import json, sys; json.dump(sys.argv[2:], open(sys.argv[1], 'w'))"
    with Reaper() as reaper:
        reaper.at_end([sys.executable, "-c", write, str(tmp_path / "names"), *names])
    assert json.loads((tmp_path / "names").read_text()) == names


@pytest.mark.parametrize(("marker", "value"), [(MARKER, None), (MARKER, ""), (None, None)])
def test_who_has_no_marker_belongs_to_nobody(marker: str, value: str) -> None:
    """Only looks: whoever is found here would be killed, and that is the whole machine."""
    assert marked(marker, value) == set()


def test_what_a_command_is_told_is_in_no_list_of_processes(tmp_path: Path) -> None:
    look = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"
    with Reaper() as reaper:
        reaper.at_end([sys.executable, "-c", look, str(tmp_path / "told")], told="a secret: ção")
    assert (tmp_path / "told").read_text() == "a secret: ção"


def test_a_command_need_not_read_what_it_is_told() -> None:
    with Reaper() as reaper:
        reaper.at_end(["true"], told="x" * 4_000)
