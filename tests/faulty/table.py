"""Write ``docs/FAULTS.md``: ``python -m tests.faulty.table``. Ends with 1 if something slipped.

Tries every fault of the gallery, and what is none. The figures of the strangers, by origin, are
those that ``python -m tests.strangers --figures`` wrote last.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import filaprova.judge.checks
from filaprova.judge.verdict import Outcome
from tests.faulty.gallery import FAULTS, HONEST, RECORDS, STORY, Fault
from tests.faulty.trial import Trial, open_gallery
from tests.strangers.__main__ import FIGURES
from tests.strangers.cases import AT_FIRST, ORIGINS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/FAULTS.md"
NOBODY = "nobody for certain"
HEAD = """# The gallery of the broken

Programs and set-ups that are wrong in one way each, tried against a real broker, and honest
programs, which must not be condemned. Written by `python -m tests.faulty.table`;
`tests/faulty/gallery.py` describes each of them, and `tests/faulty/gallery_test.py` asserts each
row. Do not edit by hand.

Programs are tried as a user would try them, with `pytest scenarios --programs`, each in a run of
its own. Rows marked *set-up* cannot be tried so, since no user could make them: somebody meddles
with the broker, or with Filaprova itself, in the midst of the lesson's scenario.

"Nobody for certain" means that the record cannot tell whose fault it is, and that the check says
so instead of guessing.
"""
STRANGERS = """The gallery is our own; the programs of `tests/strangers` are not. The strangers
were written without a look at how a check works, in nine rounds: what was said of them at first is
what can be expected for programs that nobody has tried yet. What was wrong is mended, and no more
than that is what their present figures tell. Known from the start, since something wrong was said
of them, are those in the manner of public scripts, and an adversary's.
"""
LIMITS = """## What the record cannot tell

- **What somebody takes out of a queue on the side looks like what the broker drops.** The tap sees
  its own clients only. A length limit, a time to live and a thief leave the same gap, so nobody is
  blamed for what is missing from a queue and was never delivered.
- **What a tap forwards twice or not at all, and records otherwise, looks like the fault of whoever
  is behind it.** Of its record the numbers of deliveries show a hole; of the bytes it forwards
  there is no second witness here, so `tests/harness/wiretap` examines those byte by byte.
- **A publish, an acknowledgement or a line of output that the recorder loses looks like one that
  never was.** Only deliveries are numbered by somebody else. (A lost publish is noticed when its
  task is delivered: tasks that nobody was seen to publish make a doubt.)
- **A worker that does not work.** A worker that prints Received and Done at once cannot be told
  from a fast one.
- **A publisher that skips a task and does not say that it sent it**, where nobody knows how many
  it was to send. In the lesson it may send as many as it likes, whatever it is asked for.
- **Somebody who holds tasks on the side and gives them back.** The broker counts what is ready
  and what is held; together they are right, and nobody of ours holds any.
- **A clock that stands still.** No two events have one time, so it goes on by nanoseconds; the
  order is right, and times are not compared with another clock.
- **Whether publisher or workers have the wrong queue**, where each keeps to its own.
- **A child of a killed worker that is done within milliseconds.** What it prints before the end of
  the worker is on the record counts as the worker's own.
- **A worker that goes on with what it held when its connection was lost.** That it was done twice
  is caught; that it happened without a connection is not shown, since its lines and the end of its
  connection come in by two ways.
