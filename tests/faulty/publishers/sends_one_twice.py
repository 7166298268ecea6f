"""Sends its third task twice."""

from publisher import bodies, opened, say, send

channel = opened()
for number, body in enumerate(bodies()):
    send(channel, body)
    if number == 2:
        send(channel, body)
    say(body)
channel.connection.close()
