"""A plugin that enters a step within a step, without a broker; see test_progress.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from filaprova.plugin.labels import Labels
from filaprova.plugin.narration import TerminalNarrator

LABELS = Labels(
    node_id="nested", file=Path("nested"), title="Steps within each other", variant="", subjects=[]
)


def pytest_collection_finish(session: pytest.Session) -> None:
    capture = session.config.pluginmanager.get_plugin("capturemanager")
    narrator = TerminalNarrator(session.config, session.items[:1], only_scenarios=True)

    def draw() -> None:
        with capture.global_and_fixture_disabled():
            pass

    capture.resume_global_capture()
    narrator.begin(LABELS)
    with narrator.under_way([]):
        with narrator.step("Two\r\nlines"):
            draw()
            with narrator.step("Within"):
                draw()
            draw()
        draw()
    capture.suspend_global_capture()
