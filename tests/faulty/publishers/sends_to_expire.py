"""Gives each task no time to live, so that the broker drops what nobody takes at once."""

import pika
from publisher import QUEUE, bodies, opened, say

channel = opened()
for body in bodies():
    channel.basic_publish("", QUEUE, body, pika.BasicProperties(expiration="0"))
    say(body)
channel.connection.close()
