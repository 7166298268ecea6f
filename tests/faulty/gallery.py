"""The gallery of the broken: programs and set-ups that are wrong in one way each.

Each names the scenario of the lesson that it spoils, the check that must notice, and who is to
blame for it; None where the record cannot tell. ``docs/FAULTS.md`` shows what became of them.

Faults of programs are tried as a user would try them: ``pytest scenarios --programs``. Faults of a
broker's set-up and of ourselves cannot be; they are made in the midst of the lesson's scenario.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from filaprova.judge.verdict import Blame, Outcome
from filaprova.runs.session import Session
from filaprova.scenario import Scenario
from tests.faulty import meddling

HERE = Path(__file__).resolve().parent
FAIL, UNKNOWN, PASS = Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS
WORKER: Blame = "worker"
PUBLISHER: Blame = "publisher"
BROKER: Blame = "broker"
HARNESS: Blame = "harness"
ENVIRONMENT: Blame = "environment"

Act: TypeAlias = Callable[[Session, Scenario], Callable[[], None] | None]
Change: TypeAlias = Callable[[Session, pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is wrong in one way, and what is to come of it."""

    name: str
    wrong: str
    """What is wrong, in one sentence."""
    at_fault: Blame | None
    """Whose fault it is in truth; None: nobody's, all is as it should be."""
    spoils: str
    """The exercise, or the control: one of ``SCENARIOS``."""
    caught_by: str
    """The check that must not pass; ``STORY``: why the scenario could not be carried out; empty:
    nothing does, for now."""
    outcome: Outcome = FAIL
    """What the check must say."""
    blame: Blame | None
    """Whom the check must blame; None: it must say that it cannot tell."""
    says: str = ""
    """What that story must say, as a regular expression."""
    programs: Mapping[str, str] = field(default_factory=dict)
    """Which of the lesson's programs are replaced by which of ours."""
    meddle: Change | None = None
    at_step: tuple[str, Act] | None = None
    """At which step of the scenario, by the beginning of its title, something is done aside."""
    until_step: str = ""
    """At which later step it is undone; at none: when the scenario is over."""
    policy: Mapping[str, str | int] = field(default_factory=dict)
    """Policy of the broker for all queues."""

    @property
    def scenario(self) -> str:
        """Return the scenario's function, with the variant in brackets."""
        return SCENARIOS[self.spoils]

    @property
    def is_of_programs(self) -> bool:
        """Tell whether programs are all that is wrong: then it is tried as a user would."""
        return not (self.meddle or self.at_step or self.policy)


STORY = "story"
MANUAL = "02_worker_consumer_ack.py"
NONE = "02_worker_consumer_noack.py"
TIMED = "02_worker_consumer_timed.py"
LAZY = "02_worker_consumer.py"
LASTING = "02_worker_consumer_ack_durable.py"
FAIR = "02_worker_consumer_ack_prefetch.py"
PLAIN_TASKS = "01_producer.py"
TIMED_TASKS = "01_producer_timed.py"
DURABLE_TASKS = "01_producer_durable.py"
TRANSIENT_TASKS = "01_producer_durable_transient.py"


SCENARIOS = {
    "L01": "test_serial_sending",
    "L02": "test_round_robin[2]",
    "L03": "test_messages_first[2]",
    "L04": "test_tasks_that_take_time[3]",
    "L05": "test_automatic_acknowledgement[kill]",
    "L06": "test_no_acknowledgement[kill]",
    "L08": "test_manual_acknowledgement[kill]",
    "L08 told to end": "test_manual_acknowledgement[terminate]",
    "K5": "test_done_but_not_acknowledged",
    "L10": "test_server_stop",
    "L11": "test_durable_queue_and_persistent_tasks",
    "L14": "test_redeclare",
    "L15": "test_fair_dispatch[kill]",
    "K10": "test_prefetch_without_effect[prefetch_too_late]",
    "L16": "test_long_tasks[in_turn]",
    "L17 with tasks": "test_delete_a_queue_with_tasks",
    "L17 under work": "test_delete_a_queue_under_work",
    "control": "test_nobody_is_harmed[manual_acknowledgement]",
    "control without acknowledgement": "test_nobody_is_harmed[no_acknowledgement]",
}


