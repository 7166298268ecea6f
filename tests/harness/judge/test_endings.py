"""How programs end: of themselves, when told to, or when their queue or broker is gone."""

from __future__ import annotations

import pytest

from filaprova.judge.checks import ended_or_came_back, ended_when_told, nobody_crashed
from filaprova.judge.verdict import Blame
from filaprova.record.act import BrokerStopped, BrokerStopping
from tests.harness.judge.stories import (
    FAIL,
    PASS,
    TICK_NS,
    UNKNOWN,
    Case,
    Q,
    Story,
    at_work,
    case,
    name_of,
)

CRASH = nobody_crashed()
TRACEBACK = "Traceback (most recent call last):"
NOTICED = ended_or_came_back(clients=["C1", "C2"])
TOLD = ended_when_told(queue=Q, clients=["C1"])
BOTH_TOLD = ended_when_told(queue=Q, clients=["C1", "C2"])
STAYED = ("program ended", "waited 20.0 s for C1 to end after SIGTERM; it did not, and was killed.")
SECOND_NS = 1_000_000_000
WORKER: Blame = "worker"


def holding(task: str = "t1..") -> Story:
    """C1 holds a task, which takes as long as its dots say."""
    return Story().open().subscribe("C1").publish(task).deliver(task, to="C1")


def told_to_end() -> Story:
    return holding().strike("C1", "t1..", "SIGTERM")


def exactly(after_ns: int, story: Story) -> Story:
    """What is told next happens so long after what was told last, to the nanosecond."""
    story.at_ns += after_ns - TICK_NS
    return story


def stays(story: Story) -> Story:
    """C1 has not ended when the scenario gives it up."""
    return story.wait_in_vain(*STAYED).exit("C1", signal="SIGKILL")


def both_told() -> Story:
    """C1 and C2 hold a task each, and are told to end."""
    story = Story().open().subscribe("C1", "C2").publish("t1..", "t2..")
    story.deliver("t1..", to="C1").deliver("t2..", to="C2")
    return story.strike("C1", "t1..", "SIGTERM").strike("C2", "t2..", "SIGTERM")


