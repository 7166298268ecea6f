"""Prints 10,000 lines a second while it works, 2,000 for each task."""

import threading
import time

from well_behaved import subscribed


def work(*_):
    begun = time.monotonic()
    for number in range(1, 2_001):
        print(f"line {number}")
        ahead = number / 10_000 - (time.monotonic() - begun)
        if ahead > 0.005:
            threading.Event().wait(ahead)


subscribed(work).start_consuming()
