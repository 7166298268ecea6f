"""The hooks of a session with scenarios: one broker for all, verdicts as test results."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from rich.console import Console

from filaprova import defaults
from filaprova.errors import BadInput, EnvironmentMissing, HarnessBug
from filaprova.judge.verdict import Outcome
from filaprova.phrase import Phrase, say, told_by
from filaprova.plugin import scenario_items
from filaprova.plugin.allure_files import attach_evidence, label, write_allure_files
from filaprova.plugin.conclusion import (
    INTERRUPTIONS,
    conclude,
    not_begun,
    not_concluded,
)
from filaprova.plugin.interruption import by_termination, postponed
from filaprova.plugin.junit import Story, properties_of
from filaprova.plugin.labels import labels_of
from filaprova.plugin.narration import TerminalNarrator
from filaprova.plugin.options import language_of, wait_s_of
from filaprova.plugin.run import Run, open_run
from filaprova.report.console.summary import print_summary
from filaprova.report.pages.answers import ANSWERS
from filaprova.report.text.catalogue import Texts
from filaprova.report.text.failure import failure_line, failure_story, why_skipped
from filaprova.runs.escape_controls import escape_controls
from filaprova.runs.results import RunResult, ScenarioResult
from filaprova.runs.store import ScenarioFolder
from filaprova.scenario import Scenario
from filaprova.waiting import noted

SCENARIO_TIMEOUT_S = 360
"""pytest-timeout's limit of a scenario: above all limits of ours that can come one after another,
so that ours speak first. One scenario stops its broker twice (30 s each) and boots it twice (90 s).
"""
NOT_DISTRIBUTED = "scenarios share one broker and one report: run them in one process, without -n"

RUN = pytest.StashKey[Run]()
RESULT = pytest.StashKey[RunResult]()
NARRATOR = pytest.StashKey[TerminalNarrator]()
OPEN = pytest.StashKey[tuple[Scenario, ScenarioFolder]]()
STORY = pytest.StashKey[Story]()


def scenario_timeout_s(config: pytest.Config) -> float:
    """Return the limit of a scenario, which grows with that of its waits."""
    return SCENARIO_TIMEOUT_S * max(1.0, wait_s_of(config) / defaults.WAIT_S)


def prepare(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each scenario a limit that ends it in order: by a signal, with teardown.

    Or refuse them: two processes would be two runs, each with a broker and half of a report.
    """
    scenarios = scenario_items(items)
    if scenarios and hasattr(config, "workerinput"):  # one of pytest-xdist's processes
        scenarios[0].session.shouldstop = NOT_DISTRIBUTED
        items.clear()
        return
    if not config.pluginmanager.hasplugin("timeout"):
        return
    for item in scenarios:
        if item.get_closest_marker("timeout") is None:
            limit_s = scenario_timeout_s(config)
            item.add_marker(pytest.mark.timeout(limit_s, method="signal"))


def opened(request: pytest.FixtureRequest) -> Iterator[Scenario]:
    """Open a scenario for the test that asks for it: its virtual host, its taps, its record."""
    item, config = request.node, request.config
    run, narrator = config.stash[RUN], config.stash[NARRATOR]
    folder = run.session.folder.scenario(item.nodeid)
    labels, broker = labels_of(item), run.session.broker.description
    label(
        labels,
        seed=run.session.settings.seed,
        broker=f"{broker.product} {broker.version}",
        subject=run.subject,
        language=language_of(config),
    )
    narrator.begin(labels)
    run.waits.scenario = folder.name
    begun = Scenario(
        run.session,
        folder,
        name=item.nodeid,
        programs=item.path.parent / "programs",
        narrator=narrator,
    )
    item.stash[OPEN] = begun, folder
    yield begun
    if OPEN in item.stash:  # asked for by --setup-only, which runs no body
        begun.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Boot the broker before the first scenario and remove everything after the last."""
    config = session.config
    items = scenario_items(session.items)
    if not items or config.option.collectonly:
        return (yield)
    begun = False
    narrator = config.stash[NARRATOR] = TerminalNarrator(
        config, items, only_scenarios=len(items) == len(session.items)
    )
    try:
        with by_termination(), open_run(config, items) as run:
            begun = True
            config.stash[RUN] = run
            for line in run.headlines():
                narrator.about_the_run(line)
            for note in run.notes:
                _warn(config, narrator.words(say("note: {}", note)))
            try:
                return (yield)
            finally:
                config.stash[RESULT] = run.result()
                write_allure_files(config, config.stash[RESULT])
    except (EnvironmentMissing, HarnessBug) as error:
        told = narrator.words(say("{}: {}", _family(error), told_by(error)))
        if begun:
            _give_up(config, told, narrator.words(say("{}, see above", _family(error))))
        session.items.clear()
        ended = yield
        _tell_of_no_run(items[0], told)
        return ended
    except BadInput as error:
        raise pytest.UsageError(narrator.words(told_by(error))) from error


def _family(error: EnvironmentMissing | HarnessBug) -> Phrase:
    return say("harness bug") if isinstance(error, HarnessBug) else say("environment missing")


def _tell_of_no_run(item: pytest.Item, told: str) -> None:
    """Have a run that could not begin be an error of its first scenario, for JUnit as well."""
    report = pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={},
        outcome="failed",
        longrepr=told,
        when="setup",
    )
    item.ihook.pytest_runtest_logreport(report=report)


def _warn(config: pytest.Config, text: str) -> None:
    """Say something that nobody is to miss, however quiet the run is to be."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.ensure_newline()
        reporter.write_line(escape_controls(text), yellow=True)


