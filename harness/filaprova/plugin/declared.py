"""Declare the options to pytest, and tell their values."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from filaprova.command_line import OPTIONS, PREFIX, SHORT

SHORT_NAMES = "filaprova.plugin.short"
"""The plugin that brings the short names."""
COMMAND = "command"
"""An option that nobody types: what has begun this session, where that was not pytest itself."""


def declare(parser: pytest.Parser, prefix: str) -> None:
    """Declare the options with a prefix; ``pytest --help`` shows those that are in force.

    Whatever its prefix, an option has one value: see ``value_of``. One with ``SHORT`` is not
    explained again.
    """
    if prefix == SHORT:
        group = parser.getgroup("filaprova short", "filaprova: short names in these scenarios")
    else:
        group = parser.getgroup("filaprova", "filaprova: examine work queues")
        group.addoption(
            f"{prefix}{COMMAND}", dest=_key(COMMAND), default="pytest", help=argparse.SUPPRESS
        )
    for name, attributes in OPTIONS.items():
        own = dict(attributes)
        if prefix == SHORT:
            own["help"] = f"the same as {PREFIX}{name}"
        group.addoption(f"{prefix}{name}", dest=_key(name), **own)


def value_of(config: pytest.Config, name: str) -> Any:
    """Return the value of an option, by its name without a prefix."""
    return config.getoption(_key(name))


def prefix_of(config: pytest.Config) -> str:
    """Return the prefix by which people are told of options: the short one where it is in force."""
    return SHORT if config.pluginmanager.hasplugin(SHORT_NAMES) else PREFIX


def unusable(config: pytest.Config, name: str, why: str) -> pytest.UsageError:
    """Return the error of an option that cannot be used."""
    return pytest.UsageError(f"{prefix_of(config)}{name}: {why}")


def _key(name: str) -> str:
    return f"filaprova_{name.replace('-', '_')}"
