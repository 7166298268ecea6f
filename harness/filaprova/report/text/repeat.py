"""The command that repeats a run or one of its scenarios."""

from __future__ import annotations

import shlex
from pathlib import PurePath

from filaprova.command_line import PREFIX, SHORT
from filaprova.defaults import SUBJECT
from filaprova.runs.escape_controls import escape_controls
from filaprova.runs.results import RunResult

_OPTIONS = (
    *("seconds_per_dot", "programs", "python", "received", "done", "wait"),
    "broker_advanced_config",
)
"""Settings of a run that are options of the command line, by the same names."""
_REPEATABLE = ("program_arguments", "program_input", "broker_config")
"""Those that can be given several times: one text, which ``shlex`` splits."""


def repeat_command(run: RunResult, node_id: str = "") -> str:
    """Return a shell command with the run's seed, broker and settings: of one scenario, or of all.

    An external broker has to be named again by hand: its address may hold a password, so it is
    not in the results.
    """
    words, prefix = _begun_with(run)
    subject = run.subject if run.subject.isidentifier() else SUBJECT
    if node_id or words[-1:] != [subject]:  # `filaprova lesson` is all of it
        words.append(node_id or f"scenarios/{subject}")
    words += [f"{prefix}seed", str(run.seed)]
    backend = run.broker.get("backend", "")
    if backend in ("container", "local"):
        words += [f"{prefix}broker", backend]
    if run.broker.get("image"):
        words += [f"{prefix}broker-image", run.broker["image"]]
    for setting in _OPTIONS:
        if run.settings.get(setting):
            words += _option(prefix, setting, run.settings[setting])
    for setting in _REPEATABLE:
        for text in _split(run.settings.get(setting, "")):
            words += _option(prefix, setting, text)
    return escape_controls(shlex.join(words))


def _begun_with(run: RunResult) -> tuple[list[str], str]:
    """Return the command of a run without its options, and the prefix of these.

    They are read from a file, which may hold anything: only what can be ours is taken from there.
    """
    words = _split(run.command)
    if [PurePath(word).name for word in words] not in (["pytest"], ["filaprova", SUBJECT]):
        words = ["pytest"]
    return words, run.option_prefix if run.option_prefix in (SHORT, PREFIX) else SHORT


def _option(prefix: str, setting: str, value: str) -> list[str]:
    option = f"{prefix}{setting.replace('_', '-')}"
    return [f"{option}={value}"] if value.startswith("-") else [option, value]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # it is read from a file, which may hold anything
        return []
