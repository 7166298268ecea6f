"""In a project that has no scenarios the plugin takes no name, says nothing and loads nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import RUN_S

CONFTEST = """
def pytest_addoption(parser):
    parser.addoption("--seed", type=int, default=1)
    parser.addoption("--broker", default="theirs")
    parser.addoption("--wait", action="store_true")
"""
LIGHT = {
    "filaprova",
    "filaprova.command_line",
    "filaprova.defaults",
    "filaprova.plugin",
    "filaprova.plugin.declared",
}
TEST = f"""
import sys

def test_theirs(request):
    assert request.config.getoption("--seed") == 5
    assert request.config.getoption("--broker") == "theirs"
    ours = {{name for name in sys.modules if name.partition(".")[0] == "filaprova"}}
    assert ours == {LIGHT} or not request.config.pluginmanager.hasplugin("filaprova")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with options of its own, called as some of ours are for short."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_theirs.py").write_text(TEST)
    for name in ("harness", "scenarios"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not to be imported')\n")
    return tmp_path


def examined(project: Path, *arguments: str) -> tuple[str, str]:
    """Run its tests; return what is told on both streams."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=project,
        env={name: value for name, value in os.environ.items() if "COVERAGE" not in name},
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return re.sub(r"in \d+\.\d+s", "in ? s", done.stdout), done.stderr


def test_its_options_are_its_own_and_next_to_nothing_is_loaded_or_said(project: Path) -> None:
    def without_its_name(told: str) -> str:
        return re.sub(r",? ?filaprova-[^,\n]+", "", told)  # pytest lists the plugins there are

    told, errors = examined(project, "--seed", "5")
    without, _ = examined(project, "--seed", "5", "-p", "no:filaprova")
    assert without_its_name(told) == without_its_name(without)
    assert errors == ""


def test_our_options_have_names_of_their_own_there(project: Path) -> None:
    told, _ = examined(project, "--help")
    assert "--filaprova-seed" in told
    assert re.findall(r"^  --seed\b.*", told, re.M) == ["  --seed=SEED"]
