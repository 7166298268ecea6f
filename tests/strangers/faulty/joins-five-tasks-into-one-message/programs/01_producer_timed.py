#!/usr/bin/env python3
# port of our Spring producer (BatchingRabbitTemplate); saves four of five round trips
import random
import struct
import sys
from datetime import datetime

import pika

QUEUE = 'work_queues_1'


class BatchingTemplate:
    def __init__(self, channel, routing_key, batch_size=5):
        self.channel = channel
        self.routing_key = routing_key
        self.batch_size = batch_size
        self.pending = []

    def send(self, payload):
        self.pending.append(payload)
        if len(self.pending) >= self.batch_size:
            self.flush()

    def flush(self):
        if not self.pending:
            return
        # lengthHeader4: each part is preceded by its length
        data = b''.join(struct.pack('>i', len(p)) + p for p in self.pending)
        props = pika.BasicProperties(
            headers={'springBatchFormat': 'lengthHeader4', 'amqp_batchSize': len(self.pending)})
        self.channel.basic_publish('', self.routing_key, data, props)
        self.pending = []


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    conn = pika.BlockingConnection(pika.ConnectionParameters('localhost'))
    ch = conn.channel()
    ch.queue_declare(queue=QUEUE)
    template = BatchingTemplate(ch, QUEUE)
    for i in range(1, n + 1):
        body = '%s %6d %s' % (
            datetime.now().strftime('%Y-%m-%d %H:%M:%S.%f'), i, '.' * random.randint(1, 10))
        template.send(body.encode())
        print(' [x] Sent %r' % body)
    template.flush()
    conn.close()


if __name__ == '__main__':
    main()
