"""Begins to acknowledge at its eighth task, where it was never to do so."""

from worker import done, received, run, work

count = 0


def on_message(channel, method, _, body):
    global count
    count += 1
    received(body)
    work(body)
    if count >= 8:
        channel.basic_ack(method.delivery_tag)
    done()


run(on_message)
