"""Acknowledges with each task all others that it holds, begun or not (``multiple`` too far)."""

from worker import done, received, run, work


def on_message(channel, method, _, body):
    del method
    received(body)
    work(body)
    done()
    channel.basic_ack(0, multiple=True)


run(on_message)