def worker(program: str, plays: str, spoils: str, caught_by: str, **others: Any) -> Fault:
    """Return a worker's fault; the program's docstring tells it."""
    programs = {plays: f"workers/{program}.py"}
    return _program("workers", program, programs, WORKER, spoils, caught_by, others)


def publisher(program: str, plays: str, spoils: str, caught_by: str, **others: Any) -> Fault:
    """Return a publisher's fault; the program's docstring tells it."""
    programs = {plays: f"publishers/{program}.py"}
    return _program("publishers", program, programs, PUBLISHER, spoils, caught_by, others)


def _program(
    folder: str,
    name: str,
    programs: dict[str, str],
    at_fault: Blame,
    spoils: str,
    caught_by: str,
    others: dict[str, Any],
) -> Fault:
    docstring = ast.get_docstring(ast.parse((HERE / folder / f"{name}.py").read_text()))
    assert docstring is not None
    return Fault(
        **{
            "name": f"{at_fault} {name.replace('_', ' ')}",
            "wrong": docstring.splitlines()[0],
            "at_fault": at_fault,
            "spoils": spoils,
            "caught_by": caught_by,
            "blame": at_fault,
            "programs": programs,
            **others,
        }
    )


def set_up(name: str, party: Blame, spoils: str, caught_by: str, **others: Any) -> Fault:
    """Return a fault of the broker's set-up or of the harness itself."""
    return Fault(
        **{
            "name": f"{party} {name}",
            "at_fault": party,
            "spoils": spoils,
            "caught_by": caught_by,
            "blame": party,
            **others,
        }
    )


def honest(name: str, spoils: str, programs: dict[str, str]) -> Fault:
    """Return a fault that is none: our programs as they should be, in this scenario."""
    return Fault(
        name=f"honest {name}",
        wrong="Nothing.",
        at_fault=None,
        spoils=spoils,
        caught_by="",
        outcome=PASS,
        blame=None,
        programs=programs,
    )


OURS, OUR_TASKS = "workers/worker.py", "publishers/publisher.py"
HONEST = (
    honest("workers of L04", "L04", {TIMED: OURS, TIMED_TASKS: OUR_TASKS}),
    honest("workers of L05", "L05", {TIMED: OURS, TIMED_TASKS: OUR_TASKS}),
    honest("workers of L06", "L06", {NONE: OURS, TIMED_TASKS: OUR_TASKS}),
    honest("workers of L08", "L08", {MANUAL: OURS, TIMED_TASKS: OUR_TASKS}),
    honest("workers of L15", "L15", {FAIR: OURS, DURABLE_TASKS: OUR_TASKS}),
    honest("publisher of L01", "L01", {PLAIN_TASKS: OUR_TASKS}),
    honest("silent publisher", "L01", {PLAIN_TASKS: "publishers/says_nothing.py"}),
    honest("publisher with remarks", "L01", {PLAIN_TASKS: "publishers/says_how_many.py"}),
    honest(
        "worker that hands back when told to end",
        "L08 told to end",
        {MANUAL: "workers/hands_back_when_told_to_end.py"},
    ),
    honest("worker that prints done twice", "control", {MANUAL: "workers/says_done_twice.py"}),
    honest(
        "worker that prints no beginning",
        "control",
        {MANUAL: "workers/done_without_receiving.py"},
    ),
    honest("worker that prints other bodies", "control", {MANUAL: "workers/changes_the_body.py"}),
    honest("worker with a useless prefetch", "L03", {LAZY: "workers/prefetches_one.py"}),
    honest("worker with prefetch one", "control", {MANUAL: "workers/prefetches_one.py"}),
    honest(
        "worker that ends when it is cancelled",
        "L17 under work",
        {FAIR: "workers/fails_when_cancelled.py"},
    ),
    honest("worker that works off", "control", {MANUAL: OURS, TIMED_TASKS: OUR_TASKS}),
)

