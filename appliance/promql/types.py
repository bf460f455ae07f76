"""The type of an expression."""

from __future__ import annotations

from appliance.promql.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    NumberLiteral,
    Parentheses,
    StringLiteral,
    Subquery,
    Unary,
    VectorSelector,
)
from appliance.promql.signatures import FUNCTIONS, MATRIX, SCALAR, STRING, VECTOR

#: Types as the documentation and error messages name them.
DOCUMENTED = {
    SCALAR: "scalar",
    STRING: "string",
    VECTOR: "instant vector",
    MATRIX: "range vector",
}


def type_of(expr: Expr) -> str:
    """`scalar`, `string`, `instant vector` or `range vector`."""
    return DOCUMENTED[value_type(expr)]


def value_type(expr: Expr) -> str:  # noqa: PLR0911 - one case for each node
    """The type by its short name: `scalar`, `string`, `vector` or `matrix`."""
    match expr:
        case NumberLiteral():
            return SCALAR
        case VectorSelector() | Aggregate():
            return VECTOR
        case MatrixSelector() | Subquery():
            return MATRIX
        case Call(name):
            return FUNCTIONS[name].returns
        case Parentheses(inner) | Unary(expr=inner):
            return value_type(inner)
        case Binary(left=left, right=right):
            is_scalar = value_type(right) == SCALAR and value_type(left) == SCALAR
            return SCALAR if is_scalar else VECTOR
        case StringLiteral():
            return STRING
