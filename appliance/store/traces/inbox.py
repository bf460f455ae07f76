"""Inbox: one row per acknowledged request, until its spans are in a block.

A row is a checked, compressed list (`store/codec.py`): a header, the fixed columns, the lengths of
the spans, the values of the dictionaries, and last the spans' bytes joined.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.trace import Dictionary
from appliance.store.codec import Damaged, decode_list, encode_list
from appliance.store.traces.table import CODED, NUMBERS, Columns, SpanTable, offsets_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

#: Version of the layout, then the sizes of the dictionaries.
_HEADER = struct.Struct("<B4I")
_VERSION = 1


def encode_row(table: SpanTable) -> bytes:
    """A request's spans as the content of an inbox row."""
    columns = table.columns
    coded = [columns.coded[name] for name in CODED]
    sections = [
        _HEADER.pack(_VERSION, *(len(one.values) for one in coded)),
        columns.trace_ids.tobytes(),
        *(columns.numbers[name].astype(kind).tobytes() for name, kind in NUMBERS.items()),
        *(one.ids.astype(np.int32).tobytes() for one in coded),
        np.diff(table.offsets).tobytes(),
        *(_as_bytes(value) for one in coded for value in one.values),
        table.data,
    ]
    return encode_list(sections, level=1)


def decode_row(data: bytes) -> SpanTable:
    """The spans of an inbox row.

    Raises:
        Damaged: Not such a row.
    """
    sections = iter(decode_list(data))
    version, *sizes = _HEADER.unpack(next(sections))
    if version != _VERSION:
        raise Damaged(f"inbox row of unknown version {version}")
    trace_ids = np.frombuffer(next(sections), np.uint8).reshape(-1, 16)
    numbers = {name: np.frombuffer(next(sections), kind) for name, kind in NUMBERS.items()}
    ids = {name: np.frombuffer(next(sections), np.int32) for name in CODED}
    lengths = np.frombuffer(next(sections), np.int64)
    coded = {
        name: Dictionary(ids[name], _values(name, [next(sections) for _ in range(size)]))
        for name, size in zip(CODED, sizes, strict=True)
    }
    return SpanTable(Columns(trace_ids, numbers, coded), next(sections), offsets_of(lengths))


class InboxWrite:
    """The write of one row; encodes in the writer thread, once, however often it is tried."""

    def __init__(self, tenant: int, table: SpanTable) -> None:
        self.tenant = tenant
        self.table = table
        self.row = 0
        self._data: bytes | None = None

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Insert the row; its number is in `row` afterwards."""
        if self._data is None:
            self._data = encode_row(self.table)
        sql = "INSERT INTO inbox(tenant, data) VALUES (?, ?)"
        self.row = int(connection.execute(sql, (self.tenant, self._data)).lastrowid or 0)


def replay(
    connection: sqlite3.Connection, damaged: Callable[[int, Damaged], None]
) -> Iterator[tuple[int, int, SpanTable]]:
    """(row, tenant, spans) of all rows in the order of arrival; a damaged row is told and left."""
    for row, tenant, data in connection.execute("SELECT id, tenant, data FROM inbox ORDER BY id"):
        try:
            table = decode_row(data)
        except Damaged as error:
            damaged(row, error)
            continue
        yield row, tenant, table


def forget(connection: sqlite3.Connection, tenant: int, last_row: int) -> None:
    """Delete a tenant's rows up to one, which is included."""
    connection.execute("DELETE FROM inbox WHERE id <= ? AND tenant = ?", (last_row, tenant))


def _as_bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)


def _values(name: str, items: list[bytes]) -> tuple[Any, ...]:
    if name in {"name", "service"}:
        return tuple(item.decode() for item in items)
    return tuple(items)
