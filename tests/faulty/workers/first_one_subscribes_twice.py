"""Whoever comes first subscribes twice, and gets two turns where the others get one."""

from worker import AUTOMATIC, QUEUE, as_it_should_be, consume, opened

channel = opened()
is_first = channel.queue_declare(queue=QUEUE, passive=True).method.consumer_count == 0
for _ in range(2 if is_first else 1):
    channel.basic_consume(queue=QUEUE, on_message_callback=as_it_should_be, auto_ack=AUTOMATIC)
consume(channel)
