"""Declares and fills another queue than the one that the workers work on."""

from publisher import bodies, opened, say, send

channel = opened(queue="work_queues_2")
for body in bodies():
    send(channel, body, queue="work_queues_2")
    say(body)
channel.connection.close()
