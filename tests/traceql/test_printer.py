"""Nodes → TraceQL."""

from __future__ import annotations

import math

import pytest

from appliance.traceql.ast import Attribute, Intrinsic, IntrinsicField, Scope, TopK
from appliance.traceql.parser import read_query
from appliance.traceql.printer import print_field, print_node, print_static
from appliance.traceql.static import NIL, TRUE, Kind, Static, Status, Type


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("{}", "{ true }"),
        ("{.a=1&&.b}", "{ (.a = 1) && .b }"),
        ("{ -.a = !.b }", "{ (-.a) = (!.b) }"),
        ("{ .a != nil }|{ .b }", "{ .a != nil }|{ .b }"),
        ("{ span:name = `x` }", "{ name = `x` }"),
        ("{.a}|avg( duration )>1s", "{ .a }|(avg(duration)) > 1s"),
        ("{.a}&&{.b}", "({ .a }) && ({ .b })"),
        ("{}|select(.a,.b)|coalesce()", "{ true }|select(.a, .b)|coalesce()"),
        ("{}|rate() by (name,.b)|topk(3)>5", "{ true } | rate()by(name,.b) | topk(3) > 5"),
        (
            "{}|quantile_over_time(duration,.9,1)",
            "{ true } | quantile_over_time(duration,0.9,1)",
        ),
        ("{}|compare({.a},5,1,2)", "{ true } | compare({ .a }, 5, 1, 2)"),
        ("({}|rate()|topk(2))/({}|rate())", "({ true } | rate() | topk(2)) / ({ true } | rate())"),
        ("2*(({}|rate())-1)>3", "2 * (({ true } | rate()) - 1) > 3"),
        ('{} with(a="x",b=.5)', "{ true } with(a=`x`,b=0.5)"),
    ],
)
def test_printed(text: str, printed: str) -> None:
    query = read_query(text)
    assert print_node(query) == printed
    assert read_query(printed) == query


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Static(Type.STRING, 'a"\\'), '`a"\\`'),
        (Static(Type.STRING, "a`b"), '"a`b"'),
        (Static(Type.INT, -5), "-5"),
        (Static(Type.INT, -(2**63)), "minInt"),
        (Static(Type.FLOAT, 2.0), "2.0"),
        (Static(Type.FLOAT, 0.25), "0.25"),
        (Static(Type.FLOAT, -0.0), "-0.0"),
        (Static(Type.FLOAT, 123456.0), "123456.0"),
        (Static(Type.FLOAT, 1e20), "1e+20"),
        (Static(Type.FLOAT, 1234567.5), "1.2345675e+06"),
        (Static(Type.FLOAT, 0.00001), "1e-05"),
        (Static(Type.FLOAT, 0.00123), "0.00123"),
        (Static(Type.FLOAT, math.inf), "+Inf"),
        (Static(Type.FLOAT, math.nan), "NaN"),
        (Static(Type.DURATION, 90 * 10**9), "1m30s"),
        (Static(Type.STATUS, Status.UNSET), "unset"),
        (Static(Type.KIND, Kind.CLIENT), "client"),
        (Static(Type.STRING_ARRAY, ("a", "b")), '["a", "b"]'),
        (TRUE, "true"),
        (NIL, "nil"),
    ],
)
def test_constants(value: Static, text: str) -> None:
    assert print_static(value) == text


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (Attribute("a.b"), ".a.b"),
        (Attribute("a b", Scope.SPAN), 'span."a b"'),
        (Attribute("a", is_parent=True), "parent.a"),
        (Attribute("a", Scope.RESOURCE, is_parent=True), "parent.resource.a"),
        (IntrinsicField(Intrinsic.ROOT_SERVICE, text="trace:rootService"), "rootServiceName"),
        (IntrinsicField(Intrinsic.SPAN_ID), "span:id"),
        (IntrinsicField(Intrinsic.NAME, is_parent=True), "parent.name"),
    ],
)
def test_fields(field: Attribute | IntrinsicField, text: str) -> None:
    assert print_field(field) == text


def test_a_stage_alone() -> None:
    assert print_node(TopK(3, is_bottom=True)) == "bottomk(3)"
