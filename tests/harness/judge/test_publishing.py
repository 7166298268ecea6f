"""Publishing: what goes nowhere, what comes back, what is never committed, what is transient."""

from __future__ import annotations

import pytest

from filaprova.judge.checks import published_as_persistent, publishers_duties_done
from filaprova.record.wire import ChannelClosed
from tests.harness.judge.stories import FAIL, PASS, UNKNOWN, Case, Q, Story, case, name_of


def own() -> Story:
    """An empty virtual host, a publisher and a worker."""
    return Story().open(own_host=True).role("producer", "P").role("worker", "C1")


def with_exchange() -> Story:
    return own().declare("P").exchange("E", "direct", "P").bind("E", "red", by="P")


def bound_by(*clients: str) -> Story:
    """Each of these binds the worker's queue with the key "task.work"."""
    story = own().exchange("E", "direct", "C1").declare("C1")
    for client in clients:
        story.bind("E", "task.work", by=client)
    return story


def careless(*, confirms: bool = False) -> Story:
    """Published on a channel that the broker has closed in between."""
    story = own().declare("P").publish("t1", "t2", by="P", confirms=confirms)
    return story.close_channel("P", "broker", 404, "NOT_FOUND - no exchange 'audit'")


def two_queues(other: str) -> Story:
    """The queue of tasks, and another."""
    return own().turn_to(other).declare("P").turn_to(Q).declare("P")


def polled_and_parked() -> Story:
    """C1 asks for two tasks; a third goes to a queue that nobody asks."""
    story = two_queues("parked").publish("task 1", "task 2", by="P")
    story.get("task 1", "task 2", by="C1").ack("task 1", "task 2", by="C1")
    return story.publish("task 3", by="P", key="parked")


def pretender(code: int) -> Story:
    """P2 sends what it says; P says that it sends four, sends none, and ends with this status."""
    story = own().role("producer", "P2").declare("P2").say("P2", "t0").publish("t0", by="P2")
    return story.exit("P2", code=0).say("P", "t1", "t2", "t3", "t4").exit("P", code=code)


def three_not_taken_up() -> Story:
    """P has one sent back and one in a transaction that it never commits, P2 one sent back."""
    story = own().role("producer", "P2").publish("t1", by="P", mandatory=True)
    story.send_back("t1", by="P").publish("t2", by="P2", mandatory=True).send_back("t2", by="P2")
    return story.declare("C1").select("P").publish("t3", by="P").gone("P").exit("P", "P2", code=1)


def announcing(
    text: str = "all sent",
    *,
    asked: int | None = 2,
    by_exchange: bool = False,
    exchange: str = "news",
    key: str = "all",
) -> Story:
    """P has sent two tasks, and announces that where nobody listens."""
    story = Story().open(own_host=True).role("producer", "P", asked=asked).declare("P")
    story.exchange("news", "topic", "P").exchange("work", "topic", "P")
    story.bind("news", "one", by="P").bind("work", "one", by="P")
    way = {"exchange": "work", "key": "one"} if by_exchange else {}
    story.publish("task 1", "task 2", by="P", **way)
    return story.publish(text, by="P", exchange=exchange, key=key)


def another_channel_closed(story: Story, client: str) -> Story:
    """It closes a second channel of its connection."""
    where = story.on(client) | {"channel": 2}
    return story.tell(ChannelClosed, **where, by="client", code=200, text="Normal shutdown")


def nowhere(name: str, story: Story, task: str = "all sent") -> Case:
    says = f"P published 1 task to where no queue takes it up: '{task}'."
    return case(name, story, DUTIES, FAIL, says, blame="publisher")


DUTIES = publishers_duties_done()
PERSISTENT = published_as_persistent(queue=Q)

