"""Prints another body than the one that came."""

from worker import done, received, run, work


def on_message(channel, method, _, body):
    received(body.replace(b"-", b"/"))
    work(body)
    done()
    channel.basic_ack(method.delivery_tag)


run(on_message)
