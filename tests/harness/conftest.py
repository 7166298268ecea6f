"""What tests of several parts need: an observer, a record, and somebody who clears up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from filaprova.reaper import Reaper
from filaprova.record.observer import Background
from filaprova.record.recorder import Recorder


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as background:
        yield background
        assert background.take_errors() == []


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    recorder = Recorder(tmp_path / "history.jsonl")
    yield recorder
    recorder.close()


@pytest.fixture(scope="session")
def reaper() -> Iterator[Reaper]:
    with Reaper() as reaper:
        yield reaper
