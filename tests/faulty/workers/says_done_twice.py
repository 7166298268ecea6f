"""Prints twice that it is done with what it did once."""

from worker import as_it_should_be, done, run


def on_message(*task):
    as_it_should_be(*task)
    done()


run(on_message)
