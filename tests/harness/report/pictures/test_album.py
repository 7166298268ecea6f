"""Album: pictures of saved runs, inert and small, and never in the way of the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from filaprova.judge.verdict import Outcome
from filaprova.record.history import History
from filaprova.report.pages.answers import answers_html
from filaprova.report.pictures.album import Album
from filaprova.report.pictures.draw.charts import draw_distribution
from filaprova.report.pictures.model.distribution import shares, whoever_is_free
from filaprova.report.pictures.model.sequence import lay_out_sequence, telling_task
from filaprova.report.pictures.model.story import tell
from filaprova.report.pictures.model.task_table import NOTABLE_LIMIT, life_of, task_table
from filaprova.report.pictures.words import PictureWords
from filaprova.report.text.catalogue import Catalogue


def keep(history: History, folder: Path) -> None:
    folder.mkdir()
    lines = msgspec.json.Encoder().encode_lines(list(history))
    (folder / "history.jsonl").write_bytes(lines)


def test_a_question_shows_its_pictures_and_the_scenario_its_timeline(
    tmp_path: Path, make: Any, catalogue: Catalogue, read_page: Any, automatic: History
) -> None:
    run = make.whole_run()
    keep(automatic, tmp_path / "05-kill")
    page = read_page(answers_html(run, catalogue, tmp_path))
    question = page.find("Q3")
    kinds = [node.attributes["class"] for node in question.having("picture")]
    assert kinds == ["picture timeline follow", "picture sequence", "picture timeline follow"]
    figure = question.having("sequence")[0]
    assert "picture_sequence<1>" in " ".join(figure.text("en").split())
    labels = [n.attributes["aria-labelledby"] for n in page.nodes() if n.tag == "svg"
              and "aria-labelledby" in n.attributes]  # fmt: skip
    for label in labels:
        assert all(page.find(part).text("pt").strip() for part in label.split())


@pytest.mark.parametrize("content", [None, b"", b"{", b'{"event":"HistoryOpened"}\n'])
def test_a_history_that_cannot_be_read_does_not_break_the_page(
    tmp_path: Path, make: Any, catalogue: Catalogue, read_page: Any, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "05-kill").mkdir()
        (tmp_path / "05-kill" / "history.jsonl").write_bytes(content)
    page = read_page(answers_html(make.whole_run(), catalogue, tmp_path))
    assert page.having("picture") == []
    assert page.find("Q3").having("answer")


@pytest.mark.parametrize("folder", ["..", "/etc", "a/../..", ""])
def test_nothing_is_read_outside_the_run(
    tmp_path: Path, make: Any, words: PictureWords, folder: str, automatic: History
) -> None:
    keep(automatic, tmp_path / "run")
    (tmp_path / "history.jsonl").write_bytes((tmp_path / "run" / "history.jsonl").read_bytes())
    album = Album(tmp_path / "run", words)
    assert album.of_scenario(make.scenario(make.check(), folder=folder)) == []


HOSTILE = "<script>x</script>\"'&\x1b[31m\u202e`<b>`"


def test_names_and_bodies_are_inert(
    tmp_path: Path, make: Any, catalogue: Catalogue, read_page: Any, pen: Any
) -> None:
    worker = f"C{HOSTILE}"
    pen.consume(1, worker)
    pen.publish(2, f"t{HOSTILE}", "other", client=f"p{HOSTILE}")
    pen.deliver(3, worker, f"t{HOSTILE}", no_ack=True)
    pen.begin(4, worker, f"t{HOSTILE}")
    pen.strike(5, worker)
    pen.hang_up(6, worker)
    pen.drain(7, "other")
    keep(pen.history(), tmp_path / "05-kill")
    html = answers_html(make.whole_run(), catalogue, tmp_path)
    page = read_page(html)
    assert len([node for node in page.nodes() if node.tag == "script"]) == 1
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert not {"img"} & {node.tag for node in page.nodes()}
    assert r"t<script>x</script>" in page.text("en")
    for node in page.nodes():
        for name, value in node.attributes.items():
            assert not name.startswith("on")
            assert "script" not in (value or "")


def test_a_large_history_makes_a_small_picture(
    tmp_path: Path, make: Any, words: PictureWords, crowd: Callable[[int], History]
) -> None:
    keep(crowd(20_000), tmp_path / "many")
    scenario = make.scenario(make.check(), folder="many")
    (picture,) = Album(tmp_path, words).of_scenario(scenario)
    assert len(picture.svg) < 40_000
    assert not picture.follow
    assert picture.table is not None
    assert picture.table.rows == []
    ((state, names),) = picture.table.groups
    assert "state_lost" in state.en
    assert names == [f"task {index}" for index in range(10, 20_000, 10)][:NOTABLE_LIMIT]


def test_every_lost_task_is_listed_by_its_identity(automatic: History, words: PictureWords) -> None:
    table = task_table(tell(automatic, "tasks"), words)
    assert table is not None
    assert [(row.id, row.notable) for row in table.rows] == [
        ("a", True), ("b", False), ("c", True), ("first", False),
    ]  # fmt: skip


def test_a_life_is_told_in_order(manual: History, words: PictureWords) -> None:
    (task,) = tell(manual, "tasks").tasks
    steps = re.findall(r"\+(\S+) en life_(\w+)", life_of(task, words).en)
    assert steps == [
        ("0.010", "published"), ("0.011", "delivered"), ("0.012", "begun"), ("0.020", "done"),
        ("0.026", "returned"), ("0.027", "again"), ("0.028", "begun"), ("0.038", "done"),
        ("0.039", "acked"),
    ]  # fmt: skip
    assert "+0,010 pt life_published" in life_of(task, words).pt


def test_the_sequence_shows_strike_return_and_redelivery(manual: History) -> None:
    story = tell(manual, "tasks")
    task = telling_task(story)
    assert task is not None
    diagram = lay_out_sequence(story, task)
    assert [step.kind for step in diagram.steps] == [
        "publish", "deliver", "begun", "done", "strike", "returned", "redeliver", "begun", "done",
        "ack",
    ]  # fmt: skip
    assert diagram.columns[2:] == ["C1", "C2"]


def test_where_nothing_happened_to_a_task_no_life_is_drawn(pen: Any) -> None:
    pen.publish(1, "a")
    assert telling_task(tell(pen.history(), "tasks")) is None


def test_expected_stands_beside_seen(make: Any, automatic: History, words: PictureWords) -> None:
    check = make.check(
        name="round_robin_by_subscription",
        arguments={"queue": "tasks"},
        figures={"order": ["C1", "C2"], "published": 4, "shares": {}},
    )
    story = tell(automatic, "tasks")
    seen = [(share.client, share.tasks, share.expected) for share in shares(story, [check])]
    assert seen == [("C1", 3, 2), ("C2", 1, 2)]
    assert [round(share.work_s, 3) for share in shares(story)] == [0.007, 0.025]
    assert "picture_expected 2" in draw_distribution(shares(story, [check]), words)
    assert [share.expected for share in shares(story)] == [None, None]


def three_workers(pen: Any, *, prefetch: int = 0, until: float = 1000.0) -> History:
    for number in (1, 2, 3):
        pen.consume(number, f"C{number}", prefetch=prefetch)
    for index in range(8):
        pen.publish(10 + index, f"t{index}")
        pen.deliver(20 + index, f"C{index % 3 + 1}", f"t{index}")
    pen.hang_up(until, "C3")
    pen.drain(1001)
    return pen.history()


def test_in_turn_is_expected_where_nothing_comes_between(pen: Any) -> None:
    story = tell(three_workers(pen), "tasks")
    assert [(share.tasks, share.expected) for share in shares(story)] == [(3, 3), (3, 3), (2, 2)]
    assert not whoever_is_free(story)


def test_nothing_is_expected_of_a_worker_that_leaves_too_soon(pen: Any) -> None:
    story = tell(three_workers(pen, until=15.0), "tasks")
    assert [share.expected for share in shares(story)] == [None, None, None]


def test_with_a_limit_no_number_is_expected(pen: Any) -> None:
    story = tell(three_workers(pen, prefetch=1), "tasks")
    assert [share.expected for share in shares(story)] == [None, None, None]
    assert whoever_is_free(story)


def test_an_album_without_a_folder_is_empty(make: Any, words: PictureWords) -> None:
    scenario = make.scenario(make.check(), outcome=Outcome.PASS)
    assert Album(None, words).of_scenario(scenario) == []


def test_a_tile_for_each_question_that_was_asked_leads_to_it(
    tmp_path: Path, make: Any, catalogue: Catalogue, read_page: Any, automatic: History
) -> None:
    keep(automatic, tmp_path / "05-kill")
    run = make.run(make.scenario(make.check(figures={"lost": 3}), variant="kill", folder="05-kill"))
    (overview,) = read_page(answers_html(run, catalogue, tmp_path)).having("overview")
    links = [node for node in overview.nodes() if node.tag == "a"]
    assert [link.attributes["href"] for link in links] == ["#Q3"]
    told = " ".join(links[0].text("en").split())
    assert told.startswith("3 Losses en:unanswered")
    assert [node.attributes["class"] for node in links[0].nodes() if node.tag == "svg"] == [
        "glance"
    ]
