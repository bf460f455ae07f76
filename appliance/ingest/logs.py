"""The door for log entries: name the service, limit, append."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.tasks import run
from appliance.model.accepted import Accepted, Reject
from appliance.wire.loki_labels import discover_service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.base.telemetry import Telemetry
    from appliance.ingest.metrics import LabelLimits
    from appliance.model.labels import Labels
    from appliance.model.log import StreamBatch
    from appliance.model.sources import LogAppender


#: Requests of more lines are looked through in a worker thread; a stream costs as much as some.
_LARGE, _STREAM_LINES = 5_000, 10


class LogDoor:
    """Where log entries enter, whatever protocol brought them."""

    def __init__(
        self,
        appender: LogAppender,
        limits: LabelLimits,
        telemetry: Telemetry,
        *,
        line_bytes: int = 256 << 10,
    ) -> None:
        self._appender = appender
        self._limits = limits
        self._line_bytes = line_bytes
        self._rejected = telemetry.counter(
            "appliance_ingest_rejected_total", "Items refused at the door.", ("signal",)
        ).labels("logs")

    async def accept(self, tenant: str, streams: Sequence[StreamBatch]) -> Accepted:
        """Store entries; those over a limit are refused, the others kept.

        Returns:
            After the commit. `Reject.index` counts entries over all streams.

        Raises:
            LimitExceeded: Too many streams.
            Unavailable: The store cannot take it now.
        """
        lines = sum(len(stream.lines) for stream in streams)
        is_large = lines + _STREAM_LINES * len(streams) > _LARGE
        kept, rejects = await run(self._admit, streams, offloaded=is_large)
        if kept:
            append = self._appender.append
            await asyncio.wrap_future(await run(append, tenant, kept, offloaded=is_large))
        refused = lines - sum(len(stream.lines) for stream in kept)
        self._rejected.inc(refused)
        return Accepted(lines - refused, refused, tuple(rejects[:20]))

    def _admit(self, streams: Sequence[StreamBatch]) -> tuple[list[StreamBatch], list[Reject]]:
        """What can be stored, and the first reasons for what cannot."""
        kept: list[StreamBatch] = []
        rejects: list[Reject] = []
        offset = 0
        for stream in streams:
            good, bad = self._limit(stream, offset)
            offset += len(stream.lines)
            rejects += bad
            if len(good.lines):
                kept.append(replace(good, labels=with_service_name(good.labels)))
        return kept, rejects

    def _limit(self, stream: StreamBatch, offset: int) -> tuple[StreamBatch, list[Reject]]:
        excess = self._limits.find_excess(stream.labels)
        if excess is not None:
            reason = f"stream '{_shown(stream.labels)}' has {excess}"
            return replace(stream, timestamps_ns=stream.timestamps_ns[:0], lines=()), [
                Reject(offset, reason)
            ]
        if not stream.lines or max(map(len, stream.lines)) <= self._line_bytes:
            return stream, []
        return self._drop_long_lines(stream, offset)

    def _drop_long_lines(
        self, stream: StreamBatch, offset: int
    ) -> tuple[StreamBatch, list[Reject]]:
        lengths = np.fromiter(map(len, stream.lines), dtype=np.int64, count=len(stream.lines))
        keep = lengths <= self._line_bytes
        rejects = [
            Reject(
                offset + int(row),
                f"max entry size '{self._line_bytes}' bytes exceeded for stream"
                f" '{_shown(stream.labels)}' while adding an entry with length"
                f" '{lengths[row]}' bytes",
            )
            for row in np.flatnonzero(~keep)[:20]
        ]
        rows = np.flatnonzero(keep).tolist()
        metadata = stream.metadata
        good = replace(
            stream,
            timestamps_ns=stream.timestamps_ns[keep],
            lines=[stream.lines[row] for row in rows],
            metadata=None if metadata is None else [metadata[row] for row in rows],
        )
        return good, rejects


def with_service_name(labels: Labels) -> Labels:
    """Labels with `service_name`, found as Loki finds it; else it is `unknown_service`."""
    if labels.get("service_name"):
        return labels
    return labels.extended({"service_name": discover_service(dict(labels))})


def _shown(labels: Labels) -> str:
    return "{" + ", ".join(f'{name}="{value}"' for name, value in labels) + "}"
