"""Sends every task back to the queue at once."""

from worker import received, run


def on_message(channel, method, _, body):
    received(body)
    channel.basic_nack(method.delivery_tag, requeue=True)


run(on_message)
