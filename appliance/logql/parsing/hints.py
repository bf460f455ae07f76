"""What may be meant by a query that is not LogQL: a second line below Loki's message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.logql.lexer import (
    IDENTIFIER,
    NUMBER,
    RANGE,
    RANGE_FUNCTIONS,
    STRING,
    VECTOR_FUNCTIONS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPERATORS = frozenset(["+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">="])
_OPERAND_ENDS = frozenset([")", NUMBER])
_BEFORE_TEXT = frozenset(["=", "!=", "=~", "!~", "|=", "|~", "|>", "!>"])
_BEFORE_NUMBER = frozenset(["==", ">", ">=", "<", "<="])
_FILTER_MARKS = frozenset(["=", "~", ">"])
#: Functions that PromQL has and LogQL has not → what LogQL has instead, if anything.
_PROMQL_FUNCTIONS = dict.fromkeys(
    [
        "abs", "absent", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "changes",
        "clamp", "clamp_max", "clamp_min", "cos", "cosh", "day_of_month", "day_of_week",
        "day_of_year", "days_in_month", "deg", "delta", "deriv", "double_exponential_smoothing",
        "exp", "floor", "group", "histogram_avg", "histogram_count", "histogram_fraction",
        "histogram_quantile", "histogram_stddev", "histogram_stdvar", "histogram_sum", "hour",
        "idelta", "increase", "info", "irate", "holt_winters", "label_join", "limitk",
        "limit_ratio", "ln", "log10", "log2", "mad_over_time", "minute", "month", "pi",
        "predict_linear", "present_over_time", "quantile", "rad", "resets", "round", "scalar",
        "sgn", "sin", "sinh", "sort_by_label", "sort_by_label_desc", "sqrt", "tan", "tanh", "time",
        "timestamp", "year", "count_values",
    ],
    "",
) | {
    "absent": "absent_over_time", "histogram_quantile": "quantile_over_time with unwrap",
    "increase": "count_over_time, or sum_over_time with unwrap", "irate": "rate",
    "quantile": "quantile_over_time with unwrap",
}  # fmt: skip
_WHERE = 'open it in metrics, or select streams as in {app="…"}'


def hint(kinds: Sequence[str], texts: Sequence[str], *, at: int) -> str:
    """What may be meant; the empty string where there is no idea.

    Args:
        at: Index of the token that did not fit.
    """
    before = kinds[at - 1] if at else ""
    # To the lexer `~` is a name, so that it is met one token later.
    first = at - 1 if at > 1 and texts[at - 1] == "~" else at
    mark = texts[first]
    if first and texts[first - 1] == "|" and mark in _FILTER_MARKS and kinds[first + 1] == STRING:
        return f"did you mean `|{mark}`?"
    if mark == "!" and texts[at + 1] in _FILTER_MARKS:
        return f"did you mean `!{texts[at + 1]}`?"
    if kinds[at] == RANGE and before == ")":
        return "this looks like PromQL: LogQL has no subqueries"
    if kinds[at] == IDENTIFIER and _is_operand(kinds, at):
        return _metric_hint(kinds, texts, at)
    return _quotes_hint(kinds, texts, at)


def _quotes_hint(kinds: Sequence[str], texts: Sequence[str], at: int) -> str:
    """Text wants quotes, numbers want none."""
    before = kinds[at - 1] if at else ""
    if kinds[at] == IDENTIFIER and before in _BEFORE_TEXT:
        return f'write the text in quotes: {texts[at - 1]}"{texts[at]}"'
    if kinds[at] == STRING and before in _BEFORE_NUMBER:
        return f"write a number, a duration or a size without quotes: {before} {texts[at][1:-1]}"
    return ""


def _is_operand(kinds: Sequence[str], at: int) -> bool:
    """Whether a metric would stand here."""
    if at == 0:
        return True
    before, earlier = kinds[at - 1], kinds[at - 2] if at > 1 else ""
    if before in _OPERATORS:
        return earlier in _OPERAND_ENDS
    return before in {"(", ","} and earlier != "VECTOR"


def _metric_hint(kinds: Sequence[str], texts: Sequence[str], at: int) -> str:
    name, following = texts[at], kinds[at + 1]
    if not (name[0].isalpha() or name[0] in "_:"):
        return ""
    if following in {"=", "=~", "!~"} and kinds[at + 2] == "STRING":
        return f"did you mean {{{name}{texts[at + 1]}{texts[at + 2]}}}?"
    if following == "(" and name.lower() not in _PROMQL_FUNCTIONS:
        return _unknown_function(name)
    if following == "(":
        instead = _PROMQL_FUNCTIONS[name.lower()]
        about = f"LogQL has {instead} instead" if instead else _WHERE
        return f"this looks like PromQL: {name} is not a function of LogQL; {about}"
    return f"this looks like PromQL: {name} would be a metric; {_WHERE}"


def _unknown_function(name: str) -> str:
    import difflib  # noqa: PLC0415 - only for a message

    near = difflib.get_close_matches(name.lower(), RANGE_FUNCTIONS | VECTOR_FUNCTIONS, 1)
    return f"did you mean {near[0]}?" if near else ""
