"""Publishes every second task to another queue."""

from publisher import QUEUE, bodies, opened, say, send

channel = opened()
for number, body in enumerate(bodies()):
    send(channel, body, queue=[QUEUE, "work_queues_2"][number % 2])
    say(body)
channel.connection.close()
