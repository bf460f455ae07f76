"""Reads the columns of one sealed block, decodes and caches them."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from appliance.model.trace import Dictionary
from appliance.store import codec
from appliance.store.codec import Damaged
from appliance.store.traces.attributes import AttributeColumn, group_by_key, parse_attributes
from appliance.store.traces.sealed import layout
from appliance.store.traces.sealed.attribute_codec import decode_column
from appliance.store.traces.sealed.item_reader import ItemReader, decode_keys
from appliance.store.traces.sealed.span_bytes import Lengths, decode_lengths
from appliance.store.traces.span_parts import KINDS, SpanParts, parse_spans, status_messages
from appliance.store.traces.table import CODED, NUMBERS, Columns
from appliance.store.traces.views.memory_size import memory_size
from appliance.store.traces.views.scopes import (
    SHARED_COLUMNS,
    SHARED_FIELDS,
    messages_of,
    names_and_versions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from appliance.model.sources import Guard
    from appliance.model.trace import Traces
    from appliance.store.cache import ByteCache

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Directory:
    """Which columns a block has.

    Attributes:
        ordinals: Attribute columns of spans, events and links: by kind, then key.
        fixed: Ordinals of other columns that not every block has.
    """

    ordinals: dict[str, dict[str, int]]
    fixed: frozenset[int]

    @classmethod
    def of(cls, columns: Sequence[tuple[int, str]]) -> Directory:
        """From ordinals and names."""
        edges = [*layout.FIRST_ATTRIBUTE.values(), layout.FIRST_FRAME]
        ordinals = {
            kind: {name: at for at, name in columns if first <= at < end}
            for kind, (first, end) in zip(
                layout.FIRST_ATTRIBUTE, itertools.pairwise(edges), strict=True
            )
        }
        fixed = frozenset(at for at, _ in columns if at < layout.FIRST_ATTRIBUTE["span"])
        return cls(ordinals, fixed)


class BlockAccess(Protocol):
    """Where blobs come from."""

    cache: ByteCache[tuple[int, str], Any]
    guard: Guard

    def fetch(self, block: int, ordinal: int) -> bytes:
        """A column's blob; raises Damaged when it is not there."""
        ...

    def directory(self, block: int) -> Directory:
        """The columns of a block that not every block has."""
        ...

    def damaged(self, block: int, what: str, error: Damaged) -> None:
        """Tell that something does not decode."""
        ...


