"""What has to be read of each chunk for a range aggregation (pkg/logql/syntax/extractor.go)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.logql import ast
from appliance.logql.rows import ERROR
from appliance.logql.stages import CompiledPipeline, compile_pipeline
from appliance.logql.stages.hints import condition_names

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Range functions that an outer `sum` may group at once, as Loki does (canInjectVectorGrouping).
_SUMMED = frozenset({"count_over_time", "rate", "bytes_over_time", "bytes_rate", "sum_over_time"})
#: Others that come to the same; Loki reads all labels for them, so parsers get no hints.
_SAME = frozenset({("min", "min_over_time"), ("max", "max_over_time")})
_BYTES = frozenset({"bytes_over_time", "bytes_rate"})


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """How samples come from rows.

    Attributes:
        pipeline: The stages before `unwrap`.
        unwrap: None: a sample per row, worth 1 or its line's length.
        counts_bytes: The latter.
        names: Labels to group by, or to leave out; None: all labels count.
        is_without: The latter.
        keeps_parse_errors: The query asks for `__error__`: rows that a parser could not read
            become series with all their labels.
        is_label_free: No stage can change a row's labels.
    """

    pipeline: CompiledPipeline
    unwrap: ast.Unwrap | None
    counts_bytes: bool
    names: frozenset[str] | None
    is_without: bool
    keeps_parse_errors: bool
    is_label_free: bool


def plan_of(
    node: ast.RangeAggregation, outer: ast.Grouping | None = None, outer_op: str = ""
) -> SamplePlan:
    """The plan of a range aggregation inside a vector aggregation, or inside none ("").

    outer: None there means grouping by nothing.
    """
    unwrap, stages = node.range.unwrap, _useful(node)
    names, is_without, hinted = _grouping(node, outer, outer_op)
    if unwrap is not None and (names is None or is_without):
        names, is_without = (names or frozenset()) | {unwrap.label}, True
    wanted = names if hinted else None
    if wanted is not None and unwrap is not None:
        filtered = {name for one in unwrap.filters for name in condition_names(one.condition)}
        wanted = wanted | {unwrap.label} | filtered
    asked = set(names or ()) | {
        name
        for stage in (*stages, *(unwrap.filters if unwrap else ()))
        if isinstance(stage, ast.LabelFilter)
        for name in condition_names(stage.condition)
    }
    return SamplePlan(
        compile_pipeline(stages, wanted=wanted),
        unwrap,
        node.op in _BYTES,
        names,
        is_without,
        hinted and ERROR in asked,
        unwrap is None and all(isinstance(stage, ast.LineFilter) for stage in stages),
    )


def _grouping(
    node: ast.RangeAggregation, outer: ast.Grouping | None, outer_op: str
) -> tuple[frozenset[str] | None, bool, bool]:
    """How samples are grouped.

    Returns:
        Names to group by or to leave out (None: all labels count); whether they are left out;
        whether parsers are told what is wanted.
    """
    if node.op == "absent_over_time":
        return frozenset(), False, True
    own = node.grouping
    if own is not None:
        return frozenset(own.labels), own.is_without, not own.is_without
    if outer_op == "sum" and node.op in _SUMMED:
        hinted = True
    elif (outer_op, node.op) in _SAME:
        hinted = False
    else:
        return None, False, False
    outer = outer or ast.Grouping()
    if outer.is_without:
        return frozenset(outer.labels), True, False
    return frozenset(outer.labels), False, hinted


def _useful(node: ast.RangeAggregation) -> Sequence[ast.Stage]:
    """The stages less those that only rewrite lines nobody looks at any more (optimize.go)."""
    stages = node.range.pipeline.stages
    if node.op in _BYTES:
        return stages
    readers = (ast.LineFilter, ast.Json, ast.Logfmt, ast.Regexp, ast.Pattern, ast.Unpack)
    return [
        stage
        for at, stage in enumerate(stages)
        if not isinstance(stage, ast.LineFormat)
        or any(isinstance(later, readers) for later in stages[at + 1 :])
    ]
