"""The summary in the terminal: true, in a language, and harmless on every kind of console."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from filaprova.judge.verdict import Outcome
from filaprova.report.console.summary import print_summary
from filaprova.report.text.catalogue import Catalogue
from filaprova.runs.results import Problem, RunResult

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL
HOSTILE = "x\x1b[31m\x1b]0;t\x07\u202e[red]y[/red]\x00:smile:\udcff"
VISIBLE = r"x\x1b[31m\x1b]0;t\x07\u202e[red]y[/red]\x00:smile:\udcff"

Tell = Callable[..., str]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def tell(catalogue: Catalogue) -> Tell:
    """Return what a console of this kind shows of a run."""

    def tell(
        run: RunResult,
        *,
        language: Any = "en",
        encoding: str = "utf-8",
        terminal: bool = False,
        width: int = 240,
        **console: Any,
    ) -> str:
        file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
        force = True if terminal else None
        print_summary(
            Console(file=file, force_terminal=force, width=width, **console),
            run,
            language=language,
            catalogue=catalogue,
        )
        file.flush()
        buffer: Any = file.buffer
        return str(buffer.getvalue().decode(encoding))

    return tell


def row(text: str, beginning: str) -> str:
    (found,) = [line for line in text.splitlines() if line.lstrip("| ").startswith(beginning)]
    return " ".join(found.split())


def test_one_row_for_each_exercise(tell: Tell, make: Any) -> None:
    text = tell(make.whole_run())
    assert row(text, "L05") == (
        "| L05 Automatic acknowledgement | en:outcome_pass | kill: 3 tasks lost of 1,234. | 4.5 s |"
    )
    assert row(text, "L06").startswith("| L06 By hand | en:outcome_pass | It waited 1.5 s. |")
    assert row(text, "Nothing is broken").startswith(
        "| Nothing is broken on purpose. | en:outcome_pass | Nothing to add. |"
    )
    assert row(text, "en:exercise").startswith("| en:exercise | en:outcome | en:result")
    assert "K3 en:ruling_confirmed, K5 en:ruling_refuted, K8 en:ruling_made_precise" in text
    assert text.rstrip().endswith(
        "en:outcome_pass  en:overall<3 - 3 - 2 - 2 - 3 - 3>".replace("-", "|")
    )


def test_in_portuguese(tell: Tell, make: Any) -> None:
    text = tell(make.whole_run(), language="pt")
    assert row(text, "L05") == (
        "| L05 Confirmação automática | pt:outcome_pass "
        "| kill: 3 tarefas perdidas de 1.234. | 4,5 s |"
    )
    assert "en:" not in text


def test_what_is_not_settled_shows_its_obstacles(tell: Tell, make: Any) -> None:
    bad = make.check("L05", outcome=FAIL, summary="Four were lost.", figures={"lost": 4})
    skipped = make.scenario(
        id="a.py::test_s", subjects=["L06"], skipped="no power", outcome=UNKNOWN
    )
    problem = Problem(family="environment missing", message="no broker\nmore")
    control = make.scenario(
        id="a.py::test_c", title="A control.", variant="v", problem=problem, outcome=UNKNOWN
    )
    text = tell(make.run(make.scenario(bad, variant="kill"), skipped, control))
    assert "en:outcome_fail | en:obstacle_fail<L05 | Tasks lost | Four were lost.>" in row(
        text, "L05"
    )
    assert "en:obstacle_variants<L05 | interrupt>" in text
    assert "en:outcome_unknown | en:obstacle_skipped<L06 | no power>" in row(text, "L06")
    assert "en:outcome_unknown | en:line_environment_missing: no broker |" in row(
        text, "A control. [v]"
    )
    assert "L14" not in text, "what was not run has no row"
    assert "tasks lost of" not in text
    assert "K3 en:undecided, K8 en:undecided" in text
    assert "K5" not in text
    assert "en:outcome_fail  en:overall<0 | 3 | 0 | 2 | 0 | 3>" in text


def test_where_the_time_went(tell: Tell, make: Any) -> None:
    spent = [{"broker": 1.0, "work": 2.0}, {"work": 0.5, "start": 0.25, "harness": 0.25}]
    scenarios = [make.scenario(make.check(), seconds_by=item) for item in spent]
    text = tell(make.run(*scenarios, boot_seconds=3.0, seconds=8.0), language="pt")
    assert (
        "pt:time 8,0 s: pt:time_broker 4,0 s, pt:time_work 2,5 s, pt:time_start 0,2 s, "
        "pt:time_harness 0,2 s, pt:time_rest 1,0 s" in text
    )
    text = tell(make.run(*scenarios, boot_seconds=3.0, seconds=7.0))
    assert "time_rest" not in text


def test_notes_are_told(tell: Tell, make: Any) -> None:
    text = tell(make.run(broker={"transient_queues": "refused"}, notes=["clock drifts"]))
    assert "en:note: Queues are refused." in text
    assert "en:note: clock drifts" in text


# ---------------------------------------------------------------- consoles


def test_a_pipe_gets_plain_lines(tell: Tell, make: Any) -> None:
    run = make.whole_run()
    run.notes.append("−1 ≤ 2 → “three”…\u00a0")
    text = tell(run)
    assert "\x1b" not in text
    assert text.isascii()
    assert 'en:note: -1 <= 2 -> "three"...' in text


def test_a_terminal_gets_colours_and_lines(tell: Tell, make: Any) -> None:
    run = make.run(make.scenario(make.check(outcome=FAIL)))
    text = tell(run, terminal=True, color_system="standard")
    assert "\x1b[31men:outcome_fail\x1b[0m" in text
    assert "──" in text


def test_no_color_is_respected(tell: Tell, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    run = make.run(make.scenario(make.check(outcome=FAIL)))
    text = tell(run, terminal=True, color_system="standard")
    assert "en:outcome_fail" in text
    assert "\x1b[3" not in text


@pytest.mark.parametrize("language", ["pt", "en"])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("width", [20, 60, 200])
def test_every_console_can_show_it(
    tell: Tell,
    make: Any,
    catalogue: Catalogue,
    language: str,
    encoding: str,
    terminal: bool,
    width: int,
) -> None:
    for key in ("exercise", "outcome", "result", "seconds", "outcome_pass", "time", "claims"):
        catalogue.texts["pt"].interface[key] = f"não é possível – {key} ⊆ 日本"
        catalogue.texts["en"].interface[key] = f"“{key}” → …"
    run = make.whole_run()
    run.scenarios.append(make.scenario(make.check("G1"), id="x", title="日本 🐇 ≠"))
    text = tell(run, language=language, encoding=encoding, terminal=terminal, width=width)
    assert f"{language}:overall<3" in text


def test_nothing_in_a_run_steers_the_terminal(tell: Tell, make: Any, catalogue: Catalogue) -> None:
    run = make.run(
        make.scenario(make.check("L05", outcome=FAIL, summary=HOSTILE), variant=HOSTILE),
        make.scenario(subjects=["L06"], skipped=HOSTILE, outcome=UNKNOWN),
        make.scenario(make.check("control", summary=HOSTILE), id="a", title=HOSTILE),
        make.scenario(
            id="b",
            title=HOSTILE,
            variant=HOSTILE,
            outcome=FAIL,
            problem=Problem(family="harness bug", message=HOSTILE),
        ),
        make.scenario(make.check("L14", figures={"text": HOSTILE})),
        notes=[HOSTILE],
    )
    catalogue.texts["en"].exercises["L14"] = (
        catalogue.texts["en"].exercises["L14"].__class__(title="t", result="{L14[text]}")
    )
    for terminal in (False, True):
        text = tell(run, terminal=terminal, color_system=None, width=900)
        bare = text.replace("\x1b[1m", "").replace("\x1b[0m", "") if terminal else text
        assert [c for c in bare if c != "\n" and not c.isprintable()] == []
        assert bare.count(VISIBLE) == 9
