"""A plugin that tells whether a run wants a live line, without a broker; see test_progress.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from filaprova.plugin.progress import wants_live_line


def pytest_collection_finish(session: pytest.Session) -> None:
    Path(os.environ["TOLD"]).write_text(str(wants_live_line(session.config)))
