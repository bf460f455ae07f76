"""Rules as pages show them: what they are, how they do, and what to draw of their expressions.

Invariant: whatever is linked leads to a page of this server, or to `http` and `https` alone.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from appliance.promql.ast import Binary, NumberLiteral, Parentheses, Unary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.promql.ast import Expr
    from appliance.rules.group_state import GroupState
    from appliance.rules.rule_state import RuleState

_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
#: The end of a LogQL expression that compares with a number.
_COMPARED = re.compile(
    r"^(.*\S)\s*(>=|<=|==|!=|>|<)\s*(-?\d[\d.]*(?:[eE][+-]?\d+)?)\s*$", re.DOTALL
)
_SETS = re.compile(r"\b(and|or|unless|bool)\b")
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_EXPLORERS = {
    "promql": ("/metrics", "g0.expr"),
    "logql": ("/logs", "q"),
    "traceql": ("/traces", "q"),
}


@dataclass(frozen=True, slots=True)
class Watched:
    """What an expression compares with what.

    Attributes:
        expr: What has the value to draw: the compared side, else the whole expression.
        op, threshold: Empty and None where the expression compares with no number.
    """

    expr: str
    op: str = ""
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule.

    Attributes:
        place: File and line.
        labels, annotations: As written, templates included.
        pending, firing: How many of its alerts do.
        link: The explorer with its expression.
    """

    name: str
    is_alert: bool
    language: str
    expr: str
    state: str
    health: str
    error: str
    place: str
    hold_seconds: float
    keep_firing_seconds: float
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    last_ms: int
    seconds: float
    pending: int
    firing: int
    link: str
    watched: Watched


@dataclass(frozen=True, slots=True)
class RuleGroupRow:
    """A group of rules with those of its rules that are shown."""

    name: str
    file: str
    language: str
    interval_seconds: float
    last_ms: int
    seconds: float
    rules: Sequence[RuleRow]
    count: int = field(default=0)


def rule_row(language: str, group: GroupState, rule: RuleState) -> RuleRow:
    """A rule as it is shown."""
    given, active = rule.rule, rule.alerts.active if rule.alerts is not None else []
    firing = sum(one.state.value == "firing" for one in active)
    return RuleRow(
        name=given.name,
        is_alert=rule.alerts is not None,
        language=language,
        expr=given.expr.strip(),
        state=rule.alerts.state.value if rule.alerts is not None else "",
        health=rule.health,
        error=rule.last_error,
        place=place(group, rule),
        hold_seconds=int(given.for_) / 1000,
        keep_firing_seconds=int(given.keep_firing_for) / 1000,
        labels=dict(rule.labels),
        annotations={str(name): text for name, text in given.annotations.items()},
        last_ms=rule.last_ms,
        seconds=rule.seconds,
        pending=len(active) - firing,
        firing=firing,
        link=explorer(language, given.expr.strip()),
        watched=watched(language, rule),
    )


def place(group: GroupState, rule: RuleState) -> str:
    """File and line of a rule."""
    return f"{group.file}:{rule.line}" if rule.line else group.file


def explorer(language: str, expr: str, window: tuple[int, int] | None = None) -> str:
    """Path of the page that runs a query.

    Args:
        window: Start and end in milliseconds; the page's own without it.
    """
    path, name = _EXPLORERS.get(language, _EXPLORERS["promql"])
    times = {"from": str(window[0]), "to": str(window[1])} if window else {}
    return f"{path}?{urlencode({name: expr, **times}, quote_via=quote)}"


def watched(language: str, rule: RuleState) -> Watched:
    """What a rule watches."""
    text = rule.rule.expr.strip()
    if language == "promql" and rule.expr is not None:
        from appliance.promql.printer import print_expr  # noqa: PLC0415 - not at the start

        found = _split(rule.expr)
        if found is not None:
            side, op, threshold = found
            return Watched(print_expr(side), op, threshold)
    elif language == "logql" and (match := _COMPARED.match(text)) and not _SETS.search(text):
        return Watched(match[1], match[2], float(match[3]))
    return Watched(text)


def _split(expr: Expr) -> tuple[Expr, str, float] | None:
    """The side of a comparison that is no number, as if it stood on the left."""
    while isinstance(expr, Parentheses):
        expr = expr.inner
    if not isinstance(expr, Binary):
        return None
    if expr.op in {"and", "unless"}:
        return _split(expr.left)
    if expr.op not in _FLIPPED or expr.returns_bool:
        return None
    right, left = _number(expr.right), _number(expr.left)
    if right is not None:
        return expr.left, expr.op, right
    return None if left is None else (expr.right, _FLIPPED[expr.op], left)


def _number(expr: Expr) -> float | None:
    """The value of a constant; None for anything else."""
    match expr:
        case NumberLiteral():
            return expr.value
        case Parentheses():
            return _number(expr.inner)
        case Unary():
            inner = _number(expr.expr)
            return inner if inner is None or expr.op == "+" else -inner
        case Binary() if expr.op in _ARITHMETIC:
            left, right = _number(expr.left), _number(expr.right)
            if left is None or right is None or (expr.op == "/" and not right):
                return None
            return _ARITHMETIC[expr.op](left, right)
    return None
