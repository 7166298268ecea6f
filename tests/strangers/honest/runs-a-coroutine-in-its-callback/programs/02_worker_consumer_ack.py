import asyncio
import logging
import os
import sys

import pika

QUEUE = "work_queues_1"

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s:     %(message)s")
logging.getLogger("pika").setLevel(logging.ERROR)
logger = logging.getLogger("notifier")


class Bot:
    async def send_message(self, chat_id, text):
        await asyncio.sleep(text.count("."))


bot = Bot()


async def send_telegram_message(chat_id, text):
    try:
        await bot.send_message(chat_id, text)
        logger.info(f"Done: sent to {chat_id}")
        return True
    except Exception as e:
        logger.error(f"Failed to send message: {e}")
        return False


def callback(ch, method, properties, body):
    text = body.decode()
    logger.info(f"Received {text}")
    if asyncio.run(send_telegram_message(173199779, text)):
        ch.basic_ack(delivery_tag=method.delivery_tag)
    else:
        ch.basic_nack(delivery_tag=method.delivery_tag, requeue=True)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    logger.info("Waiting for messages")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
