"""Requests of a transfer to servers that are busy, away or broken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput, Unavailable
from appliance.transfer.session import Session


class Patient(ManualClock):
    """Its sleeps end at once and are noted."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Starts a server that answers with the given statuses; 0: it hangs up."""
    servers: list[HTTPServer] = []

    def start(*statuses: int) -> str:
        left = list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                status = left.pop(0)
                if not status:
                    return
                self.send_response(status)
                self.send_header("Retry-After", "7")
                self.send_header("Content-Length", "4")
                self.end_headers()
                self.wfile.write(b"text")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_busy_server_is_asked_again(serve: Callable[..., str]) -> None:
    clock = Patient()
    assert Session(serve(503, 429, 200), clock).form("/", {"a": "b"}) == b"text"
    assert clock.slept == [7, 7]


def test_a_refusal_is_told(serve: Callable[..., str]) -> None:
    with pytest.raises(BadInput, match="HTTP 400: text"):
        Session(serve(400), Patient()).post("/", b"", {})


def test_who_is_patient_waits_for_a_server_that_has_answered(serve: Callable[..., str]) -> None:
    session = Session(serve(200, 0, 0, 200), Patient(), is_patient=True)
    assert session.post("/", b"", {}) == b"text"
    assert session.post("/", b"", {}) == b"text"


@pytest.mark.parametrize(("statuses", "is_patient"), [((0,), True), ((200, 0), False)])
def test_a_server_that_is_not_there(
    serve: Callable[..., str], statuses: tuple[int, ...], *, is_patient: bool
) -> None:
    session = Session(serve(*statuses), Patient(), is_patient=is_patient)
    for _ in statuses[1:]:
        session.post("/", b"", {})
    with pytest.raises(Unavailable, match="is the server running"):
        session.post("/", b"", {})


def test_what_is_no_address() -> None:
    with pytest.raises(BadInput, match="is no address"):
        Session("localhost", Patient())