WORKERS = (
    worker("acks_before_working", MANUAL, "L08", "nothing_lost"),
    worker("never_acks", MANUAL, "L08", "all_settled"),
    worker("acks_every_second", MANUAL, "control", "all_settled"),
    worker("acks_twice", MANUAL, "control", "all_settled"),
    worker("acks_all_it_holds", MANUAL, "L08", "nothing_lost"),
    worker("acks_on_another_channel", MANUAL, "control", "all_settled"),
    worker("nacks_when_done", MANUAL, "control", "all_settled"),
    worker("requeues_for_ever", MANUAL, "control", "all_settled"),
    worker("requeues_when_done", MANUAL, "control", "none_done_twice"),
    worker(
        "requeues_when_done",
        FAIR,
        "L15",
        "done_twice_within_in_flight",
        name="worker requeues when done, under a strike",
    ),
    worker("hands_back_its_second", MANUAL, "L08", "received_twice_exactly_in_flight"),
    worker("hands_back_its_seventh", LASTING, "L16", "working_time", outcome=UNKNOWN, blame=None),
    worker("rejects_at_an_exception", MANUAL, "control", "nothing_lost"),
    worker("swallows_an_exception", MANUAL, "control", "nothing_lost"),
    worker(
        "swallows_an_exception",
        TIMED,
        "L05",
        "lost_exactly_pushed_minus_done",
        name="worker swallows an exception, acknowledged automatically",
        outcome=UNKNOWN,
        blame=None,
    ),
    worker("takes_redelivered_for_done", MANUAL, "K5", "nothing_lost"),
    worker(
        "receives_and_does_nothing",
        LASTING,
        "L16",
        "working_time",
        outcome=UNKNOWN,
        blame=None,
    ),
    worker("does_everything_twice", MANUAL, "L08", "done_twice_within_in_flight"),
    worker(
        "does_everything_twice",
        MANUAL,
        "control",
        "none_done_twice",
        name="worker does everything twice, undisturbed",
    ),
    worker("subscribes_twice", FAIR, "L15", "prefetch_respected"),
    worker("first_one_subscribes_twice", TIMED, "L04", "shares_even_by_count"),
    worker("acks_automatically", MANUAL, "control", "all_settled"),
    worker("acknowledges_by_hand", TIMED, "L05", "acknowledgement_mode"),
    worker("prefetches_five", FAIR, "L15", "prefetch_respected"),
    worker("prefetches_without_limit", FAIR, "L15", "prefetch_respected"),
    worker("prefetches_one", "prefetch_too_late.py", "K10", "prefetch_ineffective", blame=None),
    worker(
        "dies_at_the_second",
        MANUAL,
        "control",
        "all_settled",
        says=r"C1 ended at .* \(exit status 1\).* its last line: 'ArithmeticError",
    ),
    worker(
        "hangs_at_the_second",
        MANUAL,
        "control",
        "all_settled",
        says=r"C1 runs, pid \d+; .*its last line: .*Received",
    ),
    worker(
        "leaves_at_the_second",
        MANUAL,
        "control",
        "all_settled",
        says=r"C1 ended at .* \(exit status 0\)",
    ),
    worker(
        "leaves_a_child",
        MANUAL,
        "L08",
        "all_settled",
        says="has a child of C1 inherited its socket",
    ),
    worker("purges_what_waits", LAZY, "L03", "nothing_lost"),
    worker(
        "works_off_its_buffer",
        NONE,
        "control without acknowledgement",
        "none_done_twice",
        blame=None,
    ),
    worker("consumes_another_queue", MANUAL, "control", "all_settled", blame=None),
    worker("works_backwards", MANUAL, "control", "all_settled"),
    worker("acks_from_the_eighth_on", NONE, "L06", "never_settled"),
    worker(
        "acks_all_in_the_end",
        NONE,
        "L06",
        "came_back_to",
        outcome=UNKNOWN,
        blame=None,
    ),
    worker("acks_its_second", NONE, "L06", "survivor_received_all"),
    worker(
        "remembers_what_is_done",
        NONE,
        "L06",
        "done_twice_exactly_done_by",
        outcome=UNKNOWN,
        blame=None,
    ),
    worker("sends_garbage", MANUAL, "control", "fully_decoded", outcome=UNKNOWN, blame=None),
    worker(
        "declares_no_durability",
        LASTING,
        "L11",
        STORY,
        says="it should have ended with exit status 0",
        blame=None,
    ),
    worker(
        "declares_durability",
        MANUAL,
        "L10",
        "queue_gone_after_restart",
        programs={
            MANUAL: "workers/declares_durability.py",
            TIMED_TASKS: "publishers/declares_durability.py",
        },
    ),
)

