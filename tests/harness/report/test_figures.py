"""Figures and the sentences that quote them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from filaprova.judge.verdict import Outcome
from filaprova.report.text.figures import (
    LIST_LIMIT,
    Figures,
    MissingFigure,
    Words,
    missing,
    placeholders,
    render,
    written,
)
from filaprova.runs.results import Problem


def reason(figures: Figures, *path: str) -> tuple[str, str]:
    with pytest.raises(MissingFigure) as caught:
        figures.lookup(path)
    return caught.value.reason, caught.value.detail


# ---------------------------------------------------------------- how a figure is written


@pytest.mark.parametrize(
    ("figure", "specification", "in_portuguese", "in_english"),
    [
        (0, "", "0", "0"),
        (-1, "", "-1", "-1"),
        (1234567, "", "1.234.567", "1,234,567"),
        (0.5, "", "0,50", "0.50"),
        (1234.5, "", "1.234,50", "1,234.50"),
        (1234.56, ",.1f", "1.234,6", "1,234.6"),
        (0.256, ".0%", "26%", "26%"),
        (0.256, ".1%", "25,6%", "25.6%"),
        (True, "", "sim", "yes"),
        (False, "", "não", "no"),
        ("C1", "", "C1", "C1"),
        ("1,234.5", "", "1,234.5", "1,234.5"),
        ("", "", "nada", "none"),
        (None, "", "nada", "none"),
    ],
)
def test_each_language_writes_a_figure_its_way(
    figure: Any,
    specification: str,
    in_portuguese: str,
    in_english: str,
    portuguese: Words,
    english: Words,
) -> None:
    assert written(figure, specification, portuguese) == in_portuguese
    assert written(figure, specification, english) == in_english


@pytest.mark.parametrize(
    ("figure", "shown"),
    [
        (0, "0 tarefas"),
        (1, "1 tarefa"),
        (2, "2 tarefas"),
        (1500, "1.500 tarefas"),
        ([], "0 tarefas"),
        (["a"], "1 tarefa"),
        (["a", "b"], "2 tarefas"),
        ({"C1": 4}, "1 tarefa"),
    ],
)
def test_the_noun_fits_its_number(figure: Any, shown: str, portuguese: Words) -> None:
    assert written(figure, "tarefa|tarefas", portuguese) == shown


@pytest.mark.parametrize(
    ("figure", "specification", "shown"),
    [
        ([7, 7, 6], "", "7, 7, 6"),
        ([7, 7, 6], "/", "7/7/6"),
        ([7, 7, 6], " + ", "7 + 7 + 6"),
        ([7, 7, 6], "count", "3"),
        ([7, 7, 6], "sum", "20"),
        ([7, 7, 6], "min", "6"),
        ([7, 7, 6], "max", "7"),
        ([1000, 500], "sum", "1.500"),
        ([0.25, 0.5], "", "0,25, 0,50"),
        ([], "", "nada"),
        ([], "/", "nada"),
        ([], "count", "0"),
        ([], "sum", "0"),
        ({"C1": 7, "C2": 6}, "", "C1 7, C2 6"),
        ({"C1": 7, "C2": 6}, "/", "7/6"),
        ({"C1": 7, "C2": 6}, "max", "7"),
        ({"C1": ["a", "b"], "C2": []}, "", "C1 a, b, C2 nada"),
        ([True, False], "", "sim, não"),
        (5, "/", "5"),
    ],
)
def test_lists_and_tables(figure: Any, specification: str, shown: str, portuguese: Words) -> None:
    assert written(figure, specification, portuguese) == shown


def test_a_long_list_is_cut_and_says_so(portuguese: Words) -> None:
    assert written(list(range(LIST_LIMIT)), "/", portuguese) == "0/1/2/3/4/5/6/7/8/9/10/11"
    assert written(list(range(LIST_LIMIT + 3)), "/", portuguese).endswith("/11 e mais 3")
    assert written(list(range(LIST_LIMIT + 3)), "count", portuguese) == "15"
    table = {f"C{number}": number for number in range(LIST_LIMIT + 1)}
    assert written(table, "", portuguese).endswith("C11 11 e mais 1")


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("{L05[waited_s]}", "1,50 s"),
        ("{L05[waited_s]:.0f}", "2 s"),
        ("{L05[took_ms]}", "20 ms"),
        ("{L05[size_bytes]}", "4.096 bytes"),
        ("{L05[all_s]}", "1, 2 s"),
        ("{L05[all_s]:max}", "2 s"),
        ("{L05[all_s]:count}", "2"),
        ("{L05[all_s][0]}", "1 s"),
        ("{L05[by_client_s][C1]}", "3 s"),
        ("{L05[looks]:vez|vezes}", "1 vez"),
        ("{L05[tasks]}", "5"),
    ],
)
def test_a_name_tells_the_unit(sentence: str, shown: str, make: Any, portuguese: Words) -> None:
    figures = Figures(
        make.run(
            make.scenario(
                make.check(
                    figures={
                        "waited_s": 1.5,
                        "took_ms": 20,
                        "size_bytes": 4096,
                        "all_s": [1, 2],
                        "by_client_s": {"C1": 3},
                        "looks": 1,
                        "tasks": 5,
                    }
                )
            )
        )
    )
    assert render(sentence, figures.lookup, portuguese) == shown


# ---------------------------------------------------------------- where a figure is found


def test_a_figure_is_found_by_subject_variant_and_name(make: Any, english: Words) -> None:
    figures = Figures(make.whole_run())
    assert figures.lookup(["L05", "kill", "lost"]) == 3
    assert figures.lookup(["L05", "interrupt", "lost"]) == 1
    assert figures.lookup(["L06", "waited_s"]) == 1.5
    assert figures.lookup(["L06", "manual", "waited_s"]) == 1.5, "a test's name is a variant"
    assert figures.lookup(["broker", "version"]) == "4.1.0"
    assert figures.lookup(["run", "seed"]) == "7"
    sentence = "{L05[kill][lost]}/{L05[interrupt][lost]} on {broker[product]}, {{seed}} {run[seed]}"
    assert render(sentence, figures.lookup, english) == "3/1 on RabbitMQ, {seed} 7"


def test_brackets_go_into_lists_and_tables(make: Any) -> None:
    check = make.check(figures={"shares": {"C1": [4, 5]}, "text": "abc"})
    figures = Figures(make.run(make.scenario(check)))
    assert figures.lookup(["L05", "shares", "C1", "1"]) == 5
    for path in (["C2"], ["C1", "2"], ["C1", "x"], ["C1", "1", "0"]):
        assert reason(figures, "L05", "shares", *path)[0] == "no_figure"
    assert reason(figures, "L05", "text", "0")[0] == "no_figure", "a text has no parts"


def test_several_tests_of_a_subject_are_told_by_their_names(make: Any) -> None:
    figures = Figures(
        make.run(
            make.scenario(make.check("L17", figures={"existed": True}), id="a.py::test_empty"),
            make.scenario(make.check("L17", figures={"existed": False}), id="a.py::test_missing"),
        )
    )
    assert figures.lookup(["L17", "empty", "existed"]) is True
    assert figures.lookup(["L17", "missing", "existed"]) is False
    assert reason(figures, "L17", "existed") == ("ambiguous", "L17.existed")


def test_an_ambiguous_name_is_told_by_checkpoint_and_check(make: Any, english: Words) -> None:
    figures = Figures(
        make.run(
            make.scenario(
                make.check(name="lost", checkpoint="before", figures={"count": 1, "same": 5}),
                make.check(name="lost", checkpoint="after", figures={"count": 2, "same": 5}),
                make.check(name="doubled", checkpoint="after", figures={"count": 3}),
            )
        )
    )
    assert reason(figures, "L05", "count") == ("ambiguous", "L05.count")
    assert reason(figures, "L05", "lost.count")[0] == "ambiguous"
    assert reason(figures, "L05", "after.count")[0] == "ambiguous"
    assert figures.lookup(["L05", "same"]) == 5, "the same figure twice is one"
    assert figures.lookup(["L05", "before.count"]) == 1
    assert figures.lookup(["L05", "doubled.count"]) == 3
    assert figures.lookup(["L05", "after.lost.count"]) == 2
    assert render("{L05[after.lost.count]}", figures.lookup, english) == "2"
    assert "L05.count is ambiguous" in render("{L05[count]}", figures.lookup, english)


# ---------------------------------------------------------------- what is missing, and why


def test_each_reason_has_its_words(make: Any, portuguese: Words) -> None:
    environment = Problem(family="environment missing", message="no docker")
    figures = Figures(
        make.run(
            make.scenario(make.check("L05", figures={"lost": 1}), variant="kill"),
            make.scenario(
                variant="terminate",
                subjects=["L05"],
                outcome=Outcome.UNKNOWN,
                problem=environment,
            ),
            make.scenario(
                id="a.py::test_skipped",
                subjects=["L10"],
                outcome=Outcome.UNKNOWN,
                skipped="no power to stop",
                problem=environment,
            ),
            make.scenario(make.check("L06", figures={"nothing": None}), id="a.py::test_x"),
        )
    )
    expected = {
        "{L01[lost]}": "L01 não foi executado",
        "{L05[interrupt][lost]}": "L05[interrupt] não foi executada",
        "{L05[terminate][lost]}": "interrompido: environment missing",
        "{L10[lost]}": "pulado: no power to stop",
        "{L05[kill][found]}": "sem o valor L05.kill.found",
        "{L06[nothing]}": "sem o valor L06.nothing",
        "{L06[other]}": "sem o valor L06.other",
        "{L06}": "sem o valor L06",
        "{broker[image]}": "sem o valor broker.image",
    }
    for sentence, why in expected.items():
        whole = f"não medido nesta execução ({why})"
        assert render(sentence, figures.lookup, portuguese) == whole, sentence
    together = " ".join(["{L05[kill][lost]}", *expected])
    assert [name for name, _ in missing(together, figures.lookup)] == [
        re.sub(r"[\[\]]+", ".", sentence.strip("{}")).strip(".") for sentence in expected
    ]
    assert missing("{L05[kill][lost]} {L05[kill][lost]:x|y}", figures.lookup) == []


@pytest.mark.parametrize(
    "sentence", ["{}", "{0x y}", "{L05!r}", "{L05[a]b}", "{L05.x[}", "{L05[[a]]}"]
)
def test_what_is_no_figures_name_is_refused(sentence: str) -> None:
    with pytest.raises(ValueError, match=r"not a figure's name|expected"):
        list(placeholders(sentence))


def test_a_figure_is_never_read_as_a_sentence(make: Any, english: Words) -> None:
    """A task's body may look like a placeholder; it stays what it is."""
    body = "{L05[secret]} {0} {{x}} %s"
    figures = Figures(make.run(make.scenario(make.check(figures={"task": body, "secret": "s"}))))
    assert render("got {L05[task]}", figures.lookup, english) == f"got {body}"
    skipped = make.scenario(subjects=["L10"], skipped="{run[seed]} {}", outcome=Outcome.UNKNOWN)
    lookup = Figures(make.run(skipped)).lookup
    assert "skipped: {run[seed]} {}" in render("{L10[x]}", lookup, english)
