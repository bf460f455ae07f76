"""PromQL expressions as text, in the form Prometheus prints them (promql/parser/printer.go).

Matchers are sorted; all else is as written. Very long expressions get lines of their own for their
parts in `pretty` (prettier.go).
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from appliance.base.duration import print_duration
from appliance.model.matcher import Matcher, MatchOp
from appliance.promql.ast import (
    METRIC_NAME,
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
from appliance.promql.go_format import general
from appliance.syntax.quoting import quote

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
#: How a byte that is no UTF-8 looks when it was decoded with `surrogateescape` and quoted.
_ESCAPED_BYTE = re.compile(r"\\udc([89a-f][0-9a-f])")
_LONGEST_LINE = 100
_INDENT = "  "
_GROUPS = {"many-to-one": "left", "one-to-many": "right"}


def print_expr(expr: Expr) -> str:  # noqa: C901, PLR0911 - one case for each node
    """The canonical text on one line; parsing it gives an equal expression."""
    match expr:
        case NumberLiteral() | DurationCall() | DurationOperation():
            return print_duration_expr(expr)
        case StringLiteral():
            return _string(expr)
        case VectorSelector():
            extension = f" {expr.extension}" if expr.extension else ""
            at, offset = _modifiers(expr.modifiers)
            return f"{_selector(expr)}{at}{extension}{offset}"
        case MatrixSelector(vector):
            extension = f" {vector.extension}" if vector.extension else ""
            at, offset = _modifiers(vector.modifiers)
            return f"{_selector(vector)}[{_length(expr)}]{extension}{at}{offset}"
        case Call(name, args):
            return f"{name}({', '.join(map(print_expr, args))})"
        case Aggregate():
            param = "" if expr.param is None else f"{print_expr(expr.param)}, "
            return f"{_aggregator(expr)}({param}{print_expr(expr.expr)})"
        case Binary():
            return f"{print_expr(expr.left)} {_operator(expr)} {print_expr(expr.right)}"
        case Subquery():
            return print_expr(expr.expr) + _subquery_suffix(expr)
        case Unary():
            return f"{expr.op}{print_expr(expr.expr)}"
        case Parentheses(inner):
            return f"({print_expr(inner)})"


def pretty(expr: Expr) -> str:
    """The canonical text, broken into lines where it is longer than 100 characters."""
    return _pretty(expr, 0)


def print_duration_expr(duration: Duration) -> str:
    """A duration, or an arithmetic expression of durations."""
    if isinstance(duration, NumberLiteral):
        value = duration.value
        return _seconds(value) if duration.is_duration else print_number(value)
    if isinstance(duration, DurationCall):
        return f"{duration.name}({', '.join(map(print_duration_expr, duration.args))})"
    right = print_duration_expr(duration.right)
    if duration.op == "()":
        return f"({right})"
    if duration.left is None:
        return f"{duration.op}{right}"
    return f"{print_duration_expr(duration.left)} {duration.op} {right}"


def print_number(value: float) -> str:
    """A number without an exponent, with as many digits as it needs."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


def _string(expr: StringLiteral) -> str:
    """A string; U+FFFD, which the lexer takes for broken UTF-8, is escaped."""
    if not expr.wrong_bytes:
        return quote(expr.value).replace("\ufffd", "\\ufffd")
    shown = quote(expr.wrong_bytes.decode("utf-8", "surrogateescape"))
    return _ESCAPED_BYTE.sub(r"\\x\1", shown)


def _seconds(value: float) -> str:
    # Differs from Prometheus, which cuts off a millisecond of some of them (1001ms).
    return _signed_duration(round(value * 1000))


def _signed_duration(ms: int) -> str:
    return f"{'-' if ms < 0 else ''}{print_duration(abs(ms))}"


def _length(expr: MatrixSelector | Subquery) -> str:
    known = print_duration(expr.range_ms)
    return known if expr.range is None else print_duration_expr(expr.range)


