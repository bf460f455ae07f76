"""What the home page shows, and the protocol through which it is asked for.

Times are integers since the Unix epoch; in JSON, nanosecond times are strings, as they exceed the
integers that JavaScript can tell apart.
"""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: How many log lines and traces the home page lists, and of how many metrics it knows the names.
LATEST_LINES, LATEST_TRACES, METRIC_NAMES = 30, 12, 5_000
#: Hosts in addresses that only this machine can use.
_LOCAL = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::"}  # noqa: S104 - compared, not bound


@dataclass(frozen=True, slots=True)
class SignalTile:
    """How much of one signal has come in.

    Attributes:
        name: `metrics`, `logs` or `traces`.
        unit: What is counted: `samples`, `lines`, `spans`.
        received_total: Accepted items, since the store was made as far as that is known.
        rate_per_second: Items per second, lately.
        last_seen_ms: When the last one came in; None if none ever did.
        active: Series, streams or services that exist now.
        rejected_total: Refused items since the process started.
        disk_bytes: Size of the signal's file.
    """

    name: str
    unit: str
    received_total: int
    rate_per_second: float
    last_seen_ms: int | None
    active: int
    rejected_total: int
    disk_bytes: int

    @property
    def has_data(self) -> bool:
        """Whether anything ever came in, if before the last start."""
        return self.last_seen_ms is not None or self.active > 0

    @property
    def active_unit(self) -> str:
        """What `active` counts."""
        return {"metrics": "series", "logs": "streams", "traces": "services"}.get(self.name, "")


@dataclass(frozen=True, slots=True)
class LogRow:
    """One log line; `level` is empty when the line has none."""

    timestamp_ns: int
    service: str
    level: str
    line: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One trace in short; `trace_id` is lower-case hex of 32 digits."""

    trace_id: str
    root_service: str
    root_name: str
    start_ns: int
    duration_ns: int
    span_count: int
    error_count: int


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where this process can be reached; names whose listener is closed are empty.

    Attributes:
        urls: Base URL of every open listener by its name (`ui`, `otlp_http`, `loki`, …), without a
            slash at the end; `host:port` for gRPC.
        data_directory: Where data are kept.
        remote_write: Path of Prometheus remote write on the `prometheus` listener; empty while
            it is not served.
        needs_token: Whether who writes must send the token.
    """

    urls: Mapping[str, str]
    data_directory: str = ""
    remote_write: str = ""
    needs_token: bool = False

    @property
    def otlp_grpc(self) -> str:
        """`host:port` for OTLP over gRPC."""
        return self.urls.get("otlp_grpc", "")

    @property
    def otlp_http(self) -> str:
        """OTLP over HTTP; the page's own port takes it as well."""
        return self.urls.get("otlp_http", "") or self.ui

    @property
    def loki(self) -> str:
        """Loki's API."""
        return self.urls.get("loki", "")

    @property
    def prometheus(self) -> str:
        """Prometheus' API."""
        return self.urls.get("prometheus", "")

    @property
    def tempo(self) -> str:
        """Tempo's API."""
        return self.urls.get("tempo", "")

    @property
    def jaeger(self) -> str:
        """Jaeger's query API."""
        return self.urls.get("jaeger", "")

    @property
    def ui(self) -> str:
        """The pages."""
        return self.urls.get("ui", "")

    def seen_from(self, host: str | None) -> Endpoints:
        """The same as a reader has to write it who came here by the name `host`.

        Who came from elsewhere cannot use a loopback address, and has shown that `host` leads here.
        """
        if not host or host in _LOCAL:
            return self
        named = f"[{host}]" if ":" in host else host
        urls = {name: _with_host(url, named) for name, url in self.urls.items()}
        return dataclasses.replace(self, urls=urls)


def _with_host(url: str, host: str) -> str:
    scheme, separator, place = url.rpartition("://")
    parts = urlsplit(f"//{place}")
    if parts.hostname not in _LOCAL:
        return url
    return f"{scheme}{separator}{host}" + (f":{parts.port}" if parts.port else "")


class Overview(Protocol):
    """Figures for the pages; the application implements it. Every list may be empty."""

    async def tiles(self, tenant: str) -> list[SignalTile]:
        """One per signal, in the order metrics, logs, traces."""
        ...

    async def latest_lines(self, tenant: str, limit: int) -> list[LogRow]:
        """The newest lines, newest first."""
        ...

    async def latest_traces(self, tenant: str, limit: int) -> list[TraceRow]:
        """The newest traces, newest first."""
        ...

    async def metric_names(self, tenant: str) -> list[str]:
        """Names of all metrics with recent samples, sorted."""
        ...

    def endpoints(self) -> Endpoints:
        """Where this process can be reached."""
        ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the home page shows, read at one time.

    Attributes:
        metrics: Names, at most `METRIC_NAMES`.
        now_ms: The server's clock when it was read.
    """

    tiles: Sequence[SignalTile]
    lines: Sequence[LogRow]
    traces: Sequence[TraceRow]
    metrics: Sequence[str]
    now_ms: int

    @property
    def has_everything(self) -> bool:
        """Whether every signal has come in at least once."""
        return all(tile.has_data for tile in self.tiles)

    def as_json(self) -> dict[str, Any]:
        """As a value for a JSON encoder; the same fields, nanosecond times as strings."""
        return {
            "tiles": [
                dataclasses.asdict(tile)
                | {"active_unit": tile.active_unit, "has_data": tile.has_data}
                for tile in self.tiles
            ],
            "lines": [
                {
                    "timestamp_ns": str(row.timestamp_ns),
                    "service": row.service,
                    "level": row.level,
                    "line": row.line,
                    "labels": dict(row.labels),
                }
                for row in self.lines
            ],
            "traces": [
                dataclasses.asdict(row) | {"start_ns": str(row.start_ns)} for row in self.traces
            ],
            "metrics": list(self.metrics),
            "now_ms": self.now_ms,
        }


async def read(overview: Overview, tenant: str, now_ms: int) -> Snapshot:
    """Ask for everything at once."""
    tiles, lines, traces, metrics = await asyncio.gather(
        overview.tiles(tenant),
        overview.latest_lines(tenant, LATEST_LINES),
        overview.latest_traces(tenant, LATEST_TRACES),
        overview.metric_names(tenant),
    )
    return Snapshot(tiles, lines, traces, metrics[:METRIC_NAMES], now_ms)
