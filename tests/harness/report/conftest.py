"""Results built by hand, a small lesson in two languages, and a page read back as a tree."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from filaprova.judge import registry
from filaprova.judge.registry import Check
from filaprova.judge.verdict import Outcome, Verdict, worst
from filaprova.report.text.catalogue import (
    Catalogue,
    CheckText,
    Claim,
    ClaimText,
    Contents,
    Exercise,
    ExerciseText,
    FindingText,
    Question,
    QuestionText,
    TermText,
    Texts,
    WantedPictures,
)
from filaprova.report.text.figures import Words
from filaprova.runs.results import CheckResult, RunResult, ScenarioResult

# ---------------------------------------------------------------- results


class Make:
    """Build results with as few words as possible."""

    def check(
        self,
        subject: str = "L05",
        *,
        name: str = "tasks_lost",
        checkpoint: str = "end",
        arguments: dict[str, Any] | None = None,
        outcome: Outcome = Outcome.PASS,
        summary: str = "Nothing to add.",
        **verdict: Any,
    ) -> CheckResult:
        return CheckResult(
            subject=subject,
            checkpoint=checkpoint,
            check=Check(name=name, arguments=arguments or {}),
            verdict=Verdict(
                **{"check": name, "outcome": outcome, "summary": summary, **verdict},
            ),
        )

    def scenario(
        self,
        *checks: CheckResult,
        id: str = "scenarios/lesson/test_05_auto.py::test_killed",
        folder: str = "05-auto-killed",
        title: str = "A worker dies.",
        outcome: Outcome | None = None,
        **fields: Any,
    ) -> ScenarioResult:
        return ScenarioResult(
            id=id,
            folder=folder,
            title=title,
            outcome=outcome or worst(item.verdict.outcome for item in checks),
            checks=list(checks),
            **fields,
        )

    def run(self, *scenarios: ScenarioResult, **fields: Any) -> RunResult:
        defaults: dict[str, Any] = {
            "run": "20260131-142501-9f3c",
            "started_at": "2026-01-31T14:25:01+00:00",
            "seconds": 12.0,
            "seed": 7,
            "broker": {"product": "RabbitMQ", "version": "4.1.0", "backend": "local"},
        }
        return RunResult(**(defaults | fields), scenarios=list(scenarios))

    def whole_run(self) -> RunResult:
        """Return a run in which everything of the small lesson was run and passed."""
        node = "scenarios/lesson/test_{}.py::test_{}"
        return self.run(
            *(
                self.scenario(
                    self.check("L05", figures={"lost": lost, "pushed": 1234}),
                    self.check("control", name="wire_decoded"),
                    id=node.format("05_auto", f"killed[{variant}]"),
                    folder=f"05-{variant}",
                    title=f"Strike by {variant}.",
                    variant=variant,
                    subjects=["L05"],
                    seconds=2.25,
                )
                for variant, lost in (("interrupt", 1), ("kill", 3))
            ),
            self.scenario(
                self.check("L06", figures={"waited_s": 1.5}),
                id=node.format("06_manual", "manual"),
                folder="06-manual",
                title="Acknowledge by hand.",
                subjects=["L06"],
            ),
            self.scenario(
                self.check("L14"),
                self.check("K5", name="redelivered"),
                id=node.format("14_redeclare", "redeclare"),
                folder="14-redeclare",
                title="Declare again.",
                subjects=["L14", "K5"],
            ),
            self.scenario(
                self.check("control", name="wire_decoded"),
                id=node.format("controls", "no_fault"),
                folder="controls-no-fault",
                title="Nothing is broken on purpose.",
            ),
        )


@pytest.fixture
def make() -> Make:
    return Make()


# ---------------------------------------------------------------- a lesson


class Telling(str):
    """A text of the interface that shows its key and every detail it is given."""

    def format(self, *details: object, **_: object) -> str:
        return f"{self}<{' | '.join(map(str, details))}>" if details else str(self)


class Interface(dict[str, str]):
    """A complete interface: whatever is asked for is there, and remembered."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def __missing__(self, key: str) -> str:
        text = f"{self.language}:{key}"
        self[key] = Telling(f"one {text}|many {text}" if key.startswith("count_") else text)
        return self[key]


PORTUGUESE = Words(
    decimal=",",
    thousands=".",
    yes="sim",
    no="não",
    nothing="nada",
    and_more="e mais {}",
    unmeasured="não medido nesta execução ({})",
    reasons={
        "not_run": "{} não foi executado",
        "variant_not_run": "{} não foi executada",
        "skipped": "pulado: {}",
        "interrupted": "interrompido: {}",
        "no_figure": "sem o valor {}",
        "ambiguous": "{} é ambíguo",
    },
)
ENGLISH = Words(
    decimal=".",
    thousands=",",
    yes="yes",
    no="no",
    nothing="none",
    and_more="and {} more",
    unmeasured="not measured in this run ({})",
    reasons={
        "not_run": "{} was not run",
        "variant_not_run": "{} was not run",
        "skipped": "skipped: {}",
        "interrupted": "broken off: {}",
        "no_figure": "no figure {}",
        "ambiguous": "{} is ambiguous",
    },
)


