"""Dies of an exception at its second task."""

from worker import as_it_should_be, received, run


def on_message(channel, method, properties, body):
    if method.delivery_tag == 2:
        received(body)
        raise ArithmeticError("this task is too hard")
    as_it_should_be(channel, method, properties, body)


run(on_message)
