"""Limits of pushed log entries, with Loki's words for what is over them (pkg/validation).

A request that is within all of them costs a few array operations, whatever the number of its lines.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.accepted import Reject
from appliance.model.labels import Labels
from appliance.model.log import MetadataColumn, PlainLines
from appliance.wire.loki_labels import print_labels, with_service_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.log import Metadata, StreamBatch

_MIN_NS = -(2**63)
_MINUTE_MS = 60_000
_DAY_MS = 24 * 60 * _MINUTE_MS
_SERVICE_NAME = "service_name"
#: Different reasons that are told of one stream.
_SHOWN = 10
#: What a reason shows of labels that are over their limits.
_SHOWN_LABELS, _SHOWN_CHARS = 100, 8192


@dataclass(frozen=True, slots=True)
class LogLimits:
    """Bounds of a stream's labels and of its entries; the defaults are Loki's.

    Attributes:
        line_bytes: Of one line.
        labels: Labels of a stream, `service_name` not counted.
        name_bytes, value_bytes: Of a label's name and value.
        max_age_ms: Entries that are older are refused; 0: none is.
        ahead_ms: Entries may be this far in the future.
        metadata_bytes, metadata_count: Names and values of an entry's structured metadata.
    """

    line_bytes: int = 256 << 10
    labels: int = 15
    name_bytes: int = 1024
    value_bytes: int = 2048
    max_age_ms: int = 7 * _DAY_MS
    ahead_ms: int = 10 * _MINUTE_MS
    metadata_bytes: int = 64 << 10
    metadata_count: int = 128

    def find_excess(self, labels: Labels) -> str | None:
        """What is too much in a stream's labels; None when nothing is."""
        count = len(labels) - bool(labels.get(_SERVICE_NAME))
        if count > self.labels:
            return (
                f"entry for stream '{_shown(labels)}' has {count} label names; limit {self.labels}"
            )
        for name, value in labels:
            if len(name.encode()) > self.name_bytes:
                return f"stream '{_shown(labels)}' has label name too long: '{_cut(name)}'"
            if len(value.encode()) > self.value_bytes:
                return f"stream '{_shown(labels)}' has label value too long: '{_cut(value)}'"
        return None


def _shown(labels: Labels) -> str:
    """Labels for a reason; a request that has too many is not sent back as a whole."""
    if len(labels) <= _SHOWN_LABELS:
        return _cut(print_labels(labels))
    return _cut(print_labels(Labels(labels[:_SHOWN_LABELS]))[:-1] + ", …}")


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"


@dataclass(frozen=True, slots=True)
class TimeBounds:
    """Times that entries may have, in nanoseconds, both included; `oldest_ns` None: any."""

    oldest_ns: int | None
    newest_ns: int

    @classmethod
    def at(cls, now_ns: int, limits: LogLimits) -> TimeBounds:
        """The bounds at a time."""
        oldest = now_ns - limits.max_age_ms * 10**6 if limits.max_age_ms else None
        return cls(oldest, now_ns + limits.ahead_ms * 10**6)

    def hold(self, times: NDArray[np.int64]) -> bool:
        """Whether all times are within: int64[entry]."""
        if len(times) <= 1:
            return all((self.oldest_ns or _MIN_NS) <= at <= self.newest_ns for at in times.tolist())
        is_recent = self.oldest_ns is None or int(times.min()) >= self.oldest_ns
        return is_recent and int(times.max()) <= self.newest_ns