PUBLISHERS = (
    publisher("sends_one_twice", PLAIN_TASKS, "L01", "identities_unique"),
    publisher("skips_one_it_says_it_sent", PLAIN_TASKS, "L01", "sent_as_said"),
    publisher("sends_all_the_same", PLAIN_TASKS, "L01", "identities_unique"),
    publisher("sends_transient", DURABLE_TASKS, "L11", "nothing_lost"),
    publisher(
        "sends_persistent",
        TRANSIENT_TASKS,
        "L10",
        "transient_tasks_gone",
    ),
    publisher("sends_to_expire", PLAIN_TASKS, "L01", "left_in_queue_in_order"),
    publisher("limits_the_queue", PLAIN_TASKS, "L01", "left_in_queue_in_order"),
    publisher("misspells_the_queue", PLAIN_TASKS, "L01", "publishers_duties_done"),
    publisher(
        "fills_another_queue",
        TIMED_TASKS,
        "control",
        "all_settled",
        blame=None,
    ),
    publisher("fills_two_queues", PLAIN_TASKS, "L01", "publishers_duties_done"),
    publisher(
        "dies_half_way",
        PLAIN_TASKS,
        "L01",
        STORY,
        outcome=UNKNOWN,
        blame=None,
        says=r"(?s)01_producer \(01_producer\.py\).*exit status 1.*counting is too hard",
    ),
    publisher(
        "sends_nothing",
        PLAIN_TASKS,
        "L01",
        "publishers_duties_done",
        says=r"01_producer\.py\): it ended without publishing anything",
    ),
    set_up(
        "claims confirms",
        PUBLISHER,
        "L10",
        "confirmed_came_back",
        outcome=UNKNOWN,
        blame=None,
        wrong="Takes every publish as confirmed and never asks for a confirm.",
        meddle=meddling.never_confirms,
    ),
    set_up(
        "waits for confirms",
        PUBLISHER,
        "L10",
        "unconfirmed_came_back",
        outcome=UNKNOWN,
        blame=None,
        wrong="Waits for the confirm of each task where it was not to ask for any.",
        meddle=meddling.always_confirms,
    ),
)

OTHER_PROGRAMS = (
    publisher(
        "deletes_another_queue",
        "04_delete.py",
        "L17 with tasks",
        "queue_deleted",
        blame=None,
    ),
)

