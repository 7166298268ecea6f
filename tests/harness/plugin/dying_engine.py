"""A socket before the machine's Docker engine that can go dead: for its clients the engine has."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from pathlib import Path

from docker.utils import parse_host


class DyingEngine:
    """Passes bytes to and from the real engine until ``die``, and again after ``revive``."""

    def __init__(self, path: Path) -> None:
        """Listen at ``path``."""
        self.url = f"unix://{path}"
        self._path = path
        self._engine = real_engine()
        self._living: list[socket.socket] = []
        self._server: socket.socket | None = None
        self.revive()

    def revive(self) -> None:
        """Answer (again)."""
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self._path))
        self._server.listen()
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def die(self) -> None:
        """Cut every connection; no new one is taken."""
        if self._server is None:
            return
        self._path.unlink()
        for each in (self._server, *self._living):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._server = None
        self._living.clear()

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                engine = socket.socket(socket.AF_UNIX)
                engine.connect(self._engine)
                self._living += [client, engine]
                for pair in ((client, engine), (engine, client)):
                    threading.Thread(target=_pump, args=pair, daemon=True).start()


def real_engine() -> str:
    """Return the path of the socket at which the machine's own engine listens."""
    return parse_host(os.environ.get("DOCKER_HOST")).removeprefix("http+unix://")


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(1 << 16):
            sink.sendall(chunk)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
