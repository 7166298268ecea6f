"""Sends its tasks as persistent ones, whatever its role."""

from publisher import run

run(delivery_mode=2)
