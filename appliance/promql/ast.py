"""Nodes of a PromQL expression.

Nodes are equal when they mean the same: positions do not count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.model.matcher import Matcher

METRIC_NAME = "__name__"


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """A number."""

    value: float
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class StringLiteral:
    """A string."""

    value: str
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class VectorSelector:
    """Series at a time.

    Attributes:
        name: The metric name when it is written as such, before or within the braces.
        matchers: All conditions, that on the name included, in the order written, name last.
        offset_ms: How far back in time.
    """

    name: str
    matchers: tuple[Matcher, ...]
    offset_ms: int = 0
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class MatrixSelector:
    """Samples of series over a range that ends at a time.

    Attributes:
        vector: Which series; its offset moves the range.
        range_ms: Length; the left end is not included.
    """

    vector: VectorSelector
    range_ms: int
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """The selector."""
        return (self.vector,)


@dataclass(frozen=True, slots=True)
class Parentheses:
    """An expression in parentheses."""

    inner: Expr
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """What is inside."""
        return (self.inner,)


Expr = NumberLiteral | StringLiteral | VectorSelector | MatrixSelector | Parentheses


def type_of(expr: Expr) -> str:
    """The type of an expression's value, in Prometheus' words."""
    match expr:
        case NumberLiteral():
            return "scalar"
        case StringLiteral():
            return "string"
        case VectorSelector():
            return "instant vector"
        case MatrixSelector():
            return "range vector"
        case Parentheses(inner):
            return type_of(inner)
