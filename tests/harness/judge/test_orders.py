"""Orders: what a publisher was asked for, what it says of that, and what it then did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from filaprova.judge.checks import publishers_duties_done, sent_as_said
from filaprova.judge.orders import asked_of, sent_fewer_than_it_says
from filaprova.judge.orders import stuck as waits_for_nothing
from filaprova.record.act import PROGRAM_ENDED, BrokerStopping
from tests.harness.judge.stories import (
    FAIL,
    PASS,
    TICK_NS,
    Case,
    Outcome,
    Q,
    Story,
    case,
    name_of,
)

SENT = sent_as_said(queue=Q)
DUTIES = publishers_duties_done()

NOT_ENDED = "P (producer.py): it did not end within 20 s."
IN_ORDER = "each taken up by a queue."


def asked_for(count: int | None) -> Story:
    """P was asked for so many tasks, and has declared their queue."""
    return Story().open(own_host=True).role("producer", "P", asked=count).declare("P")


# ------------------------------------------------------------------ what it says that it sent


def claiming(text: str, *, asked: int = 5, sent: int = 3, code: int = 0) -> Story:
    """P was asked for five tasks, sends three, says this, and ends."""
    story = asked_for(asked).publish(*(f"t{number}" for number in range(sent)), by="P")
    return story.print("P", text).close("P").exit("P", code=code)


def claim(name: str, story: Story, outcome: Outcome = PASS, said: str = "") -> Case:
    """Return a case of somebody who says ``said``, and sent three tasks, or who is not accused."""
    if outcome is FAIL:
        says = f"P printed {said!r}, and sent 3."
        return case(name, story, SENT, FAIL, says, blame="publisher")
    return case(name, story, SENT, PASS, "nobody has to.")


CLAIMS = [
    "5 tasks sent",
    "5 sent",
    "Sent 5 tasks.",
    "sent 5",
    "Sent 5!",
    "Done: published all 5 messages",
    "5 messages were published",
    "5 jobs have been sent",
    "SENT 5 JOBS",
    "[x] 5 tarefas enviadas",
    "5 mensagens foram publicadas",
    "Enviadas todas as 5 tarefas",
    "publicados todos os 5",
    "Enviei 5 mensagens",
    "publicou 5 tarefas.",
    "Tasks: 5 sent",
    "[*] All 5 sent",
]
NO_CLAIMS = [
    "3 tasks sent",
    "15 tasks sent",
    "sent 50 tasks",
    "sent 5 seconds ago",
    "sent 5.5 kB",
    "sent task 5",
    "5 tasks to be sent",
    "3 of 5 tasks sent",
    "3 de 5 tarefas enviadas",
    "3/5 tasks sent",
    "sent 3 of 5 tasks",
    "12:00:5 sent t3",
    "0.5 sent",
    "task 5 sent",
    "Message 5 sent",
    "message #5 sent",
    "tarefa 5 enviada",
    "5 tasks absent",
    "5 tasks wanted",
]

# ------------------------------------------------------------------ what it sends twice

ONE_TO_TEN = list(range(1, 11))
FIVE_TWICE = [*range(1, 6), *range(5, 11)]


def counting(numbers: Iterable[int], body: str = "task {}", by: str = "P") -> Story:
    """P sends a task for each of these numbers."""
    story = asked_for(None).role("worker", "C1")
    return story.publish(*(body.format(number) for number in numbers), by=by, confirms=True)


def with_other_dots(count: int) -> Story:
    """P sends so many tasks, and every fourth of them once more with other dots."""
    return asked_for(None).publish(
        *(
            f"task {n} {'.' * dots}"
            for n in range(1, count + 1)
            for dots in range(1, 2 + (n % 4 == 0))
        ),
        by="P",
        confirms=True,
    )


def five_again_after(told: Story) -> Story:
    """What is told happened when P had sent five tasks; it sends the fifth again, and the rest."""
    return told.publish(*(f"task {number}" for number in range(5, 11)), by="P", confirms=True)


def five_sent() -> Story:
    return counting(range(1, 6))


def to_two_queues() -> Story:
    """P sends each number to one queue, and then to the other."""
    story = asked_for(None).turn_to("other").declare("P")
    for number in ONE_TO_TEN:
        story.turn_to(Q).publish(f"task {number}", by="P", confirms=True)
        story.turn_to("other").publish(f"task {number}", by="P", confirms=True)
    return story.turn_to(Q)


def copied_once() -> Story:
    """P sends ten tasks, and a copy of the fifth to another queue."""
    story = asked_for(None).turn_to("other").declare("P").turn_to(Q)
    story.publish(*(f"task {number}" for number in range(1, 6)), by="P", confirms=True)
    story.publish("task 5", by="P", confirms=True, key="other")
    return story.publish(*(f"task {number}" for number in range(6, 11)), by="P", confirms=True)


def repeated(name: str, story: Story, tasks: str, count: str = "1 number") -> Case:
    says = f"P counts its tasks, and published {count} of them again: {tasks}."
    return case(name, story, DUTIES, FAIL, says, blame="publisher")


def in_order(name: str, story: Story) -> Case:
    return case(name, story, DUTIES, PASS, IN_ORDER)


def all_twice(asked: int | None = 10, *, done: str = "all") -> Story:
    """P was asked for ten tasks and sends each of them twice; C1 does them all, or some."""
    tasks = [f"task {number}" for number in ONE_TO_TEN]
    story = asked_for(asked).role("worker", "C1").subscribe("C1")
    story.publish(*tasks, *tasks, by="P", confirms=True).deliver(*tasks, *tasks, to="C1")
    story.do("C1", *tasks)
    return story.do("C1", *tasks[: 10 if done == "all" else 9])


# ------------------------------------------------------------------ what it packs


PARTS = ["a .", "b ..", "c .", "d ."]
PACKETS = ["<a .><b ..>", "<c .><d .>"]


def packing(*packets: str, said: Iterable[str] = PARTS) -> Story:
    """P says that it sends these tasks, and sends some in one message; C1 is sent that."""
    story = Story().open(own_host=True, seconds_per_dot="0.5").role("producer", "P")
    story.declare("P").role("worker", "C1").subscribe("C1").say("P", *said)
    story.publish(*packets, by="P").close("P").exit("P", code=0)
    return story.deliver(*packets, to="C1")


def packed(name: str, story: Story, says: str = "4 tasks as sent and packed them into 2") -> Case:
    says = f"P printed {says} messages, each of which was done as one task."
    return case(name, story, SENT, FAIL, says, blame="publisher")


def not_packed(name: str, story: Story) -> Case:
    return case(name, story, SENT, PASS, "nobody has to.")


# ------------------------------------------------------------------ what it waits for


def waiting(sent: int = 3, asked: int | None = 5) -> Story:
    """P was asked for five tasks, and sends three."""
    return asked_for(asked).publish(*(f"t{number}" for number in range(sent)), by="P")


def gives_up(told: Story, seconds: float = 19, kind: str = PROGRAM_ENDED) -> Story:
    """The scenario has waited for so long since then."""
    return told.wait(seconds).wait_in_vain(kind, NOT_ENDED)


def quiet_for_half(*, less_by_ns: int = 0) -> Story:
    """P's last line comes when it is half as long since its start, to the nanosecond."""
    story = waiting().wait(5).print("P", "waiting for a reply")
    since_ns = story.at_ns - started_ns(story)
    story.at_ns += since_ns - TICK_NS - less_by_ns
    return story.wait_in_vain(PROGRAM_ENDED, NOT_ENDED)


