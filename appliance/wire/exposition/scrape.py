"""Reading one target's exposition again and again, at a fraction of a full parse.

A target exposes the same lines every time, with other values. So the parser remembers

- per line, the bytes up to the last space and the row they stand for. The series ends at the last
  space only in lines without timestamp and exemplar; the full parse decides that once per line;
- per body, its layout: every space-separated token that is not a value. When a body has the same
  tokens in the same places, nothing is left to do but to convert the values.

Invariants: a row number means the same labels as long as `generation` stays the same; rows are
numbered from 0 without gaps; two spellings of one series are one row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.wire.exposition.document import read_metadata, read_sample, split_lines
from appliance.wire.exposition.line import is_openmetrics
from appliance.wire.numbers import parse_floats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata

#: Below this many remembered lines the cache is never reset.
_SMALL = 1000


@dataclass(frozen=True, slots=True)
class Scrape:
    """What one scrape brought.

    Attributes:
        rows: int64[series], distinct row numbers of the samples without timestamps of their own.
        values: float64[series]; NaN is the ordinary NaN.
        new_labels: Labels of rows that no earlier successful scrape of this generation reported,
            in row order; they are also the last ones of `ScrapeParser.labels`.
        stamped: (row, timestamp_ms, value) of samples with explicit timestamps.
        metadata: By metric name; empty when it is the same as the last time.
        sample_count: Sample lines, duplicates included.
        duplicates: Sample lines left out because their series came before.
    """

    rows: NDArray[np.int64]
    values: NDArray[np.float64]
    new_labels: Sequence[Labels]
    stamped: Sequence[tuple[int, int, float]]
    metadata: dict[str, MetricMetadata]
    sample_count: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """A body's tokens, split where its values are."""

    openmetrics: bool
    others: tuple[bytes, ...]
    pick_others: Callable[[list[bytes]], tuple[bytes, ...]]
    pick_values: Callable[[list[bytes]], tuple[bytes, ...]]
    token_count: int
    sample_count: int
    rows: NDArray[np.int64]
    first: NDArray[np.int64] | None


@dataclass(slots=True)
class _Reading:
    """What has been found so far in one body.

    Attributes:
        is_trusting: Whether remembered lines need no full parse.
    """

    openmetrics: bool
    is_trusting: bool = True
    rows: list[int] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    stamped: list[tuple[int, int]] = field(default_factory=list)
    stamped_values: list[bytes] = field(default_factory=list)
    comments: list[tuple[int, bytes]] = field(default_factory=list)
    value_tokens: list[int] = field(default_factory=list)
    is_regular: bool = True


