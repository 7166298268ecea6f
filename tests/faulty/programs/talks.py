"""Prints a megabyte, then works."""

from well_behaved import subscribed, work

channel = subscribed(work)
for number in range(10_000):
    print(f"line {number} {'x' * 90}")
channel.start_consuming()
