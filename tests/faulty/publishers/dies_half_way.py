"""Dies of an exception half-way."""

from publisher import COUNT, bodies, opened, say, send

channel = opened()
for number, body in enumerate(bodies()):
    if number == COUNT // 2:
        raise ArithmeticError("counting is too hard")
    send(channel, body)
    say(body)
