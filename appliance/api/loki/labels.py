"""Loki's HTTP API: names, values and sets of labels (Loki 3, "Query labels", "Query streams")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.http import HTTP
from appliance.api.loki import params
from appliance.api.loki.answer import answer, is_protobuf, protobuf_answer, strings_answer
from appliance.api.loki.deps import PREFIX, source_of
from appliance.api.request import parameters_of, run_query
from appliance.base.errors import BadInput
from appliance.logql.parser import parse_matchers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multidict import MultiDict

    from appliance.api.http import Handler
    from appliance.model.matcher import Matcher


def routes() -> list[web.RouteDef]:
    """The paths; parameters come in the URL or as a form."""
    readable: dict[str, Handler] = {}
    for path in (PREFIX, "/api/prom"):
        readable[path + "/label"] = _labels
        readable[path + "/label/{name}/values"] = _label_values
        readable[path + "/series"] = _series
    readable[PREFIX + "/labels"] = _labels
    methods = (web.get, web.post)
    return [method(path, handler) for path, handler in readable.items() for method in methods]


async def _labels(request: web.Request) -> web.Response:
    given = await parameters_of(request)
    start, end = _window(request, given)
    matchers, source = _one_selector(given), source_of(request)
    found = await run_query(request, lambda _: source.label_names(matchers, start, end))
    return strings_answer(request, found)


async def _label_values(request: web.Request) -> web.Response:
    given = await parameters_of(request)
    start, end = _window(request, given)
    name = request.match_info["name"]
    matchers, source = _one_selector(given), source_of(request)
    found = await run_query(request, lambda _: source.label_values(name, matchers, start, end))
    return strings_answer(request, found)


async def _series(request: web.Request) -> web.Response:
    from appliance.wire import loki_json, loki_proto  # noqa: PLC0415 - not before the first query

    given = await parameters_of(request)
    start, end = _window(request, given)
    matchers, source = _selectors(given), source_of(request)
    found = await run_query(request, lambda _: source.series(matchers, start, end))
    if is_protobuf(request):
        return protobuf_answer(loki_proto.series(found))
    return answer(loki_json.series(found))


def _window(request: web.Request, given: Mapping[str, str]) -> tuple[int, int]:
    return params.bounds(given, request.app[HTTP].clock.now_ns())


def _one_selector(given: Mapping[str, str]) -> list[tuple[Matcher, ...]]:
    text = given.get("query", "")
    return [] if text.replace(" ", "") in {"", "{}"} else [parse_matchers(text)]


def _selectors(given: MultiDict[str]) -> list[tuple[Matcher, ...]]:
    """Alternatives; none, or `{}` alone, means every stream.

    Raises:
        BadInput: Not a selector, or one of several is empty.
    """
    texts = sorted({*given.getall("match", []), *given.getall("match[]", [])})
    if [text.replace(" ", "") for text in texts] == ["{}"]:
        return []
    found = [parse_matchers(text, may_be_empty=True) for text in texts]
    for text, matchers in zip(texts, found, strict=True):
        if not matchers:
            raise BadInput(f"0 matchers in group: {text}")
    return found
