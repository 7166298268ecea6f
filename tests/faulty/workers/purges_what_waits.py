"""Empties the queue when it starts, so as to begin with a clean one."""

from worker import QUEUE, as_it_should_be, opened, run

channel = opened()
channel.queue_purge(QUEUE)
channel.connection.close()
run(as_it_should_be)
