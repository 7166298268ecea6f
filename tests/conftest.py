"""For all tests: none fails because the machine is busy."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("patient", deadline=None)  # else as by default, also under CI
settings.load_profile("patient")
