"""A local HTTP server that stands in for a webhook: it keeps what it was sent, and answers as it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Webhook:
    """What was ``received``; ``status`` to answer with; while ``hangs`` is not set, no answer comes."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.status = 200
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.url = ""

    @property
    def events(self) -> list[tuple[str, list[str]]]:
        """What it was told: events, each with the assets."""
        return [(one["event"], [item["asset"] for item in one["assets"]]) for one in self.received]


@contextmanager
def webhook() -> Iterator[Webhook]:
    """Serve a webhook on this machine."""
    heard = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.may_answer.wait(60)
            if heard.status == 200:
                heard.received.append(json.loads(body))
            self.send_response(heard.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard.url = f"http://127.0.0.1:{server.server_address[1]}/hook?token=s3cret"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)  # how soon it ends
    thread.start()
    try:
        yield heard
    finally:
        heard.may_answer.set()
        server.shutdown()
        server.server_close()
