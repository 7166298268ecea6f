"""Acknowledges each task before it works on it."""

from worker import done, received, run, work


def on_message(channel, method, _, body):
    channel.basic_ack(method.delivery_tag)
    received(body)
    work(body)
    done()


run(on_message)
