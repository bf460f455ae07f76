"""Line filters, with `ip("…")` (Loki 3, pkg/logql/log/filter.go).

Lines as they are in a chunk are looked at all together; those that a stage made, one by one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.lines.ip_range import IpRange
from appliance.lines.pattern import parse_line_pattern
from appliance.logql.ast import FilterOp, LineFilter
from appliance.logql.stages.line_scan import IpTest, LineTest, RegexTest, TextTest, tested
from appliance.logql.stages.required_text import required_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from appliance.logql.ast import FilterText
    from appliance.logql.rows import Rows

_NEGATIVE = frozenset([FilterOp.LACKS, FilterOp.NO_MATCH, FilterOp.NO_PATTERN])
_TEXT_OPS = frozenset([FilterOp.CONTAINS, FilterOp.LACKS])
_REGEX_OPS = frozenset([FilterOp.MATCHES, FilterOp.NO_MATCH])
_PLAIN = re.compile(r"[\w\s\"'`<>=:;,/&%#@!~-]*")


def compile_line_filter(stage: LineFilter) -> Callable[[Rows], Rows]:
    """The stage as a function of rows.

    Raises:
        BadInput: A pattern, an expression or an address that is none, in Loki's words.
    """
    test = _test(stage)
    is_negative = stage.op in _NEGATIVE

    def run(rows: Rows) -> Rows:
        if not len(rows):
            return rows
        mask = test(rows)
        return rows.keep(~mask if is_negative else mask)

    return run


def needles(stages: Sequence[object]) -> tuple[bytes, ...]:
    """Strings that every line contains which passes the filters before any other stage."""
    found = []
    for stage in stages:
        if not isinstance(stage, LineFilter):
            break
        if stage.op is FilterOp.CONTAINS and len(stage.texts) == 1:
            (only,) = stage.texts
            needle = IpRange(only.text).needle if only.is_ip else only.text.encode()
            if needle:
                found.append(needle)
        if stage.op is FilterOp.MATCHES and len(stage.texts) == 1:
            text = required_text(stage.texts[0].text)
            found += [text.encode()] if text else []
        if stage.op is FilterOp.PATTERN and len(stage.texts) == 1:
            found += parse_line_pattern(stage.texts[0].text).texts
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _SlowTest:
    """A test that looks at one line at a time.

    Attributes:
        needle: What every line contains that passes; may be empty.
    """

    accepts: Callable[[bytes], bool]
    needle: bytes

    def mask(self, rows: Rows) -> NDArray[np.bool_]:
        """Which rows pass: bool[row]."""
        if not self.needle or rows.lines is not None:
            return _each(rows.line_list(), [self.accepts])
        mask = tested(rows.chunk, rows.index, [TextTest(self.needle)])
        candidates = np.flatnonzero(mask)
        lines = rows.take(candidates).line_list()
        mask[candidates] = _each(lines, [self.accepts])
        return mask


def _tests(stage: LineFilter) -> tuple[list[LineTest], list[_SlowTest]]:
    """Tests of the stage's texts, and those that look at one line at a time."""
    tests: list[LineTest] = []
    slow: list[_SlowTest] = []
    for item in stage.texts:
        if item.is_ip:
            if stage.op not in _TEXT_OPS:
                raise BadInput("ip: invalid operation")
            tests.append(IpTest(item.text))
        elif stage.op in _REGEX_OPS:
            tests += _regex_tests(item.text)
        elif stage.op not in _TEXT_OPS:
            slow.append(_pattern_test(item))
        elif item.text:
            tests.append(TextTest(item.text.encode()))
    return tests, slow


def _test(stage: LineFilter) -> Callable[[Rows], NDArray[np.bool_]]:
    """Which rows any of the texts accepts: bool[row]."""
    tests, slow = _tests(stage)
    if not tests and not slow:  # of several texts, the empty ones do not count
        return lambda rows: np.ones(len(rows), dtype=bool)

    def run(rows: Rows) -> NDArray[np.bool_]:
        mask = np.zeros(len(rows), dtype=bool)
        if tests and rows.lines is None:
            mask = tested(rows.chunk, rows.index, tests)
        elif tests:
            mask = _each(rows.line_list(), [test.line for test in tests])
        for test in slow:
            mask |= test.mask(rows)
        return mask

    return run


def _pattern_test(item: FilterText) -> _SlowTest:
    pattern = parse_line_pattern(item.text)
    return _SlowTest(pattern.fits, max(pattern.texts, key=len, default=b""))


def _regex_tests(text: str) -> list[LineTest]:
    """Tests for an expression, plain texts as such; none when it is always found."""
    if text in {"", ".*"}:
        return []
    alternatives = text.split("|")
    if all(one and _PLAIN.fullmatch(one) for one in alternatives) and len(alternatives) < 4:
        return [TextTest(one.encode()) for one in alternatives]
    return [RegexTest(text)]


def _each(lines: Sequence[bytes], tests: Sequence[Callable[[bytes], bool]]) -> NDArray[np.bool_]:
    one = tests[0] if len(tests) == 1 else lambda line: any(test(line) for test in tests)
    return np.fromiter(map(one, lines), dtype=bool, count=len(lines))
