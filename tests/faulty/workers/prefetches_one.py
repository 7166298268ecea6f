"""Takes one task at a time, whatever its role."""

from worker import as_it_should_be, run

run(as_it_should_be, prefetch_count=1)
