"""Does not end when it is asked to."""

import signal

from well_behaved import subscribed, work

signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
subscribed(work).start_consuming()
