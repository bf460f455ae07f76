"""The head as a query sees it."""

from __future__ import annotations

import copy
import threading
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from appliance.model.trace import Dictionary, StoredSpan
from appliance.store.traces.attributes import (
    AttributeColumn,
    group_by_key,
    merge_attributes,
    moved_rows,
    parse_attributes,
)
from appliance.store.traces.duplicates import sorted_rows
from appliance.store.traces.items import decode_items
from appliance.store.traces.sealed.layout import traces_of
from appliance.store.traces.span_parts import KINDS, SpanParts, merge_items, status_messages
from appliance.store.traces.table import SpanTable, concat_columns, shared_value
from appliance.store.traces.views.gather import merged_dictionaries
from appliance.store.traces.views.item_columns import ItemColumns, ParsedAttributes
from appliance.store.traces.views.scopes import (
    SHARED_COLUMNS,
    SHARED_FIELDS,
    messages_of,
    names_and_versions,
    spread,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from appliance.model.trace import SpanItems, Traces

T = TypeVar("T")


class TablePart(Protocol):
    """What this view needs of a part of the head."""

    @property
    def table(self) -> SpanTable:
        """The part's spans."""
        ...

    def parts(self) -> SpanParts:
        """Their status messages, events and so on."""
        ...

    def attributes(self) -> dict[str, AttributeColumn]:
        """Columns of their attributes."""
        ...


class HeadColumns:
    """Columns of some parts; implements `model.trace.SpanColumns`.

    Exact duplicates of spans are left out. What comes from the spans' own bytes is built when it is
    first asked for, and kept as long as this view.
    """

    def __init__(self, parts: Sequence[TablePart]) -> None:
        columns = concat_columns([part.table.columns for part in parts])
        self._parts = parts
        self._starts = np.cumsum([0, *(len(part.table) for part in parts)])
        self._order = sorted_rows(columns, self._span)
        self._columns = columns.take(self._order)
        self._kept: dict[str, Any] = {}
        self._lock = threading.RLock()
        self._dead: NDArray[np.bool_] | None = None
        self.count = len(self._order)

    @property
    def live(self) -> NDArray[np.bool_] | None:
        """bool[span]: False for spans of traces that another block of the same scan shows."""
        return None if self._dead is None else ~self.traces().spread(self._dead)

    def hiding(self, traces: NDArray[np.bool_]) -> HeadColumns:
        """This view, with some traces left to another block: bool[trace]."""
        other = copy.copy(self)
        other._dead = traces  # noqa: SLF001 - one of us
        return other

    def traces(self) -> Traces:
        """The traces and their rows."""
        return self.derived("traces of view", lambda: traces_of(self._columns.trace_ids))

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

    def status_messages(self) -> Dictionary:
        """Messages of the spans' status."""

        def build() -> Dictionary:
            tables = [(part.parts().statuses, len(part.table)) for part in self._parts]
            statuses = merge_attributes(tables).reordered(self._moved)
            return status_messages(statuses, self.count)

        return self.derived("status messages", build)

    def scopes(self) -> tuple[Dictionary, Dictionary]:
        """Names and versions of the instrumentation scopes."""
        return self.derived("scopes", lambda: names_and_versions(self._columns.coded["scope"]))

    def items(self, kind: str) -> SpanItems:
        """The spans' events or links."""

        def build() -> SpanItems:
            raw = merge_items([(part.parts().items[kind], len(part.table)) for part in self._parts])
            table = decode_items(kind, raw.reordered(self._moved))
            return ItemColumns(table.heads, ParsedAttributes(table))

        return self.derived(f"items {kind}", build)

    def attribute(self, scope: str, key: str) -> Dictionary | None:
        """A column, or None when no span has the key."""
        if scope == "span":
            return self.derived(f"attribute {key}", lambda: self._span_attribute(key))
        column = self._shared_attributes(scope).get(key)
        if column is None:
            return None
        return spread(column, self._columns.coded[SHARED_COLUMNS[scope]])

    def attribute_keys(self, scope: str) -> Sequence[str]:
        """Keys in use, sorted."""
        if scope in KINDS:
            return self.items(scope).attribute_keys()
        if scope == "span":
            return sorted({key for part in self._parts for key in part.attributes()})
        return sorted(self._shared_attributes(scope))

    def derived(self, name: str, build: Callable[[], T]) -> T:
        """What is computed of the columns alone, kept as long as this view."""
        with self._lock:
            if name not in self._kept:
                self._kept[name] = build()
            found: T = self._kept[name]
            return found

    def spans(self, rows: NDArray[np.int64]) -> list[StoredSpan]:
        """Full spans of rows."""
        resources, scopes = self._columns.coded["resource"], self._columns.coded["scope"]
        return [
            StoredSpan(shared_value(resources, row), shared_value(scopes, row), self._span(place))
            for row, place in zip(rows.tolist(), self._order[rows].tolist(), strict=True)
        ]

    @property
    def _moved(self) -> NDArray[np.int32]:
        """Where each span of the parts is now."""
        return moved_rows(self._order, int(self._starts[-1]))

    def _span(self, place: int) -> bytes:
        """The bytes of a span, by its place in all parts."""
        number = int(np.searchsorted(self._starts, place, side="right")) - 1
        return self._parts[number].table.span(place - int(self._starts[number]))

    def _span_attribute(self, key: str) -> Dictionary | None:
        """Put together of the parts' columns, which outlive this view."""
        columns = [(part.attributes().get(key), len(part.table)) for part in self._parts]
        if all(column is None for column, _ in columns):
            return None
        nothing = AttributeColumn(np.empty(0, np.int32), np.empty(0, np.int32), [])
        found = merged_dictionaries(
            [(column or nothing).dictionary(count) for column, count in columns]
        )
        return Dictionary(found.ids[self._order], found.values)

    def _shared_attributes(self, scope: str) -> dict[str, AttributeColumn]:
        def build() -> dict[str, AttributeColumn]:
            messages = messages_of(self._columns.coded[SHARED_COLUMNS[scope]])
            return group_by_key(parse_attributes(messages, SHARED_FIELDS[scope]))

        return self.derived(f"attributes of {scope}", build) if scope in SHARED_FIELDS else {}
