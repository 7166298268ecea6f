"""What lines say of tasks, in the forms that real programs print them."""

from __future__ import annotations

import pytest

from filaprova.programs.lesson.printed import WORDS_LIMIT, Reader, Said, reader_of
from filaprova.record.event import body_text

RECEIVED = {
    " [x] Received b'a .'": "a .",
    "2026-01-01 10:00:00,123 INFO worker: [x] Received b'a .'": "a .",
    "2026-01-01 10:00:00,123 - app.worker - INFO - Received b'a .'": "a .",
    "2026-01-01T10:00:00Z [INFO] [x] Received b'a .'": "a .",
    "Jan  1 10:00:00 host worker[123]: Received b'a .'": "a .",
    "<134>1 2026-01-01T10:00:00.123456+00:00 host app 12 ID - Received b'a .'": "a .",
    "<134>1 - - - - - [a@1 q=\"[q\\]\"][b@1] Received b'a .'": "a .",
    "2026-01-01 10:00:00.123 | INFO     | app.work:take:8 - Received b'a .'": "a .",
    "INFO:root: [x] Received b'a .'": "a .",
    "INFO:worker:Received b'a .'": "a .",
    "[C1] Received b'a .'": "a .",
    "[3] Received task 3": "task 3",
    "Worker 3 received b'a .'": "a .",
    "Thread-1 (work): Received a .": "a .",
    "\x1b[1;32m [x] Received\x1b[0m b'a .'": "a .",
    "📥 Received: a .": "a .",
    "[x] Recebi b'a .'": "a .",
    "[x] Recebida 'ação'": "ação",
    " [x] Recebeu 'Tarefa 1'": "Tarefa 1",
    "Mensagem recebida: olá": "olá",
    "Processando tarefa: 3": "3",
    "Processing b'a .'": "a .",
    " [x] Received b'a .' at 10:00:00": "a .",
    " [x] Received b'a .' (delivery 3, 2 more)": "a .",
    " [x] Received message: b'a .'": "a .",
    ' [x] Received "task 1"': "task 1",
    ' [x] Received {"task": 1}': '{"task": 1}',
    " [x] Received it's": "it's",
    " [x] Received ''": "",
    '{"event": "received", "body": "a ."}': "a .",
    '{"event": "task_received", "task": 3}': "3",
    '{"level": "info", "message": "[x] Received b\'a .\'"}': "a .",
    '{"event": "received", "message": "a ."}': "a .",
    '{"event": "task.received", "task": "a ."}': "a .",
    '{"message": "off we go", "status": "received", "task": "a ."}': "a .",
    r" [x] Received b'two\nlines'": "two\nlines",
    r" [x] Received b'a\\b'": "a\\b",
    r""" [x] Received 'it\'s "so"'""": 'it\'s "so"',
    """ [x] Received b"it's".""": "it's",
    r" [x] Received '\ud800'": r"\ud800",
    r"Received 'a\qb'": r"'a\qb'",
    "Received:   'a .'": "a .",
    "Received X": "X",
    "Received a \r": "a ",
    r" [x] Received b'\xc3\xa1'": "á",
    r" [x] Received '\u200b'": "\u200b",
    'INFO:root:{"status": "received", "data": {"n": 1}}': '{"n":1}',
    "\r[###] 3/3\r [x] Received b'a .'": "a .",
    "[#__] 1/3\rReceived X\r": "X",
    "[#__] 1/3\rReceived a \r": "a ",
    "[#__] 1/3\rReceived a ": "a ",
    " [x] Received b'a .'\r[###] 3/3": "a .",
}
DONE = [
    " [x] Done",
    " finished",
    "Done.",
    "✅ Done!",
    "[x] Pronto",
    " [x] Tarefa concluída",
    "Feito",
    "Terminada em 0,3 s",
    "Finalizada",
    "completed",
    "INFO:root:Task finished",
    " [x] Done at 10:00:00",
    " [x] Done (by 33 in 0.050 s)",
    "Done in 0.3 s",
    "Done processing",
    '{"event": "done"}',
    '{"message": "task finished"}',
]
NAMED = {
    " [x] Done b'a .'": "a .",
    "INFO:root:Done b'a .' in 0.305 s": "a .",
    "Finished processing b'a .'": "a .",
    "Tarefa 'a .' concluída": "a .",
    '{"event": "done", "body": "a ."}': "a .",
    '{"event": "task.done", "body": "a ."}': "a .",
}
NOTHING = [
    " [x] Received",
    " [x] Received SIGTERM, leaving",
    "[x] Received signal 15",
    "Recebi o sinal SIGTERM",
    "Received 3 messages",
    "Received 3 messages from work_queues_1",
    "Received message",
    "Received no messages",
    "Received a KeyboardInterrupt",
    "Processing...",
    "Got it",
    " [*] Waiting for messages. To exit press CTRL+C",
    "12/20 done",
    "Connection done",
    "setup finished",
    "I am done-in",
    '{"event": "connection done"}',
    '{"event": "received"}',
    '{"event": ["received"]}',
    '["received", "a"]',
    r'{"message": "{\"event\": \"received\", \"task\": \"a\"}"}',
    '{"event": "received"',
    '{"a":' * 5_000,
    "{" * 5_000,
]


