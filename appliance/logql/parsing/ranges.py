"""Ranges of lines, and aggregations over them.

ranged    = rangeop "(" [ number "," ] range ")" [ grouping ]
grouping  = ( "by" | "without" ) names
range     = selector stages [ unwrap ] duration [ offset ]
          | selector duration [ offset ] stages [ unwrap ] | "(" range ")"
          | "(" selector stages [ unwrap ] ")" duration [ offset ] [ unwrap ]
unwrap    = "|" "unwrap" ( identifier | conversion "(" identifier ")" ) { "|" condition }
"""

from __future__ import annotations

from typing import cast

from appliance.base.errors import BadInput
from appliance.logql.ast import (
    Grouping,
    LabelFilter,
    LogRange,
    Metric,
    Pipeline,
    RangeAggregation,
    Unwrap,
)
from appliance.logql.check import Refused
from appliance.logql.lexer import DURATION, IDENTIFIER, NUMBER, RANGE
from appliance.logql.parsing.stages import StageReader
from appliance.syntax.go_literals import read_duration, read_float, read_prometheus_duration

_CONVERSIONS = {
    "BYTES_CONV": "bytes", "DURATION_CONV": "duration", "DURATION_SECONDS_CONV": "duration_seconds",
}  # fmt: skip
_UNWRAPPED = f"{IDENTIFIER} or {' or '.join(_CONVERSIONS)}"
_GROUPINGS = frozenset(["by", "without"])
_QUANTILE = "quantile_over_time"
_MAY_GROUP = frozenset(
    [
        "avg_over_time", "stddev_over_time", "stdvar_over_time", "max_over_time", "min_over_time",
        "first_over_time", "last_over_time", _QUANTILE,
    ]
)  # fmt: skip
_MAY_UNWRAP = _MAY_GROUP | {"sum_over_time", "rate", "rate_counter", "absent_over_time"}
_WITHOUT_UNWRAP = frozenset(
    ["bytes_over_time", "bytes_rate", "count_over_time", "rate", "absent_over_time"]
)


def refused(message: str, position: int) -> Metric:
    """In place of a metric that cannot be; `check.validate` tells."""
    return cast("Metric", Refused(message, position))


class RangeReader(StageReader):
    """Reads ranges of lines and aggregations over them."""

    def grouping(self) -> Grouping | None:
        """`by (…)` or `without (…)`, if that is next."""
        if self.kind not in _GROUPINGS:
            return None
        is_without = self.take().lower() == "without"
        return Grouping(self.names(), is_without)

    def ranged(self, op: str) -> Metric:
        """An aggregation over a range, whose operator is next."""
        position = self.position
        self.take()
        self.expect("(")
        parameter, expected = None, "NUMBER or { or ("
        if self.kind == NUMBER:
            parameter, expected = self.take(), "{ or ("
            self.expect(",")
        found = self.range(expected)
        self.expect(")")
        return _ranged(op, found, parameter, grouping=self.grouping(), position=position)

    def range(self, expected: str) -> LogRange:
        """A range.

        Args:
            expected: What could start here.
        """
        position = self.position
        if self.kind == "{":
            found, _ = self._selected(position, in_parentheses=False)
            return found
        self.enter()
        self.expect("(", expected)
        if self.kind == "{":
            found, is_closed = self._selected(position, in_parentheses=True)
        else:
            found, is_closed = self.range("{ or ("), False
        if not is_closed:
            self.expect(")")
        self.leave()
        return found

    def _selected(self, position: int, *, in_parentheses: bool) -> tuple[LogRange, bool]:
        """A range from its selector on, and whether the parenthesis before it was closed."""
        start = self.position
        matchers = self.selector()
        stages = self.stages("unwrap")
        unwrap = self._unwrap()
        is_closed = in_parentheses and self.accept(")")
        if self.kind != RANGE:
            after_unwrap = "RANGE or ) or |" if in_parentheses else "RANGE or |"
            self.unexpected(RANGE if is_closed else after_unwrap if unwrap else "")
        range_ns = read_prometheus_duration(self.take()[1:-1])
        offset_ns = 0
        if self.accept("offset"):
            if self.kind != DURATION:
                self.unexpected(DURATION)
            offset_ns = read_duration(self.take())
        if not stages and unwrap is None:
            stages = () if is_closed else self.stages("unwrap")
            unwrap = self._unwrap()
            if is_closed and unwrap is None and self.accept("|"):
                self.unexpected("unwrap")
        pipeline = Pipeline(matchers, stages, start)
        return LogRange(pipeline, range_ns, unwrap, offset_ns, position), is_closed

    def _unwrap(self) -> Unwrap | None:
        if self.kind != "|" or self.kinds[self.at + 1] != "unwrap":
            return None
        position = self.position
        self.take()
        self.take()
        conversion = _CONVERSIONS.get(self.kind, "")
        if conversion:
            self.take()
            self.expect("(")
        label = self.expect(IDENTIFIER, IDENTIFIER if conversion else _UNWRAPPED)
        if conversion:
            self.expect(")")
        filters = []
        while self.kind == "|":
            start = self.position
            self.take()
            filters.append(LabelFilter(self.condition(), start))
        return Unwrap(label, conversion, tuple(filters), position)


def _ranged(
    op: str, found: LogRange, parameter: str | None, *, grouping: Grouping | None, position: int
) -> Metric:
    value, refusal = None, ""
    if parameter is not None and op != _QUANTILE:
        refusal = f"parameter {parameter} not supported for operation {op}"
    elif parameter is None and op == _QUANTILE:
        refusal = f"parameter required for operation {op}"
    elif parameter is not None:
        try:
            value = read_float(parameter)
        except BadInput as error:
            refusal = f"invalid parameter for operation {op}: {error}"
    if refusal:
        return refused(refusal, position)
    if grouping is not None and op not in _MAY_GROUP:
        return refused(f"grouping not allowed for {op} aggregation", position)
    if found.unwrap is not None and op not in _MAY_UNWRAP:
        return refused(f"invalid aggregation {op} with unwrap", position)
    if found.unwrap is None and op not in _WITHOUT_UNWRAP:
        return refused(f"invalid aggregation {op} without unwrap", position)
    return RangeAggregation(op, found, value, grouping, position)
