"""Acknowledges everything at once when it has received its twentieth task."""

from worker import done, received, run, work

count = 0


def on_message(channel, method, _, body):
    global count
    del method
    count += 1
    received(body)
    work(body)
    if count == 20:
        channel.basic_ack(0, multiple=True)
    done()


run(on_message)
