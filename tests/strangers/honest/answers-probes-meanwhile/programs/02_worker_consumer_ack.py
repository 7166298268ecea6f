import http.client
import http.server
import json
import os
import threading
import time

import pika

QUEUE = "work_queues_1"

state = {"tasks": 0, "busy": False}


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(f" [http] Received GET {self.path}", flush=True)
        answer = json.dumps(state).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        print(" [http] Done 200", flush=True)

    def log_message(self, *args):
        pass


def probe(port):
    pause = threading.Event()
    while not pause.wait(0.5):
        asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            asking.request("GET", "/healthz")
            asking.getresponse().read()
        except OSError as problem:
            print(f" [http] probe: {problem}", flush=True)
        finally:
            asking.close()


def on_message(channel, method, properties, body):
    state["busy"] = True
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    state["busy"] = False
    state["tasks"] += 1
    channel.basic_ack(method.delivery_tag)


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Thread(target=probe, args=server.server_address[1:], daemon=True).start()
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(f" [*] Waiting for messages, healthy at port {server.server_port}. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)

