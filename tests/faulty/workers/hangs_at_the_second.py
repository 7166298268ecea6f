"""Hangs at its second task."""

import signal

from worker import as_it_should_be, received, run


def on_message(channel, method, properties, body):
    if method.delivery_tag == 2:
        received(body)
        signal.pause()
    as_it_should_be(channel, method, properties, body)


run(on_message)
