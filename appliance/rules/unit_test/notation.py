"""Series of unit tests: `up{job="a"}  1 2+3x4 _ _x3 stale {{schema:0 sum:1 buckets:[1]}}x2`.

    1+2x3 → 1 3 5 7    1x3 → 1 1 1 1    _ → nothing    stale → a staleness marker
    {{…}} → a native histogram, {{…}}+{{…}}x3 → itself and 3 sums

Prometheus' promql/parser, ParseSeriesDesc. Positions in errors count from the line's start.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.base.duration import parse_duration
from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.model.matcher import MatchOp
from appliance.model.sample import STALE
from appliance.promql.histograms.arithmetic import IncompatibleSchemas, add, subtract
from appliance.promql.parser import parse_selector
from appliance.rules.unit_test.histogram_notation import parse_histogram
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from appliance.model.histogram import Histogram

    Value = float | Histogram | None

_STRING = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`'
_METRIC = re.compile(rf"\s*(?:[a-zA-Z_:][\w:]*)?(?:\s*\{{(?!\{{)(?:{_STRING}|[^}}\"'`])*\}})?")
_NUMBER = (
    r"(?:(?:\d+(?:ms|[smhdwy]))+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[iI][nN][fF]|[nN][aA][nN])"
)
_ITEM = re.compile(
    r"(?P<blank>_)(?!\w*[a-wyz])"
    rf"|(?P<number>[+-]?{_NUMBER})(?P<step>[+-]{_NUMBER})?"
    r"|\{\{(?P<histogram>[^{}]*)\}\}(?:(?P<sign>[+-])\{\{(?P<change>[^{}]*)\}\})?"
    r"|(?P<word>[a-zA-Z]\w*)"
)
_TIMES = re.compile(r"x([\w.]+)")
#: More would only fill memory.
_MAX_VALUES = 10_000_000


def parse_metric(text: str) -> Labels:
    """The labels of `name{label="value"}`.

    Raises:
        BadInput: It is not that.
    """
    pairs = {}
    for matcher in parse_selector(text):
        if matcher.op is not MatchOp.EQUAL:
            column = text.find(matcher.op.value) + 1
            message = f'unexpected <op:{matcher.op.value}> in label set, expected "="'
            raise BadInput(f"1:{column}: parse error: {message}")
        pairs[matcher.name] = matcher.value
    return Labels.of(pairs)


def parse_series(line: str) -> tuple[Labels, list[Value]]:
    """Labels and values of one line; None stands for no sample.

    Raises:
        BadInput: It is not in the notation.
    """
    match = _METRIC.match(line)
    end = match.end() if match is not None else 0
    following = line[end : end + 1]
    if not line[:end].strip() or following not in {"", " ", "\t"}:
        if following == "{" or line[:end].strip():
            parse_metric(line)  # says what is wrong
        raise _error(line, end, f"unexpected {_shown(line, end)} in series values")
    return parse_metric(line[:end]), _values(line, end)


def _values(line: str, at: int) -> list[Value]:
    found: list[Value] = []
    while True:
        start = at
        while line[at : at + 1] in {" ", "\t"}:
            at += 1
        if at >= len(line):
            return found
        if start == at:
            raise _unexpected(line, at)
        match = _ITEM.match(line, at)
        if match is None:
            raise _unexpected(line, at)
        at = match.end()
        times = 0
        if line[at : at + 1] == "x" and not match["word"]:
            times, at = _repetition(line, at)
        elif match["step"] or match["change"]:
            raise _error(line, at, f"unexpected {_shown(line, at)} in series values")
        found += _repeated(match, times)
        if len(found) > _MAX_VALUES:
            raise _error(line, at, f"more than {_MAX_VALUES} values")


def _repetition(line: str, at: int) -> tuple[int, int]:
    """The number behind an `x`, and where it ends."""
    match = _TIMES.match(line, at)
    if match is None:
        raise _error(line, at + 1, f"unexpected {_shown(line, at + 1)} in series values")
    if not match[1].isdigit():
        reason = f"strconv.ParseUint: parsing {quote(match[1])}: invalid syntax"
        raise _error(line, at + 1, f"invalid repetition in series values: {reason}")
    if int(match[1]) > _MAX_VALUES:
        raise _error(line, at + 1, f"more than {_MAX_VALUES} values")
    return int(match[1]), match.end()


def _repeated(match: re.Match[str], times: int) -> list[Value]:
    if match["blank"]:
        return [None] * max(times, 1)
    if match["word"]:
        if match["word"] == "stale":
            return [float(STALE)]
        wanted = 'in series values, expected number or "stale"'
        message = f"unexpected identifier {quote(match['word'])} {wanted}"
        raise _error(match.string, match.start(), message)
    if match["histogram"] is not None:
        return [*_histograms(match, times)]
    value, step = _number(match["number"]), _number(match["step"] or "0")
    found: list[Value] = []
    for _ in range(times + 1):
        found.append(value)
        value = value + step if match["step"] else value
    return found


def _histograms(match: re.Match[str], times: int) -> list[Histogram]:
    value = parse_histogram(match["histogram"])
    if match["change"] is None:
        return [value] * (times + 1)
    change = parse_histogram(match["change"])
    if change.schema < value.schema:
        schemas = f"{change.schema} to {value.schema}"
        message = f"error combining histograms: cannot merge from schema {schemas}"
        raise _error(match.string, match.start(), message)
    found = [value]
    for _ in range(times):
        try:
            combined = (add if match["sign"] == "+" else subtract)(found[-1], change)
        except IncompatibleSchemas as error:
            raise _error(match.string, match.start(), str(error)) from None
        found.append(combined.histogram)
    return found


def _number(text: str) -> float:
    digits = text.lstrip("+-")
    if digits[-1:] in set("smhdwy"):
        return (-1 if text[0] == "-" else 1) * parse_duration(digits) / 1000
    return float(text)


def _unexpected(line: str, at: int) -> BadInput:
    """The error for what is no value, or does not end where a value ends."""
    char = line[at]
    if char in "+-":  # an operator wants a number behind it
        return _error(line, at + 1, f"unexpected {_shown(line, at + 1)} in series values")
    if char in "_{" or char.isalnum():
        return _error(line, at, f"unexpected {_shown(line, at)}")
    return _error(line, at, f"unexpected character in series sequence: '{char}'")


def _error(line: str, at: int, message: str) -> BadInput:
    column = len(line[:at].encode()) + 1
    return BadInput(f"1:{column}: parse error: {message}")


def _shown(line: str, at: int) -> str:
    """What stands at a place, as Prometheus names it."""
    if at >= len(line):
        return "end of input"
    char = line[at]
    if char in "+-":
        return f"<op:{char}>"
    number = re.compile(_NUMBER).match(line, at)
    return f"number {quote(number[0])}" if number else quote(char)
