"""Interpreter: whether a Python can run the programs, and what is missing where it cannot."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence

from filaprova.errors import BadInput
from filaprova.phrase import Phrase, say

LIMIT_S = 30.0
_ASK = """
import json, sys
told = {"version": sys.version.split()[0], "new_enough": sys.version_info >= (3, 8)}
try:
    import pika, pika.connection
    told["pika"] = pika.__version__
    told["usable"] = hasattr(pika.connection.Parameters, "ssl_options")
except ImportError:
    pass
print(json.dumps(told))
"""
_MISSING = re.compile(r"^(?:ModuleNotFoundError|ImportError): No module named '?([\w.]+)'?")


def find_interpreter(named: str) -> tuple[str, str]:
    """Return the path of a Python that can run the programs, and what it is, in words.

    ``named`` is a path or a command. Raises ``BadInput`` with what it lacks.
    """
    path = shutil.which(named)
    if path is None:
        raise BadInput(f"there is no program {named} that could be run")
    try:
        answer = subprocess.run(
            [path, "-c", _ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT_S,
            check=True,
        )
        told = json.loads(answer.stdout)
        version = told["version"]
    except (OSError, subprocess.SubprocessError, ValueError, TypeError, KeyError) as error:
        raise BadInput(f"{path} does not answer as a Python interpreter does") from error
    if not told["new_enough"]:
        raise BadInput(f"{path} is Python {version}; the programs' launcher needs 3.8 or later")
    if "pika" not in told:
        raise BadInput(
            f"{path} (Python {version}) has no pika. Install it there: {path} -m pip install pika"
        )
    if not told["usable"]:
        raise BadInput(
            f"{path} (Python {version}) has pika {told['pika']}, which is too old. Install 1.0 or "
            f"later there: {path} -m pip install --upgrade pika"
        )
    return path, f"Python {version} with pika {told['pika']}"


def missing_package(lines: Sequence[str]) -> str | None:
    """Return the module that a Python program could not find; None: it says no such."""
    for line in reversed(lines):
        found = _MISSING.match(line.strip())
        if found:
            return found[1].partition(".")[0]
    return None


def hint_for_missing(package: str, *, interpreter: str, program: str) -> Phrase:
    """Return what can be done about a package that an interpreter does not have."""
    return say(
        "hint: {}, which runs the programs, finds no {}. Install what brings it along (perhaps: "
        "{} -m pip install {}), or name an interpreter that has it, and pika, with --python PATH; "
        "a module of your own belongs beside {}",
        interpreter,
        repr(package),
        interpreter,
        package,
        program,
    )
