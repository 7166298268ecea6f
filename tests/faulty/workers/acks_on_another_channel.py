"""Acknowledges on a channel on which nothing was delivered."""

from worker import consume, done, received, subscribed, work


def on_message(_, method, __, body):
    received(body)
    work(body)
    done()
    other.basic_ack(method.delivery_tag)


channel = subscribed(on_message)
other = channel.connection.channel()
consume(channel)
