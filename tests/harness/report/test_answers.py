"""answers.html: true in both languages, and inert whatever a run carries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from filaprova.errors import EnvironmentMissing
from filaprova.judge.verdict import Evidence, Outcome
from filaprova.report.pages import answers
from filaprova.report.pages.answers import ANSWERS, answers_html, write_answers
from filaprova.report.text.catalogue import Catalogue, Claim, Question
from filaprova.runs.results import Problem, RunResult
from filaprova.runs.store import RunFolder

TEMPLATES = Path(answers.__file__).parent / "templates"
PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL

Show = Callable[[RunResult], Any]


@pytest.fixture
def show(catalogue: Catalogue, read_page: Callable[[str], Any]) -> Show:
    """Write the page of a run and read it back as a tree."""
    return lambda run: read_page(answers_html(run, catalogue))


def told(node: Any, language: str) -> str:
    return " ".join(node.text(language).split())


# ---------------------------------------------------------------- a whole run


def test_everything_is_answered_in_both_languages(show: Show, make: Any) -> None:
    page = show(make.whole_run())
    assert told(page.find("Q3"), "pt").startswith("3 O que se perde? Perdem-se 3 de 1.234.")
    assert told(page.find("Q3"), "en").startswith("3 What is lost? 3 of 1,234 are lost.")
    assert "kill: 3 tarefas perdidas de 1.234." in told(page.find("L05"), "pt")
    assert "kill: 3 tasks lost of 1,234." in told(page.find("L05"), "en")
    assert "Esperou 1,5 s." in told(page.find("exercises"), "pt")
    assert "It waited 1.5 s." in told(page.find("exercises"), "en")
    assert "en:ruling_confirmed Because of K3." in told(page.find("claim-K3"), "en")
    assert "pt:ruling_refuted Porque K5." in told(page.find("claim-K5"), "pt")
    assert "en:ruling_made_precise Because of K8." in told(page.find("claim-K8"), "en")
    assert (
        told(page.having("overall")[0], "en") == "en:outcome_pass en:overall<3 | 3 | 2 | 2 | 3 | 3>"
    )
    assert page.having("unanswered") == page.having("obstacles") == []
    assert "problems" not in {node.attributes.get("id") for node in page.nodes()}


def test_neither_language_speaks_the_other(show: Show, make: Any) -> None:
    page = show(make.whole_run())
    assert "en:" not in page.text("pt")
    assert "pt:" not in page.text("en")
    for word in ("Perdem-se", "À mão", "A lição afirma", "O ponto"):
        assert word in page.text("pt")
        assert word not in page.text("en")
    for node in page.nodes():
        if node.attributes.get("class") in ("pt", "en"):
            assert node.attributes["lang"] == {"pt": "pt-BR", "en": "en"}[node.attributes["class"]]


def test_how_we_know_shows_checks_evidence_and_the_way_to_repeat(show: Show, make: Any) -> None:
    check = make.check(
        figures={"lost": 3},
        summary="Three were lost.",
        expected="three",
        seen="still three",
        evidence=[Evidence(at_ns=3_214_000_000, text="C1 was killed")],
    )
    page = show(make.run(make.scenario(check, variant="kill", folder="05 kill?")))
    proof = page.find("L05")
    for text in (
        "Tasks lost tasks_lost Lost: 3.",
        "en:expected three en:seen still three en:verdict Three were lost.",
        "en:evidence (1) +3.214 s en:witness_harness C1 was killed",
        "pytest scenarios/lesson/test_05_auto.py::test_killed --seed 7 --broker local",
        "05 kill?/history.jsonl",
    ):
        assert text in told(proof, "en")
    (link,) = [node for node in proof.nodes() if node.tag == "a"]
    assert link.attributes["href"] == "./05%20kill%3F/history.jsonl"
    assert [node.tag for node in proof.nodes() if node.tag == "code"]


def test_text_between_backticks_is_code(show: Show, make: Any) -> None:
    page = show(make.whole_run())
    codes = [node.text() for node in page.find("findings").nodes() if node.tag == "code"]
    assert codes == ["ponto", "dot"]


def test_an_unknown_checker_is_shown_by_its_name(show: Show, make: Any) -> None:
    page = show(make.run(make.scenario(make.check(name="brand_new", figures={"lost": 1}))))
    assert "brand_new brand_new en:verdict Nothing to add." in told(page.find("L05"), "en")


def test_a_checkers_sentence_is_left_out_where_a_figure_is_missing(show: Show, make: Any) -> None:
    page = show(make.run(make.scenario(make.check(figures={"other": 1}))))
    assert "Lost:" not in page.text("en")


def test_a_scenario_of_no_exercise_has_its_place(show: Show, make: Any) -> None:
    others = show(make.whole_run()).find("others")
    assert "Nothing is broken on purpose." in told(others, "en")
    assert "wire_decoded" in told(others, "en")


def test_what_was_run_is_told(show: Show, make: Any) -> None:
    run = make.run(
        broker={
            "product": "RabbitMQ",
            "version": "4.1.0",
            "erlang_version": "27",
            "backend": "container",
            "image": "rabbitmq:4.1",
            "reason": "docker answers",
            "transient_queues": "refused",
        },
        settings={"seed": "7", "seconds_per_dot": "0.05", "programs": ""},
        notes=["transient_queues: refused", "a note"],
    )
    page = show(run)
    assert told(page.having("notes")[0], "pt") == "Filas recusadas. a note"
    facts = told(page.find("run"), "en")
    for fact in (
        "en:fact_broker RabbitMQ 4.1.0",
        "en:fact_erlang 27",
        "en:fact_backend container",
        "en:fact_image rabbitmq:4.1",
        "en:fact_reason docker answers",
        "en:fact_seed 7",
        "en:fact_date 2026-01-31T14:25:01+00:00",
        "en:fact_run 20260131-142501-9f3c",
        "en:fact_settings seconds_per_dot = 0.05 ",
    ):
        assert fact in f"{facts} "
    assert "pytest scenarios/lesson --seed 7 --broker container" in facts


# ---------------------------------------------------------------- what is not settled


@pytest.mark.parametrize("outcome", [FAIL, UNKNOWN])
def test_no_answer_without_every_exercise(show: Show, make: Any, outcome: Outcome) -> None:
    run = make.whole_run()
    bad = make.check(
        "L05", outcome=outcome, summary="Four were lost.", figures={"lost": 4}, blame="worker"
    )
    run.scenarios[1] = make.scenario(bad, id="a.py::test_b[kill]", variant="kill")
    page = show(run)
    question = page.find("Q3")
    assert question.having("answer") == []
    obstacle = f"en:obstacle_{outcome}<L05 [kill] | Tasks lost | Four were lost.>"
    assert f"3 What is lost? en:not_answered {obstacle}" in told(question, "en")
    portuguese = question.having("obstacles")[0].having("pt")[0]
    [quoted] = [node for node in portuguese.children if not isinstance(node, str)]
    assert (quoted.attributes["lang"], quoted.text()) == ("en", "Four were lost.")
    assert "Perdem-se" not in page.text()
    assert "tarefas perdidas" not in page.text()
    claim = told(page.find("claim-K3"), "en")
    assert f"The lesson claims K3 en:not_decided {obstacle}" in claim
    assert "ruling" not in claim
    assert obstacle in told(page.find("exercises"), "en")
    assert "en:blame_worker" in told(page.find("L05"), "en")
    assert page.having("overall")[0].having(str(outcome)) != []
    assert told(page.having("overall")[0], "en").endswith("<2 | 3 | 1 | 2 | 2 | 3>")
    problems = told(page.find("problems"), "en")
    assert "Four were lost." in problems
    assert "Nothing to add." not in problems, "checks that passed are not the problem"
    assert page.find("Q4").having("answer"), "other questions stay answered"


def test_a_skip_is_told_with_its_reason(show: Show, make: Any) -> None:
    run = make.whole_run()
    run.scenarios[2] = make.scenario(
        id="a.py::test_manual", subjects=["L06"], outcome=UNKNOWN, skipped="it cannot be stopped"
    )
    page = show(run)
    assert page.find("Q4").having("answer") == []
    assert "en:obstacle_skipped<L06 | it cannot be stopped>" in told(page.find("Q4"), "en")
    assert "A worker dies.: it cannot be stopped" in told(page.find("problems"), "en")
    assert page.find("problems").having("scenario") == [], "a skip is told once, among the skips"
    assert page.find("claim-K8").having("ruling") == []


def test_a_problem_is_told_with_whose_fault_it_is(show: Show, make: Any) -> None:
    run = make.whole_run()
    problem = Problem(family="harness bug", message="Traceback\n  line 1\nKeyError: 'x'")
    run.scenarios[2] = make.scenario(
        id="a.py::test_manual", subjects=["L06"], outcome=UNKNOWN, problem=problem
    )
    page = show(run)
    obstacle = "obstacle_problem<L06 | {0}:family_harness_bug | Traceback>"
    for language in ("pt", "en"):
        assert f"{language}:{obstacle.format(language)}" in told(page.find("Q4"), language)
    (message, *_) = [node for node in page.find("problems").nodes() if node.tag == "pre"]
    assert message.text("pt") == message.text("en") == problem.message, "in full, line by line"


def test_what_was_not_run_is_told(show: Show, make: Any) -> None:
    page = show(make.run())
    assert page.having("answer") == page.having("ruling") == page.having("obstacles") == []
    assert "en:questions_left_out 3, 4" in told(page.find("questions"), "en")
    assert "en:claims_left_out K3, K5" in told(page.find("claims"), "en")
    assert "en:outcome_none: L05" in told(page.find("exercises"), "en")


def test_a_variant_that_was_not_run_keeps_the_answer_back(show: Show, make: Any) -> None:
    run = make.whole_run()
    del run.scenarios[0]
    page = show(run)
    assert page.find("Q3").having("answer") == []
    assert "en:obstacle_variants<L05 | interrupt>" in told(page.find("Q3"), "en")


def test_a_scenario_that_is_fine_for_an_exercise_is_no_obstacle_to_it(
    show: Show, make: Any
) -> None:
    """Its check for another subject failed; that says nothing about this exercise."""
    both = make.scenario(
        make.check("L05"), make.check("K5", outcome=FAIL), id="a.py::test_b[kill]", variant="kill"
    )
    page = show(make.run(both))
    obstacles = told(page.find("Q3").having("obstacles")[0], "en")
    assert obstacles == "en:obstacle_variants<L05 | interrupt>"


def test_a_scenario_without_a_verdict_is_an_obstacle(show: Show, make: Any) -> None:
    page = show(make.run(make.scenario(subjects=["L06"], outcome=UNKNOWN)))
    assert "en:obstacle_unjudged<L06>" in told(page.find("Q4"), "en")


def test_nothing_follows_from_nothing(make: Any, catalogue: Catalogue, read_page: Any) -> None:
    """A claim or a question behind which nothing stands is not thereby settled."""
    contents = msgspec.structs.replace(
        catalogue.contents,
        claims=[Claim(id="K3", ruling="confirmed", supported_by=[])],
        questions=[Question(id="3", answered_by=[])],
    )
    bare = msgspec.structs.replace(catalogue, contents=contents)
    page = read_page(answers_html(make.whole_run(), bare))
    assert page.having("ruling") == page.having("answer") == []
    assert "en:claims_left_out K3" in told(page.find("claims"), "en")


def test_one_of_several_exercises_keeps_the_answer_back(
    make: Any, catalogue: Catalogue, read_page: Any
) -> None:
    catalogue.contents.questions[:] = [Question(id="3", answered_by=["L05", "L06"])]
    run = make.whole_run()
    assert read_page(answers_html(run, catalogue)).find("Q3").having("answer")
    run.scenarios[2] = make.scenario(make.check("L06", outcome=FAIL, summary="It waited."))
    question = read_page(answers_html(run, catalogue)).find("Q3")
    assert question.having("answer") == []
    assert "en:not_answered en:obstacle_fail<L06 | Tasks lost | It waited.>" in told(question, "en")


# ---------------------------------------------------------------- hostile runs

HOSTILE = (
    "{0}<script>alert({0})</script>\"'><img src=x onerror=y>&lt;&#60;{{{{7*7}}}}{{% x %}}{{0}}"
    "\x1b[31m\x1b]0;t\x07\x00\x7f\u202egnp.exe\u2066\u200b\u2028`<b>`</pre></style>http://evil.example"
)
VISIBLE = (
    "{0}<script>alert({0})</script>\"'><img src=x onerror=y>&lt;&#60;{{{{7*7}}}}{{% x %}}{{0}}"
    r"\x1b[31m\x1b]0;t\x07\x00\x7f\u202egnp.exe\u2066\u200b\u2028"
    "`<b>`</pre></style>http://evil.example"
)
NOT_SHOWN = {
    "scenarios.checks.checkpoint",
    "scenarios.checks.check.arguments.queue",
    "scenarios.checks.verdict.check",
    "scenarios.seconds_by",
    "command",
    "option_prefix",
    "subject",
}
"""Texts of a run for which the page has no place, or that it takes only where they can be ours."""
ALLOWED = {
    *("", "html", "head", "meta", "title", "style", "body", "header", "main", "footer"),
    *("section", "article", "aside", "nav", "fieldset", "legend", "label", "input"),
    *("form", "select", "option", "output"),
    *("h1", "h2", "h3", "h4", "h5", "p", "pre", "code", "strong", "span", "time", "a"),
    *(
        "template",
        "div",
        "script",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
    ),
    *("details", "summary", "figure", "figcaption", "svg", "g", "defs", "pattern", "use"),
    *("path", "rect", "circle", "text", "b", "kbd", "button"),
}
HARMLESS = {
    *(
        "autocomplete",
        "data-exercises",
        "data-listed",
        "data-workers",
        "for",
        "data-pt",
        "data-en",
        "popover",
    ),
    *("class", "id", "lang", "scope", "charset", "name", "content", "type", "value"),
    *(
        "checked",
        "href",
        "aria-label",
        "aria-labelledby",
        "aria-live",
        "aria-hidden",
        "role",
        "hidden",
    ),
    *("tabindex", "focusable", "viewbox", "transform", "patternunits", "patterntransform"),
    *("x", "y", "cx", "cy", "r", "rx", "d", "width", "height"),
}


def poisoned(value: Any, path: str, marks: dict[str, str], keep: set[str]) -> Any:
    """Return builtins in which every text is hostile, each with a mark of its own."""
    if isinstance(value, dict):
        result = {}
        for key, item in value.items():
            free = path.endswith((".settings", ".seconds_by", ".figures.table"))
            name = poisoned(key, path, marks, keep) if free else key
            below = f"{path}.{key}".lstrip(".") if not free else path
            result[name] = poisoned(item, below, marks, keep)
        return result
    if isinstance(value, list):
        return [poisoned(item, path, marks, keep) for item in value]
    if isinstance(value, str) and value and path not in keep:
        mark = f"m{len(marks)}m"
        marks[mark] = path
        return HOSTILE.format(mark)
    return value


def hostile_run(make: Any) -> tuple[RunResult, dict[str, str]]:
    """Return a run full of hostile texts, and each text's mark with its place."""
    loud: dict[str, Any] = {
        "expected": "text",
        "seen": "text",
        "hint": "text",
        "blame": "worker",
        "evidence": [Evidence(at_ns=1, text="text")],
    }
    run = make.run(
        make.scenario(
            make.check(
                "L05",
                figures={
                    "lost": "text",
                    "pushed": ["text", {"k": "text"}],
                    "table": {"key": "text"},
                },
                arguments={"queue": "text"},
                **loud,
            ),
            variant="kill",
            id="text",
        ),
        make.scenario(
            make.check("L05", outcome=FAIL, name="other", summary="text", **loud),
            id="text",
            variant="text",
            subjects=["L05"],
            problem=Problem(family="scenario failed", message="text"),
            seconds_by={"text": 1.0},
        ),
        make.scenario(id="text", subjects=["L06"], skipped="text", outcome=UNKNOWN, title=""),
        make.scenario(make.check("control"), id="text", variant="text", title="text"),
        broker={
            "product": "text",
            "version": "text",
            "erlang_version": "text",
            "backend": "container",
            "image": "text",
            "reason": "text",
            "transient_queues": "refused",
        },
        settings={"text": "text", "programs": "text", "seconds_per_dot": "text"},
        notes=["text"],
    )
    keep = {
        *(
            "language",
            "scenarios.outcome",
            "scenarios.checks.verdict.outcome",
            "scenarios.checks.verdict.evidence.witness",
            "scenarios.problem.family",
        ),
        *("scenarios.checks.verdict.blame", "scenarios.subjects", "scenarios.checks.subject"),
        *("broker.backend", "broker.transient_queues"),
    }
    marks: dict[str, str] = {}
    builtins = msgspec.to_builtins(run)
    names = {"programs", "seconds_per_dot"}
    broken = poisoned({k: v for k, v in builtins.items() if k != "settings"}, "", marks, keep)
    broken["settings"] = {
        name if name in names else poisoned(name, "settings", marks, keep): poisoned(
            text, "settings", marks, keep
        )
        for name, text in builtins["settings"].items()
    }
    broken["scenarios"][0]["variant"] = "kill"  # so that sentences find its figures
    broken["scenarios"][0]["checks"][0]["check"]["name"] = "tasks_lost"
    return msgspec.convert(broken, RunResult), marks


