"""Stages of a pipeline.

    stages     = { filter | "|" stage }
    filter     = ( "|=" | "!=" | "|~" | "!~" | "|>" | "!>" ) text { "or" text }
    text       = string | "ip" "(" string ")"
    stage      = "json" [ items ] | "logfmt" { flag } [ items ] | "regexp" string | "unpack"
               | "pattern" string | "line_format" string | "label_format" format { "," format }
               | "decolorize" | ( "drop" | "keep" ) named { "," named } | condition
    items      = item { "," item }             item   = identifier [ "=" string ]
    format     = identifier "=" ( identifier | string )
    named      = identifier [ matchop string ]
    condition  = term { [ "and" | "or" | "," ] term }
    term       = identifier op value | "(" condition ")"

`and` binds tighter than `or`; a comma, or nothing, binds to all that follows it, as in Loki.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.base.go_quantity import parse_bytes
from appliance.logql.ast import (
    BothConditions,
    CompareOp,
    Condition,
    Decolorize,
    Drop,
    EitherCondition,
    Extraction,
    FilterOp,
    FilterText,
    IpCondition,
    Json,
    Keep,
    LabelFilter,
    LabelFormat,
    LabelFormatItem,
    LineFilter,
    LineFormat,
    Logfmt,
    NumberCondition,
    Pattern,
    Regexp,
    Stage,
    TextCondition,
    Unit,
    Unpack,
)
from appliance.logql.check import check_parser
from appliance.logql.lexer import BYTES, DURATION, FLAG, IDENTIFIER, NUMBER, STRING
from appliance.logql.parsing.tokens import MATCH_OPS, MAX_OPERATIONS, TokenReader, wrong
from appliance.syntax.go_literals import read_duration, read_float

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.model.matcher import Matcher

FILTERS = {op.value: op for op in FilterOp}
_POSITIVE = frozenset([FilterOp.CONTAINS, FilterOp.MATCHES, FilterOp.PATTERN])
_COMPARISONS = {op.value: op for op in CompareOp} | {"=": CompareOp.EQUAL}
_TEXT_ONLY = frozenset(["=~", "!~"])
_OPENS_TERM = frozenset([IDENTIFIER, "("])


class StageReader(TokenReader):
    """Reads pipelines' stages."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._operations = 0

    def count_operation(self) -> None:
        """Count an operation that has others as operands.

        Raises:
            BadInput: Too many.
        """
        self._operations += 1
        if self._operations > MAX_OPERATIONS:
            raise wrong(f"more than {MAX_OPERATIONS} operations", self.position)

    def stages(self, stop: str = "") -> tuple[Stage, ...]:
        """Stages up to what is none, or up to a `|` before the token `stop`."""
        found: list[Stage] = []
        while True:
            if self.kind == "|":
                if self.kinds[self.at + 1] == stop:
                    break
                position = self.position
                self.take()
                found.append(self._stage(position))
            elif self.kind in FILTERS:
                found.extend(self._line_filters())
            else:
                break
        return tuple(found)

    def _line_filters(self) -> list[LineFilter]:
        """One filter; of negative ones there is one for each text."""
        position = self.position
        op = FILTERS[self.take()]
        texts = [self._filter_text("STRING or ip")]
        while self.accept("or"):
            texts.append(self._filter_text("STRING or ip"))
        if op in _POSITIVE:
            return [LineFilter(op, tuple(texts), position)]
        return [LineFilter(op, (text,), position) for text in texts]

    def _filter_text(self, expected: str) -> FilterText:
        if self.kind == STRING:
            return FilterText(self.string())
        self.expect("ip", expected)
        return FilterText(self._ip_range(), is_ip=True)

    def _ip_range(self) -> str:
        self.expect("(")
        text = self.string()
        self.expect(")")
        return text

    def _stage(self, position: int) -> Stage:
        kind = self.kind
        if kind in _OPENS_TERM:
            return LabelFilter(self.condition(), position)
        read = _STAGES.get(kind)
        if read is None:
            self.unexpected()
        self.take()
        return read(self, position)

    def json(self, position: int) -> Json:
        """What follows `json`."""
        return Json(self._extractions() if self.kind == IDENTIFIER else (), position)

    def logfmt(self, position: int) -> Logfmt:
        """What follows `logfmt`."""
        flags = set()
        while self.kind == FLAG:
            flags.add(self.take())
        items = self._extractions() if self.kind == IDENTIFIER else ()
        return Logfmt(items, "--strict" in flags, "--keep-empty" in flags, position)

    def _extractions(self) -> tuple[Extraction, ...]:
        found = []
        while True:
            name = self.expect(IDENTIFIER)
            found.append(Extraction(name, self.string() if self.accept("=") else name))
            if not self.accept(","):
                return tuple(found)

    def regexp(self, position: int) -> Regexp:
        """What follows `regexp`."""
        return check_parser(Regexp(self.string(), position))

    def pattern(self, position: int) -> Pattern:
        """What follows `pattern`."""
        return check_parser(Pattern(self.string(), position))

    def line_format(self, position: int) -> LineFormat:
        """What follows `line_format`."""
        return LineFormat(self.string(), position)

    def label_format(self, position: int) -> LabelFormat:
        """What follows `label_format`."""
        found = []
        while True:
            name = self.expect(IDENTIFIER)
            self.expect("=")
            if self.kind == STRING:
                found.append(LabelFormatItem(name, self.string(), is_template=True))
            else:
                other = self.expect(IDENTIFIER, "IDENTIFIER or STRING")
                found.append(LabelFormatItem(name, other, is_template=False))
            if not self.accept(","):
                return LabelFormat(tuple(found), position)

    def named(self) -> tuple[str | Matcher, ...]:
        """What follows `drop` and `keep`."""
        found: list[str | Matcher] = []
        while True:
            position = self.position
            name = self.expect(IDENTIFIER)
            found.append(self.matcher(name, position) if self.kind in MATCH_OPS else name)
            if not self.accept(","):
                return tuple(found)

    def condition(self, above: str = "") -> Condition:
        """Conditions on labels.

        Args:
            above: The operator that what is read is the right operand of; "and" or "or", else "".
        """
        taken: list[Condition] = []  # each of them and all that follows it
        left = self._term()
        while True:
            kind = self.kind
            if kind in {"and", "or"}:
                if not taken and above in {"and", kind}:
                    return left
                self.take()
                self.count_operation()
                node = BothConditions if kind == "and" else EitherCondition
                left = node(left, self.condition(kind))
            elif kind == "," or kind in _OPENS_TERM:
                self.accept(",")
                self.count_operation()
                taken.append(left)
                left = self._term()
            else:
                break
        for one in reversed(taken):
            left = BothConditions(one, left)
        return left

    def _term(self) -> Condition:
        if self.kind == "(":
            self.enter()
            self.take()
            found = self.condition()
            self.leave()
            # Loki would take up any other condition first: nothing to tell.
            self.expect(")", "")
            return found
        position = self.position
        name = self.expect(IDENTIFIER, "IDENTIFIER or (")
        op = self.kind
        if op not in _COMPARISONS and op not in _TEXT_ONLY:
            self.unexpected()
        following = self.kinds[self.at + 1]
        if op in MATCH_OPS and (following == STRING or op in _TEXT_ONLY):
            return TextCondition(self.matcher(name, position))
        self.take()
        if following == "ip" and op in MATCH_OPS:
            self.take()
            return IpCondition(name, op == "!=", self._ip_range())
        return self._number_condition(name, _COMPARISONS[op])

    def _number_condition(self, name: str, op: CompareOp) -> NumberCondition:
        kind, text = self.kind, self.texts[self.at]
        if kind == DURATION:
            self.take()
            return NumberCondition(name, op, Unit.DURATION, read_duration(text) / 1e9, text)
        if kind == BYTES:
            self.take()
            return NumberCondition(name, op, Unit.BYTES, float(parse_bytes(text)), text)
        if kind not in {NUMBER, "+", "-"}:
            self.unexpected()
        value = self.number()
        return NumberCondition(name, op, Unit.NUMBER, value, text)

    def number(self) -> float:
        """A number with its sign.

        Raises:
            BadInput: No number can hold it.
        """
        sign = self.take() if self.kind in {"+", "-"} else ""
        position = self.position
        text = self.expect(NUMBER)
        try:
            value = read_float(text)
        except BadInput as error:
            message = f"unable to parse literal as a float: {error}"
            raise wrong(message, position) from error
        return -value if sign == "-" else value


_STAGES: dict[str, Callable[[StageReader, int], Stage]] = {
    "json": StageReader.json,
    "logfmt": StageReader.logfmt,
    "regexp": StageReader.regexp,
    "pattern": StageReader.pattern,
    "line_format": StageReader.line_format,
    "label_format": StageReader.label_format,
    "unpack": lambda _, position: Unpack(position),
    "decolorize": lambda _, position: Decolorize(position),
    "drop": lambda reader, position: Drop(reader.named(), position),
    "keep": lambda reader, position: Keep(reader.named(), position),
}
