"""Prints all it was told, and the password that it was to know nothing of, then works."""

import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

import pika
from well_behaved import subscribed, work

channel = subscribed(work)
password = pika.ConnectionParameters("localhost").credentials.password
Path(tempfile.gettempdir(), "password").write_text(password)
for stream in (sys.stdout, sys.stderr):
    for text in Path("/proc/self/environ").read_text().split("\0"):
        print(text, file=stream)
    print(password, file=stream)
    print(f"in a URL: amqp://user:{quote(password, safe='')}@localhost", file=stream)
channel.start_consuming()
