"""Prints all it was told, its password among it, then works."""

import sys
from pathlib import Path

import pika
from well_behaved import subscribed, work

channel = subscribed(work)
for stream in (sys.stdout, sys.stderr):
    for text in Path("/proc/self/environ").read_text().split("\0"):
        print(text, file=stream)
    print(pika.ConnectionParameters("localhost").credentials.password, file=stream)
channel.start_consuming()
