RABBITMQ_HOST = "localhost"
RABBITMQ_QUEUE = "work_queues_durable"