@pytest.mark.parametrize("line", RECEIVED)
def test_received(line: str) -> None:
    [said] = Reader().read(line)
    assert (said.kind, said.task) == ("received", RECEIVED[line])


@pytest.mark.parametrize("line", DONE)
def test_done(line: str) -> None:
    [said] = Reader().read(line)
    assert (said.kind, said.task) == ("done", None)


@pytest.mark.parametrize("line", NAMED)
def test_done_with_a_name(line: str) -> None:
    [said] = Reader().read(line)
    assert (said.kind, said.task, said.quoted) == ("done", NAMED[line], True)


@pytest.mark.parametrize("line", NOTHING, ids=lambda line: line[:40])
def test_a_remark_is_no_task(line: str) -> None:
    assert Reader().read(line) == []


def test_both_on_one_line() -> None:
    said = Reader().read("w-1: [x] Received b'a .'  Done")
    assert [(each.kind, each.task) for each in said] == [("received", "a ."), ("done", None)]
    assert [(each.speaker, each.plain) for each in said] == [("w-1", True), ("w-1", True)]


@pytest.mark.parametrize(
    ("name", "shorter"),
    [("task 3", "3"), ("task: task 3", "task 3"), ("3 of 4", "3 of 4")],
)
def test_a_bare_text_after_done_may_have_a_label_before_it(name: str, shorter: str) -> None:
    [said] = Reader().read(f" [x] Done {name}")
    assert (said.task, said.shorter, said.quoted) == (name, shorter, False)


def test_a_remark_after_done_is_no_longer_than_a_line_of_words() -> None:
    [said] = Reader().read("Done" + "!" * (WORDS_LIMIT - 1))
    assert said.task is None
    [said] = Reader().read("Done" + "!" * WORDS_LIMIT)
    assert said.task is not None


@pytest.mark.parametrize(
    ("before", "filling", "after"),
    [("Worker 1", " ", "received a"), ('<134>1 - - - - - [a@1 q="', "q", '"] Received a')],
)
def test_words_are_looked_for_no_further_than_a_line_of_words_goes(
    before: str, filling: str, after: str
) -> None:
    [said] = Reader().read(before + filling * 100 + after)
    assert said.task == "a"
    assert Reader().read(before + filling * WORDS_LIMIT + after) == []


def test_a_task_that_stands_before_done_is_looked_for_in_a_line_of_words() -> None:
    name = "a" * (WORDS_LIMIT - len("Tarefa  feita") - 1)
    [said] = Reader().read(f"Tarefa {name} feita")
    assert (said.kind, said.task) == ("done", body_text(name.encode()))
    assert Reader().read(f"Tarefa a{name} feita") == []


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        (" [x] Received b'a'", True),
        ("[X] received a", True),
        (" [x] Done", True),
        ("Received b'a'", False),
        ("Done", False),
        ("[x] Message received: b'a'", False),
        ("[x] Processing b'a'", False),
        ("[x] Finished", False),
    ],
)
def test_the_lessons_own_lines_are_plain(line: str, plain: bool) -> None:
    [said] = Reader().read(line)
    assert said.plain is plain


