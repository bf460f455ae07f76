"""Reads the columns of one sealed block, decodes and caches them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from appliance.model.trace import Dictionary
from appliance.store import codec
from appliance.store.codec import Damaged
from appliance.store.traces import layout
from appliance.store.traces.attribute_codec import decode_column, values_bytes
from appliance.store.traces.attributes import (
    RESOURCE_FIELD,
    SPAN_FIELD,
    AttributeColumn,
    group_by_key,
    parse_attributes,
)
from appliance.store.traces.span_bytes import Lengths, decode_lengths
from appliance.store.traces.table import CODED, NUMBERS, Columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from appliance.model.sources import Guard
    from appliance.store.cache import ByteCache

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Directory:
    """Which attribute columns a block has.

    Attributes:
        ordinals: By key.
        has_others: Whether further keys are only in the spans themselves.
    """

    ordinals: dict[str, int]
    has_others: bool


class BlockAccess(Protocol):
    """Where blobs come from."""

    cache: ByteCache[tuple[int, str], Any]
    guard: Guard

    def fetch(self, block: int, ordinal: int) -> bytes:
        """A column's blob; raises Damaged when it is not there."""
        ...

    def directory(self, block: int) -> Directory:
        """The attribute columns of a block."""
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

    def traces(self) -> layout.Traces:
        """The traces and their rows."""
        return self._load("trace_id", layout.decode_traces)

    def numbers(self, name: str) -> NDArray[Any]:
        """One of `NUMBERS`, int64 or uint64[span]."""
        return self._load(name, lambda blob: self._decode_number(name, blob))

    def coded(self, name: str) -> Dictionary:
        """One of `CODED`."""
        text = name in {"name", "service"}
        return self._load(name, lambda blob: layout.decode_coded(blob, text=text))

    def lengths(self) -> Lengths:
        """Where the spans' bytes lie."""
        return self._load("lengths", decode_lengths)

    def frame(self, number: int) -> bytes:
        """A frame of spans' bytes."""
        return self._load(f"frame {number}", codec.decode_bytes, layout.FIRST_FRAME + number)

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
        """The attribute columns."""
        return self._remember("directory", lambda: self._access.directory(self.block))

    def span_attribute(self, key: str) -> AttributeColumn | None:
        """A column of span attributes, from the spans themselves when the block has none for it."""
        ordinal = self.directory().ordinals.get(key)
        if ordinal is not None:
            return self._load(f"span.{key}", lambda blob: decode_column(blob, self.count), ordinal)
        if key in self.other_keys():
            return self._columns_of_spans().get(key)
        return None

    def other_keys(self) -> frozenset[str]:
        """Keys of span attributes that have no column."""
        if not self.directory().has_others:
            return frozenset()
        return self._load(
            "other_keys", lambda blob: frozenset(key.decode() for key in codec.decode_list(blob))
        )

    def resource_attributes(self) -> dict[str, AttributeColumn]:
        """Columns over the values of the resource column."""

        def build() -> dict[str, AttributeColumn]:
            values = [one for one in self.coded("resource").values if isinstance(one, bytes)]
            return group_by_key(parse_attributes(values, RESOURCE_FIELD))

        return self._remember("resource attributes", build)

    def _columns_of_spans(self) -> dict[str, AttributeColumn]:
        def build() -> dict[str, AttributeColumn]:
            lengths = self.lengths()
            rests: list[bytes] = []
            firsts = np.flatnonzero(np.diff(lengths.frames, prepend=-1)).tolist()
            for number, (first, end) in enumerate(
                zip(firsts, [*firsts[1:], self.count], strict=True)
            ):
                frame = self.frame(number)
                bounds = (lengths.offsets[first : end + 1] - lengths.offsets[first]).tolist()
                rests += [frame[a:b] for a, b in itertools.pairwise(bounds)]
            return group_by_key(parse_attributes(rests, SPAN_FIELD))

        return self._remember("span attributes", build)

    def _decode_number(self, name: str, blob: bytes) -> NDArray[Any]:
        if name == "start_ns":
            return layout.decode_starts(blob, self.traces())
        if name == "parent_id":
            return layout.decode_parents(blob, self.numbers("span_id"))
        values = codec.decode_array(blob)
        return values.astype(np.int64) if NUMBERS[name] == np.uint8 else values

    def _load(self, name: str, decode: Callable[[bytes], T], ordinal: int | None = None) -> T:
        def build() -> T:
            at = layout.FIXED[name] if ordinal is None else ordinal
            try:
                return decode(self._access.fetch(self.block, at))
            except Damaged as error:
                self._access.damaged(self.block, name, error)
                raise

        return self._remember(name, build)

    def _remember(self, name: str, build: Callable[[], T]) -> T:
        key = (self.block, name)
        cached: T | None = self._access.cache.get(key)
        if cached is not None:
            return cached
        value = build()
        size = _size_of(value)
        self._access.guard.add_bytes(size)
        self._access.cache.put(key, value, size)
        return value


def _size_of(value: object) -> int:
    """About what a decoded column takes in memory."""
    size = 100
    match value:
        case np.ndarray():
            size += value.nbytes
        case bytes():
            size += len(value)
        case Dictionary() | AttributeColumn():
            size += 2 * value.ids.nbytes + 64 * len(value.values) + values_bytes(value.values)
        case layout.Traces():
            size += value.ids.nbytes + value.offsets.nbytes
        case Lengths():
            size += 2 * value.offsets.nbytes
        case dict():
            size += sum(100 + _size_of(one) for one in value.values())
        case Directory():
            size += 150 * len(value.ordinals)
    return size
