"""How many spans match, how many of them failed and how long they took, by group; exact figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import LimitExceeded
from appliance.traceql.block import Block
from appliance.traceql.expressions.values import group_codes
from appliance.traceql.fields import field_column
from appliance.traceql.pipeline.run import run_pipeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.sources import Guard, SpanSource
    from appliance.traceql.ast import Field, Pipeline
    from appliance.traceql.static import Static

_STATUS_ERROR = 2
_MOST_GROUPS = 10_000

Key = tuple["Static", ...]


@dataclass(frozen=True, slots=True)
class SpanSummary:
    """One group of spans.

    Attributes:
        key: Values of the fields that groups are told apart by.
        durations_ns: int64[span], ascending.
    """

    key: Key
    errors: int
    durations_ns: NDArray[np.int64]

    def quantile_ns(self, share: float) -> int:
        """The duration that so many of the spans do not exceed."""
        at = int(np.ceil(share * len(self.durations_ns))) - 1
        return int(self.durations_ns[max(at, 0)])


@dataclass(slots=True)
class _Group:
    errors: int = 0
    durations_ns: list[NDArray[np.int64]] = field(default_factory=list)


def summarize_spans(
    source: SpanSource,
    pipeline: Pipeline,
    by: Sequence[Field],
    range_ns: tuple[int, int],
    guard: Guard,
) -> list[SpanSummary]:
    """Groups of the spans that a query finds, those with most spans first.

    Args:
        range_ns: Start, and an end that is not included.

    Raises:
        LimitExceeded, TimedOut: As the guard says; there are too many groups.
    """
    groups: dict[Key, _Group] = {}
    with source.whole_traces(*range_ns, guard) as blocks:
        for columns in blocks:
            guard.check()
            block = Block(columns, guard)
            rows = np.unique(run_pipeline(pipeline, block).rows)
            if len(rows):
                _add(groups, block, rows, by)
    found = [
        SpanSummary(key, group.errors, np.sort(np.concatenate(group.durations_ns)))
        for key, group in groups.items()
    ]
    return sorted(found, key=lambda one: (-len(one.durations_ns), _texts(one.key)))


def _texts(key: Key) -> list[str]:
    return [str(value.value) for value in key]


def _add(
    groups: dict[Key, _Group], block: Block, rows: NDArray[np.int64], by: Sequence[Field]
) -> None:
    keys, codes = _keys(block, rows, by)
    is_error = block.columns.numbers("status")[rows] == _STATUS_ERROR
    durations = block.columns.numbers("duration_ns")[rows]
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(keys))).tolist()
    begin = 0
    for key, end in zip(keys, ends, strict=True):
        chosen = order[begin:end]
        group = groups.setdefault(key, _Group())
        group.errors += int(is_error[chosen].sum())
        group.durations_ns.append(durations[chosen])
        begin = end
    if len(groups) > _MOST_GROUPS:
        raise LimitExceeded(
            f"the query has more than {_MOST_GROUPS} groups; group by fields with fewer values",
            limit="groups",
        )


def _keys(
    block: Block, rows: NDArray[np.int64], by: Sequence[Field]
) -> tuple[list[Key], NDArray[np.int64]]:
    """Groups that occur, and which of them each row is in: int64[row]."""
    keys: list[Key] = [()]
    codes = np.zeros(len(rows), dtype=np.int64)
    for one in by:
        own, values = group_codes(field_column(one, block), rows)
        joined, codes = np.unique(codes * len(values) + own, return_inverse=True)
        keys = [
            (*keys[number // len(values)], values[number % len(values)])
            for number in joined.tolist()
        ]
    return keys, codes
