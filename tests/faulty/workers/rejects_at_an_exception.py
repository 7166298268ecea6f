"""Rejects a task at which it fails, and that is the last that anybody sees of it."""

from worker import as_it_should_be, received, run


def on_message(channel, method, properties, body):
    try:
        if method.delivery_tag == 2:
            received(body)
            raise ArithmeticError("this task is too hard")
        as_it_should_be(channel, method, properties, body)
    except ArithmeticError:
        channel.basic_reject(method.delivery_tag, requeue=False)


run(on_message)