def texts(language: str) -> Texts:
    def say(portuguese: str, english: str) -> str:
        return portuguese if language == "pt" else english

    return Texts(
        words=PORTUGUESE if language == "pt" else ENGLISH,
        exercises={
            "L05": ExerciseText(
                title=say("Confirmação automática", "Automatic acknowledgement"),
                result=say(
                    "`kill`: {L05[kill][lost]:tarefa perdida|tarefas perdidas}"
                    " de {L05[kill][pushed]}.",
                    "`kill`: {L05[kill][lost]:task|tasks} lost of {L05[kill][pushed]}.",
                ),
            ),
            "L06": ExerciseText(
                title=say("À mão", "By hand"),
                result=say("Esperou {L06[waited_s]:.1f}.", "It waited {L06[waited_s]:.1f}."),
            ),
            "L14": ExerciseText(title=say("De novo", "Again"), result=say("Recusado.", "Refused.")),
        },
        questions={
            "3": QuestionText(
                question=say("O que se perde?", "What is lost?"),
                short=say("Perdas", "Losses"),
                answer=say(
                    "Perdem-se {L05[kill][lost]} de {L05[kill][pushed]}.",
                    "{L05[kill][lost]} of {L05[kill][pushed]} are lost.",
                ),
            ),
            "4": QuestionText(
                question=say("E à mão?", "And by hand?"),
                short=say("À mão", "By hand"),
                answer=say("Nada se perde.", "Nothing is lost."),
            ),
        },
        claims={
            key: ClaimText(
                says=say(f"A lição afirma {key}", f"The lesson claims {key}"),
                because=say(f"Porque {key}.", f"Because of {key}."),
            )
            for key in ("K3", "K5", "K8")
        },
        findings={
            "dot": FindingText(title=say("O ponto", "The dot"), text=say("Um `ponto`.", "A `dot`."))
        },
        glossary={
            "prefetch": TermText(
                word="prefetch", forms="prefetch", meaning=say("Quantas.", "How many.")
            )
        },
        checks={
            "tasks_lost": CheckText(
                title=say("Tarefas perdidas", "Tasks lost"),
                result=say("Perdidas: {lost}.", "Lost: {lost}."),
            )
        },
        transient_queues={"refused": say("Filas recusadas.", "Queues are refused.")},
        interface=Interface(language),
        title=say("A lição", "The lesson"),
        findings_heading=say("Achados", "Findings"),
    )


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue(
        contents=Contents(
            exercises=[
                Exercise(id="L05", variants=["interrupt", "kill"]),
                Exercise(id="L06"),
                Exercise(id="L14"),
            ],
            questions=[
                Question(
                    id="3",
                    answered_by=["L05"],
                    pictures=[
                        WantedPictures(
                            exercise="L05", variant="kill", kinds=["timeline", "sequence"]
                        )
                    ],
                ),
                Question(id="4", answered_by=["L06"]),
            ],
            claims=[
                Claim(id="K3", ruling="confirmed", supported_by=["L05"]),
                Claim(id="K5", ruling="refuted", supported_by=["K5"]),
                Claim(id="K8", ruling="made precise", supported_by=["L14", "L06"]),
            ],
            findings=["dot"],
        ),
        texts={language: texts(language) for language in ("pt", "en")},
    )


@pytest.fixture
def portuguese() -> Words:
    return PORTUGUESE


@pytest.fixture
def english() -> Words:
    return ENGLISH


# ---------------------------------------------------------------- a page as a tree

VOID = {"meta", "input", "br", "hr", "img", "link"}


@dataclass
class Node:
    tag: str
    attributes: dict[str, str | None]
    children: list[Node | str] = field(default_factory=list)

    def nodes(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.nodes()

    def find(self, id: str) -> Node:
        (found,) = [node for node in self.nodes() if node.attributes.get("id") == id]
        return found

    def having(self, name: str) -> list[Node]:
        """Return the nodes of a class."""
        return [n for n in self.nodes() if name in (n.attributes.get("class") or "").split()]

    def text(self, language: str | None = None) -> str:
        """Return the text that is shown when this language is chosen (None: both)."""
        hidden = {"pt": "en", "en": "pt"}.get(language or "", "nothing")
        parts = []
        for child in self.children:
            if isinstance(child, str):
                parts.append(child)
            elif child.tag not in ("style", "script") and child.attributes.get("class") != hidden:
                space = "\n" if child.tag in ("dt", "dd") else ""
                parts.append(f"{space}{child.text(language)}{space}")
        return "".join(parts)


class Reader(HTMLParser):
    """Read a page whose every element is closed where it should be."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in <{tag}>"
        node = Node(tag, dict(attrs))
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


@pytest.fixture
def read_page() -> Callable[[str], Node]:
    def read_page(html: str) -> Node:
        reader = Reader()
        reader.feed(html)
        reader.close()
        assert reader.open == [reader.root], "something is left open"
        return reader.root

    return read_page


# ---------------------------------------------------------------- machine and registry


@pytest.fixture
def unwritable() -> Iterator[Path]:
    """Give a folder in which this process may not write, even where tests run as root.

    Not below ``tmp_path``: the folders above that are closed to others, and not ours alone to open.
    """
    with contextlib.ExitStack() as stack:
        outer = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = outer / "unwritable"
        folder.mkdir()
        stack.callback(folder.chmod, 0o755)
        folder.chmod(0o555)
        if os.geteuid() == 0:
            outer.chmod(0o755)
            stack.callback(os.seteuid, 0)
            os.seteuid(65534)
        yield folder


@pytest.fixture
def register() -> Iterator[Callable[..., Callable[..., Check]]]:
    """Register checkers as ``@checker`` does; forget them after the test."""
    added: list[str] = []

    def register(function: Callable[..., Verdict]) -> Callable[..., Check]:
        name = function.__name__
        assert name in added or name not in registry.checkers(), f"{name} is a real checker"
        added.append(name)
        return registry.checker(function)

    yield register
    for name in added:
        registry._registry.pop(name, None)