def _give_up(config: pytest.Config, told: str, in_short: str) -> NoReturn:
    """End the session with status 1, and say why in a paragraph of its own."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.ensure_newline()
        reporter.write_line(told, red=True)
    pytest.exit(in_short, returncode=1)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Set up; a scenario that cannot even begin has a result as well."""
    if not scenario_items([item]):
        return (yield)
    try:
        return (yield)
    except BaseException as error:
        folder = item.stash[OPEN][1].path if OPEN in item.stash else None
        result = _concluded(item, error)
        _end_or_skip(error, result, item.config.stash[NARRATOR].texts)
        _fail(item, result, folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Run the body, then conclude: the verdict over the record is the test's result."""
    if OPEN not in item.stash:
        return (yield)
    error: BaseException | None = None
    _, folder = item.stash[OPEN]
    with contextlib.ExitStack() as shown:
        try:
            shown.enter_context(
                item.config.stash[NARRATOR].under_way(item.config.stash[RUN].results)
            )
            with noted("scenario", limit_s=scenario_timeout_s(item.config)):
                yield
        except BaseException as raised:
            error = raised
        result = _concluded(item, error)
    if error is not None:
        _end_or_skip(error, result, item.config.stash[NARRATOR].texts)
    if result.outcome is not Outcome.PASS:
        _fail(item, result, folder.path)
    return None


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell why a scenario is not green: its story, which has a first line for who has no room.

    ``trylast``: before any other plugin looks at the report.
    """
    report = yield
    if report.failed and STORY in item.stash:
        kept: Any = report  # typed for pytest's own forms only
        kept.longrepr = item.stash[STORY]
    return report


def pytest_report_teststatus(
    report: pytest.CollectReport | pytest.TestReport, config: pytest.Config
) -> tuple[str, str, str] | None:
    """Let the narration speak for a scenario that was carried out, instead of a letter.

    A word would have pytest print its progress behind it; only its summary at the end needs one.
    """
    if isinstance(report, pytest.TestReport) and report.when == "call":
        is_scenario = any(name == "verdict" for name, _ in report.user_properties)
        if is_scenario and config.get_verbosity() == 0:
            return report.outcome, "", report.outcome.upper() if RESULT in config.stash else ""
    return None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a run that has not run any of the user's programs be no success."""
    run = session.config.stash.get(RUN, None)
    if run is not None and run.unused() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table of exercises and where the time went."""
    result = config.stash.get(RESULT, None)
    if result is None or not result.scenarios:
        return
    run = config.stash[RUN]
    writer = terminalreporter._tw  # coloured by what pytest decided: --color, NO_COLOR, a terminal
    console = Console(
        file=writer._file, soft_wrap=False, color_system="auto" if writer.hasmarkup else None
    )
    terminalreporter.section("filaprova")
    answers = run.session.folder.path / ANSWERS
    print_summary(console, result, language=result.language, answers=answers)
    unused = run.unused()
    if unused:
        told = config.stash[NARRATOR].words(unused)
        terminalreporter.write_line(escape_controls(told), red=True, bold=True)


def _concluded(item: pytest.Item, error: BaseException | None) -> ScenarioResult:
    """Return a scenario's result, and add it to those of the run, whatever happens meanwhile.

    Where ``error`` is an interruption and concluding raises as well, the interruption is raised.
    """
    try:
        return _conclude(item, error)
    except BaseException as trouble:
        if isinstance(error, INTERRUPTIONS):
            raise error from trouble
        raise


def _conclude(item: pytest.Item, error: BaseException | None) -> ScenarioResult:
    run, narrator, labels = item.config.stash[RUN], item.config.stash[NARRATOR], labels_of(item)
    if OPEN not in item.stash:
        assert error is not None
        result = not_begun(labels, error)
        run.results.append(result)
        return result
    opened, folder = item.stash[OPEN]
    del item.stash[OPEN]
    with postponed():
        try:
            result = conclude(
                opened, folder, labels, error=error, broker_log=run.session.broker.log_tail
            )
        except BaseException as trouble:
            run.results.append(not_concluded(labels, trouble, folder))
            raise
        finally:
            run.waits.scenario = ""
        run.results.append(result)
        attach_evidence(item.config, run, result)
        item.user_properties += properties_of(result)
        narrator.end(result)
    return result


def _fail(item: pytest.Item, result: ScenarioResult, folder: Path | None) -> NoReturn:
    """Fail with one line; the whole story takes its place where there is room."""
    texts = item.config.stash[NARRATOR].texts
    line = failure_line(result, texts)
    item.stash[STORY] = Story(line=line, text=failure_story(result, folder, texts))
    pytest.fail(line, pytrace=False)


def _end_or_skip(error: BaseException, result: ScenarioResult, texts: Texts) -> None:
    """End the run if that is what an error means, or skip the scenario if its result is a skip."""
    if isinstance(error, INTERRUPTIONS):
        raise error
    if result.skipped:
        pytest.skip(why_skipped(result, texts))
