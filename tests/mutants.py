"""Break every line of the judging code in turn and see whether a test notices: ``make mutants``.

``python tests/mutants.py [--jobs J] [NAME…]``, names as mutmut prints them, with ``*``. What judges
(decoder, tap, programs, checkers, verdicts, strikes) is copied to ``.mutants/`` and mutated there
by mutmut, which remembers what it has tried. A mutant that no test kills is either killed by a new
test or listed in ``tests/mutants.toml`` with the reason why nobody could tell it from the original.
Ends with 1 if one survives that is not listed, if one is listed that does not survive, or if fewer
than 98 % are killed.
"""

from __future__ import annotations

import argparse
import ast
import fnmatch
import os
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".mutants"
LISTED = ROOT / "tests" / "mutants.toml"
WANTED_SHARE = 0.98
PACKAGES, SOURCES = "harness/", "src/"
"""Where the package is, and the only other place than the root in which mutmut finds one."""
MUTATED = [
    "src/filaprova/amqp/*",
    "src/filaprova/judge/*",
    "src/filaprova/programs/*",
    "src/filaprova/scenario/strike.py",
    "src/filaprova/wiretap/*",
]
NOT_MUTATED = ["src/filaprova/programs/lesson/launcher.py"]
"""It runs in the processes of the programs, where mutmut cannot tell which test called what."""
EXAMINED_BY = [
    "tests/harness/amqp",
    "tests/harness/judge",
    "tests/harness/programs",
    "tests/harness/scenario/test_strike.py",
    "tests/harness/wiretap",
]
NEEDED = ["harness", "tests/harness", "tests/*.py", "scenarios", "docs", "README.md"]
CONFIGURATION = f"""
[tool.pytest.ini_options]
addopts = "--import-mode=importlib"

[tool.mutmut]
source_paths = ["src/filaprova"]
only_mutate = {MUTATED}
do_not_mutate = {NOT_MUTATED}
also_copy = ["scenarios", "docs", "README.md"]
pytest_add_cli_args = ["-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = {EXAMINED_BY}
"""
SURROUNDINGS = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # each mutant is a run of its own: a short beginning
    "CI": "true",  # Hypothesis then tries the same examples each time
    "PYTHONPATH": str(WORK / "mutants" / "src"),  # programs that a test starts run mutants as well
}
KILLED = {"killed", "timeout", "segfault", "caught by type check"}


class Mutant(NamedTuple):
    """A changed line of one function; the name that mutmut gives it changes with those before."""

    function: str
    before: str
    after: str


def undecorated(source: str) -> str:
    """Return the module with ``@d def f`` written as ``def f``, ``f = d(f)``, which mutmut mutates.

    It leaves decorated functions alone, and a checker is one.
    """
    lines = source.splitlines()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for function in sorted(functions, key=lambda node: -node.lineno):
        indent = " " * function.col_offset
        applied = [
            f"{indent}{function.name} = {ast.unparse(decorator)}({function.name})"
            for decorator in reversed(function.decorator_list)
        ]
        assert function.end_lineno is not None
        lines[function.end_lineno : function.end_lineno] = applied
        for decorator in reversed(function.decorator_list):
            assert decorator.end_lineno is not None
            del lines[decorator.lineno - 1 : decorator.end_lineno]
    return "\n".join(lines) + "\n"


def copy_tree() -> None:
    """Bring ``.mutants/`` up to date, touching only what has changed."""
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *NEEDED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    wanted = {
        moved(name): (ROOT / name).read_bytes() for name in tracked if (ROOT / name).is_file()
    }
    for name, content in wanted.items():
        if name.endswith(".py") and any(fnmatch.fnmatch(name, pattern) for pattern in MUTATED):
            wanted[name] = undecorated(content.decode()).encode()
    wanted["pyproject.toml"] = CONFIGURATION.encode()
    for top in ("src", "tests", "scenarios", "docs"):
        for path in (WORK / top).rglob("*"):
            if path.is_file() and str(path.relative_to(WORK)) not in wanted:
                path.unlink()
    for name, content in wanted.items():
        path = WORK / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def moved(name: str) -> str:
    """Return where a file of the checkout is in ``.mutants/``."""
    inside = name.removeprefix(PACKAGES)
    return name if inside == name else SOURCES + inside


