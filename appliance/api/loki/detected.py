"""Loki's HTTP API: what is in the logs (Loki 3, "Detect labels and fields", "Patterns detection").

Grafana's Logs Drilldown is built on these paths.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import orjson

from appliance.api.http import HTTP
from appliance.api.loki import params
from appliance.api.loki.answer import answer
from appliance.api.loki.deps import source_of
from appliance.api.loki.volume import matchers_of
from appliance.api.params import parse_float
from appliance.api.request import parameters_of, run_query
from appliance.base.errors import BadInput
from appliance.logql.engine import Request
from appliance.logql.parser import parse_log, parse_matchers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from appliance.logql.ast import Pipeline
    from appliance.logql.detected import DetectedField
    from appliance.logql.patterns import Pattern
    from appliance.model.matcher import Matcher
    from appliance.model.sources import LogSource
    from appliance.query.limits import QueryGuard

_USUAL_FIELDS, _USUAL_LINES = 1000, 100
#: Labels that are told whatever their values look like.
_STATIC = {"cluster", "namespace", "instance", "pod"}
_UUID = re.compile(
    r"(?:urn:uuid:)?\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?",
    re.IGNORECASE,
)
_SECOND = 10**9
#: Patterns are counted in intervals of at least this.
_LEAST_STEP_NS = 10 * _SECOND


async def detected_labels(request: web.Request) -> web.Response:
    """`/detected_labels`."""
    given = await parameters_of(request)
    start, end = params.bounds(given, request.app[HTTP].clock.now_ns())
    if end < start:
        raise BadInput("end timestamp must not be before or equal to start time")
    matchers = matchers_of(given.get("query", ""))
    work = partial(_label_counts, source_of(request), matchers, start, end)
    found = await run_query(request, lambda _: work())
    rows = [{"label": name, "cardinality": count} for name, count in found.items()]
    return answer(orjson.dumps({"detectedLabels": rows}) + b"\n")


def _label_counts(
    source: LogSource, matchers: tuple[Matcher, ...], start_ns: int, end_ns: int
) -> dict[str, int]:
    """How many values the labels have that are worth a look."""
    chosen = [matchers] if matchers else []
    values: dict[str, set[str]] = {}
    for labels in source.series(chosen, start_ns, end_ns):
        for name, value in labels:
            values.setdefault(name, set()).add(value)
    return {
        name: len(found)
        for name, found in sorted(values.items())
        if name in _STATIC or not _are_ids(found)
    }


def _are_ids(values: set[str]) -> bool:
    """Whether all values are numbers or UUIDs; 0 and 1 alone are no numbers."""
    if values <= {"0", "1"}:
        return False
    return all(parse_float(value) is not None or _UUID.fullmatch(value) for value in values)


async def detected_fields(request: web.Request) -> web.Response:
    """`/detected_fields`."""
    found, limit = await _detect(request)
    rows = [_row(name, field) for name, field in sorted(found.items())]
    return answer(orjson.dumps({"fields": rows, "limit": limit}) + b"\n")


def _row(name: str, field: DetectedField) -> dict[str, object]:
    row: dict[str, object] = {
        "label": name,
        "type": field.kind,
        "cardinality": len(field.values),
        "parsers": field.parsers or None,
    }
    return row | {"jsonPath": field.path} if field.path else row


async def detected_field_values(request: web.Request) -> web.Response:
    """`/detected_field/{name}/values`."""
    name = request.match_info["name"]
    found, limit = await _detect(request, is_for_values=True)
    values = list(found[name].values)[:limit] if name in found else []
    return answer(orjson.dumps({"values": values, "limit": limit}) + b"\n")


async def _detect(
    request: web.Request, *, is_for_values: bool = False
) -> tuple[dict[str, DetectedField], int]:
    """Fields, and the limit that was asked for: of fields, or of values of one of them."""
    given = await parameters_of(request)
    limit = _positive(given, "limit", _positive(given, "field_limit", _USUAL_FIELDS))
    lines = _positive(given, "line_limit", _USUAL_LINES)
    without_limit = {name: value for name, value in given.items() if name != "limit"}
    asked = params.range_query(without_limit, request.app[HTTP].clock.now_ns())
    most = request.app[HTTP].query_limits.max_log_entries
    if lines > most:
        raise BadInput(
            "max entries limit per query exceeded, limit > max_entries_limit_per_query"
            f" ({lines} > {most})"
        )
    query = parse_log(asked.query)
    wanted = Request(start_ns=asked.start_ns, end_ns=asked.end_ns, limit=lines)
    count = _USUAL_FIELDS if is_for_values else limit
    work = partial(_detected, query, source_of(request), wanted, count)
    return await run_query(request, work, label=asked.query), limit


def _detected(
    query: Pipeline, source: LogSource, wanted: Request, limit: int, guard: QueryGuard
) -> dict[str, DetectedField]:
    from appliance.logql.detected import detect_fields  # noqa: PLC0415 - the whole engine

    return detect_fields(query, source, wanted, guard, limit=limit)


def _positive(given: Mapping[str, str], name: str, usual: int) -> int:
    return params.entry_limit(given, name, usual)


async def patterns(request: web.Request) -> web.Response:
    """`/patterns`."""
    given = await parameters_of(request)
    asked = params.range_query(given, request.app[HTTP].clock.now_ns())
    asked = replace(asked, step_ns=max(asked.step_ns, _LEAST_STEP_NS))
    matchers = parse_matchers(asked.query)
    work = partial(_found_patterns, source_of(request), matchers, asked)
    found = await run_query(request, work, label=asked.query)
    rows = [
        {
            "pattern": pattern.text,
            "level": pattern.level,
            "samples": [[time_ns // _SECOND, count] for time_ns, count in pattern.counts],
        }
        for pattern in found
    ]
    return answer(orjson.dumps({"status": "success", "data": rows}) + b"\n")


def _found_patterns(
    source: LogSource,
    matchers: tuple[Matcher, ...],
    asked: params.RangeQuery,
    guard: QueryGuard,
) -> Sequence[Pattern]:
    from appliance.logql.patterns import find_patterns  # noqa: PLC0415 - numpy

    bounds = asked.start_ns, asked.end_ns
    return find_patterns(source, matchers, bounds, step_ns=asked.step_ns, guard=guard)
