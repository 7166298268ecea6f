"""History and Recorder: order, waiting, and a file that survives a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from filaprova.errors import BadInput, EnvironmentMissing, TimedOut
from filaprova.record.act import (
    Checkpoint,
    Frozen,
    HistoryOpened,
    StepStarted,
)
from filaprova.record.event import SCHEMA, Event
from filaprova.record.history import History
from filaprova.record.recorder import FLUSH_EVERY_S, Recorder
from tests.harness.disks import small_disk
from tests.patience import PATIENCE_S

LIMIT_S = PATIENCE_S


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.jsonl"


@pytest.fixture
def recorder(path: Path) -> Iterator[Recorder]:
    recorder = Recorder(path)
    yield recorder
    recorder.close()


def opened(schema: int = SCHEMA) -> HistoryOpened:
    return HistoryOpened(at_ns=0, schema=schema, scenario="s", started_at="2024-01-01", seed=1)


def step(title: object) -> StepStarted:
    return StepStarted(at_ns=1, title=str(title))


def titles(events: History | list[Event]) -> list[str]:
    return [event.title for event in events if isinstance(event, StepStarted)]


def titled(title: str) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, StepStarted) and event.title == title


# ---------------------------------------------------------------- History


def test_events_of_one_kind_in_their_order() -> None:
    history = History([step(1), Frozen(at_ns=2, client="C1"), step(2)])
    assert titles(list(history.of(StepStarted))) == ["1", "2"]
    assert history.of(Checkpoint) == []
    assert history.of(Event) == []
    assert (len(history), len(list(history))) == (3, 3)


def test_a_history_does_not_change_with_the_lists_around_it() -> None:
    events: list[Event] = [step(1)]
    history = History(events)
    events.append(step(2))
    history.of(StepStarted).clear()
    assert titles(history) == ["1"]
    assert len(history.of(StepStarted)) == 1


def test_the_part_before_a_checkpoint() -> None:
    one, two = Checkpoint(at_ns=2, name="one"), Checkpoint(at_ns=3, name="two")
    history = History([step(1), one, step(2), two, step(3)])
    assert list(history.until("one")) == [step(1)]
    assert list(history.until("two")) == [step(1), one, step(2)]
    assert history.until("one") is history.until("one")


def test_an_unknown_checkpoint() -> None:
    history = History([step(1)])
    for _ in range(2):
        with pytest.raises(KeyError, match="no checkpoint 'end'"):
            history.until("end")


def test_what_is_derived_is_built_once_for_each_key() -> None:
    history, seen = History([step(1)]), list[History]()

    def build(of: History) -> list[str]:
        seen.append(of)
        return titles(of)

    first = history.derived("titles", build)
    assert first == ["1"]
    assert history.derived("titles", build) is first
    assert history.derived(("titles", "again"), build) is not first
    assert [one is history for one in seen] == [True, True]


def test_nothing_derived_is_remembered_too() -> None:
    history, calls = History([]), list[None]()
    for _ in range(2):
        assert history.derived("none", lambda _: calls.append(None)) is None
    assert len(calls) == 1


def test_what_failed_is_tried_again() -> None:
    history = History([])

    def fail(_: History) -> int:
        raise ValueError("not yet")

    with pytest.raises(ValueError, match="not yet"):
        history.derived("key", fail)
    assert history.derived("key", len) == 0


def test_each_part_derives_for_itself() -> None:
    history = History([step(1), Checkpoint(at_ns=2, name="one"), step(2)])
    assert history.derived("count", len) == 3
    assert history.until("one").derived("count", len) == 1


# ---------------------------------------------------------------- Recorder: order and waiting


def test_what_is_recorded_is_kept_in_order(recorder: Recorder, path: Path) -> None:
    recorder.record(opened(), step(1))
    early = recorder.history()
    recorder.record(step(2))
    assert titles(early) == ["1"]
    assert len(recorder) == 3
    final = recorder.close()
    assert titles(final) == ["1", "2"]
    assert list(History.load(path)) == list(final)


@pytest.fixture
def many_switches() -> Iterator[None]:
    """Let threads take turns as often as Python can."""
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual_s)


@pytest.mark.usefixtures("many_switches")
def test_many_threads_lose_nothing_and_keep_their_own_order(recorder: Recorder, path: Path) -> None:
    count, thread_count, flusher_count = 300, 8, 3
    recorder.record(opened())
    start = threading.Barrier(thread_count + flusher_count)

    def write(name: int) -> None:
        start.wait()
        for number in range(count):
            recorder.record(step(f"{name}/{number}"), step(f"{name}/{number}b"))

    def flush() -> None:
        start.wait()
        while len(recorder) < 2 * count * thread_count + 1:
            recorder.flush()

    threads = [threading.Thread(target=write, args=(name,)) for name in range(thread_count)]
    threads += [threading.Thread(target=flush) for _ in range(flusher_count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT_S)
    recorded = titles(recorder.close())
    assert titles(History.load(path)) == recorded
    for name in range(thread_count):
        own = [title for title in recorded if title.startswith(f"{name}/")]
        assert own == [f"{name}/{number}{b}" for number in range(count) for b in ("", "b")]
    pairs = zip(recorded[::2], recorded[1::2], strict=True)
    assert all(second == first + "b" for first, second in pairs), "one record call stays together"


def test_the_clock_starts_with_the_recorder_and_never_goes_back(recorder: Recorder) -> None:
    one, two = recorder.now_ns(), recorder.now_ns()
    assert 0 <= one <= two < LIMIT_S * 1e9


def test_what_was_seen_earlier_and_recorded_later_does_not_step_back_in_time(
    recorder: Recorder, path: Path
) -> None:
    def told(at_ns: int) -> StepStarted:
        return StepStarted(at_ns=at_ns, title=f"seen at {at_ns}")

    recorder.record(opened(), told(7))
    recorder.record(told(5), told(9), told(8))
    recorder.record(told(9), told(10))
    final = recorder.close()
    assert [event.at_ns for event in final] == [0, 7, 8, 9, 10, 11, 12]
    assert titles(final) == [f"seen at {at_ns}" for at_ns in (7, 5, 9, 8, 9, 10)]
    assert list(History.load(path)) == list(final)


def test_after_closing_nothing_more_is_recorded(recorder: Recorder) -> None:
    recorder.record(step(1))
    recorder.close()
    recorder.record(step(2))
    recorder.flush()
    assert titles(recorder.close()) == ["1"]


def test_an_event_that_was_there_before(recorder: Recorder) -> None:
    recorder.record(step("a"), step("b"), step("a"))
    found = recorder.wait_for(titled("a"), what="a", timeout_s=0.0)
    assert found is next(iter(recorder.history()))
    assert recorder.wait_for(titled("a"), what="a", timeout_s=0.0, since=1) is not found


def test_an_event_before_since_does_not_count(recorder: Recorder) -> None:
    recorder.record(step("a"), step("b"))
    with pytest.raises(TimedOut, match=r"waited 0\.1 s for an a; it did not come"):
        recorder.wait_for(titled("a"), what="an a", timeout_s=0.1, since=1)


def test_an_event_that_comes_later(recorder: Recorder) -> None:
    recorder.record(step("a"))
    waiting, found = threading.Event(), list[Event]()

    def satisfied(event: Event) -> bool:
        waiting.set()
        return titled("b")(event)

    def wait() -> None:
        found.append(recorder.wait_for(satisfied, what="b", timeout_s=2 * LIMIT_S))

    thread = threading.Thread(target=wait)
    thread.start()
    assert waiting.wait(LIMIT_S)
    recorder.record(step("c"), step("b"))
    thread.join(LIMIT_S)
    assert titles(found) == ["b"]


def test_each_event_is_shown_once_and_in_order(recorder: Recorder) -> None:
    recorder.record(step(0))
    shown: list[Event] = []

    def satisfied(event: Event) -> bool:
        shown.append(event)
        if len(shown) < 5:
            recorder.record(step(len(shown)), step(f"{len(shown)}b"))
        return titled("4")(event)

    recorder.wait_for(satisfied, what="4", timeout_s=LIMIT_S)
    assert shown == list(recorder.history())[: len(shown)]
    assert titles(shown)[-1] == "4"


def test_a_flood_of_other_events_does_not_lengthen_the_wait(recorder: Recorder) -> None:
    recorder.record(step(0))
    give_up_at = time.monotonic() + LIMIT_S

    def never(_: Event) -> bool:
        recorder.record(step("more"))
        assert time.monotonic() < give_up_at, "it waits on"
        return False

    with pytest.raises(TimedOut, match=r"waited 0\.1 s for what never comes"):
        recorder.wait_for(never, what="what never comes", timeout_s=0.1)


def test_closing_ends_the_wait(recorder: Recorder) -> None:
    closing = threading.Thread(target=recorder.close)

    def satisfied(_: Event) -> bool:
        closing.start()
        return False

    recorder.record(step(1))
    began = time.monotonic()
    with pytest.raises(TimedOut):
        recorder.wait_for(satisfied, what="more", timeout_s=3 * LIMIT_S)
    assert time.monotonic() - began < LIMIT_S
    closing.join(LIMIT_S)


# ---------------------------------------------------------------- the file


def test_a_flush_writes_what_is_there_once(recorder: Recorder, path: Path) -> None:
    recorder.record(opened(), step(1))
    assert path.read_bytes() == b""
    recorder.flush()
    recorder.flush()
    assert path.read_bytes().count(b"\n") == 2
    recorder.record(step(2))
    recorder.flush()
    assert titles(History.load(path)) == ["1", "2"]


VICTIM = """
    import sys
    from pathlib import Path
    from filaprova.record.observer import Background
    from filaprova.record.act import HistoryOpened, StepStarted
    from filaprova.record.event import SCHEMA
    from filaprova.record.recorder import FLUSH_EVERY_S, Recorder
    from filaprova.waiting import wait_until

    recorder = Recorder(Path(sys.argv[1]))
    recorder.record(HistoryOpened(at_ns=0, schema=SCHEMA, scenario="s", started_at="", seed=1))
    with Background() as background:
        background.every(FLUSH_EVERY_S, recorder.flush)
        number = 0

        def act():
            global number
            number += 1
            at_ns = recorder.now_ns()
            recorder.record(StepStarted(at_ns=at_ns, title=str(number)))
            print(at_ns, flush=True)

        wait_until(act, what="the end", timeout_s=3600.0, every_s=0.001)
