"""Acknowledges a task at which it fails, as if nothing had happened."""

from worker import acknowledge, done, received, run, work


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
        acknowledge(channel, method)


run(on_message)