def _modifiers(modifiers: Modifiers) -> tuple[str, str]:
    """What an `@` and an `offset` look like."""
    at = offset = ""
    if modifiers.at_ms is not None:
        at = f" @ {modifiers.at_ms / 1000:.3f}"
    elif modifiers.at_anchor:
        at = f" @ {modifiers.at_anchor}()"
    if modifiers.offset is not None:
        offset = f" offset {print_duration_expr(modifiers.offset)}"
    elif modifiers.offset_ms:
        offset = f" offset {_signed_duration(modifiers.offset_ms)}"
    return at, offset


def _subquery_suffix(expr: Subquery) -> str:
    step = print_duration(expr.step_ms) if expr.step_ms else ""
    if not step and expr.step is not None:
        step = print_duration_expr(expr.step)
    at, offset = _modifiers(expr.modifiers)
    return f"[{_length(expr)}:{step}]{at}{offset}"


def _selector(selector: VectorSelector) -> str:
    name = selector.name
    own = Matcher(METRIC_NAME, MatchOp.EQUAL, name)
    shown = sorted(_matcher(matcher) for matcher in selector.matchers if matcher != own or not name)
    return f"{name}{{{','.join(shown)}}}" if shown else name or "{}"


def _label(name: str) -> str:
    return name if _LABEL.fullmatch(name) else quote(name)


def _matcher(matcher: Matcher) -> str:
    return f"{_label(matcher.name)}{matcher.op.value}{quote(matcher.value)}"


def _labels(names: tuple[str, ...]) -> str:
    return f"({', '.join(map(_label, names))})"


def _aggregator(expr: Aggregate) -> str:
    if expr.without:
        return f"{expr.op} without {_labels(expr.grouping)} "
    return f"{expr.op} by {_labels(expr.grouping)} " if expr.grouping else expr.op


def _operator(expr: Binary) -> str:
    return f"{expr.op}{' bool' if expr.returns_bool else ''}{_matching(expr.matching)}"


def _matching(matching: Matching | None) -> str:
    if matching is None:
        return ""
    parts = []
    group = _GROUPS.get(matching.cardinality)
    if matching.labels or matching.on or group:
        parts.append(f" {'on' if matching.on else 'ignoring'} {_labels(matching.labels)}")
    if group:
        parts.append(f" group_{group} {_labels(matching.include)}")
    left, right = matching.fill_left, matching.fill_right
    if left is not None and right is not None and general(left) == general(right):
        parts.append(f" fill ({general(left)})")
    else:
        parts += [
            f" fill_{side} ({general(value)})"
            for side, value in (("left", left), ("right", right))
            if value is not None
        ]
    return "".join(parts)


def _pretty(expr: Expr, level: int) -> str:  # noqa: PLR0911 - one case for each node
    """The text indented by `level`, which is 0 where the line has already begun."""
    indent = _INDENT * level
    if isinstance(expr, Unary):
        return f"{indent}{expr.op}{_pretty(expr.expr, level).strip()}"
    text = print_expr(expr)
    if isinstance(expr, Subquery):
        # Prometheus does not indent those that fit.
        if len(text.encode()) <= _LONGEST_LINE:
            return text
        return _pretty(expr.expr, level) + _subquery_suffix(expr)
    if len(text.encode()) <= _LONGEST_LINE:
        return indent + text
    match expr:
        case Aggregate():
            parts = [expr.expr] if expr.param is None else [expr.param, expr.expr]
            return f"{indent}{_aggregator(expr)}(\n{_lines(parts, level)}\n{indent})"
        case Call(name, args) if args:
            return f"{indent}{name}(\n{_lines(list(args), level)}\n{indent})"
        case Parentheses(inner):
            return f"{indent}(\n{_lines([inner], level)}\n{indent})"
        case Binary():
            left, right = _pretty(expr.left, level + 1), _pretty(expr.right, level + 1)
            return f"{left}\n{indent}{_operator(expr)}\n{right}"
    return indent + text


def _lines(parts: list[Expr], level: int) -> str:
    return ",\n".join(_pretty(part, level + 1) for part in parts)