def mutmut(*arguments: str, shown: bool = False) -> str:
    """Run mutmut in ``.mutants/``; return what it printed, unless it is ``shown`` in a terminal."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("mutmut")), *arguments],
        cwd=WORK,
        env=os.environ | SURROUNDINGS,
        stdout=None if shown and sys.stdout.isatty() else subprocess.PIPE,
        text=True,
    )
    if done.returncode != 0:
        sys.exit(f"mutmut {arguments[0]} ended with {done.returncode}:\n{done.stdout or ''}")
    return done.stdout or ""


def mutant(name: str) -> Mutant:
    """Return the mutant of this name: the line that it changes, before and after."""
    diff = [line for line in mutmut("show", name).splitlines() if line[:3] not in ("---", "+++")]
    before = [line[1:].strip() for line in diff if line.startswith("-")]
    after = [line[1:].strip() for line in diff if line.startswith("+")]
    return Mutant(function_of(name), " ".join(before), " ".join(after))


def function_of(name: str) -> str:
    """Return ``module.function`` of a mutant's name."""
    module, _, mangled = name.rpartition(".")
    function = mangled.rpartition("__mutmut_")[0].removeprefix("x_").removeprefix("xǁ")
    return f"{module}.{function.replace('ǁ', '.')}"


def reckoning(
    fates: Mapping[str, str], survivors: Mapping[str, Mutant], listed: Collection[Mutant]
) -> tuple[list[str], bool]:
    """Return what is to be told of the mutants, and whether it is as it has to be."""
    unlisted = {name: mutant for name, mutant in survivors.items() if mutant not in listed}
    gone = [mutant for mutant in listed if mutant not in survivors.values()]
    killed = len(fates) - len(survivors)
    share = killed / max(len(fates), 1)
    told = [
        *(f"survives ({fates[name]}): {name}{_shown(mutant)}" for name, mutant in unlisted.items()),
        *(f"listed, but killed or gone: {mutant.function}{_shown(mutant)}" for mutant in gone),
        ", ".join(f"{fate} {count}" for fate, count in Counter(fates.values()).most_common()),
        f"killed {killed} of {len(fates)} = {share:.1%}; {len(survivors) - len(unlisted)} survive "
        f"with a reason, {len(unlisted)} without one, {len(gone)} listed for nothing",
    ]
    return told, not unlisted and not gone and share >= WANTED_SHARE


def _shown(mutant: Mutant) -> str:
    return f"\n  - {mutant.before}\n  + {mutant.after}\n"


def main() -> int:
    """Mutate, count and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these mutants")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="J")
    options = parser.parse_args()
    copy_tree()
    # Python looks for a folder of PYTHONPATH only as it starts
    (WORK / "mutants" / SOURCES).mkdir(parents=True, exist_ok=True)
    # which tests go through a function may have changed, and is found out again
    (WORK / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
    mutmut("run", "--max-children", str(options.jobs), *options.names, shown=True)
    fates: dict[str, str] = {}
    for line in mutmut("results", "--all", "true").splitlines():
        name, _, fate = line.strip().rpartition(": ")
        if name and (not options.names or any(fnmatch.fnmatch(name, p) for p in options.names)):
            fates[name] = fate
    functions = {function_of(name) for name in fates}
    listed = [
        Mutant(entry["function"], entry["from"], entry["to"])
        for entry in tomllib.loads(LISTED.read_text(encoding="utf-8"))["equivalent"]
        if not options.names or entry["function"] in functions
    ]
    survivors = {name: mutant(name) for name in fates if fates[name] not in KILLED}
    told, good = reckoning(fates, survivors, listed)
    print("", *told, sep="\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