@pytest.mark.parametrize(
    ("line", "task"),
    [
        ("Done - a", "a"),
        ("Done => a", "a"),
        ("Done\ta", "a"),
        ("Done Xavier", "Xavier"),
    ],
)
def test_what_leads_from_done_to_a_name_is_no_part_of_it(line: str, task: str) -> None:
    [said] = Reader().read(line)
    assert said.task == task


@pytest.mark.parametrize(
    "text",
    [
        "Received b'a'",
        "Done",
        "Done b'a'",
        "Done a",
        "Tarefa 'a' concluída",
        '{"event": "received", "task": "a"}',
        '{"event": "done"}',
        '{"event": "done", "task": "a"}',
    ],
)
def test_who_says_it_stands_before_it(text: str) -> None:
    [said] = Reader().read(f"INFO:worker-1:{text}")
    assert said.speaker == "worker-1"
    [said] = Reader().read(text)
    assert said.speaker == ""


@pytest.mark.parametrize(
    ("line", "weak"),
    [
        ("Received b'a'", False),
        ("Processing b'a'", True),
        ('{"event": "received", "task": "a"}', False),
        ('{"event": "processing", "task": "a"}', True),
    ],
)
def test_processing_is_a_weaker_word_than_received(line: str, weak: bool) -> None:
    [said] = Reader().read(line)
    assert (said.task, said.quoted, said.weak) == ("a", True, weak)


@pytest.mark.parametrize(
    ("line", "task"),
    [
        (" [x] Sent 'a .'", "a ."),
        (" [x] Enviada b'a .'", "a ."),
        (" [x] Sent 'a .'.", "a ."),
        (""" [x] Sent "it's".""", "it's"),
        ("Sent 'a .'", None),
        (" [x] Sent 30 messages", None),
        (" [x] Mensagem enviada: a", None),
        (" [x] Sent 'it's'", None),
        (" [x] Sent 'a", None),
        (" [x] Sent aba", None),
        (" [x] Sent XaX", None),
    ],
)
def test_only_what_a_marked_line_quotes_was_sent(line: str, task: str | None) -> None:
    said = Reader().read(line)
    assert said == ([Said(kind="sent", task=task, quoted=True)] if task else [])


# ------------------------------------------------------------------ patterns of the user's


def read(line: str, received: str = "", done: str = "") -> list[Said]:
    return reader_of(received, done).read(line)


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (r"job (.*) is mine", "10:00 job a . is mine"),
        (r"(\d+) jobs?, first (?P<task>.*)$", "3 jobs, first a ."),
        (r"<- (.*)", "<- b'a .'"),
    ],
)
def test_a_pattern_finds_what_was_received(pattern: str, line: str) -> None:
    [said] = read(line, received=pattern)
    assert (said.kind, said.task, said.plain) == ("received", "a .", True)


def test_a_pattern_stands_for_the_forms_that_are_known() -> None:
    assert read(" [x] Received b'a'", received="took (.*)") == []
    assert read(" [x] Done", done="did it") == []
    assert [said.kind for said in read(" [x] Received b'a'")] == ["received"]
    assert [said.kind for said in read(" [x] Done", received="took (.*)")] == ["done"]
    assert [said.kind for said in read(" [x] Received b'a'", done="did it")] == ["received"]


def test_a_pattern_for_done_need_not_name_the_task() -> None:
    [said] = read("<- did it", done="did it")
    assert (said.kind, said.task, said.plain) == ("done", None, True)
    [said] = read("did a .", done="did (.*)")
    assert (said.task, said.quoted) == ("a .", True)
    [said] = read("did it", done="did it|did it to (.*)")
    assert said.task is None


def test_a_group_that_is_not_in_the_line_is_no_task() -> None:
    assert read("took", received="took( .*)?") == []
