"""Small scenarios for faults that no exercise of the lesson can show in little time."""

from __future__ import annotations

from filaprova.judge import checks as check
from filaprova.scenario import Scenario

QUEUE = "work_queues_durable"
OTHER_QUEUE = "work_queues_1"


def worked_off(scenario: Scenario) -> None:
    """One worker works off eight tasks and acknowledges each."""
    with scenario.step("Start a worker"):
        workers = scenario.start_workers(1, "02_worker_consumer_ack.py")
    with scenario.step("Send eight tasks"):
        sent = scenario.produce("01_producer_timed.py", 8)
    with scenario.step("Wait until all are acknowledged"):
        scenario.wait_acknowledged(sent.tasks, by=workers)
    scenario.drain(sent.queue)
    scenario.verify(
        "control",
        check.nothing_lost(queue=sent.queue),
        check.none_done_twice(queue=sent.queue),
        check.all_settled(queue=sent.queue),
        check.witnesses_agree(queue=sent.queue),
        check.sent_as_said(queue=sent.queue, asked=8),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )


def all_done(scenario: Scenario) -> None:
    """One worker does eight tasks."""
    with scenario.step("Start a worker"):
        workers = scenario.start_workers(1, "02_worker_consumer_ack.py")
    with scenario.step("Send eight tasks"):
        sent = scenario.produce("01_producer_timed.py", 8)
    with scenario.step("Wait until all are done"):
        scenario.wait_done(sent.tasks, by=workers)
    scenario.drain(sent.queue)
    scenario.verify(
        "control",
        check.nothing_lost(queue=sent.queue),
        check.none_done_twice(queue=sent.queue),
        check.witnesses_agree(queue=sent.queue),
        check.sent_as_said(queue=sent.queue, asked=8),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )


def garbage_is_sent(scenario: Scenario) -> None:
    """A worker sends what is not AMQP, and ends when the broker has closed its connection."""
    with scenario.step("Start a worker and wait for its end"):
        workers = scenario.start_workers(1, "02_worker_consumer_ack.py")
        scenario.wait_exited(workers)
    scenario.verify("control", check.fully_decoded())


def server_stop(scenario: Scenario) -> None:
    """The first half of L10 and L13: what is not durable is gone after a stop of the server."""
    with scenario.step("Start three workers and send twenty tasks"):
        workers = scenario.start_workers(3, "02_worker_consumer_ack.py", pause_at_task=3)
        sent = scenario.produce("01_producer_timed.py", 20)
        scenario.wait_paused(workers)
    with scenario.step("Send transient messages to a durable queue"):
        transient = scenario.produce("01_producer_durable_transient.py", 20)
    with scenario.step("List the queues, stop the server half-way and start it again"):
        scenario.count(sent.queue)
        scenario.count(transient.queue)
        scenario.stop_broker()
        scenario.start_broker()
        scenario.resume(workers)
        scenario.wait_exited(workers)
        scenario.count(sent.queue)
        scenario.count(transient.queue)
    scenario.verify(
        "L10",
        check.broker_was_stopped(how="stop"),
        check.graceful_stop_was_clean(),
        check.queue_gone_after_restart(queue=sent.queue),
        check.exited(clients=[worker.client for worker in workers], exit_code=1),
        check.queue_survived_restart(queue=transient.queue),
        check.transient_tasks_gone(queue=transient.queue),
        check.fully_decoded(),
    )


def durable_queue(scenario: Scenario) -> None:
    """The half of L11 that needs no tasks: a durable queue is back after a stop of the server."""
    with scenario.step("Have a worker declare the queue, and end it"):
        scenario.start_workers(1, "02_worker_consumer_ack_durable.py")
        scenario.end_workers()
    with scenario.step("List the queue, stop the server, start it again and list the queue again"):
        scenario.count(QUEUE)
        scenario.stop_broker()
        scenario.start_broker()
        scenario.count(QUEUE)
    scenario.verify(
        "L11",
        check.broker_was_stopped(how="stop"),
        check.graceful_stop_was_clean(),
        check.queue_survived_restart(queue=QUEUE),
        check.fully_decoded(),
    )


def crash(scenario: Scenario) -> None:
    """After a crash all confirmed tasks are back, and of the others a first part."""
    with scenario.step("Send persistent tasks with and without confirms"):
        scenario.declare(QUEUE, durable=True)
        scenario.declare(OTHER_QUEUE, durable=True)
        scenario.publish(QUEUE, [b"confirmed %d" % n for n in range(50)], confirms=True)
        scenario.publish(OTHER_QUEUE, [b"unconfirmed %d" % n for n in range(50)])
    with scenario.step("Kill the server and start it again"):
        scenario.kill_broker()
        scenario.start_broker()
    scenario.drain(QUEUE)
    scenario.drain(OTHER_QUEUE)
    scenario.verify(
        "K7",
        check.broker_was_stopped(how="kill"),
        check.confirmed_came_back(queue=QUEUE),
        check.unconfirmed_came_back(queue=OTHER_QUEUE),
        check.drained(queue=QUEUE),
        check.fully_decoded(),
    )
