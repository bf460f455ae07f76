"""PromQL: what is printed is read back; anything else is read or refused."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import BadInput
from appliance.model.matcher import Matcher, MatchOp
from appliance.promql.ast import (
    Aggregate,
    Binary,
    Call,
    Duration,
    DurationCall,
    DurationOperation,
    Expr,
    Matching,
    MatrixSelector,
    Modifiers,
    NumberLiteral,
    Parentheses,
    StringLiteral,
    Subquery,
    VectorSelector,
)
from appliance.promql.durations import resolved
from appliance.promql.parser import parse
from appliance.promql.printer import pretty, print_expr
from tests.random_examples import examples

NAMES = ["up", "a:b", "sum", "offset", "start", "fill", "and", "_x"]
MS = st.integers(1, 10**9)
labels = st.lists(st.sampled_from(["x", "by", "a.b", "ü"]), max_size=2, unique=True).map(tuple)
matchers = st.builds(
    Matcher,
    st.sampled_from(["a", "by", "b.c", "ü\n"]),
    st.sampled_from(list(MatchOp)),
    st.sampled_from(["", "x", "a|b", 'q"', "ü\n"]),
)
numbers = (
    st.floats(allow_nan=False).filter(lambda value: math.copysign(1, value) > 0).map(NumberLiteral)
)
seconds = st.integers(0, 10**9).map(lambda ms: NumberLiteral(ms / 1000, is_duration=True))
dynamic: st.SearchStrategy[Duration] = st.recursive(
    st.sampled_from([DurationCall("step"), DurationCall("range")]),
    lambda inner: st.builds(
        lambda op, left, right: DurationOperation("()", None, DurationOperation(op, left, right)),
        st.sampled_from("+-*/%^"),
        inner | seconds,
        inner,
    )
    | st.builds(
        # In parentheses: before `^` a sign would be that of the power.
        lambda one: DurationOperation("()", None, DurationOperation("-", None, one)),
        inner,
    )
    | st.builds(lambda one, two: DurationCall("min_of", (one, two)), inner, seconds),
    max_leaves=3,
)  # fmt: skip
offsets = st.builds(
    lambda known, expression: {"offset": expression} if expression else {"offset_ms": known},
    st.integers(-(10**9), 10**9),  # longer ones are not exact as nanoseconds, in Go neither
    st.none() | dynamic,
)
times = st.sampled_from([{}, {"at_ms": -5}, {"at_ms": 1_700_000_000_123}, {"at_anchor": "end"}])
modifiers = st.builds(lambda offset, at: Modifiers(**offset, **at), offsets, times)


def selector(name: str, found: list[Matcher]) -> VectorSelector:
    """A selector whose matchers are in the order in which they are printed."""
    named = Matcher("__name__", MatchOp.EQUAL, name)
    ordered = parse(print_expr(VectorSelector(name, (*found, named))))
    assert isinstance(ordered, VectorSelector)
    return ordered


vectors = st.builds(
    lambda selected, moved, extension: replace(selected, modifiers=moved, extension=extension),
    st.builds(selector, st.sampled_from(NAMES), st.lists(matchers, max_size=2)),
    modifiers,
    st.sampled_from(["", "", "anchored", "smoothed"]),
)
matchings = st.builds(
    Matching,
    st.just("one-to-one"),
    labels,
    st.booleans(),
    fill_left=st.none() | st.sampled_from([0.0, -1.5, 1e21]),
    fill_right=st.none() | st.sampled_from([2.0, math.inf]),
) | st.builds(
    Matching,
    st.sampled_from(["many-to-one", "one-to-many"]),
    st.just(("y",)),
    st.booleans(),
    labels,
)


def instant(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Instant vectors made of instant vectors."""
    matrices = st.builds(
        lambda vector, ms, length: MatrixSelector(vector, 0 if length else ms, length),
        vectors,
        MS,
        st.none() | dynamic,
    ) | st.builds(
        lambda expr, ms, step, moved: Subquery(Parentheses(expr), ms, step or 0, modifiers=moved),
        inner,
        MS,
        st.none() | MS,
        modifiers,
    )
    return (
        st.builds(Parentheses, inner)
        | st.builds(lambda arg: Call("rate", (arg,)), matrices)
        | st.builds(lambda one, two: Call("clamp_min", (one, two)), inner, numbers)
        | st.builds(Aggregate, st.just("sum"), inner, st.none(), labels, st.booleans())
        | st.builds(
            lambda expr, text, group: Aggregate("count_values", expr, StringLiteral(text), group),
            inner,
            st.text(st.characters(exclude_characters="\ufffd", exclude_categories=["Cs"])),
            labels,
        )
        | st.builds(
            lambda op, one, two, matching: Binary(
                op, Parentheses(one), Parentheses(two), matching=matching
            ),
            st.sampled_from(["+", "/", "^", "==", "atan2", "</"]),
            inner,
            inner,
            matchings,
        )
        | st.builds(
            lambda op, one, two: Binary(op, Parentheses(one), two, returns_bool=True),
            st.sampled_from(["<", "!=", ">="]),
            inner,
            numbers | seconds,
        )
    )


expressions = st.recursive(vectors.map(lambda vector: vector), instant, max_leaves=4)


@examples(60)
@given(expressions)
def test_printed_expressions_are_read_back(expr: Expr) -> None:
    assert parse(print_expr(expr)) == expr
    assert parse(pretty(expr)) == expr


@examples(40)
@given(expressions)
def test_resolved_expressions_are_fixed(expr: Expr) -> None:
    bounds = {"start_ms": 0, "end_ms": 60_000, "step_ms": 5000}
    with contextlib.suppress(BadInput):
        found = resolved(expr, **bounds)
        assert resolved(found, **bounds) is found


@given(st.text(alphabet="up{}[]()=~!,\"'5ms a#:\\\n@+-offset^/%<>.x_é", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadInput):
        assert print_expr(parse(text))
