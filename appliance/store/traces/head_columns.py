"""The head as a query sees it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

import numpy as np

from appliance.model.trace import Dictionary, StoredSpan
from appliance.store.traces.attributes import (
    RESOURCE_FIELD,
    AttributeColumn,
    AttributeTable,
    group_by_key,
    merge_attributes,
    parse_attributes,
)
from appliance.store.traces.table import SpanTable, concat_columns, shared_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class TablePart(Protocol):
    """What this view needs of a part of the head."""

    @property
    def table(self) -> SpanTable:
        """The part's spans."""
        ...

    def attributes(self) -> AttributeTable:
        """Their attributes."""
        ...


class HeadColumns:
    """Columns of some parts; implements `model.trace.SpanColumns`.

    Attribute columns are built together when the first one is asked for.
    """

    def __init__(self, parts: Sequence[TablePart]) -> None:
        columns = concat_columns([part.table.columns for part in parts])
        self._parts = parts
        self._order = columns.sorted_order()
        self._columns = columns.take(self._order)
        self._starts = np.cumsum([0, *(len(part.table) for part in parts)])
        self._attributes: dict[str, dict[str, AttributeColumn]] = {}
        self._lock = threading.Lock()
        self.count = len(columns)

    @property
    def start_range_ns(self) -> tuple[int, int]:
        """The earliest and the latest start."""
        starts = self._columns.numbers["start_ns"]
        return int(starts.min()), int(starts.max())

    def trace_ids(self) -> NDArray[np.uint8]:
        """uint8[span, 16]."""
        return self._columns.trace_ids

    def numbers(self, name: str) -> NDArray[np.int64]:
        """int64[span]; ids are uint64."""
        column = self._columns.numbers[name]
        return column.astype(np.int64) if column.dtype == np.uint8 else column

    def names(self) -> Dictionary:
        """Span names."""
        return self._columns.coded["name"]

    def services(self) -> Dictionary:
        """Service names."""
        return self._columns.coded["service"]

    def attribute(self, scope: str, key: str) -> Dictionary | None:
        """A column, or None when no span has the key."""
        column = self._columns_of(scope).get(key)
        if column is None:
            return None
        if scope == "span":
            return column.dictionary(self.count)
        return of_resources(column, self._columns.coded["resource"])

    def attribute_keys(self, scope: str) -> Sequence[str]:
        """Keys in use, sorted."""
        return sorted(self._columns_of(scope))

    def spans(self, rows: NDArray[np.int64]) -> list[StoredSpan]:
        """Full spans of rows."""
        resources, scopes = self._columns.coded["resource"], self._columns.coded["scope"]
        found = []
        for row, place in zip(rows.tolist(), self._order[rows].tolist(), strict=True):
            number = int(np.searchsorted(self._starts, place, side="right")) - 1
            span = self._parts[number].table.span(place - int(self._starts[number]))
            found.append(StoredSpan(shared_value(resources, row), shared_value(scopes, row), span))
        return found

    def _columns_of(self, scope: str) -> dict[str, AttributeColumn]:
        with self._lock:
            if scope not in self._attributes:
                self._attributes[scope] = self._build(scope)
            return self._attributes[scope]

    def _build(self, scope: str) -> dict[str, AttributeColumn]:
        if scope == "resource":
            messages = self._columns.coded["resource"].values
            serialized = [one for one in messages if isinstance(one, bytes)]
            return group_by_key(parse_attributes(serialized, RESOURCE_FIELD))
        if scope == "span":
            tables = [(part.attributes(), len(part.table)) for part in self._parts]
            return group_by_key(merge_attributes(tables).reordered(self._order))
        return {}


def of_resources(column: AttributeColumn, resources: Dictionary) -> Dictionary:
    """A column over resources as a column over spans."""
    by_resource = column.dictionary(len(resources.values) + 1)  # the last one: no resource
    return Dictionary(by_resource.ids[resources.ids], column.values)
