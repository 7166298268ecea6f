"""Sends bytes that are not AMQP, and waits for what comes of it."""

from worker import as_it_should_be, consume, subscribed

channel = subscribed(as_it_should_be)
channel.connection._impl._transport._sock.send(b"GARBAGE!" * 2)
consume(channel)
