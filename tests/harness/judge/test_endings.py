"""How programs end: of themselves, when told to, or when their queue or broker is gone."""

from __future__ import annotations

import pytest

from filaprova.judge.checks import ended_or_came_back, ended_when_told, nobody_crashed
from filaprova.record.act import BrokerStopped, BrokerStopping
from tests.harness.judge.stories import FAIL, PASS, UNKNOWN, Case, Q, Story, at_work, case, name_of

CRASH = nobody_crashed()
TRACEBACK = "Traceback (most recent call last):"
NOTICED = ended_or_came_back(clients=["C1", "C2"])
TOLD = ended_when_told(queue=Q, clients=["C1"])
STAYED = ("program ended", "waited 20.0 s for C1 to end after SIGTERM; it did not, and was killed.")


def holding(task: str = "t1..") -> Story:
    """C1 holds a task, which takes as long as its dots say."""
    return Story().open().subscribe("C1").publish(task).deliver(task, to="C1")


def told_to_end() -> Story:
    return holding().strike("C1", "t1..", "SIGTERM")


def crashed(text: str = "TypeError: a bytes-like object is required, not 'str'") -> Story:
    """C1 is a worker that ends by an error which it does not handle."""
    story = Story().role("worker", "C1").subscribe("C1").publish("t1").deliver("t1", to="C1")
    return story.complain("C1", TRACEBACK, '  File "worker.py", line 9, in callback', text)


def publisher() -> Story:
    return Story().role("producer", "P").role("worker", "C1").publish("t1", by="P")


def with_exchange() -> Story:
    """P declares an exchange and binds the queue to it."""
    return publisher().declare("P").exchange("e", "direct", by="P").bind("e", by="P")


def missing(what: str, before: Story) -> Story:
    """P ends because the broker closed its channel: there is no such thing."""
    told = f"NOT_FOUND - no {what} in vhost '/'"
    story = before.close_channel("P", "broker", 404, told)
    story.complain("P", TRACEBACK, f'pika.exceptions.ChannelClosedByBroker: (404, "{told}")')
    return story.gone("P").exit("P", code=1)