def test_whatever_a_run_carries_is_inert_and_visible(
    make: Any, catalogue: Catalogue, read_page: Callable[[str], Any]
) -> None:
    run, marks = hostile_run(make)
    assert len(set(marks.values())) > 20, "the run carries a text in each of its fields"
    catalogue.texts["en"].exercises["L05"] = msgspec.structs.replace(
        catalogue.texts["en"].exercises["L05"],
        result="{L05[kill][lost]} {L05[kill][pushed]} {L05[kill][table]}",
    )
    catalogue.texts["en"].checks["tasks_lost"] = msgspec.structs.replace(
        catalogue.texts["en"].checks["tasks_lost"], result="{lost} {pushed} {table}"
    )
    html = answers_html(run, catalogue)
    page = read_page(html)

    assert {node.tag for node in page.nodes()} <= ALLOWED
    for name, value in attributes(page):
        assert name in HARMLESS
        assert "script" not in (value or "") or name == "href", "no address is a program"
    assert [c for c in html if c != "\n" and not c.isprintable()] == []

    text = page.text().replace("`", "")
    shown = {path for mark, path in marks.items() if VISIBLE.format(mark).replace("`", "") in text}
    assert set(marks.values()) - shown == NOT_SHOWN


def attributes(page: Any) -> Iterator[tuple[str, str | None]]:
    for node in page.nodes():
        yield from node.attributes.items()


