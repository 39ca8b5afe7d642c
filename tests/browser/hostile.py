"""Who attacks? A server of hostile pages, and one that lets its own name point at docent, as DNS rebinding does: what its
page asks for comes to docent exactly as the browser wrote it."""

import contextlib
import json
import queue
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = Path(__file__).with_name("hostile.html").read_bytes()


class Attacker(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path = self.path.split("?")[0]
        if path == "/attack":
            return self.say(200, PAGE, "text/html; charset=utf-8")
        if path == "/report":
            self.server.reports.put(json.loads(body))
            return self.say(200, b"{}", "application/json")
        if self.server.pointed_at:
            return self.relay(body)
        return self.say(404, b"", "text/plain")

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = answer

    def say(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def relay(self, body: bytes) -> None:
        self.close_connection = True
        head = [f"{self.command} {self.path} HTTP/1.1"]
        head += [f"{name}: {value}" for name, value in self.headers.items() if name.lower() != "connection"]
        with socket.create_connection(self.server.pointed_at, timeout=20) as docent:
            docent.sendall("\r\n".join([*head, "connection: close", "", ""]).encode("latin-1") + body)
            with contextlib.suppress(ConnectionError, BrokenPipeError, TimeoutError):
                while piece := docent.recv(65536):
                    self.wfile.write(piece)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        # A browser that is ended breaks off what it was doing.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextlib.contextmanager
def attacker():
    """Serves until it is left; set `pointed_at` to docent's host and port, and the attacker's name points at them."""
    server = Server(("127.0.0.1", 0), Attacker)
    server.pointed_at, server.reports = None, queue.Queue()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
