"""`| regexp "…"` and `| pattern "…"`: parts of lines become labels (Loki 3, parser.go)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.base.re2 import Pattern
from appliance.lines.column import Column, Fields
from appliance.lines.label_name import decoded
from appliance.lines.pattern import parse_pattern
from appliance.logql.stages.extraction import Parser, extracted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from appliance.logql import ast
    from appliance.logql.rows import Rows
    from appliance.logql.stages.hints import Hints

_GROUP = re.compile(r"\(\?P?<([^>]*)>")
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def compile_regexp(stage: ast.Regexp, hints: Hints) -> Callable[[Rows], Rows]:
    """`| regexp` as a function of rows.

    Raises:
        BadInput: In Loki's words.
    """
    pattern, groups = _compiled(stage.expression)
    chosen = sorted((number, name) for name, number in groups.items())
    names = [name for _, name in chosen]
    numbers = [number for number, _ in chosen]
    search = pattern.search

    def find(line: bytes) -> Sequence[bytes | None] | None:
        match = search(line)
        return None if match is None else [match.group(number) for number in numbers]

    return _stage(names, find, hints)


def _compiled(expression: str) -> tuple[Pattern, dict[str, int]]:
    _check_names(expression)
    pattern = Pattern(expression)
    groups = pattern.group_numbers()
    if not groups:
        raise BadInput("at least one named capture must be supplied")
    return pattern, groups


def _check_names(expression: str) -> None:
    """Refuse names that are not those of labels, or come twice."""
    known: set[str] = set()
    for match in _GROUP.finditer(re.sub(r"\\.", "__", expression)):
        name = match[1]
        if name in known:
            raise BadInput(f"duplicate extracted label name '{name}'")
        if name and name[0].isdigit() and _NAME.fullmatch(f"_{name}"):
            raise BadInput(f"invalid extracted label name '{name}'")
        known.add(name)


def compile_pattern(stage: ast.Pattern, hints: Hints) -> Callable[[Rows], Rows]:
    """`| pattern` as a function of rows.

    Raises:
        BadInput: In Loki's words.
    """
    pattern = parse_pattern(stage.expression)
    return _stage(pattern.names, pattern.captures, hints)


def _stage(
    names: Sequence[str],
    find: Callable[[bytes], Sequence[bytes | None] | None],
    hints: Hints,
) -> Callable[[Rows], Rows]:
    """A stage that finds the values of names in a line, maybe only those of the first names."""

    def read(line: bytes) -> Iterator[tuple[str, str]]:
        for name, value in zip(names, find(line) or (), strict=False):
            yield name, decoded(value or b"")

    parser = Parser(read, "")

    def run(rows: Rows) -> Rows:
        if hints.is_nothing or not len(rows):
            return rows
        found = list(map(find, rows.line_list()))
        columns = {name: _column(found, number) for number, name in enumerate(names)}
        return extracted(rows, Fields(columns, np.zeros(0, dtype=np.int64)), parser, hints)

    return run


def _column(found: Sequence[Sequence[bytes | None] | None], number: int) -> Column:
    """The values of one name: a line's own sequence may be too short for it."""
    values = [
        (values[number] or b"") if values and number < len(values) else None for values in found
    ]
    codes_of: dict[bytes | None, int] = {None: -1}
    for value in dict.fromkeys(values):
        if value is not None:
            codes_of[value] = len(codes_of) - 1
    codes = np.fromiter(map(codes_of.__getitem__, values), np.int32, len(values))
    del codes_of[None]
    texts = [decoded(value) for value in codes_of if value is not None]
    if len(set(texts)) == len(texts):
        return Column(codes, texts)
    number_of: dict[str, int] = {}
    moved = [number_of.setdefault(text, len(number_of)) for text in texts]
    return Column(np.array([*moved, -1], dtype=np.int32)[codes], list(number_of))
