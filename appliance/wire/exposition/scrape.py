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

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.wire.exposition.derived import make_plan
from appliance.wire.exposition.document import read_metadata, read_sample, split_lines
from appliance.wire.exposition.layout import make_layout
from appliance.wire.exposition.line import is_openmetrics, parse_exemplar
from appliance.wire.exposition.result import ParseOptions, Scrape, SeriesRows, distinct_rows
from appliance.wire.numbers import parse_floats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata
    from appliance.wire.exposition.derived import Plan
    from appliance.wire.exposition.families import FamilyReader
    from appliance.wire.exposition.layout import Layout
    from appliance.wire.exposition.line import ExposedExemplar, Sample

#: Below this many remembered lines the cache is never reset.
_SMALL = 1000
_TYPE = re.compile(rb'#[ \t]+TYPE[ \t]+(?:"(?:[^"\\]|\\.)*"|[^ \t"]+)[ \t]+([a-z]+)')
_BOUNDED = {"histogram", "summary"}


@dataclass(slots=True)
class _Reading:
    """What has been found so far in one body.

    Attributes:
        is_trusting: Whether remembered lines need no full parse.
        kind: Type of the family the next line belongs to.
        is_regular: Whether all samples are a series, a space and a value.
    """

    openmetrics: bool
    is_trusting: bool = True
    kind: str = ""
    rows: list[int] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    stamped: list[tuple[int, int]] = field(default_factory=list)
    stamped_values: list[bytes] = field(default_factory=list)
    exemplars: list[tuple[int, ExposedExemplar]] = field(default_factory=list)
    exemplar_texts: dict[int, bytes] = field(default_factory=dict)
    comments: list[tuple[int, bytes]] = field(default_factory=list)
    value_tokens: list[int] = field(default_factory=list)
    is_regular: bool = True


