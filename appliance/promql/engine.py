"""Evaluation of PromQL: an expression over a source of series becomes a value.

Semantics are those of Prometheus 3. All steps of a range query are evaluated at once; an instant
query is one step (see `evaluate.py`). Here the query is prepared and its result put together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.model.value import Matrix, QueryResult, Scalar, StringValue, Vector
from appliance.promql.annotations import Remarks
from appliance.promql.ast import Call
from appliance.promql.context import ALL_FEATURES, Context, SampleCounts
from appliance.promql.durations import resolved
from appliance.promql.frame import Frame, Ranges
from appliance.promql.names import with_final_names
from appliance.promql.raw_samples import raw_samples
from appliance.promql.types import type_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.sources import Guard, SeriesSource
    from appliance.promql.ast import Expr
    from appliance.promql.frame import Value

    Points = tuple[Labels, NDArray[np.int64], NDArray[np.float64]]

#: Prometheus' --query.lookback-delta.
LOOKBACK_MS = 300_000
#: Resolution of subqueries without one: Prometheus' global evaluation_interval.
SUBQUERY_STEP_MS = 60_000
_ORDERING = frozenset(
    ["sort", "sort_desc", "sort_by_label", "sort_by_label_desc", "topk", "bottomk", "limitk"]
)


def evaluate(  # noqa: PLR0913 - what a query's settings are, each by name
    expr: Expr,
    source: SeriesSource,
    *,
    start_ms: int,
    end_ms: int,
    step_ms: int,
    guard: Guard,
    lookback_ms: int = LOOKBACK_MS,
    features: frozenset[str] = ALL_FEATURES,
    text: str = "",
    counts: SampleCounts | None = None,
    subquery_step_ms: int = SUBQUERY_STEP_MS,
) -> QueryResult:
    """The value of an expression.

    Args:
        start_ms, end_ms: Both included.
        step_ms: Distance of the steps; 0 makes an instant query at `end_ms`.
        lookback_ms: How old a sample may be.
        features: Those of `context` that are on.
        text: The query as written, which the positions of remarks refer to.
        counts: Gets the numbers of samples looked at.
        subquery_step_ms: Resolution of subqueries that name none.

    Returns:
        For an instant query a value of the expression's type, a vector sorted by labels unless the
        expression orders it; otherwise a Matrix sorted by labels.

    Raises:
        BadInput: A range query needs a scalar or an instant vector.
        QueryFailed: The data do not allow it, such as many-to-many matching.
        LimitExceeded, TimedOut: As the guard says.
    """
    if step_ms and type_of(expr) not in {"scalar", "instant vector"}:
        raise BadInput(
            f'invalid expression type "{type_of(expr)}" for range query,'
            " must be Scalar or instant Vector"
        )
    from appliance.promql.evaluate import evaluate_expr  # noqa: PLC0415 - see `load`

    start_ms = start_ms if step_ms else end_ms
    prepared = resolved(expr, start_ms=start_ms, end_ms=end_ms, step_ms=step_ms)
    context = Context(
        np.arange(start_ms, end_ms + 1, step_ms or 1, dtype=np.int64),
        start_ms,
        end_ms,
        step_ms,
        lookback_ms,
        source,
        guard,
        Remarks(text),
        features,
        subquery_step_ms,
        counts or SampleCounts(),
    )
    value = evaluate_expr(prepared, context)
    if step_ms:
        found: Any = _over_steps(value, context.steps_ms)
    else:
        found = _at_once(value, context, is_ordered=_is_ordered(expr))
    return QueryResult(found, context.remarks.annotations())


def load() -> None:
    """Import what the first query would wait for; takes about 0.1 s, in any thread."""
    import appliance.promql.evaluate  # noqa: F401, PLC0415


def _is_ordered(expr: Expr) -> bool:
    """Whether something in it gives series an order that is not that of their labels."""
    name = expr.name if isinstance(expr, Call) else getattr(expr, "op", "")
    return name in _ORDERING or any(map(_is_ordered, expr.children()))


def _by_labels(frame: Frame) -> list[int]:
    """The rows in the order of their labels."""
    keys = [labels.sort_key for labels in frame.labels]
    return sorted(range(len(keys)), key=keys.__getitem__)


def _at_once(
    value: Value, context: Context, *, is_ordered: bool
) -> Scalar | StringValue | Vector | Matrix:
    """The result of an instant query."""
    time_ms = context.query_end_ms
    if isinstance(value, str):
        return StringValue(time_ms, value)
    if isinstance(value, Ranges):
        return raw_samples(value, context.lookback_ms)
    if isinstance(value, Frame):
        frame = with_final_names(value.pruned())
        if not is_ordered:
            frame = frame.take(np.array(_by_labels(frame), dtype=np.intp))
        histograms = None if frame.histograms is None else frame.histograms[:, 0].tolist()
        return Vector(time_ms, frame.labels, frame.values[:, 0], histograms)
    return Scalar(time_ms, float(value[0]))


def _over_steps(value: Value, steps_ms: NDArray[np.int64]) -> Matrix:
    """The result of a range query."""
    if isinstance(value, np.ndarray):
        return Matrix([(Labels(), steps_ms, value)])
    frame = with_final_names(cast("Frame", value).pruned())
    order = _by_labels(frame)
    if frame.histograms is None or not (is_histogram := frame.is_histogram).any():
        return Matrix([_floats(frame, row, frame.present[row], steps_ms) for row in order])
    is_float = frame.present & ~is_histogram
    return Matrix(
        [_floats(frame, row, is_float[row], steps_ms) for row in order],
        [
            (steps_ms[is_histogram[row]], frame.histograms[row, is_histogram[row]].tolist())
            if is_histogram[row].any()
            else None
            for row in order
        ],
    )


def _floats(frame: Frame, row: int, mask: NDArray[np.bool_], steps_ms: NDArray[np.int64]) -> Points:
    if mask.all():
        return frame.labels[row], steps_ms, frame.values[row]
    return frame.labels[row], steps_ms[mask], frame.values[row, mask]
