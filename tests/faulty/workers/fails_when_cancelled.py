"""Ends with an exit status of 1 when its queue is deleted."""

import sys

from worker import as_it_should_be, run

run(as_it_should_be)
sys.exit(1)
