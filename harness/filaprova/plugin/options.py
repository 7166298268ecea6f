"""What the options ask for, read and looked at before anything is started."""

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
from filaprova.plugin.declared import unusable, value_of
from filaprova.plugin.given import Given, look_into
from filaprova.programs.interpreter import find_interpreter
from filaprova.report.text.catalogue import Language
from filaprova.runs.session import Settings

SEEDS = 1_000_000
"""How many seeds there are."""
LONGEST_WAIT_S = 600.0


def settings_of(config: pytest.Config, known_programs: Collection[str]) -> Settings:
    """Return the run's settings; ``pytest.UsageError`` for values that cannot be used.

    ``known_programs`` are the names of the programs that the scenarios to be run may start.
    """
    seconds_per_dot: float = value_of(config, "seconds-per-dot")
    if not 0.001 <= seconds_per_dot <= 1.0:
        raise unusable(
            config, "seconds-per-dot", f"{seconds_per_dot:g} is not between 0.001 and 1 second"
        )
    seed: int | None = value_of(config, "seed")
    if seed is None:
        seed = random.SystemRandom().randrange(SEEDS)
    elif not 0 <= seed < SEEDS:
        raise unusable(config, "seed", f"{seed} is not between 0 and {SEEDS - 1}")
    programs: Path | None = value_of(config, "programs")
    advanced: Path | None = value_of(config, "broker-advanced-config")
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
        broker_config=tuple(value_of(config, "broker-config")),
        broker_advanced_config=advanced and advanced.absolute(),
    )


def given_programs_of(config: pytest.Config, known_programs: Collection[str]) -> Given | None:
    """Return what lies in the folder of ``--programs``; ``pytest.UsageError`` if it is of no use.

    Otherwise a misspelt name would have somebody's own programs pass unexamined.
    """
    folder: Path | None = value_of(config, "programs")
    if folder is None:
        return None
    try:
        return look_into(folder.absolute(), known_programs)
    except BadInput as error:
        raise unusable(config, "programs", str(error)) from error


def wait_s_of(config: pytest.Config) -> float:
    """Return the limit of every wait of a scenario, in seconds."""
    wait_s: float = value_of(config, "wait")
    if not 1.0 <= wait_s <= LONGEST_WAIT_S:
        raise unusable(
            config, "wait", f"{wait_s:g} is not between 1 and {LONGEST_WAIT_S:g} seconds"
        )
    return wait_s


def broker_settings_of(config: pytest.Config, virtual_hosts: Sequence[str]) -> BrokerSettings:
    """Return what is asked of the broker; ``pytest.UsageError`` for what cannot be used."""
    request, image = value_of(config, "broker"), value_of(config, "broker-image")
    if image is not None and (request == "local" or "://" in request):
        raise unusable(config, "broker-image", "only --broker container runs an image")
    return BrokerSettings(
        virtual_hosts=list(virtual_hosts),
        config_lines=value_of(config, "broker-config"),
        advanced_config=_advanced_config_of(config),
        image=image or os.environ.get("FILAPROVA_BROKER_IMAGE"),
        stop_command=command_of(config, "stop"),
        start_command=command_of(config, "start"),
        kill_command=command_of(config, "kill"),
    )


def language_of(config: pytest.Config) -> Language:
    """Return the language in which people are told of the run."""
    language: Language = value_of(config, "lesson-language")
    return language


def reports_of(config: pytest.Config) -> Path:
    """Return the folder for results; ``pytest.UsageError`` if it can be none."""
    reports = config.invocation_params.dir / (value_of(config, "reports") or "reports")
    there = next(path for path in (reports, *reports.parents) if path.exists())
    if not there.is_dir():
        raise unusable(config, "reports", f"{there} is in the way, it is not a folder")
    if not os.access(there, os.W_OK):
        raise unusable(config, "reports", f"nothing can be written to {there}; is it read-only?")
    return reports


def command_of(config: pytest.Config, act: str) -> list[str] | None:
    """Return the command of ``--broker-stop``, ``-start`` or ``-kill`` as an argv."""
    text: str | None = value_of(config, f"broker-{act}")
    if text is None:
        return None
    try:
        command = shlex.split(text)
    except ValueError as error:
        raise unusable(config, f"broker-{act}", f"cannot read the command: {error}") from error
    if not command:
        raise unusable(config, f"broker-{act}", "the command is empty")
    return command


def in_ci() -> bool:
    """Tell whether a missing power is a failure, not a skip (``CI=true``)."""
    return os.environ.get("CI", "").lower() in ("true", "1")


def _advanced_config_of(config: pytest.Config) -> str | None:
    path: Path | None = value_of(config, "broker-advanced-config")
    return None if path is None else _text_of(config, "broker-advanced-config", path)


def _text_of(config: pytest.Config, option: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise unusable(config, option, f"cannot read {path}: {reason}") from error


def _python_of(config: pytest.Config) -> str:
    named: str | None = value_of(config, "python")
    if named is None:
        return ""
    try:
        # Not what a link leads to: an interpreter knows its packages by the name it is called by.
        return str(Path(find_interpreter(named)[0]).absolute())
    except BadInput as error:
        raise unusable(config, "python", str(error)) from error


def _arguments_of(config: pytest.Config, known: Collection[str]) -> dict[str, list[str]]:
    option = "program-arguments"
    arguments: dict[str, list[str]] = {}
    for text in value_of(config, option):
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise unusable(config, option, f"cannot read {text!r}: {error}") from error
        name = _program_named(config, option, words[0] if words else "", known, arguments)
        arguments[name] = words[1:]
    return arguments


def _inputs_of(config: pytest.Config, known: Collection[str]) -> dict[str, Path]:
    option = "program-input"
    inputs: dict[str, Path] = {}
    for text in value_of(config, option):
        before, sign, file = text.partition("=")
        if not sign:
            raise unusable(config, option, f"{text!r} is not of the form NAME=FILE")
        name, path = _program_named(config, option, before, known, inputs), Path(file).absolute()
        try:
            with path.open("rb"):
                pass
        except OSError as error:
            raise unusable(config, option, f"cannot read {path}: {error.strerror}") from error
        inputs[name] = path
    return inputs


def _program_named(
    config: pytest.Config, option: str, name: str, known: Collection[str], taken: Collection[str]
) -> str:
    if name not in known:
        raise unusable(
            config,
            option,
            f"{name!r} is not the name of a program of these scenarios: "
            f"{', '.join(sorted(known)) or 'they have none'}",
        )
    if name in taken:
        raise unusable(config, option, f"{name} is named twice")
    return name


def _pattern_of(config: pytest.Config, kind: str, *, needs_group: bool) -> str:
    text: str | None = value_of(config, kind)
    if text is None:
        return ""
    try:
        pattern = re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise unusable(config, kind, f"{text!r} is no regular expression: {error}") from error
    if needs_group and not pattern.groups:
        raise unusable(
            config,
            kind,
            f"{text!r} has no group for the task; put parentheses around what the task is",
        )
    if pattern.search(""):
        raise unusable(config, kind, f"{text!r} fits every line, even an empty one")
    return text
