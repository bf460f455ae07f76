"""Which selectors an expression has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.promql.ast import VectorSelector

if TYPE_CHECKING:
    from appliance.promql.ast import Expr


def selectors_of(expr: Expr) -> list[VectorSelector]:
    """All vector selectors, from left to right."""
    if isinstance(expr, VectorSelector):
        return [expr]
    return [found for child in expr.children() for found in selectors_of(child)]
