"""Sealed blocks: from the head's parts to rows, and into the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.store.codec import encode_array, encode_bytes, encode_list
from appliance.store.traces import layout
from appliance.store.traces.attribute_codec import encode_column, values_bytes
from appliance.store.traces.attributes import group_by_key, merge_attributes
from appliance.store.traces.operations import operations_of
from appliance.store.traces.span_bytes import encode_spans
from appliance.store.traces.table import NUMBERS, Columns, concat, trace_halves
from appliance.store.traces.trace_filter import build_filter

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from appliance.store.traces.attributes import AttributeTable
    from appliance.store.traces.head import Part


@dataclass(frozen=True, slots=True)
class BlockLimits:
    """What a block may hold beside the spans themselves.

    Attributes:
        max_columns: Attribute keys with a column; of rarer ones a query reads the spans.
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
        trace_filter: See `trace_filter.py`.
        columns: (ordinal, name, blob); see `layout.py`.
        operations: (service, name, kind).
    """

    min_ns: int
    max_ns: int
    spans: int
    traces: int
    raw_bytes: int
    trace_filter: bytes
    columns: Sequence[tuple[int, str, bytes]]
    operations: Sequence[tuple[str, str, int]]

    def insert(self, connection: sqlite3.Connection, tenant: int) -> int:
        """Write the block; returns its number."""
        stored = sum(len(blob) for _, _, blob in self.columns) + len(self.trace_filter)
        row = (tenant, self.min_ns, self.max_ns, self.spans, self.traces, self.raw_bytes, stored)
        block = connection.execute(
            "INSERT INTO block(tenant, min_ns, max_ns, spans, traces, raw_bytes, stored_bytes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            row,
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
    """A block of all spans of some parts; there must be at least one span."""
    table = concat([part.table for part in parts])
    order = table.columns.sorted_order()
    columns = table.columns.take(order)
    unordered = table.spans()
    spans = [unordered[row] for row in order.tolist()]
    attributes = merge_attributes([(part.attributes(), len(part.table)) for part in parts])
    traces = layout.traces_of(columns.trace_ids)
    lengths, frames = encode_spans(columns, spans)
    starts = columns.numbers["start_ns"]
    blobs = [
        *_fixed_columns(columns, traces),
        (layout.FIXED["lengths"], "lengths", lengths),
        *_attribute_columns(attributes.reordered(order), len(columns), limits),
        *((layout.FIRST_FRAME + at, "frame", frame) for at, frame in enumerate(frames)),
    ]
    return EncodedBlock(
        min_ns=int(starts.min()),
        max_ns=int(starts.max()),
        spans=len(columns),
        traces=len(traces.ids),
        raw_bytes=len(table.data),
        trace_filter=encode_bytes(build_filter(trace_halves(traces.ids))),
        columns=blobs,
        operations=operations_of(columns, limits.max_operations),
    )


def _fixed_columns(columns: Columns, traces: layout.Traces) -> list[tuple[int, str, bytes]]:
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


def _attribute_columns(
    attributes: AttributeTable, count: int, limits: BlockLimits
) -> list[tuple[int, str, bytes]]:
    blobs: list[tuple[int, str, bytes]] = []
    others: list[bytes] = []
    for key, column in group_by_key(attributes).items():
        fits = values_bytes(column.values) <= limits.max_values_bytes
        if fits and len(blobs) < limits.max_columns:
            ordinal = layout.FIRST_ATTRIBUTE + len(blobs)
            blobs.append((ordinal, key, encode_column(column, count)))
        else:
            others.append(key.encode())
    if others:
        blobs.append((layout.FIXED["other_keys"], "other_keys", encode_list(others)))
    return blobs
