"""Lines that a parser need not look at, because a label filter behind it would not let them pass.

`| json | trace_id="6e0000a9"` wants lines that contain the text: a parser finds values as they are
written, but for what a line has escaped. So lines with neither the text nor an escape are left out
before they are parsed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.logql import ast
from appliance.logql.rows import ERROR, ERROR_DETAILS
from appliance.logql.stages.hints import with_stripped
from appliance.logql.stages.line_filter import compile_line_filter
from appliance.model.matcher import MatchOp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from appliance.logql.rows import Rows
    from appliance.model.matcher import Matcher

#: Texts that every parser leaves as they are. Shorter ones are in too many lines.
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@+-]{4,}", re.ASCII)
_ESCAPES = {"json": ("\\u", "\\/"), "logfmt": ("\\",)}


def likely_lines(
    stage: ast.Stage, filters: Sequence[ast.LabelFilter]
) -> Callable[[Rows], Rows] | None:
    """A filter that may go before a parser with label filters behind it; None: there is none.

    It does nothing where the label may come from elsewhere, or is stored by itself.
    """
    if not isinstance(stage, ast.Json | ast.Logfmt) or stage.expressions:
        return None
    wanted = [one for item in filters for one in _equalities(item.condition)]
    wanted = [one for one in wanted if one.name not in {ERROR, ERROR_DETAILS}]
    plain = [one for one in wanted if _PLAIN.fullmatch(one.value) and not one.name.startswith("__")]
    if not plain:
        return None
    best = max(plain, key=lambda one: len(one.value))
    parser = "json" if isinstance(stage, ast.Json) else "logfmt"
    escapes = [one for one in _ESCAPES[parser] if _matters(one, best.value)]
    plainly, escaped = _containing([best.value]), _containing([best.value, *escapes])
    names = with_stripped([best.name])

    def run(rows: Rows) -> Rows:
        if rows.lines is not None or any(rows.column(name) is not None for name in names):
            return rows
        if rows.chunk.lines.fields(parser, names) is not None:
            return rows
        return escaped(rows) if b"\\" in rows.chunk.text else plainly(rows)

    return run


def _containing(texts: Sequence[str]) -> Callable[[Rows], Rows]:
    """A filter for lines that contain any of some texts."""
    alternatives = tuple(ast.FilterText(text) for text in texts)
    return compile_line_filter(ast.LineFilter(ast.FilterOp.CONTAINS, alternatives))


def _matters(escape: str, value: str) -> bool:
    """Whether an escape can stand for a character of the value."""
    return escape != "\\/" or "/" in value


def _equalities(condition: ast.Condition) -> Iterator[Matcher]:
    """Equalities that a row has to satisfy."""
    match condition:
        case ast.BothConditions(left, right):
            yield from _equalities(left)
            yield from _equalities(right)
        case ast.TextCondition(matcher) if matcher.op is MatchOp.EQUAL:
            yield matcher
