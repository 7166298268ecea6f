"""What answers.html shows, as data: views of a run in two languages, ready for the template."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from filaprova.judge.verdict import SAID, Outcome, Verdict, Witness, worst
from filaprova.phrase import Worded
from filaprova.record.event import DRAIN
from filaprova.record.wire import ConsumerStarted
from filaprova.report.pictures.album import Album, Picture
from filaprova.report.pictures.choice import scenario_for, wanted_for
from filaprova.report.pictures.picture_words import picture_words
from filaprova.report.text.bilingual import Bilingual, decimal, joined, same
from filaprova.report.text.by_hand import HandStep, by_hand
from filaprova.report.text.catalogue import Catalogue, Claim, Exercise, Question, Texts
from filaprova.report.text.causes import Cause, causes
from filaprova.report.text.failure import name_of, problem_line, seconds
from filaprova.report.text.figures import Figures, descend, missing, render, variant_of
from filaprova.report.text.learnt import learnt
from filaprova.report.text.repeat import repeat_command
from filaprova.report.text.subject_status import (
    SubjectStatus,
    other_scenarios,
    outcome_for,
    statuses,
)
from filaprova.runs.results import CheckResult, Problem, RunResult, ScenarioResult
from filaprova.runs.store import HISTORY


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """One check as the page shows it."""

    name: str
    title: Bilingual
    result: Bilingual | None
    """Its figures in one sentence; None where the checker gave none."""
    verdict: Verdict
    told: Mapping[str, Bilingual]
    """What the verdict says, by its fields: ``summary``, ``expected``, ``seen``, ``hint``."""
    evidence: Sequence[tuple[Bilingual, Witness, Bilingual]]
    """When, by which witness, what."""
    blame: Bilingual | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioView:
    """One scenario as the page shows it, with the checks that matter there."""

    scenario: ScenarioResult
    title: Bilingual
    family: Bilingual | None
    problem: Bilingual | None
    """Why it could not be carried out to its end, in all its lines."""
    skipped: Bilingual
    """Why it was skipped; empty: it was not."""
    checks: Sequence[CheckView]
    command: str
    history: str | None
    """Address of the history, relative to the page."""
    by_hand: Sequence[HandStep]
    pictures: Sequence[Picture]
    pictured_at: str | None
    """Where on the page its pictures are, if they are not here."""
    workers: Sequence[str]
    """The programs that subscribed to a queue in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectView:
    """How an exercise or a claim stands."""

    id: str
    status: SubjectStatus
    title: Bilingual
    result: Bilingual | None
    """Its result in one sentence, only if everything that belongs to it passed."""
    obstacles: Sequence[Bilingual]
    """What stands in the way otherwise."""
    scenarios: Sequence[ScenarioView]

    @property
    def workers(self) -> list[str]:
        """Return the workers of its scenarios."""
        return _workers_of(self.scenarios)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    """A question with its answer, only if every exercise behind it passed."""

    id: str
    question: Bilingual
    short: Bilingual
    answer: Bilingual | None
    exercises: Sequence[SubjectView]
    pictures: Sequence[Picture]

    @property
    def outcome(self) -> Outcome:
        """Return the worst outcome of its exercises, as far as they were run."""
        return _worst_of(self.exercises)

    @property
    def workers(self) -> list[str]:
        """Return the workers of its exercises."""
        return _workers_of(self.exercises)

    @property
    def is_asked(self) -> bool:
        """Tell whether the run has carried out anything that the question asks for."""
        return any(view.scenarios for view in self.exercises)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """A claim with its ruling, only if every support of it passed."""

    id: str
    says: Bilingual
    ruling: str | None
    because: Bilingual | None
    supports: Sequence[SubjectView]
    """What the ruling rests on; the claim itself where it has checks of its own."""

    @property
    def is_asked(self) -> bool:
        """Tell whether the run has carried out anything that the claim rests on."""
        return any(view.scenarios for view in self.supports)

    @property
    def outcome(self) -> Outcome:
        """Return the worst outcome of its supports, as far as they were run."""
        return _worst_of(self.supports)

    @property
    def workers(self) -> list[str]:
        """Return the workers of its supports."""
        return _workers_of(self.supports)


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseView:
    """Something that went wrong, and where."""

    family: Bilingual
    told: Bilingual
    blame: Bilingual | None
    shown: ScenarioView
    """The scenario to look at, with the checks that did not pass."""
    others: Sequence[ScenarioView]
    """Others in which the same went wrong."""

    @property
    def exercises(self) -> list[str]:
        """Return the exercises in which it went wrong."""
        return _in_order(
            subject for view in (self.shown, *self.others) for subject in view.scenario.subjects
        )

    @property
    def workers(self) -> list[str]:
        """Return the workers of the scenarios in which it went wrong."""
        return _workers_of([self.shown, *self.others])


