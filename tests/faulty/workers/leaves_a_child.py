"""Has a child in a session of its own, which inherits its socket and outlives it."""

import os
import signal

from worker import as_it_should_be, consume, subscribed

channel = subscribed(as_it_should_be)
if os.fork() == 0:
    os.setsid()
    while True:
        signal.pause()
consume(channel)
