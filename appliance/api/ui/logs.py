"""`/logs`: entries of a LogQL query; its JSON twin, fields of lines, and downloads.

The page has the newest lines without JavaScript; the island asks Loki's API and the paths here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import web

from appliance.api.http import HTTP
from appliance.api.loki import params
from appliance.api.loki.deps import source_of
from appliance.api.request import parameters_of, run_query, stream_guarded
from appliance.api.ui.rendering import endpoints_of, json_answer, page, wants_json
from appliance.base.errors import ApplianceError, BadInput
from appliance.ui.guides import demo_command, guides
from appliance.ui.time_range import TimeRange, time_range

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from appliance.logql.ast import Pipeline
    from appliance.model.sources import LogSource
    from appliance.query.limits import QueryGuard
    from appliance.ui.guide import Block
    from appliance.ui.logs.rows import LogRow

#: Lines on the page without JavaScript, and in its JSON twin unless it asks for more.
_SHOWN, _IN_JSON, _MOST_IN_JSON = 50, 100, 5000
#: A page is not held up longer by its first lines: the island asks again anyway.
_PATIENCE_SECONDS = 1.0
_FIELD_LINES, _MOST_FIELD_LINES = 1000, 5000
_MOST_DOWNLOADED = 100_000
_DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for: the input, the same as LogQL, and the window."""

    text: str
    logql: str
    selector: str
    window: TimeRange
    names: Sequence[str]


async def logs(request: web.Request) -> web.Response:
    """`GET /logs`.

    Raises:
        BadInput: The window or, in the JSON twin, the query makes no sense.
    """
    asked = await _asked(request)
    if wants_json(request):
        return await _json(request, asked)
    rows, error = await _first_rows(request, asked)
    at = endpoints_of(request)
    blocks = [block for guide in guides(at) for block in guide.blocks]
    snippets = [block for block in blocks if block.title in {"promtail.yml", "a line"}]
    return await page(
        request,
        "logs.html",
        asked=asked,
        rows=rows,
        error=error,
        has_any=bool(asked.names),
        snippets=snippets,
        demo=demo_command(at),
        now_ms=request.app[HTTP].clock.now_ms(),
        props=_props(request, asked, snippets) | {"rows": [row.as_json() for row in rows]},
    )


def _props(request: web.Request, asked: _Asked, snippets: Sequence[Block]) -> dict[str, Any]:
    """What the island is told."""
    at = endpoints_of(request)
    return {
        "now_ms": request.app[HTTP].clock.now_ms(),
        "text": asked.text,
        "selector": asked.selector,
        "stream_labels": list(asked.names),
        "loki": at.urls.get("loki", at.urls.get("ui", "")),
        "demo": demo_command(at),
        "snippets": [{"title": block.title, "text": block.text} for block in snippets],
    }