CASES = [
    # ------------------------------------------------------------ duties: after a mistake
    case(
        "the broker closes its channel, and it goes on as if nothing had happened",
        careless().exit("P", code=0).drain("t1"),
        DUTIES,
        FAIL,
        "P published 1 task on a channel that the broker closed for its mistake, not again: 't2'.",
        blame="publisher",
    ),
    case(
        "the broker closes its channel, and it fails",
        careless().exit("P", code=1).drain("t1"),
        DUTIES,
        PASS,
        "2 tasks published by 1 program, each taken up by a queue.",
    ),
    case(
        "the broker closes its channel, and it sends on another what was lost",
        careless().publish("t2", by="P").exit("P", code=0).drain("t1", "t2"),
        DUTIES,
        PASS,
        "3 tasks published by 1 program, each taken up by a queue.",
    ),
    case(
        "the broker closes its channel, and what is in the queue is not looked at",
        careless().exit("P", code=0),
        DUTIES,
        PASS,
        "2 tasks published by 1 program, each taken up by a queue.",
    ),
    case(
        "the broker closes its channel, it complains, and goes on as if nothing had happened",
        careless().complain("P", "error: NOT_FOUND").exit("P", code=0).drain("t1"),
        DUTIES,
        FAIL,
        "P published 1 task on a channel that the broker closed for its mistake, not again: 't2'.",
        blame="publisher",
    ),
    *(
        case(
            f"the broker closes its channel, and {name}",
            story.exit("P", code=0).drain("t1"),
            DUTIES,
            PASS,
            "2 tasks published by 1 program, each taken up by a queue.",
        )
        for name, story in (
            ("what it had published has been confirmed", careless(confirms=True)),
            ("what is in the queue is purged", careless().purge(1)),
            ("the queue is deleted", careless().delete(1).declare()),
        )
    ),
    case(
        "the broker closes the channel of another, and one is missing from the queue",
        own()
        .role("producer", "P2")
        .declare("P")
        .publish("t1", by="P2")
        .close_channel("P2", "broker", 404, "NOT_FOUND - no exchange 'audit'")
        .publish("t2", by="P")
        .exit("P", "P2", code=0)
        .drain("t1"),
        DUTIES,
        PASS,
        "2 tasks published by 2 programs, each taken up by a queue.",
    ),
    # ------------------------------------------------------------ duties: what it says
    case(
        "it says that it sends four, and sends none",
        pretender(code=0),
        DUTIES,
        FAIL,
        "P printed 4 tasks as sent, published none of them, and ended as if all was well.",
        blame="publisher",
        figures={"published": 1, "nowhere": 0},
    ),
    case(
        "it says that it sends four, sends none, and fails",
        pretender(code=1),
        DUTIES,
        PASS,
        "1 task published by 1 program, each taken up by a queue.",
    ),
    # ------------------------------------------------------------ duties: news
    case(
        "a worker tells whoever listens what it does, and nobody does",
        with_exchange()
        .exchange("news", "fanout", "C1")
        .subscribe("C1")
        .publish("t1", by="P")
        .deliver("t1", to="C1")
        .publish("done with t1", by="C1", exchange="news", key=""),
        DUTIES,
        PASS,
        "2 tasks published by 2 programs, each taken up by a queue.",
    ),
    case(
        "a worker sends a task on to where no queue takes it up",
        with_exchange()
        .exchange("later", "fanout", "C1")
        .subscribe("C1")
        .publish("t1", by="P")
        .deliver("t1", to="C1")
        .publish("t1", by="C1", exchange="later", key=""),
        DUTIES,
        FAIL,
        "C1 published 1 task to where no queue takes it up: 't1'.",
        blame="worker",
    ),
    case(
        "a publisher announces that it has sent all, and nobody listens",
        announcing(),
        DUTIES,
        PASS,
        "3 tasks published by 1 program, each taken up by a queue.",
        figures={"published": 3, "nowhere": 0},
    ),
    case(
        "a publisher that was asked for fewer announces it, and its tasks have an exchange as well",
        announcing(asked=1, by_exchange=True),
        DUTIES,
        PASS,
        "3 tasks published by 1 program, each taken up by a queue.",
    ),
    case(
        "a publisher announces that it has sent all, which came to a queue that was just declared",
        Story()
        .open(own_host=True)
        .role("producer", "P", asked=1)
        .exchange("news", "topic", "P")
        .publish("task 1", by="P")
        .declare("C1")
        .subscribe("C1")
        .handle("C1", "task 1")
        .publish("all sent", by="P", exchange="news", key="all"),
        DUTIES,
        PASS,
        "2 tasks published by 1 program, each taken up by a queue.",
        figures={"nowhere": 0},
    ),
    nowhere("a task is missing, and what it announces may be that", announcing(asked=3)),
    nowhere("how many tasks it was asked for is not known", announcing(asked=None)),
    nowhere("it was asked for none", announcing(asked=0)),
    nowhere(
        "it announces by the exchange of its tasks", announcing(exchange="work", by_exchange=True)
    ),
    nowhere("it announces in the form of its tasks", announcing("task 3"), "task 3"),
    nowhere("it announces to a queue that is not there", announcing(exchange="")),
    nowhere(
        "what it announces was a task before",
        Story()
        .open(own_host=True)
        .role("producer", "P", asked=1)
        .declare("P")
        .exchange("news", "topic", "P")
        .publish("id", body="task 1", by="P")
        .get("id", by="C1")
        .publish("task 2", by="P")
        .publish("id", "id", body="all sent", by="P", exchange="news", key="all"),
        "id",
    ),
    nowhere(
        "another has sent as many as this one was asked for",
        Story()
        .open(own_host=True)
        .role("producer", "P", asked=2)
        .role("producer", "P2")
        .declare("P")
        .exchange("news", "topic", "P")
        .publish("task 1", "task 2", by="P2")
        .publish("task 3", by="P")
        .publish("all sent", by="P", exchange="news", key="all"),
    ),
    # ------------------------------------------------------------ duties: to where it is consumed
    case(
        "one of three to a queue that nobody consumes from",
        own()
        .turn_to("parked")
        .declare("P")
        .turn_to(Q)
        .declare("P")
        .subscribe("C1")
        .publish("task 1", "task 2", by="P")
        .publish("task 3", by="P", key="parked"),
        DUTIES,
        FAIL,
        "P published 1 task to a queue that nobody consumes from, unlike others: 'task 3'.",
        blame="publisher",
    ),
    *(
        case(
            f"one of three to a queue that nobody asks, {name}",
            polled_and_parked().exit("P", code=code),
            DUTIES,
            FAIL,
            "P published 1 task to a queue that nobody consumes from, unlike others: 'task 3'.",
            blame="publisher",
        )
        for name, code in (("while another is asked", 0), ("and it fails afterwards", 1))
    ),
    case(
        "one of three to a queue that the scenario empties",
        two_queues("second")
        .subscribe("C1")
        .publish("task 1", "task 2", by="P")
        .publish("task 3", by="P", key="second")
        .turn_to("second")
        .drain(),
        DUTIES,
        PASS,
        "3 tasks published by 1 program, each taken up by a queue.",
    ),
    case(
        "two copies to a queue that nobody consumes from",
        two_queues("archive")
        .subscribe("C1")
        .publish("task 1", "task 2", by="P")
        .publish("task 2", "task 2", by="P", key="archive"),
        DUTIES,
        PASS,
        "4 tasks published by 1 program, each taken up by a queue.",
    ),
    case(
        "a copy to a queue that nobody consumes from",
        own()
        .turn_to("archive")
        .declare("P")
        .turn_to(Q)
        .declare("P")
        .subscribe("C1")
        .publish("task 1", "task 2", by="P")
        .publish("task 2", by="P", key="archive"),
        DUTIES,
        PASS,
        "3 tasks published by 1 program, each taken up by a queue.",
    ),
    case(
        "something else to a queue that nobody consumes from",
        own()
        .turn_to("control")
        .declare("P")
        .turn_to(Q)
        .declare("P")
        .subscribe("C1")
        .publish("task 1", by="P")
        .publish("beat", by="P", key="control"),
        DUTIES,
        PASS,
        "2 tasks published by 1 program, each taken up by a queue.",
    ),
    case(
        "all to a queue that nobody consumes from",
        own().declare("P").publish("task 1", "task 2", by="P"),
        DUTIES,
        PASS,
        "2 tasks published by 1 program, each taken up by a queue.",
    ),
    # ---------------------------------------------------------------- duties: each arrives
    case(
        "to a queue that is there",
        own().declare("P").publish("t1", "t2", by="P"),
        DUTIES,
        PASS,
        "2 tasks published by 1 program, each taken up by a queue.",
        figures={"published": 2, "nowhere": 0},
    ),
    case(
        "through an exchange with a binding that fits",
        with_exchange().publish("t1", by="P", exchange="E", key="red"),
        DUTIES,
        PASS,
        "1 task published by 1 program, each taken up by a queue.",
    ),
    case(
        "with another key than the worker has bound its queue with: whose is meant, nobody knows",
        bound_by("C1").publish("t1", by="P", exchange="E", key="tasks.work"),
        DUTIES,
        FAIL,
        "C1 bound E with 'task.work', they have 'tasks.work'.",
    ),
    case(
        "with another key than the worker's, while others go straight to a queue",
        bound_by("C1").publish("t1", by="P", exchange="E", key="tasks.work").publish("t2", by="P"),
        DUTIES,
        FAIL,
        "C1 bound E with 'task.work', they have 'tasks.work'.",
    ),
    case(
        "with another key than the worker's, and to a queue that nobody declares",
        bound_by("C1")
        .publish("t1", by="P", exchange="E", key="tasks.work")
        .publish("t2", by="P", key="nowhere"),
        DUTIES,
        FAIL,
        "P published 2 tasks to where no queue takes them up: 't1', 't2'.",
        blame="publisher",
    ),
    case(
        "with another key than the worker and itself have bound it with",
        bound_by("C1", "P").publish("t1", by="P", exchange="E", key="tasks.work"),
        DUTIES,
        FAIL,
        "P published 1 task to where no queue takes it up: 't1'.",
        blame="publisher",
    ),
    case(
        "with another key than the one that it has bound the queue with itself",
        with_exchange().publish("t1", by="P", exchange="E", key="rde"),
        DUTIES,
        FAIL,
        "P published 1 task to where no queue takes it up: 't1'.",
        blame="publisher",
    ),
    case(
        "a worker sends its result to another queue",
        own()
        .declare("P")
        .turn_to("results")
        .declare("C1")
        .turn_to(Q)
        .publish("t1", by="P")
        .subscribe("C1")
        .handle("C1", "t1")
        .publish("r1", by="C1", key="results"),
        DUTIES,
        PASS,
        "2 tasks published by 2 programs, each taken up by a queue.",
    ),
    case(
        "a worker answers whoever asked, without a queue",
        own()
        .declare("P")
        .publish("t1", by="P")
        .subscribe("C1")
        .handle("C1", "t1")
        .publish("r1", by="C1", key="amq.rabbitmq.reply-to.g1h2AA"),
        DUTIES,
        PASS,
        "2 tasks published by 2 programs",
    ),
    case(
        "between the declaration and its answer, and delivered",
        own().publish("t1", by="P").declare("C1").subscribe("C1").handle("C1", "t1"),
        DUTIES,
        PASS,
        "1 task published by 1 program",
        figures={"nowhere": 0},
    ),
    case(
        "what an exchange cannot route goes to its alternate",
        own()
        .declare("P")
        .exchange("spare", "fanout", "P")
        .bind("spare", by="P")
        .exchange("E", "direct", "P", arguments={"alternate-exchange": "spare"})
        .publish("t1", by="P", exchange="E", key="unknown"),
        DUTIES,
        PASS,
        "1 task published by 1 program",
    ),
    case(
        "through an exchange that looks at headers",
        own().exchange("E", "headers", "P").bind("E", by="P").publish("t1", by="P", exchange="E"),
        DUTIES,
        PASS,
        "1 task published by 1 program",
    ),
    case(
        "to a broker where others may have bound queues",
        Story()
        .open()
        .role("producer", "P")
        .exchange("E", "fanout", "P")
        .publish("t1", by="P", exchange="E"),
        DUTIES,
        PASS,
        "1 task published by 1 program",
    ),
    # ---------------------------------------------------------------- duties: nowhere
    case(
        "to a queue that nobody ever declared",
        own().publish("t1", "t2", by="P").exit("P", code=0),
        DUTIES,
        FAIL,
        "P published 2 tasks to where no queue takes them up: 't1', 't2'.",
        blame="publisher",
        figures={"published": 2, "nowhere": 2},
    ),
    case(
        "that it fails afterwards does not help",
        own().publish("t1", by="P").exit("P", code=1),
        DUTIES,
        FAIL,
        "P published 1 task to where no queue takes it up: 't1'.",
        blame="publisher",
    ),
    case(
        "to a queue that is declared only later",
        own().publish("t1", by="P").declare("C1").publish("t2", by="P"),
        DUTIES,
        FAIL,
        "P published 1 task to where no queue takes it up: 't1'.",
        blame="publisher",
        figures={"published": 2, "nowhere": 1},
    ),
    case(
        "and once more when the queue is there",
        own().publish("t1", by="P").declare("C1").publish("t1", by="P"),
        DUTIES,
        PASS,
        "2 tasks published by 1 program",
        figures={"nowhere": 1},
    ),
    case(
        "with a key that no binding has",
        with_exchange().publish("t1", by="P", exchange="E", key="blue"),
        DUTIES,
        FAIL,
        "P published 1 task to where no queue takes it up: 't1'.",
        blame="publisher",
    ),
    case(
        "through an exchange that nothing is bound to",
        own().exchange("E", "fanout", "P").publish("t1", by="P", exchange="E"),
        DUTIES,
        FAIL,
        "P published 1 task to where no queue takes it up: 't1'.",
        blame="publisher",
    ),
    case(
        "a worker sends its result to nowhere",
        own()
        .declare("P")
        .publish("t1", by="P")
        .subscribe("C1")
        .handle("C1", "t1")
        .publish("r1", by="C1", key="results"),
        DUTIES,
        FAIL,
        "C1 published 1 task to where no queue takes it up: 'r1'.",
        blame="worker",
    ),
    case(
        "both a publisher and a worker",
        own().publish("t1", by="P").publish("t2", by="C1"),
        DUTIES,
        FAIL,
        "C1 published 1 task to where no queue takes it up: 't2'; P published 1 task to where no "
        "queue takes it up: 't1'.",
        blame="worker",
    ),
    case(
        "four to a queue that nobody ever declared",
        own().publish("t1", "t2", "t3", "t4", by="P"),
        DUTIES,
        FAIL,
        "P published 4 tasks to where no queue takes them up: 't1', 't2', 't3', 't4'.",
        blame="publisher",
    ),
    case(
        "a worker publishes as well, and the publisher that counts sends one number again",
        own()
        .declare("P")
        .publish("done", by="C1")
        .publish(*(f"task {n}" for n in (1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10)), by="P", confirms=True),
        DUTIES,
        FAIL,
        "P counts its tasks, and published 1 number of them again: 'task 5'.",
        blame="publisher",
    ),
    # ---------------------------------------------------------------- duties: sent back
    case(
        "sent back with another key than the worker's, and it ends as if nothing had been",
        bound_by("C1")
        .publish("t1", by="P", exchange="E", key="tasks.work", mandatory=True)
        .send_back("t1", by="P")
        .exit("P", code=0),
        DUTIES,
        FAIL,
        "P published 1 task that the broker sent back or refused: 't1'.",
        blame="publisher",
    ),
    case(
        "three of two publishers not taken up, and both fail",
        three_not_taken_up(),
        DUTIES,
        PASS,
        "3 tasks published by 2 programs, of which 3 were not taken up, and whoever published that "
        "noticed, or could not any more.",
    ),
    case(
        "refused by the broker, sent again, and refused again",
        own()
        .declare("P")
        .publish("t1", by="P")
        .refuse("t1", by="P")
        .publish("t1", by="P")
        .refuse("t1", by="P")
        .exit("P", code=0),
        DUTIES,
        FAIL,
        "P published 2 tasks that the broker sent back or refused: 't1', 't1'.",
        blame="publisher",
    ),
    case(
        "sent back as unroutable, and it ends as if nothing had been",
        own().publish("t1", by="P", mandatory=True).send_back("t1", by="P").exit("P", code=0),
        DUTIES,
        FAIL,
        "P published 1 task that the broker sent back or refused: 't1'.",
        blame="publisher",
        figures={"published": 1, "nowhere": 1},
    ),
    case(
        "sent back as unroutable, and it fails",
        own().publish("t1", by="P", mandatory=True).send_back("t1", by="P").exit("P", code=1),
        DUTIES,
        PASS,
        "1 task published by 1 program, of which 1 was not taken up, and whoever published that "
        "noticed, or could not any more.",
    ),
    case(
        "sent back as unroutable, and it says so",
        own()
        .publish("t1", by="P", mandatory=True)
        .send_back("t1", by="P")
        .print("P", "t1 was returned: NO_ROUTE")
        .exit("P", code=0),
        DUTIES,
        PASS,
        "1 task published by 1 program, of which 1 was not taken up, and whoever published that "
        "noticed, or could not any more.",
    ),
    case(
        "sent back, and sent again when the queue is there",
        own()
        .publish("t1", by="P", mandatory=True)
        .send_back("t1", by="P")
        .declare("P")
        .publish("t1", by="P", mandatory=True)
        .exit("P", code=0),
        DUTIES,
        PASS,
        "2 tasks published by 1 program",
    ),
    case(
        "refused by the broker, and it goes on",
        own().declare("P").publish("t1", "t2", by="P").refuse("t2", by="P").exit("P", code=0),
        DUTIES,
        FAIL,
        "P published 1 task that the broker sent back or refused: 't2'.",
        blame="publisher",
        figures={"nowhere": 0},
    ),
    # ---------------------------------------------------------------- duties: transactions
    case(
        "in transactions that are committed",
        own().declare("P").select("P").publish("t1", by="P").commit("P").close("P"),
        DUTIES,
        PASS,
        "1 task published by 1 program",
    ),
    case(
        "in a transaction that is never committed",
        own()
        .declare("P")
        .select("P")
        .publish("t1", by="P")
        .commit("P")
        .publish("t2", by="P")
        .close("P")
        .exit("P", code=0),
        DUTIES,
        FAIL,
        "P published 1 task in a transaction that it never committed: 't2'.",
        blame="publisher",
    ),
    case(
        "in a transaction on a channel that it closes",
        own().declare("P").select("P").publish("t1", by="P").close_channel("P").exit("P", code=0),
        DUTIES,
        FAIL,
        "P published 1 task in a transaction that it never committed: 't1'.",
        blame="publisher",
    ),
    case(
        "twice the same in a transaction on a channel that it closes",
        own()
        .declare("C1")
        .select("P")
        .publish("t1", "t1", by="P")
        .close_channel("P")
        .exit("P", code=0),
        DUTIES,
        FAIL,
        "P published 2 tasks in a transaction that it never committed: 't1', 't1'.",
        blame="publisher",
    ),
    case(
        "in a transaction that is committed when another channel has been closed",
        another_channel_closed(own().declare("P").select("P").publish("t1", by="P"), "P")
        .commit("P")
        .close("P")
        .exit("P", code=0),
        DUTIES,
        PASS,
        "1 task published by 1 program, each taken up by a queue.",
    ),
    case(
        "rolled back on purpose, and nothing after that",
        own()
        .declare("P")
        .select("P")
        .publish("t1", by="P")
        .roll_back("P")
        .close("P")
        .exit("P", code=0),
        DUTIES,
        PASS,
        "1 task published by 1 program, each taken up by a queue.",
    ),
    case(
        "killed in the middle of a transaction",
        own().declare("P").select("P").publish("t1", by="P").strike("P", None).die("P"),
        DUTIES,
        PASS,
        "1 task published by 1 program, of which 1 was not taken up",
    ),
    case(
        "rolled back on purpose, and committed the second time",
        own()
        .declare("P")
        .select("P")
        .publish("t1", "t2", by="P")
        .roll_back("P")
        .publish("t1", by="P")
        .commit("P")
        .close("P"),
        DUTIES,
        PASS,
        "3 tasks published by 1 program",
    ),
    case(
        "in a transaction, to nowhere",
        own().select("P").publish("t1", by="P").commit("P").close("P"),
        DUTIES,
        FAIL,
        "P published 1 task to where no queue takes it up: 't1'.",
        blame="publisher",
    ),
    # ---------------------------------------------------------------- duties: nobody's
    case(
        "only the harness publishes",
        own().declare().publish("t1", by="harness"),
        DUTIES,
        PASS,
        "does not apply: no program published anything.",
        figures={"applies": False},
    ),
    case(
        "nobody publishes",
        own().declare(),
        DUTIES,
        PASS,
        "does not apply: no program published anything.",
        figures={"applies": False},
    ),
    case(
        "what it published cannot be read",
        own().declare("P").publish("t1", by="P").garbage("P"),
        DUTIES,
        UNKNOWN,
        "could not be decoded",
    ),
    # ---------------------------------------------------------------- persistent
    case(
        "each is persistent",
        own().declare("P").publish("t1", "t2", by="P"),
        PERSISTENT,
        PASS,
        "2 tasks published as persistent.",
        figures={"published": 2, "transient": 0},
    ),
    case(
        "the last one is transient",
        own().declare("P").publish("t1", by="P").publish("t2", by="P", persistent=False),
        PERSISTENT,
        FAIL,
        "1 task was published as transient: 't2'.",
        blame="publisher",
        figures={"published": 2, "transient": 1},
    ),
    case(
        "a worker hands them on as transient",
        own().declare("P").publish("t1", "t2", by="C1", persistent=False),
        PERSISTENT,
        FAIL,
        "2 tasks were published as transient: 't1', 't2'.",
        blame="worker",
    ),
    case(
        "transient ones go to another queue",
        own()
        .declare("P")
        .turn_to("results")
        .declare("C1")
        .publish("r1", by="C1", persistent=False)
        .turn_to(Q)
        .publish("t1", by="P"),
        PERSISTENT,
        PASS,
        "1 task published as persistent.",
    ),
    case("none at all", own().declare(), PERSISTENT, UNKNOWN, "nothing was published to tasks."),
]


@pytest.mark.parametrize("told", CASES, ids=name_of)
def test_publishing(told: Case) -> None:
    assert told.seen() == told.expected()
