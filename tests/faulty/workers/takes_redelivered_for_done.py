"""Takes a task that was delivered before for done, and acknowledges it without working."""

from worker import as_it_should_be, received, run


def on_message(channel, method, properties, body):
    if method.redelivered:
        received(body)
        channel.basic_ack(method.delivery_tag)
    else:
        as_it_should_be(channel, method, properties, body)


run(on_message)
