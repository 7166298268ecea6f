"""Checks: a name with arguments that can be stored, and a verdict never green by mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from msgspec import structs

from filaprova.errors import BadInput
from filaprova.judge import registry as module
from filaprova.judge.registry import Check, checker, checkers
from filaprova.judge.verdict import Outcome, Verdict
from filaprova.record.act import Checkpoint, HarnessTrouble
from filaprova.record.event import Event
from filaprova.record.history import History
from filaprova.record.program import ProgramExited, ProgramStarted
from filaprova.record.wire import ChannelOpened, Delivered

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL

SOMETHING = Checkpoint(at_ns=1, name="end")


def trouble(error: str, at_ns: int = 5) -> HarnessTrouble:
    return HarnessTrouble(at_ns=at_ns, where="the tap of C1", error=error)


@pytest.fixture
def example() -> Iterator[Callable[..., Check]]:
    """Register a checker that returns or raises what it is told; forget it after the test."""

    @checker
    def example_for_tests(history: History, *, outcome: str = "pass", crash: str = "") -> Verdict:
        """Judge as told."""
        if crash:
            raise RuntimeError(crash)
        return Verdict(check="", outcome=Outcome(outcome), summary=f"{len(history)} events.")

    yield example_for_tests
    del module._registry["example_for_tests"]


def test_a_marked_name_builds_a_check_and_judges_nothing(example: Any) -> None:
    check = example(crash="not now")
    assert check == Check(name="example_for_tests", arguments={"crash": "not now"})
    assert (example.__name__, example.__doc__) == ("example_for_tests", "Judge as told.")
    assert "example_for_tests" in checkers()


def test_the_registry_cannot_be_changed_from_outside(example: Any) -> None:
    checkers().clear()
    assert "example_for_tests" in checkers()
    assert example(outcome="pass").judge(History([SOMETHING])).outcome is PASS


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_checkers_verdict_is_the_verdict(example: Any, outcome: Outcome) -> None:
    verdict = example(outcome=outcome.value).judge(History([SOMETHING, SOMETHING]))
    assert verdict == Verdict(check="example_for_tests", outcome=outcome, summary="2 events.")


def test_arguments_are_named(example: Any) -> None:
    with pytest.raises(TypeError, match="example_for_tests takes keyword arguments only"):
        example("pass")


@pytest.mark.parametrize(
    "arguments", [{}, {"outcome": "fail"}, {"tasks": ["a", {"b": [1, 2.5, None, True]}]}]
)
def test_a_stored_check_is_the_same_check(example: Any, arguments: Any) -> None:
    check = example(**arguments)
    assert msgspec.json.decode(msgspec.json.encode(check), type=Check) == check


def test_a_check_cannot_be_stored_with_what_json_does_not_know(example: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        example(queue=object())


@pytest.mark.usefixtures("example")
def test_an_unknown_name_is_bad_input() -> None:
    with pytest.raises(BadInput, match=r"no checker 'from_nowhere'; known: .*example_for_tests"):
        Check(name="from_nowhere").judge(History([SOMETHING]))
    with pytest.raises(BadInput):
        Check(name="from_nowhere").judge(History([]))


def test_a_wrong_name_is_told_the_right_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_registry", {"two": None, "one": None})
    with pytest.raises(BadInput) as wrong:
        Check(name="three").judge(History([SOMETHING]))
    assert str(wrong.value) == "there is no checker 'three'; known: one, two"


def test_nothing_recorded_is_unknown(example: Any) -> None:
    verdict = example().judge(History([]))
    assert (verdict.outcome, verdict.blame) == (UNKNOWN, "harness")
    assert verdict.check == "example_for_tests"
    assert verdict.summary == "example_for_tests: the history is empty."


def test_a_check_about_nobody_is_unknown(example: Any) -> None:
    verdict = example(first=["C1"], workers=[], others=[]).judge(History([SOMETHING]))
    assert (verdict.outcome, verdict.blame) == (UNKNOWN, None)
    assert verdict.summary == ("example_for_tests: workers is empty, so the check is about nobody.")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"crash": "out of ideas"}, "RuntimeError: out of ideas"),
        ({"no_such_argument": 1}, "TypeError: .*no_such_argument"),
        ({"outcome": "green"}, "ValueError: 'green'"),
    ],
)
def test_a_crashed_checker_is_unknown(example: Any, arguments: Any, why: str) -> None:
    verdict = example(**arguments).judge(History([SOMETHING]))
    assert (verdict.outcome, verdict.blame) == (UNKNOWN, "harness")
    with pytest.raises(AssertionError, match=f"the checker crashed: {why}"):
        raise AssertionError(verdict.summary)


def test_an_interrupt_is_not_swallowed(example: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: History) -> Verdict:
        raise KeyboardInterrupt

    monkeypatch.setitem(module._registry, "example_for_tests", interrupted)
    with pytest.raises(KeyboardInterrupt):
        example().judge(History([SOMETHING]))


def test_trouble_of_the_harness_makes_green_unknown(example: Any) -> None:
    verdict = example().judge(History([SOMETHING, trouble("boom"), trouble("again", 6)]))
    assert (verdict.outcome, verdict.blame) == (UNKNOWN, "harness")
    assert "trouble of its own in the tap of C1: boom" in verdict.summary
    assert [(item.at_ns, item.text) for item in verdict.evidence] == [(5, "boom"), (6, "again")]


@pytest.mark.parametrize("outcome", ["fail", "unknown"])
def test_trouble_of_the_harness_hides_no_worse_verdict(example: Any, outcome: str) -> None:
    elsewhere = HarnessTrouble(at_ns=5, where="the report", error="boom")
    verdict = example(outcome=outcome).judge(History([elsewhere]))
    assert verdict == Verdict(
        check="example_for_tests", outcome=Outcome(outcome), summary="1 events."
    )


def test_no_verdict_stands_on_a_wire_that_lost_bytes(example: Any) -> None:
    verdict = example(outcome="fail").judge(History([trouble("lost 3 bytes")]))
    assert (verdict.outcome, verdict.blame) == (UNKNOWN, "harness")


def test_evidence_of_trouble_is_limited(example: Any) -> None:
    verdict = example().judge(History([trouble(str(number)) for number in range(100)]))
    assert [item.text for item in verdict.evidence] == [str(number) for number in range(20)]


# ------------------------------------------------------------------ holes


def opened(connection: int, channel: int) -> ChannelOpened:
    return ChannelOpened(at_ns=1, client="C1", connection=connection, channel=channel)


def delivered(connection: int, channel: int, tag: int) -> Delivered:
    return Delivered(
        at_ns=1,
        client="C1",
        connection=connection,
        channel=channel,
        task="t",
        queue="q",
        consumer_tag="c",
        delivery_tag=tag,
        redelivered=False,
        no_ack=False,
        body_bytes=1,
    )


@pytest.mark.parametrize(
    "events",
    [
        [opened(1, 2), delivered(1, 2, 1), delivered(1, 2, 2)],
        [delivered(1, 1, 1), delivered(1, 2, 1), delivered(2, 1, 1)],
        [delivered(1, 1, 1), opened(1, 1), delivered(1, 1, 1)],
    ],
    ids=["one channel", "others", "opened again"],
)
def test_a_record_without_a_hole(example: Any, events: list[Event]) -> None:
    assert example().judge(History(events)).outcome is PASS


def test_direct_replies_are_not_numbered_with_the_rest(example: Any) -> None:
    reply = structs.replace(delivered(1, 1, 1), queue="amq.rabbitmq.reply-to.g1h2AA")
    events = [delivered(1, 1, 1), reply, delivered(1, 1, 2)]
    assert example().judge(History(events)).outcome is PASS


def test_the_first_holes_are_told(example: Any) -> None:
    tags = [2, 2, 3, 5, 6, 9]
    verdict = example().judge(History([delivered(4, 7, tag) for tag in tags]))
    assert (verdict.outcome, verdict.blame) == (UNKNOWN, "harness")
    where = "the record of C1 is not whole: delivery {} on connection 4, channel 7 where {} was due"
    holes = "; ".join(where.format(seen, due) for seen, due in [(2, 1), (2, 3), (5, 4)])
    assert verdict.summary == f"example_for_tests: {holes}."


def started(at_ns: int, client: str = "C1", pid: int = 1) -> ProgramStarted:
    return ProgramStarted(
        at_ns=at_ns, client=client, role="worker", program="p", command=["p"], pid=pid
    )


@pytest.mark.parametrize(
    ("start", "stood_still"),
    [
        (started(1), False),
        (started(2), True),
        (started(3), True),
        (started(2, "C2"), False),
        (started(2, pid=2), False),
        (SOMETHING, False),
    ],
)
def test_a_program_that_took_no_time_shows_a_clock_that_stood_still(
    example: Any, start: Event, stood_still: bool
) -> None:
    ended = ProgramExited(at_ns=2, client="C1", pid=1, exit_code=0)
    verdict = example().judge(History([start, ended]))
    why = "the clock of the record stood still: C1 started and ended at the same time"
    assert verdict.outcome is (UNKNOWN if stood_still else PASS)
    assert (verdict.summary == f"example_for_tests: {why}.") is stood_still