"""


def test_a_killed_run_keeps_what_it_recorded_until_shortly_before(path: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(VICTIM), str(path)], stdout=subprocess.PIPE
    )
    assert program.stdout is not None
    said = [int(program.stdout.readline()) for _ in range(300)]
    program.send_signal(signal.SIGKILL)
    said += [
        int(line) for line in program.stdout.read().splitlines(keepends=True) if line[-1:] == b"\n"
    ]
    program.stdout.close()
    assert program.wait(LIMIT_S) == -signal.SIGKILL
    kept = History.load(path).of(StepStarted)
    assert titles(list(kept)) == [str(number) for number in range(1, len(kept) + 1)]
    assert len(kept) > 0
    assert FLUSH_EVERY_S <= 0.1, "what a run may lose"


def lines(*events: Event) -> bytes:
    return msgspec.json.Encoder().encode_lines(events)


@pytest.mark.parametrize("cut", range(1, len(lines(step(2))) + 1))
def test_an_incomplete_last_line_is_passed_over(path: Path, cut: int) -> None:
    path.write_bytes(lines(opened(), step(1), step(2))[:-cut])
    assert titles(History.load(path)) == ["1"]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"{", id="not JSON"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff", id="not UTF-8"),
        pytest.param(b'{"event":"Never","at_ns":1}', id="unknown event"),
        pytest.param(b'{"event":"Never","x":' + b"[" * 10_000, id="nested too deep"),
        pytest.param(b'{"event":"StepStarted","at_ns":1}', id="field missing"),
        pytest.param(b'{"event":"StepStarted","at_ns":"1","title":"a"}', id="wrong type"),
    ],
)
def test_a_broken_line_elsewhere_is_named(path: Path, broken: bytes) -> None:
    path.write_bytes(lines(opened(), step(1)) + broken + b"\n" + lines(step(2)))
    with pytest.raises(BadInput, match=r"history\.jsonl, line 3: not an event"):
        History.load(path)


def test_a_history_of_another_schema(path: Path) -> None:
    path.write_bytes(lines(opened(SCHEMA + 1)))
    with pytest.raises(BadInput, match=rf"schema {SCHEMA + 1}, but this version reads {SCHEMA}"):
        History.load(path)


@pytest.mark.parametrize("content", [b"", b'{"event":"Hist', lines(step(1), opened())])
def test_a_file_that_does_not_begin_as_a_history(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(BadInput, match="the first line is not HistoryOpened"):
        History.load(path)


def test_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot read the history .*history\.jsonl: No such file"):
        History.load(path)
    with pytest.raises(BadInput, match="directory"):
        History.load(path.parent)


def test_lines_that_hold_everything_a_line_must_not_break_on(
    recorder: Recorder, path: Path
) -> None:
    text = 'a\nb\r\n\u2028\x85\x00"\\ç🐇'
    recorder.record(opened(), step(text))
    recorder.close()
    assert titles(History.load(path)) == [text]


def test_text_that_is_no_unicode_does_not_stop_the_file(recorder: Recorder, path: Path) -> None:
    recorder.record(opened(), step("before"), step("in a folder \udcff"), step("after"))
    recorder.flush()
    recorder.record(step("later"))
    recorder.close()
    told = ["before", "in a folder \\udcff", "after", "later"]
    assert titles(History.load(path)) == told


# ---------------------------------------------------------------- a full disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "64k") as disk:
        yield disk


def fill(recorder: Recorder) -> list[str]:
    """Record more than a small disk takes, in many batches; return the titles."""
    recorder.record(opened())
    for number in range(2_000):
        recorder.record(step(f"{number} {'x' * 97}"))
        if number % 7 == 0:
            recorder.flush()
    return titles(recorder.history())


def test_a_full_disk_keeps_a_first_part_and_tells_where_it_ends(disk: Path) -> None:
    path = disk / "history.jsonl"
    recorder = Recorder(path)
    recorded = fill(recorder)
    assert titles(recorder.close()) == recorded, "in memory nothing is lost"
    kept = titles(History.load(path))
    assert kept == recorded[: len(kept)]
    assert 64 * 1024 - 200 < path.stat().st_size <= 64 * 1024
    told = str(recorder.trouble)
    assert told.startswith(f"cannot write {path}: No space left on device. It ends at +0.000 s: ")
    assert f"the last {2_000 - len(kept)} of 2001 events are not in it. Make room" in told


def test_what_a_full_disk_did_not_take_is_written_once_there_is_room(disk: Path) -> None:
    ballast, path = disk / "ballast", disk / "history.jsonl"
    ballast.write_bytes(bytes(40 * 1024))
    recorder = Recorder(path)
    recorder.record(opened())
    while recorder.trouble is None:
        recorder.record(step(len(recorder)), step("x" * 1_500))
        recorder.flush()
    cut = path.read_bytes()
    assert cut[-1:] != b"\n", "it stopped in the middle of a line"
    assert isinstance(recorder.trouble, EnvironmentMissing)
    ballast.unlink()
    recorder.record(step("the last"))
    recorded = titles(recorder.close())
    assert recorder.trouble is None
    assert path.read_bytes().startswith(cut)
    assert titles(History.load(path)) == recorded


def test_a_history_that_cannot_even_be_begun(path: Path) -> None:
    path.mkdir()
    with pytest.raises(EnvironmentMissing, match=r"cannot write .*history\.jsonl: Is a directory"):
        Recorder(path)
