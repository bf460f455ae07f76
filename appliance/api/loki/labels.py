"""Loki's HTTP API: names, values and sets of labels (Loki 3, "Query labels", "Query streams")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api.http import HTTP
from appliance.api.loki import params
from appliance.api.loki.answer import answer, is_protobuf, protobuf_answer, strings_answer
from appliance.api.loki.deps import source_of
from appliance.api.request import parameters_of, run_query
from appliance.base.errors import BadInput
from appliance.logql.parser import parse_matchers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web
    from multidict import MultiDict

    from appliance.model.matcher import Matcher


async def labels(request: web.Request) -> web.Response:
    """`/labels`, `/label`."""
    given = await parameters_of(request)
    start, end = _window(request, given)
    matchers, source = _one_selector(given), source_of(request)
    found = await run_query(request, lambda _: source.label_names(matchers, start, end))
    return strings_answer(request, found)


async def label_values(request: web.Request) -> web.Response:
    """`/label/{name}/values`."""
    given = await parameters_of(request)
    start, end = _window(request, given)
    name = request.match_info["name"]
    matchers, source = _one_selector(given), source_of(request)
    found = await run_query(request, lambda _: source.label_values(name, matchers, start, end))
    return strings_answer(request, found)


async def series(request: web.Request) -> web.Response:
    """`/series`."""
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
