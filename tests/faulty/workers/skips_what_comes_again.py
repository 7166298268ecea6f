"""Does nothing about a task that was delivered before, to whomever."""

from worker import as_it_should_be, received, run


def on_message(channel, method, properties, body):
    if method.redelivered:
        received(body)
    else:
        as_it_should_be(channel, method, properties, body)


run(on_message)
