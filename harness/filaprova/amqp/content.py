"""The content of one message, put together from its frames without holding a long body."""

from __future__ import annotations

import hashlib
from typing import Any

from filaprova.record.event import BODY_TEXT_LIMIT_BYTES, body_text, long_body_text

QUEUE_NAME_LIMIT_BYTES = 255


class Content:
    """The properties and the text of one message; at most ``BODY_TEXT_LIMIT_BYTES`` are kept."""

    __slots__ = ("_beginning", "_digest", "body_bytes", "missing_bytes", "properties")

    def __init__(self, body_bytes: int, properties: dict[str, Any]) -> None:
        self.body_bytes = body_bytes
        self.missing_bytes = body_bytes
        self.properties = properties
        self._beginning = b""
        self._digest = hashlib.sha256() if body_bytes > BODY_TEXT_LIMIT_BYTES else None

    def add(self, part: bytes) -> None:
        """Take the next part of the body; ``missing_bytes`` tells what is still to come."""
        self.missing_bytes -= len(part)
        if self._digest is None:
            self._beginning += part
        else:
            self._digest.update(part)
            self._beginning += part[: BODY_TEXT_LIMIT_BYTES - len(self._beginning)]

    @property
    def delivery_count(self) -> int | None:
        """Return the header ``x-delivery-count`` of a quorum queue."""
        count = self.properties.get("headers", {}).get("x-delivery-count")
        return count if type(count) is int else None  # a bool would be an int

    @property
    def priority(self) -> int | None:
        """Return the priority that the publisher gave it."""
        priority: int | None = self.properties.get("priority")
        return priority

    @property
    def dead_lettered_from(self) -> str | None:
        """Return the queue of the newest entry, which is the first, of the header ``x-death``.

        A publisher can send such a header itself. What is not one as the broker writes it
        (www.rabbitmq.com/docs/dlx) says nothing.
        """
        match self.properties.get("headers", {}).get("x-death"):
            case [{"queue": str(queue)}, *_] if len(queue.encode()) <= QUEUE_NAME_LIMIT_BYTES:
                return queue
        return None

    def identity(self) -> tuple[str, str | None]:
        """Return the task's identity, and the body's text where that is not the identity."""
        if self._digest is None:
            text = body_text(self._beginning)
        else:
            text = long_body_text(self._beginning, self._digest.hexdigest())
        message_id = self.properties.get("message_id")
        return (message_id, text) if message_id else (text, None)
