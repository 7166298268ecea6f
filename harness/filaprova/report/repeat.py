"""The command that repeats a run or one of its scenarios."""

from __future__ import annotations

import shlex

from filaprova.runs.results import RunResult
from filaprova.runs.visible import visible

_OPTIONS = (
    *("seconds_per_dot", "programs", "python", "received", "done", "wait"),
    "broker_advanced_config",
)
"""Settings of a run that are options of the command line, by the same names."""
_REPEATABLE = ("program_arguments", "program_input", "broker_config")
"""Those that can be given several times: one text, which ``shlex`` splits."""


def repeat_command(run: RunResult, node_id: str = "scenarios/lesson") -> str:
    """Return a shell command with the run's seed, broker and settings.

    An external broker has to be named again by hand: its address may hold a password, so it is
    not in the results.
    """
    words = ["pytest", node_id, "--seed", str(run.seed)]
    backend = run.broker.get("backend", "")
    if backend in ("container", "local"):
        words += ["--broker", backend]
    if run.broker.get("image"):
        words += ["--broker-image", run.broker["image"]]
    for setting in _OPTIONS:
        if run.settings.get(setting):
            words += _option(setting, run.settings[setting])
    for setting in _REPEATABLE:
        for text in _split(run.settings.get(setting, "")):
            words += _option(setting, text)
    return visible(shlex.join(words))


def _option(setting: str, value: str) -> list[str]:
    option = f"--{setting.replace('_', '-')}"
    return [f"{option}={value}"] if value.startswith("-") else [option, value]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # it is read from a file, which may hold anything
        return []
