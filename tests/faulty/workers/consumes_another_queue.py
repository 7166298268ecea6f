"""Consumes from another queue than the one that it was to work on."""

from worker import as_it_should_be, run

run(as_it_should_be, queue="work_queues_2")
