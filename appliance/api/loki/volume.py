"""Loki's HTTP API: how much there is (Loki 3, "Query log statistics", "Query log volume").

Bytes are those of lines; of chunks that reach over the edge of a range the share within it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import orjson

from appliance.api.http import HTTP
from appliance.api.loki import params
from appliance.api.loki.answer import answer, is_protobuf, protobuf_answer
from appliance.api.loki.deps import source_of
from appliance.api.request import parameters_of, run_query
from appliance.base.errors import BadInput
from appliance.logql.parser import parse_matchers
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aiohttp import web

    from appliance.model.log import StreamVolume
    from appliance.model.sources import LogSource
    from appliance.query.limits import QueryGuard

_MS = 10**6
_USUAL_SERIES = 100
_BY_LABELS, _BY_SERIES = "labels", "series"


async def stats(request: web.Request) -> web.Response:
    """`/index/stats`."""
    given = await parameters_of(request)
    asked = params.range_query(given, request.app[HTTP].clock.now_ns())
    found = _totals(await run_query(request, partial(_volumes, source_of(request), asked)))
    if is_protobuf(request):
        from appliance.wire import loki_proto  # noqa: PLC0415 - seldom

        return protobuf_answer(loki_proto.index_stats(found.values()))
    return answer(orjson.dumps(found))


async def shards(request: web.Request) -> web.Response:
    """One shard has everything: two of them would not be faster here."""
    given = await parameters_of(request)
    asked = params.range_query(given, request.app[HTTP].clock.now_ns())
    found = await run_query(request, partial(_volumes, source_of(request), asked))
    bounds = {"min": "0", "max": "18446744073709551615"}
    shards = [{"bounds": bounds, "stats": _totals(found)}]
    return answer(orjson.dumps({"shards": shards, "statistics": {}, "chunkGroups": []}))


def _volumes(
    source: LogSource, asked: params.RangeQuery, guard: QueryGuard
) -> Sequence[StreamVolume]:
    matchers = matchers_of(asked.query)
    return source.volumes(matchers, asked.start_ns, asked.end_ns, guard)


def _totals(found: Sequence[StreamVolume]) -> dict[str, int]:
    return {
        "streams": len(found),
        "chunks": sum(volume.chunks for volume in found),
        "bytes": sum(volume.text_bytes for volume in found),
        "entries": sum(volume.entries for volume in found),
    }


def matchers_of(query: str) -> tuple[Matcher, ...]:
    """A selector; `{}` and nothing at all mean every stream.

    Raises:
        BadInput: Not a selector.
    """
    return () if query.replace(" ", "") in {"", "{}"} else parse_matchers(query)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a volume is asked for.

    Attributes:
        names: Labels that volumes are told apart by; None: all of them.
        by_labels: One volume for each label, not for each set of them.
    """

    matchers: tuple[Matcher, ...]
    names: frozenset[str] | None
    by_labels: bool
    limit: int

    def add_up(self, found: Sequence[StreamVolume]) -> dict[Labels, int]:
        """The greatest volumes, greatest first."""
        sizes: Counter[Labels] = Counter()
        for volume in found:
            labels = volume.labels
            if self.names is not None:
                labels = Labels(pair for pair in labels if pair[0] in self.names)
            if self.by_labels:
                for name, _ in labels:
                    sizes[Labels([(name, "")])] += volume.text_bytes
            else:
                sizes[labels] += volume.text_bytes
        ordered = sorted(sizes.items(), key=lambda item: (-item[1], item[0].sort_key))
        return dict(ordered[: self.limit])


def _wanted(given: Mapping[str, str], query: str) -> _Wanted:
    """The parameters that both volumes share.

    Raises:
        BadInput: One of them cannot be read.
    """
    limit = params.whole_number(given.get("limit", ""), _USUAL_SERIES) or _USUAL_SERIES
    if limit < 0:
        raise BadInput("limit must be a positive value")
    by = given.get("aggregateBy", "") or _BY_SERIES
    if by not in {_BY_LABELS, _BY_SERIES}:
        raise BadInput("invalid aggregation option")
    matchers = matchers_of(query)
    targets = [name for name in given.get("targetLabels", "").split(",") if name]
    named = {matcher.name for matcher in matchers}
    if targets:
        present = [Matcher(name, MatchOp.REGEX, ".+") for name in targets if name not in named]
        matchers, named = (*matchers, *present), set(targets)
    names = frozenset(named) if matchers else None
    return _Wanted(matchers, names, by == _BY_LABELS, limit)


async def volume(request: web.Request) -> web.Response:
    """`/index/volume`."""
    given = await parameters_of(request)
    now_ns = request.app[HTTP].clock.now_ns()
    wanted = _wanted(given, given.get("query", ""))
    start, end = params.bounds(given, now_ns)
    if end < start:
        raise BadInput("end timestamp must not be before or equal to start time")
    source = source_of(request)
    work = partial(_encoded, source, wanted, [(start, end, end // _MS)])
    return answer(await run_query(request, work))


async def volume_range(request: web.Request) -> web.Response:
    """`/index/volume_range`."""
    given = await parameters_of(request)
    _wanted(given, "")  # its mistakes are told first
    without_limit = {name: value for name, value in given.items() if name != "limit"}
    asked = params.range_query(without_limit, request.app[HTTP].clock.now_ns())
    wanted, source = _wanted(given, asked.query), source_of(request)
    work = partial(_encoded, source, wanted, list(_intervals(asked)))
    return answer(await run_query(request, work))


def _intervals(asked: params.RangeQuery) -> Iterator[tuple[int, int, int]]:
    """Start, end and time in ms of each point: a ms before the next multiple of the step."""
    start, step = asked.start_ns, asked.step_ns
    while start < asked.end_ns:
        following = (start // step + 1) * step
        end = min(following, asked.end_ns)
        yield start, end, end // _MS - (following < asked.end_ns)
        start = end


def _encoded(
    source: LogSource,
    wanted: _Wanted,
    intervals: Sequence[tuple[int, int, int]],
    guard: QueryGuard,
) -> bytes:
    """A vector when no series has more than one point, as Loki has it; else a matrix."""
    points: dict[Labels, list[tuple[int, int]]] = {}
    steps = [(start, end) for start, end, _ in intervals]
    volumes = source.volume_steps(wanted.matchers, steps, guard)
    for (_, _, time_ms), found in zip(intervals, volumes, strict=True):
        guard.check()
        for labels, size in wanted.add_up(found).items():
            points.setdefault(labels, []).append((time_ms, size))
    ordered = sorted(points.items(), key=lambda item: (-item[1][0][1], item[0].sort_key))
    is_matrix = any(len(values) > 1 for values in points.values())
    rows: list[dict[str, object]] = []
    for labels, values in ordered:
        shown = [[_seconds(time_ms), str(size)] for time_ms, size in values]
        key = "values" if is_matrix else "value"
        rows.append({"metric": dict(labels), key: shown if is_matrix else shown[0]})
    return _document("matrix" if is_matrix else "vector", rows)


def _seconds(time_ms: int) -> float:
    return time_ms / 1000 if time_ms % 1000 else time_ms // 1000


def _document(kind: str, rows: Sequence[Mapping[str, object]]) -> bytes:
    from appliance.wire.loki_stats import (  # noqa: PLC0415 - not before the first query
        QueryStats,
        stats_document,
    )

    data = {"resultType": kind, "result": rows, "stats": stats_document(QueryStats())}
    return orjson.dumps({"status": "success", "data": data}) + b"\n"
