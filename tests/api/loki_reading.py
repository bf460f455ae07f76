"""Loki's application over some entries, for its tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from appliance.api.loki.deps import LokiDeps
from appliance.api.loki.routes import make_app
from appliance.model.accepted import Accepted, Reject
from appliance.model.labels import Labels
from appliance.model.log import LogChunk, StreamBatch
from appliance.model.matcher import Matcher, matches_all
from tests.api.serving import Client, http_deps, serving
from tests.sources import Entry, PlainLogs, labels, make_chunk

S = 10**9
NOW = 1_700_000_000 * S  # what the manual clock shows
API = "/loki/api/v1"
A, B = labels(app="x", pod="a"), labels(app="x", pod="b")
LOGS = PlainLogs(
    {
        A: [
            Entry(NOW - 3 * S, "one"),
            Entry(NOW - 2 * S, "two", (("trace", "t"),)),
            Entry(NOW - S, "three"),
        ],
        B: [Entry(NOW - 2 * S, "other"), Entry(NOW - 7200 * S, "old")],
        labels(app="ancient"): [Entry(NOW - 8 * 3600 * S, "x")],
    }
)


class Door:
    """Keeps what it is given; `error` or `rejects` make it refuse."""

    def __init__(self, error: Exception | None = None, rejects: tuple[Reject, ...] = ()) -> None:
        self.kept: list[tuple[str, Sequence[StreamBatch]]] = []
        self._error = error
        self._rejects = rejects

    async def accept(
        self, tenant: str, streams: Sequence[StreamBatch], **_options: Any
    ) -> Accepted:
        if self._error is not None:
            raise self._error
        self.kept.append((tenant, streams))
        count = sum(len(stream.timestamps_ns) for stream in streams)
        return Accepted(count, len(self._rejects), self._rejects)


@dataclass
class Watch:
    """Tells the tails of one tenant what a test stores."""

    tails: list[tuple[str, tuple[Matcher, ...], Callable[[LogChunk], None]]] = field(
        default_factory=list
    )
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, count: int) -> None:
        """Wait until there are so many tails."""
        while len(self.tails) != count:
            self._changed.clear()
            await self._changed.wait()

    def watch(
        self, tenant: str, matchers: tuple[Matcher, ...], notice: Callable[[LogChunk], None]
    ) -> Callable[[], None]:
        entry = tenant, matchers, notice
        self.tails.append(entry)
        self._changed.set()
        return lambda: self._end(entry)

    def _end(self, entry: tuple[str, tuple[Matcher, ...], Callable[[LogChunk], None]]) -> None:
        self.tails.remove(entry)
        self._changed.set()

    def store(self, item: Labels, *entries: Entry, tenant: str = "anonymous") -> None:
        for name, matchers, notice in list(self.tails):
            if name == tenant and matches_all(matchers, item):
                notice(make_chunk(item, entries))


def logs_of(tenant: str) -> PlainLogs:
    return LOGS if tenant == "anonymous" else PlainLogs()


def loki(
    door: Door | None = None,
    *,
    parts: dict[str, Any] | None = None,
    logs: Callable[[str], PlainLogs] = logs_of,
    **changes: Any,
) -> AbstractAsyncContextManager[Client]:
    """A server.

    Args:
        parts: More fields of `LokiDeps`.
        changes: Fields of `HttpDeps`.
    """
    return serving(make_app(http_deps(**changes), LokiDeps(logs, door or Door(), **parts or {})))
