"""Works twice on what it was sent once."""

from worker import as_it_should_be, done, received, run, work


def on_message(channel, method, properties, body):
    received(body)
    work(body)
    done()
    as_it_should_be(channel, method, properties, body)


run(on_message)
