"""A master and a worker of real Locust in one process, which are told what the lines of standard input hold.

Each line is a JSON object, and is answered by one. `to` says what becomes of it:

    master     `frame` (hex) comes from the worker `peer`; answered with what the master knows then
    worker     `frame` comes from the master; answered with what the worker does then
    download   `frame` is the answer to a worker that asks for its locustfile
    themselves nothing is told: both say all that they can say; answered with the frames that they sent, by direction

Frames are taken apart and put together by Locust alone.
"""

import faulthandler
import json
import logging
import os
import sys
import traceback

import gevent
import zmq.green as zmq
from locust import User, constant, task
from locust.argument_parser import download_locustfile_from_master
from locust.env import Environment
from locust.event import Events
from locust.rpc import zmqrpc
from locust.rpc.protocol import Message

HOST = "127.0.0.1"

# Longer than this nothing takes that Locust does by itself.
PATIENCE = 20

# After this the whole process ends, whatever it hangs on.
LONGEST = 120

PERCENTILES = [0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1.0]

# What the worker's listeners heard: users when spawning was complete, and types of messages of a locustfile.
spawned, customs = [], []

logging.basicConfig(stream=sys.stderr, level=logging.INFO)


def classes():
    class Reader(User):
        weight = 3
        wait_time = constant(0.01)

        @task
        def read(self):
            pass

        @task
        def look(self):
            pass

    class Writer(User):
        wait_time = constant(0.01)

        @task
        def write(self):
            pass

    return [Reader, Writer]


class Sent:
    """What went over the sockets since it was last asked."""

    def __init__(self):
        self.frames = {"to_master": [], "to_worker": []}
        send, send_to_client = zmqrpc.BaseSocket.send, zmqrpc.BaseSocket.send_to_client

        def kept_send(socket, message):
            self.frames["to_master"].append(message.serialize().hex())
            return send(socket, message)

        def kept_send_to_client(socket, message):
            self.frames["to_worker"].append(message.serialize().hex())
            return send_to_client(socket, message)

        zmqrpc.BaseSocket.send = kept_send
        zmqrpc.BaseSocket.send_to_client = kept_send_to_client

    def take(self):
        frames, self.frames = self.frames, {"to_master": [], "to_worker": []}
        return frames


def until(so):
    with gevent.Timeout(PATIENCE):
        while not so():
            gevent.sleep(0.01)


def environment(**options):
    users = classes()
    return Environment(
        user_classes=users,
        events=Events(),
        available_user_classes={user.__name__: user for user in users},
        available_user_tasks={user.__name__: list(user.tasks) for user in users},
        **options,
    )


def new_master():
    env = environment(parsed_locustfiles=[__file__])
    return env.create_master_runner(HOST, 0)


def new_worker(port):
    env = environment()
    return env.create_worker_runner(HOST, port)


def entry(stats):
    return {
        "requests": stats.num_requests,
        "untimed": stats.num_none_requests,
        "failures": stats.num_failures,
        "avg": stats.avg_response_time,
        "min": stats.min_response_time,
        "max": stats.max_response_time,
        "median": stats.median_response_time,
        "content_length": stats.total_content_length,
        "start": stats.start_time,
        "last": stats.last_request_timestamp,
        "per_second": sorted(stats.num_reqs_per_sec.items()),
        "failures_per_second": sorted(stats.num_fail_per_sec.items()),
        "percentiles": [stats.get_response_time_percentile(p) for p in PERCENTILES],
    }


def master_knows(runner, own):
    """Of all workers but its `own` one."""
    stats = runner.stats
    return {
        "clients": {
            node.id: [node.state, node.user_classes_count, node.cpu_usage, node.memory_usage]
            for node in runner.clients.all
            if node.id != own
        },
        "entries": {f"{e.method} {e.name}": entry(e) for e in stats.entries.values()},
        "total": entry(stats.total),
        "errors": {key: error.serialize() for key, error in stats.errors.items()},
        "exceptions": [{**row, "nodes": sorted(row["nodes"])} for row in runner.exceptions.values()],
        "logs": {id: lines for id, lines in runner.environment.worker_logs.items() if id != own},
    }


def worker_does(runner):
    classes = {cls.__name__: cls for cls in runner.user_classes}
    return {
        "state": runner.worker_state,
        "index": runner.worker_index,
        "users": dict(runner.user_classes_count),
        "host": runner.environment.host,
        "stop_timeout": runner.environment.stop_timeout,
        "custom": getattr(runner.environment.parsed_options, "custom", None),
        "tags": getattr(runner.environment.parsed_options, "tags", None),
        "reader": {
            "weight": classes["Reader"].weight,
            "color": getattr(classes["Reader"], "color", None),
            "tasks": [task.__name__ for task in classes["Reader"].tasks],
        },
        "heard": runner.last_heartbeat_timestamp is not None,
        "spawned": spawned,
        "custom_messages": customs,
    }


