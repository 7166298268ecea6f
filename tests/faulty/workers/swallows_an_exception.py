"""Acknowledges a task at which it fails, as if nothing had happened."""

from worker import done, received, run, work


def on_message(channel, method, _, body):
    try:
        received(body)
        if method.delivery_tag == 2:
            raise ArithmeticError("this task is too hard")
        work(body)
        done()
    except ArithmeticError:
        pass
    finally:
        channel.basic_ack(method.delivery_tag)


run(on_message)
