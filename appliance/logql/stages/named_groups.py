"""`| regexp "…"` and `| pattern "…"`: parts of lines become labels (Loki 3, parser.go)."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.base.re2 import NO_SPAN, Pattern
from appliance.lines.column import ABSENT, Column, Fields
from appliance.lines.label_name import decoded, sanitized
from appliance.lines.pattern import parse_pattern
from appliance.lines.pattern_spans import distinct_column, hole_spans, span_column
from appliance.logql.rows import DUPLICATE_SUFFIX
from appliance.logql.stages.extraction import Parser, extracted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.logql import ast
    from appliance.logql.rows import Rows
    from appliance.logql.stages.hints import Hints

#: With fewer rows, or less than one of so many of a chunk, each is looked at by itself.
_MANY_ROWS, _FEW = 64, 8
_GROUP = re.compile(r"\(\?P?<([^>]*)>")


def compile_regexp(stage: ast.Regexp, hints: Hints) -> Callable[[Rows], Rows]:
    """`| regexp` as a function of rows.

    Raises:
        BadInput: In Loki's words.
    """
    pattern, groups = _compiled(stage.expression)
    number_of: dict[str, int] = {}
    for name, number in sorted(groups.items(), key=lambda item: item[1]):
        number_of.setdefault(sanitized(name), number)
    names = _chosen(list(number_of), hints)
    numbers = [number_of[name] for name in names]
    spans = pattern.spans

    def find(line: bytes) -> Sequence[bytes] | None:
        found = spans(line, 0, len(line))
        if found[0] == NO_SPAN:
            return None
        # A group that takes no part is from -1 to -1, which is empty.
        return [line[found[number][0] : found[number][1]] for number in numbers]

    def columns_of(rows: Rows) -> dict[str, Column] | None:
        if not names or not _is_whole_text(rows):
            return None
        found = [spans(line, 0, len(line)) for line in rows.line_list()]
        starts = rows.chunk.offsets[rows.index]
        fits = _places([one[0] for one in found])[:, 0] >= 0
        columns = {}
        for name, number in zip(names, numbers, strict=True):
            # A group that takes no part is nowhere, which is empty.
            places = np.maximum(_places([one[number] for one in found]), 0) + starts[:, None]
            places[~fits] = -1
            columns[name] = span_column(rows.chunk.text, places[:, 0], places[:, 1])
        return columns

    return _stage(names, find if names else lambda _: None, hints, columns_of)


def _places(spans: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """Pairs as int64[pair, 2]."""
    return np.fromiter(chain.from_iterable(spans), np.int64, 2 * len(spans)).reshape(-1, 2)


def _compiled(expression: str) -> tuple[Pattern, dict[str, int]]:
    _check_names(expression)
    pattern = Pattern(expression)
    groups = pattern.group_numbers()
    if not groups:
        raise BadInput("at least one named capture must be supplied")
    return pattern, groups


def _check_names(expression: str) -> None:
    """Refuse names that Go's expressions cannot have, or that come twice."""
    known: set[str] = set()
    for match in _GROUP.finditer(re.sub(r"\\.", "__", expression)):
        name = match[1]
        if name in known:
            raise BadInput(f"duplicate extracted label name '{name}'")
        if not name.isascii():  # RE2 takes any letter
            raise BadInput(f"error parsing regexp: invalid named capture: `{match[0]}`")
        known.add(name)


def compile_pattern(stage: ast.Pattern, hints: Hints) -> Callable[[Rows], Rows]:
    """`| pattern` as a function of rows.

    Raises:
        BadInput: In Loki's words.
    """
    pattern = parse_pattern(stage.expression)
    names = _chosen(pattern.names, hints)

    def columns_of(rows: Rows) -> dict[str, Column] | None:
        chunk, index = rows.chunk, rows.index
        if not _is_whole_text(rows):
            return None
        starts, ends = chunk.offsets[index], chunk.offsets[index + 1] - 1
        spans = hole_spans(pattern, chunk.text, starts, ends, names)
        pairs = zip(names, spans, strict=True)
        return {name: span_column(chunk.text, *places) for name, places in pairs}

    return _stage(names, pattern.capturing(names), hints, columns_of)


def _is_whole_text(rows: Rows) -> bool:
    """Whether the values of rows can be looked at as places in the chunk's text."""
    chunk = rows.chunk
    is_many = len(rows) >= max(_MANY_ROWS, len(chunk) // _FEW)
    return rows.lines is None and is_many and b"\0" not in chunk.text


def _chosen(names: Sequence[str], hints: Hints) -> list[str]:
    """Names of values that may become labels which are needed."""
    return [name for name in names if hints.wants(name) or hints.wants(f"{name}{DUPLICATE_SUFFIX}")]


def _stage(
    names: Sequence[str],
    find: Callable[[bytes], Sequence[bytes | None] | None],
    hints: Hints,
    columns_of: Callable[[Rows], dict[str, Column] | None] = lambda _: None,
) -> Callable[[Rows], Rows]:
    """A stage that finds the values of names in a line, maybe only those of the first names.

    columns_of: Finds them in all lines at once; None: in these it cannot.
    """

    def read(line: bytes) -> Iterator[tuple[str, str]]:
        for name, value in zip(names, find(line) or (), strict=False):
            yield name, decoded(value or b"")

    parser = Parser(read, "")

    def run(rows: Rows) -> Rows:
        if hints.is_nothing or not len(rows):
            return rows
        columns = columns_of(rows)
        if columns is None:
            found = list(map(find, rows.line_list()))
            columns = dict(zip(names, _columns(found, len(names)), strict=True))
        return extracted(rows, Fields(columns, np.zeros(0, dtype=np.int64)), parser, hints)

    return run


def _columns(found: Sequence[Sequence[bytes | None] | None], count: int) -> list[Column]:
    """The values by number; a line's sequence may be too short for the last ones."""
    if all(values is not None and len(values) == count for values in found):
        whole = [values for values in found if values is not None]
        return [_column([v or b"" for v in values]) for values in zip(*whole, strict=True)]
    return [
        _column(
            [
                (values[number] or b"") if values and number < len(values) else None
                for values in found
            ]
        )
        for number in range(count)
    ]


def _column(values: Sequence[bytes | None]) -> Column:
    """Values as a column of texts."""
    coded_values: dict[bytes | None, int] = {None: ABSENT}
    for value in dict.fromkeys(values):
        if value is not None:
            coded_values[value] = len(coded_values) - 1
    codes = np.fromiter(map(coded_values.__getitem__, values), np.int32, len(values))
    del coded_values[None]
    return distinct_column(codes, [decoded(value) for value in coded_values if value is not None])
