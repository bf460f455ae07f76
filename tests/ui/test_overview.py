from __future__ import annotations

import asyncio

import pytest

from appliance.ui.overview import Endpoints, LogRow, TraceRow, read
from tests.ui.memory import URLS, MemoryOverview


def test_snapshot_keeps_nanoseconds_exact_in_json() -> None:
    overview = MemoryOverview()
    at = 1_700_000_000_123_456_789
    overview.add_line(LogRow(at, "shop", "info", "hello", {"service_name": "shop"}))
    overview.add_trace(TraceRow("ab" * 16, "shop", "GET /", at, 5, 1, 0))
    snapshot = asyncio.run(read(overview, "acme", 7))
    document = snapshot.as_json()
    assert document["lines"][0]["timestamp_ns"] == str(at)
    assert document["traces"][0]["start_ns"] == str(at)
    assert document["now_ms"] == 7
    assert [tile["active_unit"] for tile in document["tiles"]] == ["series", "streams", "services"]
    assert overview.tenants == ["acme"]


def test_everything_has_come_in_once_every_signal_has() -> None:
    overview = MemoryOverview()
    for signal, expected in (("metrics", False), ("logs", False), ("traces", True)):
        overview.receive(signal)
        assert asyncio.run(read(overview, "anonymous", 0)).has_everything is expected


def test_closed_listeners_are_empty_and_pages_take_otlp_too() -> None:
    at = Endpoints({"ui": "http://127.0.0.1:3000"})
    assert (at.otlp_http, at.loki, at.otlp_grpc) == ("http://127.0.0.1:3000", "", "")
    assert Endpoints(URLS).otlp_http == "http://127.0.0.1:4318"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("box.lan", {"ui": "http://box.lan:3000", "otlp_grpc": "box.lan:4317"}),
        ("fe80::1", {"ui": "http://[fe80::1]:3000", "otlp_grpc": "[fe80::1]:4317"}),
        ("localhost", {"ui": "http://127.0.0.1:3000", "otlp_grpc": "127.0.0.1:4317"}),
        (None, {"ui": "http://127.0.0.1:3000", "otlp_grpc": "127.0.0.1:4317"}),
    ],
)
def test_who_comes_from_elsewhere_sees_addresses_that_lead_here(
    host: str | None, expected: dict[str, str]
) -> None:
    seen = Endpoints(URLS).seen_from(host)
    assert {name: seen.urls[name] for name in expected} == expected


def test_addresses_of_other_machines_stay() -> None:
    at = Endpoints({"loki": "http://10.0.0.7:3100"})
    assert at.seen_from("box.lan").loki == "http://10.0.0.7:3100"
