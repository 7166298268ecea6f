"""The command line of Filaprova's pytest plugin."""

from __future__ import annotations

import os
import random
import shlex
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from filaprova.brokers.broker import BrokerSettings
from filaprova.report.lesson import Language
from filaprova.runs.session import Settings

SEEDS = 1_000_000
"""How many seeds there are."""
DEFAULT_SECONDS_PER_DOT = 0.005
"""Fast enough for the lesson to take a minute; strikes do not depend on it: see pause_at_task."""


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
    return Settings(
        seed=seed,
        seconds_per_dot=seconds_per_dot,
        programs=programs and _usable_programs(programs.absolute(), known_programs),
    )


def broker_settings_of(config: pytest.Config, virtual_hosts: Sequence[str]) -> BrokerSettings:
    """Return what is asked of the broker; ``pytest.UsageError`` for what cannot be used."""
    request, image = config.getoption("--broker"), config.getoption("--broker-image")
    if image is not None and (request == "local" or "://" in request):
        raise pytest.UsageError("--broker-image: only --broker container runs an image")
    return BrokerSettings(
        virtual_hosts=list(virtual_hosts),
        config_lines=config.getoption("--broker-config"),
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


def _usable_programs(folder: Path, known: Collection[str]) -> Path:
    """Return the folder if a file in it replaces anything at all.

    Otherwise a misspelt name would have somebody's own programs pass unexamined.
    """
    if not folder.is_dir():
        raise pytest.UsageError(f"--programs: there is no folder {folder}")
    if not any((folder / name).is_file() for name in known):
        raise pytest.UsageError(
            f"--programs: no file in {folder} bears the name of a program of these scenarios: "
            f"{', '.join(sorted(known)) or 'they have none'}"
        )
    return folder
