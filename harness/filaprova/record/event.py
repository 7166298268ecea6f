"""Every kind of event that a history may hold: the vocabulary of the record.

Three sources write them: the wire (decoded by ``filaprova.amqp``), the programs under examination
(their output and their ends) and the harness's own acts. All carry ``at_ns``, nanoseconds of one
monotonic clock since the history was opened. Events say what was seen and never judge.

``task`` is the identity of a task: the ``message_id`` property if the publisher set one, else the
body's text (UTF-8 with backslash escapes; a body over 256 bytes is cut and gets its SHA-256).
``client`` is the name of the process whose tap port the bytes went through ("C1", "producer").
``connection`` counts the TCP connections of all clients of one history, from 1.
"""

from __future__ import annotations

import hashlib

import msgspec

SCHEMA = 1

BODY_TEXT_LIMIT_BYTES = 256

DRAIN = "drain"
"""Client name of the harness's own consumer: what is delivered to it was left in the queue."""


def body_text(body: bytes) -> str:
    """Return the text form of a body, the same for every witness.

    UTF-8, with what is not UTF-8 as backslash escapes; a body over ``BODY_TEXT_LIMIT_BYTES`` is
    cut there and its SHA-256 follows.
    """
    if len(body) <= BODY_TEXT_LIMIT_BYTES:
        return body.decode("utf-8", "backslashreplace")
    return long_body_text(body[:BODY_TEXT_LIMIT_BYTES], hashlib.sha256(body).hexdigest())


def long_body_text(beginning: bytes, sha256: str) -> str:
    """Return the text form of a long body from its beginning and its digest alone."""
    return f"{beginning.decode('utf-8', 'backslashreplace')}… sha256:{sha256}"


class Event(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag=True,
    tag_field="event",
    omit_defaults=True,
    gc=False,
):
    """Something that was seen or done ``at_ns`` nanoseconds after the history was opened."""

    at_ns: int
