"""The command line of Filaprova's pytest plugin."""

from __future__ import annotations

import os
import random
import re
import shlex
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from filaprova.brokers.broker import BrokerSettings
from filaprova.errors import BadInput
from filaprova.plugin.given import Given, look_into
from filaprova.programs.interpreter import find_interpreter
from filaprova.report.lesson import Language
from filaprova.runs.session import DEFAULT_WAIT_S, Settings

SEEDS = 1_000_000
"""How many seeds there are."""
DEFAULT_SECONDS_PER_DOT = 0.005
"""Fast enough for the lesson to take a minute; strikes do not depend on it: see pause_at_task."""
LONGEST_WAIT_S = 600.0


def add_options(parser: pytest.Parser) -> None:
    """Declare the options; ``pytest --help`` shows them under "filaprova"."""
    group = parser.getgroup("filaprova", "filaprova: examine work queues")
    group.addoption(
        "--broker",
        default=os.environ.get("FILAPROVA_BROKER", "auto"),
        metavar="auto|container|local|URL",
        help="which broker to examine with: a container, a private local server, or an amqp:// URL "
        "of your own on this machine; auto takes the first to be had "
        "(environment: FILAPROVA_BROKER; default: auto)",
    )
    group.addoption(
        "--broker-image",
        metavar="IMAGE",
        help="container image of the broker (environment: FILAPROVA_BROKER_IMAGE)",
    )
    group.addoption(
        "--broker-config",
        action="append",
        default=[],
        metavar="'KEY = VALUE'",
        help="a further line of the broker's rabbitmq.conf (repeatable)",
    )
    group.addoption(
        "--broker-advanced-config",
        type=Path,
        metavar="FILE",
        help="advanced.config of the broker: a file with an Erlang term, for what rabbitmq.conf "
        "cannot say",
    )
    for act in ("stop", "start", "kill"):
        group.addoption(
            f"--broker-{act}",
            metavar="COMMAND",
            help=f"command that can {act} the broker given as a URL; run without a shell",
        )
    group.addoption(
        "--programs",
        type=Path,
        metavar="DIR",
        help="files in this folder replace the lesson's programs of the same names",
    )
    group.addoption(
        "--python",
        metavar="PATH",
        help="interpreter that runs the programs; it needs pika (default: the one that runs "
        "pytest)",
    )
    group.addoption(
        "--program-arguments",
        action="append",
        default=[],
        metavar="'NAME ARG…'",
        help="arguments of the program NAME, in the place of those that a scenario gives it; {} "
        "stands for these (repeatable)",
    )
    group.addoption(
        "--program-input",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="file that the program NAME reads as its standard input (repeatable)",
    )
    for kind, group_needed in (
        ("received", "whose group 'task', else whose first, is"),
        (
            "done",
            "which may have a group for",
        ),
    ):
        group.addoption(
            f"--{kind}",
            metavar="PATTERN",
            help=f"regular expression, {group_needed} the task, for the lines that say a task is "
            f"{kind}, if the programs print others than the lesson's",
        )
    group.addoption(
        "--wait",
        type=float,
        default=DEFAULT_WAIT_S,
        metavar="SECONDS",
        help="limit of every wait of a scenario, from 1 to 600 (default: %(default)g)",
    )
    group.addoption(
        "--seed",
        type=int,
        metavar="N",
        help="seed of the programs' random choices, from 0 to 999999 (default: random, and "
        "printed)",
    )
    group.addoption(
        "--seconds-per-dot",
        type=float,
        default=DEFAULT_SECONDS_PER_DOT,
        metavar="S",
        help="what a second of the programs' time.sleep takes, from 0.001 to 1 (default: "
        "%(default)s)",
    )
    group.addoption(
        "--reports",
        type=Path,
        metavar="DIR",
        help="folder for the results of runs (default: reports/ beside pyproject.toml)",
    )
    group.addoption(
        "--lesson-language",
        choices=("en", "pt"),
        default="en",
        help="language of the live line, the table at the end, and summary.md (default: "
        "%(default)s)",
    )


def settings_of(config: pytest.Config, known_programs: Collection[str]) -> Settings:
    """Return the run's settings; ``pytest.UsageError`` for values that cannot be used.

    ``known_programs`` are the names of the programs that the scenarios to be run may start.
    """
    seconds_per_dot: float = config.getoption("--seconds-per-dot")
    if not 0.001 <= seconds_per_dot <= 1.0:
        raise pytest.UsageError(
            f"--seconds-per-dot: {seconds_per_dot:g} is not between 0.001 and 1 second"
        )
    seed: int | None = config.getoption("--seed")
    if seed is None:
        seed = random.SystemRandom().randrange(SEEDS)
    elif not 0 <= seed < SEEDS:
        raise pytest.UsageError(f"--seed: {seed} is not between 0 and {SEEDS - 1}")
    programs: Path | None = config.getoption("--programs")
    advanced: Path | None = config.getoption("--broker-advanced-config")
    return Settings(
        seed=seed,
        seconds_per_dot=seconds_per_dot,
        programs=programs and programs.absolute(),
        wait_s=wait_s_of(config),
        python=_python_of(config),
        program_arguments=_arguments_of(config, known_programs),
        program_inputs=_inputs_of(config, known_programs),
        received=_pattern_of(config, "received", needs_group=True),
        done=_pattern_of(config, "done", needs_group=False),
        broker_config=tuple(config.getoption("--broker-config")),
        broker_advanced_config=advanced and advanced.absolute(),
    )


