"""LogQL queries as text, in the form in which Loki prints them (pkg/logql/syntax, `String`)."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from appliance.logql.ast import (
    Binary,
    BothConditions,
    Cardinality,
    Decolorize,
    Drop,
    EitherCondition,
    FilterText,
    IpCondition,
    Json,
    Keep,
    LabelFilter,
    LabelFormat,
    LabelReplace,
    LineFilter,
    LineFormat,
    Literal,
    Logfmt,
    NumberCondition,
    Pattern,
    Pipeline,
    RangeAggregation,
    Regexp,
    TextCondition,
    Unit,
    Unpack,
    Variants,
    VectorAggregation,
    VectorLiteral,
)
from appliance.logql.literals import (
    print_duration,
    print_float,
    print_general,
    print_prometheus_duration,
    print_size,
)
from appliance.model.matcher import Matcher, MatchOp
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.logql.ast import Condition, Extraction, Grouping, LogRange, Query, Stage, Unwrap

#: What Loki turns into searches for plain text, so that it prints it quoted.
_PLAIN_EXPRESSION = re.compile(r"(?:\(\?i\))?(?:[^\\.+*?()\[\]{}^$]|\.[*+])*")


def print_query(query: Query) -> str:  # noqa: PLR0911 - a case for each node
    """The canonical text; parsing it gives an equal query."""
    match query:
        case Pipeline():
            return print_pipeline(query)
        case RangeAggregation():
            parameter = "" if query.parameter is None else f"{print_float(query.parameter)},"
            grouping = print_grouping(query.grouping) if query.grouping is not None else ""
            return f"{query.op}({parameter}{print_range(query.range)}){grouping}"
        case VectorAggregation():
            parameter = "" if query.parameter is None else f"{print_float(query.parameter)},"
            grouping = print_grouping(query.grouping) if query.grouping is not None else ""
            return f"{query.op}{grouping}({parameter}{print_query(query.expr)})"
        case Binary():
            return _binary(query)
        case Literal():
            return _literal(query.value)
        case VectorLiteral():
            return f"vector({_fixed(query.value)})"
        case LabelReplace():
            texts = (query.destination, query.replacement, query.source, query.regex)
            shown = ",".join(map(quote, texts))
            return f"label_replace({print_query(query.expr)},{shown})"
        case Variants():
            metrics = ", ".join(map(print_query, query.metrics))
            return f"variants({metrics}) of ({print_range(query.range)})"


def print_matchers(matchers: Sequence[Matcher]) -> str:
    """A selector."""
    return "{" + ", ".join(map(print_matcher, matchers)) + "}"


def print_matcher(matcher: Matcher) -> str:
    """`name="value"`."""
    return f"{matcher.name}{matcher.op.value}{quote(matcher.value)}"


def print_pipeline(query: Pipeline) -> str:
    """A log query."""
    return " ".join([print_matchers(query.matchers), *map(print_stage, query.stages)])


def print_stage(stage: Stage) -> str:  # noqa: PLR0911, C901 - a case for each stage
    """A stage with the mark before it."""
    match stage:
        case LineFilter():
            return f"{stage.op.value} {' or '.join(map(_filter_text, stage.texts))}"
        case Json():
            return f"| json{_extractions(stage.expressions)}"
        case Logfmt():
            flags = " --strict" * stage.is_strict + " --keep-empty" * stage.keeps_empty
            return f"| logfmt{flags}{_extractions(stage.expressions)}"
        case Regexp():
            return f"| regexp {quote(stage.expression)}"
        case Pattern():
            return f"| pattern {quote(stage.expression)}"
        case Unpack():
            return "| unpack"
        case LabelFilter():
            return f"| {print_condition(stage.condition)}"
        case LineFormat():
            return f"| line_format {quote(stage.template)}"
        case LabelFormat():
            items = (
                f"{item.label}={quote(item.value) if item.is_template else item.value}"
                for item in stage.items
            )
            return f"| label_format {','.join(items)}"
        case Decolorize():
            return "| decolorize"
        case Drop():
            return f"| drop {_named(stage.items)}"
        case Keep():
            return f"| keep {_named(stage.items)}"


def print_condition(condition: Condition) -> str:
    """A condition on labels; combined ones stand in parentheses."""
    match condition:
        case TextCondition(matcher):
            return _text_condition(matcher)
        case NumberCondition():
            return f"{condition.label}{condition.op.value}{_value(condition)}"
        case IpCondition():
            op = "!=" if condition.is_negated else "="
            return f"{condition.label}{op}ip({quote(condition.text)})"
        case BothConditions(left, right):
            return f"( {print_condition(left)} , {print_condition(right)} )"
        case EitherCondition(left, right):
            return f"( {print_condition(left)} or {print_condition(right)} )"


def print_range(log_range: LogRange) -> str:
    """A range of lines."""
    unwrap = "" if log_range.unwrap is None else f" {print_unwrap(log_range.unwrap)}"
    offset = f" offset {print_duration(log_range.offset_ns)}" if log_range.offset_ns else ""
    duration = print_prometheus_duration(log_range.range_ns)
    return f"{print_pipeline(log_range.pipeline)}{unwrap}[{duration}]{offset}"


def print_unwrap(unwrap: Unwrap) -> str:
    """`| unwrap …` with the conditions that follow."""
    return " ".join([print_conversion(unwrap), *map(print_stage, unwrap.filters)])


def print_conversion(unwrap: Unwrap) -> str:
    """`| unwrap …` without the conditions that follow."""
    label = f"{unwrap.conversion}({unwrap.label})" if unwrap.conversion else unwrap.label
    return f"| unwrap {label}"


def print_grouping(grouping: Grouping) -> str:
    """` by (…)` or ` without (…)`, with the blank before it."""
    return f" {'without' if grouping.is_without else 'by'} ({','.join(grouping.labels)})"


def print_operator(query: Binary, right: str, separator: str = ",") -> str:
    """The operator of an operation with what modifies it.

    Args:
        right: The text of what follows.
        separator: Between names of labels.
    """
    words = [query.op]
    if query.returns_bool:
        words.append("bool")
    if (matching := query.matching) is not None:
        words.append("on" if matching.is_on else "ignoring")
        words.append(f"({separator.join(matching.labels)})")
        # Loki has a blank where no side is named.
        words.append(matching.cardinality.value)
        is_grouped = matching.cardinality is not Cardinality.ONE_TO_ONE
        # Without labels of its own it would take a bracket that follows for them.
        if is_grouped and (matching.include or right.lstrip().startswith("(")):
            words.append(f"({separator.join(matching.include)})")
    return " ".join(words)


def _binary(query: Binary) -> str:
    """Chains of operations are not followed by recursion: they may be long."""
    tails = []
    left: Query = query
    while isinstance(left, Binary):
        right = print_query(left.right)
        tails.append(f" {print_operator(left, right)} {right})")
        left = left.left
    return "(" * len(tails) + print_query(left) + "".join(reversed(tails))


def _literal(value: float) -> str:
    """A number; what Loki cannot read back is printed as the operation that makes it."""
    if math.isnan(value):
        return "(0 / 0)"
    if math.isinf(value):
        return f"({'-' if value < 0 else ''}10 ^ 999)"
    return print_general(value)


def _fixed(value: float) -> str:
    shown = f"{value:f}"
    return shown if float(shown) == value else print_float(value)


def _filter_text(text: FilterText) -> str:
    return f"ip({quote(text.text)})" if text.is_ip else quote(text.text)


def _extractions(items: Sequence[Extraction]) -> str:
    shown = ",".join(f"{item.label}={quote(item.expression)}" for item in items)
    return f" {shown}" if shown else ""


def _named(items: Sequence[str | Matcher]) -> str:
    return ",".join(item if isinstance(item, str) else print_matcher(item) for item in items)


def _text_condition(matcher: Matcher) -> str:
    is_expression = matcher.op in {MatchOp.REGEX, MatchOp.NOT_REGEX}
    if not is_expression or "`" in matcher.value or _PLAIN_EXPRESSION.fullmatch(matcher.value):
        return print_matcher(matcher)
    # A carriage return would be lost between backquotes.
    shown = quote(matcher.value) if "\r" in matcher.value else f"`{matcher.value}`"
    return f"{matcher.name}{matcher.op.value}{shown}"


def _value(condition: NumberCondition) -> str:
    if condition.unit is Unit.DURATION:
        return print_duration(round(condition.value * 1e9))
    if condition.unit is Unit.BYTES:
        return print_size(int(condition.value))
    return print_float(condition.value)
