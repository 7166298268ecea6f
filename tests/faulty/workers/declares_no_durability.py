"""Declares the durable queue without its durability."""

from worker import as_it_should_be, run

run(as_it_should_be, durable=False)
