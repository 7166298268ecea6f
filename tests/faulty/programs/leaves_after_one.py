"""Ends by itself as soon as it is done with its first task."""

from well_behaved import subscribed, work


def work_once(channel, body):
    work(channel, body)
    channel.stop_consuming()


channel = subscribed(work_once)
channel.start_consuming()
channel.connection.close()
