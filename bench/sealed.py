"""Bytes of a signal's data when everything is sealed and the file has no free pages."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from appliance.base.clock import SystemClock
from appliance.base.telemetry import Telemetry
from appliance.store.database import DatabaseOptions


def sealed_bytes(signal: str, data: Path) -> int:
    """Seal what a stopped server left, then measure the live pages."""
    path = data / f"{signal}.db"
    store = open_store(signal, path)
    store.seal(force=True)
    store.close()
    connection = sqlite3.connect(path)
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    connection.close()
    return (pages - free) * size


def open_store(signal: str, path: Path):
    """The signal's store with default options."""
    common = {"database": DatabaseOptions(), "clock": SystemClock(), "telemetry": Telemetry()}
    if signal == "metrics":
        from appliance.store.metrics.options import MetricStoreOptions
        from appliance.store.metrics.store import MetricStore

        return MetricStore(path, MetricStoreOptions(), **common)
    if signal == "logs":
        from appliance.store.logs.options import LogOptions
        from appliance.store.logs.store import LogStore

        return LogStore(path, LogOptions(), **common)
    from appliance.store.traces.store import SpanOptions, SpanStore

    return SpanStore(path, SpanOptions(), **common)