def tell_worker(master, runner, frame):
    """Over the socket, as its master does; until it has done what it does."""
    handle = runner.handle_message

    def handled(message):
        try:
            handle(message)
        finally:
            read.append(message)

    read, runner.handle_message = [], handled
    master.server.socket.send_multipart([runner.client_id.encode(), frame])
    # Answers to its heartbeats come in between.
    until(lambda: any(message.node_id != runner.client_id for message in read))
    runner.handle_message = handle
    message = next(message for message in read if message.node_id != runner.client_id)
    if message.type == "spawn":
        until(lambda: runner.worker_state == "running")
    return message


def download(frame):
    """What a worker makes of an answer to its question for a locustfile."""
    with zmq.Context.instance().socket(zmq.ROUTER) as router:
        port = router.bind_to_random_port(f"tcp://{HOST}")

        def answer():
            identity, question = router.recv_multipart()
            assert Message.unserialize(question).type == "locustfile"
            router.send_multipart([identity, frame])

        gevent.spawn(answer)
        try:
            return {"files": download_locustfile_from_master(HOST, port)}
        except SystemExit as exit:
            return {"exit": exit.code}


def speak(master, worker):
    """Each of Locust's messages is said by the code of Locust that says it."""
    env, port = worker.environment, master.server.port
    download_locustfile_from_master(HOST, port)
    master.start(4, 100)
    until(lambda: worker.worker_state == "running" and master.spawning_completed)
    for number in range(199):
        error = ValueError(f"it's {number % 2}") if number % 10 == 0 else None
        env.events.request.fire(
            request_type="GET", name="/a", response_time=number * 7.3, response_length=number, exception=error, context={}
        )
    env.events.request.fire(
        request_type="ASYNC", name="b", response_time=None, response_length=0, exception=None, context={}
    )
    worker._send_stats()
    try:
        raise RuntimeError("deliberate \u2603")
    except RuntimeError as error:
        env.events.user_error.fire(user_instance=None, exception=error, tb=sys.exc_info()[2])
    worker._send_logs(["one", "two"])
    worker.send_message("of_a_locustfile", {"anything": [1, 2.5, None, {"deep": True}]})
    master.send_message("of_a_locustfile", {"anything": "else"})
    master.send_message("update_user_class", {"user_class_name": "Reader", "weight": 5, "tasks": ["read"]})
    until(lambda: any("heartbeat".encode().hex() in frame for frame in sent.frames["to_worker"]))
    master.stop()
    until(lambda: worker.id_is_ready())
    heard = master_knows(master, None)
    # With what follows it this is no message: the master wants a new connection. Nothing is sure to arrive after that:
    # a ROUTER ignores a connection while it has another one of the same name.
    worker.client.socket.send(b"\xc0\xc0")
    until(lambda: any("reconnect".encode().hex() in frame for frame in sent.frames["to_worker"]))
    master.quit()
    env.events.quitting.fire(environment=env)
    return heard


def handle(line, master, worker):
    to = line["to"]
    if to == "themselves":
        own_master = new_master()
        sent.take()
        own_worker = new_worker(own_master.server.port)
        own_worker.id_is_ready = lambda: own_worker.client_id in own_master.clients and own_worker.worker_state == "ready"
        heard = speak(own_master, own_worker)
        return {"sent": sent.take(), "heard": heard}
    frame = bytes.fromhex(line["frame"])
    if to == "download":
        return download(frame)
    if to == "worker":
        message = tell_worker(master, worker, frame)
        return {"type": message.type, "data": repr(message.data), "node_id": message.node_id, **worker_does(worker)}
    message = Message.unserialize(frame)
    sent.take()
    master.handle_message(line["peer"], message)
    answers = [frame for frame in sent.take()["to_worker"] if line["peer"].encode().hex() in frame]
    return {"type": message.type, "node_id": message.node_id, "answers": answers, **master_knows(master, worker.client_id)}


sent = Sent()


def main():
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    master = new_master()
    worker = new_worker(master.server.port)
    worker.environment.events.spawning_complete.add_listener(lambda user_count: spawned.append(user_count))
    worker.register_message("of_a_locustfile", lambda environment, msg, **kw: customs.append(msg.type))
    master.register_message("of_a_locustfile", lambda environment, msg, **kw: None)
    for line in sys.stdin:
        try:
            answer = handle(json.loads(line), master, worker)
        except BaseException:
            answer = {"raised": traceback.format_exc()}
        print(json.dumps(answer), flush=True)
    # Sockets whose peers are gone would hold a normal end up for ever.
    os._exit(0)


main()
