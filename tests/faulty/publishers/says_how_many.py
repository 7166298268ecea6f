"""Sends all, and prints every tenth of them and how many they were."""

from publisher import COUNT, bodies, opened, say, send

channel = opened()
for number, body in enumerate(bodies()):
    send(channel, body)
    if number % 10 == 0:
        say(body)
channel.connection.close()
print(f" [x] Sent {COUNT} messages")
