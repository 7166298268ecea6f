"""Comparison: what is the same, what differs, and what cannot be compared."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from filaprova.errors import BadInput, EnvironmentMissing
from filaprova.judge.verdict import Outcome
from filaprova.report.comparison.compare import comparison_html, write_comparison
from filaprova.report.comparison.comparison import Comparison
from filaprova.report.comparison.row_diff import Row
from filaprova.report.console.compare_table import print_comparison
from filaprova.report.text.catalogue import Catalogue, load_catalogue
from filaprova.runs.results import Problem, RunResult
from filaprova.runs.store import RunFolder

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL
Compare = Callable[..., Comparison]


@pytest.fixture
def compare(catalogue: Catalogue, tmp_path: Path) -> Compare:
    def compare(*runs: RunResult) -> Comparison:
        kept = []
        for number, run in enumerate(runs, start=1):
            folder = RunFolder(tmp_path / "reports" / f"run-{number}")
            folder.path.mkdir(parents=True)
            folder.write_results(run)
            kept.append((folder, folder.results()))
        return Comparison(kept, catalogue)

    return compare


@pytest.fixture
def version(make: Any) -> Callable[..., RunResult]:
    """Return a whole run of the small lesson on a broker of this version."""

    def version(number: str, *, lost: int = 3, waited: float = 1.5, **fields: Any) -> RunResult:
        run = make.whole_run()
        for scenario in run.scenarios:
            for check in scenario.checks:
                figures = check.verdict.figures
                if scenario.variant == "kill" and "lost" in figures:
                    figures["lost"] = lost
                if "waited_s" in figures:
                    figures["waited_s"] = waited
        broker = {"product": "RabbitMQ", "version": number, "backend": "local"}
        changed: RunResult = msgspec.structs.replace(run, **{"broker": broker, **fields})
        return changed

    return version


def row_of(comparison: Comparison, id: str) -> Row:
    (found,) = [row for row in (*comparison.exercises, *comparison.claims) if row.id == id]
    return found


def told(row: Row) -> list[tuple[list[str], list[str]]]:
    return [(list(g.runs), [item.plain.en for item in g.told]) for g in row.groups]


def marked(row: Row) -> list[str]:
    return [text for g in row.groups for item in g.told for text, differs in item.en if differs]


# ---------------------------------------------------------------- rows


def test_what_all_runs_say_is_said_once(compare: Compare, version: Any) -> None:
    comparison = compare(version("3.10.8"), version("4.0.5"), version("4.3.6"))
    for row in (*comparison.exercises, *comparison.claims, *comparison.others):
        assert (row.kind, row.varies) == ("same", False)
    assert told(row_of(comparison, "L05")) == [([], ["`kill`: 3 tasks lost of 1,234."])]
    assert [run.name for run in comparison.runs] == ["3.10.8", "4.0.5", "4.3.6"]
    assert comparison.counts.en == "3 many en:count_exercises: 3 many en:count_same"
    assert [len(row.cells) for row in comparison.others] == [3]


def test_another_figure_is_told_with_the_runs_that_have_it(compare: Compare, version: Any) -> None:
    comparison = compare(version("3.10.8"), version("4.0.5", lost=20), version("4.3.6", lost=20))
    row = row_of(comparison, "L05")
    assert row.kind == "figures"
    assert told(row) == [
        (["3.10.8"], ["`kill`: 3 tasks lost of 1,234."]),
        (["4.0.5", "4.3.6"], ["`kill`: 20 tasks lost of 1,234."]),
    ]
    (item,) = row.groups[1].told
    assert [text for text, differs in item.en if differs] == ["20 tasks"], "only this is marked"
    assert [text for text, differs in item.pt if differs] == ["20 tarefas perdidas"]
    assert "<mark>20 tasks</mark>" in item.__html__()
    assert row_of(comparison, "L06").kind == "same"


def test_other_times_are_told_and_not_marked(compare: Compare, version: Any) -> None:
    row = row_of(compare(version("3.10.8"), version("4.0.5", waited=2.5)), "L06")
    assert row.kind == "times"
    assert told(row) == [(["3.10.8"], ["It waited 1.5 s."]), (["4.0.5"], ["It waited 2.5 s."])]
    assert not any(differs for group in row.groups for item in group.told for _, differs in item.en)


def test_runs_that_are_alike_show_what_depends_on_speed_alone(
    compare: Compare, version: Any
) -> None:
    one_each = compare(version("3.10.8"), version("4.0.5", lost=4))
    assert not row_of(one_each, "L05").varies
    assert "en:compare_once" in [note.en for note in one_each.notes]


def test_alike_runs_that_differ(compare: Compare, version: Any) -> None:
    twice = compare(version("3.10.8", run="a"), version("3.10.8", run="b", lost=4))
    assert row_of(twice, "L05").varies
    assert not row_of(twice, "L06").varies
    assert "en:compare_once" not in [note.en for note in twice.notes]


def test_another_outcome_is_the_strongest_difference(
    compare: Compare, version: Any, make: Any
) -> None:
    bad = make.check("L05", outcome=FAIL, summary="20 tasks were dropped after 21 kills.")
    broken = version("4.0.5")
    broken.scenarios[1] = msgspec.structs.replace(broken.scenarios[1], checks=[bad], outcome=FAIL)
    comparison = compare(version("3.10.8"), broken)
    row = row_of(comparison, "L05")
    assert row.kind == "outcome"
    assert [cell.outcome for cell in row.cells] == [PASS, FAIL]
    ((_, kept), (names, dropped)) = told(row)
    assert kept == ["`kill`: 3 tasks lost of 1,234."]
    assert names == ["4.0.5"]
    assert "20 tasks were dropped after 21 kills." in dropped[0]
    claim = row_of(comparison, "K3")
    assert ([cell.ruling for cell in claim.cells], claim.kind) == (
        ["confirmed", "undecided"],
        "outcome",
    )


# ---------------------------------------------------------------- what became worse, what better


@pytest.fixture
def broken(version: Any, make: Any) -> RunResult:
    """Give a run in which L05 lost tasks by its broker, so that K3 is undecided."""
    bad = make.check("L05", outcome=FAIL, summary="20 tasks were dropped.", blame="broker")
    run: RunResult = version("4.0.5")
    run.scenarios[1] = msgspec.structs.replace(run.scenarios[1], checks=[bad], outcome=FAIL)
    return run


def test_it_leads_with_what_became_worse_and_why(
    compare: Compare, version: Any, broken: RunResult
) -> None:
    comparison = compare(version("3.10.8"), broken)
    assert comparison.worse_title.en == "en:compare_worse<4.0.5 | 3.10.8>"
    exercise, claim = comparison.worse[0], comparison.worse[-1]
    assert (exercise.row.id, claim.row.id) == ("L05", "K3")
    assert exercise.why is not None
    assert "20 tasks were dropped." in exercise.why.en
    assert "en:compare_blame<en:blame_broker>" in exercise.why.en
    assert claim.why is not None
    assert claim.why.en == "en:compare_because<L05>"
    assert comparison.better == []
    unchanged = comparison.remainders[-1]
    assert unchanged.title.en == "en:compare_unchanged"
    assert "L06" in unchanged.names.en
    assert "L05" not in unchanged.names.en


def test_the_other_way_round_it_became_better(
    compare: Compare, version: Any, broken: RunResult
) -> None:
    comparison = compare(broken, version("3.10.8"))
    assert comparison.worse == []
    assert comparison.no_worse.en == "en:compare_no_worse<3.10.8 | 4.0.5>"
    assert [row.id for row in comparison.better] == ["L05", "K3"]


def test_the_first_run_is_compared_with_the_last(
    compare: Compare, version: Any, broken: RunResult
) -> None:
    comparison = compare(version("3.10.8"), broken, version("4.3.6"))
    assert (comparison.worse, comparison.better) == ([], [])
    differing = comparison.remainders[0]
    assert (differing.title.en, differing.names.en) == ("en:compare_outcome", "L05, K3")


def test_a_scenario_that_did_not_end_is_told_with_its_problem(
    compare: Compare, version: Any
) -> None:
    ended, cut = version("3.10.8"), version("4.0.5")
    problem = Problem(family="environment missing", message="no engine\nhere")
    cut.scenarios[1] = msgspec.structs.replace(
        cut.scenarios[1], checks=[], outcome=UNKNOWN, problem=problem
    )
    why = compare(ended, cut).worse[0].why
    assert why is not None
    assert "no engine" in why.en


def test_page_and_terminal_begin_with_what_became_worse(
    compare: Compare, version: Any, broken: RunResult, read_page: Callable[[str], Any]
) -> None:
    comparison = compare(version("3.10.8"), broken)
    page = read_page(comparison_html(comparison, comparison.runs[0].folder.parent))
    changes = page.find("changes").text("en")
    assert changes.index("20 tasks were dropped.") < changes.index("en:compare_unchanged")
    file = io.StringIO()
    print_comparison(Console(file=file, width=80), comparison)
    shown = file.getvalue()
    assert shown.index("compare_worse") < shown.index("compare_unchanged") < shown.index("| en:ex")
    assert max(map(len, shown.splitlines()[3:10])) <= 80


def test_a_scenario_outside_the_lesson_is_compared_by_its_checks(
    compare: Compare, version: Any, make: Any
) -> None:
    def with_quorum(number: str, lost: int) -> RunResult:
        run: RunResult = version(number)
        scenario = make.scenario(
            make.check("G4", figures={"lost": lost}), id="x.py::test_q", title="Killed 21 times."
        )
        return msgspec.structs.replace(run, scenarios=[*run.scenarios, scenario])

    comparison = compare(with_quorum("3.10.8", 0), with_quorum("4.0.5", 20))
    row = comparison.others[-1]
    assert (row.title.en, row.kind) == ("Killed 21 times.", "figures")
    assert told(row) == [
        (["3.10.8"], ["Tasks lost: Lost: 0."]),
        (["4.0.5"], ["Tasks lost: Lost: 20."]),
    ]
    assert "en:compare_unknown<3.10.8 | G4>" in [note.en for note in comparison.notes]


@pytest.mark.parametrize(
    ("second", "kind", "differing"), [(2, "same", []), (3, "figures", ["2", "3"])]
)
def test_a_checker_used_for_two_queues_is_not_compared_with_itself(
    compare: Compare, version: Any, make: Any, second: int, kind: str, differing: list[str]
) -> None:
    def with_two(number: str, *lost: int) -> RunResult:
        part, other = (
            [make.check(subject, figures={"lost": count}) for count in lost]
            for subject in ("L05", "G4")
        )
        scenarios = [
            make.scenario(*part, id="x.py::test_part", variant="kill"),
            make.scenario(*other, id="x.py::test_q"),
        ]
        return msgspec.structs.replace(version(number), scenarios=scenarios)

    comparison = compare(with_two("3.10.8", 1, 2), with_two("4.0.5", 1, second))
    for row in (row_of(comparison, "L05"), *comparison.others):
        assert (row.kind, marked(row)) == (kind, differing)


def test_a_part_of_an_exercise_is_compared_by_its_checks(compare: Compare, version: Any) -> None:
    def only_kill(run: RunResult) -> RunResult:
        return msgspec.structs.replace(run, scenarios=[run.scenarios[1]])

    row = row_of(compare(only_kill(version("3.10.8")), only_kill(version("4.0.5", lost=5))), "L05")
    assert row.kind == "figures"
    assert [texts[-1] for _, texts in told(row)] == ["Tasks lost: Lost: 3.", "Tasks lost: Lost: 5."]


def test_what_was_not_run_everywhere(compare: Compare, version: Any) -> None:
    cut = version("4.0.5")
    problem = Problem(family="environment missing", message="the run was interrupted\nhere")
    interrupted = msgspec.structs.replace(
        cut.scenarios[1], checks=[], outcome=UNKNOWN, problem=problem
    )
    cut = msgspec.structs.replace(cut, scenarios=[cut.scenarios[0], interrupted])
    comparison = compare(version("3.10.8"), cut)
    assert row_of(comparison, "L06").kind == "partly"
    assert [cell.ran for cell in row_of(comparison, "L06").cells] == [True, False]
    row = row_of(comparison, "L05")
    assert row.kind == "outcome"
    assert "the run was interrupted" in told(row)[1][1][0]
    assert comparison.others[0].kind == "partly"


@pytest.mark.parametrize(
    ("others", "pt", "en"),
    [
        ((1, 2, 3), "3 exercícios: 3 iguais", "3 exercises: 3 the same"),
        ((1,), "1 exercício: 1 igual", "1 exercise: 1 the same"),
    ],
)
def test_counts_agree_with_their_nouns(
    make: Any, tmp_path: Path, others: Sequence[int], pt: str, en: str
) -> None:
    checks = [make.check(f"L{number:02}") for number in others]
    run = make.run(*(make.scenario(check, id=f"a.py::test_{check.subject}") for check in checks))
    counts = Comparison(
        [(RunFolder(tmp_path / name), run) for name in ("a", "b")], load_catalogue()
    ).counts
    assert (counts.pt, counts.en) == (pt, en)


# ---------------------------------------------------------------- names and facts


@pytest.mark.parametrize(
    ("others", "names"),
    [
        ({}, ["4.0.5 · run-1", "4.0.5 · run-2"]),
        ({"seed": 8}, ["4.0.5 · seed 7", "4.0.5 · seed 8"]),
        (
            {"broker": {"version": "4.0.5", "backend": "container"}},
            ["4.0.5 · local", "4.0.5 · container"],
        ),
        (
            {"broker": {"version": "\x1b[2J"}, "seed": 8},
            ["4.0.5 · local · seed 7", r"\x1b[2J · seed 8"],
        ),
        ({"broker": {}}, ["4.0.5 · local", "?"]),
    ],
)  # fmt: skip
def test_runs_are_named_by_what_tells_them_apart(
    compare: Compare, version: Any, others: Any, names: list[str]
) -> None:
    comparison = compare(version("4.0.5"), version("4.0.5", **others))
    assert [run.name for run in comparison.runs] == names


def test_facts_are_side_by_side(compare: Compare, version: Any) -> None:
    facts = {
        fact.title.en: ([value.en for value in fact.values], fact.differs)
        for fact in compare(version("3.10.8"), version("4.0.5", seed=9, run="other")).facts
    }
    assert facts["en:fact_broker"] == (["RabbitMQ 3.10.8", "RabbitMQ 4.0.5"], True)
    assert facts["en:fact_seed"] == (["7", "9"], True)
    assert facts["en:fact_backend"] == (["local", "local"], False)
    assert not facts["en:fact_run"][1], "it is bound to be another one"


def test_what_a_broker_refuses_is_told_of_its_run(compare: Compare, version: Any) -> None:
    broker = {"version": "4.3.6", "transient_queues": "refused"}
    comparison = compare(version("4.0.5"), version("x", broker=broker))
    assert "4.3.6: Queues are refused." in [note.en for note in comparison.notes]


# ---------------------------------------------------------------- what cannot be compared


def test_the_same_folder_twice(version: Any, catalogue: Catalogue, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with pytest.raises(BadInput, match=r"is named 2 times; a run cannot be compared with itself"):
        Comparison([(folder, version("4.0.5"))] * 2, catalogue)


def test_a_copy_of_a_run_is_noted(compare: Compare, version: Any) -> None:
    comparison = compare(version("4.0.5"), version("4.0.5"))
    notes = [note.en for note in comparison.notes]
    assert "en:compare_copies<4.0.5 · run-1 | 4.0.5 · run-2>" in notes


def test_runs_without_anything_in_common(compare: Compare, version: Any) -> None:
    one, other = version("3.10.8"), version("4.0.5")
    with pytest.raises(BadInput, match="no two of these runs have an exercise in common"):
        compare(
            msgspec.structs.replace(one, scenarios=[one.scenarios[0]]),
            msgspec.structs.replace(other, scenarios=[other.scenarios[2]]),
        )


# ---------------------------------------------------------------- page and terminal

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e{0}"
VISIBLE = r"<script>alert(1)</script>\x1b[31m\u202e{0}"


def test_the_page_shows_hostile_texts_as_text(
    compare: Compare, version: Any, make: Any, read_page: Any, tmp_path: Path
) -> None:
    bad = make.scenario(
        make.check("L05", outcome=FAIL, summary=HOSTILE), variant=HOSTILE, title=HOSTILE,
        id="x", subjects=["L05"],
    )  # fmt: skip
    run = version("4.0.5", broker={"version": HOSTILE, "backend": HOSTILE})
    comparison = compare(
        version("3.10.8"), msgspec.structs.replace(run, scenarios=[*run.scenarios, bad])
    )
    page = read_page(comparison_html(comparison, tmp_path))
    assert VISIBLE in page.text("en")
    assert len([node for node in page.nodes() if node.tag == "script"]) == 1
    assert not [node for node in page.nodes() if node.tag == "img"]
    ids = [node.attributes["id"] for node in page.nodes() if "id" in node.attributes]
    assert len(ids) == len(set(ids))


def test_the_page_links_to_the_answers_that_are_there(
    compare: Compare, version: Any, read_page: Any
) -> None:
    comparison = compare(version("3.10.8"), version("4.0.5"))
    first, second = (run.folder for run in comparison.runs)
    (second / "answers.html").write_text("")
    path = write_comparison(comparison)
    assert path == first.parent / "comparison.html"
    page = read_page(path.read_text(encoding="utf-8"))
    links = [node.attributes["href"] for node in page.nodes() if node.tag == "a"]
    assert [link for link in links if not (link or "").startswith("#")] == ["run-2/answers.html"]


@pytest.mark.parametrize("name", ["reports", "nowhere/comparison.html"])
def test_a_place_that_is_none(compare: Compare, version: Any, tmp_path: Path, name: str) -> None:
    comparison = compare(version("3.10.8"), version("4.0.5"))
    with pytest.raises(BadInput, match=r"is a folder|there is no folder"):
        write_comparison(comparison, tmp_path / name)


def test_a_place_that_cannot_be_written(compare: Compare, version: Any) -> None:
    comparison = compare(version("3.10.8"), version("4.0.5"))
    with pytest.raises(EnvironmentMissing, match=r"cannot write /proc/x\.html"):
        write_comparison(comparison, Path("/proc/x.html"))  # there nobody may, not even root


def test_the_terminal_shows_the_same(compare: Compare, version: Any) -> None:
    comparison = compare(version("3.10.8"), version("4.0.5", lost=20))
    file = io.StringIO()
    print_comparison(Console(file=file, width=160), comparison)
    lines = [" ".join(line.split()) for line in file.getvalue().splitlines()]
    assert "\x1b" not in file.getvalue()
    assert file.getvalue().isascii()
    assert any(line.startswith("[2] 4.0.5 RabbitMQ 4.0.5 local") for line in lines)
    at = lines.index("L05 Automatic acknowledgement: en:compare_figures")
    assert lines[at + 1 : at + 3] == [
        "3.10.8: kill: 3 tasks lost of 1,234.",
        "4.0.5: kill: 20 tasks lost of 1,234.",
    ]
    assert any(
        line.startswith("| L05 Automatic acknowledgement | en:outcome_pass | en:outcome_pass")
        for line in lines
    )


def test_a_terminal_gets_colours_unless_it_asks_for_none(
    compare: Compare, version: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison = compare(version("3.10.8"), version("4.0.5", lost=20))
    for no_color, coloured in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", no_color)
        monkeypatch.setenv("TERM", "xterm-256color")
        file = io.StringIO()
        print_comparison(Console(file=file, width=160, force_terminal=True), comparison)
        assert ("\x1b[32m" in file.getvalue()) == coloured
