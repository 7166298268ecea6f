"""Puts the task in its hands back into the queue when it is told to end, and ends."""

import os
import signal

from worker import acknowledge, done, received, subscribed, work


class ToldToEndError(Exception):
    pass


def told_to_end(*_):
    raise ToldToEndError


def on_message(channel, method, _, body):
    try:
        received(body)
        work(body)
    except ToldToEndError:
        channel.basic_nack(method.delivery_tag, requeue=True)
        channel.connection.close()
        os._exit(0)
    done()
    acknowledge(channel, method)


signal.signal(signal.SIGTERM, told_to_end)
subscribed(on_message).start_consuming()