def started_ns(story: Story) -> int:
    """Return when the program was started, which is told right after the beginning."""
    return story.events[1].at_ns


def exactly_later(story: Story, after_ns: int) -> Story:
    story.at_ns += after_ns
    return story


def at_once(story: Story) -> Story:
    """What is told next happens at the very moment of what was told last."""
    story.at_ns -= TICK_NS
    return story


def stuck(name: str, story: Story, seconds: str = "19.0") -> Case:
    says = (
        "P sent 3 of the 5 tasks that it was asked for, and then did nothing for "
        f"{seconds} s and did not end."
    )
    return case(name, story, DUTIES, FAIL, says, blame="publisher")


# ------------------------------------------------------------------ one name for many


def named_alike(*bodies: str, identities: tuple[str, ...] = ("id",)) -> Story:
    """P sends these bodies under one message_id, or these in turn, and C1 is sent them."""
    story = asked_for(None).role("worker", "C1").subscribe("C1")
    named = [(identities[index % len(identities)], body) for index, body in enumerate(bodies)]
    for identity, body in named:
        story.publish(identity, body=body, by="P")
    for identity, body in named:
        story.deliver(identity, to="C1", body=body)
    return story


def acked_in_turn(story: Story, count: int) -> Story:
    """C1 acknowledges so many of one name; each has a tag of its own."""
    for tag in range(1, count + 1):
        story.tags["C1", "id"] = tag
        story.ack("id", by="C1")
    return story


