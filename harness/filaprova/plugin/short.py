"""pytest plugin: the options by short names too (``--seed`` for ``--filaprova-seed``).

Only for Filaprova's own scenarios: in another project a short name may be taken.
``pytest -p filaprova.plugin.short`` brings them to any session.
"""

from __future__ import annotations

import pytest

from filaprova.command_line import SHORT
from filaprova.plugin.declared import declare


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options once more."""
    declare(parser, SHORT)
