"""Connects and leaves again."""

import pika

pika.BlockingConnection(pika.ConnectionParameters("localhost")).close()
