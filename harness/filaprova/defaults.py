"""What a run is like where nobody says otherwise."""

from __future__ import annotations

SUBJECT = "lesson"
"""What is examined: a folder under ``scenarios/`` with a catalogue and texts."""
WAIT_S = 20.0
"""Limit of every wait of a scenario."""
SECONDS_PER_DOT = 0.005
"""Fast enough for the lesson to take a minute; strikes do not depend on it: see pause_at_task."""
