"""Metrics of random spans against counting them one by one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traceql.ast import (
    Attribute,
    Binary,
    Field,
    Intrinsic,
    IntrinsicField,
    Literal,
    MetricsAggregate,
    MetricsOp,
    MetricsPipeline,
    Op,
    Pipeline,
    Query,
    Scope,
    SpansetFilter,
)
from appliance.traceql.metrics.run import MetricsRequest, query_instant, query_range
from appliance.traceql.static import TRUE, Static, Type
from tests.random_examples import examples
from tests.spans import PlainSpan, PlainSpans

START = 1_000_000
STEP = 100
DURATION = IntrinsicField(Intrinsic.DURATION, text="duration")
LINES = Attribute("lines", Scope.SPAN)
BY: dict[str, Field] = {
    "name": IntrinsicField(Intrinsic.NAME, text="name"),
    "span.user": Attribute("user", Scope.SPAN),
    "resource.service.name": Attribute("service.name", Scope.RESOURCE),
}

spans = st.lists(
    st.builds(
        PlainSpan,
        trace=st.integers(1, 6),
        span=st.integers(1, 1 << 60),
        name=st.sampled_from(["GET /", "POST /", "work"]),
        service=st.sampled_from(["shop", "bank"]),
        start_ns=st.integers(START - 120, START + 350),
        duration_ns=st.integers(0, 5_000_000_000),
        attributes=st.fixed_dictionaries(
            {}, optional={"user": st.sampled_from(["ann", "bob", 7]), "lines": st.integers(-3, 99)}
        ),
    ),
    max_size=30,
    unique_by=lambda span: span.span,
)


def value_of(span: PlainSpan, name: str) -> object:
    if name == "name":
        return span.name
    return span.service if name.startswith("resource") else span.attributes.get("user")


def labels_of(span: PlainSpan, by: Sequence[str], op: str) -> tuple[tuple[str, object], ...]:
    if not by:
        return (("__name__", op),)
    values = [(name, value_of(span, name)) for name in by]
    return tuple(pair for pair in values if pair[1] is not None) or ((by[0], "nil"),)


def measured(span: PlainSpan, of: Field) -> float | None:
    if of is DURATION:
        return span.duration_ns / 1e9
    lines = span.attributes.get("lines")
    return None if lines is None else float(lines)


FOLDS: dict[MetricsOp, Callable[[list[float]], float]] = {
    MetricsOp.MIN: min,
    MetricsOp.MAX: max,
    MetricsOp.SUM: math.fsum,
    MetricsOp.AVG: lambda values: math.fsum(values) / len(values),
}

Shown = dict[tuple[tuple[str, object], ...], dict[int, float]]


def slow(
    given_spans: Sequence[PlainSpan], aggregate: MetricsAggregate, by: Sequence[str], step: int
) -> Shown:
    """Points by labels and time."""
    ends = list(range(START, START + 301, step)) if step == STEP else [START + 300]
    inside: defaultdict[tuple[tuple[str, object], ...], defaultdict[int, list[float]]]
    inside = defaultdict(lambda: defaultdict(list))
    is_count = aggregate.op in {MetricsOp.RATE, MetricsOp.COUNT}
    if is_count and not by:
        inside[("__name__", aggregate.op.value),] = defaultdict(list)
    for span in given_spans:
        end = next((end for end in ends if end - step < span.start_ns <= end), None)
        value = 0.0 if aggregate.of is None else measured(span, aggregate.of)
        if span.name == "work" or end is None or value is None:
            continue
        inside[labels_of(span, by, aggregate.op.value)][end].append(value)
    if not is_count:
        fold = FOLDS[aggregate.op]
        return {
            labels: {end: fold(values) for end, values in points.items()}
            for labels, points in inside.items()
        }
    factor = 1e9 / step if aggregate.op is MetricsOp.RATE else 1
    return {
        labels: {end: len(points[end]) * factor for end in ends}
        for labels, points in inside.items()
    }


@examples(150)
@given(
    given_spans=spans,
    op=st.sampled_from([MetricsOp.RATE, MetricsOp.COUNT, *FOLDS]),
    of=st.sampled_from([DURATION, LINES]),
    by=st.lists(st.sampled_from(list(BY)), unique=True, max_size=3),
    is_instant=st.booleans(),
)
def test_functions_agree_with_counting(
    given_spans: list[PlainSpan],
    op: MetricsOp,
    of: Field,
    by: list[str],
    *,
    is_instant: bool,
) -> None:
    measures = of if op in FOLDS else None
    aggregate = MetricsAggregate(op, measures, tuple(BY[name] for name in by))
    name = IntrinsicField(Intrinsic.NAME, text="name")
    other = Binary(Op.NOT_EQUAL, name, Literal(Static(Type.STRING, "work")))
    both = Binary(Op.AND, other, Literal(TRUE))
    query = Query(
        metrics=MetricsPipeline(Pipeline((SpansetFilter(both),)), aggregate),
    )
    run = query_instant if is_instant else query_range
    request = MetricsRequest(START, START + 300, STEP)
    guard = QueryGuard(QueryLimits(), ManualClock())
    result = run(PlainSpans(given_spans), query, request, guard)
    found: Shown = {}
    for series in result.series:
        at_times = zip(result.steps_ns.tolist(), series.values.tolist(), strict=True)
        found[tuple((label, static.value) for label, static in series.labels)] = {
            time: value for time, value in at_times if not math.isnan(value)
        }
    expected = slow(given_spans, aggregate, by, 300 if is_instant else STEP)
    assert found.keys() == expected.keys()
    for labels, points in expected.items():
        assert found[labels] == pytest.approx(points)
