"""A test file that cannot be loaded is told as pytest tells it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_file_that_cannot_be_loaded_is_told_without_an_accident_of_ours(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("raise RuntimeError('not today')\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_broken.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "RuntimeError: not today" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
