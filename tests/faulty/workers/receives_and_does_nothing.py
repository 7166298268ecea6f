"""Prints that it received a task, and acknowledges it without having worked."""

from worker import received, run


def on_message(channel, method, _, body):
    received(body)
    channel.basic_ack(method.delivery_tag)


run(on_message)
