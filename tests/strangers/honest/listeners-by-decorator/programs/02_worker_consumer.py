from rabbit import Consumer, log

consumer = Consumer()


@consumer.listen(queue="work_queues_1")
def take(method, body):
    log.info(f"Received {body} from {method.routing_key}")


if __name__ == "__main__":
    consumer.start()
