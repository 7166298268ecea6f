"""Declares as durable the queue that was to be none."""

from worker import as_it_should_be, run

run(as_it_should_be, durable=True)
