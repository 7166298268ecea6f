"""Prints that it is done with a task of which it never said that it received it."""

from worker import done, run, work


def on_message(channel, method, _, body):
    work(body)
    done()
    channel.basic_ack(method.delivery_tag)


run(on_message)
