"""Does not send its third task, and does not say so."""

from publisher import bodies, opened, say, send

channel = opened()
for number, body in enumerate(bodies()):
    if number != 2:
        send(channel, body)
        say(body)
channel.connection.close()