WRAPPED = "(function () {{ 'use strict'; {} }})();"


@pytest.mark.parametrize("kind", ["whole", "hostile"])
def test_nothing_is_fetched_from_anywhere(show: Show, make: Any, kind: str) -> None:
    page = show(make.whole_run() if kind == "whole" else hostile_run(make)[0])
    ids = [node.attributes["id"] for node in page.nodes() if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    links = [value or "" for name, value in attributes(page) if name == "href"]
    assert links
    for link in links:
        assert re.fullmatch(r"#[\w-]+|\./[\w%.~/-]+/history\.jsonl", link)
        assert not link.startswith("#") or link[1:] in ids, f"{link} leads nowhere"
    for name, value in attributes(page):
        assert not re.match(r"src|style|action|data$|on", name)
        assert "://" not in (value or "")
    (style,) = [node for node in page.nodes() if node.tag == "style"]
    (script,) = [node for node in page.nodes() if node.tag == "script"]
    assert not re.search(r"url\((?!#)|@import|@font-face|https?:|//", style.text())
    assert not re.search(r"fetch|XMLHttp|import|eval|innerHTML|document\.write|//", script.text())
    ours = "".join(
        (TEMPLATES / name).read_text(encoding="utf-8")
        for name in (
            "switches.js",
            "follow.js",
            "closeup.js",
            "find.js",
            "glossary.js",
            "print.js",
            "answers.js",
        )
    )
    assert "".join(script.text().split()) == "".join(WRAPPED.format(ours).split())
    assert not {"link", "img", "iframe", "base", "object"} & {node.tag for node in page.nodes()}


@pytest.mark.parametrize("folder", ["", "/etc", "../other", "a/../../b"])
def test_no_link_leads_out_of_the_run(show: Show, make: Any, folder: str) -> None:
    page = show(make.run(make.scenario(make.check(), folder=folder)))
    assert [
        value for name, value in attributes(page) if name == "href" and "history" in value
    ] == []


def test_text_that_is_not_unicode_does_not_stop_the_page(
    tmp_path: Path, make: Any, catalogue: Catalogue
) -> None:
    scenario = make.scenario(make.check(summary="a\udcff"), folder="b\udcff", id="c\udcff")
    path = write_answers(RunFolder(tmp_path), make.run(scenario), catalogue)
    assert r"a\udcff" in path.read_text(encoding="utf-8")


# ---------------------------------------------------------------- the file


def test_the_file_is_written_whole(tmp_path: Path, make: Any, catalogue: Catalogue) -> None:
    path = write_answers(RunFolder(tmp_path), make.whole_run(), catalogue)
    assert path == tmp_path / ANSWERS
    assert path.read_text(encoding="utf-8") == answers_html(make.whole_run(), catalogue)
    assert [item.name for item in tmp_path.iterdir()] == [ANSWERS]


def test_a_file_that_cannot_be_written(unwritable: Path, make: Any, catalogue: Catalogue) -> None:
    with pytest.raises(EnvironmentMissing, match=r"cannot write .*answers\.html"):
        write_answers(RunFolder(unwritable), make.run(), catalogue)