async def _asked(request: web.Request) -> _Asked:
    from appliance.ui.logs.words import (  # noqa: PLC0415 - not before the first page
        shared_query,
        to_logql,
        usual_selector,
    )

    now_ns = request.app[HTTP].clock.now_ns()
    window = time_range(request.query, now_ns // 10**6)
    source = source_of(request)
    names = await run_query(request, lambda _: source.label_names([], 0, now_ns + _DAY_NS))
    selector = usual_selector(names)
    text = shared_query(request.query, request.query.getall("m", ()), names)
    return _Asked(text, to_logql(text, selector), selector, window, names)


async def _first_rows(request: web.Request, asked: _Asked) -> tuple[list[LogRow], str]:
    """The newest lines, or why there are none; metric queries have none."""
    if not asked.names:
        return [], ""
    try:
        work = partial(_read, source_of(request), asked.logql, asked.window, limit=_SHOWN)
        rows = await run_query(request, work, timeout_seconds=_PATIENCE_SECONDS, label=asked.logql)
    except ApplianceError as error:
        return [], error.message
    return rows, ""


async def _json(request: web.Request, asked: _Asked) -> web.Response:
    limit = params.entry_limit(request.query, usual=_IN_JSON)
    if limit > _MOST_IN_JSON:
        raise BadInput(f"limit must be at most {_MOST_IN_JSON}; a download has more")
    work = partial(_read, source_of(request), asked.logql, asked.window, limit=limit)
    rows = await run_query(request, work, label=asked.logql) if asked.names else []
    return json_answer(
        {
            "query": asked.logql,
            "from_ms": asked.window.start_ms,
            "to_ms": asked.window.end_ms,
            "limit": limit,
            "rows": [row.as_json() for row in rows],
        }
    )


def _read(
    source: LogSource, query: str, window: TimeRange, guard: QueryGuard, *, limit: int
) -> list[LogRow]:
    """The newest entries.

    Raises:
        BadInput: No log query.
        LimitExceeded, TimedOut: As the guard says.
    """
    from appliance.logql.engine import Request, evaluate  # noqa: PLC0415 - the whole engine
    from appliance.model.value import Streams  # noqa: PLC0415 - with the engine
    from appliance.ui.logs.rows import rows_of  # noqa: PLC0415 - with the engine

    wanted = Request(start_ns=window.start_ns, end_ns=window.end_ns, limit=limit)
    value = evaluate(_log_query(query), source, wanted, guard).value
    return rows_of(value) if isinstance(value, Streams) else []


def _log_query(text: str) -> Pipeline:
    from appliance.logql.ast import Pipeline  # noqa: PLC0415 - not before the first query
    from appliance.logql.parser import parse  # noqa: PLC0415 - not before the first query

    query = parse(text)
    if not isinstance(query, Pipeline):
        raise BadInput("a metric query has no lines; ask /loki/api/v1/query_range for its series")
    return query


async def explore(request: web.Request) -> web.Response:
    """`GET /explore`: links to Grafana's Explore lead to the page of their query's language."""
    from appliance.ui.logs.explore import explored  # noqa: PLC0415 - seldom

    raise web.HTTPFound(explored(request.query))


async def fields(request: web.Request) -> web.Response:
    """`GET /api/ui/logs/fields?query=…`: fields of the newest lines and their frequent values.

    Raises:
        BadInput: No log query, or another parameter makes no sense.
    """
    from appliance.logql.engine import Request  # noqa: PLC0415 - not before the first query
    from appliance.ui.logs.fields import find_fields  # noqa: PLC0415 - the whole engine

    given = await parameters_of(request)
    lines = params.entry_limit(given, "lines", _FIELD_LINES)
    if lines > _MOST_FIELD_LINES:
        raise BadInput(f"lines must be at most {_MOST_FIELD_LINES}")
    start, end = _bounds(request, given)
    query, source = _log_query(given.get("query", "")), source_of(request)
    wanted = Request(start_ns=start, end_ns=end, limit=lines)

    def work(guard: QueryGuard) -> dict[str, Any]:
        return find_fields(query, source, wanted, guard).as_json()

    return json_answer(await run_query(request, work, label=given.get("query", "")))


def _bounds(request: web.Request, given: Mapping[str, str]) -> tuple[int, int]:
    start, end = params.bounds(given, request.app[HTTP].clock.now_ns())
    if end < start:
        raise BadInput("end must not be before start")
    return start, end


async def download(request: web.Request) -> web.StreamResponse:
    """`GET /api/ui/logs/download?query=…&as=ndjson|text|csv`: up to 100,000 entries as a file.

    Raises:
        BadInput: No log query, or another parameter makes no sense.
    """
    from appliance.logql.engine import Request  # noqa: PLC0415 - not before the first query
    from appliance.ui.logs.download import FORMS, pages  # noqa: PLC0415 - the whole engine

    given = await parameters_of(request)
    form = FORMS.get(given.get("as", "ndjson"))
    if form is None:
        raise BadInput(f"as must be one of {', '.join(FORMS)}")
    limit = min(params.entry_limit(given, usual=_MOST_DOWNLOADED), _MOST_DOWNLOADED)
    start, end = _bounds(request, given)
    query, source = _log_query(given.get("query", "")), source_of(request)
    is_backward = given.get("direction", "backward") != "forward"
    wanted = Request(start_ns=start, end_ns=end, limit=limit, backward=is_backward)

    def make(guard: QueryGuard) -> Generator[bytes]:
        return pages(query, source, wanted, guard, form=form)

    headers = {
        "Content-Type": form.content_type,
        "Content-Disposition": f'attachment; filename="logs.{form.end}"',
        "Cache-Control": "no-store",
    }
    response = web.StreamResponse(headers=headers)
    async for piece in stream_guarded(request.app[HTTP], make, label=given.get("query", "")):
        if not response.prepared:
            await response.prepare(request)
        await response.write(piece)
    await response.write_eof()
    return response
