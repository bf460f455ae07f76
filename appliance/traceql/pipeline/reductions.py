"""What avg(), min(), max() and sum() make of the values of each set's spans.

Types follow Tempo: sums have the type of a set's first value, and values of other types are left
out, though avg() counts them; averages of integers are floats, those of durations durations, cut
off towards zero.

# Differs from Tempo: averages of integers below zero are right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.traceql.ast import AggregateOp
from appliance.traceql.column import Coded, Numbers
from appliance.traceql.expressions.columns import coded_of
from appliance.traceql.static import Static, Type
from appliance.traceql.types import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

#: Types in the order in which values of different types compare.
_ORDER = list(Type)


@dataclass(frozen=True, slots=True)
class Entries:
    """Which entries of sets have a value.

    Attributes:
        starts: int64[set], the first entry of each; no set is empty.
        owners: int64[entry], the set of each.
        present: bool[entry].
    """

    starts: NDArray[np.int64]
    owners: NDArray[np.int64]
    present: NDArray[np.bool_]

    @property
    def counts(self) -> NDArray[np.int64]:
        """int64[set]: entries that have one."""
        return np.add.reduceat(self.present, self.starts, dtype=np.int64)


def reduce_numbers(op: AggregateOp, kind: Type, values: NDArray[Any], entries: Entries) -> Numbers:
    """Of numbers of one type; sets without a value have an arbitrary one.

    Args:
        values: int64[entry], of floats float64[entry].
    """
    if op is AggregateOp.MIN or op is AggregateOp.MAX:
        return Numbers(kind, _extreme(op, values, entries))
    sums = _sums(values, entries)
    if op is AggregateOp.SUM:
        return Numbers(kind, sums)
    counts = np.maximum(entries.counts, 1)
    if kind is Type.DURATION:
        return Numbers(kind, np.sign(sums) * (np.abs(sums) // counts))
    return Numbers(Type.FLOAT, sums / counts)


def _extreme(op: AggregateOp, values: NDArray[Any], entries: Entries) -> NDArray[Any]:
    limits = np.finfo(values.dtype) if values.dtype == np.float64 else np.iinfo(values.dtype)
    if op is AggregateOp.MIN:
        return np.minimum.reduceat(np.where(entries.present, values, limits.max), entries.starts)
    return np.maximum.reduceat(np.where(entries.present, values, limits.min), entries.starts)


def _sums(values: NDArray[Any], entries: Entries) -> NDArray[Any]:
    filled = np.where(entries.present, values, 0)
    if values.dtype != np.float64:
        return np.add.reduceat(filled, entries.starts)
    # One after the other, as Tempo adds: the last bits depend on it.
    return np.bincount(entries.owners, weights=filled, minlength=len(entries.starts))


def reduce_statics(
    op: AggregateOp, codes: NDArray[np.int64], statics: Sequence[Static], entries: Entries
) -> Numbers | Coded:
    """Of values of any types.

    Args:
        codes: int64[entry], into the values.
    """
    kinds = {static.type for static in statics} - {Type.NIL}
    if len(kinds) == 1 and kinds <= NUMERIC:
        (kind,) = kinds
        return reduce_numbers(op, kind, _values(kind, codes, statics), entries)
    return _reduce_mixed(op, codes, statics, entries)


def _reduce_mixed(
    op: AggregateOp, codes: NDArray[np.int64], statics: Sequence[Static], entries: Entries
) -> Coded:
    if op is AggregateOp.MIN or op is AggregateOp.MAX:
        order = sorted(range(len(statics)), key=cmp_to_key(_comparison(statics)))
        ranks = np.empty(len(statics), dtype=np.int64)
        ranks[order] = np.arange(len(statics))
        best = np.clip(_extreme(op, ranks[codes], entries), 0, len(statics) - 1)
        return Coded(best.astype(np.int32), [statics[number] for number in order])
    first = np.minimum.reduceat(
        np.where(entries.present, np.arange(len(codes)), len(codes) - 1), entries.starts
    )
    kinds = np.array([_ORDER.index(static.type) for static in statics])[codes]
    counts = entries.counts
    found = [statics[code] for code in codes[first].tolist()]
    for kind in NUMERIC & {static.type for static in statics}:
        number = _ORDER.index(kind)
        is_same = entries.present & (kinds == number)
        values = _values(kind, codes, statics)
        sums = _sums(values, Entries(entries.starts, entries.owners, is_same))
        for at in np.flatnonzero(kinds[first] == number).tolist():
            found[at] = _total(op, kind, sums[at].item(), count=int(counts[at]))
    return coded_of(found, np.arange(len(found)))


def _values(kind: Type, codes: NDArray[np.int64], statics: Sequence[Static]) -> NDArray[Any]:
    plain: list[Any] = [static.value if static.type is kind else 0 for static in statics]
    return np.array(plain, np.float64 if kind is Type.FLOAT else np.int64)[codes]


def _total(op: AggregateOp, kind: Type, total: float, *, count: int) -> Static:
    if op is AggregateOp.SUM:
        return Static(kind, total)
    if kind is Type.DURATION:
        return Static(kind, int(abs(total) // count) * (1 if total > 0 else -1))
    return Static(Type.FLOAT, total / count)


def _comparison(statics: Sequence[Static]) -> Callable[[int, int], int]:
    """How to compare values by their numbers: below 0, 0, or above it."""

    def compare(left: int, right: int) -> int:
        one, other = statics[left], statics[right]
        a: Any = one.value
        b: Any = other.value
        if one.type is not other.type and not {one.type, other.type} <= NUMERIC:
            a, b = _ORDER.index(one.type), _ORDER.index(other.type)
        return 0 if a is None else int(a > b) - int(a < b)

    return compare
