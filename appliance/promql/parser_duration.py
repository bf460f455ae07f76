"""Durations: `[5m + step()]`, `offset -(2 * 1h)` (Prometheus 3.14, duration expressions).

    duration    = term { ( "+" | "-" | "*" | "/" | "%" | "^" ) term }       by precedence
    term        = [ "+" | "-" ] ( number | call | "(" duration ")" )
    call        = ( "step" | "range" ) "(" ")"
                | ( "min_of" | "max_of" ) "(" duration "," duration ")"
    offset      = [ "+" | "-" ] ( number | call ) | [ "+" | "-" ] "(" duration ")" | duration

An offset ends behind a number or a call, so that `foo offset 5m + 1` adds to foo.
"""

from __future__ import annotations

import math
from dataclasses import replace

from appliance.promql.ast import Duration, DurationCall, DurationOperation, NumberLiteral
from appliance.promql.context import DURATION_EXPRESSIONS
from appliance.promql.lexer import DURATION, NUMBER
from appliance.promql.reader import Reader

EXPECTED_DURATION = "number, duration, step(), or range()"
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 3}
_LOWEST, _POWER = 1, 3
_MAX_SECONDS = 2**63 / 1e9
_NUMBERS = frozenset([NUMBER, DURATION])
_CALLS = frozenset(["step", "range", "min_of", "max_of"])


class DurationReader(Reader):
    """Reads durations; the caller has put the rule that stands around them on `rules`."""

    def number_literal(self) -> NumberLiteral:
        """A NUMBER or DURATION."""
        token = self.take()
        return NumberLiteral(self.number(token), token.kind == DURATION, token.position)

    def positive_duration(self) -> Duration:
        """A duration for a range or step."""
        found = self._duration(_LOWEST)
        if isinstance(found, NumberLiteral) and not found.value > 0:
            raise self.wrong("duration must be greater than 0", found.position)
        return found

    def offset_duration(self) -> Duration:
        """A duration behind `offset`."""
        token = self.peek()
        if token.kind in _NUMBERS or token.kind in _CALLS:
            return self._duration_operand()
        after = self.kind_after() if token.kind in {"+", "-"} else ""
        if after in _NUMBERS or after in _CALLS:
            self.take()
            return self._signed(token.kind, self._duration_operand(), token.position)
        if after == "(":
            self.take()
            return self._signed(token.kind, self._duration_parentheses(gated=False), token.position)
        return self._duration(_LOWEST)

    def _duration(self, minimum: int) -> Duration:
        left = self._duration_term()
        while (precedence := _PRECEDENCE.get(self.peek().kind, 0)) >= minimum:
            operator = self.take()
            right = self._duration(precedence + (operator.kind != "^"))
            self.peek()
            self._gate(left)
            if operator.kind in {"/", "%"} and isinstance(right, NumberLiteral) and not right.value:
                what = "division" if operator.kind == "/" else "modulo"
                raise self.wrong(f"{what} by zero", operator.position)
            left = DurationOperation(operator.kind, left, right, left.position)
        return left

    def _duration_term(self) -> Duration:
        sign = self.peek()
        if sign.kind not in {"+", "-"}:
            return self._duration_operand()
        self.enter(self.take())
        operand = self._duration(_POWER)
        self.leave()
        return self._signed(sign.kind, operand, sign.position)

    def _duration_operand(self) -> Duration:
        token = self.peek()
        if token.kind in _NUMBERS:
            return self._checked(self.number_literal(), token.position)
        if token.kind == "(":
            return self._duration_parentheses(gated=True)
        if token.kind not in _CALLS:
            raise self.unexpected()
        return self._duration_call()

    def _duration_call(self) -> DurationCall:
        name = self.take()
        self.enter(self.expect("("))
        args: tuple[Duration, ...] = ()
        if name.kind in {"min_of", "max_of"}:
            first = self._duration(_LOWEST)
            self.expect(",")
            args = (first, self._duration(_LOWEST))
        self.expect(")")
        self.leave()
        found = DurationCall(name.kind, args, name.position)
        self._gate(found)
        return found

    def _duration_parentheses(self, *, gated: bool) -> Duration:
        opening = self.expect("(")
        self.enter(opening)
        inner = self._duration(_LOWEST)
        self.expect(")")
        self.leave()
        if gated:
            self._gate(inner)
        return DurationOperation("()", None, inner, opening.position)

    def _signed(self, sign: str, operand: Duration, position: int) -> Duration:
        if isinstance(operand, NumberLiteral):
            value = -operand.value if sign == "-" else operand.value
            return self._checked(replace(operand, value=value, position=position), position)
        return operand if sign == "+" else DurationOperation("-", None, operand, position)

    def _checked(self, number: NumberLiteral, position: int) -> NumberLiteral:
        if math.isnan(number.value) or abs(number.value) > _MAX_SECONDS:
            raise self.wrong("duration out of range", position)
        return number

    def _gate(self, duration: Duration) -> None:
        if DURATION_EXPRESSIONS not in self.features:
            raise self.wrong("experimental duration expression is not enabled", duration.position)
