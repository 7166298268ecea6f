"""Run: begins with the first scenario of a pytest session and ends with the last."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from filaprova.brokers.broker import Borrowed
from filaprova.brokers.choose import open_broker
from filaprova.errors import HarnessBug
from filaprova.phrase import Phrase, phrase_of, say
from filaprova.plugin.declared import COMMAND, prefix_of, value_of
from filaprova.plugin.given import Given
from filaprova.plugin.interruption import postponed
from filaprova.plugin.labels import subject_of
from filaprova.plugin.options import (
    broker_settings_of,
    given_programs_of,
    language_of,
    reports_of,
    settings_of,
)
from filaprova.reaper import Reaper
from filaprova.record.observer import Background, origin
from filaprova.report.pages.answers import write_answers
from filaprova.report.pages.markdown import write_summary
from filaprova.report.text.catalogue import Language
from filaprova.runs.host import host_facts
from filaprova.runs.results import RunResult, ScenarioResult, WaitMade
from filaprova.runs.session import Session
from filaprova.runs.store import RunFolder
from filaprova.waiting import Waited, waits_told_to


class Waits:
    """The waits of a run, each with the scenario that it was made for."""

    def __init__(self) -> None:
        self.made: list[WaitMade] = []
        self.scenario = ""
        """Folder of the scenario that is carried out just now; empty: none is."""

    def note(self, waited: Waited) -> None:
        """Take down a wait that has just ended."""
        self.made.append(WaitMade(scenario=self.scenario, **msgspec.structs.asdict(waited)))


class Run:
    """A session with its clock and the results gathered so far."""

    def __init__(
        self,
        session: Session,
        *,
        waits: Waits,
        boot_s: float,
        given: Given | None,
        subject: str,
        language: Language,
        command: str,
        option_prefix: str,
    ) -> None:
        """``given`` are the programs that are somebody's own; for the others see ``RunResult``."""
        self.session = session
        self.results: list[ScenarioResult] = []
        self.notes: list[Phrase] = given.told() if given else []
        """What else is to be known about the run, in sentences."""
        self.boot_s = boot_s
        self.waits = waits
        self._given = given
        self.subject = subject
        self._language = language
        self._command = command
        self._option_prefix = option_prefix
        self._started_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._started = time.monotonic() - boot_s

    def headlines(self) -> list[Phrase]:
        """Return what somebody who watches the run should know about all of it."""
        broker, settings = self.session.broker.description, self.session.settings
        lines = [
            say(
                "{} {} on Erlang {}, {}, ready in {:.1f} s: {}",
                broker.product,
                broker.version,
                broker.erlang_version,
                f"{broker.backend} {broker.image}".rstrip(),
                self.boot_s,
                phrase_of(broker.reason, broker.worded),
            ),
            say(
                "seed {} (repeat with {}seed {})",
                str(settings.seed),
                self._option_prefix,
                str(settings.seed),
            ),
        ]
        if self._given:
            names = ", ".join(self._given.replaced)
            lines.append(say("programs from {}: {}", str(self._given.folder), names))
        if settings.python:
            lines.append(say("programs run by {}", settings.python))
        return lines

    def unused(self) -> Phrase | None:
        """Return what to tell if no program of the user's was started at all; None: one was."""
        if self._given is None or self.session.programs_used or not self.results:
            return None
        return say(
            "NONE OF YOUR PROGRAMS WAS RUN: these scenarios use none of the {} from {} ({}), so "
            "this run says nothing about them",
            len(self._given.replaced),
            str(self._given.folder),
            ", ".join(self._given.replaced),
        )

    def result(self) -> RunResult:
        """Return the results of the run until now."""
        description = self.session.broker.description
        notes = [*filter(None, [self.unused()]), *self.notes]
        if description.transient_queues != "permitted":
            notes.append(say("{}", f"transient_queues: {description.transient_queues}"))
        broker = self.session.broker
        if isinstance(broker, Borrowed) and broker.left_alone:
            notes.append(
                say(
                    "in use before this run, and left on the broker: {}",
                    ", ".join(broker.left_alone),
                )
            )
        return RunResult(
            run=self.session.folder.path.name,
            started_at=self._started_at,
            seconds=time.monotonic() - self._started,
            boot_seconds=self.boot_s,
            seed=self.session.settings.seed,
            language=self._language,
            subject=self.subject,
            broker=description.as_texts(),
            settings=self.session.settings.recorded(),
            command=self._command,
            option_prefix=self._option_prefix,
            host=host_facts(),
            notes=[str(note) for note in notes],
            worded={str(note): note.worded() for note in notes}
            | ({description.reason: description.worded} if description.worded else {}),
            scenarios=self.results,
        )

    def write(self) -> None:
        """Write results.json, summary.md and answers.html, each even if another cannot be."""
        result, folder = self.result(), self.session.folder
        with contextlib.ExitStack() as last:
            last.callback(write_answers, folder, result)
            last.callback(write_summary, folder, result)
            folder.write_results(result)


@contextlib.contextmanager
def open_run(config: pytest.Config, items: Sequence[pytest.Function]) -> Iterator[Run]:
    """Boot a broker with one virtual host for each scenario; end and remove everything after.

    Raises ``pytest.UsageError`` or ``BadInput`` for unusable options, ``EnvironmentMissing`` if no
    broker is to be had, ``HarnessBug`` if at the end not everything had gone well with ourselves.
    """
    started = time.monotonic()
    programs = _programs_of(items)
    settings = settings_of(config, programs)
    given = given_programs_of(config, programs)
    reports = reports_of(config)
    wanted = broker_settings_of(
        config, [f"scenario-{number:02d}" for number in range(1, len(items) + 1)]
    )
    waits = Waits()
    with (
        waits_told_to(waits.note),
        contextlib.ExitStack() as at_last,
        contextlib.ExitStack() as stack,
    ):
        reaper = stack.enter_context(Reaper())
        background = stack.enter_context(Background())
        broker = open_broker(value_of(config, "broker"), settings=wanted, reaper=reaper)
        stack.callback(broker.close)
        run = Run(
            Session(
                settings=settings,
                broker=broker,
                background=background,
                reaper=reaper,
                # Only now: a run that could not begin leaves no empty folder as the latest.
                folder=RunFolder.create(reports),
                free_virtual_hosts=list(broker.virtual_hosts),
            ),
            waits=waits,
            boot_s=time.monotonic() - started,
            given=given,
            subject=subject_of(items),
            language=language_of(config),
            command=_command_of(config),
            option_prefix=prefix_of(config),
        )
        at_last.callback(lambda: run.session.folder.write_waits(waits.made))
        try:
            yield run
        finally:
            late = [say("{}, {}", origin(e), repr(e)) for e in background.take_errors()]
            run.notes += [say("harness bug: {}", each) for each in late]
            with postponed():
                run.write()
        if late:
            raise HarnessBug(say("after the last scenario: {}", late[0]))


def _command_of(config: pytest.Config) -> str:
    """Return what has begun this session, as a shell finds it from here."""
    name, *words = shlex.split(value_of(config, COMMAND))
    script, found = Path(sys.executable).with_name(name), shutil.which(name)
    if script.exists() and not (found and script.samefile(found)):
        here = config.invocation_params.dir
        name = str(script.relative_to(here) if script.is_relative_to(here) else script)
    return shlex.join([name, *words])


def _programs_of(items: Sequence[pytest.Function]) -> set[str]:
    """Return the names of all programs that stand beside these scenarios."""
    folders = {item.path.parent / "programs" for item in items}
    return {path.name for folder in folders for path in folder.glob("*") if path.is_file()}
