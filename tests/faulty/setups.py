"""Scenarios in which something goes wrong, each in its own way; examined by test_setups.py.

Not collected with the other tests: they are to fail.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from signal import SIGINT, SIGKILL, SIGTERM, Signals

import pytest

from filaprova.address import Address
from filaprova.errors import EnvironmentMissing
from filaprova.judge import checks as check
from filaprova.judge.registry import checker
from filaprova.judge.verdict import Verdict
from filaprova.plugin.hooks import RUN
from filaprova.record.history import History
from filaprova.record.observer import Background
from filaprova.record.program import OutputLine
from filaprova.runs.session import Session
from filaprova.scenario import Scenario
from filaprova.scenario.stage import Stage
from tests.patience import PATIENCE_S

GARBAGE = b"GARBAGE!"
QUEUE = "faulty"
NEVER = ["a task that nobody sends"]


@checker
def crashes(history: History) -> Verdict:
    """Crash."""
    raise ZeroDivisionError(f"{len(history)} events and no idea")


@pytest.fixture
def session(request: pytest.FixtureRequest) -> Session:
    return request.config.stash[RUN].session


@pytest.fixture
def lose_patience(session: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Wait for less long than a scenario would, from when this is called: for what is in vain."""

    def lose_patience() -> None:
        monkeypatch.setattr(session, "settings", replace(session.settings, wait_s=1.5))

    return lose_patience


