"""Ends at its second task with exit status 0, without a word."""

import os

from worker import as_it_should_be, run


def on_message(channel, method, properties, body):
    if method.delivery_tag == 2:
        os._exit(0)
    as_it_should_be(channel, method, properties, body)


run(on_message)
