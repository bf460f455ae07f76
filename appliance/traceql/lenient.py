"""The filter in a query that may be unfinished: what people have typed while values are suggested.

Grafana Tempo, pkg/traceql: lenient_parser.go, lenient_extract.go. A comparison without its right
side counts as true, braces that are open are closed; whatever still is no query, and whatever is
more than one filter and what follows it, filters nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.syntax.lexer import ERROR
from appliance.traceql.ast import (
    Attribute,
    Binary,
    IntrinsicField,
    Literal,
    Op,
    Pipeline,
    SpansetFilter,
    Unary,
    UnaryOp,
)
from appliance.traceql.lexer import (
    COLONS,
    DOTS,
    DURATION,
    END,
    END_ATTRIBUTE,
    FIELD_WORDS,
    FLOAT,
    IDENTIFIER,
    INTEGER,
    KINDS,
    STATUSES,
    TEXT,
    tokens,
)
from appliance.traceql.parser import parse_query
from appliance.traceql.types import ARITHMETIC, references_span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.syntax.lexer import Token
    from appliance.traceql.ast import FieldExpression, Query

#: Alternatives of a filter; Tempo refuses more.
MOST_GROUPS = 100
_COMPARISONS = frozenset(["=", "!=", "<", "<=", ">", ">=", "=~", "!~"])
_VALUES = STATUSES | KINDS | {TEXT, INTEGER, FLOAT, DURATION, IDENTIFIER, "true", "false", "nil"}
_FIELD_STARTS = DOTS | COLONS | FIELD_WORDS | {IDENTIFIER}

#: Conditions of which all hold.
Group = tuple["FieldExpression", ...]


def parse_filter(text: str) -> SpansetFilter | None:
    """What spans have to be like for their values to be suggested; None: like anything.

    Only comparisons of a field with a constant count, and whether there is a field; of other
    conditions that have to hold too nothing is asked.

    Raises:
        BadInput: It has more than MOST_GROUPS alternatives.
    """
    query = _parsed(text.strip())
    found = None if query is None or query.pipeline is None else _first_filter(query.pipeline)
    if found is None:
        return None
    groups = _groups(found.expression)
    if not all(groups):
        return None
    expression = _joined(Op.OR, [_joined(Op.AND, group) for group in groups])
    return SpansetFilter(expression, position=found.position)


def _parsed(text: str) -> Query | None:
    for attempt in (text, _completed(text)):
        try:
            return parse_query(attempt)
        except BadInput:
            continue
    return None


def _first_filter(pipeline: Pipeline) -> SpansetFilter | None:
    first = pipeline.elements[0]
    if isinstance(first, Pipeline):
        return _first_filter(first)
    return first if isinstance(first, SpansetFilter) else None


def _completed(text: str) -> str:
    """A query with `true` in place of comparisons without a right side, and closed braces."""
    found = [token for token in tokens(text) if token.kind not in {END, ERROR}]
    pipe = next((at for at, token in enumerate(found) if token.kind == "|"), len(found))
    pieces: list[str] = []
    at = 0
    while at < pipe:
        end = _field_end(found, at)
        following = [token.kind for token in found[end : end + 2]]
        is_comparison = end > at and following[:1] and following[0] in _COMPARISONS
        if not is_comparison:
            pieces.append(_text_of(text, found[at]))
            at += 1
        elif len(following) > 1 and end + 1 < pipe and following[1] in _VALUES:
            pieces += [text[found[at].position : found[end + 1].end]]
            at = end + 2
        else:
            pieces.append("true")
            at = end + 1
    kinds = [token.kind for token in found]
    rest = text[found[pipe].position : found[-1].end] if pipe < len(found) else ""
    return " ".join([*pieces, rest]) + " }" * (kinds.count("{") - kinds.count("}"))


def _text_of(text: str, token: Token) -> str:
    """A token's text; an attribute's name goes with its scope, and nothing with its end."""
    if token.kind in DOTS:
        return ""
    if token.kind == END_ATTRIBUTE:
        return text[token.position : token.end]
    is_name = token.kind == IDENTIFIER and token.end - token.position > len(token.text)
    return "" if is_name else token.text


def _field_end(found: Sequence[Token], at: int) -> int:
    """Where a field ends that starts with a token; the token itself when none does."""
    if found[at].kind not in _FIELD_STARTS:
        return at
    if found[at].kind in COLONS:
        return min(at + 2, len(found))
    if found[at].kind not in DOTS:
        return at + 1
    end = next(n for n in range(at, len(found) + 1) if _ends_attribute(found, n))
    return min(end + 1, len(found))


def _ends_attribute(found: Sequence[Token], at: int) -> bool:
    return at == len(found) or found[at].kind == END_ATTRIBUTE


def _groups(expression: FieldExpression) -> list[Group]:
    """Conditions in alternatives: `(a || b) && c` is `a && c` or `b && c`.

    Raises:
        BadInput: There are too many.
    """
    if not isinstance(expression, Binary) or expression.op not in {Op.AND, Op.OR}:
        return [_conditions(expression)]
    left, right = _groups(expression.left), _groups(expression.right)
    if expression.op is Op.OR:
        found = list(dict.fromkeys([*left, *right]))
    else:
        found = [(*one, *other) for one in left for other in right]
    if len(found) > MOST_GROUPS:
        message = (
            f"maximum condition groups reached (limit: {MOST_GROUPS}). "
            "Reduce the number of OR conditions in the query"
        )
        raise BadInput(message)
    return found


def _conditions(expression: FieldExpression) -> Group:
    """What of an expression can be asked of single fields."""
    if isinstance(expression, Unary):
        is_presence = expression.op in {UnaryOp.EXISTS, UnaryOp.NOT_EXISTS}
        return (expression,) if is_presence and _is_field(expression.operand) else ()
    if not isinstance(expression, Binary) or expression.op in ARITHMETIC:
        return ()
    left, right = expression.left, expression.right
    if _is_field(left) and isinstance(right, Literal):
        return (expression,)
    return (expression,) if isinstance(left, Literal) and _is_field(right) else ()


def _is_field(expression: FieldExpression) -> bool:
    return isinstance(expression, Attribute | IntrinsicField) and references_span(expression)


def _joined(op: Op, operands: Sequence[FieldExpression]) -> FieldExpression:
    """Operands with one operator between them, as a balanced tree."""
    if len(operands) == 1:
        return operands[0]
    middle = len(operands) // 2
    return Binary(op, _joined(op, operands[:middle]), _joined(op, operands[middle:]))
