"""Subscribes twice, and holds twice as many tasks as its prefetch allows."""

from worker import QUEUE, as_it_should_be, consume, subscribed

channel = subscribed(as_it_should_be)
channel.basic_consume(queue=QUEUE, on_message_callback=as_it_should_be)
consume(channel)
