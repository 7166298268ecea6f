"""Read what a program prints about tasks: which it received, when it is done, which it sent.

The lesson's workers print `` [x] Received b'…'`` and `` [x] Done``, its publishers
`` [x] Sent '…'``. Real ones print that after a time stamp, a logger's name or an emoji, in colours,
in Portuguese, in JSON, in other words. What is not clearly one of these says nothing: a line that
is not understood is no evidence, and neither is a remark such as "Received SIGTERM". Who prints
something else gives patterns of his own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

from filaprova.record.event import body_text

Kind: TypeAlias = Literal["received", "done", "sent"]

RECEIVED = re.compile(r"\s*\[\s*x\s*\]\s*received\b:?\s?(.*)", re.IGNORECASE | re.DOTALL)
"""The lesson's own line, as the launcher knows it."""
WORDS_LIMIT = 400
"""Characters at a line's beginning in which its verb has to stand."""
PREFIX_COUNT_LIMIT = 24

_COLOUR = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_QUOTED = re.compile(
    r"""b?(?:'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*")(?=[\s.,;:!)\]…–—-]|$)""",
    re.DOTALL,
)

_NOUN = (
    r"(?:(?:an?|the|this|one|new|um|uma|a|o|nova|novo)\s+)*"
    r"(?:messages?|msg|tasks?|jobs?|body|payload|tarefas?|mensagem|mensagens|trabalho|corpo)"
)
_LABEL = re.compile(rf"{_NOUN}(?:\s*(?:#|n[o.º]+\s?)?\d+)?\s*[:=]\s*", re.IGNORECASE)
_NAMING = re.compile(
    rf"(?:(?:with|processing|working\s+on|of|com|de)\s+)*(?:{_NOUN}\s*)?(?:\s*[:=]\s*)?",
    re.IGNORECASE,
)
"""What may stand between "Done" and the task that it names, be it nothing."""

