"""Tempo's HTTP API: how many spans match, how many failed, how long they took.

"Span metrics summary" of Tempo 2, which Tempo 3 no longer has. Figures are exact here.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from appliance.api.request import parameters_of, run_query
from appliance.api.tempo.answer import answer
from appliance.api.tempo.deps import source_of
from appliance.api.tempo.params import check_range, count, query_of, seconds
from appliance.api.tempo.queries import elements_of, parse_search, parse_tag
from appliance.base.errors import BadInput
from appliance.base.tasks import offload
from appliance.traceql.ast import Pipeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from appliance.model.sources import SpanSource
    from appliance.query.limits import QueryGuard
    from appliance.traceql.ast import Field
    from appliance.traceql.span_summary import SpanSummary
    from appliance.traceql.static import Static

_SECOND = 10**9
_MOST_FIELDS = 5
_SHARES = (99, 95, 90, 50)
#: Numbers and members of tempopb.TraceQLStatic by type.
_STATICS = {
    "nil": (2, ""),
    "int": (3, "n"),
    "float": (4, "f"),
    "string": (5, "s"),
    "boolean": (6, "b"),
    "duration": (7, "d"),
    "status": (8, "status"),
    "kind": (9, "kind"),
}


async def summary(request: web.Request) -> web.Response:
    """Figures of the spans that a query finds."""
    given = await parameters_of(request)
    start, end = seconds(given, "start"), seconds(given, "end")
    check_range(start, end)
    text = query_of(given, "q") or "{}"
    query, by = await offload(parse_search, text), await offload(_fields, given)
    pipeline = Pipeline(elements_of(query))
    range_ns = start * _SECOND, end * _SECOND or 2**63 - 1
    work = partial(
        _encoded, source_of(request), pipeline, by, range_ns, count(given, "limit") or None
    )
    return answer(await run_query(request, work, label=text))


def _fields(given: Mapping[str, str]) -> list[Field]:
    """What to group by, at most five fields.

    Raises:
        BadInput: One of them is none, or there are more.
    """
    texts = [text.strip() for text in given.get("groupBy", "").split(",") if text.strip()]
    if not texts:
        raise BadInput("groupBy is required, such as groupBy=resource.service.name")
    if len(texts) > _MOST_FIELDS:
        raise BadInput(f"cannot group by more than {_MOST_FIELDS} fields")
    return [parse_tag(text) for text in texts]


def _encoded(
    source: SpanSource,
    pipeline: Pipeline,
    by: Sequence[Field],
    range_ns: tuple[int, int],
    limit: int | None,
    guard: QueryGuard,
) -> bytes:
    from appliance.traceql.printer import print_node  # noqa: PLC0415 - the language
    from appliance.traceql.span_summary import summarize_spans  # noqa: PLC0415 - the engine

    found = summarize_spans(source, pipeline, by, range_ns, guard)[:limit]
    names = [print_node(field) for field in by]
    return orjson.dumps({"summaries": [_row(names, one) for one in found]})


def _row(names: Sequence[str], summary: SpanSummary) -> dict[str, Any]:
    row: dict[str, Any] = {"spanCount": str(len(summary.durations_ns))}
    if summary.errors:
        row["errorSpanCount"] = str(summary.errors)
    row["series"] = [
        {"key": name, "value": _static(value)}
        for name, value in zip(names, summary.key, strict=True)
    ]
    quantiles = {f"p{share}": str(summary.quantile_ns(share / 100)) for share in _SHARES}
    return row | quantiles


def _static(value: Static) -> dict[str, Any]:
    number, member = _STATICS.get(value.type.value, (2, ""))
    found: dict[str, Any] = {"type": number}
    if member and value.value:
        found[member] = str(value.value) if member in {"n", "d"} else value.value
    return found
