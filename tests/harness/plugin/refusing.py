"""Runs that are refused, one after another in one process: most of what they take is imports.

``python -m tests.harness.plugin.refusing ARGUMENT…`` runs pytest with these arguments and each of
the lists of further ones that ``MORE`` in the environment has; see test_options.py. Prints a line
of JSON for each: the exit status, what was told, and what was left behind.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path

import psutil
import pytest


def left_behind() -> list[str]:
    """Return what there is now of the runs until here: processes and temporary files."""
    processes = psutil.Process().children(recursive=True)
    files = Path(os.environ["TMPDIR"]).iterdir()
    return [*(str(process) for process in processes), *(str(path) for path in files)]


def main() -> None:
    for more in json.loads(os.environ["MORE"]):
        told = io.StringIO()
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            status = pytest.main([*sys.argv[1:], *more])
        print(json.dumps([int(status), told.getvalue(), left_behind()]))


if __name__ == "__main__":
    main()