class ScrapeParser:
    """The memory of one target. Not thread-safe: one scrape of a target at a time.

    Attributes:
        generation: Grows when all rows are forgotten because the target keeps exposing new series.
    """

    def __init__(self, options: ParseOptions | None = None) -> None:
        self.generation = 0
        self._options = options or ParseOptions()
        self._families: FamilyReader | None = None
        self._metadata: dict[str, MetricMetadata] = {}
        self._bounded: frozenset[tuple[str, str]] = frozenset()
        self._last_count = 0
        self._start_anew()

    @property
    def labels(self) -> list[Labels]:
        """Labels by row number, as exposed, before relabelling."""
        return self._series.labels

    def _start_anew(self) -> None:
        self._series = SeriesRows()
        self._by_prefix: dict[bytes, int] = {}
        self._stamped_prefixes: dict[bytes, int] = {}
        self._exemplars: dict[int, bytes] = {}
        self._layout: Layout | None = None
        self._plan: tuple[bytes, Plan | None] | None = None
        self._families = None
        self._reported = 0

    def parse(self, body: bytes, content_type: str) -> Scrape:
        """Read one exposition.

        Args:
            body: Decompressed.
            content_type: The response's Content-Type.

        Raises:
            BadInput: The first broken line; nothing of this body counts as reported then.
        """
        if is_protobuf(content_type):
            return self._parse_families(body)
        openmetrics = is_openmetrics(content_type)
        if not body.endswith(b"\n"):
            body += b"\n"
        known = len(self._by_prefix) + len(self._stamped_prefixes)
        if known > max(_SMALL, 4 * self._last_count):
            self.generation += 1
            self._start_anew()
        layout = self._layout
        if layout is not None and layout.openmetrics == openmetrics:
            values = layout.values_of(body)
            if values is not None:
                return self._scrape(layout.rows, values, layout.sample_count)
        try:
            return self._parse_lines(body, _Reading(openmetrics))
        except BadInput:  # says where, or finds that a line is only written differently
            return self._parse_lines(body, _Reading(openmetrics, is_trusting=False))

    def _parse_families(self, body: bytes) -> Scrape:
        """Read protobuf; rows are shared with the text formats."""
        from appliance.wire.exposition.families import FamilyReader  # noqa: PLC0415 - protobuf

        if self._families is None:
            self._families = FamilyReader(self._series, self._options)
        if self._families.known_count > max(_SMALL, 4 * self._last_count):
            self.generation += 1
            self._start_anew()
            self._families = FamilyReader(self._series, self._options)
        found = self._families.read(body)
        changed = {} if found.metadata == self._metadata else found.metadata
        self._metadata = found.metadata
        self._layout = None
        return self._reported_as(found, metadata=changed)

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
        metadata = read_metadata(reading.comments, openmetrics=reading.openmetrics)
        if self._forgets_bounds(metadata) and reading.is_trusting:
            return self._parse_lines(body, _Reading(reading.openmetrics, is_trusting=False))
        return self._finish(body, reading, metadata)

    def _finish(
        self, body: bytes, reading: _Reading, metadata: dict[str, MetricMetadata]
    ) -> Scrape:
        floats = parse_floats(_joined(reading.values))
        stamped = parse_floats(_joined(reading.stamped_values)).tolist()
        distinct, first = distinct_rows(np.array(reading.rows, dtype=np.int64))
        changed = {} if metadata == self._metadata else metadata
        if changed:
            self._plan = None
        self._metadata = metadata
        self._exemplars |= reading.exemplar_texts
        self._layout = None
        if reading.is_regular:
            self._layout = make_layout(
                body,
                reading.value_tokens,
                distinct,
                first=first,
                openmetrics=reading.openmetrics,
            )
        return self._scrape(
            distinct,
            floats if first is None else floats[first],
            len(reading.rows) + len(stamped),
            metadata=changed,
            stamped=[(*at, value) for at, value in zip(reading.stamped, stamped, strict=True)],
            exemplars=reading.exemplars,
            openmetrics=reading.openmetrics,
        )

    def _forgets_bounds(self, metadata: dict[str, MetricMetadata]) -> bool:
        """Whether lines may have other labels than before, since types of families changed."""
        bounded = frozenset(
            (name, item.type) for name, item in metadata.items() if item.type in _BOUNDED
        )
        if bounded == self._bounded:
            return False
        self._bounded = bounded
        self._by_prefix.clear()
        self._stamped_prefixes.clear()
        return True

    def _read_line(self, line: bytes, number: int, reading: _Reading) -> bool:
        """Read a line that is no known series and a value; True if it is a new one and a value."""
        if line.startswith(b"#"):
            reading.comments.append((number, line))
            match = _TYPE.match(line)
            if match:
                reading.kind = match[1].decode()
            return False
        if reading.is_trusting and self._read_known(line, reading):
            return False
        sample = read_sample(line, number, openmetrics=reading.openmetrics, kind=reading.kind)
        if sample is None:
            return False
        row = self._series.row(sample.labels)
        if sample.is_plain:
            prefix, _, last = line.rpartition(b" ")
            self._by_prefix[prefix] = row
            reading.rows.append(row)
            reading.values.append(last)
            return True
        reading.is_regular = False
        self._add_unusual(line, sample, row, reading)
        return False

    def _add_unusual(self, line: bytes, sample: Sample, row: int, reading: _Reading) -> None:
        """A sample with a timestamp or an exemplar, or one that is oddly written."""
        body, _, exemplar = line.partition(b" # {")
        value = repr(sample.value).encode()
        if sample.timestamp_ms is None:
            head, known = body.rpartition(b" ")[0], self._by_prefix
            reading.rows.append(row)
            reading.values.append(value)
        else:
            head, known = body.rpartition(b" ")[0].rpartition(b" ")[0], self._stamped_prefixes
            reading.stamped.append((row, sample.timestamp_ms))
            reading.stamped_values.append(value)
        if sample.exemplar is not None and self._exemplars.get(row) != exemplar:
            reading.exemplar_texts[row] = exemplar
            reading.exemplars.append((row, sample.exemplar))
        if self._is_series(head, row, reading):
            known[head] = row

    def _read_known(self, line: bytes, reading: _Reading) -> bool:
        """Read a line of a known series followed by more than a value; False if it is not one."""
        if b" # {" in line:  # never inside a known prefix: that would be an unfinished string
            body, _, exemplar = line.partition(b" # {")
            prefix, _, value = body.rpartition(b" ")
            row = self._by_prefix.get(prefix)
            if row is None or not reading.openmetrics:
                return False
            if self._exemplars.get(row) != exemplar:
                try:
                    found = parse_exemplar("{" + exemplar.decode())
                except UnicodeDecodeError:
                    return False  # the full parse says where
                reading.exemplar_texts[row] = exemplar
                reading.exemplars.append((row, found))
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
            sample = read_sample(
                head + b" 0", 0, openmetrics=reading.openmetrics, kind=reading.kind
            )
        except BadInput:
            return False
        return sample is not None and sample.is_plain and sample.labels == self.labels[row]

    def _scrape(
        self,
        rows: NDArray[np.int64],
        values: NDArray[np.float64],
        count: int,
        *,
        metadata: dict[str, MetricMetadata] | None = None,
        stamped: Sequence[tuple[int, int, float]] = (),
        exemplars: Sequence[tuple[int, ExposedExemplar]] = (),
        openmetrics: bool | None = None,
    ) -> Scrape:
        """A scrape of a text; `openmetrics` None means that its layout was known."""
        duplicates = count - len(rows) - len(stamped)
        plan = self._plan_for(rows, openmetrics=openmetrics)
        if plan is None:
            found = Scrape(
                rows, values, (), stamped, metadata or {}, count, duplicates, (), None, exemplars
            )
            return self._reported_as(found)
        derived = plan.apply(values)
        gone = len(rows) - len(derived.rows)
        if plan.part_of:
            exemplars = [
                (plan.part_of.get(row, row), one)
                for row, one in exemplars
                if row not in plan.part_of or one.timestamp_ms is not None
            ]
        found = Scrape(
            derived.rows,
            derived.values,
            (),
            stamped,
            metadata or {},
            count - gone,
            duplicates,
            derived.histograms,
            derived.starts_ms,
            exemplars,
        )
        return self._reported_as(found)

    def _plan_for(self, rows: NDArray[np.int64], *, openmetrics: bool | None) -> Plan | None:
        """What follows from these rows; found anew only when they are others than before."""
        if openmetrics is None:
            return None if self._plan is None else self._plan[1]
        if not openmetrics and not self._options.custom_buckets:
            self._plan = None
            return None
        key = b"%d" % openmetrics + rows.tobytes()
        if self._plan is None or self._plan[0] != key:
            plan = make_plan(
                self._series, rows, self._metadata, self._options, openmetrics=openmetrics
            )
            self._plan = key, plan
        return self._plan[1]

    def _reported_as(
        self, scrape: Scrape, metadata: dict[str, MetricMetadata] | None = None
    ) -> Scrape:
        """The scrape with what is new since the last one."""
        new_labels = self.labels[self._reported :]
        self._reported = len(self.labels)
        self._last_count = scrape.sample_count
        if metadata is None:
            return replace(scrape, new_labels=new_labels)
        return replace(scrape, new_labels=new_labels, metadata=metadata)


def is_protobuf(content_type: str) -> bool:
    """Whether a Content-Type announces delimited protobuf messages."""
    return content_type.partition(";")[0].strip().lower() == "application/vnd.google.protobuf"


def _joined(values: list[bytes]) -> bytes:
    return b"\n".join([*values, b""])
