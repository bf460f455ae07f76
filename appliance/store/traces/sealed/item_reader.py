"""Reads events or links of one sealed block; from the spans themselves where it has no columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from appliance.store.codec import decode_list
from appliance.store.traces.attributes import AttributeColumn, group_by_key
from appliance.store.traces.items import ItemHeads, ItemTable, decode_items
from appliance.store.traces.sealed.attribute_codec import decode_column
from appliance.store.traces.sealed.item_codec import decode_events, decode_links
from appliance.store.traces.sealed.layout import FIXED, OTHER_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from appliance.store.traces.sealed.block_reader import Directory
    from appliance.store.traces.span_parts import SpanParts

T = TypeVar("T")


class ItemBlock(Protocol):
    """What this needs of a block's reader."""

    @property
    def count(self) -> int:
        """Spans."""
        ...

    def directory(self) -> Directory:
        """The columns that there are."""
        ...

    def numbers(self, name: str) -> NDArray[Any]:
        """A column of numbers."""
        ...

    def parts_of_spans(self) -> SpanParts:
        """What the spans' own bytes hold."""
        ...

    def load(self, name: str, ordinal: int, decode: Callable[[bytes], T]) -> T:
        """A decoded column, kept in the cache."""
        ...

    def remember(self, name: str, build: Callable[[], T]) -> T:
        """What is made of columns, kept in the cache."""
        ...


class ItemReader:
    """Strict access: what is damaged raises Damaged.

    Args:
        kind: `event` or `link`.
    """

    def __init__(self, kind: str, block: ItemBlock) -> None:
        self._kind = kind
        self._block = block

    def heads(self) -> ItemHeads:
        """The fixed columns."""
        return self._block.remember(f"{self._kind} heads", self._read)

    def attribute(self, key: str) -> AttributeColumn | None:
        """A column over items."""
        if self._is_sealed:
            ordinal = self._block.directory().ordinals[self._kind].get(key)
            if ordinal is not None:
                count = len(self.heads().rows)
                name = f"{self._kind}.{key}"
                return self._block.load(name, ordinal, lambda blob: decode_column(blob, count))
            if key not in self._other_keys():
                return None
        return self._parsed_columns().get(key)

    def keys(self) -> list[str]:
        """Keys in use, sorted."""
        if not self._is_sealed:
            return sorted(self._parsed_columns())
        return sorted([*self._block.directory().ordinals[self._kind], *self._other_keys()])

    @property
    def _is_sealed(self) -> bool:
        """Whether the block has columns of items; those of the first release have none."""
        return FIXED[self._kind] in self._block.directory().fixed

    def _read(self) -> ItemHeads:
        if not self._is_sealed:
            return self._parsed().heads
        load = self._block.load
        if self._kind == "link":
            return load("link", FIXED["link"], lambda blob: decode_links(blob, self._block.count))
        names = load("event_name", FIXED["event_name"], bytes)
        starts = self._block.numbers("start_ns")
        return load("event", FIXED["event"], lambda blob: decode_events(blob, names, starts))

    def _other_keys(self) -> frozenset[str]:
        ordinal = FIXED[OTHER_KEYS[self._kind]]
        if ordinal not in self._block.directory().fixed:
            return frozenset()
        return self._block.load(OTHER_KEYS[self._kind], ordinal, decode_keys)

    def _parsed(self) -> ItemTable:
        name = f"{self._kind} of spans"
        raw = self._block.parts_of_spans
        return self._block.remember(name, lambda: decode_items(self._kind, raw().items[self._kind]))

    def _parsed_columns(self) -> dict[str, AttributeColumn]:
        name = f"{self._kind} attributes of spans"
        return self._block.remember(name, lambda: group_by_key(self._parsed().attributes))


def decode_keys(blob: bytes) -> frozenset[str]:
    """A column that lists keys."""
    return frozenset(key.decode() for key in decode_list(blob))
