"""One fuzzer at work on one target: ``python -m tests.fuzz.child TARGET [libFuzzer's arguments]``.

A process of its own, because atheris takes the process over: it instruments the harness while it is
imported, and ends the process when it is done or has found something.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["filaprova"]):
    from tests.fuzz.planted import PLANTED
    from tests.fuzz.targets.registry import TARGETS


def main() -> None:
    name, *arguments = sys.argv[1:]
    # What libFuzzer is started with again where it needs a process of its own (merging).
    itself = f"{sys.executable} -m tests.fuzz.child {name}"
    with (TARGETS | PLANTED)[name].examiner() as examine:
        atheris.Setup([itself, *arguments], examine)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
