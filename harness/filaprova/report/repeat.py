"""The command that repeats a run or one of its scenarios."""

from __future__ import annotations

import shlex

from filaprova.runs.results import RunResult
from filaprova.runs.visible import visible

_OPTIONS = {"seconds_per_dot": "--seconds-per-dot", "programs": "--programs"}
"""Settings of a run that are options of the command line."""


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
    for setting, option in _OPTIONS.items():
        if run.settings.get(setting):
            words += [option, run.settings[setting]]
    return visible(shlex.join(words))
