"""Conditions of label filters on text (Loki 3, pkg/logql/log/filter.go, `NewLabelFilter`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.re2 import Pattern
from appliance.logql.stages.regex_shape import comparisons
from appliance.model.matcher import MatchOp

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.model.matcher import Matcher


def text_test(matcher: Matcher) -> Callable[[str], bool]:
    """Whether a value, empty when there is none, satisfies a matcher in a pipeline.

    Unlike in a stream selector `.` does not match newlines, and some expressions are searched for
    anywhere in the value; see `regex_shape`.

    Raises:
        BadInput: A broken expression.
    """
    if matcher.op in {MatchOp.EQUAL, MatchOp.NOT_EQUAL}:
        return matcher.matches
    accepts = _accepted(matcher.value)
    if matcher.op is MatchOp.REGEX:
        return accepts
    return lambda value: not accepts(value)


def _accepted(expression: str) -> Callable[[str], bool]:
    # Go's library does not simplify what it does not parse.
    pattern = Pattern(expression, anchored=True)
    if expression == ".+":
        return bool
    options = comparisons(expression)
    if options is None:
        return pattern.matches
    if not options:
        return lambda _: True
    return lambda value: any(option.accepts(value) for option in options)
