"""A RabbitMQ node as a user may keep one: external_node.py FOLDER start|stop|kill.

The folder holds the environment and the command of the server; beside them the pid is kept. The
server stays in the background, as that of a service does.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil


def main(folder: Path, act: str) -> None:
    pid_file = folder / "server.pid"
    if act == "start":
        with (folder / "log").open("ab") as log:
            server = subprocess.Popen(
                json.loads((folder / "command.json").read_text()),
                env=json.loads((folder / "environment.json").read_text()),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        pid_file.write_text(str(server.pid))
        return
    server = psutil.Process(int(pid_file.read_text()))
    server.send_signal({"stop": signal.SIGTERM, "kill": signal.SIGKILL}[act])
    server.wait(30)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
