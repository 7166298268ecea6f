import json
import os
import time

import pika

QUEUE = "work_queues_1"
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INTERNAL_ERROR = -32700, -32600, -32601, -32603


class RpcError(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Lesson:
    def work(self, effort, number):
        time.sleep(len(effort))
        return number


class RpcServer:
    def __init__(self, **services):
        self.services = services

    def lookup(self, method):
        service, _, name = method.partition(".")
        function = getattr(self.services.get(service), name, None)
        if function is None or name.startswith("_"):
            raise RpcError(METHOD_NOT_FOUND, f"there is no {method}")
        return function

    def respond(self, body):
        identity = None
        try:
            try:
                request = json.loads(body)
            except ValueError as error:
                raise RpcError(PARSE_ERROR, str(error)) from error
            identity = request.get("id")
            if request.get("jsonrpc") != "2.0":
                raise RpcError(INVALID_REQUEST, "no JSON-RPC 2.0")
            result = self.lookup(request["method"])(**request["params"])
            return {"jsonrpc": "2.0", "result": result, "id": identity}
        except RpcError as error:
            problem = {"code": error.code, "message": str(error)}
            return {"jsonrpc": "2.0", "error": problem, "id": identity}

    def on_request(self, channel, method, properties, body):
        print(f"--> received {body.decode()}", flush=True)
        response = json.dumps(self.respond(body))
        print(f"<-- done {body.decode()} {response}", flush=True)
        if properties.reply_to:
            channel.basic_publish(
                "",
                properties.reply_to,
                response,
                pika.BasicProperties(correlation_id=properties.correlation_id),
            )
        channel.basic_ack(method.delivery_tag)


def main():
    server = RpcServer(lesson=Lesson())
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(QUEUE)
    channel.basic_consume(QUEUE, server.on_request)
    print("serving", ", ".join(server.services), "on", QUEUE, flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(0)
