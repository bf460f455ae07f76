"""Operands and the operators between and before them, put together by precedence.

Works with stacks of its own: what is long, and what groups to the right, takes no deeper calls.

Invariants:
- Operators of the lowest level are associative (`&&` and `||`). A run of more than LONG_RUN
  operands with the same one becomes a balanced tree, so that long queries are not deep ones; what
  they mean does not depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.syntax.lexer import Token

T = TypeVar("T")
#: Operands of one run that are put together from the left, as Tempo does it.
LONG_RUN = 32
#: The level of `&&` and `||`.
ASSOCIATIVE = 1


@dataclass(slots=True)
class _Operator:
    token: Token
    level: int
    is_prefix: bool


@dataclass(slots=True)
class _Run(Generic[T]):
    """Operands between which the same associative operator stands."""

    token: Token
    operands: list[T]


class Chain(Generic[T]):
    """A chain that is being read.

    Args:
        join: Makes a node of an operator and its two operands.
        prefix: Makes a node of an operator and the operand behind it.
    """

    def __init__(
        self, join: Callable[[Token, T, T], T], prefix: Callable[[Token, T], T] | None = None
    ) -> None:
        self._join = join
        self._prefix = prefix
        self._operands: list[T | _Run[T]] = []
        self._operators: list[_Operator] = []

    def add_operand(self, node: T) -> None:
        """What stands behind an operator, or first."""
        self._operands.append(node)

    def add_prefix(self, token: Token, level: int) -> None:
        """An operator before an operand; it takes in all that binds tighter."""
        self._operators.append(_Operator(token, level, is_prefix=True))

    def settle(self, level: int, *, is_right_associative: bool = False) -> None:
        """Put together all that binds tighter than an operator that comes next."""
        least = level + 1 if is_right_associative else level
        while self._operators and self._operators[-1].level >= least:
            self._reduce()

    def top(self) -> T:
        """The left operand of an operator for which the chain was settled; not for ASSOCIATIVE."""
        top = self._operands[-1]
        return self._closed(top) if isinstance(top, _Run) else top

    def add_operator(self, token: Token, level: int) -> None:
        """An operator between operands, for which the chain was settled."""
        self._operators.append(_Operator(token, level, is_prefix=False))

    def finish(self) -> T:
        """All of it as one node."""
        while self._operators:
            self._reduce()
        return self._pop()

    def _reduce(self) -> None:
        operator = self._operators.pop()
        right = self._pop()
        if operator.is_prefix:
            if self._prefix is None:
                raise TypeError("a chain without prefixes")
            self._operands.append(self._prefix(operator.token, right))
        elif operator.level == ASSOCIATIVE:
            self._lengthen(operator.token, right)
        else:
            self._operands.append(self._join(operator.token, self._pop(), right))

    def _lengthen(self, token: Token, right: T) -> None:
        left = self._operands[-1]
        if isinstance(left, _Run) and left.token.kind == token.kind:
            left.operands.append(right)
        else:
            self._operands.append(_Run(token, [self._pop(), right]))

    def _pop(self) -> T:
        node = self._operands.pop()
        return self._closed(node) if isinstance(node, _Run) else node

    def _closed(self, run: _Run[T]) -> T:
        operands = run.operands
        if len(operands) > LONG_RUN:
            while len(operands) > 1:
                pairs = zip(operands[::2], operands[1::2], strict=False)
                rest = operands[len(operands) // 2 * 2 :]
                operands = [self._join(run.token, left, right) for left, right in pairs] + rest
            return operands[0]
        node = operands[0]
        for operand in operands[1:]:
            node = self._join(run.token, node, operand)
        return node
