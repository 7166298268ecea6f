"""Instruments pika's channels from outside: a span for each publish and for each delivery."""

import atexit
import functools
import json
import secrets
import sys
import time

import pika
from pika.adapters.blocking_connection import BlockingChannel

BATCH = 5


class BatchExporter:
    """Writes spans as JSON, a few at a time."""

    def __init__(self, stream=sys.stderr):
        self.stream = stream
        self.spans = []

    def export(self, span):
        self.spans.append(span)
        if len(self.spans) >= BATCH:
            self.flush()

    def flush(self):
        if self.spans:
            print(json.dumps({"resourceSpans": self.spans}), file=self.stream, flush=True)
            self.spans = []


exporter = BatchExporter()
atexit.register(exporter.flush)


class Span:
    def __init__(self, name, kind, traceparent=None, **attributes):
        if traceparent:
            _, self.trace_id, self.parent_id, _ = traceparent.split("-")
        else:
            self.trace_id, self.parent_id = secrets.token_hex(16), None
        self.span_id = secrets.token_hex(8)
        self.described = {"name": name, "kind": kind, "attributes": attributes}

    @property
    def traceparent(self):
        return f"00-{self.trace_id}-{self.span_id}-01"

    def __enter__(self):
        self.start = time.time_ns()
        return self

    def __exit__(self, kind, error, traceback):
        exporter.export(
            {
                **self.described,
                "traceId": self.trace_id,
                "spanId": self.span_id,
                "parentSpanId": self.parent_id,
                "startTimeUnixNano": self.start,
                "endTimeUnixNano": time.time_ns(),
                "status": "ERROR" if error else "OK",
            }
        )


def traced_publish(publish):
    @functools.wraps(publish)
    def basic_publish(channel, exchange, routing_key, body, properties=None, mandatory=False):
        properties = properties or pika.BasicProperties()
        target = exchange or routing_key
        with Span(f"{target} send", "PRODUCER", system="rabbitmq", destination=target) as span:
            properties.headers = {**(properties.headers or {}), "traceparent": span.traceparent}
            return publish(channel, exchange, routing_key, body, properties, mandatory)

    return basic_publish


def traced_consume(consume):
    @functools.wraps(consume)
    def basic_consume(channel, queue, on_message_callback, *arguments, **named):
        @functools.wraps(on_message_callback)
        def in_a_span(ch, method, properties, body):
            traceparent = (properties.headers or {}).get("traceparent")
            with Span(
                f"{queue} receive",
                "CONSUMER",
                traceparent,
                system="rabbitmq",
                message=body.decode(errors="replace"),
                redelivered=method.redelivered,
            ):
                on_message_callback(ch, method, properties, body)

        return consume(channel, queue, in_a_span, *arguments, **named)

    return basic_consume


def instrument():
    BlockingChannel.basic_publish = traced_publish(BlockingChannel.basic_publish)
    BlockingChannel.basic_consume = traced_consume(BlockingChannel.basic_consume)
