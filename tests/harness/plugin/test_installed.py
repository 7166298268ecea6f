"""The wheel, installed where no checkout is: the command and the lesson work in any folder."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from filaprova.runs.store import RunFolder
from tests.patience import RUN_S

ROOT = Path(__file__).resolve().parents[3]
THEIRS = {
    "conftest.py": "raise RuntimeError('not to be loaded')",
    "pytest.ini": "[pytest]\nrequired_plugins = absent\n",
    "harness/__init__.py": "raise RuntimeError('not to be imported')",
    "scenarios/__init__.py": "raise RuntimeError('not to be imported')",
    "pika.py": "raise RuntimeError('not to be imported')",
}
"""A folder of somebody who has all kinds of things in it."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout.split(b"\0")
    wanted = (b"harness", b"scenarios", b"pyproject.toml", b"README.md", b"LICENSE")
    names = [
        name for name in listed if name.startswith(wanted) and (ROOT / os.fsdecode(name)).exists()
    ]
    subprocess.run(["cp", "--parents", "-P", *names, source], cwd=ROOT, check=True)
    pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source)
    [wheel] = folder.iterdir()
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the scripts of an environment that has it, and otherwise what ours has."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    [packages] = environment.glob("lib/python*/site-packages")
    [ours] = Path(sys.prefix).glob("lib/python*/site-packages")
    pip(sys.executable, "--python", environment, "install", "--no-deps", "--no-index", wheel)
    (packages / "dependencies.pth").write_text(f"import sys; sys.path.append({str(ours)!r})\n")
    return environment / "bin"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in THEIRS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content + "\n")
    return tmp_path


def pip(python: str, *arguments: str | Path) -> None:
    quiet = ("-m", "pip", "--quiet", "--disable-pip-version-check")
    done = subprocess.run([python, *quiet, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def called(
    *command: str | Path, folder: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "FILAPROVA_", "COVERAGE_", "PYTHON"))
    }
    return subprocess.run(
        command,
        cwd=folder,
        env=inherited | {"COLUMNS": "200"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )


def test_it_installs_one_package_and_no_more(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in tops if not name.endswith(".dist-info")} == {"filaprova"}


def test_the_lesson_works_in_any_folder(installed: Path, local: str, folder: Path) -> None:
    chosen = ("lesson", "--broker", local, "-k", "serial")
    done = called(installed / "filaprova", *chosen, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    run = RunFolder.load(folder / "reports" / "latest")
    [scenario] = run.results().scenarios
    assert scenario.id == "scenarios/lesson/test_01_serial_sending.py::test_serial_sending"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        {*(name.partition("/")[0] for name in THEIRS), "reports"}
    )
    assert "rootdir" not in done.stdout
    [again] = re.findall(
        r"^.*filaprova.* lesson .*$", run.path.joinpath("summary.md").read_text(), re.M
    )
    done = called(*shlex.split(again), "--collect-only", "-q", folder=folder)
    assert (done.returncode, done.stdout.split()[0]) == (5, "no") or "37 tests" in done.stdout


def test_its_programs_can_be_copied_and_given(installed: Path, folder: Path) -> None:
    done = called(installed / "filaprova", "new", "mine", folder=folder)
    assert done.returncode == 0, done.stderr
    copied = {path.name for path in (folder / "mine").iterdir()}
    assert copied == {path.name for path in (ROOT / "scenarios/lesson/programs").glob("*.py")}
    [command] = [line for line in done.stdout.splitlines() if line.startswith("  ")]
    assert shlex.split(command) == ["filaprova", "lesson", "--programs", "mine"]
    again = called(installed / "filaprova", "new", "mine", folder=folder)
    assert again.returncode == 2
    assert again.stderr == "error: mine is not a new or empty folder; nothing was copied\n"
    assert {path.name for path in (folder / "mine").iterdir()} == copied


def test_a_scenario_is_chosen_as_reports_name_it(installed: Path, folder: Path) -> None:
    name = "scenarios/lesson/test_17_delete.py::test_delete_an_absent_queue"
    done = called(installed / "filaprova", "lesson", name, "--collect-only", "-q", folder=folder)
    assert done.stdout.splitlines()[0] == name, done.stdout + done.stderr


def test_a_folder_that_an_option_names_is_no_scenario(installed: Path, folder: Path) -> None:
    (folder / "scenarios/lesson").mkdir()
    chosen = ("lesson", "--collect-only", "-q", "--programs", "scenarios/lesson/programs")
    done = called(installed / "filaprova", *chosen, folder=folder)
    assert done.stdout.splitlines()[-1].startswith("37 tests collected"), done.stdout + done.stderr


def test_a_bad_option_is_told_by_its_short_name(installed: Path, folder: Path) -> None:
    done = called(installed / "filaprova", "lesson", "--wait", "0", folder=folder)
    assert done.returncode == 4
    assert done.stderr.strip() == "ERROR: --wait: 0 is not between 1 and 600 seconds"
    assert not (folder / "reports").exists()