_SPEAKER = (
    r"(?:(?:worker|consumer|thread|process|consumidor|trabalhador)[\s_#-]*\w{0,12}|[CW]\d\w?)\s+"
)
_WORDS = re.compile(
    rf"(?:{_SPEAKER})?(?:{_NOUN}\s+)?"
    r"(?:(?P<received>received|recebid[oa]|recebi|recebeu)"
    r"|(?P<begun>processing|processando)"
    r"|(?P<done>done|finished|completed|processed|pront[oa]|feit[oa]|conclu[ií]d[oa]|terminad[oa]"
    r"|finalizad[oa]|processad[oa])"
    r"|(?P<sent>sent|enviou|enviei|enviad[oa]))"
    r"\b(?![-'/])",
    re.IGNORECASE,
)
_TASK_BEFORE_DONE = re.compile(
    rf"{_NOUN}\s+(?P<task>\S.*?)\s+"
    r"(?:done|finished|completed|processed|pront[oa]|feit[oa]|conclu[ií]d[oa]|terminad[oa]"
    r"|finalizad[oa]|processad[oa])\s*[.!✓✔]*\s*$",
    re.IGNORECASE,
)
_LESSON_MARK = re.compile(r"\[\s*x\s*\]", re.IGNORECASE)
_PREFIX = re.compile(
    r"\s+"
    r"|\[[^\[\]]{0,60}\]"
    r"|\([^()]{0,40}\)"
    # RFC 5424: priority, version, time, host, program, process, message, structured data.
    r"|<\d{1,3}>1(?: \S+){5} (?:-|(?:\[(?:[^\]\\]|\\.)*\])+)(?=\s)"
    r"|<[^<>]{0,40}>"
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\d\d?[/.]\d\d?[/.]\d{2,4}"
    r"|\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?"
    r"|[A-Z][a-z]{2}\s+\d{1,2}(?=\s\d\d:\d\d)"
    r"|(?:TRACE|DEBUG|INFO|NOTICE|SUCCESS|WARNING|WARN|ERROR|CRITICAL)\b:?"
    # Where loguru was called: module, function, line.
    r"|[\w.]+:[\w<>]+:\d+ -(?=\s)"
    # The name of a logger, a thread or a worker: "root:", "app.worker -", "Worker 3 |".
    r"|(?P<speaker>[\w./#-]{1,60}(?: [\w.#-]{1,20})?(?:\[[^\[\]]{0,20}\]| ?\([\w .-]{0,40}\))?)"
    r"(?::|\s(?:\||->|=>|>|—|–|-)(?=\s))"
    r"|[^\w\s\[\](){}<>'\"]"
)
_REMARK = re.compile(
    rf"{_NOUN}(?:\s+(?:from|on|in|at|de|da|em|na|no|by|with)\b|[\s.,;!…]*$)"
    r"|(?:(?:an?|the|um|uma|o|a)\s+)?"
    r"(?:SIG[A-Z]+\d*|signal|sinal|(?:keyboard)?interrupt\w*|ctrl|shutdown|shut\s+down|termination"
    r"|stop\s+(?:signal|request)|cancel\w*|exit|no\b|nothing|nada|nenhum\w*|none\b|empty|error|erro"
    r"|exception|from\b|de\b|at\b|in\b|em\b|\d+\s+(?:new\s+|novas?\s+)?"
    r"(?:messages?|tasks?|jobs?|tarefas?|mensage(?:m|ns)|bytes)\b|messages\b|mensagens\b|tasks\b"
    r"|tarefas\b|started|finished|done)",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"(?:[^\w'\"\[({]|(?:in|after|at|took|em|após|às|as|by|on|por)\b.*"
    r"|\(.*|\[.*|\d+(?:[.,]\d+)?\s*(?:ms|s|seconds?|segundos?)\b.*"
    r"|(?:with|the|this|it|task|message|job|work|working|processing|sleeping|com|de|tarefa|mensagem"
    r"|trabalho)\b)*\s*$",
    re.IGNORECASE | re.DOTALL,
)
"""What may follow "Done" without naming a task."""
_JSON_WORDS = ("event", "message", "msg", "status", "action", "state", "type", "evento", "mensagem")
_JSON_TASKS = (
    *("task", "body", "tarefa", "corpo", "payload", "job", "message_id", "id", "data"),
    *("message", "mensagem", "msg"),
)
_JSON_EVENT = re.compile(
    rf"{_WORDS.pattern}(?:\s+{_NOUN})?(?:\s+(?:in|after|em)\b.*)?[\s.!…]*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a line says of a task, if it says anything at all."""

    kind: Kind
    task: str | None = None
    """The task as it was printed, in the form of ``body_text``; None: the line names none."""
    shorter: str | None = None
    """The same without a word before it that may be a label: "3" of "Done task 3"."""
    quoted: bool = False
    """Whether the task stood in quotes, or in a field of its own: it is a name for sure."""
    weak: bool = False
    """Whether it counts only from a program that says it in no plainer words: "Processing …"."""
    plain: bool = False
    """Whether it is the lesson's own line, or what a pattern of the user's asks for."""
    speaker: str = ""
    """The logger, thread or worker that the line names before it says anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads lines by the patterns that the user gave, and by what is known elsewhere."""

    received: re.Pattern[str] | None = None
    """Searched for in each line; its group ``task``, else its first, is the task."""
    done: re.Pattern[str] | None = None
    """The same; it may have no group."""

    def read(self, line: str) -> list[Said]:
        """Return what this line says of tasks, in the order in which it says it."""
        text = _COLOUR.sub("", line)
        said = [
            each
            for each in (
                _by_pattern(self.received, "received", text),
                _by_pattern(self.done, "done", text),
            )
            if each
        ]
        others = _known(text)
        drawn_over, _, last = text.rstrip("\r").rpartition("\r")
        if not others and drawn_over:  # a progress bar
            others = _known(last)
        asked_for = {"received"} if self.received else set()
        asked_for |= {"done"} if self.done else set()
        return said + [each for each in others if each.kind not in asked_for]


def reader_of(received: str, done: str) -> Reader:
    """Return a reader by two patterns of the user's; empty: he gave none."""
    return Reader(
        received=re.compile(received) if received else None,
        done=re.compile(done) if done else None,
    )


def _by_pattern(pattern: re.Pattern[str] | None, kind: Kind, text: str) -> Said | None:
    found = pattern.search(text) if pattern else None
    if pattern is None or found is None:
        return None
    printed = None
    if pattern.groups:
        printed = found["task" if "task" in pattern.groupindex else 1]
    if printed is None:
        return None if kind == "received" else Said(kind=kind, plain=True)
    return Said(kind=kind, task=_identity(printed), quoted=True, plain=True)


def _known(text: str) -> list[Said]:
    """Return what a line says in one of the forms that we know."""
    start, speaker, marked = 0, "", False
    for _ in range(PREFIX_COUNT_LIMIT):
        if text.startswith("{", start):
            return _in_json(text[start:], speaker)
        words = _WORDS.match(text, start, start + WORDS_LIMIT)
        if words is not None:
            return _in_words(words, text, speaker=speaker, marked=marked)
        before = _TASK_BEFORE_DONE.match(text, start) if len(text) < WORDS_LIMIT else None
        if before is not None:
            name, quoted, _ = _named(before["task"])
            return [Said(kind="done", task=name, quoted=quoted, speaker=speaker)]
        prefix = _PREFIX.match(text, start, start + WORDS_LIMIT)
        if prefix is None:
            return []
        marked = marked or _LESSON_MARK.fullmatch(prefix[0]) is not None
        speaker = prefix["speaker"] or speaker
        start = prefix.end()
    return []


def _in_words(words: re.Match[str], text: str, *, speaker: str, marked: bool) -> list[Said]:
    rest = text[words.end() :]
    if words["sent"]:
        body = _body_of_literal(rest.removeprefix(":").strip()) if marked else None
        return [] if body is None else [Said(kind="sent", task=body_text(body), quoted=True)]
    if words["done"]:
        return _said_done(rest, speaker=speaker, plain=marked and words["done"].lower() == "done")
    weak = words["received"] is None
    plain = marked and words[0].lower() == "received"
    printed = re.sub(r"\A\s*[:>=-]?>?\s?", "", rest)
    label = _LABEL.match(printed)
    if label is not None:
        printed = printed[label.end() :]
    name, quoted, after = _named(printed)
    if not quoted:
        bare = printed.strip()
        if not bare.strip(".…!") or (label is None and _REMARK.match(bare)):
            return []
    said = [
        Said(kind="received", task=name, quoted=quoted, weak=weak, plain=plain, speaker=speaker)
    ]
    then = _WORDS.match(after.strip())
    if then is not None and then["done"]:  # both on one line, the second when it is done
        said += _said_done(after.strip()[then.end() :], speaker=speaker, plain=plain)
    return said


def _said_done(rest: str, *, speaker: str, plain: bool) -> list[Said]:
    if len(rest) < WORDS_LIMIT and _NO_NAME.match(rest):
        return [Said(kind="done", plain=plain, speaker=speaker)]
    printed = rest.lstrip(" :>=-—–\t")
    shorter, quoted, _ = _named(_NAMING.sub("", printed, count=1))
    task = shorter if quoted else _named(printed)[0]
    return [
        Said(kind="done", task=task, shorter=shorter, quoted=quoted, plain=plain, speaker=speaker)
    ]


def _in_json(text: str, speaker: str) -> list[Said]:
    """Return what an object says: an event in one field, its task in another or in the same."""
    try:
        fields = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(fields, dict):
        return []
    for name in _JSON_WORDS:
        event = fields.get(name)
        if not isinstance(event, str) or event.startswith("{"):
            continue
        said = [each for each in _known(event) if each.task is not None]
        if said:
            return said
        words = _JSON_EVENT.fullmatch(event.replace("_", " ").replace(".", " "))
        if words is None:
            continue
        task = _task_in(fields, besides=name)
        if words["done"]:
            return [Said(kind="done", task=task, quoted=task is not None, speaker=speaker)]
        weak = words["received"] is None
        if task is not None:
            return [Said(kind="received", task=task, quoted=True, weak=weak, speaker=speaker)]
    return []


def _task_in(fields: dict[str, object], *, besides: str) -> str | None:
    for name in _JSON_TASKS:
        value = fields.get(name)
        if name == besides or value is None:
            continue
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        return body_text(text.encode())
    return None


def _identity(printed: str) -> str:
    return _named(printed)[0]


def _named(printed: str) -> tuple[str, bool, str]:
    """Return the task that a text names, whether it stands in quotes, and what follows these."""
    text = printed.strip()
    quoted = _QUOTED.match(text)
    if quoted is not None:
        body = _body_of_literal(quoted[0])
        if body is not None:
            return body_text(body), True, text[quoted.end() :]
    return body_text(printed.rstrip("\r\n").encode()), False, ""


def _body_of_literal(literal: str) -> bytes | None:
    """Return the body whose ``repr`` this is, as bytes or as text; None if it is no such."""
    if literal.endswith(("'.", '".')):
        literal = literal[:-1]
    is_bytes = literal.startswith(("b'", 'b"'))
    quoted = literal[1:] if is_bytes else literal
    if len(quoted) < 2 or quoted[0] not in "'\"" or quoted[-1] != quoted[0]:
        return None
    inner = quoted[1:-1]
    try:
        text = _ESCAPE.sub(_unescaped, inner)
        body = text.encode("latin-1") if is_bytes else text.encode(errors="backslashreplace")
    except (ValueError, OverflowError):
        return None
    if repr(body if is_bytes else text) == literal:
        return body
    # Quoted by another language than Python: believed as long as nothing in it is ambiguous.
    return None if "\\" in inner or quoted[0] in inner else inner.encode()


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPED.get(code, code)
