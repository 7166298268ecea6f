"""Starts, and that was it."""

import signal

print("thinking about it", flush=True)
signal.pause()
