"""The documents name everything that is there, and nothing that is not."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from filaprova import defaults
from filaprova.command_line import OPTIONS
from filaprova.report.text.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PORTUGUESE = (ROOT / "README.pt-BR.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "reports" / "example"
ARCHITECTURE = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "reports/README.md")
    for path in ROOT.glob(pattern)
    if path.name != "CHANGELOG.md"  # tells of what was, too
)
NAMED_FILE = re.compile(r"`((?:harness|scenarios|tests|setup|benchmarks|docs|\.ci)/[^`\s*{}…]*)`")


def option_names() -> list[str]:
    return [f"--{name}" for name in OPTIONS]


def make_targets() -> list[str]:
    lines = (ROOT / "Makefile").read_text().splitlines()
    return [match[1] for line in lines if (match := re.match(r"([a-z]+):.*## ", line))]


def programs() -> list[str]:
    folder = ROOT / "scenarios" / "lesson" / "programs"
    return sorted(path.name for path in folder.glob("0*.py"))


def harness_files() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "harness").rglob("*.py"))]


def mentioned(name: str, text: str) -> bool:
    """Tell whether a name stands in a text, and not only as a part of a longer one."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def layers_in_tests() -> list[set[str]]:
    for node in ast.parse((ROOT / "tests" / "test_layers.py").read_text()).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "LAYERS":
            assert node.value is not None
            return list(ast.literal_eval(node.value))
    raise AssertionError("tests/test_layers.py has no LAYERS")


def layers_in_architecture() -> list[set[str]]:
    rows = re.findall(r"^\| \d+ \| (.+) \|$", ARCHITECTURE, re.MULTILINE)
    return [set(re.findall(r"`([\w.]+)`", row)) for row in rows]


@pytest.mark.parametrize("option", option_names())
def test_readme_tells_of_each_option(option: str) -> None:
    assert mentioned(option, README)


def test_readme_tells_the_default() -> None:
    assert f"default {defaults.SECONDS_PER_DOT:g}." in README


def test_readme_tells_of_no_other_option() -> None:
    own = {*option_names(), "--junitxml", "--alluredir"}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README))
    assert {re.sub("^--filaprova-", "--", name) for name in named} <= {*own, "--"}


@pytest.mark.parametrize("target", make_targets())
def test_readme_tells_of_each_make_target(target: str) -> None:
    assert mentioned(f"make {target}", README)


@pytest.mark.parametrize("program", programs())
def test_readme_tells_of_each_program(program: str) -> None:
    assert mentioned(f"`{program}`", README)


@pytest.mark.parametrize("path", harness_files())
def test_architecture_tells_of_each_file(path: str) -> None:
    assert re.search(rf"^- `{re.escape(path)}`: \S", ARCHITECTURE, re.MULTILINE)


def test_architecture_has_the_layers_of_the_test() -> None:
    assert layers_in_architecture() == layers_in_tests()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_is_there(path: Path) -> None:
    named = NAMED_FILE.findall(path.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_section_that_is_linked_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_path_of_one_machine(path: Path) -> None:
    found = re.findall(r"(?<![\w.~])/(?:home|root|tmp|work|Users)/\S*", path.read_text())
    assert found == []


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "decisions").glob("*.md")))
def test_architecture_links_to_each_decision(path: Path) -> None:
    assert f"(decisions/{path.name})" in ARCHITECTURE


def example_scenarios() -> list[Path]:
    return sorted(path.parent for path in EXAMPLE.glob("*/history.jsonl"))


def test_the_example_is_there_and_small() -> None:
    assert "<!DOCTYPE html>" in (EXAMPLE / "answers.html").read_text(encoding="utf-8")
    assert (EXAMPLE / "results.json").is_file()
    assert example_scenarios()
    size = sum(path.stat().st_size for path in EXAMPLE.rglob("*") if path.is_file())
    assert size < 4_000_000


@pytest.mark.parametrize("folder", example_scenarios(), ids=lambda folder: str(folder.name))
def test_the_example_can_be_judged_again(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "filaprova", "recheck", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_link_of_the_example_leads_somewhere() -> None:
    page = (EXAMPLE / "answers.html").read_text()
    linked = re.findall(r'href="\./([^"]+)"', page)
    assert linked
    assert [name for name in linked if not (EXAMPLE / name).exists()] == []


def test_no_path_of_one_machine_in_the_example() -> None:
    found = [
        f"{path.name}: {match}"
        for path in EXAMPLE.rglob("*")
        if path.is_file()
        for match in re.findall(
            r"(?<![\w.~/<-])/(?:home|root|tmp|work|Users)/\S{,40}", path.read_text()
        )
    ]
    assert found == []


@pytest.mark.parametrize("option", option_names())
def test_the_portuguese_readme_tells_of_each_option(option: str) -> None:
    assert mentioned(option, PORTUGUESE)


@pytest.mark.parametrize("target", make_targets())
def test_the_portuguese_readme_tells_of_each_make_target(target: str) -> None:
    assert mentioned(f"make {target}", PORTUGUESE)


@pytest.mark.parametrize("program", programs())
def test_the_portuguese_readme_tells_of_each_program(program: str) -> None:
    assert mentioned(f"`{program}`", PORTUGUESE)


def test_both_readmes_show_the_same_failure_and_run() -> None:
    for pattern in (r"reports/\d{8}-\S+", r"seen:     .*", r"--[a-z][a-z-]+"):
        assert set(re.findall(pattern, README)) == set(re.findall(pattern, PORTUGUESE))


def test_a_missing_name_is_found() -> None:
    assert not mentioned("--broker", "--broker-image and more-than--broker")
    assert mentioned("--broker", "`--broker`, --broker-image")
    assert NAMED_FILE.findall("see `harness/nowhere.py` and `filaprova.record.history`") == [
        "harness/nowhere.py"
    ]


def test_the_page_explains_words_as_the_glossary_does() -> None:
    """The texts of the page are the source; the document has them in its table."""
    document = (ROOT / "docs" / "GLOSSARY.md").read_text(encoding="utf-8").replace("*", "")
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|", document, re.MULTILINE))
    for term in load_catalogue().texts["en"].glossary.values():
        assert rows[term.word] == term.meaning
