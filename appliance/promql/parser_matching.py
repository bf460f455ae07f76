"""Which elements of two vectors find one another, and by which labels an aggregation groups.

    matching    = [ ( "on" | "ignoring" ) labels [ ( "group_left" | "group_right" ) [ labels ] ] ]
                  { "fill" value | "fill_left" value | "fill_right" value }
    value       = "(" [ "+" | "-" ] number ")"
    labels      = "(" [ label { "," label } [ "," ] ] ")"

Labels may be keywords.
"""

from __future__ import annotations

from appliance.promql.ast import Matching
from appliance.promql.lexer import (
    AGGREGATORS,
    BOUNDS,
    DURATION,
    FILLS,
    IDENTIFIER,
    KEYWORDS,
    METRIC_IDENTIFIER,
    NUMBER,
    STRING,
    WORD_OPERATORS,
)
from appliance.promql.parser_selector import NAMES, SelectorReader
from appliance.syntax.quoting import quote

_LABELS = ({IDENTIFIER, METRIC_IDENTIFIER} | AGGREGATORS | WORD_OPERATORS | BOUNDS | KEYWORDS) - {
    "without"
}
#: What an expression may start with.
EXPRESSIONS = NAMES | {"+", "-", NUMBER, DURATION, STRING, "{", "("}
#: What may follow group_left and group_right when they name no labels.
_AFTER_GROUP = (EXPRESSIONS | FILLS) - {"("}
_GROUPING = "grouping opts"
_CARDINALITIES = {"group_left": "many-to-one", "group_right": "one-to-many"}
_PLAIN = Matching()


class MatchingReader(SelectorReader):
    """Reads matching and grouping."""

    def matching(self) -> Matching:
        """What stands between a binary operator, or its `bool`, and the right operand."""
        kind = self.peek().kind
        if kind not in {"on", "ignoring"} and kind not in FILLS:
            return _PLAIN
        labels: tuple[str, ...] = ()
        include: tuple[str, ...] = ()
        cardinality = "one-to-one"
        if kind not in FILLS:
            self.take()
            labels = self.labels()
            group = self.peek().kind
            if group in _CARDINALITIES:
                self.take()
                cardinality = _CARDINALITIES[group]
                if self.peek().kind not in _AFTER_GROUP:
                    include = self.labels()
        left, right = self._fills()
        return Matching(cardinality, labels, kind == "on", include, left, right)

    def _fills(self) -> tuple[float | None, float | None]:
        """Values of `fill`, `fill_left`, `fill_right`: for the left and the right side."""
        kind = self.peek().kind
        if kind == "fill":
            value = self._fill_value()
            return value, value
        values: dict[str, float | None] = {"fill_left": None, "fill_right": None}
        for _ in values:
            kind = self.peek().kind
            if kind in values and values[kind] is None:
                values[kind] = self._fill_value()
        return values["fill_left"], values["fill_right"]

    def _fill_value(self) -> float:
        self.take()
        self.expect("(")
        sign = self.peek().kind
        if sign in {"+", "-"}:
            self.take()
        if self.peek().kind not in {NUMBER, DURATION}:
            raise self.unexpected()
        value = self.number(self.take())
        self.expect(")")
        return -value if sign == "-" else value

    def labels(self) -> tuple[str, ...]:
        """Names of labels in parentheses."""
        self.expect("(", _GROUPING, '"("')
        found: list[str] = []
        while found == [] or self.peek().kind != ")":
            token = self.peek()
            if token.kind == ")":
                break
            if token.kind not in _LABELS and token.kind != STRING:
                raise self.unexpected((_GROUPING, "label"))
            self.take()
            label = self.string(token) if token.kind == STRING else token.text
            if not label:
                message = f"invalid label name for grouping: {quote(label)}"
                raise self.wrong(message, token.position)
            found.append(label)
            if self.accept(",") is None and self.peek().kind != ")":
                raise self.unexpected((_GROUPING, '"," or ")"'))
        self.take()
        return tuple(found)
