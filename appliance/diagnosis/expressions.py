"""Expressions of alerting rules that are valid and yet hardly mean what they say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from appliance.promql.ast import (
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    NumberLiteral,
    Parentheses,
    Unary,
    VectorSelector,
)
from appliance.promql.go_format import general
from appliance.promql.printer import print_expr
from appliance.promql.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.promql.ast import Expr


class Remark(NamedTuple):
    """A finding about an expression: kind, what is odd, what would be right."""

    code: str
    message: str
    hint: str


_COMPARISONS = frozenset(["==", "!=", "<", "<=", ">", ">="])
#: Functions that are about the presence of series, or put something in their place.
_FALLBACKS = frozenset(["absent", "absent_over_time", "vector"])
#: Functions that leave a counter a counter.
_PLAIN = frozenset(["abs", "ceil", "floor", "round", "clamp", "clamp_min", "clamp_max", "sort"])
_PLAIN_AGGREGATIONS = frozenset(["sum", "min", "max", "avg", "topk", "bottomk", "quantile"])
_GAUGE_FUNCTIONS = frozenset(["deriv", "delta", "idelta", "predict_linear"])
_COUNTER = re.compile(r".+_(total|count|bucket)")
_ABOUT_ABSENCE = re.compile(r"(Missing|Absent|NotRunning)\b")
_RATIO_NAME = re.compile(r"(?i)percent|ratio|pct|utili[sz]ation")


def remarks(name: str, expr: Expr, texts: str) -> Iterator[Remark]:
    """What is odd about an alert's expression.

    Args:
        name: The alert's.
        texts: Its annotations, one after the other.
    """
    yield from _blind_to_absence(name, expr)
    yield from _counters_as_gauges(expr)
    yield from _absolute_percents(expr, texts)


def _bare(expr: Expr) -> Expr:
    while isinstance(expr, Parentheses):
        expr = expr.inner
    return expr


def _selectors(expr: Expr) -> list[VectorSelector]:
    return [node for node in walk(expr) if isinstance(node, VectorSelector)]


def _blind_to_absence(name: str, expr: Expr) -> Iterator[Remark]:
    """An age of nothing is nothing: such an alert does not fire before there was a first time."""
    if any(isinstance(node, Call) and node.name in _FALLBACKS for node in walk(expr)):
        return
    aged = [selector for node in walk(expr) for selector in _aged(node)]
    found = aged or (_selectors(expr) if _ABOUT_ABSENCE.search(name) else [])
    if found:
        selector = print_expr(found[0])
        message = f"no absent(): while there is no series {selector}, the alert cannot fire"
        yield Remark("no-absent", message, f"add `or absent({selector})`")


def _aged(node: Expr) -> list[VectorSelector]:
    """What `time() - x` takes the age of."""
    if isinstance(node, Binary) and node.op == "-":
        left = _bare(node.left)
        if isinstance(left, Call) and left.name == "time":
            return _selectors(node.right)
    return []


def _counters_as_gauges(expr: Expr) -> Iterator[Remark]:
    seen: set[str] = set()
    for node in walk(expr):
        if isinstance(node, Call) and node.name in _GAUGE_FUNCTIONS:
            inner = next(iter(node.args), None)
            if isinstance(inner, MatrixSelector) and _COUNTER.fullmatch(inner.vector.name):
                metric = inner.vector.name
                message = f"{node.name}() is for gauges, and {metric} is a counter by its name"
                yield Remark("counter-as-gauge", message, f"use increase() or rate() of {metric}")
        if not isinstance(node, Binary) or node.op not in _COMPARISONS:
            continue
        for metric in [*_plain_counters(node.left), *_plain_counters(node.right)]:
            if metric not in seen:
                seen.add(metric)
                message = f"{metric} is compared as it stands, and counters only grow"
                hint = "use rate() or increase(); a gauge's name should not end in _total"
                yield Remark("counter-as-gauge", message, hint)


def _plain_counters(expr: Expr) -> Iterator[str]:
    """Counters, by their name, whose value as such is looked at."""
    match expr:
        case VectorSelector(name) if name.endswith("_total"):
            yield name
        case Parentheses() | Unary():
            yield from _plain_counters(expr.children()[0])
        case Binary(op) if op not in _COMPARISONS | {"and", "or", "unless"}:
            for child in expr.children():
                yield from _plain_counters(child)
        case Aggregate(op, inner) if op in _PLAIN_AGGREGATIONS:
            yield from _plain_counters(inner)
        case Call(name, args) if name in _PLAIN and args:
            yield from _plain_counters(args[0])


def _absolute_percents(expr: Expr, texts: str) -> Iterator[Remark]:
    """`connections > 90` is not 90 %."""
    for node in walk(expr):
        if not isinstance(node, Binary) or node.op not in _COMPARISONS:
            continue
        limit, other = _bare(node.right), node.left
        if not isinstance(limit, NumberLiteral):
            continue
        number = general(limit.value)
        if not re.search(rf"(?<![\d.]){re.escape(number)} ?%", texts) or _may_be_percent(other):
            continue
        what = print_expr(other)
        message = f"the text says {number} %, the condition compares {what} with the number"
        yield Remark("absolute-percent", message, f"divide by the maximum: {what} / … * 100")


def _may_be_percent(expr: Expr) -> bool:
    for node in walk(expr):
        if isinstance(node, Binary) and node.op in {"/", "*"}:
            return True
        if isinstance(node, VectorSelector) and _RATIO_NAME.search(node.name):
            return True
    return False
