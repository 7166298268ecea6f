import functools
import sys
import threading
import time

import pika


class Adapter:
    def __init__(self, host="localhost", port=5672, user="guest", password="guest", vhost="/"):
        self.threads = []
        self.pending = 0  # changed in the connection's thread only
        self.parameters = pika.ConnectionParameters(
            host, port, vhost, pika.PlainCredentials(user, password)
        )
        self.connection = pika.BlockingConnection(self.parameters)
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()

    def configure_queue(self, queue, durable=True, prefetch_count=1):
        self.queue = queue
        self.channel.queue_declare(queue=queue, durable=durable)
        self.channel.basic_qos(prefetch_count=prefetch_count)

    def consume(self, worker):
        callback = functools.partial(self._on_message, worker=worker)
        self.channel.basic_consume(queue=self.queue, on_message_callback=callback)
        try:
            self.channel.start_consuming()
        except KeyboardInterrupt:
            print("Interrupted, waiting for what is in hand", flush=True)
            self.channel.stop_consuming()
        for thread in self.threads:
            thread.join()
        while self.pending:  # their acknowledgements
            self.connection.process_data_events(time_limit=0.1)
        self.close()

    def _on_message(self, channel, method, properties, body, worker):
        self.threads = [thread for thread in self.threads if thread.is_alive()]
        self.pending += 1
        thread = threading.Thread(
            target=self._do_work, args=(channel, method.delivery_tag, body, worker)
        )
        thread.start()
        self.threads.append(thread)

    def _do_work(self, channel, tag, body, worker):
        good = worker(body)
        self.connection.add_callback_threadsafe(
            functools.partial(self._acknowledge, channel, tag, good)
        )

    def _acknowledge(self, channel, tag, good):
        if good is False:
            channel.basic_nack(delivery_tag=tag)
        else:
            channel.basic_ack(delivery_tag=tag)
        self.pending -= 1

    def close(self):
        self.channel.close()
        self.connection.close()


def push_notification(body):
    me = threading.current_thread().ident
    print(f"thread {me}: [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(f"thread {me}: [x] Done {body!r}", flush=True)
    return True


if __name__ == "__main__":
    adapter = Adapter()
    adapter.configure_queue("work_queues_durable")
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    adapter.consume(push_notification)
    sys.exit(0)
