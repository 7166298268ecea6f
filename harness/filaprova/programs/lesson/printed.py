"""Read what a program prints about tasks: which it received, when it is done, which it sent.

The lesson's workers print `` [x] Received b'…'`` and `` [x] Done``, its publishers
`` [x] Sent '…'``; hand-typed copies vary in case, spaces, a final full stop, and in whether they
print the body's bytes, its text, or its bare text. Any other line says nothing about tasks.
"""

from __future__ import annotations

import re

from filaprova.record.event import body_text

RECEIVED = re.compile(r"\s*\[\s*x\s*\]\s*received\b:?\s?(.*)", re.IGNORECASE | re.DOTALL)
_SENT = re.compile(r"\s*\[\s*x\s*\]\s*sent\b:?\s?(.*)", re.IGNORECASE | re.DOTALL)
_DONE = re.compile(r"\s*\[\s*x\s*\]\s*done\b", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def received_task(line: str) -> str | None:
    """Return the identity of the task that this line says was received, None if it says no such.

    A bare text ending in a full stop keeps it: the stop may be one of the task's own dots.
    """
    match = RECEIVED.match(line)
    if match is None:
        return None
    printed = match[1]
    body = _body_of_literal(printed.strip())
    if body is None:
        body = printed.rstrip("\r\n").encode("utf-8", "backslashreplace")
    return body_text(body)


def sent_task(line: str) -> str | None:
    """Return the identity of the task that this line says was sent, None if it says no such.

    Only a body in quotes counts: a bare text may be a remark, such as "Sent 30 messages".
    """
    match = _SENT.match(line)
    body = None if match is None else _body_of_literal(match[1].strip())
    return None if body is None else body_text(body)


def is_done(line: str) -> bool:
    """Tell whether this line says that the task received last is done."""
    return _DONE.match(line) is not None


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
        text = _ESCAPE.sub(_unescaped, inner) if "\\" in inner else inner
        body = text.encode("latin-1") if is_bytes else text.encode("utf-8", "backslashreplace")
    except (ValueError, OverflowError):
        return None
    if repr(body if is_bytes else text) == literal:
        return body
    # Quoted by another language than Python: believed as long as nothing in it is ambiguous.
    return None if "\\" in inner or quoted[0] in inner else inner.encode("utf-8", "replace")


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPED.get(code, code)
