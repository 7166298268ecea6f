"""A small disk that really gets full: of memory, mounted for one test."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """Mount a disk of this size at ``place``; skip, or with CI=true fail, if we may not."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        why = "a disk that gets full can be mounted by root only"
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(f"{why}; with CI=true nothing may be missing")
        pytest.skip(why)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
