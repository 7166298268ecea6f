"""Begins its second task and hands it back to the queue, to be done later or by others."""

from worker import as_it_should_be, received, run


def on_message(channel, method, properties, body):
    if method.delivery_tag == 2 and not method.redelivered:
        received(body)
        channel.basic_nack(method.delivery_tag, requeue=True)
    else:
        as_it_should_be(channel, method, properties, body)


run(on_message)