BROKERS = (
    set_up(
        "max length",
        BROKER,
        "L01",
        "left_in_queue_in_order",
        blame=None,
        wrong="A policy lets the queue hold five tasks and drop the oldest.",
        policy={"max-length": 5},
    ),
    set_up(
        "time to live",
        BROKER,
        "L01",
        "left_in_queue_in_order",
        blame=None,
        wrong="A policy lets tasks expire at once.",
        policy={"message-ttl": 0},
    ),
    set_up(
        "overflow reject",
        BROKER,
        "L01",
        "left_in_queue_in_order",
        blame=None,
        wrong="A policy has the queue refuse what comes after five tasks.",
        policy={"max-length": 5, "overflow": "reject-publish"},
    ),
    set_up(
        "dead letters to nowhere",
        BROKER,
        "L01",
        "left_in_queue_in_order",
        blame=None,
        wrong="A policy sends expired tasks to an exchange that does not exist.",
        policy={"message-ttl": 0, "dead-letter-exchange": "nowhere"},
    ),
    set_up(
        "declared before",
        BROKER,
        "L01",
        STORY,
        says="PRECONDITION_FAILED",
        wrong="The queue is there already, and durable.",
        at_step=("Send thirty messages", meddling.declared_before),
    ),
    set_up(
        "stops uncleanly",
        ENVIRONMENT,
        "L10",
        "graceful_stop_was_clean",
        outcome=UNKNOWN,
        wrong="The server is killed where it was to stop gracefully.",
        meddle=meddling.stops_uncleanly,
    ),
    set_up(
        "thief who takes three",
        ENVIRONMENT,
        "L01",
        "left_in_queue_in_order",
        blame=None,
        wrong="Somebody takes three tasks out of the queue on the side, and leaves.",
        at_step=("Take everything out", meddling.thief_takes_three),
    ),
    set_up(
        "thief who comes last",
        ENVIRONMENT,
        "L06",
        "redelivered_equals_unacked_at_disconnect",
        blame=None,
        wrong="Somebody takes three tasks on the side when all workers are gone.",
        meddle=meddling.thief_comes_last,
    ),
    set_up(
        "thief who subscribes",
        ENVIRONMENT,
        "L02",
        "round_robin_by_subscription",
        blame=None,
        meddle=meddling.gives_up_draining,
        wrong="Somebody has subscribed to the queue on the side.",
        at_step=("Send thirty messages", meddling.thief_consumes),
    ),
    set_up(
        "stranger who publishes",
        ENVIRONMENT,
        "L08",
        "counts_agree",
        blame=None,
        wrong="Somebody publishes a task on the side when all is consumed.",
        at_step=("Start the two again", meddling.stranger_publishes),
    ),
    set_up(
        "deleted on the side",
        ENVIRONMENT,
        "L14",
        "redeclare_refused",
        blame=None,
        wrong="Somebody deletes the queue on the side.",
        at_step=("Declare it again as durable", meddling.deleted_on_the_side),
    ),
)

