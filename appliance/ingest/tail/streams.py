"""From lines to streams: times that never repeat, entries by tenant and labels, limits on lines.

Invariant: entries that get their time here get another one each, ascending, so that equal lines are
not taken for one line that came twice.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.labels import Labels
from appliance.model.log import PlainLines, StreamBatch, offsets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from appliance.base.clock import Clock
    from appliance.ingest.tail.config import LimitsConfig
    from appliance.ingest.tail.entry import Entry
    from appliance.ingest.tail.metrics import TailMetrics
    from appliance.model.log import Metadata

#: A stage may name the tenant by this label, as in promtail.
TENANT_LABEL = "__tenant_id__"
_MIN_NS, _MAX_NS = -(1 << 63), (1 << 63) - 1
#: A tenant (empty: the client's) and entries of one stream.
TenantStream = tuple[str, StreamBatch]


class Timeline:
    """Times for entries that have none of their own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next_ns = 0
        self._lock = threading.Lock()

    def take(self, count: int) -> int:
        """The first of `count` nanoseconds in a row that nobody else gets."""
        with self._lock:
            first = max(self._next_ns, self._clock.now_ns())
            self._next_ns = first + count
        return first


def group(entries: Iterable[Entry]) -> list[TenantStream]:
    """Entries by tenant and labels, in the order of their first entry."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], list[Entry]] = {}
    for entry in entries:
        # Stages leave labels in the same order again and again: sort once per group, not per entry.
        found.setdefault((entry.tenant, tuple(entry.labels.items())), []).append(entry)
    return [
        (_tenant(tenant, pairs), _batch(pairs, items)) for (tenant, pairs), items in found.items()
    ]


def _tenant(tenant: str, pairs: tuple[tuple[str, str], ...]) -> str:
    return tenant or dict(pairs).get(TENANT_LABEL, "")


def _batch(pairs: tuple[tuple[str, str], ...], entries: Sequence[Entry]) -> StreamBatch:
    metadata: list[Metadata] | None = None
    if any(entry.metadata for entry in entries):
        metadata = [tuple(sorted(entry.metadata.items())) for entry in entries]
    return StreamBatch(
        labels=Labels.of(pair for pair in pairs if pair[0] != TENANT_LABEL),
        timestamps_ns=_times([entry.time_ns for entry in entries]),
        lines=_lines([entry.line for entry in entries]),
        metadata=metadata,
    )


def _times(times_ns: list[int]) -> NDArray[np.int64]:
    """Times; what a line says may be any year, so those beyond 64 bits are the first or last one.

    The door refuses these as it does all that are too old or too new.
    """
    try:
        return np.array(times_ns, dtype=np.int64)
    except OverflowError:
        return np.array([max(_MIN_NS, min(_MAX_NS, time)) for time in times_ns], dtype=np.int64)


def _lines(texts: list[str]) -> PlainLines:
    """Lines as UTF-8, encoded as a whole where every character is a byte."""
    joined = "\n".join([*texts, ""])
    if joined.isascii():
        lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
        return PlainLines(joined.encode(), offsets_of(lengths))
    return PlainLines.of([text.encode("utf-8", "replace") for text in texts])


def _shortened(line: bytes, most: int) -> bytes:
    """The start of a line, without the part of a character that may be left at its end."""
    return line if len(line) <= most else line[:most].decode("utf-8", "ignore").encode()


@dataclass(slots=True)
class LineLimits:
    """promtail's `limits_config`, as far as it is about lines.

    Attributes:
        config: What was configured; all of it is off by default.
    """

    config: LimitsConfig
    metrics: TailMetrics
    _allowance: float = 0.0
    _at: float = 0.0

    def cut(self, streams: list[TenantStream]) -> list[TenantStream]:
        """Streams without the lines that are too long, or with those lines cut."""
        most = int(self.config.max_line_size)
        if not most:
            return streams
        return [(tenant, self._cut(batch, most)) for tenant, batch in streams]

    def _cut(self, batch: StreamBatch, most: int) -> StreamBatch:
        lines = PlainLines.of(batch.lines)
        lengths = np.diff(lines.offsets) - 1
        if not len(lengths) or int(lengths.max()) <= most:
            return batch
        long = lengths > most
        excess = int((lengths[long]).sum())
        if self.config.max_line_size_truncate:
            self.metrics.mutated(int(long.sum()), excess - most * int(long.sum()))
            return replace(batch, lines=[_shortened(line, most) for line in batch.lines])
        self.metrics.dropped("line_too_long", int(long.sum()), excess)
        rows = np.flatnonzero(~long)
        metadata = batch.metadata
        return replace(
            batch,
            timestamps_ns=batch.timestamps_ns[rows],
            lines=lines.take(rows),
            metadata=None if metadata is None else [metadata[row] for row in rows.tolist()],
        )

    def wait_for(self, lines: int, now: float) -> float:
        """Seconds to wait after `lines` lines so that there are not more than allowed.

        # Differs from promtail: with `readline_rate_drop` lines wait, too; none is lost.
        """
        config = self.config
        if not config.readline_rate_enabled:
            return 0.0
        passed, self._at = now - self._at, now
        self._allowance = min(
            config.readline_burst, self._allowance + passed * config.readline_rate
        )
        self._allowance -= lines
        return max(0.0, -self._allowance / config.readline_rate)
