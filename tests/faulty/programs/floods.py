"""Prints far more than anybody wants to keep, then works."""

from well_behaved import subscribed, work

channel = subscribed(work)
for number in range(60_000):
    print(f"line {number}")
channel.start_consuming()