HARNESSES = (
    set_up(
        "strikes too late",
        HARNESS,
        "L08",
        "struck_mid_task",
        outcome=UNKNOWN,
        wrong="A worker is killed when it has finished everything.",
        meddle=meddling.strikes_too_late,
    ),
    set_up(
        "strikes the idle",
        HARNESS,
        "L08",
        STORY,
        outcome=UNKNOWN,
        says="C1 was never caught in the middle of a task",
        wrong="A worker is to be killed in the middle of a task when there is none left.",
        meddle=meddling.strikes_the_idle,
    ),
    set_up(
        "stops the server too late",
        HARNESS,
        "L10",
        "broker_was_stopped",
        outcome=UNKNOWN,
        wrong="The server is stopped when the workers have finished everything.",
        meddle=meddling.stops_the_server_too_late,
    ),
    set_up(
        "never holds back",
        HARNESS,
        "K5",
        "fault_landed",
        outcome=UNKNOWN,
        wrong="The worker is not cut off before it acknowledges.",
        meddle=meddling.never_holds_back,
    ),
    set_up(
        "forgets to redeclare",
        HARNESS,
        "L14",
        "redeclare_refused",
        outcome=UNKNOWN,
        blame=None,
        wrong="The queue is not declared with another durability.",
        meddle=meddling.forgets_to_redeclare,
    ),
    set_up(
        "does not say what it holds back",
        HARNESS,
        "K5",
        "fault_landed",
        outcome=UNKNOWN,
        wrong="The worker is cut off, and it is not put on the record.",
        meddle=meddling.holds_back_in_silence,
    ),
    set_up(
        "lets another worker work",
        HARNESS,
        "L06",
        "survivor_received_all",
        blame=None,
        wrong="Another worker helps the one that was to do everything alone.",
        at_step=("End two workers", meddling.another_worker),
        until_step="End the one",
    ),
    set_up(
        "lets another worker stay",
        HARNESS,
        "L06",
        "came_back_to",
        blame=None,
        wrong="Another worker takes a part of what comes back.",
        at_step=("End the one", meddling.another_worker_stays),
    ),
    set_up(
        "sends more",
        HARNESS,
        "L08",
        "got_nothing",
        blame=None,
        wrong="More tasks are sent when the workers are back, for whom none was to be left.",
        meddle=meddling.sends_more,
    ),
    set_up(
        "lists too early",
        HARNESS,
        "L06",
        "not_by_connecting",
        outcome=UNKNOWN,
        blame=None,
        wrong="The queue is listed before the workers are back, and not after.",
        meddle=meddling.lists_too_early,
    ),
    set_up(
        "never lists",
        HARNESS,
        "L05",
        "queue_already_empty_before_strike",
        outcome=UNKNOWN,
        blame=None,
        wrong="The queue is not listed before the strike.",
        meddle=meddling.never_lists,
    ),
    set_up(
        "never lists, under fair dispatch",
        HARNESS,
        "L15",
        "fair_dispatch",
        outcome=UNKNOWN,
        blame=None,
        wrong="The queue is not listed while all workers stand still.",
        meddle=meddling.never_lists,
    ),
    set_up(
        "never drains",
        HARNESS,
        "control",
        "drained",
        outcome=UNKNOWN,
        wrong="The queue is not drained.",
        meddle=meddling.never_drains,
    ),
    set_up(
        "drains too little",
        HARNESS,
        "L01",
        "drained",
        outcome=UNKNOWN,
        wrong="Five tasks are taken out of the queue, and that is said to be all.",
        meddle=meddling.drains_too_little,
    ),
)

RECORDS = (
    set_up(
        "loses a delivery",
        HARNESS,
        "control",
        "round_robin_by_subscription",
        outcome=UNKNOWN,
        wrong="The tap forwards the bytes of a delivery and does not decode them.",
        meddle=meddling.loses_a_delivery,
    ),
    set_up(
        "decodes a delivery twice",
        HARNESS,
        "control",
        "witnesses_agree",
        outcome=UNKNOWN,
        wrong="The tap forwards the bytes of a delivery once and decodes them twice.",
        meddle=meddling.decodes_a_delivery_twice,
    ),
    set_up(
        "forgets a delivery",
        HARNESS,
        "control",
        "witnesses_agree",
        outcome=UNKNOWN,
        wrong="The recorder drops one event.",
        meddle=meddling.forgets_a_delivery,
    ),
)

SLIPPING = (
    publisher("skips_one_in_silence", TIMED_TASKS, "control", "", outcome=PASS, blame=None),
    set_up(
        "borrower",
        ENVIRONMENT,
        "L11",
        "",
        outcome=PASS,
        blame=None,
        wrong="Somebody holds three tasks on the side while the queue is listed.",
        meddle=meddling.borrows_while_listing,
    ),
    set_up(
        "stops the clock",
        HARNESS,
        "L04",
        "",
        outcome=PASS,
        blame=None,
        wrong="The clock of the record stands still.",
        meddle=meddling.stops_the_clock,
    ),
)
"""What is wrong and not caught; docs/FAULTS.md says why."""

FAULTS = (*WORKERS, *PUBLISHERS, *OTHER_PROGRAMS, *SLIPPING, *BROKERS, *HARNESSES, *RECORDS)