def second_stays(story: Story) -> Story:
    """C2 has not ended when the scenario gives it up."""
    told = "waited 20.0 s for C2 to end after SIGTERM; it did not, and was killed."
    return story.wait(20.0).wait_in_vain("program ended", told).exit("C2", signal="SIGKILL")


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
        "it complains of something else, ends with a status, and prints like one that crashes",
        Story()
        .role("worker", "C1")
        .subscribe("C1")
        .complain("C1", "warning: no configuration")
        .print("C1", "panic: a task for another")
        .exit("C1", code=3),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    case(
        "an empty line follows the error",
        crashed("RuntimeError: boom").complain("C1", " ").gone("C1").exit("C1", code=1),
        CRASH,
        FAIL,
        "C1 ended by an error of its own, with exit status 1: RuntimeError: boom.",
        blame="worker",
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
            ("a queue that expired", f"queue '{Q}'", publisher().declare("P")),
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
    *(
        case(
            f"before it ended something befell it: {name}",
            befallen.gone("C1").exit("C1", code=1),
            CRASH,
            PASS,
            "no program ended by an error of its own.",
        )
        for name, befallen in [
            ("a fault", crashed().land("C1", "HoldBack")),
            ("its acknowledgement was held back", crashed().withhold("C1", "t1")),
            (
                "what it published was refused",
                crashed().publish("t2", by="C1").refuse("t2", by="C1"),
            ),
            ("the broker blocked it", crashed().block("C1")),
            ("the broker closed its connection", crashed().say_goodbye("C1", by="broker")),
            ("the broker cancelled it", crashed().cancel("C1")),
        ]
    ),
    case(
        "the broker misses what it took away itself, and is stopped once it has ended",
        missing("exchange 'e'", with_exchange()).stop_broker(),
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
        "the broker was stopped when it had closed its connection",
        crashed().gone("C1").stop_broker().exit("C1", code=1),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    case(
        "it was told to end, and the broker was stopped later",
        crashed("RuntimeError: told")
        .signal("C1", "SIGINT")
        .gone("C1")
        .exit("C1", code=1)
        .stop_broker(),
        CRASH,
        PASS,
        "no program ended by an error of its own.",
    ),
    case(
        "the broker was stopped at the very moment at which it had ended",
        exactly(0, crashed().gone("C1").exit("C1", code=1)).stop_broker(),
        CRASH,
        FAIL,
        "C1 ended by an error of its own, with exit status 1: TypeError",
        blame="worker",
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
        "one that polls gets a task once the broker is back",
        Story()
        .publish("t1", "t2")
        .get("t1", by="C1")
        .get_nothing("C2")
        .bounce()
        .get("t2", by="C1")
        .exit("C2", code=0),
        NOTICED,
        PASS,
        "C2 ended with 0, C1 polls on.",
    ),
    case(
        "their queue is deleted, and nobody tells them",
        at_work().delete(1).exit("C1", code=0).subscribe("C2"),
        NOTICED,
        PASS,
        "C1 ended with 0, C2 subscribed anew.",
    ),
    case(
        "the broker cancels them, and their queue is seen to be deleted by nobody",
        at_work().cancel("C1", "C2").exit("C1", code=0).subscribe("C2"),
        NOTICED,
        PASS,
        "C1 ended with 0, C2 subscribed anew.",
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
    case(
        "a signal that nobody can catch ended it late",
        holding()
        .strike("C1", "t1..", "SIGKILL")
        .wait(20.0)
        .wait_in_vain("program ended", "waited 20.0 s for C1 to end after SIGKILL; it did not.")
        .exit("C1", signal="SIGKILL"),
        TOLD,
        PASS,
        "C1 ended by SIGKILL.",
    ),
    case(
        "it ends when it is told to, and something else is waited for in vain",
        told_to_end().exit("C1", code=143).wait(20.0).wait_in_vain("acknowledged"),
        TOLD,
        PASS,
        "C1 ended with exit status 143.",
    ),
    case(
        "it was waited for until it was told to end once more",
        exactly(0, holding().wait_in_vain(*STAYED))
        .strike("C1", "t1..", "SIGTERM")
        .exit("C1", code=143),
        TOLD,
        PASS,
        "C1 ended with exit status 143.",
    ),
    case(
        "it closes its connection, which hands its task back, and then lingers",
        stays(told_to_end().close("C1").wait(20.0)),
        TOLD,
        UNKNOWN,
        "C1 did not end within 20.0 s of SIGTERM.",
    ),
    *(
        case(
            f"it hands its task back at half of the time: {name}",
            stays(
                exactly(
                    10 * SECOND_NS + less_ns - TICK_NS,
                    exactly(10 * SECOND_NS - less_ns, told_to_end()).close("C1"),
                )
            ),
            TOLD,
            outcome,
            f"C1 did not end within 20.0 s of SIGTERM{says}.",
            blame=blame,
        )
        for name, less_ns, outcome, says, blame in [
            (
                "just then",
                0,
                FAIL,
                ": it kept 1 task (2.00 s of work), and settled nothing any more for 20.0 s",
                WORKER,
            ),
            ("a nanosecond before", 1, UNKNOWN, "", None),
        ]
    ),
    case(
        "it acknowledges when it has been given up",
        stays(told_to_end().wait(20.0)).ack("t1..", by="C1"),
        TOLD,
        FAIL,
        "it kept 1 task (2.00 s of work), and settled nothing any more for 20.0 s.",
        blame="worker",
    ),
    case(
        "it acknowledges at the moment at which it is given up",
        exactly(0, told_to_end().wait(20.0).wait_in_vain(*STAYED))
        .ack("t1..", by="C1")
        .exit("C1", signal="SIGKILL"),
        TOLD,
        FAIL,
        "it kept 1 task (2.00 s of work), and settled nothing any more for 20.0 s.",
        blame="worker",
    ),
    case(
        "another task reaches it at the moment at which it is given up",
        exactly(
            0, told_to_end().publish("t2..").ack("t1..", by="C1").wait(20.0).wait_in_vain(*STAYED)
        )
        .deliver("t2..", to="C1")
        .exit("C1", signal="SIGKILL"),
        TOLD,
        FAIL,
        "it held nothing any more for 20.0 s, and stayed subscribed.",
        blame="worker",
    ),
    case(
        "its task takes no more than a second",
        stays(holding("t1.").strike("C1", "t1.", "SIGTERM").wait(20.0)),
        TOLD,
        FAIL,
        "it kept 1 task (1.00 s of work), and settled nothing any more for 20.0 s.",
        blame="worker",
    ),
    case(
        "it stays for twice as long as its task takes",
        stays(exactly(4 * SECOND_NS, told_to_end())),
        TOLD,
        UNKNOWN,
        "C1 did not end within 4.0 s of SIGTERM.",
    ),
    case(
        "it stays for longer than twice as long as its task takes",
        stays(exactly(4 * SECOND_NS + 2, told_to_end())),
        TOLD,
        FAIL,
        "C1 did not end within 4.0 s of SIGTERM: it kept 1 task (2.00 s of work), and settled "
        "nothing any more for 4.0 s.",
        blame="worker",
    ),
    case(
        "it settles what it holds after half of the time",
        stays(exactly(10 * SECOND_NS, exactly(10 * SECOND_NS, told_to_end()).ack("t1..", by="C1"))),
        TOLD,
        UNKNOWN,
        "C1 did not end within 20.0 s of SIGTERM.",
    ),
    case(
        "it settles what it holds just before half of the time",
        stays(
            exactly(10 * SECOND_NS + 1, exactly(10 * SECOND_NS, told_to_end()).ack("t1..", by="C1"))
        ),
        TOLD,
        FAIL,
        "C1 did not end within 20.0 s of SIGTERM: it held nothing any more for 10.0 s, and stayed "
        "subscribed.",
        blame="worker",
    ),
    case(
        "it cancels only when more than half of the time is over",
        stays(
            told_to_end().ack("t1..", by="C1").wait(12.0).cancel("C1", by="client").wait(8.0),
        ),
        TOLD,
        FAIL,
        "it held nothing any more for 20.0 s, and stayed subscribed.",
        blame="worker",
    ),
    case(
        "it stays with a task that needs no acknowledgement",
        stays(
            Story()
            .open()
            .subscribe("C1", no_ack=True)
            .publish("t1..")
            .deliver("t1..", to="C1")
            .strike("C1", "t1..", "SIGTERM")
            .wait(20.0)
        ),
        TOLD,
        UNKNOWN,
        "C1 did not end within 20.0 s of SIGTERM.",
    ),
    case(
        "another goes on with its own task, and settles it",
        stays(
            told_to_end()
            .subscribe("C2")
            .publish("t2..")
            .deliver("t2..", to="C2")
            .wait(20.0)
            .ack("t2..", by="C2")
        ),
        TOLD,
        FAIL,
        "it kept 1 task (2.00 s of work), and settled nothing any more for 20.1 s.",
        blame="worker",
    ),
    case(
        "another holds a task",
        stays(
            told_to_end()
            .ack("t1..", by="C1")
            .subscribe("C2")
            .publish("t2..")
            .deliver("t2..", to="C2")
            .wait(20.0)
        ),
        TOLD,
        FAIL,
        "it held nothing any more for 20.1 s, and stayed subscribed.",
        blame="worker",
    ),
    case(
        "both end",
        both_told().exit("C1", code=143).exit("C2", signal="SIGTERM"),
        BOTH_TOLD,
        PASS,
        "C1 ended with exit status 143; C2 ended by SIGTERM.",
        figures={"told": 2, "stayed": 0},
    ),
    case(
        "the first ends, the second stays",
        second_stays(both_told().exit("C1", code=143)),
        BOTH_TOLD,
        FAIL,
        "C2 did not end within 20.0 s of SIGTERM: it kept 1 task",
        blame="worker",
        figures={"told": 2, "stayed": 1},
    ),
    case(
        "the first has not ended so far, the second stays",
        second_stays(both_told()),
        BOTH_TOLD,
        FAIL,
        "C2 did not end within 20.0 s of SIGTERM: it kept 1 task",
        blame="worker",
    ),
    case("it has not ended so far", told_to_end(), TOLD, UNKNOWN, "C1 has not ended."),
    case("nobody was told to end", holding(), TOLD, UNKNOWN, "nobody was struck."),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_endings(told: Case) -> None:
    assert told.seen() == told.expected()


def test_all_that_was_seen_is_told_in_turn() -> None:
    verdict = BOTH_TOLD.judge(both_told().exit("C1", code=143).history())
    assert verdict.seen == "C2 has not ended; C1 ended with exit status 143"
