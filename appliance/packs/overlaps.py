"""Alerts that several rule files define: at best noise, at worst a contradiction."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.config.load import load_file
from appliance.config.problem import Problem, Severity
from appliance.promql.ast import NumberLiteral
from appliance.promql.context import ALL_FEATURES
from appliance.promql.go_format import general
from appliance.promql.parser import parse
from appliance.promql.printer import print_expr
from appliance.rules.config import RuleFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from appliance.config.document import Position
    from appliance.promql.ast import Expr


@dataclass(frozen=True, slots=True)
class _Definition:
    place: Position
    expr: Expr
    numbers: tuple[float, ...]
    shape: str


def find_overlaps(files: Iterable[Path]) -> list[Problem]:
    """Warnings about alerts whose name an earlier file has, too.

    Files that cannot be read or parsed are passed over: others report them.

    Args:
        files: In the order in which they are loaded.
    """
    first: dict[str, _Definition] = {}
    problems: list[Problem] = []
    seen: set[Path] = set()
    for file in files:
        if file.resolve() in seen:
            continue
        seen.add(file.resolve())
        found = dict(_definitions(file))
        for name, definition in found.items():
            if name in first:
                problems.append(_problem(name, first[name], definition))
        first = found | first
    return problems


def _definitions(file: Path) -> Iterator[tuple[str, _Definition]]:
    """The first rule of each alert's name."""
    decoded = load_file(RuleFile, file)
    seen: set[str] = set()
    for group in decoded.value.groups if decoded.value else ():
        for rule in group.rules:
            if not rule.alert or rule.alert in seen:
                continue
            try:
                expr = parse(rule.expr, ALL_FEATURES)
            except BadInput:
                continue
            seen.add(rule.alert)
            place = decoded.origin(rule, "alert")
            yield rule.alert, _Definition(place, expr, tuple(_numbers(expr)), _shape(expr))


def _problem(name: str, first: _Definition, second: _Definition) -> Problem:
    where = f"{first.place.file}:{first.place.line}"
    if first.expr == second.expr:
        message = f"alert {name!r} is also in {where}, with the same condition"
        hint = "load one of the files only, or both will tell of the same thing"
    else:
        message = f"alert {name!r} is also in {where}, with {_difference(first, second)}"
        hint = "rename one of them, or load one of the files only"
    return Problem(*second.place, "", message, "overlap", Severity.WARNING, hint)


def _difference(first: _Definition, second: _Definition) -> str:
    if first.shape != second.shape:
        return f"another condition: `{_brief(first.expr)}`"
    pairs = [(a, b) for a, b in zip(first.numbers, second.numbers, strict=True) if a != b]
    there = ", ".join(general(a) for a, _ in pairs)
    here = ", ".join(general(b) for _, b in pairs)
    return f"another threshold: {there} there, {here} here"


def _brief(expr: Expr) -> str:
    text = print_expr(expr)
    return text if len(text) <= 100 else f"{text[:99]}…"


def _numbers(expr: Expr) -> Iterator[float]:
    if isinstance(expr, NumberLiteral):
        yield expr.value
    for child in expr.children():
        yield from _numbers(child)


def _shape(expr: Expr) -> str:
    """The expression with all its numbers alike."""
    return print_expr(_without_numbers(expr))


def _without_numbers(expr: Expr) -> Expr:
    if isinstance(expr, NumberLiteral):
        return NumberLiteral(0.0)
    replace: Any = dataclasses.replace  # the type of a node's fields depends on the node
    changed: dict[str, Any] = {}
    for field in dataclasses.fields(expr):
        value = getattr(expr, field.name)
        if isinstance(value, tuple) and value and hasattr(value[0], "children"):
            changed[field.name] = tuple(_without_numbers(item) for item in value)
        elif hasattr(value, "children"):
            changed[field.name] = _without_numbers(value)
    return replace(expr, **changed) if changed else expr
