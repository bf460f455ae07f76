"""An HTTP server that takes every POST and remembers what, where and when it answered.

Connections never wait for a place in its queue: with the usual five places the kernel drops what
comes then and delivers it seconds later, even when the client was killed meanwhile.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

#: More than any test's server connects at once.
_QUEUE = 4096


@dataclass(eq=False, slots=True)
class Delivery:
    """One POST.

    Attributes:
        path: Of its URL.
        answered: When its answer was on its way (`time.monotonic`); None before that.
    """

    path: str
    body: Any
    answered: float | None = None


class WebhookSink:
    """Serves on a free port while it is entered.

    Attributes:
        deliveries: In the order in which they came.
        delay_seconds: Waits so long between taking a body and answering.
    """

    def __init__(self, *, delay_seconds: float = 0.0) -> None:
        self.delay_seconds = delay_seconds
        self.deliveries: list[Delivery] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                taken = Delivery(self.path, json.loads(body))
                sink.deliveries.append(taken)
                time.sleep(sink.delay_seconds)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                taken.answered = time.monotonic()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = _QUEUE

            def handle_error(self, *_: object) -> None:
                pass  # the client was killed

        self._server = Server(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    @property
    def received(self) -> list[Any]:
        """Bodies as JSON, in the order in which they came."""
        return [one.body for one in self.deliveries]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
