"""Declares as durable the queue that was to be none."""

from publisher import bodies, opened, say, send

channel = opened(durable=True)
for body in bodies():
    send(channel, body)
    say(body)
channel.connection.close()
