"""A service that serves one request at a time, each in a fixed time, so that its replicas are its capacity.

Prints its port. GET /fibonacci?n=10 takes 1 ms, and n=23, which is the load, 100 ms, or so many times that as &times=
says.
"""

import socket
import time
from urllib.parse import parse_qs, urlsplit

TIMES = {"10": 0.001, "23": 0.1}


def head(connection):
    text = b""
    while b"\r\n\r\n" not in text:
        part = connection.recv(4096)
        if not part:
            return None
        text += part
    return text.decode("latin-1")


server = socket.create_server(("127.0.0.1", 0), backlog=128)
print(server.getsockname()[1], flush=True)
while True:
    connection, _ = server.accept()
    with connection:
        request = head(connection)
        if request is None:
            continue
        query = parse_qs(urlsplit(request.split(" ")[1]).query)
        time.sleep(TIMES[query["n"][0]] * int(query.get("times", ["1"])[0]))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n34")
