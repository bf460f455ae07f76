"""Metrics functions, what is done with their series, and hints.

first  := ("rate" | "count_over_time") "(" ")" [by]
        | ("min_" | "max_" | "sum_" | "avg_" | "histogram_") "over_time" "(" field ")" [by]
        | "quantile_over_time" "(" field {"," NUMBER} ")" [by]
        | "compare" "(" filter ["," INTEGER ["," INTEGER "," INTEGER]] ")"
by     := "by" "(" field {"," field} ")"
second := "|" ("topk" | "bottomk") "(" INTEGER ")" | COMPARISON ["-"] NUMBER
hints  := "with" "(" NAME "=" static {"," NAME "=" static} ")"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.traceql.ast import (
    Compare,
    Hint,
    Literal,
    MetricsAggregate,
    MetricsOp,
    Op,
    SecondStage,
    SeriesFilter,
    SpansetFilter,
    TopK,
)
from appliance.traceql.lexer import DURATION, FLOAT, IDENTIFIER, INTEGER
from appliance.traceql.parsing.fields import FieldReader
from appliance.traceql.parsing.folding import negated
from appliance.traceql.static import TRUE, Static

if TYPE_CHECKING:
    from appliance.traceql.ast import Field

COMPARISONS = {
    op.value: op
    for op in (
        Op.EQUAL, Op.NOT_EQUAL, Op.LESS, Op.LESS_EQUAL, Op.GREATER, Op.GREATER_EQUAL,
    )
}  # fmt: skip
RANKINGS = ("topk", "bottomk")
_OPS = {op.value: op for op in MetricsOp}
_WITHOUT_FIELD = frozenset([MetricsOp.RATE, MetricsOp.COUNT])
_NUMBERS = (INTEGER, FLOAT, DURATION)


class MetricsReader(FieldReader):
    """Reads what makes series of spans."""

    def spanset_filter(self) -> SpansetFilter:
        """`{ expression }`."""
        token = self.need("{")
        if self.accept("}"):
            return SpansetFilter(Literal(TRUE, position=token.position), position=token.position)
        expression = self.expression()
        self.expect("}")
        return SpansetFilter(expression, position=token.position)

    def first_stage(self) -> MetricsAggregate | Compare:
        """A metrics function; its name is the next token."""
        token = self.next()
        self.need("(")
        if token.kind == "compare":
            return self._compare(token.position)
        op = _OPS[token.kind]
        of: Field | None = None
        quantiles: tuple[float, ...] = ()
        if op not in _WITHOUT_FIELD:
            of = self.field()
        if op is MetricsOp.QUANTILE:
            quantiles = self._quantiles()
        self.close(") or ," if quantiles else ")")
        by = self._by()
        return MetricsAggregate(op, of, by, quantiles, position=token.position)

    def second_stage(self, *, is_ranking: bool) -> SecondStage:
        """What is done with series; for a ranking the pipe has been read."""
        if is_ranking:
            token = self.expect(*RANKINGS, expected=" or ".join(RANKINGS))
            self.need("(")
            count = int(self.need(INTEGER).text)
            self.need(")")
            return TopK(count, is_bottom=token.kind == "bottomk", position=token.position)
        token = self.next()
        value = self.signed_number("INTEGER or FLOAT or DURATION or -")
        return SeriesFilter(COMPARISONS[token.kind], value, position=token.position)

    def signed_number(self, expected: str = "") -> Static:
        """A number with or without a minus."""
        is_negative = self.accept("-") is not None
        expected = "INTEGER or FLOAT or DURATION" if is_negative else expected
        value = self.number(self.expect(*_NUMBERS, expected=expected))
        return negated(value) if is_negative else value

    def fields(self) -> tuple[Field, ...]:
        """Fields in brackets."""
        self.need("(")
        found = [self.field()]
        while self.accept(","):
            found.append(self.field())
        self.close(") or ,")
        return tuple(found)

    def hints(self) -> tuple[Hint, ...]:
        """Hints; of several lists the last one counts."""
        found: list[Hint] = []
        while self.accept("with"):
            self.need("(")
            found = [self._hint()]
            while self.accept(","):
                found.append(self._hint())
            self.close(") or ,")
        return tuple(found)

    def _hint(self) -> Hint:
        name = self.need(IDENTIFIER).text
        self.need("=")
        return Hint(name, self.static())

    def _by(self) -> tuple[Field, ...]:
        return self.fields() if self.accept("by") else ()

    def _quantiles(self) -> tuple[float, ...]:
        found: list[float] = []
        self.need(",")
        while True:
            token = self.expect(FLOAT, INTEGER, expected="INTEGER or FLOAT")
            value = self.number(token).value
            found.append(float(value) if isinstance(value, int | float) else 0.0)
            if not self.accept(","):
                return tuple(found)

    def _compare(self, position: int) -> Compare:
        selection = self.spanset_filter()
        numbers: list[int] = []
        for count in (1, 2, 3):
            if not self.accept(","):
                break
            numbers.append(int(self.need(INTEGER).text))
            if count == 2 and self.peek().kind != ",":
                self.need(",")
        self.close(") or ," if len(numbers) < 2 else ")")
        top, start, end = (numbers + [10, 0, 0][len(numbers) :])[:3]
        return Compare(selection, top, start, end, position=position)
