"""A run that fails, told in Portuguese: on its page and in the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from filaprova.phrase import Worded
from filaprova.report.pages.page import Page
from filaprova.report.text.catalogue import load_catalogue
from tests.harness.plugin.conftest import Borrow
from tests.harness.plugin.runs import FAULTY, LESSON, Run

PATTERNS = load_catalogue().texts["pt"].patterns


def untold(worded: Worded) -> Iterator[str]:
    """Yield the patterns of a phrase that Portuguese has no words for."""
    if re.search(r"[^\W\d_]{2}", worded.pattern) and worded.pattern not in PATTERNS:
        yield worded.pattern
    for part in worded.parts:
        if isinstance(part, Worded):
            yield from untold(part)


@pytest.fixture(scope="module")
def run(borrowed: Borrow, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One with workers that never subscribe, told in Portuguese."""
    folder = tmp_path_factory.mktemp("portuguese")
    programs = folder / "programs"
    programs.mkdir()
    source = FAULTY / "programs/never_subscribes.py"
    for name in ("02_worker_consumer_ack.py", "02_worker_consumer_ak.py"):
        (programs / name).write_bytes(source.read_bytes())
    return Run(
        folder,
        f"{LESSON / 'test_08_09_manual_acknowledgement.py'}::test_manual_acknowledgement[kill]",
        *("--wait", "1", "--programs", programs, "--lesson-language", "pt"),
        measured=False,
        **borrowed(1),
    )


def test_the_page_of_a_failed_run_tells_all_of_it_in_portuguese(run: Run) -> None:
    [scenario] = run.result.scenarios
    assert scenario.problem is not None
    assert scenario.problem.worded is not None
    page = Page(run.result, load_catalogue())
    problem = page.causes[0].shown.problem
    assert problem is not None
    assert list(untold(scenario.problem.worded)) == []
    assert problem.english == "", "nothing of it is marked as English"
    assert problem.pt.startswith("C1 (02_worker_consumer_ack.py): não se inscreveu em 1 s.\n")
    assert "\ndepois: não adiantava mais esperar a distribuição de " in problem.pt
    assert "thinking about it" in problem.pt, "what a program printed is quoted"
    [note] = page.notes
    assert note.pt.endswith("seria 02_worker_consumer_ack.py?")
    reason = dict(page.facts)[page.interface("fact_reason")]
    assert reason.pt != reason.en


def test_a_terminal_tells_it_in_portuguese(run: Run) -> None:
    for told in (
        r"\n\[1/1\] .*Com confirmação manual nada se perde",
        r"\n +\+1,\d{3} s    espera: C1 \(02_worker.*\): não se inscreveu em 1 s\.\n",
        r"\n +\+\d+,\d{3} s    produtor: tarefas publicadas em work_queues_1: 20\n",
        r"\n +\+\d+,\d{3} s    falha: C1 morto\n",
        r"\n  FALHOU em \d+,\d s: o cenário falhou: ",
        r"\no cenário falhou: nem tudo saiu como esperado\n",
        r"\nevidências: ",
        r"\nrespostas: ",
    ):
        assert re.search(told, run.output), told
