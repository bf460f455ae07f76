"""Queries in the fences of runbooks and other Markdown pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from appliance.base.errors import BadInput
from appliance.config.problem import Problem
from appliance.logql.parser import parse as parse_logql
from appliance.promql.context import ALL_FEATURES
from appliance.promql.parser import parse as parse_promql
from appliance.traceql.parser import parse_query as parse_traceql

if TYPE_CHECKING:
    from collections.abc import Callable

_FENCE = re.compile(
    r"^([ \t]*)(`{3,}|~{3,})[ \t]*(\w*)[^\n]*\n(.*?)^\1\2", re.MULTILINE | re.DOTALL
)
_PARSERS: dict[str, Callable[[str], object]] = {
    "promql": lambda text: parse_promql(text, ALL_FEATURES),
    "logql": parse_logql,
    "traceql": parse_traceql,
}


class Fence(NamedTuple):
    """A query on a page; `start` is the offset of `text`, `line` counts from 1."""

    language: str
    text: str
    start: int
    line: int


def queries(page: str) -> list[Fence]:
    """The queries of a page: a fence each, or paragraphs of a fence."""
    found = []
    for match in _FENCE.finditer(page):
        if match[3] not in _PARSERS:
            continue
        for part in re.finditer(r"(?:[^\n]*\S[^\n]*\n?)+", match[4]):
            if _without_comments(part[0]).strip():
                start = match.start(4) + part.start()
                line = page.count("\n", 0, start) + 1
                found.append(Fence(match[3], part[0], start, line))
    return found


def lint_runbook(page: str, file: str) -> list[Problem]:
    """Errors in the queries of a page."""
    found = []
    for fence in queries(page):
        try:
            _PARSERS[fence.language](_without_comments(fence.text))
        except BadInput as error:
            message, _, hint = error.message.partition("\n")
            found.append(Problem(file, fence.line, 1, "", message, fence.language, hint=hint))
    return found


def _without_comments(text: str) -> str:
    return re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
