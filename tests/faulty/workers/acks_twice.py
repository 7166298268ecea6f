"""Acknowledges each task twice, which the broker does not forgive."""

from worker import as_it_should_be, run


def on_message(channel, method, properties, body):
    as_it_should_be(channel, method, properties, body)
    channel.basic_ack(method.delivery_tag)


run(on_message)
