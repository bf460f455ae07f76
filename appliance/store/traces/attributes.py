"""Attributes of spans and resources as dictionary-coded columns (OTLP 1.x, common.proto KeyValue).

Reading an attribute through protobuf costs about a microsecond, so it is done once per distinct
KeyValue, not once per span: messages are parsed with a descriptor that leaves attributes as bytes,
and equal bytes are one pair. Many messages are parsed at once: joined with an empty attribute as
the separator they are one valid message, whose attributes come out in order.
"""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.trace import Dictionary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from appliance.model.trace import AttributeValue

#: Field numbers of `attributes`.
SPAN_FIELD = 9
RESOURCE_FIELD = 1
#: Messages parsed at once.
_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class AttributeTable:
    """Which row has which attributes, undecoded.

    Attributes:
        rows: int32[attribute], ascending.
        pairs: int32[attribute], into `distinct`.
        distinct: Serialized KeyValue messages.
    """

    rows: NDArray[np.int32]
    pairs: NDArray[np.int32]
    distinct: Sequence[bytes]

    def reordered(self, order: NDArray[np.int64]) -> AttributeTable:
        """The same after the rows were sorted: new row i is old row `order[i]`."""
        inverse = np.empty(len(order), np.int32)
        inverse[order] = np.arange(len(order), dtype=np.int32)
        rows = inverse[self.rows]
        by_row = _stable_order(rows, len(order))
        return AttributeTable(rows[by_row], self.pairs[by_row], self.distinct)


@dataclass(frozen=True, slots=True)
class AttributeColumn:
    """One key.

    Attributes:
        rows: int32[present], ascending, no duplicates.
        ids: int32[present], into `values`.
        values: In the order of their first row.
    """

    rows: NDArray[np.int32]
    ids: NDArray[np.int32]
    values: Sequence[AttributeValue]

    def dictionary(self, count: int) -> Dictionary:
        """The column for `count` rows; -1 where a row has no such key."""
        ids = np.full(count, -1, np.int32)
        ids[self.rows] = self.ids
        return Dictionary(ids, self.values)


class _Interned(dict[bytes, int]):
    def __missing__(self, key: bytes) -> int:
        number = self[key] = len(self)
        return number