@pytest.fixture
def impatient_once_said(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Wait for less long than a scenario would, but not before a program has printed this."""

    def impatient_once_said(text: str) -> None:
        def wait_s(stage: Stage) -> float:
            stage.recorder.wait_for(
                lambda event: isinstance(event, OutputLine) and text in event.text,
                what=text,
                timeout_s=PATIENCE_S,
            )
            return 1.5

        monkeypatch.setattr(Stage, "wait_s", property(wait_s))

    return impatient_once_said


# ------------------------------------------------------------------ strikes that come too late


def test_strike_on_an_idle_worker(scenario: Scenario, lose_patience: Callable[[], None]) -> None:
    workers = scenario.start_workers(1, "well_behaved.py")
    sent = scenario.produce("producer.py", 2)
    scenario.wait_acknowledged(sent.tasks, by=workers)
    lose_patience()
    with scenario.step("Strike when there is nothing left to do"):
        scenario.strike(workers, SIGKILL)


def test_strike_on_an_ended_worker(scenario: Scenario) -> None:
    workers = scenario.start_workers(1, "leaves_after_one.py")
    scenario.produce("producer.py", 1)
    scenario.wait_exited(workers)
    scenario.strike(workers, SIGKILL)


# ------------------------------------------------------------------ a wire with garbage on it


class Sieve(asyncio.Protocol):
    """One direction of a proxy that takes the garbage out again, so that the broker is content."""

    def __init__(self, proxy: CleanBroker, other: Sieve | None = None) -> None:
        self.other = other
        self.proxy = proxy
        self.kept = b""
        self.waiting = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self.other is None:
            loop = asyncio.get_running_loop()
            broker = self.proxy.broker
            self.task = loop.create_task(
                loop.create_connection(lambda: Sieve(self.proxy, self), broker.host, broker.port)
            )
        else:
            self.other.other = self
            transport.write(self.other.waiting)

    def data_received(self, data: bytes) -> None:
        data = self.kept + data
        self.proxy.garbage_count += data.count(GARBAGE)
        data = data.replace(GARBAGE, b"")
        begun = next((n for n in range(len(GARBAGE) - 1, 0, -1) if data.endswith(GARBAGE[:n])), 0)
        self.kept = data[len(data) - begun :]
        data = data[: len(data) - begun]
        if self.other is None or self.other.transport is None:
            self.waiting += data
        else:
            self.other.transport.write(data)

    def connection_lost(self, _: Exception | None) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()


class CleanBroker:
    """A proxy before the broker; what the tap forwards arrives here."""

    def __init__(self, background: Background, broker: Address) -> None:
        self.broker = broker
        self.garbage_count = 0
        self.background = background
        self.server = background.run(self.listen())
        self.address = Address(*self.server.sockets[0].getsockname()[:2])

    async def listen(self) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: Sieve(self), "127.0.0.1", 0)

    async def close(self) -> None:
        self.server.close()


@pytest.fixture
def clean_broker(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[CleanBroker]:
    proxy = CleanBroker(session.background, session.broker.address())
    monkeypatch.setattr(session.broker, "address", lambda: proxy.address)
    yield proxy
    session.background.run(proxy.close())


def test_garbage_on_the_wire(
    clean_broker: CleanBroker, scenario: Scenario, impatient_once_said: Callable[[str], None]
) -> None:
    workers = scenario.start_workers(1, "sends_garbage.py")
    sent = scenario.produce("producer.py", 3)
    impatient_once_said(sent.tasks[-1])
    with scenario.step("All are worked at, for forwarding goes on"):
        scenario.wait_done(sent.tasks, by=workers)
    scenario.drain(QUEUE)
    assert clean_broker.garbage_count == 3, "the tap has not forwarded the garbage"
    scenario.verify(
        "control",
        check.fully_decoded(),
        check.nothing_lost(queue=QUEUE),
        check.drained(queue=QUEUE),
    )


# ------------------------------------------------------------------ programs that misbehave


def test_worker_that_ends_at_once(scenario: Scenario) -> None:
    scenario.start_workers(1, "ends_at_once.py")


def test_worker_that_prints_garbage(scenario: Scenario) -> None:
    scenario.start_workers(1, "prints_garbage.py")


def test_worker_that_never_subscribes(
    scenario: Scenario, impatient_once_said: Callable[[str], None]
) -> None:
    impatient_once_said("thinking about it")
    scenario.start_workers(1, "never_subscribes.py")


def test_worker_that_floods(scenario: Scenario) -> None:
    workers = scenario.start_workers(1, "floods.py")
    sent = scenario.produce("producer.py", 2)
    scenario.wait_acknowledged(sent.tasks, by=workers)
    scenario.drain(QUEUE)
    scenario.verify("control", check.witnesses_agree(queue=QUEUE))


@pytest.mark.parametrize("how", [SIGTERM, SIGINT], ids=lambda how: how.name)
def test_worker_that_ignores(
    scenario: Scenario, lose_patience: Callable[[], None], how: Signals
) -> None:
    workers = scenario.start_workers(1, "ignores_signals.py", pause_at_task=1)
    scenario.produce("producer.py", 1)
    scenario.wait_paused(workers)
    lose_patience()
    scenario.strike(workers, how)


def test_worker_that_talks_fast(scenario: Scenario) -> None:
    workers = scenario.start_workers(1, "talks_fast.py")
    sent = scenario.produce("producer.py", 10)
    scenario.wait_acknowledged(sent.tasks, by=workers)
    scenario.drain(QUEUE)
    scenario.verify(
        "control",
        check.nothing_lost(queue=QUEUE),
        check.none_done_twice(queue=QUEUE),
        check.witnesses_agree(queue=QUEUE),
        check.fully_decoded(),
    )


def test_worker_that_leaves_a_child(scenario: Scenario, lose_patience: Callable[[], None]) -> None:
    [first] = scenario.start_workers(1, "leaves_a_child.py", pause_at_task=1)
    sent = scenario.produce("producer.py", 1)
    scenario.wait_paused([first])
    scenario.strike([first], SIGKILL)
    [second] = scenario.start_workers(1, "well_behaved.py")
    lose_patience()
    scenario.wait_acknowledged(sent.tasks, by=[second])


def test_producer_that_hangs(
    scenario: Scenario, impatient_once_said: Callable[[str], None]
) -> None:
    impatient_once_said("about to send")
    scenario.produce("producer_hangs.py", 1)


def test_producer_of_nothing(scenario: Scenario) -> None:
    scenario.produce("producer_of_nothing.py", 1)


def test_program_that_is_not_there(scenario: Scenario) -> None:
    scenario.start_workers(1, "absent.py")


# ------------------------------------------------------------------ trouble of our own


def test_verifies_nothing(scenario: Scenario) -> None:
    scenario.produce("producer.py", 1)


def test_checker_crashes(scenario: Scenario) -> None:
    scenario.produce("producer.py", 1)
    scenario.verify("control", crashes(), check.fully_decoded())


def test_observer_thread_fails(scenario: Scenario, session: Session) -> None:
    async def fail() -> None:
        asyncio.get_running_loop().call_soon(lambda: [][0])

    session.background.run(fail())
    scenario.produce("producer.py", 1)
    scenario.verify("control", check.fully_decoded())


def test_bug_in_the_scenario(scenario: Scenario) -> None:
    scenario.verify("control", check.fully_decoded())
    raise LookupError("nobody thought of this")


def test_step_cannot_be_told(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(*_: object) -> None:
        raise BrokenPipeError("nobody listens")

    monkeypatch.setattr(scenario._stage.narrator, "tell", tell)
    with scenario.step("Tell somebody"):
        raise NotImplementedError


def test_assertion(scenario: Scenario) -> None:
    sent = scenario.produce("producer.py", 1)
    assert len(sent.tasks) == 2


@pytest.fixture
def broken(scenario: Scenario) -> None:
    scenario.produce("producer.py", 1)
    raise OSError("the fixture has no luck")


@pytest.mark.usefixtures("broken")
def test_fixture_fails(scenario: Scenario) -> None:
    raise NotImplementedError


@pytest.fixture
def lacking() -> None:
    raise EnvironmentMissing("this machine has no second machine")


@pytest.mark.usefixtures("lacking")
def test_fixture_lacks_something(scenario: Scenario) -> None:
    raise NotImplementedError


def test_power_is_missing(scenario: Scenario) -> None:
    scenario.produce("producer.py", 1)
    raise EnvironmentMissing("this broker cannot sing")


@pytest.mark.timeout(300, method="signal")
def test_takes_too_long(scenario: Scenario) -> None:
    workers = scenario.start_workers(1, "well_behaved.py")
    with scenario.step("Wait for what never comes"):
        signal.setitimer(signal.ITIMER_REAL, 0.5)  # pytest-timeout's own, which now runs out
        scenario.wait_done(NEVER, by=workers)


def test_all_is_well(scenario: Scenario) -> None:
    workers = scenario.start_workers(1, "well_behaved.py")
    sent = scenario.produce("producer.py", 2)
    scenario.wait_acknowledged(sent.tasks, by=workers)
    scenario.drain(QUEUE)
    scenario.verify("control", check.nothing_lost(queue=QUEUE), check.fully_decoded())
