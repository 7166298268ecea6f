"""docs/WRITING-SCENARIOS.md: what it builds works as it says, and it lists all there is."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from filaprova.judge import checks
from filaprova.judge.verdict import Outcome
from filaprova.scenario import Scenario
from tests.harness.plugin.runs import ROOT, Run

PAGE = (ROOT / "docs/WRITING-SCENARIOS.md").read_text()
FOR_THE_PLUGIN = {"close", "elapsed_s", "record_trouble", "seconds_by", "planned"}
"""What is public of a scenario, and not for who writes one."""


def write(folder: Path, *, careless: bool) -> Path:
    """Write what the page shows; a careless worker acknowledges before it works."""
    publisher, worker, *tests = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    if careless:
        acknowledges = "    channel.basic_ack(method.delivery_tag)\n"
        worker = worker.replace(acknowledges, "")
        worker = worker.replace("    time.sleep", f"{acknowledges}    time.sleep")
    (folder / "programs").mkdir()
    (folder / "programs/publisher.py").write_text(publisher)
    (folder / "programs/worker.py").write_text(worker)
    (folder / "test_thumbnails.py").write_text("\n\n".join(tests))
    return folder


def begun(begin: Callable[..., Run], folder: Path, broker: str) -> Run:
    """Run them as in a project without anything else of ours."""
    return begin("--broker", broker, cwd=folder, measured=False)


def test_its_scenarios_pass(begin: Callable[..., Run], local: str, tmp_path: Path) -> None:
    run = begun(begin, write(tmp_path, careless=False), local)
    assert run.exit_status == 0, run.output
    assert {name: ran.outcome for name, ran in run.scenarios.items()} == {
        "test_without_a_fault": Outcome.PASS,
        "test_killed_while_it_works": Outcome.PASS,
    }


def test_a_careless_worker_fails_as_it_says(
    begin: Callable[..., Run], local: str, tmp_path: Path
) -> None:
    run = begun(begin, write(tmp_path, careless=True), local)
    assert run.exit_status == 1
    [told] = re.findall(r"^    (FAIL killed nothing_lost: .*)$", PAGE, re.M)
    assert told in run.output
    killed = run.scenarios["test_killed_while_it_works"]
    assert killed.verdict("nothing_lost").blame == "worker"


def first_line(function: object) -> str:
    return (inspect.getdoc(function) or "").splitlines()[0]


@pytest.mark.parametrize("name", [name for name in dir(Scenario) if not name.startswith("_")])
def test_it_tells_of_the_whole_vocabulary(name: str) -> None:
    if name not in FOR_THE_PLUGIN:
        assert f"| `{name}` | {first_line(getattr(Scenario, name))} |" in PAGE


@pytest.mark.parametrize("name", checks.__all__)
def test_it_tells_of_each_check(name: str) -> None:
    assert f"| `{name}` | {first_line(getattr(checks, name))} |" in PAGE