def given_programs_of(config: pytest.Config, known_programs: Collection[str]) -> Given | None:
    """Return what lies in the folder of ``--programs``; ``pytest.UsageError`` if it is of no use.

    Otherwise a misspelt name would have somebody's own programs pass unexamined.
    """
    folder: Path | None = config.getoption("--programs")
    if folder is None:
        return None
    try:
        return look_into(folder.absolute(), known_programs)
    except BadInput as error:
        raise pytest.UsageError(f"--programs: {error}") from error


def wait_s_of(config: pytest.Config) -> float:
    """Return the limit of every wait of a scenario, in seconds."""
    wait_s: float = config.getoption("--wait")
    if not 1.0 <= wait_s <= LONGEST_WAIT_S:
        raise pytest.UsageError(
            f"--wait: {wait_s:g} is not between 1 and {LONGEST_WAIT_S:g} seconds"
        )
    return wait_s


def broker_settings_of(config: pytest.Config, virtual_hosts: Sequence[str]) -> BrokerSettings:
    """Return what is asked of the broker; ``pytest.UsageError`` for what cannot be used."""
    request, image = config.getoption("--broker"), config.getoption("--broker-image")
    if image is not None and (request == "local" or "://" in request):
        raise pytest.UsageError("--broker-image: only --broker container runs an image")
    return BrokerSettings(
        virtual_hosts=list(virtual_hosts),
        config_lines=config.getoption("--broker-config"),
        advanced_config=_advanced_config_of(config),
        image=image or os.environ.get("FILAPROVA_BROKER_IMAGE"),
        stop_command=command_of(config, "stop"),
        start_command=command_of(config, "start"),
        kill_command=command_of(config, "kill"),
    )


def language_of(config: pytest.Config) -> Language:
    """Return the language in which people are told of the run."""
    language: Language = config.getoption("--lesson-language")
    return language


def reports_of(config: pytest.Config) -> Path:
    """Return the folder for results; ``pytest.UsageError`` if it can be none."""
    reports: Path = (config.getoption("--reports") or config.rootpath / "reports").absolute()
    there = next(path for path in (reports, *reports.parents) if path.exists())
    if not there.is_dir():
        raise pytest.UsageError(f"--reports: {there} is in the way, it is not a folder")
    return reports


def command_of(config: pytest.Config, act: str) -> list[str] | None:
    """Return the command of ``--broker-stop``, ``-start`` or ``-kill`` as an argv."""
    text: str | None = config.getoption(f"--broker-{act}")
    if text is None:
        return None
    try:
        command = shlex.split(text)
    except ValueError as error:
        raise pytest.UsageError(f"--broker-{act}: cannot read the command: {error}") from error
    if not command:
        raise pytest.UsageError(f"--broker-{act}: the command is empty")
    return command


def in_ci() -> bool:
    """Tell whether a missing power is a failure, not a skip (``CI=true``)."""
    return os.environ.get("CI", "").lower() in ("true", "1")


def _advanced_config_of(config: pytest.Config) -> str | None:
    path: Path | None = config.getoption("--broker-advanced-config")
    return None if path is None else _text_of(path, "--broker-advanced-config")


def _text_of(path: Path, option: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise pytest.UsageError(f"{option}: cannot read {path}: {reason}") from error


def _python_of(config: pytest.Config) -> str:
    named: str | None = config.getoption("--python")
    if named is None:
        return ""
    try:
        # Not what a link leads to: an interpreter knows its packages by the name it is called by.
        return str(Path(find_interpreter(named)[0]).absolute())
    except BadInput as error:
        raise pytest.UsageError(f"--python: {error}") from error


def _arguments_of(config: pytest.Config, known: Collection[str]) -> dict[str, list[str]]:
    option = "--program-arguments"
    arguments: dict[str, list[str]] = {}
    for text in config.getoption(option):
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise pytest.UsageError(f"{option}: cannot read {text!r}: {error}") from error
        name = _program_named(option, words[0] if words else "", known, arguments)
        arguments[name] = words[1:]
    return arguments


def _inputs_of(config: pytest.Config, known: Collection[str]) -> dict[str, Path]:
    option = "--program-input"
    inputs: dict[str, Path] = {}
    for text in config.getoption(option):
        before, sign, file = text.partition("=")
        if not sign:
            raise pytest.UsageError(f"{option}: {text!r} is not of the form NAME=FILE")
        name, path = _program_named(option, before, known, inputs), Path(file).absolute()
        try:
            with path.open("rb"):
                pass
        except OSError as error:
            raise pytest.UsageError(f"{option}: cannot read {path}: {error.strerror}") from error
        inputs[name] = path
    return inputs


def _program_named(option: str, name: str, known: Collection[str], taken: Collection[str]) -> str:
    if name not in known:
        raise pytest.UsageError(
            f"{option}: {name!r} is not the name of a program of these scenarios: "
            f"{', '.join(sorted(known)) or 'they have none'}"
        )
    if name in taken:
        raise pytest.UsageError(f"{option}: {name} is named twice")
    return name


def _pattern_of(config: pytest.Config, kind: str, *, needs_group: bool) -> str:
    text: str | None = config.getoption(f"--{kind}")
    if text is None:
        return ""
    try:
        pattern = re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise pytest.UsageError(f"--{kind}: {text!r} is no regular expression: {error}") from error
    if needs_group and not pattern.groups:
        raise pytest.UsageError(
            f"--{kind}: {text!r} has no group for the task; put parentheses around what the task is"
        )
    if pattern.search(""):
        raise pytest.UsageError(f"--{kind}: {text!r} fits every line, even an empty one")
    return text
