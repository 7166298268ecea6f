"""AMQP 0-9-1 without a socket: bytes -> frames -> events. Nothing here reads, writes or waits."""
