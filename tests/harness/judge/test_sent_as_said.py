"""Sent as said: does each publisher print what it sends?"""

from __future__ import annotations

import pytest

from filaprova.judge.checks import sent_as_said
from tests.harness.judge.scenes import two_queues
from tests.harness.judge.stories import FAIL, PASS, UNKNOWN, Case, Q, Story, case, name_of

SENT = sent_as_said(queue=Q)
THREE_SENT = sent_as_said(queue=Q, asked=3)


CASES = [
    # ------------------------------------------------------------ letters that are lost
    case(
        "the body has lost the letters that ASCII has not",
        Story().publish("Ol 1", "Ol 2").say("producer", "Olá 1", "Olá 2"),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 'Olá 1', 'Olá 2'.",
        blame="publisher",
    ),
    case(
        "the body has question marks for the letters that ASCII has not",
        Story().publish("Ol? 1", "Ol? 2").say("producer", "Olá 1", "Olá 2"),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 'Olá 1', 'Olá 2'.",
        blame="publisher",
    ),
    case(
        "printed with letters that ASCII has not, and sent in other words",
        Story().publish("job 1").say("producer", "olá 1"),
        SENT,
        PASS,
        "1 task published; nobody printed which of them it sent, and nobody has to.",
    ),
    case(
        "printed in other words, of which only the number is the same",
        Story().publish("job 1").say("producer", "task 1"),
        SENT,
        PASS,
        "1 task published; nobody printed which of them it sent, and nobody has to.",
    ),
    *(
        case(
            f"its last word is printed in short: {dots}",
            Story().publish("Hello World again").say("producer", f"Hello World aga{dots}"),
            SENT,
            PASS,
            "1 task published; nobody printed which of them it sent, and nobody has to.",
        )
        for dots in ("…", "...")
    ),
    case(
        "the terminal has lost them",
        Story().publish("Olá 1").say("producer", "Ol 1"),
        SENT,
        PASS,
        "1 task published; nobody printed which of them it sent, and nobody has to.",
    ),
    case(
        "sent on to another queue first, and printed once",
        Story().turn_to("staging").publish("t1").turn_to(Q).publish("t1").say("producer", "t1"),
        SENT,
        PASS,
        "1 of 1 task printed as sent by whoever published them, and each of them was.",
    ),
    case(
        "printed word for word but for one",
        Story().publish("Hello World!").say("producer", "Hello RabbitMQ!"),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 'Hello RabbitMQ!'.",
        blame="publisher",
    ),
    case(
        "printed in short",
        Story().publish("Hello World 12:01").say("producer", "Hello World..."),
        SENT,
        PASS,
        "1 task published; nobody printed which of them it sent, and nobody has to.",
    ),
    case(
        "printed by its number",
        Story().publish("task one").say("producer", "task 1"),
        SENT,
        PASS,
        "1 task published; nobody printed which of them it sent, and nobody has to.",
    ),
    # ---------------------------------------------------------------- printed, and of another form
    case(
        "printed are others of the very same form",
        Story().publish("at 12:01, 1", "at 12:02, 2").say("producer", "at 12:01, 3", "at 12:03, 2"),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 'at 12:01, 3', 'at 12:03, 2'.",
        blame="publisher",
    ),
    case(
        "printed is something of another form",
        Story().publish("at 12:01, 1", "at 12:02, 2").say("producer", "task 1", "task 2"),
        SENT,
        PASS,
        "2 tasks published; nobody printed which of them it sent, and nobody has to.",
    ),
    case(
        "printed is one of the same form, and others are not printed",
        Story().publish("at 12:01, 1", "at 12:02, 2").say("producer", "at 12:03, 2"),
        SENT,
        PASS,
        "2 tasks published; nobody printed which of them it sent, and nobody has to.",
    ),
    case(
        "rolled back and sent again, printed once",
        Story()
        .connect("producer")
        .select("producer")
        .publish("t1", "t2")
        .roll_back("producer")
        .publish("t1", "t2")
        .commit("producer")
        .say("producer", "t1", "t2"),
        SENT,
        PASS,
        "2 of 2 tasks printed as sent by whoever published them, and each of them was.",
    ),
    # ---------------------------------------------------------------- sent as said
    case(
        "everything is printed",
        Story().publish("t1").say("producer", "t1").publish("t2").say("producer", "t2"),
        SENT,
        PASS,
        "2 of 2 tasks printed as sent by whoever published them, and each of them was.",
        figures={"published": 2, "said": 2},
    ),
    case(
        "what is printed is the body, not the identity",
        Story().publish("t1", body="one").say("producer", "t1"),
        SENT,
        PASS,
        "1 of 1 task printed as sent",
    ),
    case(
        "printed late, and published to two queues",
        two_queues().say("producer", "t2", "a1", "t1", "a2"),
        SENT,
        PASS,
        "each of them was",
        figures={"published": 2, "said": 2},
    ),
    case(
        "every other one is printed",
        Story().publish("t1", "t2").say("producer", "t1"),
        SENT,
        PASS,
        "1 of 2 tasks printed as sent by whoever published them, and each of them was.",
    ),
    case(
        "nothing is printed",
        Story().publish("t1"),
        SENT,
        PASS,
        "1 task published; nobody printed which of them it sent, and nobody has to.",
        figures={"said": 0},
    ),
    case(
        "what is printed are no bodies",
        Story()
        .publish("t1", "t2")
        .say("producer", "number 1", "number 2")
        .exit("producer", code=0),
        SENT,
        PASS,
        "2 tasks published; nobody printed which of them it sent",
        figures={"said": 0},
    ),
    case(
        "one was not sent",
        Story()
        .publish("t1")
        .say("producer", "t1", "t2")
        .close("producer")
        .exit("producer", code=0),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 't2'.",
        blame="publisher",
        figures={"published": 1, "said": 2},
    ),
    case(
        "one was not sent, and then it ended without a farewell",
        Story().publish("t1").say("producer", "t1", "t2").gone("producer").exit("producer", code=0),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 't2'.",
        blame="publisher",
    ),
    case(
        "one was sent by another",
        Story()
        .publish("t1", by="first")
        .publish("t2", "t3", by="second")
        .say("first", "t1", "t2")
        .say("second", "t3")
        .exit("first", "second", code=0),
        SENT,
        FAIL,
        "first printed as sent, and did not send: 't2'.",
        blame="publisher",
    ),
    case(
        "one was sent twice",
        Story().publish("t1", "t2", "t1").say("producer", "t1", "t2").exit("producer", code=0),
        SENT,
        FAIL,
        "producer sent more often than it printed: 't1'.",
        blame="publisher",
    ),
    case(
        "as many as asked",
        Story().publish("t1", "t2", "t3").say("producer", "t1", "t2", "t3"),
        THREE_SENT,
        PASS,
        "3 of 3 tasks printed as sent",
    ),
    case(
        "fewer than asked, in silence",
        Story().publish("t1", "t2").say("producer", "t1", "t2").exit("producer", code=0),
        THREE_SENT,
        FAIL,
        "asked for 3, and 2 tasks sent.",
        blame="publisher",
    ),
    case(
        "more than asked",
        Story().publish("t1", "t2", "t3", "t4"),
        THREE_SENT,
        FAIL,
        "asked for 3, and 4 tasks sent.",
        blame="publisher",
    ),
    case(
        "fewer than asked, and not those that were printed",
        Story().publish("t1").say("producer", "t1", "t2").exit("producer", code=0),
        THREE_SENT,
        FAIL,
        "producer printed as sent, and did not send: 't2'; asked for 3, and 1 task sent.",
        blame="publisher",
    ),
    case(
        "the publisher has not ended",
        Story().role("producer", "producer").publish("t1").say("producer", "t1", "t2"),
        SENT,
        UNKNOWN,
        "producer has not ended.",
    ),
    case(
        "its connection broke",
        Story()
        .publish("t1")
        .say("producer", "t1", "t2")
        .gone("producer", by="broker")
        .exit("producer", code=0),
        SENT,
        UNKNOWN,
        "the connection of producer broke.",
    ),
    case(
        "its connection broke before it had sent all",
        Story().publish("t1").gone("producer", by="fault").exit("producer", code=0),
        THREE_SENT,
        UNKNOWN,
        "the connection of producer broke.",
    ),
    case(
        "it printed too much",
        Story().publish("t1").say("producer", "t1").flood("producer"),
        SENT,
        UNKNOWN,
        "producer printed too much",
    ),
    case(
        "two printed too much",
        Story()
        .publish("t1")
        .publish("t2", by="second")
        .say("producer", "t1")
        .flood("producer")
        .flood("second"),
        SENT,
        UNKNOWN,
        "producer printed too much: 7 lines were not kept.",
    ),
    case(
        "nobody sent anything",
        Story().say("producer", "t1"),
        SENT,
        UNKNOWN,
        "nothing was published",
    ),
    case(
        "one was sent twice, and printed twice",
        Story().publish("t1", "t1").say("producer", "t1", "t1"),
        SENT,
        PASS,
        "2 of 2 tasks printed as sent",
    ),
    case(
        "one was not sent, another was sent twice",
        Story().publish("t1", "t1").say("producer", "t1", "t2").exit("producer", code=0),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 't2'; "
        "producer sent more often than it printed: 't1'.",
        blame="publisher",
    ),
    case(
        "one was not sent, and it printed too much",
        Story()
        .publish("t1")
        .say("producer", "t1", "t2")
        .flood("producer")
        .exit("producer", code=0),
        SENT,
        UNKNOWN,
        "producer printed too much: 7 lines were not kept.",
    ),
    case(
        "none was sent of those that were asked for",
        Story().say("producer", "t1"),
        THREE_SENT,
        UNKNOWN,
        "nothing was published to tasks, so there is nothing to judge.",
    ),
    case(
        "one was not sent, and after its farewell the broker closed",
        Story()
        .publish("t1")
        .say("producer", "t1", "t2")
        .say_goodbye("producer")
        .gone("producer", by="broker")
        .exit("producer", code=0),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 't2'.",
        blame="publisher",
    ),
    case(
        "the broker bade it farewell before it closed",
        Story()
        .publish("t1")
        .say("producer", "t1", "t2")
        .say_goodbye("producer", by="broker")
        .gone("producer", by="broker")
        .exit("producer", code=0),
        SENT,
        UNKNOWN,
        "the connection of producer broke.",
    ),
    case(
        "one was not sent, and the program that was started has ended",
        Story()
        .role("producer", "producer")
        .publish("t1")
        .say("producer", "t1", "t2")
        .exit("producer", code=0),
        SENT,
        FAIL,
        "producer printed as sent, and did not send: 't2'.",
        blame="publisher",
    ),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_sent_as_said(told: Case) -> None:
    assert told.seen() == told.expected()


def test_what_each_publisher_printed_of_others_is_evidence() -> None:
    story = Story().publish("t1", by="first").say("first", "t1", "u1").exit("first", code=0)
    story.publish("job 1", by="second").say("second", "job 2").exit("second", code=0)
    story.say("third", "a", "b").publish("<a><b>", by="third").exit("third", code=0)
    story.subscribe("C1").deliver("<a><b>", to="C1").do("C1", "<a><b>")
    verdict = SENT.judge(story.history())
    assert verdict.summary == (
        "first printed as sent, and did not send: 'u1'; "
        "second printed as sent, and did not send: 'job 2'; "
        "third printed 2 tasks as sent and packed them into 1 message, each of which was done as "
        "one task."
    )
    assert [item.text for item in verdict.evidence] == [
        "first printed that it sent u1",
        "second printed that it sent job 2",
        "third [connection 3, channel 1] basic.publish to tasks, persistent: <a><b>",
    ]
