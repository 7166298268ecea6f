"""Declares the durable queue without its durability."""

from publisher import bodies, opened, say, send

channel = opened(durable=False)
for body in bodies():
    send(channel, body)
    say(body)
channel.connection.close()
