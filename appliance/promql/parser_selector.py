"""Selectors and what may follow them.

    selector    = metric_identifier [ braces ] | braces
    braces      = "{" [ matcher { "," matcher } [ "," ] ] "}"
    matcher     = ( identifier | string ) ( "=" | "!=" | "=~" | "!~" ) string | string
    modified    = operand { "[" duration [ ":" [ duration ] ] "]" | "offset" offset
                  | "@" ( [ "+" | "-" ] number | ( "start" | "end" ) "(" ")" )
                  | "anchored" | "smoothed" }

Durations stand in parser_duration.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeGuard

from appliance.base.errors import BadInput
from appliance.model.matcher import Matcher, MatchOp
from appliance.promql.ast import (
    METRIC_NAME,
    Duration,
    Expr,
    MatrixSelector,
    Modifiers,
    NumberLiteral,
    Subquery,
    VectorSelector,
)
from appliance.promql.context import EXTENDED_SELECTORS
from appliance.promql.lexer import (
    AGGREGATORS,
    BOUNDS,
    END_WORD,
    IDENTIFIER,
    METRIC_IDENTIFIER,
    START_WORD,
    STRING,
)
from appliance.promql.parser_duration import EXPECTED_DURATION, DurationReader

#: Kinds of tokens that may be metric names.
NAMES = (
    {IDENTIFIER, METRIC_IDENTIFIER, "offset", "by", "without", "anchored", "smoothed"}
    | {"and", "or", "unless"}
    | AGGREGATORS
    | BOUNDS
)
_MATCH_OPS = {op.value: op for op in MatchOp}
_MATCHING = "label matching"
_MODIFIABLE = "an instant vector selector or range vector selector or a subquery"
_GREATEST_SECONDS = 2.0**63
#: From here on floats have no fractions.
_WHOLE = 2.0**52


class SelectorReader(DurationReader):
    """Reads selectors and their modifiers."""

    def selector(self) -> VectorSelector:
        """A metric name, braces, or both; the token was peeked at and fits."""
        start = self.peek()
        matchers: list[Matcher] = []
        name = ""
        if start.kind != "{":
            name = self.take().text
        if self.peek().kind == "{":
            self.take()
            matchers = self._braces()
        if name:
            matchers.append(Matcher(METRIC_NAME, MatchOp.EQUAL, name))
        return VectorSelector(name, tuple(matchers), position=start.position)

    def _braces(self) -> list[Matcher]:
        """Matchers up to and with the closing brace."""
        found: list[Matcher] = []
        while self.accept("}") is None:
            found.append(self._matcher())
            if self.accept(",") is None:
                self.expect("}", _MATCHING, '"," or "}"')
                break
        return found

    def _matcher(self) -> Matcher:
        label = self.peek()
        if label.kind not in {IDENTIFIER, STRING}:
            raise self.unexpected((_MATCHING, 'identifier or "}"'))
        self.take()
        op = _MATCH_OPS.get(self.peek().kind)
        if label.kind == STRING:
            name = self.string(label)
            if op is None:
                return Matcher(METRIC_NAME, MatchOp.EQUAL, name)
        else:
            name = label.text
            if op is None:
                raise self.unexpected((_MATCHING, "label matching operator"))
        self.take()
        found = Matcher(name, op, self.string(self.expect(STRING, _MATCHING, "string")))
        try:
            found.check()
        except BadInput as error:
            raise self.wrong(error.message, label.position) from error
        return found

    def modified(self, found: Expr) -> Expr:
        """What was read, with the brackets and modifiers behind it."""
        while True:
            kind = self.peek().kind
            if kind == "[":
                found = self._bracket(found)
            elif kind == "offset":
                found = self._offset(found)
            elif kind == "@":
                found = self._at_time(found)
            elif kind in {"anchored", "smoothed"}:
                found = self._extended(found, self.take().kind)
            else:
                return found

    def _bracket(self, found: Expr) -> Expr:
        bracket = self.take()
        length = self._bracket_duration("subquery or range selector", EXPECTED_DURATION)
        kind = self.peek().kind
        if kind == ":":
            return self._subquery(found, length)
        if kind != "]":
            raise self.unexpected(("subquery or range", '":" or "]"'))
        self.take()
        if not isinstance(found, VectorSelector):
            raise self.wrong("ranges only allowed for vector selectors", bracket.position)
        modifiers = found.modifiers
        if modifiers.offset_ms or modifiers.offset is not None:
            raise self.wrong("no offset modifiers allowed before range", bracket.position)
        if modifiers.at_ms is not None:
            raise self.wrong("no @ modifiers allowed before range", bracket.position)
        range_ms, expression = _split(length)
        return MatrixSelector(found, range_ms, expression, found.position)

    def _subquery(self, found: Expr, length: Duration) -> Subquery:
        self.take()
        step: Duration | None = None
        if self.peek().kind != "]":
            step = self._bracket_duration(
                "subquery selector", 'number, duration, step(), range(), or "]"'
            )
        self.expect("]", "subquery selector", '"]"')
        range_ms, range_expression = _split(length)
        step_ms, step_expression = _split(step)
        return Subquery(
            found, range_ms, step_ms, range_expression, step_expression, position=found.position
        )

    def _bracket_duration(self, context: str, expected: str) -> Duration:
        self.rules.append((context, expected))
        found = self.positive_duration()
        self.rules.pop()
        return found

    def _offset(self, found: Expr) -> Expr:
        self.take()
        self.rules.append(("offset", EXPECTED_DURATION))
        duration = self.offset_duration()
        self.rules.pop()
        if not _is_modifiable(found):
            message = f"offset modifier must be preceded by {_MODIFIABLE}"
            raise self.wrong(message, found.position)
        modifiers = _modifiers(found)
        if modifiers.offset_ms or modifiers.offset is not None:
            raise self.wrong("offset may not be set multiple times", found.position)
        offset_ms, expression = _split(duration)
        return _with(found, replace(modifiers, offset_ms=offset_ms, offset=expression))

    def _at_time(self, found: Expr) -> Expr:
        self.take()
        self.rules.append(("@", "timestamp"))
        token = self.peek()
        if token.kind in {START_WORD, END_WORD}:
            self.take()
            self.expect("(")
            self.expect(")")
            self.rules.pop()
            return self._with_time(found, None, "start" if token.kind == START_WORD else "end")
        if token.kind in {"+", "-"}:
            self.take()
        number = self.peek()
        if number.kind not in {"number", "duration"}:
            raise self.unexpected()
        self.take()
        self.rules.pop()
        value = self.number(number) * (-1 if token.kind == "-" else 1)
        if not abs(value) < _GREATEST_SECONDS:
            shown = f"{value:.6f}" if math.isfinite(value) else f"{value:+f}".title()
            shown = "NaN" if math.isnan(value) else shown
            message = f"timestamp out of bounds for @ modifier: {shown}"
            raise self.wrong(message, found.position)
        return self._with_time(found, _rounded(value * 1000), "")

    def _with_time(self, found: Expr, at_ms: int | None, anchor: str) -> Expr:
        if not _is_modifiable(found):
            message = f"@ modifier must be preceded by {_MODIFIABLE}"
            raise self.wrong(message, found.position)
        modifiers = _modifiers(found)
        if modifiers.at_ms is not None or modifiers.at_anchor:
            raise self.wrong("@ <timestamp> may not be set multiple times", found.position)
        return _with(found, replace(modifiers, at_ms=at_ms, at_anchor=anchor))

    def _extended(self, found: Expr, extension: str) -> Expr:
        if EXTENDED_SELECTORS not in self.features:
            message = f"{extension} modifier is experimental and not enabled"
            raise self.wrong(message, found.position)
        if isinstance(found, Subquery):
            message = f"{extension} modifier is not supported for subqueries"
            raise self.wrong(message, found.position)
        vector = found.vector if isinstance(found, MatrixSelector) else found
        if not isinstance(vector, VectorSelector):
            raise self.wrong(f"{extension} modifier not implemented", found.position)
        if vector.extension not in {"", extension}:
            message = "anchored and smoothed modifiers cannot be used together"
            raise self.wrong(message, found.position)
        vector = replace(vector, extension=extension)
        return replace(found, vector=vector) if isinstance(found, MatrixSelector) else vector


def _split(duration: Duration | None) -> tuple[int, Duration | None]:
    """Milliseconds when they are known, else the expression."""
    if isinstance(duration, NumberLiteral):
        return int(_rounded(duration.value * 1e9) / 1_000_000), None
    return 0, duration


def _rounded(value: float) -> int:
    """The nearest whole number, halves away from zero."""
    if abs(value) >= _WHOLE:
        return int(value)
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def _is_modifiable(expr: Expr) -> TypeGuard[VectorSelector | MatrixSelector | Subquery]:
    return isinstance(expr, VectorSelector | MatrixSelector | Subquery)


def _modifiers(expr: VectorSelector | MatrixSelector | Subquery) -> Modifiers:
    return expr.vector.modifiers if isinstance(expr, MatrixSelector) else expr.modifiers


def _with(expr: VectorSelector | MatrixSelector | Subquery, modifiers: Modifiers) -> Expr:
    if isinstance(expr, MatrixSelector):
        return replace(expr, vector=replace(expr.vector, modifiers=modifiers))
    return replace(expr, modifiers=modifiers)