def alike(name: str, story: Story, count: int) -> Case:
    says = (
        f"P published {count} tasks with the same message_id, and who does nothing twice left "
        "all but one undone."
    )
    return case(name, story, DUTIES, FAIL, says, blame="publisher")


CASES = [
    # ------------------------------------------------------------ packs several into one
    packed("its worker is done with each message", packing(*PACKETS).do("C1", *PACKETS)),
    packed(
        "its worker sleeps once for each message",
        packing(*PACKETS).sleep("C1", 1.5).sleep("C1", 1.0),
    ),
    packed(
        "one of several is sent alone",
        packing("<a .><b ..>", "<c .>", "<d .>").do("C1", "<a .><b ..>", "<c .>", "<d .>"),
        "4 tasks as sent and packed them into 3",
    ),
    not_packed("its worker takes them out again", packing(*PACKETS).sleep("C1", 0.5, "x")),
    not_packed(
        "its worker sleeps for each of them",
        packing(*PACKETS)
        .sleep("C1", 0.5)
        .sleep("C1", 1.0)
        .sleep("C1", 0.5)
        .sleep("C1", 0.5)
        .ack(*PACKETS, by="C1"),
    ),
    not_packed("its worker says nothing", packing(*PACKETS).ack(*PACKETS, by="C1")),
    not_packed("not all is done", packing(*PACKETS).do("C1", PACKETS[0])),
    not_packed(
        "not all is in it", packing("<a .><b ..>", "<c .>").do("C1", "<a .><b ..>", "<c .>")
    ),
    not_packed(
        "as many as it said", packing("<a .>", "<b ..>", said=PARTS[:2]).do("C1", "<a .>", "<b ..>")
    ),
    not_packed("nothing said", packing(*PACKETS, said=[]).do("C1", *PACKETS)),
    # ------------------------------------------------------------ sends all twice
    repeated(
        "each task is sent twice and done twice",
        all_twice(),
        ", ".join(repr(f"task {number}") for number in ONE_TO_TEN[:8]) + " and 2 more",
        "10 numbers",
    ),
    in_order("each task is sent twice, and one of them is done once", all_twice(done="some")),
    in_order("each task is sent twice, as it was asked for", all_twice(20)),
    in_order("each task is sent twice, and nobody asked for a number", all_twice(None)),
    # ------------------------------------------------------------ says more than it sent
    *(claim(f"says {text}", claiming(text), FAIL, text) for text in CLAIMS),
    *(claim(f"says {text}", claiming(text)) for text in NO_CLAIMS),
    claim(
        "what it says last is quoted, without its margins",
        claiming("sent 5").print("P", "  5 tasks sent  "),
        FAIL,
        "5 tasks sent",
    ),
    claim(
        "says how many, and once, beside other lines",
        claiming("sent 5.").print("P", "sent t1").print("P", "bye 3"),
        FAIL,
        "sent 5.",
    ),
    claim("says so of the fifth, as it does of others", claiming("sent 4").print("P", "sent 5")),
    claim("says so of each in capitals", claiming("Sent 4").print("P", "Sent 5")),
    claim(
        "says which number it sent, which is the task",
        asked_for(5).publish("5", by="P").print("P", "[x] Sent 5").close("P").exit("P", code=0),
    ),
    claim(
        "counts along, and counts too many",
        claiming("4 tasks sent").print("P", "5 tasks sent"),
        FAIL,
        "5 tasks sent",
    ),
    claim("says it, and fails", claiming("5 tasks sent", code=1)),
    claim("says it, and has not ended", waiting().print("P", "5 tasks sent")),
    claim("was asked for as many as it sent", claiming("3 tasks sent", asked=3)),
    claim("sent more than it was asked for", claiming("5 tasks sent", sent=6)),
    claim("another says it", claiming("bye").print("C1", "5 tasks sent")),
    claim(
        "nobody asked it for a number",
        asked_for(None).publish("t1", by="P").print("P", "0 tasks sent").exit("P", code=0),
    ),
    claim(
        "two of its five are in a transaction that it never commits",
        asked_for(5)
        .select("P")
        .publish("t1", "t2", "t3", by="P")
        .commit("P")
        .publish("t4", "t5", by="P")
        .print("P", "5 tasks sent")
        .close("P")
        .exit("P", code=0),
        FAIL,
        "5 tasks sent",
    ),
    claim(
        "all five are in a transaction that it commits",
        asked_for(5)
        .select("P")
        .publish("t1", "t2", "t3", "t4", "t5", by="P")
        .commit("P")
        .print("P", "5 tasks sent")
        .exit("P", code=0),
    ),
    claim(
        "some of the five go to another queue",
        asked_for(5)
        .publish("t1", "t2", by="P")
        .publish("t3", "t4", "t5", by="P", key="other")
        .print("P", "5 tasks sent")
        .exit("P", code=0),
    ),
    # ------------------------------------------------------------ counts, and sends twice
    repeated("sends five twice", counting(FIVE_TWICE), "'task 5'"),
    repeated(
        "with fewer dots the second time",
        counting(range(1, 6), "task {} ...").publish(
            *(f"task {n} ." for n in range(5, 11)), by="P"
        ),
        "'task 5 .'",
    ),
    repeated(
        "two of ten twice, which is a quarter of its steps",
        counting([1, 2, 2, 3, 4, 5, 6, 7, 8, 8, 9]),
        "'task 2', 'task 8'",
        "2 numbers",
    ),
    repeated("three times the same", counting([1, 2, 2, 2, *range(3, 10)]), "'task 2'"),
    repeated(
        "two of nine with other dots, which is a quarter of its steps",
        with_other_dots(9),
        "'task 4 ..', 'task 8 ..'",
        "2 numbers",
    ),
    in_order(
        "two of eight with other dots, for which these are too few",
        with_other_dots(8),
    ),
    repeated(
        "three of thirteen with other dots, which is a quarter of its steps",
        with_other_dots(13),
        "'task 4 ..', 'task 8 ..', 'task 12 ..'",
        "3 numbers",
    ),
    repeated(
        "behind another number that stays",
        counting(FIVE_TWICE, "run 3, task {}"),
        "'run 3, task 5'",
    ),
    repeated(
        "to one queue, and then each once to another",
        counting(FIVE_TWICE)
        .turn_to("other")
        .declare("P")
        .publish(*(f"task {number}" for number in ONE_TO_TEN), by="P", confirms=True)
        .turn_to(Q),
        "'task 5'",
    ),
    repeated(
        "one to one queue, and another to another",
        counting(FIVE_TWICE)
        .turn_to("other")
        .declare("P")
        .publish(*(f"task {n}" for n in (1, 2, 3, *range(3, 11))), by="P", confirms=True)
        .turn_to(Q),
        "'task 5', 'task 3'",
        "2 numbers",
    ),
    repeated(
        "beside another number that stays",
        counting(FIVE_TWICE, "task {} of 10"),
        "'task 5 of 10'",
    ),
    in_order("each number once", counting(ONE_TO_TEN)),
    in_order("too few to be a count", counting([*range(1, 6), *range(5, 9)])),
    repeated(
        "some of them once more at the end",
        counting([*ONE_TO_TEN, 4, 5, 6, 5]),
        "'task 4', 'task 5', 'task 6'",
        "3 numbers",
    ),
    in_order("each number twice", counting([n for n in ONE_TO_TEN for _ in range(2)])),
    in_order(
        "other dots too often to be a mistake",
        with_other_dots(12),
    ),
    in_order(
        "not confirmed when it is sent again",
        asked_for(None)
        .publish(*(f"task {n}" for n in range(1, 10)), by="P", confirms=True)
        .publish("task 10", "task 10", by="P"),
    ),
    in_order("counts by two", counting([number * 2 for number in FIVE_TWICE])),
    in_order("leaves one out", counting([*range(1, 6), *range(5, 11), 12])),
    in_order("counts twice from the beginning", counting([*ONE_TO_TEN, *ONE_TO_TEN])),
    in_order("counts down", counting(FIVE_TWICE[::-1])),
    in_order("numbers that are part of a time", counting(FIVE_TWICE, "task at 12:00:{}")),
    in_order("numbers with a comma's worth of a point", counting(FIVE_TWICE, "task {}.5")),
    in_order("numbers of a date", counting(FIVE_TWICE, "task of 2026/{}")),
    in_order("numbers that are part of a name", counting(FIVE_TWICE, "task-{}")),
    in_order("numbers that are part of a word", counting(FIVE_TWICE, "task{}")),
    in_order("seconds since 1970", counting([1_700_000_000 + n for n in FIVE_TWICE])),
    in_order(
        "another number tells the two apart",
        counting(range(1, 6), "task {} part 1").publish(
            *(f"task {number} part 2" for number in range(5, 11)), by="P"
        ),
    ),
    in_order(
        "other words tell the two apart",
        counting(range(1, 6), "begin task {}").publish(
            *(f"end task {number}" for number in range(5, 11)), by="P"
        ),
    ),
    in_order(
        "a letter at the end tells the two apart",
        counting(range(1, 6), "task {} X").publish(
            *(f"task {number}" for number in range(5, 11)), by="P"
        ),
    ),
    in_order(
        "a letter at the end of the second tells the two apart",
        counting(range(1, 6)).publish(*(f"task {number} X" for number in range(5, 11)), by="P"),
    ),
    in_order("each to two queues in turn", to_two_queues()),
    in_order(
        "a copy of one to another queue",
        copied_once(),
    ),
    in_order("a worker counts so", counting(FIVE_TWICE, by="C1")),
    in_order(
        "the broker sent it back",
        five_again_after(five_sent().send_back("task 5", by="P")),
    ),
    in_order("the broker refused it", five_again_after(five_sent().refuse("task 5", by="P"))),
    in_order(
        "in transactions",
        five_again_after(five_sent().select("P")).commit("P"),
    ),
    in_order("the broker blocked it", five_again_after(five_sent().block("P").unblock("P"))),
    in_order(
        "the broker closed its channel",
        five_again_after(five_sent().close_channel("P", "broker", 404, "NOT_FOUND")),
    ),
    in_order(
        "the broker closed its connection",
        five_again_after(five_sent().close_connection("P", 320, "CONNECTION_FORCED").connect("P")),
    ),
    in_order(
        "its connection broke",
        five_again_after(five_sent().gone("P", by="fault").connect("P")),
    ),
    repeated(
        "it closed its connection itself",
        five_again_after(five_sent().close("P").connect("P")),
        "'task 5'",
    ),
    repeated(
        "it closed its channel itself",
        five_again_after(five_sent().close_channel("P")),
        "'task 5'",
    ),
    repeated(
        "another's connection broke",
        five_again_after(five_sent().connect("C1").gone("C1", by="fault")),
        "'task 5'",
    ),
    # ------------------------------------------------------------ waits for what never comes
    stuck("does nothing any more", gives_up(waiting())),
    stuck("it is ended then", gives_up(waiting()).die("P")),
    stuck("its last sleep has ended", gives_up(waiting().sleep("P", 1))),
    stuck(
        "it says something just when it is given up", at_once(gives_up(waiting())).print("P", "")
    ),
    stuck(
        "to the tenth of a second", gives_up(exactly_later(waiting(), 19_040_000_000), 0), "19.1"
    ),
    stuck("quiet for just half of its time", quiet_for_half(), "5.1"),
    stuck("another does something meanwhile", gives_up(waiting().wait(9).print("C1", "x"), 10)),
    in_order("quiet for less than half of its time", quiet_for_half(less_by_ns=1)),
    in_order("asleep", gives_up(waiting().begin_sleep("P", 60))),
    in_order("has sent all", gives_up(waiting(sent=5))),
    in_order("nobody asked it for a number", gives_up(waiting(asked=None))),
    in_order("nobody waited for its end", waiting().wait(19)),
    in_order("the scenario waited for something else", gives_up(waiting(), kind="acknowledged")),
    in_order(
        "the scenario waited for another's end",
        waiting().wait(19).wait_in_vain(PROGRAM_ENDED, "P-2 (producer.py): it did not end."),
    ),
    in_order("the broker goes down", gives_up(waiting().tell(BrokerStopping, how="stop"))),
    in_order("the broker blocks it", gives_up(waiting().block("P"))),
    in_order(
        "it ends at last, and fails",
        gives_up(waiting().wait(19).exit("P", code=1), 0),
    ),
    # ------------------------------------------------------------ one name for many
    alike(
        "one slept for, and all acknowledged",
        acked_in_turn(named_alike("1.", "2..", "3...").sleep("C1", 1), 3),
        3,
    ),
    alike(
        "one of two is left undone",
        acked_in_turn(named_alike("1.", "2..", "3...").sleep("C1", 1).sleep("C1", 2), 3),
        3,
    ),
    alike(
        "one of two was broken off",
        acked_in_turn(
            named_alike("1.", "2..")
            .sleep("C1", 1)
            .begin_sleep("C1", 2)
            .end_sleep("C1", 2, complete=False),
            2,
        ),
        2,
    ),
    in_order(
        "it slept for all",
        acked_in_turn(named_alike("1.", "2..").sleep("C1", 1).sleep("C1", 2), 2),
    ),
    in_order(
        "it acknowledged only what it did",
        acked_in_turn(named_alike("1.", "2..").sleep("C1", 1), 1),
    ),
    in_order("nobody saw it sleep", acked_in_turn(named_alike("1.", "2.."), 2)),
    in_order(
        "its sleeps are no work",
        acked_in_turn(named_alike("1.", "2..").sleep("C1", 7), 2),
    ),
    in_order(
        "they take no time",
        acked_in_turn(named_alike("one", "two", "1.").sleep("C1", 1), 3),
    ),
    in_order(
        "each has a name of its own",
        named_alike("1.", "2..", identities=("id", "di")).sleep("C1", 1).ack("id", "di", by="C1"),
    ),
    in_order(
        "the same body again",
        acked_in_turn(named_alike("1.", "1.").sleep("C1", 1), 2),
    ),
    in_order(
        "it puts the other back",
        acked_in_turn(named_alike("1.", "2..").sleep("C1", 1), 1).nack("id", by="C1"),
    ),
    in_order(
        "two publishers use the same name",
        acked_in_turn(
            asked_for(None)
            .role("producer", "P2")
            .subscribe("C1")
            .publish("id", body="1.", by="P")
            .publish("id", body="2..", by="P2")
            .deliver("id", to="C1", body="1.")
            .deliver("id", to="C1", body="2..")
            .sleep("C1", 1),
            2,
        ),
    ),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_orders(told: Case) -> None:
    assert told.seen() == told.expected()


def test_who_was_asked_for_no_number_owes_none() -> None:
    story = gives_up(asked_for(None).print("P", "1 task sent"))
    assert waits_for_nothing(story.history(), "P", 0) == ""
    assert sent_fewer_than_it_says(story.exit("P", code=0).history(), "P", Counter()) == ""


def test_who_was_asked_for_how_many() -> None:
    story = Story().role("producer", "P", asked=12).role("producer", "Q").role("tool", "T", asked=3)
    assert asked_of(story.role("worker", "C1", asked=4).history()) == {"P": 12}
