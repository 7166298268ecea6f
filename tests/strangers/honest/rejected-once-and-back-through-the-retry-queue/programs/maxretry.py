"""The worker's queue and its three companions: -retry, -retry-requeue, -error."""

QUEUE = "work_queues_durable"
RETRY, REQUEUE, ERROR = (f"{QUEUE}-{suffix}" for suffix in ("retry", "retry-requeue", "error"))
TIMEOUT_MS = 300


def declare_queue(channel):
    channel.queue_declare(QUEUE, durable=True, arguments={"x-dead-letter-exchange": RETRY})


def declare_all(channel):
    for exchange in (RETRY, REQUEUE, ERROR):
        channel.exchange_declare(exchange, "topic", durable=True)
    channel.queue_declare(
        RETRY,
        durable=True,
        arguments={"x-dead-letter-exchange": REQUEUE, "x-message-ttl": TIMEOUT_MS},
    )
    channel.queue_bind(RETRY, RETRY, "#")
    channel.queue_declare(ERROR, durable=True)
    channel.queue_bind(ERROR, ERROR, "#")
    declare_queue(channel)
    channel.queue_bind(QUEUE, REQUEUE, "#")


def failures(properties):
    """Return how often our queue has let go of this message."""
    deaths = (properties.headers or {}).get("x-death") or []
    return sum(death["count"] for death in deaths if death["queue"] == QUEUE)
