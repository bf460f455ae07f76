"""A receiver's server that keeps what it gets, and integrations that send to it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl

import aiohttp
import orjson
from aiohttp import web

from appliance.base.clock import Clock, ManualClock
from appliance.config.http_client import HttpClientConfig
from appliance.config.load import load_text
from appliance.http_client.client import HttpClient
from appliance.model.alert import Alert
from appliance.model.labels import Labels
from appliance.notify.integration import Delivery, Integration, IntegrationDeps
from appliance.notify.message import Message
from appliance.notify.template.templates import MessageRenderer, NotificationTemplates
from tests.ingest.servers import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

T = TypeVar("T")
NOW_MS = 1_700_000_000_000
NOW_NS = NOW_MS * 1_000_000
_MINUTE_NS = 60 * 10**9


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Receiver:
    """What came; `answers` are given in order, after them, and for other paths, `usual`."""

    address: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: list[tuple[int, Any]] = field(default_factory=list)
    usual: Callable[[Request], tuple[int, Any]] = lambda _: (200, {"ok": True, "errcode": 0})

    @property
    def paths(self) -> list[str]:
        return [f"{request.method} {request.path}" for request in self.requests]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        came = Request(
            request.method,
            request.raw_path.partition("?")[0],
            dict(request.query),
            dict(request.headers),
            await request.read(),
        )
        self.requests.append(came)
        status, body = self.answers.pop(0) if self.answers else self.usual(came)
        if isinstance(body, str):
            return web.Response(status=status, text=body)
        return web.json_response(body, status=status)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A server."""
    receiver = Receiver()
    async with serving(receiver.handle) as address:
        receiver.address = f"http://{address}"
        yield receiver


@asynccontextmanager
async def deps_of(
    http: HttpClientConfig | None = None, *, clock: Clock | None = None, directory: Path = Path()
) -> AsyncIterator[IntegrationDeps]:
    """What integrations are made with."""
    clock = clock or ManualClock(NOW_MS)
    async with aiohttp.ClientSession() as session:
        client = HttpClient(http or HttpClientConfig(), lambda: session, clock)
        yield IntegrationDeps(client, NotificationTemplates(), clock, directory)


async def sent(
    integration: Integration, message: Message | None = None, *, is_fallback: bool = False
) -> Delivery:
    """Make one attempt."""
    delivery = Delivery(is_fallback=is_fallback, timeout_seconds=5, clock=ManualClock(NOW_MS))
    await integration.send(message or a_message(), delivery)
    return delivery


def section_of(cls: type[T], text: str) -> T:
    """A section of a configuration that is fine."""
    decoded = load_text(cls, text, file="x.yml")
    assert decoded.value is not None
    assert decoded.ok, [problem.render() for problem in decoded.problems]
    return decoded.value


def errors_of(cls: type[Any], text: str) -> list[str]:
    """What is wrong with a section."""
    return [problem.message for problem in load_text(cls, text, file="x.yml").problems]


def an_alert(*, is_firing: bool = True, annotations: dict[str, str], **labels: str) -> Alert:
    """An alert that began five minutes ago; it is over for a minute unless it fires."""
    ends_ns = NOW_NS + _MINUTE_NS if is_firing else NOW_NS - _MINUTE_NS
    return Alert(
        labels=Labels.of(labels),
        annotations=annotations,
        starts_ns=NOW_NS - 5 * _MINUTE_NS,
        ends_ns=ends_ns,
        updated_ns=NOW_NS,
        generator_url="http://prom/graph",
    )


def a_message(
    *, is_firing: bool = True, alerts: Sequence[Alert] | None = None, **annotations: str
) -> Message:
    """A group `HighLoad` with one alert, `summary` being `load <b>high</b>`."""
    if alerts is None:
        given = {"summary": "load <b>high</b>", **annotations}
        labels = {"alertname": "HighLoad", "instance": "n1", "severity": "page"}
        alerts = [an_alert(is_firing=is_firing, annotations=given, **labels)]
    return Message(
        receiver="team-x",
        group_key='{}:{alertname="HighLoad"}',
        group_labels=Labels.of({"alertname": "HighLoad"}),
        alerts=tuple(alerts),
        now_ns=NOW_NS,
        external_url="http://am",
    )


def renderer_of(message: Message, *, is_fallback: bool = False) -> MessageRenderer:
    """Renders with the default templates."""
    return NotificationTemplates().renderer(message, is_fallback=is_fallback)
