"""Receivers in this process: one for HTTP, one for mails."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class HttpSink:
    """What came, by path."""

    url: str = ""
    bodies: dict[str, list[bytes]] = field(default_factory=dict)

    def documents(self, path: str) -> list[Any]:
        return [json.loads(body) for body in self.bodies.get(path, [])]


@contextmanager
def http_sink() -> Iterator[HttpSink]:
    """Paths that begin with `/bad` are refused; others answer as their originals do."""
    found = HttpSink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.bodies.setdefault(self.path, []).append(body)
            is_bad = self.path.startswith("/bad")
            self.send_response(400 if is_bad else 202 if self.path != "/slack" else 200)
            self.end_headers()
            answer = b"ok" if self.path == "/slack" else b'{"status": "success"}'
            self.wfile.write(b"no such thing" if is_bad else answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class MailSink:
    """Mails that came."""

    address: str = ""
    mails: list[Message] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        content = envelope.content or b""
        self.mails.append(message_from_bytes(content if isinstance(content, bytes) else b""))
        return "250 OK"


@contextmanager
def mail_sink(port: int) -> Iterator[MailSink]:
    found = MailSink(f"127.0.0.1:{port}")
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield found
    finally:
        controller.stop()