"""


def known_checkers() -> list[str]:
    """Return the names of all checkers of the harness."""
    return sorted(filaprova.judge.checks.__all__)


def accusing(trials: Sequence[Trial]) -> dict[str, list[Trial]]:
    """Return which faults each checker noticed by itself.

    A record with a hole makes every checker doubt, so those faults do not count.
    """
    found: dict[str, list[Trial]] = {name: [] for name in known_checkers()}
    for trial in trials:
        if trial.fault not in RECORDS:
            for name in trial.accused:
                found[name].append(trial)
    return found


def alone(trials: Sequence[Trial]) -> dict[str, list[Trial]]:
    """Return which faults each checker was the only one to notice."""
    return {
        name: [trial for trial in noticed if len(trial.accused) == 1]
        for name, noticed in accusing(trials).items()
    }


def complaints(trial: Trial) -> list[str]:
    """Return in what the outcome of a trial is not what its fault says; empty: it is."""
    fault, accused = trial.fault, trial.accused
    wrong = []
    if fault.outcome is Outcome.PASS:
        if trial.result.outcome is not Outcome.PASS:
            wrong.append("it is noticed now: say by what")
    elif trial.result.outcome is Outcome.PASS:
        wrong.append("it was not noticed")
    elif fault.says and not re.search(fault.says, trial.story):
        wrong.append(f"the story does not say {fault.says!r}")
    elif fault.caught_by == STORY:
        if not trial.story:
            wrong.append("the scenario was carried out to its end")
    elif fault.caught_by not in accused:
        wrong.append(f"{fault.caught_by} did not notice")
    else:
        verdict = accused[fault.caught_by].verdict
        if (verdict.outcome, verdict.blame) != (fault.outcome, fault.blame):
            wrong.append(f"{fault.caught_by} says {verdict.outcome} and blames {verdict.blame}")
    wrong += [
        f"{name} blames the {check.verdict.blame}"
        for name, check in accused.items()
        if check.verdict.blame not in (fault.at_fault, None)
    ]
    return wrong


def row(fault: Fault) -> str:
    """Return what the document must say about a fault, but for how long it took."""
    who = fault.blame or NOBODY
    says = str(fault.outcome).upper()
    kind = "" if fault.is_of_programs else " *(set-up)*"
    told = f"{fault.at_fault} | {fault.wrong}{kind} | {fault.spoils}"
    by = {STORY: f"why it could not be carried out: {says}", "": "**not caught**"}.get(
        fault.caught_by, f"`{fault.caught_by}`: {says}"
    )
    return f"| {told} | {by} | {who} |"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Trials of faults, and of what is none, counted."""

    caught: int
    faulty: int
    rightly_blamed: int
    with_a_culprit: int
    condemned: int
    honest: int

    @classmethod
    def of(cls, trials: Sequence[Trial], honest: Sequence[Trial]) -> Counted:
        """Count; an honest program is condemned if a check fails or accuses anybody."""
        sure = [trial for trial in trials if trial.fault.blame is not None]
        return cls(
            caught=sum(trial.result.outcome is not Outcome.PASS for trial in trials),
            faulty=len(trials),
            rightly_blamed=sum(parties(trial) == {trial.fault.blame} for trial in sure),
            with_a_culprit=len(sure),
            condemned=sum(
                trial.result.outcome is Outcome.FAIL or bool(parties(trial)) for trial in honest
            ),
            honest=len(honest),
        )


def parties(trial: Trial) -> set[str]:
    """Return everybody that a check of a trial names as at fault."""
    return {check.verdict.blame for check in trial.accused.values() if check.verdict.blame}


def front(counted: Counted, strangers: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return the figures, as the lines of a table; those of the strangers are by origin."""
    lines = [
        "| | Caught | Rightly blamed, of those whose culprit the record tells | "
        "Honest ones condemned | The same, when first tried |",
        "|---|---|---|---|---|",
    ]
    rows: dict[str, Mapping[str, int]] = {"gallery": dataclasses.asdict(counted)}
    rows |= {origin: strangers[origin] for origin in ORIGINS if origin in strangers}
    return lines + [
        f"| {ORIGINS.get(origin, 'Gallery')} | {figures['caught']} of {figures['faulty']} | "
        f"{figures['rightly_blamed']} of {figures['with_a_culprit']} | "
        f"{figures['condemned']} of {figures['honest']} | "
        f"{'; '.join(AT_FIRST.get(origin, ['–']))} |"
        for origin, figures in rows.items()
    ]


def document(trials: Sequence[Trial], honest: Sequence[Trial], seconds: float) -> str:
    """Return the document; ``seconds``: how long all took together."""
    strangers = json.loads(FIGURES.read_text()) if FIGURES.is_file() else {}
    lonely = alone(trials)
    never = ", ".join(f"`{name}`" for name, noticed in lonely.items() if not noticed)
    lines = [
        HEAD,
        *front(Counted.of(trials, honest), strangers),
        "",
        STRANGERS,
        f"All of the gallery together: {seconds:.0f} s.",
        "",
        "| Whose fault | What is wrong | Spoils | Caught by | Blamed | Seconds |",
        "|---|---|---|---|---|---|",
        *(f"{row(trial.fault)} {trial.result.seconds:.1f} |" for trial in trials),
        "",
        LIMITS,
        "## Which check notices what",
        "",
        "How many faults it notices, and how many nobody else notices; what makes the record as a "
        "whole doubtful is left out.",
        "",
        "| Check | Notices | Alone |",
        "|---|---|---|",
        *(
            f"| `{name}` | {len(noticed)} | {len(lonely[name])} |"
            for name, noticed in accusing(trials).items()
        ),
        "",
        f"Never the only one: {never or 'none'}.",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Try all, write the document, say what slipped."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, open_gallery(Path(folder)) as gallery:
        gallery.begin([*FAULTS, *HONEST])
        trials = [gallery.trial(fault) for fault in FAULTS]
        honest = [gallery.trial(fault) for fault in HONEST]
    told = document(trials, honest, time.monotonic() - started)
    DOCUMENT.write_text(told, encoding="utf-8")
    slipped = [f"{trial.fault.name}: {what}" for trial in trials for what in complaints(trial)]
    slipped += [
        f"{trial.fault.name}: {trial.told}"
        for trial in honest
        if trial.result.outcome is not Outcome.PASS
    ]
    print(*slipped, f"{DOCUMENT.name}: {len(trials)} faults", sep="\n")
    return bool(slipped)


if __name__ == "__main__":
    sys.exit(main())
