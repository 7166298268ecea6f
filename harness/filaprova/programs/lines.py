"""Cut a stream of bytes into lines, within bounds."""

from __future__ import annotations

LINE_LIMIT_BYTES = 2 << 20
"""What is kept of one line while it is read: enough to recognise a task with a body of 1 MiB."""


class LineCutter:
    """Takes chunks, gives lines; holds at most ``LINE_LIMIT_BYTES`` of an unfinished line."""

    def __init__(self) -> None:
        self._unfinished = bytearray()

    def feed(self, chunk: bytes) -> list[str]:
        """Return the lines that this chunk completes, without their line ends."""
        *complete, rest = chunk.split(b"\n")
        lines = []
        for piece in complete:
            self._keep(piece)
            lines.append(self._text())
        self._keep(rest)
        return lines

    def finish(self) -> list[str]:
        """Return the last line if it has no line end; there may be none."""
        return [self._text()] if self._unfinished else []

    def _keep(self, piece: bytes) -> None:
        self._unfinished += piece[: LINE_LIMIT_BYTES - len(self._unfinished)]

    def _text(self) -> str:
        text = self._unfinished.decode("utf-8", "backslashreplace")
        self._unfinished.clear()
        return text.removesuffix("\r")
