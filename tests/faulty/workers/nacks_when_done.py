"""Works, and tells the broker then that it did not, and not to try again."""

from worker import done, received, run, work


def on_message(channel, method, _, body):
    received(body)
    work(body)
    done()
    channel.basic_nack(method.delivery_tag, requeue=False)


run(on_message)
