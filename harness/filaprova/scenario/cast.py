"""Cast: the programs of a scenario, from their start to their end, each behind a tap of its own."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from signal import SIGSTOP

from filaprova.errors import BadInput, HarnessBug, ProgramFailed, TimedOut
from filaprova.judge.topology import routes_of
from filaprova.phrase import Phrase, joined, say, told_by
from filaprova.programs.lesson.printed import reader_of
from filaprova.programs.program import Process, Role
from filaprova.programs.surroundings import LaunchSettings
from filaprova.record.act import PROGRAM_ENDED, HistoryOpened, Released
from filaprova.record.event import DRAIN, Event
from filaprova.record.history import History
from filaprova.record.program import ProgramExited, WorkBegan
from filaprova.record.wire import (
    Bound,
    ChannelClosed,
    ConnectionBlocked,
    ConnectionClosed,
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    PollEmpty,
    Published,
    QueueDeclared,
    QueueDeleted,
    SocketClosed,
    SocketOpened,
    is_server_named,
)
from filaprova.scenario.client import Client
from filaprova.scenario.hand import Hand, hand_of
from filaprova.scenario.stage import Stage
from filaprova.waiting import wait_until
from filaprova.wiretap.login import Login
from filaprova.wiretap.tap import Tap

STARTING_LIMIT_S = 10.0
"""How long a worker may take to stand still that sleeps before it subscribes."""
LOGGED = re.compile(
    r"(?P<when>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d) "
    r"\[(?:error|warning)\] <\S+> (?P<what>.*\S)"
)
"""A line of RabbitMQ's log that tells of something unusual."""
LOGGED_LINES = 4
LETS_GO = {"x-max-length", "x-max-length-bytes", "x-message-ttl", "x-expires"}
"""Arguments of a queue that is not to keep all that it is sent."""
REST_LIMIT_S = 3.0
"""How long workers are let come to rest before they are ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A worker process with the tap that it speaks through."""

    client: str
    process: Process
    tap: Tap


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a producer published, as seen on the wire.

    Where it published to several queues: the one that most tasks went to, and these.
    """

    queue: str
    tasks: list[str]


class Cast:
    """All programs that a scenario has started, and the harness's own client among them."""

    def __init__(self, stage: Stage, programs: Path) -> None:
        """``programs`` is the folder of the scenario's own programs."""
        self.processes: list[Process] = []
        self._stage = stage
        self._programs = programs
        self._worker_count = 0

    def new_names(self, count: int) -> list[str]:
        """Return the names of the next workers: C1, C2 and so on."""
        first = self._worker_count + 1
        self._worker_count += count
        return [f"C{number}" for number in range(first, first + count)]

    def start(
        self, names: Sequence[str], program: str, pause_at_task: int | None = None
    ) -> list[Worker]:
        """Start workers at once, have them subscribe in the order given; return them.

        Their taps let them through one after another, so the order of subscription is known. Who
        asks for tasks with basic.get has subscribed when he does. One that runs and does neither is
        put on record as a wait that led to nothing; ``ProgramFailed`` if one has ended.
        """
        stage = self._stage
        since = len(stage.recorder)
        workers = []
        with stage.timed("start"):
            for name in names:
                login = self._new_login()
                tap = stage.wiretap.open(name, login)
                tap.hold()
                process = self._launch(name, "worker", program, (), tap, login, pause_at_task)
                workers.append(Worker(client=name, process=process, tap=tap))
            for worker in workers:
                worker.tap.release()
                self._wait_subscribed(worker, since)
        stage.tell("workers", say("{} started", ", ".join(names)))
        return workers

    def run(self, program: str, arguments: Sequence[str], *, must_succeed: bool) -> list[Event]:
        """Run a program to its end; return what was seen meanwhile.

        Raises ``ProgramFailed`` if it does not end, or not with exit status 0. With
        ``must_succeed`` False, and if it has published something, or deleted it, that is recorded
        as a wait that led to nothing, and it is ended.
        """
        stage = self._stage
        since = len(stage.recorder)
        with stage.timed("start"):
            name = self._unused(Path(program).stem)
            login = self._new_login()
            tap = stage.wiretap.open(name, login)
            process = self._launch(name, "producer", program, arguments, tap, login)
            failure = None
            try:
                ended = process.wait(timeout_s=stage.wait_s)
            except TimedOut:
                failure = process.failure(say("it did not end within {:g} s", stage.wait_s))
            else:
                if ended.exit_code != 0:
                    failure = process.failure(say("it should have ended with exit status 0"))
            if failure is not None:
                if must_succeed or not self._has_acted(name, since):
                    raise failure
                stage.in_vain(PROGRAM_ENDED, told_by(failure), timed_out=process.running)
                process.end()
            tap.close()
        return stage.since(since)

    def sent(self, events: Sequence[Event], program: str) -> Sent:
        """Return what a program published that nobody else did, by these events.

        What was routed to no queue is left out. If that is all, it is on record as a wait that led
        to nothing, and the queue is the one that the program was to fill: its own, else whichever
        somebody has declared. Raises ``ProgramFailed`` if there is none.
        """
        clients = {each.client for each in self.processes if each.program.name == program}
        history = self._stage.recorder.history()
        routes = routes_of(history)
        published = [e for e in events if isinstance(e, Published) and e.client in clients]
        tasks: dict[str, list[str]] = {}
        for event in published:
            for queue in sorted(routes[id(event)] or set()):
                tasks.setdefault(queue, []).append(event.task)
        if tasks:
            consumed = {e.queue for e in history.of(ConsumerStarted) if e.client not in clients}
            taken = {e.queue for e in history.of(Delivered) if e.client in clients}
            short = {e.queue for e in history.of(QueueDeclared) if LETS_GO & e.arguments.keys()}
            queue = max(
                tasks,
                key=lambda each: (
                    len(tasks[each]),
                    each in consumed,
                    each not in taken,
                    each not in short,
                ),
            )
            return Sent(queue=queue, tasks=tasks[queue])
        process = next(each for each in reversed(self.processes) if each.client in clients)
        failure = process.failure(_where_to(published))
        declared = history.of(QueueDeclared)
        queues = [e.queue for e in declared if e.client in clients] or [e.queue for e in declared]
        if not queues:
            raise failure
        self._stage.in_vain("published", told_by(failure), timed_out=False)
        return Sent(queue=queues[0], tasks=[])

    @contextlib.contextmanager
    def own_client(self, name: str) -> Iterator[Client]:
        """Give the harness's own client, behind a tap as well."""
        stage = self._stage
        tap = stage.wiretap.open(name if name == DRAIN else self._unused(name))
        credentials = stage.session.broker.credentials
        try:
            yield Client(tap.address, credentials.user, credentials.password, stage.virtual_host)
        finally:
            tap.close()

    def output_dry(self) -> None:
        """Return when all that the programs have printed until now is on the record."""
        for process in self.processes:
            process.output_dry(timeout_s=self._stage.wait_s)

    def rest(self, workers: Sequence[Worker] | None = None) -> None:
        """Let workers, by default all, finish what they are about to tell, before they are ended.

        Whoever has just acknowledged a task may be about to say that it is done, and must not be
        blamed if it never does. So nobody is ended in the middle of a work, or, if it says "done"
        as a rule, before it has: unless it takes too long. Nothing is judged here.
        """
        chosen = {worker.client for worker in workers} if workers is not None else None
        living = [
            each
            for each in self.processes
            if each.role == "worker"
            and each.running
            and not (each.is_frozen or each.paused)
            and (chosen is None or each.client in chosen)
        ]
        recorder = self._stage.recorder
        hands = [Hand(process.client) for process in living]
        index = 0

        def all_at_rest() -> bool:
            nonlocal index
            fresh = recorder.since(index)
            index += len(fresh)
            for hand in hands:
                for event in fresh:
                    hand.take(event)
            return all(hand.exited is not None or hand.is_at_rest for hand in hands)

        with self._stage.timed("work"), contextlib.suppress(TimedOut):
            self.output_dry()
            wait_until(
                all_at_rest, what=say("all to be at rest"), timeout_s=REST_LIMIT_S, kind="at rest"
            )

    def end(self) -> None:
        """End every program that still runs; ``HarnessBug`` names all that will not go.

        All are stopped first: what the broker takes back from one, another must not begin.
        """
        stubborn = []
        recorder = self._stage.recorder
        for process in self.processes:
            with contextlib.suppress(ProgramFailed, TimedOut):  # it has ended by itself
                process.run_free(timeout_s=STARTING_LIMIT_S)
                process.signal(SIGSTOP)
                recorder.record(Released(at_ns=recorder.now_ns(), client=process.client))
        for process in self.processes:
            try:
                process.end()
            except HarnessBug as error:
                stubborn.append(told_by(error))
        if stubborn:
            raise HarnessBug(joined("; ", stubborn))

    def story(self, happened: Phrase) -> Phrase:
        """Return what happened, below it what has become of every program, and a hint."""
        history = self._stage.recorder.history()
        orphans = sockets_of_the_dead(history)
        states = (self._state(process, history) for process in self.processes)
        lines = [happened, *(say("  {}", state) for state in states)]
        lines += [
            say("  the connection of {} is still open on the wire", client) for client in orphans
        ]
        if any(event.by == "broker" for event in history.of(SocketClosed)):
            lines += [say("  the broker's log: {}", line) for line in self._logged(history)]
        if orphans:
            lines.append(
                say(
                    "  hint: the broker returns what it delivered only when the connection ends; "
                    "has a child of {} inherited its socket?",
                    orphans[0],
                )
            )
        return joined("\n", lines)

    # ------------------------------------------------------------------ inside

    def _logged(self, history: History) -> list[str]:
        """Return the last errors and warnings that the broker has logged since the beginning."""
        since = datetime.fromisoformat(history.of(HistoryOpened)[0].started_at)
        logged = [
            found["what"]
            for line in self._stage.session.broker.log_tail()
            if (found := LOGGED.match(line)) and datetime.fromisoformat(found["when"]) >= since
        ]
        return logged[-LOGGED_LINES:]

    def _state(self, process: Process, history: History) -> Phrase:
        hand = Hand(process.client)
        for event in history:
            hand.take(event)
        if hand.exited is not None:
            exited = hand.exited
            how = exited.signal_name or say("exit status {}", str(exited.exit_code))
            told = [say("{} ended at {:+.3f} s ({})", process.client, exited.at_ns / 1e9, how)]
        else:
            told = [say("{} runs, pid {}", process.client, process.pid)]
        losses = []
        if process.role == "worker":
            losses = hand.losses
            had = say("it was sent {} and settled {}", hand.delivered_count, hand.settled_count)
            held = len(hand.unsettled)
            told.append(say("{}, holds {}", had, held) if held else had)
        lost = [text for event in losses if (text := _reason(event))]
        lost += [
            say(
                "the broker blocked its connection at {:+.3f} s: {}",
                event.at_ns / 1e9,
                event.reason,
            )
            for event in history.of(ConnectionBlocked)
            if event.client == process.client
        ]
        return joined("; ", [*told, *lost[-2:], process.last_line()])

    def _has_acted(self, client: str, since: int) -> bool:
        return any(
            isinstance(event, Published | QueueDeleted) and event.client == client
            for event in self._stage.since(since)
        )

    def _wait_subscribed(self, worker: Worker, since: int) -> None:
        stage, process = self._stage, worker.process
        index = since
        bound: set[str] = set()
        own: set[str] = set()

        def subscribed_or_gone(event: Event) -> bool:
            nonlocal index
            index += 1
            if getattr(event, "client", None) != worker.client:
                return False
            match event:
                case Bound():
                    bound.add(event.destination)
                case QueueDeclared(exclusive=True):
                    own.add(event.queue)
                case Delivered(consumer_tag=None) | ConsumerStarted() | PollEmpty():
                    # From a queue of its own it gets what it sends to itself, or answers.
                    is_own = is_server_named(event.queue) or event.queue in own
                    return not is_own or event.queue in bound
            return isinstance(event, ProgramExited | WorkBegan)

        while True:
            try:
                event = stage.recorder.wait_for(
                    subscribed_or_gone,
                    what=say("{} to subscribe", worker.client),
                    timeout_s=stage.wait_s,
                    since=index,
                    kind="subscribed",
                )
            except TimedOut:
                told = process.failure(say("it did not subscribe within {:g} s", stage.wait_s))
                stage.in_vain("subscribed", told_by(told))
                return
            if isinstance(event, ProgramExited):
                raise process.failure(say("it ended before it subscribed to a queue"))
            if not isinstance(event, WorkBegan):
                return
            self.pass_over_sleep(worker)

    def pass_over_sleep(self, worker: Worker) -> None:
        """Have a worker go on that was to stop in its first work, and sleeps before it has any."""
        process, recorder = worker.process, self._stage.recorder
        if not process.is_to_stop or hand_of(worker.client, recorder).consumers:
            return
        with contextlib.suppress(TimedOut, ProgramFailed):
            process.wait_paused(timeout_s=STARTING_LIMIT_S)
            process.step()

    def _new_login(self) -> Login:
        credentials = self._stage.session.broker.credentials
        return Login.made_for(credentials.user, credentials.password)

    def _launch(
        self,
        name: str,
        role: Role,
        program: str,
        arguments: Sequence[str],
        tap: Tap,
        login: Login,
        pause_at_task: int | None = None,
    ) -> Process:
        session = self._stage.session
        process = Process.start(
            background=session.background,
            recorder=self._stage.recorder,
            reaper_environment=session.reaper.environment,
            client=name,
            role=role,
            program=self._find(program),
            arguments=arguments,
            settings=LaunchSettings(
                host=tap.address.host,
                port=tap.address.port,
                virtual_host=self._stage.virtual_host,
                user=login.user,
                password=login.given,
                seed=session.settings.seed,
                seconds_per_dot=session.settings.seconds_per_dot,
                scratch=session.reaper.scratch,
                python=session.settings.python,
                arguments=session.settings.program_arguments,
                inputs=session.settings.program_inputs,
                reader=reader_of(session.settings.received, session.settings.done),
            ),
            pause_at_task=pause_at_task,
        )
        self.processes.append(process)
        return process

    def _find(self, program: str) -> Path:
        session = self._stage.session
        replacement = session.settings.programs
        for folder in (replacement, self._programs):
            if folder is not None and (folder / program).is_file():
                if folder is replacement:
                    session.programs_used.add(program)
                return folder / program
        raise BadInput(say("there is no program {} in {}", program, str(self._programs)))

    def _unused(self, name: str) -> str:
        taken = {process.client for process in self.processes} | self._stage.wiretap.clients
        return next(
            candidate
            for number in range(1, len(taken) + 2)
            if (candidate := name if number == 1 else f"{name}-{number}") not in taken
        )