@functools.lru_cache(maxsize=2)
def _parser(field: int) -> Any:
    """A message class with one repeated bytes field of this number; parses serialized messages."""
    from google.protobuf import (  # noqa: PLC0415 - lazy
        descriptor_pb2,
        descriptor_pool,
        message_factory,
    )

    file = descriptor_pb2.FileDescriptorProto(name="attributes.proto", syntax="proto3")
    message = file.message_type.add(name="Attributes")
    kind = descriptor_pb2.FieldDescriptorProto
    message.field.add(
        name="attributes", number=field, label=kind.LABEL_REPEATED, type=kind.TYPE_BYTES
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Attributes"))


def parse_attributes(messages: Sequence[bytes], field: int) -> AttributeTable:
    """The attributes of serialized messages.

    Args:
        field: The number of the messages' `attributes` field.
    """
    known = _Interned()
    counts: list[NDArray[np.int32]] = []
    pairs: list[NDArray[np.int32]] = []
    for start in range(0, len(messages), _AT_ONCE):
        some, each = _parse(messages[start : start + _AT_ONCE], field)
        counts.append(each)
        pairs.append(np.fromiter(map(known.__getitem__, some), np.int32, len(some)))
    if not counts:
        empty = np.empty(0, np.int32)
        return AttributeTable(empty, empty, [])
    rows = np.repeat(np.arange(len(messages), dtype=np.int32), np.concatenate(counts))
    return AttributeTable(rows, np.concatenate(pairs), list(known))


def _parse(messages: Sequence[bytes], field: int) -> tuple[list[bytes], NDArray[np.int32]]:
    """The KeyValue bytes of some messages, and how many each has."""
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - lazy

    parse = _parser(field).FromString
    separator = bytes([field << 3 | 2, 0])
    try:
        joined = list(parse(separator.join(messages)).attributes)
    except DecodeError:
        joined = []
    if joined.count(b"") == len(messages) - 1:
        breaks = np.flatnonzero(np.fromiter(map(len, joined), np.int64, len(joined)) == 0)
        bounds = np.concatenate([[-1], breaks, [len(joined)]])
        return [pair for pair in joined if pair], (np.diff(bounds) - 1).astype(np.int32)
    return _parse_singly(messages, parse, DecodeError)


def _parse_singly(
    messages: Sequence[bytes], parse: Any, error: type[Exception]
) -> tuple[list[bytes], NDArray[np.int32]]:
    """The slow way, for messages with empty attributes or broken ones."""
    pairs: list[bytes] = []
    counts: list[int] = []
    for message in messages:
        try:
            found = [pair for pair in parse(message).attributes if pair]
        except error:
            found = []
        pairs += found
        counts.append(len(found))
    return pairs, np.array(counts, np.int32)


def merge_attributes(tables: Sequence[tuple[AttributeTable, int]]) -> AttributeTable:
    """Attributes of consecutive tables, each with its number of rows."""
    if len(tables) == 1:
        return tables[0][0]
    known = _Interned()
    rows: list[NDArray[np.int32]] = []
    pairs: list[NDArray[np.int32]] = []
    start = 0
    for table, count in tables:
        distinct = table.distinct
        moved = np.fromiter(map(known.__getitem__, distinct), np.int32, len(distinct))
        rows.append(table.rows + np.int32(start))
        pairs.append(moved[table.pairs] if len(distinct) else table.pairs)
        start += count
    return AttributeTable(np.concatenate(rows), np.concatenate(pairs), list(known))


def group_by_key(table: AttributeTable) -> dict[str, AttributeColumn]:
    """Columns by key, the most frequent key first; of a key that repeats in a row the last holds.

    A KeyValue that does not decode (its text is not UTF-8) is left out.
    """
    if not len(table.pairs):
        return {}
    rank, distinct = _by_first_row(table)
    pairs = rank[table.pairs]
    keys, values = decode_pairs(distinct)
    numbers = {key: number for number, (key, _) in enumerate(Counter(keys).items())}
    key_of = np.array([numbers[key] for key in keys], np.int32)
    local = _numbered_within(key_of)
    keys_of_pairs = key_of[pairs]
    by_key = _stable_order(keys_of_pairs, len(numbers))
    bounds = np.searchsorted(keys_of_pairs[by_key], np.arange(len(numbers) + 1))
    values_of: list[list[AttributeValue]] = [[] for _ in numbers]
    for number, value in zip(key_of.tolist(), values, strict=True):
        values_of[number].append(value)
    columns = {}
    for key, number in numbers.items():
        if key is not None:
            mine = by_key[bounds[number] : bounds[number + 1]]
            columns[key] = _column(table.rows[mine], local[pairs[mine]], values_of[number])
    return dict(sorted(columns.items(), key=lambda item: (-len(item[1].rows), item[0])))


def _by_first_row(table: AttributeTable) -> tuple[NDArray[np.int32], list[bytes]]:
    """New numbers for pairs by first occurrence, and the pairs in that order (unused ones gone)."""
    count = len(table.pairs)
    first = np.full(len(table.distinct), count, np.int64)
    first[table.pairs[::-1]] = np.arange(count - 1, -1, -1)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    used = int((first < count).sum())
    return rank, [table.distinct[number] for number in order[:used].tolist()]


def _stable_order(values: NDArray[np.int32], end: int) -> NDArray[np.int64]:
    """A stable sort of numbers in [0, end); numpy has a radix sort for 16 bits only."""
    return np.argsort(values.astype(np.uint16) if end <= 1 << 16 else values, kind="stable")


def _numbered_within(groups: NDArray[np.int32]) -> NDArray[np.int32]:
    """For each item its position among the items of its group."""
    order = np.argsort(groups, kind="stable")
    sorted_groups = groups[order]
    starts = np.searchsorted(sorted_groups, sorted_groups, side="left")
    local = np.empty(len(groups), np.int32)
    local[order] = np.arange(len(groups)) - starts
    return local


def _column(
    rows: NDArray[np.int32], ids: NDArray[np.int32], values: list[AttributeValue]
) -> AttributeColumn:
    last = np.append(rows[1:] != rows[:-1], True)
    if last.all():
        return AttributeColumn(rows, ids, values)
    return AttributeColumn(rows[last], ids[last], values)


def decode_pairs(pairs: Iterable[bytes]) -> tuple[list[str | None], list[AttributeValue]]:
    """Keys and values of serialized KeyValue messages; key None where one does not decode."""
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - lazy
    from opentelemetry.proto.common.v1.common_pb2 import KeyValue  # noqa: PLC0415 - lazy

    keys: list[str | None] = []
    values: list[AttributeValue] = []
    parse = KeyValue.FromString
    for pair in pairs:
        try:
            found = parse(pair)
        except DecodeError:
            keys.append(None)
            values.append(None)
            continue
        keys.append(found.key)
        value = found.value
        values.append(value.string_value or decode_value(value))
    return keys, values


def decode_value(value: Any) -> AttributeValue:
    """A protobuf AnyValue as a plain value."""
    which = value.WhichOneof("value")
    if which == "array_value":
        return [decode_value(item) for item in value.array_value.values]
    if which == "kvlist_value":
        return {item.key: decode_value(item.value) for item in value.kvlist_value.values}
    if which in {"string_value", "bool_value", "int_value", "double_value", "bytes_value"}:
        found: AttributeValue = getattr(value, which)
        return found
    return None
