"""Break every line of the judging code in turn and see whether a test notices: ``make mutants``.

``python tests/mutants.py [--jobs J] [NAME…]``, names as mutmut prints them, with ``*``. What judges
(decoder, checkers, verdicts, strikes) is copied to ``.mutants/`` and mutated there by mutmut, which
remembers what it has tried. A mutant that no test kills is either killed by a new test or listed in
``tests/mutants.toml`` with the reason why nobody could tell it from the original. Ends with 1 if
one survives that is not listed, if one is listed that does not survive, or if fewer than 95 % are
killed.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".mutants"
LISTED = ROOT / "tests" / "mutants.toml"
WANTED_SHARE = 0.95
MUTATED = ["harness/amqp/*", "harness/checkers/*", "harness/strike.py", "harness/verdict.py"]
EXAMINED_BY = [
    "tests/harness/amqp",
    "tests/harness/checkers",
    "tests/harness/test_strike.py",
    "tests/harness/test_verdict.py",
]
NEEDED = ["harness", "tests/harness", "scenarios", "docs", "README.md"]
CONFIGURATION = f"""
[tool.pytest.ini_options]
addopts = "--import-mode=importlib"

[tool.mutmut]
source_paths = ["harness"]
only_mutate = {MUTATED}
also_copy = ["scenarios", "docs", "README.md"]
pytest_add_cli_args = ["-p", "no:filaprova", "-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = {EXAMINED_BY}
"""
KILLED = {"killed", "timeout", "segfault", "caught by type check"}
Mutant = tuple[str, str]


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
    wanted = {name: (ROOT / name).read_bytes() for name in tracked if (ROOT / name).is_file()}
    for name, content in wanted.items():
        if name.endswith(".py") and any(fnmatch.fnmatch(name, pattern) for pattern in MUTATED):
            wanted[name] = undecorated(content.decode()).encode()
    wanted["pyproject.toml"] = CONFIGURATION.encode()
    for top in ("harness", "tests", "scenarios", "docs"):
        for path in (WORK / top).rglob("*"):
            if path.is_file() and str(path.relative_to(WORK)) not in wanted:
                path.unlink()
    for name, content in wanted.items():
        path = WORK / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def mutmut(*arguments: str, quiet: bool = True) -> str:
    """Run mutmut in ``.mutants/``; return what it printed."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("mutmut")), *arguments],
        cwd=WORK,
        stdout=subprocess.PIPE if quiet else None,
        text=True,
        check=True,
    )
    return done.stdout or ""


def changed(name: str) -> Mutant:
    """Return the line that this mutant changes, before and after."""
    diff = [line for line in mutmut("show", name).splitlines() if line[:3] not in ("---", "+++")]
    before = [line[1:].strip() for line in diff if line.startswith("-")]
    after = [line[1:].strip() for line in diff if line.startswith("+")]
    return " ".join(before), " ".join(after)


def function_of(name: str) -> str:
    """Return ``module.function`` of a mutant's name."""
    module, _, mangled = name.rpartition(".")
    function = mangled.rpartition("__mutmut_")[0].removeprefix("x_").removeprefix("xǁ")
    return f"{module}.{function.replace('ǁ', '.')}"


def main() -> int:
    """Mutate, count and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these mutants")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="J")
    options = parser.parse_args()
    copy_tree()
    mutmut("run", "--max-children", str(options.jobs), *options.names, quiet=False)
    fates: dict[str, str] = {}
    for line in mutmut("results", "--all", "true").splitlines():
        name, _, fate = line.strip().rpartition(": ")
        if name and (not options.names or any(fnmatch.fnmatch(name, p) for p in options.names)):
            fates[name] = fate
    listed = {
        (entry["function"], entry["from"], entry["to"]): entry["why"]
        for entry in tomllib.loads(LISTED.read_text(encoding="utf-8"))["equivalent"]
    }
    survivors = {
        name: (function_of(name), *changed(name)) for name in fates if fates[name] not in KILLED
    }
    unlisted = {name: what for name, what in survivors.items() if what not in listed}
    gone = [] if options.names else [what for what in listed if what not in survivors.values()]
    for name, (_, before, after) in unlisted.items():
        print(f"\nsurvives ({fates[name]}): {name}\n  - {before}\n  + {after}")
    for function, before, after in gone:
        print(f"\nlisted, but killed or gone: {function}\n  - {before}\n  + {after}")
    killed = sum(fate in KILLED for fate in fates.values())
    share = killed / max(len(fates), 1)
    print(f"\n{len(fates)} mutants: {dict(Counter(fates.values()))}")
    print(
        f"killed {killed} of {len(fates)} = {share:.1%}; {len(survivors) - len(unlisted)} survive "
        f"with a reason, {len(unlisted)} without one, {len(gone)} listed for nothing"
    )
    return 1 if unlisted or gone or share < WANTED_SHARE else 0


if __name__ == "__main__":
    sys.exit(main())
