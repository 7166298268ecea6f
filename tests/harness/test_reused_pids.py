"""The number of a process that has ended may be another's by now: that one is never hit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S

NAMESPACE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]
"""One of its own needs no rights, where the kernel lets users make some."""


def test_a_stranger_with_the_number_of_one_that_has_ended_lives() -> None:
    namespace = NAMESPACE[:1] + NAMESPACE[3:] if os.geteuid() == 0 else NAMESPACE
    if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode != 0:
        why = "this machine lets us make no namespace of processes"
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(f"{why}; with CI=true nothing may be missing")
        pytest.skip(why)
    tried = subprocess.run(
        [*namespace, sys.executable, "-m", "tests.harness.reused_pids"],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert tried.returncode == 0, tried.stderr
    assert tried.stdout.splitlines() == [
        "a signal of the reaper: True",
        "the end of a server: True",
        "a program: True",
    ]
