"""Declares one queue and publishes to another, which does not exist."""

from publisher import run

run(queue="work_queue_1")