class BlockReader:
    """Strict access to a block: what is damaged is told to the access, then raised as Damaged."""

    def __init__(self, block: int, count: int, access: BlockAccess) -> None:
        self.block = block
        self.count = count
        self._access = access

    def traces(self) -> Traces:
        """The traces and their rows."""
        return self._fixed("trace_id", layout.decode_traces)

    def numbers(self, name: str) -> NDArray[Any]:
        """One of `NUMBERS`, int64 or uint64[span]."""
        column = self._fixed(name, lambda blob: self._decode_number(name, blob))
        return column.astype(np.int64) if column.dtype == np.uint8 else column

    def coded(self, name: str) -> Dictionary:
        """One of `CODED`."""
        text = name in {"name", "service"}
        return self._fixed(name, lambda blob: layout.decode_coded(blob, text=text))

    def lengths(self) -> Lengths:
        """Where the spans' bytes lie."""
        return self._fixed("lengths", decode_lengths)

    def frame(self, number: int) -> bytes:
        """A frame of spans' bytes."""
        return self.load(f"frame {number}", layout.FIRST_FRAME + number, codec.decode_bytes)

    def fixed(self, rows: NDArray[np.int64]) -> Columns:
        """The fixed columns of some rows."""
        coded = {}
        for name in CODED:
            whole = self.coded(name)
            coded[name] = Dictionary(whole.ids[rows], whole.values)
        traces = self.traces()
        owners = np.searchsorted(traces.offsets, rows, side="right") - 1
        numbers = {name: self.numbers(name)[rows] for name in NUMBERS}
        return Columns(traces.ids[owners], numbers, coded)

    def directory(self) -> Directory:
        """The columns that not every block has."""
        return self.remember("directory", lambda: self._access.directory(self.block))

    def span_attribute(self, key: str) -> AttributeColumn | None:
        """A column of span attributes, from the spans themselves when the block has none for it."""
        ordinal = self.directory().ordinals["span"].get(key)
        if ordinal is not None:
            return self.load(f"span.{key}", ordinal, lambda blob: decode_column(blob, self.count))
        if key not in self._other_keys():
            return None
        columns = self.remember(
            "span attributes", lambda: group_by_key(self.parts_of_spans().attributes)
        )
        return columns.get(key)

    def keys(self, scope: str) -> list[str]:
        """Keys of attributes of spans, events or links, sorted."""
        if scope in KINDS:
            return self.items(scope).keys()
        if scope != "span":
            return []
        return sorted([*self.directory().ordinals["span"], *self._other_keys()])

    def items(self, kind: str) -> ItemReader:
        """Events or links."""
        return ItemReader(kind, self)

    def status_messages(self) -> Dictionary:
        """Messages of the spans' status."""
        ordinal = layout.FIXED["status_message"]
        if ordinal in self.directory().fixed:
            decode = functools.partial(layout.decode_coded, text=True)
            return self.load("status_message", ordinal, decode)
        return self.remember(
            "status messages of spans",
            lambda: status_messages(self.parts_of_spans().statuses, self.count),
        )

    def scopes(self) -> tuple[Dictionary, Dictionary]:
        """Names and versions of the instrumentation scopes."""
        return self.remember("scopes", lambda: names_and_versions(self.coded("scope")))

    def shared_attributes(self, scope: str) -> dict[str, AttributeColumn]:
        """Columns over the values of the resource or the scope column."""

        def build() -> dict[str, AttributeColumn]:
            messages = messages_of(self.coded(SHARED_COLUMNS[scope]))
            return group_by_key(parse_attributes(messages, SHARED_FIELDS[scope]))

        return self.remember(f"{scope} attributes", build)

    def parts_of_spans(self) -> SpanParts:
        """What the spans' own bytes hold; expensive."""

        def build() -> SpanParts:
            lengths = self.lengths()
            rests: list[bytes] = []
            firsts = np.flatnonzero(np.diff(lengths.frames, prepend=-1)).tolist()
            for number, (first, end) in enumerate(
                zip(firsts, [*firsts[1:], self.count], strict=True)
            ):
                frame = self.frame(number)
                bounds = (lengths.offsets[first : end + 1] - lengths.offsets[first]).tolist()
                rests += [frame[a:b] for a, b in itertools.pairwise(bounds)]
            return parse_spans(rests)

        return self.remember("parts of spans", build)

    def load(self, name: str, ordinal: int, decode: Callable[[bytes], T]) -> T:
        """A decoded column, kept in the cache.

        Raises:
            Damaged: It does not decode; it has been told.
        """

        def build() -> T:
            try:
                return decode(self._access.fetch(self.block, ordinal))
            except Damaged as error:
                self._access.damaged(self.block, name, error)
                raise

        return self.remember(name, build)

    def remember(self, name: str, build: Callable[[], T]) -> T:
        """What is made of this block's columns, kept in the cache."""
        key = (self.block, name)
        cached: T | None = self._access.cache.get(key)
        if cached is not None:
            return cached
        value = build()
        size = memory_size(value)
        self._access.guard.add_bytes(size)
        self._access.cache.put(key, value, size)
        return value

    def _other_keys(self) -> frozenset[str]:
        """Keys of span attributes that have no column."""
        ordinal = layout.FIXED["other_keys"]
        if ordinal not in self.directory().fixed:
            return frozenset()
        return self.load("other_keys", ordinal, decode_keys)

    def _decode_number(self, name: str, blob: bytes) -> NDArray[Any]:
        if name == "start_ns":
            return layout.decode_starts(blob, self.traces())
        if name == "parent_id":
            return layout.decode_parents(blob, self.numbers("span_id"))
        values = codec.decode_array(blob)
        return values.astype(np.uint8) if NUMBERS[name] == np.uint8 else values

    def _fixed(self, name: str, decode: Callable[[bytes], T]) -> T:
        return self.load(name, layout.FIXED[name], decode)
