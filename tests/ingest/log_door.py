"""A door for log entries that leads to a list."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.ingest.logs import LogDoor
from appliance.model.labels import Labels
from appliance.model.log import Metadata, StreamBatch

NOW_NS = ManualClock().now_ns()
LEVEL = "detected_level"


@dataclass
class Appender:
    """Keeps what it is given; `errors` are raised first, one at a time."""

    requests: list[tuple[str, list[StreamBatch]]] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    threads: list[threading.Thread] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def append(self, tenant: str, streams: Sequence[StreamBatch]) -> Future[None]:
        return self.append_many([(tenant, streams)], {})

    def append_many(
        self, requests: Sequence[tuple[str, Sequence[StreamBatch]]], marks: Mapping[str, str]
    ) -> Future[None]:
        self.threads.append(threading.current_thread())
        if self.errors:
            raise self.errors.pop(0)
        self.requests += [(tenant, list(streams)) for tenant, streams in requests]
        self.marks |= marks
        future: Future[None] = Future()
        future.set_result(None)
        return future

    @property
    def streams(self) -> list[StreamBatch]:
        return [stream for _, streams in self.requests for stream in streams]

    def stored(self) -> dict[str, list[tuple[int, bytes, dict[str, str]]]]:
        """Seconds from now, line and metadata without the level, by label text."""
        found: dict[str, list[tuple[int, bytes, dict[str, str]]]] = {}
        for stream in self.streams:
            shown = ",".join(f"{name}={value}" for name, value in stream.labels)
            metadata = stream.metadata or [()] * len(stream.lines)
            for at, line, pairs in zip(stream.timestamps_ns, stream.lines, metadata, strict=True):
                others = {name: value for name, value in pairs if name != LEVEL}
                seconds = (int(at) - NOW_NS) // 10**9
                found.setdefault(shown, []).append((seconds, line, others))
        return found


def batch(
    labels: Mapping[str, str],
    *lines: bytes,
    seconds: Sequence[int] | None = None,
    metadata: Sequence[Metadata] | None = None,
) -> StreamBatch:
    """Entries of one stream; times are seconds from now."""
    offsets = np.array(range(len(lines)) if seconds is None else seconds, dtype=np.int64)
    return StreamBatch(Labels.of(labels), NOW_NS + offsets * 10**9, list(lines), metadata)


def door(appender: Appender, clock: ManualClock | None = None, **settings: Any) -> LogDoor:
    return LogDoor(appender, clock or ManualClock(), Telemetry(), **settings)
