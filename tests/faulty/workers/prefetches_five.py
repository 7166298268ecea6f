"""Takes five tasks at a time where it was to take one."""

from worker import as_it_should_be, run

run(as_it_should_be, prefetch_count=5)
