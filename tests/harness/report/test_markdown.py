"""summary.md, read by a Markdown parser: what it says, and that nothing in it is more than text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from filaprova.judge.verdict import Evidence, Outcome
from filaprova.report.pages.markdown import (
    LENGTH_LIMIT,
    cell,
    escaped,
    summary_markdown,
    write_summary,
)
from filaprova.report.text.catalogue import Catalogue
from filaprova.runs.results import Problem
from filaprova.runs.store import RunFolder

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL
HOSTILE = (
    "a|b `c` `` ``` <img src=x onerror=alert(1)> <!-- **b** _i_ ~~s~~ [l](http://x) ![i](x) @team"
    " #1 !2 &amp; \\ $x$\n# heading\n\n| x |\n```\n<script>\x1b[31m\u202e\udcff"
)
OURS = {"<br>", "<!-- -->"}

Summary = Any


def parse(text: str) -> list[Token]:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)


def all_tokens(text: str) -> Iterator[Token]:
    for token in parse(text):
        yield token
        yield from token.children or ()


def shown(token: Token) -> str:
    """Return the text that a reader sees of one inline token."""
    kinds = ("text", "code_inline", "text_special")
    return "".join(part.content for part in token.children or () if part.type in kinds)


def tables(text: str) -> list[list[list[str]]]:
    found: list[list[list[str]]] = []
    for token in parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and token.level >= 4 and found:
            found[-1][-1].append(shown(token))
    return found


def blocks(text: str) -> list[str]:
    return [token.content for token in parse(text) if token.type == "fence"]


def headings(text: str) -> list[str]:
    tokens = parse(text)
    return [
        shown(tokens[index + 1])
        for index, token in enumerate(tokens)
        if token.type == "heading_open"
    ]


def failing(make: Any, text: str = "Four were lost.") -> Any:
    bad = make.check(
        "L05",
        outcome=FAIL,
        summary=text,
        expected=f"lost = 0 {text}",
        seen=f"lost = 4 {text}",
        blame="broker",
        hint=text,
        evidence=[Evidence(at_ns=1_500_000_000, text=text)],
    )
    return make.scenario(bad, variant="kill", title=text, subjects=["L05"])


def test_a_green_run_is_a_table_of_exercises(make: Any, catalogue: Catalogue) -> None:
    text = summary_markdown(make.whole_run(), catalogue)
    exercises, claims = tables(text)
    assert exercises == [
        ["en:exercise", "en:outcome", "en:result", "en:seconds"],
        [
            "L05 Automatic acknowledgement",
            "✅ en:outcome_pass",
            "kill: 3 tasks lost of 1,234.",
            "4.5 s",
        ],
        ["L06 By hand", "✅ en:outcome_pass", "It waited 1.5 s.", "0.0 s"],
        ["L14 Again", "✅ en:outcome_pass", "Refused.", "0.0 s"],
        ["Nothing is broken on purpose.", "✅ en:outcome_pass", "Nothing to add.", "0.0 s"],
    ]
    assert claims[1:] == [
        ["K3 The lesson claims K3", "en:ruling_confirmed"],
        ["K5 The lesson claims K5", "en:ruling_refuted"],
        ["K8 The lesson claims K8", "en:ruling_made_precise"],
    ]
    assert headings(text) == ["Filaprova: ✅ en:outcome_pass"]
    assert "RabbitMQ 4.1.0 local" in text
    assert r"en:fact\_seed 7" in text
    assert blocks(text) == ["pytest scenarios/lesson --seed 7 --broker local\n"]


def test_in_the_language_of_the_run(make: Any, catalogue: Catalogue) -> None:
    run = make.run(make.whole_run().scenarios[2], language="pt")
    text = summary_markdown(run, catalogue)
    assert "| L06 À mão | ✅ pt:outcome\\_pass | Esperou 1,5 s. |" in text
    assert "en:" not in text


def test_failures_come_first_with_all_it_takes_to_look_into_them(
    make: Any, catalogue: Catalogue
) -> None:
    missed = make.scenario(
        id="a.py::test_missed",
        folder="a-missed",
        title="A strike.",
        outcome=UNKNOWN,
        problem=Problem(family="unknown", message="C1 was never caught\n  at a.py:1"),
    )
    text = summary_markdown(make.run(missed, failing(make)), catalogue)
    assert text.index("#### ") < text.index("| en:exercise")
    assert headings(text) == [
        "Filaprova: ❌ en:outcome_fail",
        "en:problems",
        "❌ en:outcome_fail: L05 · Four were lost. [kill]",
        "❔ en:outcome_unknown: A strike.",
    ]
    story, repeat, other, *_ = blocks(text)
    assert story == (
        "en:line_scenario_failed: en:story_scenario_failed\n"
        "en:verdict_fail L05 tasks_lost: Four were lost.\n"
        "  en:story_expected lost = 0 Four were lost.\n"
        "  en:story_seen     lost = 4 Four were lost.\n"
        "  en:story_blame    en:blame_broker\n"
        "  +1.500 s  Four were lost.\n"
        "  en:story_hint Four were lost.\n"
        "en:story_evidence 20260131-142501-9f3c/05-auto-killed\n"
    )
    assert repeat == (
        "pytest scenarios/lesson/test_05_auto.py::test_killed --seed 7 --broker local\n"
    )
    assert other.startswith("en:line_unknown: C1 was never caught\n  at a.py:1\nen:story_evidence ")
    assert tables(text)[0][1][2].startswith("en:obstacle_fail<L05 | Tasks lost | Four were lost.>")


@pytest.mark.parametrize("count", [4, 5])
def test_a_row_tells_how_many_obstacles_it_leaves_out(
    make: Any, catalogue: Catalogue, count: int
) -> None:
    checks = [
        make.check("L05", outcome=Outcome.FAIL, summary=f"Number {number}.", checkpoint=f"{number}")
        for number in range(count)
    ]
    text = summary_markdown(make.run(make.scenario(*checks)), catalogue)
    row = tables(text)[0][1][2]
    assert row.count("obstacle_fail") == count
    assert ("obstacle_variants" in row) is (count == 4), "the fifth"
    assert ("en:summary_more<1>" in row) is (count == 5)


def test_hostile_texts_are_nothing_but_text(make: Any, catalogue: Catalogue) -> None:
    skipped = make.scenario(id="b.py::t", title=HOSTILE, skipped=HOSTILE, outcome=UNKNOWN)
    other = make.scenario(
        make.check("control", summary=HOSTILE), id="c.py::t", title=HOSTILE, variant=HOSTILE
    )
    run = make.run(
        failing(make, HOSTILE), skipped, other, broker={"product": HOSTILE}, notes=[HOSTILE]
    )
    text = summary_markdown(run, catalogue)
    for token in all_tokens(text):
        if token.type in ("html_inline", "html_block"):
            assert token.content in OURS, token.content
        assert token.type not in ("link_open", "image", "s_open", "em_open", "strong_open")
    assert len(headings(text)) == 4
    assert len(tables(text)) == 2
    assert {len(row) for row in tables(text)[0]} == {4}
    assert len(blocks(text)) == 3
    assert not any("@team" in token.content for token in all_tokens(text) if token.type == "text")
    for hidden in ("\x1b", "\u202e", "\udcff"):
        assert hidden not in text
    text.encode()


@pytest.mark.parametrize("show", [escaped, cell])
def test_what_is_escaped_is_shown_as_it_was(show: Any) -> None:
    text = "| *a* _b_ [c](d) <e> &amp; ~~f~~ $g$ `` \\ @h #1 !2 #! \\| 1. - +"
    row = f"|x|\n|---|\n| {show(text)} |"
    assert tables(row)[0][1] == [text]


def test_code_in_a_cell_may_hold_a_bar() -> None:
    assert tables(f"|x|\n|---|\n| {cell('a `b|c` d')} |")[0][1] == ["a b|c d"]


def test_many_long_failures_leave_room_for_the_rest(make: Any, catalogue: Catalogue) -> None:
    scenarios = [failing(make, f"{number} {'word ' * 2000}") for number in range(60)]
    text = summary_markdown(make.run(*scenarios), catalogue)
    assert len(text) < LENGTH_LIMIT
    assert "en:summary\\_more\\<" in text
    assert tables(text), "the table is still there"
    assert 3 <= len([item for item in headings(text) if "L05" in item]) < 60


def test_no_run_makes_a_summary_too_long_for_a_comment(make: Any, catalogue: Catalogue) -> None:
    hostile = "@a|" * 5000
    scenarios = [
        make.scenario(make.check("control", summary=hostile), id=f"c.py::t{number}", title=hostile)
        for number in range(100)
    ]
    text = summary_markdown(make.run(*scenarios), catalogue)
    assert len(text) <= LENGTH_LIMIT + 5
    assert {len(row) for row in tables(text)[0]} == {4}


def test_it_is_written_into_the_runs_folder(
    make: Any, catalogue: Catalogue, tmp_path: Path
) -> None:
    path = write_summary(RunFolder(tmp_path), make.whole_run(), catalogue)
    assert path == tmp_path / "summary.md"
    assert path.read_text("utf-8").startswith("## Filaprova: ✅ ")
