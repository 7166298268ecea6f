import time

from rabbit import Consumer, log

consumer = Consumer()


@consumer.listen(queue="work_queues_1", workers=1)
def work(body):
    log.info(f"Received {body}")
    time.sleep(body.count("."))
    log.success(f"Done {body}")


if __name__ == "__main__":
    consumer.start()
