"""Surroundings: what a program finds around it when it starts, and what it is not to find.

A program is to find what it would find if its user ran it by hand: the user's environment, the
folder that it lies in as its working directory, its arguments, an input. Where its broker is, a
Python script is not told at all: its launcher is, through a pipe, for what is in an environment
stays readable in /proc to the end. A program in another language finds it in ``AMQP_URL``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import msgspec

from filaprova.programs.lesson.printed import Reader

LAUNCHER = Path(__file__).parent / "lesson" / "launcher.py"
LAUNCH_FD = "FILAPROVA_LAUNCH_FD"
"""In the environment of a launcher: where it reads what is around the script."""
SCENARIO_ARGUMENTS = "{}"
"""Stands, among arguments of the user's, for those that the scenario gives."""
_NOT_THE_USERS = ("FILAPROVA_BROKER", "PYTEST_CURRENT_TEST", "PYTEST_VERSION")
"""Beginnings of variables that the user's own environment would not have, or that hold a URL of a
broker past the tap."""


class LaunchSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where a program finds its broker, how fast and how random it is, and how it is run."""

    host: str
    port: int
    virtual_host: str
    user: str
    password: str
    seed: int
    seconds_per_dot: float
    """What a Python program takes for each second that it asks ``time.sleep`` for."""
    scratch: Path
    """Where the program's temporary files go."""
    python: str = ""
    """What runs Python scripts; empty: the interpreter that runs us."""
    arguments: Mapping[str, Sequence[str]] = {}
    """By a program's name: what it is given in the place of the scenario's arguments."""
    inputs: Mapping[str, Path] = {}
    """By a program's name: the file that is its standard input; of others it is empty."""
    reader: Reader = Reader()
    """Knows what the lines of its output mean."""

    def __repr__(self) -> str:
        return f"LaunchSettings({self.user}:…@{self.host}:{self.port}/{self.virtual_host})"

    def url(self) -> str:
        """Return the broker's address with all that it takes to be let in."""
        user, password, virtual_host = (
            quote(text, safe="") for text in (self.user, self.password, self.virtual_host)
        )
        return f"amqp://{user}:{password}@{self.host}:{self.port}/{virtual_host}"

    def told_to_launcher(self) -> bytes:
        """Return what the launcher reads from its pipe."""
        told = {
            "url": self.url(),
            "seed": self.seed,
            "seconds_per_second": self.seconds_per_dot,
        }
        return json.dumps(told).encode()

    def arguments_of(self, program: str, given: Sequence[str]) -> list[str]:
        """Return a program's arguments: the user's if there are any, else those ``given``."""
        if program not in self.arguments:
            return list(given)
        arguments: list[str] = []
        for word in self.arguments[program]:
            if word == SCENARIO_ARGUMENTS:
                arguments += given
            else:
                arguments.append(word.replace(SCENARIO_ARGUMENTS, " ".join(given)))
        return arguments


def environment(settings: LaunchSettings, *, launched: bool) -> dict[str, str]:
    """Return the user's own environment, without what is ours in it.

    ``launched``: by the launcher, which is told through a pipe where the broker is.
    """
    users = {
        name: value for name, value in os.environ.items() if not name.startswith(_NOT_THE_USERS)
    }
    ours = {"TMPDIR": str(settings.scratch)}
    if not launched:
        ours |= {
            "AMQP_URL": settings.url(),
            "FILAPROVA_SEED": str(settings.seed),
            "FILAPROVA_SECONDS_PER_DOT": f"{settings.seconds_per_dot:g}",
        }
    return users | ours


def pipe_with(content: bytes) -> int:
    """Return the reading end of a pipe that holds this, and nothing after it.

    It must fit into a pipe, which takes 64 KiB at least.
    """
    reading, writing = os.pipe()
    try:
        os.write(writing, content)
    finally:
        os.close(writing)
    return reading