class ScrapeParser:
    """The memory of one target. Not thread-safe: one scrape of a target at a time.

    Attributes:
        labels: By row number, as exposed, before relabelling.
        generation: Grows when all rows are forgotten because the target keeps exposing new series.
    """

    def __init__(self) -> None:
        self.labels: list[Labels] = []
        self.generation = 0
        self._by_labels: dict[Labels, int] = {}
        self._by_prefix: dict[bytes, int] = {}
        self._stamped_prefixes: dict[bytes, int] = {}
        self._layout: _Layout | None = None
        self._metadata: dict[str, MetricMetadata] = {}
        self._reported = 0
        self._last_count = 0

    def parse(self, body: bytes, content_type: str) -> Scrape:
        """Read one exposition.

        Args:
            body: Decompressed.
            content_type: The response's Content-Type.

        Raises:
            BadInput: The first broken line; nothing of this body counts as reported then.
        """
        openmetrics = is_openmetrics(content_type)
        if not body.endswith(b"\n"):
            body += b"\n"
        if len(self._by_prefix) + len(self._stamped_prefixes) > max(_SMALL, 4 * self._last_count):
            self._forget()
        known = self._parse_known(body, openmetrics=openmetrics)
        if known:
            return known
        try:
            return self._parse_lines(body, _Reading(openmetrics))
        except BadInput:  # says where, or finds that a line is only written differently
            return self._parse_lines(body, _Reading(openmetrics, is_trusting=False))

    def _forget(self) -> None:
        self.generation += 1
        self.labels = []
        self._by_labels = {}
        self._by_prefix = {}
        self._stamped_prefixes = {}
        self._layout = None
        self._reported = 0

    def _parse_known(self, body: bytes, *, openmetrics: bool) -> Scrape | None:
        """The body by the last one's layout, or None if it has another one."""
        layout = self._layout
        if layout is None or layout.openmetrics != openmetrics:
            return None
        tokens = _tokens(body)
        if len(tokens) != layout.token_count or layout.pick_others(tokens) != layout.others:
            return None
        text = b"".join(layout.pick_values(tokens))
        if text.count(b"\n") != layout.sample_count:
            return None
        try:
            values = parse_floats(text)
        except BadInput:
            return None  # the slow path says where
        if layout.first is not None:
            values = values[layout.first]
        return self._scrape(layout.rows, values, layout.sample_count, {}, [])

    def _parse_lines(self, body: bytes, reading: _Reading) -> Scrape:
        lines = split_lines(body, openmetrics=reading.openmetrics)
        known = self._by_prefix if reading.is_trusting else {}
        rows, values, value_tokens = reading.rows, reading.values, reading.value_tokens
        token = -1
        for number, line in enumerate(lines, 1):
            token += 1 + line.count(b" ")
            prefix, _, value = line.rpartition(b" ")
            row = known.get(prefix)
            if row is not None:
                rows.append(row)
                values.append(value)
                value_tokens.append(token)
            elif self._read_line(line, number, reading):
                value_tokens.append(token)
        floats = parse_floats(_joined(values))
        stamped = parse_floats(_joined(reading.stamped_values))
        metadata = read_metadata(reading.comments, openmetrics=reading.openmetrics)
        distinct, first = _distinct(np.array(rows, dtype=np.int64))
        changed = {} if metadata == self._metadata else metadata
        self._metadata = metadata
        self._layout = _layout(body, reading, distinct, first) if reading.is_regular else None
        return self._scrape(
            distinct,
            floats if first is None else floats[first],
            len(rows) + len(stamped),
            changed,
            [(*at, value) for at, value in zip(reading.stamped, stamped.tolist(), strict=True)],
        )

    def _read_line(self, line: bytes, number: int, reading: _Reading) -> bool:
        """Read a line that is no known series and a value; True if it is a new one and a value."""
        if line.startswith(b"#"):
            reading.comments.append((number, line))
            return False
        if reading.is_trusting and self._read_stamped(line, reading):
            return False
        sample = read_sample(line, number, openmetrics=reading.openmetrics)
        if sample is None:
            return False
        row = self._row(sample.labels)
        prefix, _, last = line.rpartition(b" ")
        if sample.is_plain:
            self._by_prefix[prefix] = row
            reading.rows.append(row)
            reading.values.append(last)
            return True
        reading.is_regular = False
        value = repr(sample.value).encode()
        if sample.timestamp_ms is None:
            head = line.partition(b" # {")[0].rpartition(b" ")[0]
            reading.rows.append(row)
            reading.values.append(value)
            if self._is_series(head, row, reading):
                self._by_prefix[head] = row
        else:
            head = prefix.rpartition(b" ")[0]
            reading.stamped.append((row, sample.timestamp_ms))
            reading.stamped_values.append(value)
            if self._is_series(head, row, reading):
                self._stamped_prefixes[head] = row
        return False

    def _read_stamped(self, line: bytes, reading: _Reading) -> bool:
        """Read a line of a known series followed by more than a value; False if it is not one."""
        if b" # {" in line:  # never inside a known prefix: that would be an unfinished string
            prefix, _, value = line.partition(b" # {")[0].rpartition(b" ")
            row = self._by_prefix.get(prefix)
            if row is None or not reading.openmetrics:
                return False
            reading.rows.append(row)
            reading.values.append(value)
        else:
            head, _, stamp = line.rpartition(b" ")
            prefix, _, value = head.rpartition(b" ")
            row = self._stamped_prefixes.get(prefix)
            if row is None or not stamp.isdigit() or len(stamp) > 18 or reading.openmetrics:
                return False
            reading.stamped.append((row, int(stamp)))
            reading.stamped_values.append(value)
        reading.is_regular = False
        return True

    def _is_series(self, head: bytes, row: int, reading: _Reading) -> bool:
        """Whether some bytes alone are exactly the series of a row."""
        try:
            sample = read_sample(head + b" 0", 0, openmetrics=reading.openmetrics)
        except BadInput:
            return False
        return sample is not None and sample.is_plain and sample.labels == self.labels[row]

    def _row(self, labels: Labels) -> int:
        row = self._by_labels.get(labels)
        if row is None:
            row = self._by_labels[labels] = len(self.labels)
            self.labels.append(labels)
        return row

    def _scrape(
        self,
        rows: NDArray[np.int64],
        values: NDArray[np.float64],
        count: int,
        metadata: dict[str, MetricMetadata],
        stamped: list[tuple[int, int, float]],
    ) -> Scrape:
        new_labels = self.labels[self._reported :]
        self._reported = len(self.labels)
        self._last_count = count
        return Scrape(
            rows, values, new_labels, stamped, metadata, count, count - len(rows) - len(stamped)
        )


def _tokens(body: bytes) -> list[bytes]:
    """Split at spaces and behind newlines, so that every line ends with its own token."""
    return body.replace(b"\n", b"\n ").split(b" ")


def _joined(values: list[bytes]) -> bytes:
    return b"\n".join([*values, b""])


def _distinct(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """Rows without repetitions, and the places of their first occurrences if there were any."""
    distinct, first = np.unique(rows, return_index=True)
    if len(distinct) == len(rows):
        return rows, None
    first = np.sort(first)
    return rows[first], first


def _layout(
    body: bytes, reading: _Reading, rows: NDArray[np.int64], first: NDArray[np.int64] | None
) -> _Layout | None:
    tokens = _tokens(body)
    value_tokens = reading.value_tokens
    is_value = set(value_tokens)
    other_tokens = [index for index in range(len(tokens)) if index not in is_value]
    if len(value_tokens) < 2 or len(other_tokens) < 2:  # itemgetter returns tuples from two on
        return None
    pick_others = itemgetter(*other_tokens)
    return _Layout(
        openmetrics=reading.openmetrics,
        others=pick_others(tokens),
        pick_others=pick_others,
        pick_values=itemgetter(*value_tokens),
        token_count=len(tokens),
        sample_count=len(value_tokens),
        rows=rows,
        first=first,
    )
