"""The command line of Filaprova's pytest plugin."""

from __future__ import annotations

import os
import random
import shlex
from pathlib import Path

import pytest

from harness.session import Settings

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
        "(environment: FILAPROVA_BROKER; default: %(default)s)",
    )
    group.addoption(
        "--broker-image",
        default=os.environ.get("FILAPROVA_BROKER_IMAGE"),
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
        help="seed of the programs' random choices (default: random, and printed)",
    )
    group.addoption(
        "--seconds-per-dot",
        type=float,
        default=DEFAULT_SECONDS_PER_DOT,
        metavar="S",
        help="what a second of the programs' time.sleep takes (default: %(default)s)",
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
        help="language of the table at the end (default: %(default)s)",
    )


def settings_of(config: pytest.Config) -> Settings:
    """Return the run's settings; ``pytest.UsageError`` for values that cannot be used."""
    programs: Path | None = config.getoption("--programs")
    if programs is not None:
        programs = programs.absolute()
        if not programs.is_dir():
            raise pytest.UsageError(f"--programs: there is no folder {programs}")
        if not any(programs.glob("*.py")):
            raise pytest.UsageError(
                f"--programs: {programs} has no .py file; files there must bear the names of the "
                "lesson's programs, such as 02_worker_consumer_ack.py"
            )
    seconds_per_dot: float = config.getoption("--seconds-per-dot")
    if not 0.001 <= seconds_per_dot <= 1.0:
        raise pytest.UsageError(
            f"--seconds-per-dot: {seconds_per_dot:g} is not between 0.001 and 1 second"
        )
    seed: int | None = config.getoption("--seed")
    return Settings(
        seed=random.SystemRandom().randrange(1_000_000) if seed is None else seed,
        seconds_per_dot=seconds_per_dot,
        programs=programs,
    )


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
