"""Acknowledges by hand where it was to acknowledge automatically, but only in the end."""

from worker import as_it_should_be, run

run(as_it_should_be, auto_ack=False)