class EntryCheck:
    """Sorts out the entries of a stream that are over a limit."""

    def __init__(self, limits: LogLimits, bounds: TimeBounds) -> None:
        self._limits = limits
        self._bounds = bounds

    def apply(self, stream: StreamBatch, offset: int) -> tuple[StreamBatch, list[Reject]]:
        """The entries that are within the limits, and reasons for the others.

        Args:
            offset: The number of the stream's first entry in the request.
        """
        times = stream.timestamps_ns
        is_short = len(PlainLines.of(stream.lines).text) <= self._limits.line_bytes
        crowded = self._crowded(stream.metadata)
        if is_short and not len(crowded) and self._bounds.hold(times):
            return stream, []
        return self._sort_out(stream, offset, crowded)

    def _crowded(self, metadata: Sequence[Metadata] | None) -> dict[int, str]:
        """Sets of metadata that are too much, by number, with the middle of the reason."""
        if metadata is None:
            return {}
        found = {}
        for number, pairs in enumerate(MetadataColumn.of(metadata).distinct):
            # A character is at most four bytes.
            rough = 4 * sum(map(len, itertools.chain.from_iterable(pairs)))
            if rough > self._limits.metadata_bytes or len(pairs) > self._limits.metadata_count:
                reason = self._metadata_reason(pairs)
                if reason is not None:
                    found[number] = reason
        return found

    def _metadata_reason(self, pairs: Metadata) -> str | None:
        limits = self._limits
        size = sum(len(name.encode()) + len(value.encode()) for name, value in pairs)
        if size > limits.metadata_bytes:
            return (
                f"structured metadata too large: '{size}' bytes, limit:"
                f" '{limits.metadata_bytes}' bytes. Please see"
                " `limits_config.max_structured_metadata_size` or contact your Loki administrator"
                " to increase it."
            )
        if len(pairs) > limits.metadata_count:
            return (
                f"too many structured metadata labels: '{len(pairs)}', limit:"
                f" '{limits.metadata_count}'. Please see"
                " `limits_config.max_structured_metadata_entries_count` or contact your Loki"
                " administrator to increase it."
            )
        return None

    def _sort_out(
        self, stream: StreamBatch, offset: int, crowded: dict[int, str]
    ) -> tuple[StreamBatch, list[Reject]]:
        times = stream.timestamps_ns
        shown = print_labels(with_service_name(stream.labels))
        oldest_ns = self._bounds.oldest_ns
        lengths = np.diff(PlainLines.of(stream.lines).offsets) - 1
        old = times < (_MIN_NS if oldest_ns is None else oldest_ns)
        new = ~old & (times > self._bounds.newest_ns)
        long = ~old & ~new & (lengths > self._limits.line_bytes)
        bad = old | new | long
        reasons = [
            *_count(_seconds(times[old]), partial(_too_old, shown, oldest_ns or 0)),
            *_count(_seconds(times[new]), partial(_too_new, shown)),
            *_count(lengths[long], partial(_too_long, shown, self._limits.line_bytes)),
        ]
        if crowded and stream.metadata is not None:
            ids = MetadataColumn.of(stream.metadata).ids
            for number, reason in crowded.items():
                found = ~bad & (ids == number)
                reasons.append((f"stream '{shown}' has {reason}", int(found.sum())))
                bad |= found
        if not bad.any():
            return stream, []
        first = offset + int(np.argmax(bad))
        told = [Reject(first, reason, count) for reason, count in reasons if count]
        return without(stream, bad), told[:_SHOWN]


def _count(values: NDArray[np.int64], reason: Callable[[int], str]) -> Iterator[tuple[str, int]]:
    """Reasons for the first few distinct values, and how often each occurs."""
    found, counts = np.unique(values, return_counts=True)
    for value, count in zip(found[:_SHOWN].tolist(), counts.tolist(), strict=False):
        yield reason(value), count


def _seconds(times_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    return times_ns // 10**9


def _too_old(stream: str, oldest_ns: int, seconds: int) -> str:
    return (
        f"entry for stream '{stream}' has timestamp too old: {_shown_time(seconds)}, oldest"
        f" acceptable timestamp is: {_shown_time(oldest_ns // 10**9)}"
    )


def _too_new(stream: str, seconds: int) -> str:
    return f"entry for stream '{stream}' has timestamp too new: {_shown_time(seconds)}"


def _too_long(stream: str, limit: int, length: int) -> str:
    return (
        f"max entry size '{limit}' bytes exceeded for stream '{stream}'"
        f" while adding an entry with length '{length}' bytes"
    )


def without(stream: StreamBatch, bad: NDArray[np.bool_]) -> StreamBatch:
    """A stream without some of its entries: bool[entry]."""
    rows = np.flatnonzero(~bad)
    metadata = stream.metadata
    if metadata is not None:
        column = MetadataColumn.of(metadata)
        metadata = MetadataColumn(column.distinct, column.ids[rows])
    return replace(
        stream,
        timestamps_ns=stream.timestamps_ns[rows],
        lines=PlainLines.of(stream.lines).take(rows),
        metadata=metadata,
    )


def _shown_time(seconds: int) -> str:
    """A time as Go's time.RFC3339 prints it, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
