"""Events and links of a view as a query sees them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from appliance.store.traces.attributes import AttributeColumn, group_by_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.trace import Dictionary
    from appliance.store.traces.items import ItemHeads, ItemTable


class ItemAttributes(Protocol):
    """Where the attribute columns of items come from."""

    def get(self, key: str) -> AttributeColumn | None:
        """A column; None when no item has the key."""
        ...

    def keys(self) -> Sequence[str]:
        """Keys in use, sorted."""
        ...


class ItemColumns:
    """Items of a block or of the head; implements `model.trace.SpanItems`."""

    def __init__(self, heads: ItemHeads, attributes: ItemAttributes) -> None:
        self._heads = heads
        self._attributes = attributes

    @property
    def rows(self) -> NDArray[np.int32]:
        """int32[item], ascending: the row of the span that has it."""
        return self._heads.rows

    def numbers(self, name: str) -> NDArray[np.int64]:  # noqa: ARG002 - each kind has only one
        """int64[item]: `time_ns` of events; uint64[item]: `span_id` of links."""
        return self._heads.numbers

    def names(self) -> Dictionary:
        """Names of events; of links no row has one."""
        return self._heads.names

    def trace_ids(self) -> NDArray[np.uint8]:
        """uint8[item, 16]: what links lead to."""
        return self._heads.trace_ids

    def attribute(self, key: str) -> Dictionary | None:
        """A column; None when no item has the key."""
        column = self._attributes.get(key)
        return None if column is None else column.dictionary(len(self._heads.rows))

    def attribute_keys(self) -> Sequence[str]:
        """Keys in use, sorted."""
        return self._attributes.keys()


class ParsedAttributes:
    """Attributes of unsealed items, built together when the first is asked for."""

    def __init__(self, table: ItemTable) -> None:
        self._table = table

    def get(self, key: str) -> AttributeColumn | None:
        """A column."""
        return self._columns.get(key)

    def keys(self) -> Sequence[str]:
        """Keys in use, sorted."""
        return sorted(self._columns)

    @cached_property
    def _columns(self) -> Mapping[str, AttributeColumn]:
        return group_by_key(self._table.attributes)
