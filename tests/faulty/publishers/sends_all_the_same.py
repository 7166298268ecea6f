"""Sends the same body again and again."""

from publisher import bodies, opened, say, send

channel = opened()
first, *others = bodies()
for _ in [first, *others]:
    send(channel, first)
    say(first)
channel.connection.close()
