"""Has a child in a session of its own, which inherits its socket and outlives it."""

import os
import signal

from well_behaved import subscribed, work

channel = subscribed(work)
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()
channel.start_consuming()