def sockets_of_the_dead(history: History) -> list[str]:
    """Return the programs that have ended although a connection of theirs is still open."""
    ended = {event.client for event in history.of(ProgramExited)}
    closed = {event.connection for event in history.of(SocketClosed)}
    opened = history.of(SocketOpened)
    return list(
        dict.fromkeys(e.client for e in opened if e.client in ended and e.connection not in closed)
    )


def _where_to(published: Sequence[Published]) -> Phrase:
    """Return where a program published that filled no queue."""
    if not published:
        return say("it ended without publishing anything")
    where = {
        say("exchange {} with key {}", repr(event.exchange), repr(event.routing_key))
        if event.exchange
        else say("queue {}, which was not there", repr(event.routing_key))
        for event in published
    }
    return say(
        "it ended without publishing anything to a queue: {} tasks went to {}",
        len(published),
        joined("; ", sorted(where)[:5]),
    )


def _reason(event: Event) -> Phrase | None:
    """Return what ended a worker's subscription, channel or connection, and why, if that tells."""
    at_s = event.at_ns / 1e9
    match event:
        case ConsumerCancelled(by="broker"):
            return say("the broker cancelled its subscription at {:+.3f} s", at_s)
        case ChannelClosed(by="broker"):
            why = f"{event.code} {event.text}"
            return say("the broker closed its channel at {:+.3f} s: {}", at_s, why)
        case ConnectionClosed(by="broker"):
            why = f"{event.code} {event.text}"
            return say("the broker closed its connection at {:+.3f} s: {}", at_s, why)
        case ConsumerCancelled():
            return say("it cancelled its subscription at {:+.3f} s", at_s)
        case ChannelClosed():
            return say("it closed its channel at {:+.3f} s", at_s)
        case ConnectionClosed():
            return say("it closed its connection at {:+.3f} s", at_s)
        case SocketClosed(by="broker"):
            return say("the broker's side of its connection broke at {:+.3f} s", at_s)
        case _:
            return None


def next_life(client: str) -> str:
    """Return C1b for C1, C1c for C1b."""
    return f"{client[:-1]}{chr(ord(client[-1]) + 1)}" if client[-1].isalpha() else f"{client}b"
