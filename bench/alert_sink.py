"""A receiver of webhooks that costs little: notes when each request came, and answers 200."""

from __future__ import annotations

import asyncio
import threading
import time

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Sink:
    """Serves in a thread of its own.

    Attributes:
        arrivals: Wall clock and size of each body, as they came.
        bodies: The bodies of the first few.
    """

    def __init__(self, keep: int = 5) -> None:
        self.arrivals: list[tuple[float, int]] = []
        self.bodies: list[bytes] = []
        self.keep = keep
        self.port = 0
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        ready.wait()

    def clear(self) -> None:
        """Forget what came."""
        self.arrivals.clear()
        self.bodies.clear()

    def wait_until_quiet(self, seconds: float, *, most: float = 120.0) -> None:
        """Wait until something has come and nothing more does for some time."""
        end = time.time() + most
        while time.time() < end:
            if self.arrivals and time.time() - self.arrivals[-1][0] > seconds:
                return
            time.sleep(0.05)

    def _run(self, ready: threading.Event) -> None:
        async def serve() -> None:
            loop = asyncio.get_running_loop()
            server = await loop.create_server(
                lambda: _Connection(self), "127.0.0.1", 0, backlog=4096
            )
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await server.serve_forever()

        asyncio.run(serve())


class _Connection(asyncio.Protocol):
    """Reads requests that say how long they are."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = bytearray()
        self._body_at = 0
        self._length = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._take():
            self._transport.write(_ANSWER)

    def _take(self) -> bool:
        """Take a request if it is there as a whole."""
        if self._length < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = bytes(self._buffer[:end]).lower()
            self._length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            self._body_at = end + 4
        if len(self._buffer) < self._body_at + self._length:
            return False
        if len(self._sink.bodies) < self._sink.keep:
            body = self._buffer[self._body_at : self._body_at + self._length]
            self._sink.bodies.append(bytes(body))
        self._sink.arrivals.append((time.time(), self._length))
        del self._buffer[: self._body_at + self._length]
        self._length = -1
        return True
