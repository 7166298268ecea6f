"""Says that it acknowledges by hand, and has the broker take everything as acknowledged."""

from worker import done, received, run, work


def on_message(channel, method, properties, body):
    del channel, method, properties
    received(body)
    work(body)
    done()


run(on_message, auto_ack=True)
