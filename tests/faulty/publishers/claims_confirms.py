"""Prints that all its tasks are confirmed, and never asked for a confirm."""

from publisher import run

run()
print(" [x] Confirmed")
