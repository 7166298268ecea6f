"""Send messages over a bare socket; from pika only the encoding of frames and the address."""
import socket
import sys
from datetime import datetime

import pika
from pika import frame, spec

QUEUE = "work_queues_1"
PIECE = 13


class Wire:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def send(self, data):
        for start in range(0, len(data), PIECE):
            self.socket.sendall(data[start : start + PIECE])

    def call(self, channel, method, answer):
        self.send(frame.Method(channel, method).marshal())
        return self.expect(answer)

    def expect(self, answer):
        while True:
            size, got = frame.decode_frame(self.received)
            if got is None:
                data = self.socket.recv(65536)
                if not data:
                    raise ConnectionError("the server hung up")
                self.received += data
                continue
            self.received = self.received[size:]
            if isinstance(got, frame.Method) and isinstance(got.method, answer):
                return got.method


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    about = pika.ConnectionParameters("localhost")
    user = about.credentials
    wire = Wire(about.host, about.port)
    wire.send(frame.ProtocolHeader().marshal())
    wire.expect(spec.Connection.Start)
    login = f"\0{user.username}\0{user.password}"
    tune = wire.call(0, spec.Connection.StartOk({}, "PLAIN", login), spec.Connection.Tune)
    wire.send(frame.Method(0, spec.Connection.TuneOk(1, tune.frame_max, 0)).marshal())
    wire.call(0, spec.Connection.Open(about.virtual_host), spec.Connection.OpenOk)
    wire.call(1, spec.Channel.Open(), spec.Channel.OpenOk)
    wire.call(1, spec.Queue.Declare(queue=QUEUE), spec.Queue.DeclareOk)

    bodies, stream = [], b""
    for number in range(1, count + 1):
        body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
        data = body.encode()
        stream += frame.Method(1, spec.Basic.Publish(routing_key=QUEUE)).marshal()
        stream += frame.Header(1, len(data), pika.BasicProperties()).marshal()
        stream += frame.Body(1, data).marshal()
        bodies.append(body)
    wire.send(stream)
    for body in bodies:
        print(f" [x] Sent {body!r}")

    wire.call(1, spec.Channel.Close(200, "", 0, 0), spec.Channel.CloseOk)
    wire.call(0, spec.Connection.Close(200, "", 0, 0), spec.Connection.CloseOk)


if __name__ == "__main__":
    main()
