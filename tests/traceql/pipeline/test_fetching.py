"""Spans that a pipeline gets to see: those that satisfy conditions of it."""

from __future__ import annotations

import pytest

from appliance.traceql.block import Block
from appliance.traceql.parser import parse_query
from appliance.traceql.pipeline.fetching import fetched_rows
from tests.spans import PlainColumns, PlainLink, PlainSpan

SPANS = [
    PlainSpan(1, 1, status=2, start_ns=1, attributes={"a": 1}),
    PlainSpan(1, 2, status=0, start_ns=2, attributes={"a": 2}),
    PlainSpan(1, 3, status=0, start_ns=3, links=[PlainLink(7, 7, {"i": 1}), PlainLink(8, 8)]),
    PlainSpan(1, 4, status=1, start_ns=4, links=[PlainLink(7, 7, {"i": 1})]),
]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("{ }", [0, 1, 2, 3]),
        ("{ true && status = error }", [0, 1, 2, 3]),  # finds those with an error anyway
        ("{ !(status = error) }", [0]),
        ("{ !(status = error) && span.a = 1 }", [0]),
        ("{ !(status = error) || span.a = 2 }", [0, 1]),
        ("{ !(status = error) } | count() > 0", [0]),
        ("{ !(status = error) } | by(name)", [0, 1, 2, 3]),
        ("{ !(status = error) } || { }", [0, 1, 2, 3]),
        ("count() > 0 | { status = error }", [0]),
        ("by(span.a) | { status = ok }", [0, 1, 3]),
        ("max(span.a) > 0 | select(name) | { }", [0, 1]),
        ("{ true || span.a = 2 }", [1]),
        ("{ (span.a = 1) != true }", [0]),
        ("{ !span.a }", [0, 1, 2, 3]),
        ("{ !(span.a = nil) }", [2, 3]),
        ("{ link.i = nil }", [2]),
        ("{ !(.a = 1) && !(status = error) }", [0]),
    ],
)
def test_rows(text: str, rows: list[int]) -> None:
    pipeline = parse_query(text).pipeline
    assert pipeline is not None
    assert fetched_rows(pipeline, Block(PlainColumns(SPANS))).tolist() == rows


#: A root and its child, a span whose parent is not here, another one with an attribute.
TREE = [
    PlainSpan(1, 1, start_ns=1),
    PlainSpan(1, 2, parent=1, start_ns=2),
    PlainSpan(1, 3, parent=99, start_ns=3),
    PlainSpan(1, 4, parent=99, start_ns=4, attributes={"a": 1}),
]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("{ } !~ { }", [0, 1]),  # what has no place in the tree is left out
        ("{ span.a = 1 } !> { }", [0, 1, 3]),
        ("{ } || ({ } > { })", [0, 1, 2, 3]),  # the first filter asks for every span
        ("({ } > { }) || { }", [0, 1]),
        ("({ } &~ { }) | { }", [0, 1]),
        ("{ !(span.a = 1) } !>> { !(span.a = 2) }", [0, 1, 3]),
        ("{ event:name = span.a } || { }", [3]),  # asks for events before it asks for all
        ("{ trace:rootName = `x` || !(span.a = 2) }", [0, 1, 2, 3]),
        ("{ trace:rootName = `x` && !(span.a = 2) }", []),
    ],
)
def test_rows_of_structural_and_trace_conditions(text: str, rows: list[int]) -> None:
    pipeline = parse_query(text).pipeline
    assert pipeline is not None
    assert fetched_rows(pipeline, Block(PlainColumns(TREE))).tolist() == rows


def test_rows_that_are_not_live_are_left_out() -> None:
    columns = PlainColumns(SPANS, live=lambda span: span.span != 1)
    for text in ("{ }", "{ !(status = error) }"):
        pipeline = parse_query(text).pipeline
        assert pipeline is not None
        assert 0 not in fetched_rows(pipeline, Block(columns))
