"""Pipelines over blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from appliance.base.errors import BadInput, QueryFailed
from appliance.traceql import ast
from appliance.traceql.block import Block
from appliance.traceql.expressions.values import statics_of
from appliance.traceql.parser import parse_query
from appliance.traceql.pipeline.run import run_pipeline
from appliance.traceql.static import NIL
from tests.spans import PlainColumns, PlainSpan

ERROR = 2


def span(trace: int, number: int, parent: int = 0, **more: Any) -> PlainSpan:
    return PlainSpan(trace, number, parent=parent, start_ns=number, **more)


SPANS = [
    span(1, 1, name="get", service="web"),
    span(1, 2, 1, name="query", service="db", attributes={"rows": 5}),
    span(1, 3, 1, name="query", service="db", status=ERROR, attributes={"rows": 7}),
    span(2, 1, name="get", service="web", status=ERROR),
    span(2, 2, 1, name="call", service="api"),
    span(2, 3, 2, name="query", service="db", attributes={"rows": 1}),
    span(3, 1, name="job", service="cron", attributes={"rows": 9}),
]

Found = list[tuple[int, list[int], dict[str, Any]]]


def found(text: str, spans: list[PlainSpan] | None = None) -> Found:
    """(trace, span numbers, attributes) of each set."""
    block = Block(PlainColumns(SPANS if spans is None else spans))
    pipeline = parse_query(text).pipeline
    assert pipeline is not None
    sets = run_pipeline(pipeline, block)
    said = {text: statics_of(column, np.arange(len(sets))) for text, column in sets.attributes}
    ids, traces = block.columns.numbers("span_id"), block.traces.ids
    return [
        (
            int.from_bytes(traces[trace].tobytes()),
            ids[sets.rows[sets.offsets[at] : sets.offsets[at + 1]]].tolist(),
            {text: values[at].value for text, values in said.items()},
        )
        for at, trace in enumerate(sets.traces.tolist())
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ }", [(1, [1, 2, 3], {}), (2, [1, 2, 3], {}), (3, [1], {})]),
        ('{ name = "query" }', [(1, [2, 3], {}), (2, [3], {})]),
        ('{ name = "query" } | { status = error }', [(1, [3], {})]),
        ('{ name = "get" } > { name = "query" }', [(1, [2, 3], {})]),
        ('{ name = "get" } >> { name = "query" }', [(1, [2, 3], {}), (2, [3], {})]),
        ('{ name = "query" } << { status = error }', [(2, [1], {})]),
        ('{ name = "get" } && { name = "call" }', [(2, [1, 2], {})]),
        ('{ name = "job" } || { name = "call" }', [(2, [2], {}), (3, [1], {})]),
        ('{ name = "get" } !> { name = "query" }', [(2, [3], {})]),
        ('{ name = "get" } &>> { status = error }', [(1, [1, 3], {})]),
        ('{ } > { name = "call" } > { }', [(2, [3], {})]),
        ('{ } > ({ name = "call" } || { status = error })', [(1, [3], {}), (2, [2], {})]),
        ("{ } | select(name)", [(1, [1, 2, 3], {}), (2, [1, 2, 3], {}), (3, [1], {})]),
    ],
)
def test_spans_of_each_trace(text: str, expected: Found) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ } | count() > 2", [(1, {"count()": 3}), (2, {"count()": 3})]),
        ('{ name = "query" } | count() = 1', [(2, {"count()": 1})]),
        ("{ } | max(span.rows) > 6", [(1, {"max(span.rows)": 7}), (3, {"max(span.rows)": 9})]),
        ("{ } | avg(span.rows) = 6.0", [(1, {"avg(span.rows)": 6.0})]),
        ("{ } | sum(span.rows * 2) > 20", [(1, {"sum(span.rows * 2)": 24})]),
        ("{ } | count() > 2 | max(span.rows) < 6", [(2, {"count()": 3, "max(span.rows)": 1})]),
        ("max(span.rows) > 8", [(3, {"max(span.rows)": 9})]),
        ("{ } | max(span.nothing) > 0", []),
    ],
)
def test_scalar_filters_keep_sets_and_tell_what_they_computed(
    text: str, expected: list[tuple[int, dict[str, Any]]]
) -> None:
    assert [(trace, said) for trace, _, said in found(text)] == expected


def test_groups_are_sets_of_their_own_in_the_order_of_their_first_spans() -> None:
    assert found("{ } | by(name)")[:4] == [
        (1, [1], {"by(name)": "get"}),
        (1, [2, 3], {"by(name)": "query"}),
        (2, [1], {"by(name)": "get"}),
        (2, [2], {"by(name)": "call"}),
    ]


def test_spans_without_a_value_are_a_group() -> None:
    assert found('{ name =~ "get|query" } | by(span.rows > 6)')[:3] == [
        (1, [1, 2], {"by(span.rows > 6)": False}),
        (1, [3], {"by(span.rows > 6)": True}),
        (2, [1, 3], {"by(span.rows > 6)": False}),
    ]
    assert found('{ name = "call" } | by(span.rows)') == [(2, [2], {"by(span.rows)": None})]


def test_groups_are_counted_and_filtered_one_by_one() -> None:
    assert found("{ } | by(name) | count() > 1 | { status = error }") == [
        (1, [3], {"by(name)": "query", "count()": 2})
    ]


def test_coalesce_makes_one_set_of_a_trace_and_forgets_what_was_said() -> None:
    assert found('{ name != "call" } | by(name) | coalesce()') == [
        (1, [1, 2, 3], {}),
        (2, [1, 3], {}),
        (3, [1], {}),
    ]


def test_operators_work_within_each_group_and_keep_what_was_said_of_it() -> None:
    assert found("{ } | by(resource.service.name) | { } ~ { }") == [
        (1, [2, 3], {"by(resource.service.name)": "db"})
    ]


def test_operands_forget_what_was_said_in_them() -> None:
    text = "({ } | count() > 2) && ({ status = error } | count() > 0)"
    assert found(text) == [(1, [1, 2, 3], {}), (2, [1, 2, 3], {})]


def test_several_sets_on_one_side_of_and_become_one() -> None:
    text = '({ name =~ "get|query" } | by(name)) && ({ status = error } | { })'
    assert found(text) == [(1, [1, 2, 3], {}), (2, [1, 3], {})]


def test_a_structural_operator_refuses_several_sets_of_a_trace() -> None:
    with pytest.raises(QueryFailed, match=r"consider using coalesce\(\)"):
        found("({ } | by(name)) > ({ } | { })")
    with pytest.raises(QueryFailed, match="multiple spansets per trace"):
        found("({ } | { }) > ({ } | by(name))")


def test_several_sets_do_no_harm_where_the_right_side_is_empty() -> None:
    assert found('({ } | by(name)) > ({ name = "nothing" } | { })') == []


def test_what_tempo_does_not_support_is_refused_in_its_words() -> None:
    count = ast.Aggregate(ast.AggregateOp.COUNT)
    pipeline = ast.Pipeline((ast.ScalarFilter(ast.Op.LESS, ast.Literal(NIL), count),))
    with pytest.raises(BadInput, match=r"scalar filter lhs \(nil\) not supported"):
        run_pipeline(pipeline, Block(PlainColumns(SPANS)))


def test_a_block_without_matches_has_no_sets() -> None:
    for text in (
        "{ false } | count() > 0",
        '{ name = "no" } | by(name) | avg(duration) > 1s | coalesce()',
        '{ name = "no" } >> { }',
    ):
        assert found(text) == []
    assert found("{ } | by(name)", []) == []


def test_spans_that_are_not_live_are_left_out() -> None:
    block = Block(PlainColumns(SPANS, live=lambda span: span.trace != 2))
    pipeline = parse_query("{ } | count() > 0").pipeline
    assert pipeline is not None
    assert run_pipeline(pipeline, block).traces.tolist() == [0, 2]
