"""The options of a run, as data, for the plugin of pytest and for the command ``filaprova``."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filaprova import defaults

PREFIX = "--filaprova-"
"""Before each option in everybody's sessions of pytest, where short names may belong to others."""
SHORT = "--"
"""Before each option as well in the sessions of our own scenarios, and of ``filaprova lesson``."""


def number(text: str) -> float:
    """Return a number; ``argparse.ArgumentTypeError`` for what is none, or has a decimal comma."""
    try:
        return float(text)
    except ValueError:
        hint = f"; write {text.replace(',', '.')}" if re.fullmatch(r"-?\d*,\d+", text) else ""
        raise argparse.ArgumentTypeError(f"{text!r} is not a number{hint}") from None


OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "broker": {
        "default": os.environ.get("FILAPROVA_BROKER", "auto"),
        "metavar": "auto|container|local|URL",
        "help": "which broker to examine with: a container, a private local server, or an amqp:// "
        "URL of your own on this machine; auto takes the first to be had "
        "(environment: FILAPROVA_BROKER; default: auto)",
    },
    "broker-image": {
        "metavar": "IMAGE",
        "help": "container image of the broker (environment: FILAPROVA_BROKER_IMAGE)",
    },
    "broker-config": {
        "action": "append",
        "default": [],
        "metavar": "'KEY = VALUE'",
        "help": "a further line of the broker's rabbitmq.conf (repeatable)",
    },
    "broker-advanced-config": {
        "type": Path,
        "metavar": "FILE",
        "help": "advanced.config of the broker: a file with an Erlang term, for what rabbitmq.conf "
        "cannot say",
    },
    **{
        f"broker-{act}": {
            "metavar": "COMMAND",
            "help": f"command that can {act} the broker given as a URL; run without a shell",
        }
        for act in ("stop", "start", "kill")
    },
    "programs": {
        "type": Path,
        "metavar": "DIR",
        "help": "files in this folder replace the lesson's programs of the same names",
    },
    "python": {
        "metavar": "PATH",
        "help": "interpreter that runs the programs; it needs pika (default: the one that runs "
        "pytest)",
    },
    "program-arguments": {
        "action": "append",
        "default": [],
        "metavar": "'NAME ARG…'",
        "help": "arguments of the program NAME, in the place of those that a scenario gives it; {} "
        "stands for these (repeatable)",
    },
    "program-input": {
        "action": "append",
        "default": [],
        "metavar": "NAME=FILE",
        "help": "file that the program NAME reads as its standard input (repeatable)",
    },
    "received": {
        "metavar": "PATTERN",
        "help": "regular expression for the lines that say a task is received, if the programs "
        "print others than the lesson's; its group 'task', else its first, is the task",
    },
    "done": {
        "metavar": "PATTERN",
        "help": "the same for the lines that say a task is done; these may do without a group",
    },
    "wait": {
        "type": number,
        "default": defaults.WAIT_S,
        "metavar": "SECONDS",
        "help": "limit of every wait of a scenario, from 1 to 600 (default: %(default)g)",
    },
    "seed": {
        "type": int,
        "metavar": "N",
        "help": "seed of the programs' random choices, from 0 to 999999 (default: random, and "
        "printed)",
    },
    "seconds-per-dot": {
        "type": number,
        "default": defaults.SECONDS_PER_DOT,
        "metavar": "S",
        "help": "what a second of the programs' time.sleep takes, from 0.001 to 1 (default: "
        "%(default)s)",
    },
    "reports": {
        "type": Path,
        "metavar": "DIR",
        "help": "folder for the results of runs (default: reports)",
    },
    "lesson-language": {
        "choices": ("en", "pt"),
        "default": "en",
        "help": "language of all that is told of a run, in summary.md and JUnit too (default: "
        "%(default)s)",
    },
}
"""By its name: what argparse has to know of an option."""
