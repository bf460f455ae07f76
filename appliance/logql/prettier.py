"""LogQL queries laid out over lines, as Loki's /format_query does (pkg/logql/syntax/prettier.go).

What fits into 100 characters stays on one line; what is longer has a line for each part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.logql.ast import (
    Binary,
    Decolorize,
    LabelReplace,
    LineFilter,
    Pipeline,
    RangeAggregation,
    Variants,
    VectorAggregation,
)
from appliance.logql.literals import print_duration, print_general, print_prometheus_duration
from appliance.logql.parsing.metrics import PRECEDENCE
from appliance.logql.printer import (
    print_conversion,
    print_matchers,
    print_operator,
    print_pipeline,
    print_query,
    print_stage,
)
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.logql.ast import Grouping, LogRange, Query, Stage, Unwrap

_WIDTH = 100


def pretty(query: Query, level: int = 0) -> str:  # noqa: PLR0911 - a case for each node
    """A query laid out.

    Args:
        level: How deep it stands in another one.
    """
    text = print_query(query)
    # The width is that of the bytes, as Go counts.
    if len(text.encode()) <= _WIDTH and not isinstance(query, Variants):
        return _indent(level) + text
    match query:
        case Pipeline():
            return _pipeline(query, level)
        case RangeAggregation():
            parts = [] if query.parameter is None else [_argument(query.parameter, level)]
            parts.append(_range(query.range, level + 1))
            grouping = "" if query.grouping is None else _grouping(query.grouping)
            return f"{_call(query.op, parts, level)}{grouping}"
        case VectorAggregation():
            parts = [] if query.parameter is None else [_argument(query.parameter, level)]
            parts.append(pretty(query.expr, level + 1))
            grouping = "" if query.grouping is None else _grouping(query.grouping)
            return _call(f"{query.op}{grouping}", parts, level)
        case Binary():
            left, right = _leg(query, query.left, level), _leg(query, query.right, level)
            return f"{left}\n{_indent(level)}{print_operator(query, right, ', ')}\n{right}"
        case LabelReplace():
            texts = (query.destination, query.replacement, query.source, query.regex)
            parts = [pretty(query.expr, level + 1)]
            parts += [_indent(level + 1) + quote(text) for text in texts]
            return _call("label_replace", parts, level)
        case Variants():
            metrics = _call("variants", [pretty(one, level + 1) for one in query.metrics], level)
            return f"{metrics} of (\n{_range(query.range, level + 1)}\n{_indent(level)})"
    return _indent(level) + text


def _indent(level: int) -> str:
    return "  " * level


def _call(name: str, parts: Sequence[str], level: int) -> str:
    body = ",\n".join(parts)
    return f"{_indent(level)}{name}(\n{body}\n{_indent(level)})"


def _argument(value: float, level: int) -> str:
    return _indent(level + 1) + print_general(value)


def _leg(query: Binary, leg: Query, level: int) -> str:
    text = pretty(leg, level + 1)
    if not isinstance(leg, Binary) or len(print_query(leg).encode()) <= _WIDTH:
        return text
    # Differs from Loki: brackets that are needed are not lost.
    binds_to = query.right if query.op == "^" else query.left
    above, own = PRECEDENCE[query.op], PRECEDENCE[leg.op]
    if own > above or (own == above and leg is binds_to):
        return text
    return f"{_indent(level + 1)}(\n{pretty(leg, level + 2)}\n{_indent(level + 1)})"


def _pipeline(query: Pipeline, level: int) -> str:
    if not query.stages or len(print_pipeline(query).encode()) <= _WIDTH:
        return _indent(level) + print_pipeline(query)
    lines = [_indent(level) + print_matchers(query.matchers)]
    at = 0
    while at < len(query.stages):
        end = at + 1
        while isinstance(query.stages[at], LineFilter) and end < len(query.stages):
            if not isinstance(query.stages[end], LineFilter):
                break
            end += 1
        lines.extend(_stages(query.stages[at:end], level + 1))
        at = end
    return "\n".join(lines)


def _stages(stages: Sequence[Stage], level: int) -> list[str]:
    """Line filters that follow each other, on one line if they fit, or one other stage."""
    together = " ".join(map(print_stage, stages))
    if len(together.encode()) <= _WIDTH:
        # Loki does not indent this one.
        return [("" if isinstance(stages[0], Decolorize) else _indent(level)) + together]
    return [_indent(level) + print_stage(stage) for stage in stages]


def _range(log_range: LogRange, level: int) -> str:
    text = _pipeline(log_range.pipeline, level)
    if log_range.unwrap is not None:
        text += f"\n{_unwrap(log_range.unwrap, level + 1)}"
    text += f" [{print_prometheus_duration(log_range.range_ns)}]"
    if log_range.offset_ns:
        text += f" offset {_offset(log_range.offset_ns)}"
    return text


def _offset(nanoseconds: int) -> str:
    # Differs from Loki: it loses what is negative or no whole milliseconds.
    if nanoseconds < 0 or nanoseconds % 10**6:
        return print_duration(nanoseconds)
    return print_prometheus_duration(nanoseconds)


def _unwrap(unwrap: Unwrap, level: int) -> str:
    lines = [print_conversion(unwrap), *map(print_stage, unwrap.filters)]
    return "\n".join(_indent(level) + line for line in lines)


def _grouping(grouping: Grouping) -> str:
    # Differs from Loki: it loses empty brackets.
    return f" {'without' if grouping.is_without else 'by'} ({', '.join(grouping.labels)})"
