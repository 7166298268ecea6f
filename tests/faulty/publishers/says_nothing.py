"""Sends all, and prints nothing."""

from publisher import bodies, opened, send

channel = opened()
for body in bodies():
    send(channel, body)
channel.connection.close()
