"""pytest plugin: options, the ``scenario`` fixture, verdicts as test results.

It does nothing in a session without scenarios. A test is a scenario if it uses the ``scenario``
fixture; ``@pytest.mark.examines("L05", "K3")`` names what it speaks for.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import allure
import pytest
from rich.console import Console

from harness.errors import BadInput, EnvironmentMissing
from harness.plugin.conclusion import conclude, problem_of, story
from harness.plugin.narration import TerminalNarrator
from harness.plugin.options import add_options
from harness.plugin.run import Run, in_ci, open_run, scenario_items
from harness.report.results import Problem, RunResult, ScenarioResult
from harness.report.store import ScenarioFolder
from harness.report.summary import print_summary
from harness.scenario import Scenario
from harness.verdict import Outcome

SCENARIO_TIMEOUT_S = 180
"""pytest-timeout's limit of a scenario: above every limit of ours, so that ours speak first."""

RUN = pytest.StashKey[Run]()
RESULT = pytest.StashKey[RunResult]()
OPEN = pytest.StashKey[tuple[Scenario, ScenarioFolder]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers", "examines(*subjects): exercises (L05) and claims (K5) a scenario speaks for"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each scenario a limit that ends it in order: by a signal, with teardown."""
    for item in scenario_items(items):
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(SCENARIO_TIMEOUT_S, method="signal"))


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Boot the broker before the first scenario and remove everything after the last."""
    count = len(scenario_items(session.items))
    if not count or session.config.option.collectonly:
        return (yield)
    narrator = TerminalNarrator(session.config)
    try:
        with open_run(session.config, count) as run:
            session.config.stash[RUN] = run
            broker = run.session.broker.description
            narrator.title(
                f"{broker.product} {broker.version} on Erlang {broker.erlang_version}, "
                f"{broker.backend} {broker.image}".rstrip()
                + f", ready in {run.boot_s:.1f} s: {broker.reason}"
            )
            narrator.title(f"seed {run.session.settings.seed} (repeat with --seed)")
            try:
                return (yield)
            finally:
                session.config.stash[RESULT] = run.result()
    except EnvironmentMissing as error:
        pytest.exit(f"environment missing: {error}", returncode=1)
    except BadInput as error:
        raise pytest.UsageError(str(error)) from error


@pytest.fixture
def scenario(request: pytest.FixtureRequest) -> Iterator[Scenario]:
    """Give a scenario of its own: its virtual host, its taps, its record."""
    item = request.node
    run = item.config.stash[RUN]
    folder = run.session.folder.scenario(item.nodeid)
    narrator = TerminalNarrator(item.config)
    narrator.title(f"{', '.join(_subjects(item))}  {_title(item)} {_variant(item)}".rstrip())
    opened = Scenario(
        run.session,
        folder,
        name=item.nodeid,
        programs=item.path.parent / "programs",
        narrator=narrator,
    )
    item.stash[OPEN] = opened, folder
    yield opened
    if OPEN in item.stash:  # the body never ran: a later fixture failed
        opened.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Run the body, then conclude: the verdict over the record is the test's result."""
    if OPEN not in item.stash:
        return (yield)
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
    opened, folder = item.stash[OPEN]
    del item.stash[OPEN]
    run = item.config.stash[RUN]
    result = conclude(
        opened,
        folder,
        node_id=item.nodeid,
        title=_title(item),
        variant=_variant(item),
        subjects=_subjects(item),
        error=None if isinstance(error, pytest.skip.Exception) else error,
        broker_log=run.session.broker.log_tail(),
    )
    _attach(folder)
    run.results.append(result)
    item.user_properties.append(("verdict", str(result.outcome)))
    item.user_properties.append(("evidence", folder.name))
    TerminalNarrator(item.config).end(result.outcome, result.seconds, "")
    if error is not None and not isinstance(error, Exception):
        raise error  # KeyboardInterrupt and the like
    if isinstance(error, EnvironmentMissing) and not in_ci():
        run.results[-1] = _skipped(result, str(error))
        pytest.skip(f"environment missing: {error}")
    if result.outcome is not Outcome.PASS:
        pytest.fail(story(result, folder), pytrace=False)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep a result also of a scenario that could not even begin."""
    report = yield
    run = item.config.stash.get(RUN, None)
    began = call.when != "setup" or call.excinfo is None
    if run is not None and not began and report.failed and item in scenario_items([item]):
        assert call.excinfo is not None
        problem, outcome = problem_of(call.excinfo.value)
        run.results.append(
            ScenarioResult(
                id=item.nodeid,
                folder="",
                title=_title(item),
                variant=_variant(item),
                subjects=_subjects(item),
                outcome=outcome,
                problem=problem,
            )
        )
    return report


def pytest_report_teststatus(
    report: pytest.TestReport, config: pytest.Config
) -> tuple[str, str, str] | None:
    """Let the narration speak for a scenario that passed, instead of a dot."""
    is_scenario = any(name == "verdict" for name, _ in report.user_properties)
    if is_scenario and report.when == "call" and report.passed and config.get_verbosity() >= 0:
        return "passed", "", ""
    return None


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table of exercises and where the time went."""
    result = config.stash.get(RESULT, None)
    if result is None or not result.scenarios:
        return
    run = config.stash[RUN]
    console = Console(file=terminalreporter._tw._file, soft_wrap=False)
    terminalreporter.section("filaprova")
    print_summary(console, result, language=config.getoption("--lesson-language"))
    terminalreporter.write_line(f"answers: {run.session.folder.path / 'answers.html'}")


def _skipped(result: ScenarioResult, reason: str) -> ScenarioResult:
    return ScenarioResult(
        id=result.id,
        folder=result.folder,
        title=result.title,
        variant=result.variant,
        subjects=result.subjects,
        outcome=Outcome.UNKNOWN,
        skipped=reason,
        problem=Problem(family="environment missing", message=reason),
        seconds=result.seconds,
        seconds_by=result.seconds_by,
    )


def _attach(folder: ScenarioFolder) -> None:
    for path in sorted(folder.path.rglob("*")):
        if path.is_file():
            kind = (
                allure.attachment_type.JSON
                if path.suffix == ".json"
                else allure.attachment_type.TEXT
            )
            name = str(path.relative_to(folder.path))
            allure.attach(path.read_bytes(), name, attachment_type=kind)


def _subjects(item: pytest.Item) -> list[str]:
    return [subject for mark in item.iter_markers("examines") for subject in mark.args]


def _title(item: pytest.Item) -> str:
    docstring = getattr(getattr(item, "function", None), "__doc__", None) or item.name
    return str(docstring).strip().splitlines()[0]


def _variant(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.id) if callspec is not None else ""
