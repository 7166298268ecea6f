"""Acknowledges every second task only."""

from worker import done, received, run, work


def on_message(channel, method, _, body):
    received(body)
    work(body)
    done()
    if method.delivery_tag % 2:
        channel.basic_ack(method.delivery_tag)


run(on_message)
