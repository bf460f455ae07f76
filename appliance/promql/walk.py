"""All parts of an expression, and the metrics it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.promql.ast import METRIC_NAME, VectorSelector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.promql.ast import Expr


def walk(expr: Expr) -> Iterator[Expr]:
    """An expression and everything below it, from the outside in."""
    yield expr
    for child in expr.children():
        yield from walk(child)


def metric_names(expr: Expr) -> Iterator[str]:
    """Names of the metrics an expression reads, as far as it names them."""
    for node in walk(expr):
        if isinstance(node, VectorSelector):
            names = [m.value for m in node.matchers if m.name == METRIC_NAME and m.op.value == "="]
            yield from [node.name] if node.name else names
