"""PromQL expressions as text, in the form Prometheus prints them."""

from __future__ import annotations

import math
import re

from appliance.base.duration import print_duration
from appliance.model.matcher import Matcher, MatchOp
from appliance.promql.ast import (
    METRIC_NAME,
    Expr,
    MatrixSelector,
    NumberLiteral,
    Parentheses,
    StringLiteral,
    VectorSelector,
)
from appliance.promql.lexer import RESERVED
from appliance.syntax.quoting import quote

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_NUMBERS = {"inf", "nan"} | RESERVED


def print_expr(expr: Expr) -> str:
    """The canonical text; parsing it gives an equal expression."""
    match expr:
        case NumberLiteral(value):
            return _number(value)
        case StringLiteral(value):
            return quote(value)
        case Parentheses(inner):
            return f"({print_expr(inner)})"
        case VectorSelector():
            return _selector(expr) + _offset(expr.offset_ms)
        case MatrixSelector(vector, range_ms):
            return f"{_selector(vector)}[{print_duration(range_ms)}]{_offset(vector.offset_ms)}"


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(value)
    return text.removesuffix(".0")


def _offset(offset_ms: int) -> str:
    if not offset_ms:
        return ""
    return f" offset {'-' if offset_ms < 0 else ''}{print_duration(abs(offset_ms))}"


def _selector(selector: VectorSelector) -> str:
    shown = list(selector.matchers)
    parts = []
    name = selector.name
    if name:
        shown.remove(Matcher(METRIC_NAME, MatchOp.EQUAL, name))
        if not _METRIC.fullmatch(name) or name.lower() in _NUMBERS:
            parts.append(quote(name))
            name = ""
    parts += [_matcher(matcher) for matcher in shown]
    return f"{name}{{{','.join(parts)}}}" if parts else name


def _matcher(matcher: Matcher) -> str:
    name = matcher.name if _LABEL.fullmatch(matcher.name) else quote(matcher.name)
    return f"{name}{matcher.op.value}{quote(matcher.value)}"
