"""Nodes of a PromQL expression (Prometheus 3, promql/parser/ast.go).

Nodes are equal when they mean the same: positions do not count. A position is the byte offset of
the node's first character.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.model.matcher import Matcher

METRIC_NAME = "__name__"


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """A number.

    Attributes:
        is_duration: Written as a duration; `value` is in seconds.
    """

    value: float
    is_duration: bool = False
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class StringLiteral:
    """A string.

    Attributes:
        value: With U+FFFD for bytes that are no UTF-8.
        wrong_bytes: All its bytes when they are no UTF-8; else empty.
    """

    value: str
    position: int = field(default=0, compare=False)
    wrong_bytes: bytes = field(default=b"", compare=False)

    def children(self) -> tuple[Expr, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class DurationCall:
    """`step()`, `range()`, `min_of(a, b)` or `max_of(a, b)` where a duration stands."""

    name: str
    args: tuple[Duration, ...] = ()
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class DurationOperation:
    """Arithmetic on durations; `left` is None for a sign; `op` may be `()` for parentheses."""

    op: str
    left: Duration | None
    right: Duration
    position: int = field(default=0, compare=False)


#: An expression whose value, in seconds, is known when the query's bounds are.
Duration = NumberLiteral | DurationCall | DurationOperation


@dataclass(frozen=True, slots=True)
class Modifiers:
    """Where in time a selector or subquery looks.

    Attributes:
        offset_ms: How far back.
        offset: The expression that gives `offset_ms`, until `durations.resolved` has put it there.
        at_ms: Time of an `@`; None without one.
        at_anchor: `start` or `end` for `@ start()` and `@ end()`, until resolved; else empty.
    """

    offset_ms: int = 0
    offset: Duration | None = None
    at_ms: int | None = None
    at_anchor: str = ""


NOT_MODIFIED = Modifiers()


@dataclass(frozen=True, slots=True)
class VectorSelector:
    """Series at a time.

    Attributes:
        name: The metric name when it is written before the braces; within them it is a matcher.
        matchers: All conditions, that on the name included, in the order written; that of `name`
            is the last.
        extension: `anchored`, `smoothed` or empty.
    """

    name: str
    matchers: tuple[Matcher, ...]
    modifiers: Modifiers = NOT_MODIFIED
    extension: str = ""
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class MatrixSelector:
    """Samples of series over a range that ends at a time.

    Attributes:
        vector: Which series; its modifiers and extension are those of the range.
        range_ms: Length; the left end is not included.
        range: The expression that gives `range_ms`, until resolved.
    """

    vector: VectorSelector
    range_ms: int
    range: Duration | None = None
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """The selector."""
        return (self.vector,)


@dataclass(frozen=True, slots=True)
class Subquery:
    """Values of an expression over a range, at times that are multiples of the step.

    Attributes:
        step_ms: 0 means the default resolution.
        range, step: The expressions that give `range_ms` and `step_ms`, until resolved.
    """

    expr: Expr
    range_ms: int
    step_ms: int = 0
    range: Duration | None = None
    step: Duration | None = None
    modifiers: Modifiers = NOT_MODIFIED
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """The expression."""
        return (self.expr,)


@dataclass(frozen=True, slots=True)
class Parentheses:
    """An expression in parentheses."""

    inner: Expr
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """What is inside."""
        return (self.inner,)


@dataclass(frozen=True, slots=True)
class Unary:
    """A sign, `+` or `-`, before a scalar or an instant vector."""

    op: str
    expr: Expr
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """The operand."""
        return (self.expr,)


@dataclass(frozen=True, slots=True)
class Matching:
    """How the elements of two vectors find one another.

    Attributes:
        cardinality: `one-to-one`, `many-to-one`, `one-to-many` or `many-to-many` (set operators).
        labels: Those of `on` or `ignoring`, as written.
        on: Whether `on` was written.
        include: Labels of group_left or group_right.
        fill_left, fill_right: Value where that side has no element; None without one.
    """

    cardinality: str = "one-to-one"
    labels: tuple[str, ...] = ()
    on: bool = False
    include: tuple[str, ...] = ()
    fill_left: float | None = None
    fill_right: float | None = None


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two expressions.

    Attributes:
        op: As written: `+ - * / % ^ == != < <= > >= and or unless atan2 </ >/`.
        returns_bool: `bool` was written.
        matching: Given when both sides are vectors, else None.
    """

    op: str
    left: Expr
    right: Expr
    returns_bool: bool = False
    matching: Matching | None = None
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """Both operands."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregation.

    Attributes:
        param: The first argument of topk, quantile, count_values and others; else None.
        grouping: Labels of `by` or `without`, as written.
    """

    op: str
    expr: Expr
    param: Expr | None = None
    grouping: tuple[str, ...] = ()
    without: bool = False
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """The expression, then the parameter."""
        return (self.expr,) if self.param is None else (self.expr, self.param)


@dataclass(frozen=True, slots=True)
class Call:
    """A function call."""

    name: str
    args: tuple[Expr, ...]
    position: int = field(default=0, compare=False)

    def children(self) -> tuple[Expr, ...]:
        """The arguments."""
        return self.args


Expr = (
    NumberLiteral
    | StringLiteral
    | VectorSelector
    | MatrixSelector
    | Subquery
    | Parentheses
    | Unary
    | Binary
    | Aggregate
    | Call
)
