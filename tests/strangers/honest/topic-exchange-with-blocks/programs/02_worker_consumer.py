"""Listen to all greetings."""

import pika

EXCHANGE = "greetings"
QUEUE = "greetings.all"


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r} ({method.routing_key})", flush=True)


def main():
    with pika.BlockingConnection(pika.ConnectionParameters("localhost")) as connection:
        with connection.channel() as channel:
            channel.exchange_declare(EXCHANGE, exchange_type="topic")
            channel.queue_declare(QUEUE)
            channel.queue_bind(QUEUE, EXCHANGE, routing_key="hello.#")
            channel.basic_consume(QUEUE, on_message, auto_ack=True)
            print(" [*] Waiting for greetings. To exit press CTRL+C", flush=True)
            channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