CASES = [
    # ---------------------------------------------------------------- by an error of its own
    case(
        "a worker that cannot read its task",
        crashed().gone("C1").exit("C1", code=1),
        CRASH,
        FAIL,
        "C1 ended by an error of its own, with exit status 1: TypeError: a bytes-like object",
        blame="worker",
        figures={"crashed": 1},
    ),
    case(
        "a publisher that closes too soon",
        Story()
        .role("producer", "P")
        .publish("t1", by="P")
        .close("P")
        .complain("P", TRACEBACK, "pika.exceptions.ChannelWrongStateError: Channel is closed.")
        .exit("P", code=1),
        CRASH,
        FAIL,
        "P ended by an error of its own, with exit status 1: pika.exceptions",
        blame="publisher",
    ),
    case(
        "it handles its error",
        crashed().gone("C1").exit("C1", code=0),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    case(
        "a worker in another language",
        Story()
        .role("worker", "C1")
        .subscribe("C1")
        .complain("C1", "panic: runtime error: index out of range [3]", "goroutine 1 [running]:")
        .exit("C1", code=2),
        CRASH,
        FAIL,
        "C1 ended by an error of its own, with exit status 2: panic: runtime error",
        blame="worker",
    ),
    case(
        "it logs the trace of an error that it survives, and ends later with a status",
        crashed().complain("C1", "shutting down after 3 errors").gone("C1").exit("C1", code=3),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    case(
        "it ends with a status and no trace of an error",
        Story().role("worker", "C1").subscribe("C1").print("C1", "bye").exit("C1", code=3),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    case(
        "it lacks a package",
        crashed("ModuleNotFoundError: No module named 'numpy'").gone("C1").exit("C1", code=1),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    case(
        "it was told to end",
        crashed("RuntimeError: told").signal("C1", "SIGINT").gone("C1").exit("C1", code=1),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    case(
        "the harness ended it, as it ends all",
        crashed("Stop: SIGTERM").release("C1").gone("C1").exit("C1", code=1),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    case(
        "its channel was closed",
        crashed().close_channel("C1", "broker", 404, "NOT_FOUND").gone("C1").exit("C1", code=1),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    *(
        case(
            f"what it misses it took away itself: {name}",
            missing(what, story),
            CRASH,
            FAIL,
            "P ended by an error of its own, with exit status 1: pika.exceptions",
            blame="publisher",
        )
        for name, what, story in [
            ("an exchange", "exchange 'e'", with_exchange()),
            ("the last binding", "exchange 'e'", with_exchange().unbind("e", by="P")),
            ("a queue", f"queue '{Q}'", publisher().declare("P").delete(0, by="P")),
        ]
    ),
    *(
        case(
            f"what it misses may have been taken away by others: {name}",
            missing(what, story),
            CRASH,
            PASS,
            "no program ended by an error of its own.",
        )
        for name, what, story in [
            ("deleted", "exchange 'e'", with_exchange().delete_exchange("e", by="C1")),
            ("unbound", "exchange 'e'", with_exchange().unbind("e", by="C1")),
            ("bound", "exchange 'e'", with_exchange().bind("e", by="C1")),
            ("declared", "exchange 'e'", with_exchange().exchange("e", "direct", by="C1")),
            ("never there", "exchange 'f'", with_exchange()),
            ("a queue", f"queue '{Q}'", publisher().declare("P").delete(0, by="C1")),
            ("a consumer", f"queue '{Q}'", publisher().declare("P").subscribe("C1")),
            ("declared by two", f"queue '{Q}'", publisher().declare("P").declare("C1")),
            ("the broker", "exchange 'e'", with_exchange().stop_broker().start_broker()),
            ("something else", "it", with_exchange()),
        ]
    ),
    case(
        "its connection broke",
        crashed().gone("C1", by="broker").exit("C1", code=1),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    case(
        "what it published came back",
        Story()
        .role("producer", "P")
        .publish("t1", by="P")
        .send_back("t1", by="P")
        .complain(
            "P", TRACEBACK, "pika.exceptions.UnroutableError: 1 unroutable message(s) returned"
        )
        .exit("P", code=1),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    case(
        "the broker was stopped",
        crashed().stop_broker().gone("C1").exit("C1", code=1),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    case(
        "it never reached the broker",
        Story()
        .role("worker", "C1")
        .complain("C1", TRACEBACK, "NameError: name 'pika' is not defined")
        .exit("C1", code=1),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    case(
        "somebody who is neither worker nor publisher",
        Story()
        .role("tool", "T")
        .connect("T")
        .complain("T", TRACEBACK, "KeyError: 'x'")
        .exit("T", code=1),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    # ---------------------------------------------------------------- ended or came back
    case(
        "both end by themselves",
        at_work()
        .cancel("C1", "C2")
        .delete(1)
        .done("C1", "t1")
        .print("C1", "bye")
        .print("C1", " ")
        .exit("C1", "C2", code=0),
        NOTICED,
        PASS,
        "C1 ended with 0, C2 ended with 0.",
        figures={
            "exit_code": "0",
            "exits": {"C1": 0, "C2": 0},
            "came_back": [],
            "last_lines": {"C1": "bye"},
            "finished_after": 1,
        },
    ),
    case(
        "how they end is their own affair",
        at_work().stop_broker().exit("C1", signal="SIGSEGV").exit("C2", code=1),
        NOTICED,
        PASS,
        "C1 ended with SIGSEGV, C2 ended with 1.",
        figures={"exit_code": "1, SIGSEGV", "exits": {"C1": "SIGSEGV", "C2": 1}},
    ),
    case(
        "one ends and one subscribes anew",
        at_work().bounce().exit("C1", code=1).subscribe("C2"),
        NOTICED,
        PASS,
        "C1 ended with 1, C2 subscribed anew.",
        figures={"came_back": ["C2"], "exits": {"C1": 1}},
    ),
    case(
        "both subscribe anew after the deletion of their queue",
        at_work().cancel("C1", "C2").delete(1).declare().subscribe("C1", "C2"),
        NOTICED,
        PASS,
        "C1 subscribed anew, C2 subscribed anew.",
        figures={"came_back": ["C1", "C2"]},
    ),
    case(
        "one that came back and ended later has ended",
        at_work().bounce().subscribe("C1", "C2").exit("C1", code=0),
        NOTICED,
        PASS,
        "C1 ended with 0, C2 subscribed anew.",
        figures={"came_back": ["C2"]},
    ),
    case(
        "one that polls goes on polling",
        Story()
        .publish("t1")
        .get("t1", by="C1")
        .get_nothing("C2")
        .bounce()
        .get_nothing("C1")
        .get_nothing("C2"),
        NOTICED,
        PASS,
        "C1 polls on, C2 polls on.",
        figures={"came_back": ["C1", "C2"]},
    ),
    case(
        "it polled until the broker was down, and never since",
        Story()
        .get_nothing("C1")
        .tell(BrokerStopping, how="stop")
        .get_nothing("C1")
        .tell(BrokerStopped, how="stop", clean=True)
        .exit("C2", code=0)
        .wait_in_vain("ended or back"),
        NOTICED,
        FAIL,
        "neither ended nor subscribed anew: C1.",
        blame="worker",
    ),
    case(
        "one is deaf",
        at_work().bounce().exit("C1", code=1).wait_in_vain("ended or back"),
        NOTICED,
        FAIL,
        "neither ended nor subscribed anew: C2.",
        blame="worker",
        figures={"came_back": []},
    ),
    case(
        "both are deaf to the deletion of their queue",
        at_work().cancel("C1", "C2").delete(1).wait_in_vain("ended or back"),
        NOTICED,
        FAIL,
        "neither ended nor subscribed anew: C1, C2.",
        blame="worker",
    ),
    case(
        "the queue had been deleted before they first subscribed",
        Story()
        .delete(0)
        .declare()
        .subscribe("C1", "C2")
        .cancel("C1", "C2")
        .delete(0)
        .wait_in_vain("ended or back"),
        NOTICED,
        FAIL,
        "neither ended nor subscribed anew: C1, C2.",
        blame="worker",
    ),
    case(
        "nobody waited for them",
        at_work().bounce().exit("C1", code=0),
        NOTICED,
        UNKNOWN,
        "neither ended nor subscribed anew so far: C2.",
    ),
    case(
        "something else was waited for in vain",
        at_work().bounce().exit("C1", code=0).wait_in_vain("acknowledged"),
        NOTICED,
        UNKNOWN,
        "neither ended nor subscribed anew so far: C2.",
    ),
    case(
        "neither has ended",
        at_work().cancel("C1", "C2"),
        NOTICED,
        UNKNOWN,
        "neither ended nor subscribed anew so far: C1, C2.",
    ),
    case(
        "they finish when the broker goes down, as others do",
        at_work()
        .subscribe("C3")
        .deliver("t3", to="C3")
        .done("C1", "t1")
        .stop_broker()
        .done("C2", "t2")
        .done("C3", "t3")
        .exit("C1", "C2", code=0),
        NOTICED,
        PASS,
        "C1 ended with 0, C2 ended with 0.",
        figures={"finished_after": 1},
    ),
    case(
        "nothing happened that they could have noticed",
        at_work().done("C1", "t1").exit("C1", "C2", code=0),
        NOTICED,
        UNKNOWN,
        "nothing happened that they could have noticed.",
        figures={"finished_after": 0},
    ),
    case(
        "another queue was deleted",
        at_work().turn_to("another").delete(0).exit("C1", "C2", code=0),
        NOTICED,
        UNKNOWN,
        "nothing happened that they could have noticed.",
    ),
    case(
        "it ends when it is told to",
        told_to_end().exit("C1", code=143),
        TOLD,
        PASS,
        "C1 ended with exit status 143.",
        figures={"told": 1, "stayed": 0},
    ),
    case(
        "a signal that nobody can catch ends it",
        holding().strike("C1", "t1..", "SIGKILL").exit("C1", signal="SIGKILL"),
        TOLD,
        PASS,
        "C1 ended by SIGKILL.",
    ),
    case(
        "it stays with its task, for longer than that takes",
        told_to_end().wait(20.0).die("C1").wait_in_vain(*STAYED),
        TOLD,
        FAIL,
        "it kept 1 task (2.00 s of work), and settled nothing any more for 20.0 s.",
        blame="worker",
        figures={"stayed": 1},
    ),
    case(
        "it does what it has in hand, and then stays with the rest",
        Story()
        .open()
        .subscribe("C1")
        .publish("t1..", "t2..")
        .deliver("t1..", "t2..", to="C1")
        .strike("C1", "t1..", "SIGTERM")
        .ack("t1..", by="C1")
        .wait(20.0)
        .wait_in_vain(*STAYED)
        .exit("C1", signal="SIGKILL"),
        TOLD,
        FAIL,
        "it kept 1 task (2.00 s of work), and settled nothing any more for 20.0 s.",
        blame="worker",
    ),
    case(
        "it stays, but has settled what it held",
        told_to_end().ack("t1..", by="C1").wait(20.0).wait_in_vain(*STAYED).exit("C1", code=0),
        TOLD,
        UNKNOWN,
        "C1 did not end within",
    ),
    case(
        "it stays subscribed with nothing in hand, until it is killed",
        told_to_end().ack("t1..", by="C1").wait(20.0).die("C1").wait_in_vain(*STAYED),
        TOLD,
        FAIL,
        "it held nothing any more for 20.0 s, and stayed subscribed.",
        blame="worker",
        figures={"stayed": 1},
    ),
    case(
        "it is killed at last, and the end of its subscription is not on the record",
        told_to_end()
        .ack("t1..", by="C1")
        .wait(20.0)
        .wait_in_vain(*STAYED)
        .exit("C1", signal="SIGKILL"),
        TOLD,
        FAIL,
        "it held nothing any more for 20.0 s, and stayed subscribed.",
        blame="worker",
    ),
    case(
        "it has cancelled, and only another stays subscribed",
        told_to_end()
        .ack("t1..", by="C1")
        .subscribe("C2")
        .cancel("C1", by="client")
        .wait(20.0)
        .wait_in_vain(*STAYED)
        .exit("C1", signal="SIGKILL"),
        TOLD,
        UNKNOWN,
        "C1 did not end within",
    ),
    case(
        "it takes its time to close down, but has cancelled",
        told_to_end()
        .ack("t1..", by="C1")
        .cancel("C1", by="client")
        .wait(20.0)
        .wait_in_vain(*STAYED)
        .exit("C1", signal="SIGKILL"),
        TOLD,
        UNKNOWN,
        "C1 did not end within",
    ),
    case(
        "it stays with a task that may take long: it has no dots",
        holding("t1")
        .strike("C1", "t1", "SIGTERM")
        .wait(20.0)
        .wait_in_vain(*STAYED)
        .exit("C1", signal="SIGKILL"),
        TOLD,
        UNKNOWN,
        "C1 did not end within",
    ),
    case("it has not ended so far", told_to_end(), TOLD, UNKNOWN, "C1 has not ended."),
    case("nobody was told to end", holding(), TOLD, UNKNOWN, "nobody was struck."),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_endings(told: Case) -> None:
    assert told.seen() == told.expected()
