"""Sends every task back to the queue, after some rest, again and again."""

from worker import received, rest, run


def on_message(channel, method, _, body):
    received(body)
    rest(1000)
    channel.basic_nack(method.delivery_tag, requeue=True)


run(on_message)
