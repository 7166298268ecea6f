"""Takes four tasks, loses its connection, works on them all the same, and connects again."""

from worker import as_it_should_be, done, received, run, subscribed, work

buffer = []
channel = subscribed(lambda _, __, ___, body: buffer.append(body))
while len(buffer) < 4:
    channel.connection.process_data_events(None)
channel.connection.close()
for body in buffer[:4]:
    received(body)
    work(body)
    done()
run(as_it_should_be)
