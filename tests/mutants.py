"""Break every line of the judging code in turn and see whether a test notices: ``make mutants``.

``python tests/mutants.py [--jobs J] [NAME…]``, names as mutmut prints them, with ``*``. What judges
(decoder, tap, programs, checkers, verdicts, strikes) is copied to ``.mutants/`` and mutated there
by mutmut; ``tests/mutant_lanes.py`` tries the mutants and remembers which it has killed. A mutant
that no test kills is either killed by a new test or listed in ``tests/mutants.toml`` with the
reason why nobody could tell it from the original.
Ends with 1 if one survives that is not listed, if one is listed that does not survive, or if fewer
than 98 % are killed.
"""

from __future__ import annotations

import argparse
import ast
import fnmatch
import json
import os
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".mutants"
LISTED = ROOT / "tests" / "mutants.toml"
FATES = "fates.jsonl"
"""In the folder of the mutants: what came of each that was tried."""
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
NOT_EXAMINED_BY = "tests/harness/wiretap/test_rabbitmq.py"
"""A boot of the broker for each mutant would take longer than all others do."""
ONE = "filaprova.judge.verdict.x_worst__mutmut_1"
"""mutmut makes all mutants and finds out which tests go through what before it tries this one."""
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
KILLED = {"killed", "timeout"}


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


def link_scenarios() -> None:
    """Let the package have its scenarios in both trees, as in the checkout: by a link."""
    for tree in (WORK, WORK / "mutants"):
        link = tree / SOURCES / "filaprova" / "scenarios"
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to("../../scenarios")


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


def try_all(names: Sequence[str], jobs: int) -> None:
    """Try the mutants of these names, by default all, and keep what came of them."""
    chosen = [argument for name in names for argument in ("--name", name)]
    where = ["--ignore", NOT_EXAMINED_BY, *EXAMINED_BY]
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutant_lanes", "--jobs", str(jobs), *chosen, "--", *where],
        cwd=WORK / "mutants",
        env=os.environ | SURROUNDINGS,
    )
    if done.returncode != 0:
        sys.exit(f"the mutants could not be tried: pytest ended with {done.returncode}")


def function_key(mutant: str) -> str:
    """Return what mutmut calls the function of a mutant."""
    return mutant.rpartition("__mutmut_")[0]


def module_of(mutant: str) -> str:
    """Return the module of a mutant."""
    return mutant.rpartition(".")[0]


def mangled_name(mutant: str) -> str:
    """Return what mutmut calls the function of a mutant within its module."""
    return function_key(mutant).removeprefix(module_of(mutant) + ".")


def is_chosen(mutant: str, names: Collection[str]) -> bool:
    """Tell whether a mutant has one of these names, or there are none."""
    return not names or any(fnmatch.fnmatch(mutant, name) for name in names)


def all_mutants(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name of each mutant that mutmut has made, and the hash of its function."""
    for written in sorted((folder / SOURCES).rglob("*.meta")):
        meta = json.loads(written.read_text(encoding="utf-8"))
        for mutant in meta["exit_code_by_key"]:
            yield mutant, meta["hash_by_function_name"][mangled_name(mutant)]


def read_fates(folder: Path) -> dict[str, dict[str, str]]:
    """Return what came of each mutant that was tried, the last time it was."""
    if not (folder / FATES).exists():
        return {}
    lines = (folder / FATES).read_text(encoding="utf-8").splitlines()
    return {fate["mutant"]: fate for fate in map(json.loads, lines)}


def mutant(name: str) -> Mutant:
    """Return the mutant of this name: the line that it changes, before and after."""
    diff = [line for line in mutmut("show", name).splitlines() if line[:3] not in ("---", "+++")]
    before = [line[1:].strip() for line in diff if line.startswith("-")]
    after = [line[1:].strip() for line in diff if line.startswith("+")]
    return Mutant(function_of(name), " ".join(before), " ".join(after))


def function_of(name: str) -> str:
    """Return ``module.function`` of a mutant's name."""
    function = mangled_name(name).removeprefix("x_").removeprefix("xǁ")
    return f"{module_of(name)}.{function.replace('ǁ', '.')}"


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
    # Python looks for a folder of PYTHONPATH only as it starts, so it has to be there before
    link_scenarios()
    # which tests go through a function may have changed, and is found out again
    (WORK / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
    mutmut("run", "--max-children", str(options.jobs), ONE, shown=True)
    try_all(options.names, options.jobs)
    tried = read_fates(WORK / "mutants")
    fates = {
        name: tried[name]["fate"]
        for name, _ in all_mutants(WORK / "mutants")
        if is_chosen(name, options.names)
    }
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
