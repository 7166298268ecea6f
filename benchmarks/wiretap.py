"""Measure what a tap costs: ``python benchmarks/wiretap.py``, straight and through a tap in turn.

The client is a process of its own, as the programs under examination are; the tap decodes and
records everything, and the record is written to disk meanwhile. Prints tasks a second for a pika
producer and a pika consumer that acknowledges each task (prefetch 100), the median of the rounds,
and the time of a passive queue.declare on an open channel. Needs an installed RabbitMQ.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pika

from filaprova.address import Address
from filaprova.brokers.broker import BrokerSettings, Credentials
from filaprova.brokers.choose import open_broker
from filaprova.reaper import Reaper
from filaprova.record.observer import Background
from filaprova.record.recorder import FLUSH_EVERY_S, Recorder
from filaprova.wiretap.tap import Wiretap

TASK_COUNT = 40_000
ROUNDS = 5
QUESTIONS = 5000
QUEUE = "benchmark"
BODY = b"2024-01-01 00:00:00"


def connect(port: str, user: str, password: str) -> pika.BlockingConnection:
    credentials = pika.PlainCredentials(user, password)
    return pika.BlockingConnection(
        pika.ConnectionParameters("127.0.0.1", int(port), "one", credentials)
    )


def publish(*where: str) -> float:
    """Publish all tasks and return how long it took until the broker had them all."""
    with connect(*where) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE)
        properties = pika.BasicProperties(delivery_mode=2)
        started = time.perf_counter()
        for _ in range(TASK_COUNT):
            channel.basic_publish("", QUEUE, BODY, properties)
        channel.queue_declare(QUEUE, passive=True)
        return time.perf_counter() - started


def consume(*where: str) -> float:
    """Consume and acknowledge all tasks and return how long it took."""
    with connect(*where) as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=100)
        count = 0

        def take(_channel: object, deliver: object, _properties: object, _body: bytes) -> None:
            nonlocal count
            count += 1
            channel.basic_ack(deliver.delivery_tag)  # type: ignore[attr-defined]
            if count == TASK_COUNT:
                channel.stop_consuming()

        channel.basic_consume(QUEUE, take)
        started = time.perf_counter()
        channel.start_consuming()
        return time.perf_counter() - started


def ask(direct_port: str, tap_port: str, user: str, password: str) -> list[list[float]]:
    """Ask straight and through the tap in turn; return the times of both in seconds."""
    channels = [connect(port, user, password).channel() for port in (direct_port, tap_port)]
    channels[0].queue_declare(QUEUE)
    times: list[list[float]] = [[], []]
    for _ in range(QUESTIONS):
        for channel, of_channel in zip(channels, times, strict=True):
            started = time.perf_counter()
            channel.queue_declare(QUEUE, passive=True)
            of_channel.append(time.perf_counter() - started)
    return times


def in_a_process(act: str, *arguments: object) -> object:
    command = [sys.executable, __file__, act, *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def compare(direct: Address, tap: Address, credentials: Credentials) -> None:
    secret = credentials.user, credentials.password
    rates: dict[tuple[str, str], list[float]] = {}
    for number in range(ROUNDS):
        ways = [("direct", direct), ("tap", tap)]
        for way, address in ways if number % 2 else reversed(ways):
            for act in ("publish", "consume"):
                seconds = in_a_process(act, address.port, *secret)
                assert isinstance(seconds, float)
                rates.setdefault((act, way), []).append(TASK_COUNT / seconds)
    for act in ("publish", "consume"):
        straight, tapped = (statistics.median(rates[act, way]) for way in ("direct", "tap"))
        print(f"{act:8} {straight:8,.0f} /s direct {tapped:8,.0f} /s tapped", end="")
        print(f"   ratio {tapped / straight:.2f}")
    times = in_a_process("ask", direct.port, tap.port, *secret)
    assert isinstance(times, list)
    straight_us, tapped_us = (
        [1e6 * value for value in statistics.quantiles(each, n=100)] for each in times
    )
    for name, index in (("p50", 49), ("p99", 98)):
        print(f"{name:8} {straight_us[index]:8,.0f} µs direct {tapped_us[index]:8,.0f} µs", end="")
        print(f" tapped   added {tapped_us[index] - straight_us[index]:,.0f} µs")


def main() -> None:
    with Reaper() as reaper, Background() as background, tempfile.TemporaryDirectory() as folder:
        broker = open_broker("local", settings=BrokerSettings(virtual_hosts=["one"]), reaper=reaper)
        recorder = Recorder(Path(folder) / "history.jsonl")
        background.every(FLUSH_EVERY_S, recorder.flush)
        wiretap = Wiretap(background, recorder, broker.address)
        compare(broker.address(), wiretap.open("C1").address, broker.credentials)
        wiretap.close()
        print(f"{len(recorder):,} events recorded")
        assert background.take_errors() == []
        recorder.close()
        broker.close()


if __name__ == "__main__":
    acts = {"publish": publish, "consume": consume, "ask": ask}
    if len(sys.argv) > 1:
        print(json.dumps(acts[sys.argv[1]](*sys.argv[2:])))  # type: ignore[operator]
    else:
        main()
