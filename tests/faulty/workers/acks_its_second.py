"""Acknowledges its second task, where it was never to acknowledge."""

from worker import done, received, run, work


def on_message(channel, method, _, body):
    received(body)
    work(body)
    if method.delivery_tag == 2:
        channel.basic_ack(method.delivery_tag)
    done()


run(on_message)
