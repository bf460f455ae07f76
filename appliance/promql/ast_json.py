"""Syntax trees as `/api/v1/parse_query` shows them (Prometheus, web/api/v1/translate_ast.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    Unary,
    VectorSelector,
)
from appliance.promql.printer import print_number
from appliance.promql.signatures import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.model.matcher import Matcher

Document = dict[str, object]


def ast_document(expr: Expr) -> Document:  # noqa: C901, PLR0911 - one case for each node
    """The tree of an expression, ready for JSON; durations in milliseconds."""
    match expr:
        case NumberLiteral(value):
            return {"type": "numberLiteral", "val": print_number(value)}
        case StringLiteral(value):
            return {"type": "stringLiteral", "val": value}
        case Parentheses(inner):
            return {"type": "parenExpr", "expr": ast_document(inner)}
        case Unary(op, inner):
            return {"type": "unaryExpr", "op": op, "expr": ast_document(inner)}
        case VectorSelector():
            return {"type": "vectorSelector", **_vector(expr)}
        case MatrixSelector(vector):
            length = {"range": expr.range_ms, "rangeExpr": _duration(expr.range)}
            return {"type": "matrixSelector", **_vector(vector), **length}
        case Subquery():
            return _subquery(expr)
        case Call():
            return _call(expr)
        case Aggregate():
            return _aggregate(expr)
        case Binary():
            return _binary(expr)


def _vector(selector: VectorSelector) -> Document:
    return {
        "name": selector.name,
        "matchers": [_matcher(matcher) for matcher in selector.matchers],
        **_modifiers(selector.modifiers),
        "anchored": selector.extension == "anchored",
        "smoothed": selector.extension == "smoothed",
    }


def _matcher(matcher: Matcher) -> Mapping[str, str]:
    return {"name": matcher.name, "value": matcher.value, "type": matcher.op.value}


def _modifiers(modifiers: Modifiers) -> Document:
    return {
        "offset": modifiers.offset_ms,
        "offsetExpr": _duration(modifiers.offset),
        "timestamp": modifiers.at_ms,
        "startOrEnd": modifiers.at_anchor or None,
    }


def _subquery(expr: Subquery) -> Document:
    return {
        "type": "subquery",
        "expr": ast_document(expr.expr),
        "range": expr.range_ms,
        "rangeExpr": _duration(expr.range),
        "step": expr.step_ms,
        "stepExpr": _duration(expr.step),
        **_modifiers(expr.modifiers),
    }


def _call(expr: Call) -> Document:
    signature = FUNCTIONS[expr.name]
    function = {
        "name": expr.name,
        "argTypes": list(signature.args),
        "variadic": signature.variadic,
        "returnType": signature.returns,
    }
    return {"type": "call", "func": function, "args": [ast_document(arg) for arg in expr.args]}


def _aggregate(expr: Aggregate) -> Document:
    return {
        "type": "aggregation",
        "op": expr.op,
        "expr": ast_document(expr.expr),
        "param": None if expr.param is None else ast_document(expr.param),
        "grouping": list(expr.grouping),
        "without": expr.without,
    }


def _binary(expr: Binary) -> Document:
    return {
        "type": "binaryExpr",
        "op": expr.op,
        "lhs": ast_document(expr.left),
        "rhs": ast_document(expr.right),
        "matching": None if expr.matching is None else _matching(expr.matching),
        "bool": expr.returns_bool,
    }


def _matching(matching: Matching) -> Document:
    return {
        "card": matching.cardinality,
        "labels": list(matching.labels),
        "on": matching.on,
        "include": list(matching.include),
        "fillValues": {"lhs": matching.fill_left, "rhs": matching.fill_right},
    }


def _duration(duration: Duration | None) -> Document | None:
    """A duration expression; parentheses are a property of what they hold."""
    match duration:
        case None:
            return None
        case NumberLiteral(value, is_duration):
            shown = print_number(value)
            return {"type": "numberLiteral", "val": shown, "duration": is_duration}
        case DurationCall(name, args):
            left, right = map(_duration, args) if args else (None, None)
            return _operation(name, left, right)
        case DurationOperation("()", right=inner):
            found = _duration(inner)
            if isinstance(inner, NumberLiteral):
                found = _operation("+", None, found)
            return {**(found or {}), "wrapped": True}
        case DurationOperation(op, left, right):
            return _operation(op, _duration(left), _duration(right))


def _operation(op: str, left: Document | None, right: Document | None) -> Document:
    return {"type": "durationExpr", "op": op, "lhs": left, "rhs": right, "wrapped": False}
