"""Never acknowledges anything."""

from worker import done, received, run, work


def on_message(channel, method, properties, body):
    del channel, method, properties
    received(body)
    work(body)
    done()


run(on_message)
