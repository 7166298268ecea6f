"""Does each task and sends it back to the queue, to be done again, and acknowledges it then."""

from worker import done, received, run, work


def on_message(channel, method, _, body):
    received(body)
    work(body)
    done()
    if method.redelivered:
        channel.basic_ack(method.delivery_tag)
    else:
        channel.basic_reject(method.delivery_tag, requeue=True)


run(on_message)
