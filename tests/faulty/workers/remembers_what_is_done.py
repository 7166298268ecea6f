"""Does nothing that it or another has done before; what is done they all write into one file."""

import sys
from pathlib import Path

from worker import as_it_should_be, received, run

DONE = Path(sys.argv[0]).with_name("done")
DONE.touch()


def on_message(channel, method, properties, body):
    if body.decode() in DONE.read_text().splitlines():
        received(body)
    else:
        as_it_should_be(channel, method, properties, body)
        with DONE.open("a") as done:
            done.write(f"{body.decode()}\n")


run(on_message)
