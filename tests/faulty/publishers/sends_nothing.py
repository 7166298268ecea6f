"""Prints that it sent everything, and sends nothing."""

from publisher import bodies, opened, say

channel = opened()
for body in bodies():
    say(body)
channel.connection.close()
