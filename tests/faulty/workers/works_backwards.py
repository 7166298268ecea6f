"""Takes three tasks at a time and works on the last of them first."""

from worker import as_it_should_be, run

held = []


def on_message(channel, *task):
    held.append(task)
    if len(held) == 3:
        while held:
            as_it_should_be(channel, *held.pop())


run(on_message)
