"""Sealed blocks: from the head's parts to rows, and into the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.store.codec import encode_array, encode_bytes, encode_list
from appliance.store.traces.attributes import group_by_key
from appliance.store.traces.duplicates import sorted_rows
from appliance.store.traces.items import decode_items
from appliance.store.traces.operations import operations_of
from appliance.store.traces.sealed import layout
from appliance.store.traces.sealed.attribute_codec import encode_column, values_bytes
from appliance.store.traces.sealed.item_codec import encode_events, encode_links
from appliance.store.traces.sealed.span_bytes import encode_spans, rests_of
from appliance.store.traces.sealed.trace_filter import build_filter
from appliance.store.traces.span_parts import KINDS, parse_spans, status_messages
from appliance.store.traces.table import NUMBERS, Columns, concat, trace_halves

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.trace import Traces
    from appliance.store.traces.attributes import AttributeTable
    from appliance.store.traces.head import Part
    from appliance.store.traces.span_parts import SpanParts


@dataclass(frozen=True, slots=True)
class BlockLimits:
    """What a block may hold beside the spans themselves.

    Attributes:
        max_columns: Attribute keys (of spans, events, links) with a column; of rarer ones a query
            reads the spans.
        max_values_bytes: Distinct values of one column; beyond it a query reads the spans.
        max_operations: Span names remembered for `operations()`, most frequent first.
    """

    max_columns: int = 1000
    max_values_bytes: int = 8 << 20
    max_operations: int = 5000


@dataclass(frozen=True, slots=True)
class EncodedBlock:
    """A block ready to be written.

    Attributes:
        min_ns, max_ns: Of span starts, both included.
        max_end_ns: The latest end of a span.
        trace_filter: See `trace_filter.py`.
        columns: (ordinal, name, blob); see `layout.py`.
        operations: (service, name, kind).
    """

    min_ns: int
    max_ns: int
    max_end_ns: int
    spans: int
    traces: int
    raw_bytes: int
    trace_filter: bytes
    columns: Sequence[tuple[int, str, bytes]]
    operations: Sequence[tuple[str, str, int]]

    def insert(self, connection: sqlite3.Connection, tenant: int) -> int:
        """Write the block; returns its number."""
        stored = sum(len(blob) for _, _, blob in self.columns) + len(self.trace_filter)
        times = (self.min_ns, self.max_ns, self.max_end_ns)
        block = connection.execute(
            "INSERT INTO block(tenant, min_ns, max_ns, max_end_ns, spans, traces, raw_bytes,"
            " stored_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (tenant, *times, self.spans, self.traces, self.raw_bytes, stored),
        ).lastrowid
        number = int(block or 0)
        connection.executemany(
            "INSERT INTO block_column(id, name, data) VALUES (?, ?, ?)",
            ((layout.column_id(number, at), name, blob) for at, name, blob in self.columns),
        )
        connection.execute("INSERT INTO trace_filter VALUES (?, ?)", (number, self.trace_filter))
        connection.executemany(
            "INSERT INTO operation(tenant, service, name, kind, block) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET block = max(block, excluded.block)",
            ((tenant, *operation, number) for operation in self.operations),
        )
        return number


def encode_block(parts: Sequence[Part], limits: BlockLimits) -> EncodedBlock:
    """A block of all spans of some parts; there must be at least one span.

    Exact duplicates, such as those of a request that was sent again, are left out.
    """
    table = concat([part.table for part in parts])
    order = sorted_rows(table.columns, table.span)
    columns = table.columns.take(order)
    rests = rests_of(columns, table, order)
    traces = layout.traces_of(columns.trace_ids)
    lengths, frames = encode_spans(rests)
    starts = columns.numbers["start_ns"]
    blobs = [
        *_fixed_columns(columns, traces),
        (layout.FIXED["lengths"], "lengths", lengths),
        *_part_columns(parse_spans(rests.spans), starts, limits),
        *((layout.FIRST_FRAME + at, "frame", frame) for at, frame in enumerate(frames)),
    ]
    return EncodedBlock(
        min_ns=int(starts.min()),
        max_ns=int(starts.max()),
        max_end_ns=int(columns.ends_ns().max()),
        spans=len(columns),
        traces=len(traces.ids),
        raw_bytes=int(np.diff(table.offsets)[order].sum()),
        trace_filter=encode_bytes(build_filter(trace_halves(traces.ids))),
        columns=blobs,
        operations=operations_of(columns, limits.max_operations),
    )


def _fixed_columns(columns: Columns, traces: Traces) -> list[tuple[int, str, bytes]]:
    numbers = columns.numbers
    blobs = {
        "trace_id": layout.encode_traces(traces),
        "span_id": encode_array(numbers["span_id"]),
        "parent_id": layout.encode_parents(numbers["parent_id"], numbers["span_id"]),
        "start_ns": layout.encode_starts(numbers["start_ns"], traces),
        "duration_ns": encode_array(numbers["duration_ns"]),
        "kind": layout.encode_numbers(numbers["kind"]),
        "status": layout.encode_numbers(numbers["status"]),
    }
    assert set(NUMBERS) < set(blobs)  # noqa: S101 - a column left out would be lost
    blobs |= {name: layout.encode_coded(coded) for name, coded in columns.coded.items()}
    return [(layout.FIXED[name], name, blob) for name, blob in blobs.items()]


def _part_columns(
    parts: SpanParts, starts: NDArray[np.int64], limits: BlockLimits
) -> list[tuple[int, str, bytes]]:
    """Columns of attributes, status messages, events and links."""
    count = len(starts)
    events, links = (decode_items(kind, parts.items[kind]) for kind in KINDS)
    times, names = encode_events(events.heads, starts)
    blobs = {
        "status_message": layout.encode_coded(status_messages(parts.statuses, count)),
        "event": times,
        "event_name": names,
        "link": encode_links(links.heads),
    }
    return [
        *((layout.FIXED[name], name, blob) for name, blob in blobs.items()),
        *_attribute_columns("span", parts.attributes, count, limits),
        *_attribute_columns("event", events.attributes, len(events.heads.rows), limits),
        *_attribute_columns("link", links.attributes, len(links.heads.rows), limits),
    ]


def _attribute_columns(
    kind: str, attributes: AttributeTable, count: int, limits: BlockLimits
) -> list[tuple[int, str, bytes]]:
    blobs: list[tuple[int, str, bytes]] = []
    others: list[bytes] = []
    most = min(limits.max_columns, layout.MAX_COLUMNS)
    for key, column in group_by_key(attributes).items():
        if values_bytes(column.values) <= limits.max_values_bytes and len(blobs) < most:
            ordinal = layout.FIRST_ATTRIBUTE[kind] + len(blobs)
            blobs.append((ordinal, key, encode_column(column, count)))
        else:
            others.append(key.encode())
    if others:
        name = layout.OTHER_KEYS[kind]
        blobs.append((layout.FIXED[name], name, encode_list(others)))
    return blobs
