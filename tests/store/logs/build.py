"""Stores, batches and plain readings for the tests of the log store."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from appliance.base.clock import Clock, ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.labels import Labels
from appliance.model.log import LogChunk, Metadata, PlainLines, StreamBatch
from appliance.model.matcher import Matcher, MatchOp
from appliance.store.database import DatabaseOptions
from appliance.store.logs.entries import Entries, from_batch
from appliance.store.logs.store import LogOptions, LogStore

#: (labels, time, line, metadata)
Row = tuple[Labels, int, bytes, Metadata]
MAX_NS = 1 << 63


class Bounds:
    """A guard that counts."""

    def __init__(self) -> None:
        self.checks = 0
        self.bytes = 0

    def check(self) -> None:
        self.checks += 1

    def add_series(self, count: int) -> None:
        raise AssertionError(count)

    def add_samples(self, count: int) -> None:
        raise AssertionError(count)

    def free_samples(self, count: int) -> None:
        raise AssertionError(count)

    def add_bytes(self, count: int) -> None:
        self.bytes += count


def open_store(
    folder: Path,
    options: LogOptions | None = None,
    clock: Clock | None = None,
    telemetry: Telemetry | None = None,
) -> LogStore:
    return LogStore(
        folder / "logs.db",
        options or LogOptions(),
        database=DatabaseOptions(synchronous="NORMAL"),
        clock=clock or ManualClock(),
        telemetry=telemetry or Telemetry(),
    )


def batch(
    labels: dict[str, str], times: Sequence[int], lines: Sequence[str] = (), **pairs: str
) -> StreamBatch:
    """A batch; lines default to the times, `pairs` are every entry's metadata."""
    texts = [line.encode() for line in lines] or [b"%d" % time for time in times]
    metadata = [tuple(sorted(pairs.items()))] * len(times) if pairs else None
    return StreamBatch(Labels.of(labels), np.array(times, dtype=np.int64), texts, metadata)


def entries(times: Sequence[int], lines: Sequence[str] = (), **pairs: str) -> Entries:
    return from_batch(batch({}, times, lines, **pairs))


def lines_of(found: Entries) -> list[bytes]:
    offsets = found.offsets.tolist()
    return [found.text[a : b - 1] for a, b in itertools.pairwise(offsets)]


def equal(name: str, value: str) -> Matcher:
    return Matcher(name, MatchOp.EQUAL, value)


def rows(chunks: Iterator[LogChunk]) -> list[Row]:
    """All entries, in the order of the chunks."""
    return [
        (
            chunk.labels,
            int(chunk.timestamps_ns[n]),
            chunk.line(n),
            chunk.metadata[chunk.metadata_ids[n]],
        )
        for chunk in chunks
        for n in range(len(chunk))
    ]


def whole(chunk: LogChunk) -> LogChunk:
    """A chunk whose lines have been read, as readers must do while they work on it."""
    return replace(chunk, lines=PlainLines(chunk.text, chunk.offsets))


def select(
    store: LogStore,
    *matchers: Matcher,
    span: tuple[int, int] = (-MAX_NS, MAX_NS),
    needles: Sequence[bytes] = (),
    backward: bool = False,
    tenant: str = "t",
) -> list[LogChunk]:
    source = store.source(tenant)
    return list(
        source.scan(matchers, *span, Bounds(), work=whole, needles=needles, backward=backward)
    )


def texts(store: LogStore, *matchers: Matcher, tenant: str = "t") -> list[str]:
    """Lines of all entries, sorted by time."""
    found = rows(iter(select(store, *matchers, tenant=tenant)))
    return [row[2].decode() for row in sorted(found, key=lambda row: row[1])]
