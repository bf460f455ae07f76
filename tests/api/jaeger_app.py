"""Jaeger's API over some plain spans, for its tests."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from typing import Any

from appliance.api.jaeger.deps import JaegerDeps
from appliance.api.jaeger.routes import make_app
from appliance.model.trace import StoredSpan
from appliance.store.archive.source import SpansWithArchive
from tests.api.serving import Client, http_deps, serving
from tests.spans import PlainEvent, PlainSpan, PlainSpans

S = 10**9
NOW = 1_700_000_000 * S  # what the manual clock shows


def at(seconds: float) -> int:
    """So many seconds ago."""
    return NOW - int(seconds * S)


SPANS = (
    PlainSpan(1, 1, "GET /", "web", start_ns=at(60), duration_ns=2 * S),
    PlainSpan(1, 2, "SELECT", "db", parent=1, start_ns=at(59), kind=3, status=2),
    PlainSpan(2, 3, "GET /", "web", start_ns=at(30), duration_ns=S, attributes={"user": "ann"}),
    PlainSpan(
        3,
        4,
        "POST /",
        "web",
        start_ns=at(10),
        resource={"zone": "eu"},
        events=[PlainEvent("exception", at(10), {"exception.type": "Oops"})],
    ),
    PlainSpan(4, 5, "GET /", "web", start_ns=at(7200), attributes={"code": 500, "ok": True}),
    PlainSpan(5, 6, "GET /größe", "münchen ☕", start_ns=at(5)),
    PlainSpan(6, 7, "GET /", "web", start_ns=at(3 * 86_400)),
)


class ListArchive:
    """An archive in memory."""

    def __init__(self) -> None:
        self.traces: dict[tuple[str, bytes], list[StoredSpan]] = {}

    def keep(self, tenant: str, trace_id: bytes, spans: Sequence[StoredSpan]) -> Future[None]:
        self.traces[tenant, trace_id] = list(spans)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def kept(self, tenant: str, trace_id: bytes) -> list[StoredSpan]:
        return self.traces.get((tenant, trace_id), [])


def jaeger_deps(spans: Sequence[PlainSpan] = SPANS, **changes: Any) -> JaegerDeps:
    """What the API needs: these spans for the usual tenant, none for others."""
    archive = changes.setdefault("archive", ListArchive())
    sources = {
        tenant: SpansWithArchive(PlainSpans(own), archive, tenant)
        for tenant, own in (("anonymous", spans), ("other", ()))
    }
    return JaegerDeps(lambda tenant: sources.get(tenant, sources["other"]), **changes)


def jaeger(
    spans: Sequence[PlainSpan] = SPANS, **changes: Any
) -> AbstractAsyncContextManager[Client]:
    """A server of the API; changes are those of `JaegerDeps`."""
    return serving(make_app(http_deps(), jaeger_deps(spans, **changes)))


async def get(path: str, *, status: int = 200, **params: Any) -> dict[str, Any]:
    """An answer in the usual envelope."""
    async with jaeger() as client:
        answer = await client.get("/api" + path, params=params)
    assert answer.status == status, answer.text
    found: dict[str, Any] = answer.json
    assert set(found) == {"data", "total", "limit", "offset", "errors"}
    return found
