"""Sends its tasks as transient ones, whatever its role."""

from publisher import run

run(delivery_mode=1)
