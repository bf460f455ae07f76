"""Attributes of spans and resources as dictionary-coded columns (OTLP 1.x, common.proto KeyValue).

Reading an attribute through protobuf costs about a microsecond, so it is done once per distinct
KeyValue, not once per span: attributes are left as bytes, and equal bytes are one pair.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.trace import Dictionary
from appliance.store.traces.key_values import as_values, decode_pairs
from appliance.store.traces.pieces import MARK, parse_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.trace import AttributeValue

#: Field numbers of `attributes`.
SPAN_FIELD = 9
RESOURCE_FIELD = 1
SCOPE_FIELD = 3


class Interned(dict[bytes, int]):
    """Numbers of distinct byte strings, in the order in which they came."""

    def __missing__(self, key: bytes) -> int:
        number = self[key] = len(self)
        return number

    def numbers(self, items: Sequence[bytes]) -> NDArray[np.int32]:
        """int32[item]."""
        return np.fromiter(map(self.__getitem__, items), np.int32, len(items))


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

    def reordered(self, moved: NDArray[np.int32]) -> AttributeTable:
        """The same for other rows.

        Args:
            moved: The new row of each old one, -1 where it goes; see `moved_rows`.
        """
        rows, by_row = reordered_rows(self.rows, moved)
        return AttributeTable(rows, self.pairs[by_row], self.distinct)


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


def moved_rows(order: NDArray[np.int64], count: int) -> NDArray[np.int32]:
    """Where each of `count` rows goes when new row i is old row `order[i]`; -1: nowhere."""
    moved = np.full(count, -1, np.int32)
    moved[order] = np.arange(len(order), dtype=np.int32)
    return moved


def reordered_rows(
    rows: NDArray[np.int32], moved: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """What belongs to rows, after these have moved.

    Returns:
        The new rows, ascending, and for each of them which of `rows` it was.
    """
    new = moved[rows]
    by_row = stable_order(new, len(moved)) if (new >= 0).all() else _kept_order(new, len(moved))
    return new[by_row], by_row


def _kept_order(rows: NDArray[np.int32], end: int) -> NDArray[np.int64]:
    kept = np.flatnonzero(rows >= 0)
    return kept[stable_order(rows[kept], end)]


class PieceTable:
    """Collects the occurrences of a field, equal ones once; implements `pieces.Collector`."""

    def __init__(self) -> None:
        self._known = Interned()
        self._known[MARK] = 0
        self._known[b""] = 1  # left out in the end: it says nothing
        self._rows: list[NDArray[np.int32]] = []
        self._numbers: list[NDArray[np.int32]] = []
        self._count = 0

    def stage(
        self, joined: Sequence[bytes], count: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], int] | None:
        """See `pieces.Collector`."""
        numbers = self._known.numbers(joined)
        is_break = numbers == 0
        rows = np.cumsum(is_break, dtype=np.int32)
        if (int(rows[-1]) if len(rows) else 0) != count - 1:
            return None
        kept = ~is_break
        return rows[kept], numbers[kept], count

    def add(self, staged: tuple[NDArray[np.int32], NDArray[np.int32], int]) -> None:
        """See `pieces.Collector`."""
        rows, numbers, count = staged
        self._rows.append(rows + np.int32(self._count))
        self._numbers.append(numbers)
        self._count += count

    def add_counted(self, pieces: Sequence[bytes], counts: NDArray[np.int32]) -> None:
        """See `pieces.Collector`."""
        rows = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        self.add((rows, self._known.numbers(pieces), len(counts)))

    def table(self) -> AttributeTable:
        """All that were added but empty ones."""
        if not self._rows:
            empty = np.empty(0, np.int32)
            return AttributeTable(empty, empty, [])
        rows, numbers = np.concatenate(self._rows), np.concatenate(self._numbers)
        if len(numbers) and numbers.min() < 2:
            rows, numbers = rows[numbers > 1], numbers[numbers > 1]
        return AttributeTable(rows, numbers - np.int32(2), list(self._known)[2:])


def parse_attributes(messages: Sequence[bytes], field: int) -> AttributeTable:
    """The attributes of serialized messages.

    Args:
        field: The number of the messages' `attributes` field.
    """
    found = PieceTable()
    parse_pieces(messages, {field: found})
    return found.table()


def merge_attributes(tables: Sequence[tuple[AttributeTable, int]]) -> AttributeTable:
    """Attributes of consecutive tables, each with its number of rows."""
    if len(tables) == 1:
        return tables[0][0]
    known = Interned()
    rows: list[NDArray[np.int32]] = []
    pairs: list[NDArray[np.int32]] = []
    start = 0
    for table, count in tables:
        distinct = table.distinct
        moved = known.numbers(distinct)
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
    by_key = stable_order(keys_of_pairs, len(numbers))
    bounds = np.searchsorted(keys_of_pairs[by_key], np.arange(len(numbers) + 1))
    values_of: list[list[AttributeValue]] = [[] for _ in numbers]
    for number, value in zip(key_of.tolist(), values, strict=True):
        values_of[number].append(value)
    columns = {}
    for key, number in numbers.items():
        if key is not None:
            mine = by_key[bounds[number] : bounds[number + 1]]
            found = as_values(values_of[number])
            columns[key] = _column(table.rows[mine], local[pairs[mine]], found)
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


def stable_order(values: NDArray[np.int32], end: int) -> NDArray[np.int64]:
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
    rows: NDArray[np.int32], ids: NDArray[np.int32], values: Sequence[AttributeValue]
) -> AttributeColumn:
    last = np.append(rows[1:] != rows[:-1], True)
    if last.all():
        return AttributeColumn(rows, ids, values)
    return AttributeColumn(rows[last], ids[last], values)
