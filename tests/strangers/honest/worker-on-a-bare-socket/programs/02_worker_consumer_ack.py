"""AMQP by hand: what a worker has to say to the server, byte for byte."""
import socket
import struct
import time

import pika

QUEUE = "work_queues_1"
METHOD, HEADER, BODY = 1, 2, 3


def short(text):
    data = text.encode()
    return bytes([len(data)]) + data


def long(data):
    return struct.pack(">I", len(data)) + data


class Wire:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port))
        self.stream = self.socket.makefile("rb")

    def send(self, channel, class_id, method_id, arguments=b""):
        payload = struct.pack(">HH", class_id, method_id) + arguments
        frame = struct.pack(">BHI", METHOD, channel, len(payload)) + payload + b"\xce"
        self.socket.sendall(frame)

    def read(self):
        head = self.stream.read(7)
        if len(head) < 7:
            raise SystemExit("the server is gone")
        kind, _, size = struct.unpack(">BHI", head)
        return kind, self.stream.read(size + 1)[:-1]

    def expect(self, class_id, method_id):
        while True:
            kind, payload = self.read()
            if kind == METHOD and struct.unpack(">HH", payload[:4]) == (class_id, method_id):
                return payload[4:]


def open_channel(wire, about):
    user = about.credentials
    wire.socket.sendall(b"AMQP\x00\x00\x09\x01")
    wire.expect(10, 10)  # start
    login = f"\0{user.username}\0{user.password}".encode()
    wire.send(0, 10, 11, long(b"") + short("PLAIN") + long(login) + short("en_US"))
    channel_max, frame_max, _ = struct.unpack(">HIH", wire.expect(10, 30)[:8])
    wire.send(0, 10, 31, struct.pack(">HIH", channel_max, frame_max, 0))
    wire.send(0, 10, 40, short(about.virtual_host) + short("") + b"\0")
    wire.expect(10, 41)
    wire.send(1, 20, 10, short(""))
    wire.expect(20, 11)


def task(wire):
    """Wait for a delivery; return its tag and its body."""
    arguments = wire.expect(60, 60)
    after_tag = 1 + arguments[0]
    (delivery_tag,) = struct.unpack_from(">Q", arguments, after_tag)
    (size,) = struct.unpack_from(">Q", wire.read()[1], 4)
    body = b""
    while len(body) < size:
        body += wire.read()[1]
    return delivery_tag, body


about = pika.ConnectionParameters("localhost")
wire = Wire(about.host, about.port)
open_channel(wire, about)
wire.send(1, 50, 10, struct.pack(">H", 0) + short(QUEUE) + b"\0" + long(b""))
wire.expect(50, 11)
wire.send(1, 60, 20, struct.pack(">H", 0) + short(QUEUE) + short("") + b"\0" + long(b""))
wire.expect(60, 21)
print(" [*] Waiting for messages. To exit press CTRL+C")
while True:
    delivery_tag, body = task(wire)
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    wire.send(1, 60, 80, struct.pack(">QB", delivery_tag, 0))
