"""Never ends."""

import signal

print("about to send", flush=True)
signal.pause()