@dataclass(frozen=True, slots=True, kw_only=True)
class TermView:
    """A word that the page explains."""

    id: str
    word: Bilingual
    forms: Bilingual
    meaning: Bilingual


class Page:
    """Everything that the template asks for."""

    def __init__(self, run: RunResult, catalogue: Catalogue, folder: Path | None = None) -> None:
        self._run = run
        self._texts = catalogue.texts
        self._contents = catalogue.contents
        self._figures = Figures(run)
        self._album = Album(folder, picture_words(self))
        self._pictured: dict[str, str] = {}
        """Where the pictures of each scenario are, by its id."""
        self._workers: dict[str, list[str]] = {}
        """The workers of each scenario, by its id."""
        self.causes = [self._cause(cause) for cause in causes(run)]
        status = statuses(run, self._contents)
        subjects = [
            *(self._exercise(item, status[item.id]) for item in self._contents.exercises),
            *(self._claim_subject(item, status[item.id]) for item in self._contents.claims),
        ]
        self._subjects = {view.id: view for view in subjects}
        self.title = self._both(lambda texts: texts.title)
        self.findings_heading = self._both(lambda texts: texts.findings_heading)
        self.exercises = [self._subjects[item.id] for item in self._contents.exercises]
        self.carried_out = [view.id for view in self.exercises if view.scenarios]
        self.not_run = [view for view in self.exercises if view.status.outcome is None]
        self.questions = [self._question(item) for item in self._contents.questions]
        self.claims = [self._claim(item) for item in self._contents.claims]
        asked = {subject for item in self._contents.questions for subject in item.answered_by}
        self.unasked = [view for view in self.exercises if view.id not in asked and view.scenarios]
        """Exercises that no question asks for; claims rest on them."""
        self.proven_below = {
            view.id
            for view in (
                *self.unasked,
                *(each for item in self.questions if item.is_asked for each in item.exercises),
            )
        }
        """Exercises that the page tells how it knows them; of the others it has the names only."""
        self.others = [
            self._scenario(item, item.checks) for item in other_scenarios(run, self._contents)
        ]
        self.workers = _in_order(name for names in self._workers.values() for name in names)
        self.skipped = [(item, self.skip(item)) for item in run.scenarios if item.skipped]
        green = not self.causes and not self.skipped
        self.answers_first = green and any(view.answer for view in self.questions)
        """Whether what was to be found out comes before what was carried out."""
        self.findings = [self._finding(key) for key in self._contents.findings]
        self.glossary = [self._term(key) for key in self._texts["en"].glossary]
        self.notes = self._notes()
        self.overall = self._overall()
        self.facts = self._facts()
        self.brief = self._brief()
        self.command = repeat_command(run)

    def interface(self, key: str, *details: object) -> Bilingual:
        """Return a text of the interface, with its details."""
        return self._both(lambda texts: texts.interface[key]).filled(*details)

    def said(self, english: str) -> Bilingual:
        """Return what a scenario says: its title, or a step."""
        return self._both(lambda texts: texts.say(english))

    def name(self, scenario: ScenarioResult) -> Bilingual:
        """Return how people call a scenario: its title with its variant."""
        return self._both(lambda texts: name_of(scenario, texts))

    def learnt(self, scenario: ScenarioResult) -> Bilingual:
        """Return in a sentence what a scenario has shown."""
        return self._both(lambda texts: learnt(scenario, texts))

    def skip(self, scenario: ScenarioResult) -> Bilingual:
        """Return why a scenario was skipped; empty: it was not."""
        return self.told(scenario.skipped, scenario.skipped_worded)

    def problem_line(self, problem: Problem | None) -> Bilingual:
        """Return the first line of what a problem says; empty where there is none."""
        line = self._both(lambda texts: problem_line(problem, texts))
        return line.quoting(line.en) if line.pt == line.en else line

    def summary(self, scenario: ScenarioResult, check: CheckView) -> Bilingual:
        """Return what a check says of a scenario; tasks are called as in its pictures."""
        return self._album.with_numbers(scenario, check.told["summary"])

    def told(self, text: str, worded: Worded | None) -> Bilingual:
        """Return what we say of a run, in English words where Portuguese has none."""
        both = self._both(lambda texts: texts.tell(text, worded))
        return both.quoting(text) if both.pt == text else both

    def seconds(self, value: float) -> Bilingual:
        """Return a duration as each language writes it."""
        return self._both(lambda texts: f"{value:.1f} s".replace(".", texts.words.decimal))

    def at(self, at_ns: int) -> Bilingual:
        """Return a moment of a scenario as each language writes it."""
        return self._both(lambda texts: seconds(at_ns, texts))

    def _both(self, write: Callable[[Texts], str]) -> Bilingual:
        return Bilingual(pt=write(self._texts["pt"]), en=write(self._texts["en"]))

    def _sentence(self, choose: Callable[[Texts], str]) -> Bilingual:
        """Return a sentence of the lesson's texts with this run's figures."""
        return self._both(
            lambda texts: render(choose(texts), self._figures.lookup, texts.words),
        )

    def _exercise(self, exercise: Exercise, status: SubjectStatus) -> SubjectView:
        return self._subject(
            status,
            self._both(lambda texts: texts.exercises[exercise.id].title),
            self._sentence(lambda texts: texts.exercises[exercise.id].result),
        )

    def _claim_subject(self, claim: Claim, status: SubjectStatus) -> SubjectView:
        return self._subject(status, self.interface("own_checks", claim.id), None)

    def _subject(
        self, status: SubjectStatus, title: Bilingual, result: Bilingual | None
    ) -> SubjectView:
        by_scenario = [
            (scenario, [check for owner, check in status.checks if owner is scenario])
            for scenario in status.scenarios
        ]
        return SubjectView(
            id=status.subject,
            status=status,
            title=title,
            result=result if status.settled else None,
            obstacles=list(self._obstacles(status)),
            scenarios=[self._scenario(scenario, checks) for scenario, checks in by_scenario],
        )

    def _obstacles(self, status: SubjectStatus) -> Sequence[Bilingual]:
        subject = status.subject
        if status.outcome is None:
            return [self.interface("obstacle_not_run", subject)]
        found = []
        for scenario in status.scenarios:
            several = len(status.scenarios) > 1
            name = f"{subject} [{variant_of(scenario)}]" if several else subject
            failing = [check for owner, check in status.failing if owner is scenario]
            for check in failing:
                outcome = check.verdict.outcome.value
                view = self._check(check)
                said = self.summary(scenario, view)
                found.append(self.interface(f"obstacle_{outcome}", name, view.title, said))
            if scenario.skipped:
                found.append(self.interface("obstacle_skipped", name, self.skip(scenario)))
            elif scenario.problem:
                family = self.interface(_key(scenario.problem.family))
                told = self.problem_line(scenario.problem)
                found.append(self.interface("obstacle_problem", name, family, told))
            elif not failing and outcome_for(scenario, subject) is not Outcome.PASS:
                found.append(self.interface("obstacle_unjudged", name))
        if status.missing_variants:
            variants = ", ".join(status.missing_variants)
            found.append(self.interface("obstacle_variants", subject, variants))
        return found

    def _scenario(self, scenario: ScenarioResult, checks: Sequence[CheckResult]) -> ScenarioView:
        problem = scenario.problem
        place = self._pictured.get(scenario.id)
        pictures = self._album.of_scenario(scenario) if place is None else []
        history = self._album.history(scenario) if place is None else None
        if pictures:
            self._pictured[scenario.id] = pictures[0].id
        if history is not None:
            subscribed = [event.client for event in history.of(ConsumerStarted)]
            self._workers[scenario.id] = _in_order(name for name in subscribed if name != DRAIN)
        return ScenarioView(
            scenario=scenario,
            title=self.said(scenario.title or scenario.id),
            family=self.interface(_key(problem.family)) if problem else None,
            problem=self.told(problem.message, problem.worded) if problem else None,
            skipped=self.skip(scenario),
            checks=[self._check(check) for check in checks],
            command=repeat_command(self._run, scenario.id),
            history=_address(scenario.folder),
            by_hand=by_hand(history) if history is not None else [],
            pictures=pictures,
            pictured_at=place,
            workers=self._workers.get(scenario.id, []),
        )

    def _cause(self, cause: Cause) -> CauseView:
        check = self._check(cause.check) if cause.check else None
        told = (
            self.summary(cause.scenarios[0], check) if check else self.problem_line(cause.problem)
        )
        shown, *others = (
            self._scenario(item, [check for check in item.checks if not _passed(check)])
            for item in cause.scenarios
        )
        return CauseView(
            family=self.interface(_key(cause.family)),
            told=told,
            blame=check.blame if check else None,
            shown=shown,
            others=others,
        )

    def _check(self, check: CheckResult) -> CheckView:
        name, verdict = check.check.name, check.verdict
        lookup = partial(descend, verdict.figures)
        known = all(name in texts.checks for texts in self._texts.values())
        complete = known and not any(
            missing(texts.checks[name].result, lookup) for texts in self._texts.values()
        )
        return CheckView(
            name=name,
            title=self._both(lambda texts: texts.checks[name].title)
            if known
            else Bilingual(name, name),
            result=self._both(lambda texts: render(texts.checks[name].result, lookup, texts.words))
            if complete
            else None,
            verdict=verdict,
            told={
                field: self.told(getattr(verdict, field), verdict.worded.get(field))
                for field in SAID
                if getattr(verdict, field)
            },
            evidence=[
                (self.at(item.at_ns), item.witness, self.told(item.text, item.worded))
                for item in verdict.evidence
            ],
            blame=self.interface(f"blame_{verdict.blame}") if verdict.blame else None,
        )

    def _question(self, question: Question) -> QuestionView:
        exercises = [self._subjects[subject] for subject in question.answered_by]
        settled = bool(exercises) and all(view.status.settled for view in exercises)
        return QuestionView(
            id=question.id,
            question=self._both(lambda texts: texts.questions[question.id].question),
            short=self._both(lambda texts: texts.questions[question.id].short),
            answer=self._sentence(lambda texts: texts.questions[question.id].answer)
            if settled
            else None,
            exercises=exercises,
            pictures=self._pictures_for(question),
        )

    def _pictures_for(self, question: Question) -> list[Picture]:
        pictures = []
        for wanted in wanted_for(question):
            scenarios = self._subjects[wanted.exercise].status.scenarios
            scenario = scenario_for(wanted, scenarios)
            if scenario is not None:
                pictures += self._album.of_subject(scenario, wanted.exercise, wanted.kinds)
        return pictures

    def _claim(self, claim: Claim) -> ClaimView:
        own = self._subjects[claim.id]
        supports = [self._subjects[subject] for subject in claim.supported_by]
        if own.status.judged and own not in supports:
            supports.append(own)
        settled = bool(supports) and all(view.status.settled for view in supports)
        return ClaimView(
            id=claim.id,
            says=self._both(lambda texts: texts.claims[claim.id].says),
            ruling=claim.ruling if settled else None,
            because=self._sentence(lambda texts: texts.claims[claim.id].because)
            if settled
            else None,
            supports=supports,
        )

    def _finding(self, key: str) -> tuple[Bilingual, Bilingual]:
        return (
            self._both(lambda texts: texts.findings[key].title),
            self._both(lambda texts: texts.findings[key].text),
        )

    def _term(self, key: str) -> TermView:
        return TermView(
            id=f"word-{key}",
            word=self._both(lambda texts: texts.glossary[key].word),
            forms=self._both(lambda texts: texts.glossary[key].forms),
            meaning=self._both(lambda texts: texts.glossary[key].meaning),
        )

    def _overall(self) -> Bilingual:
        return self.interface(
            "overall",
            sum(view.status.settled for view in self.exercises),
            len(self.exercises),
            sum(view.answer is not None for view in self.questions),
            len(self.questions),
            sum(view.ruling is not None for view in self.claims),
            len(self.claims),
        )

    def _facts(self) -> list[tuple[Bilingual, Bilingual]]:
        """Return what was run, as far as it is known."""
        run, broker = self._run, self._run.broker
        reason = broker.get("reason", "")
        settings = [
            f"{name} = {value}" for name, value in run.settings.items() if value and name != "seed"
        ]
        facts = {
            "broker": same(f"{broker.get('product', '')} {broker.get('version', '')}".strip()),
            "erlang": same(broker.get("erlang_version", "")),
            "backend": same(broker.get("backend", "")),
            "image": same(broker.get("image", "")),
            "reason": self.told(reason, run.worded.get(reason)),
            "seed": same(str(run.seed)),
            "date": same(run.started_at),
            "run": same(run.run),
            "host": joined([self._host(*fact) for fact in run.host.items() if fact[1]], ", "),
            "settings": same(", ".join(settings)),
        }
        return [(self.interface(f"fact_{name}"), text) for name, text in facts.items() if text.en]

    def _host(self, name: str, value: str) -> Bilingual:
        """Return one fact about the machine, by a name that each language has."""
        known = f"host_{name}" in self._texts["en"].interface
        called = self.interface(f"host_{name}") if known else same(name)
        told = decimal(value) if name == "memory" else same(value)
        return joined([called, told], " ")

    def _brief(self) -> Bilingual:
        """Return what was run, where and when, in one line."""
        run, broker = self._run, self._run.broker
        product = [broker.get(name, "") for name in ("product", "version", "backend")]
        processors, memory = (run.host.get(name, "") for name in ("processors", "memory"))
        machine = [same(f"{processors} CPU")] if processors else []
        machine += [decimal(memory)] if memory else []
        parts = [
            same(" ".join(filter(None, product))),
            same(run.started_at.replace("T", " ").replace("+00:00", " UTC")),
            joined([self.interface("fact_seed"), same(str(run.seed))], " "),
            joined(machine, ", "),
            self.seconds(run.seconds),
        ]
        return joined([part for part in parts if part.en], " · ")

    def _notes(self) -> list[Bilingual]:
        transient = self._run.broker.get("transient_queues", "permitted")
        notes = []
        if all(transient in texts.transient_queues for texts in self._texts.values()):
            notes.append(self._both(lambda texts: texts.transient_queues[transient]))
        others = [note for note in self._run.notes if not note.startswith("transient_queues:")]
        return notes + [self.told(note, self._run.worded.get(note)) for note in others]


def _passed(check: CheckResult) -> bool:
    return check.verdict.outcome is Outcome.PASS


def _in_order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _workers_of(views: Iterable[ScenarioView | SubjectView]) -> list[str]:
    return _in_order(name for view in views for name in view.workers)


def _worst_of(views: Iterable[SubjectView]) -> Outcome:
    outcomes = (view.status.outcome for view in views)
    return worst(outcome for outcome in outcomes if outcome is not None)


def _key(family: str) -> str:
    return f"family_{family.replace(' ', '_')}"


def _address(folder: str) -> str | None:
    """Return the address of a scenario's history, if its folder lies within the run's folder."""
    path = PurePosixPath(folder)
    if not folder or path.is_absolute() or ".." in path.parts:
        return None
    return f"./{quote(str(path / HISTORY), errors='surrogatepass')}"
