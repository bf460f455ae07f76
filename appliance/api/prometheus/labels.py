"""Prometheus' HTTP API v1: labels and series (Prometheus 3, "HTTP API", Querying metadata)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.api import params
from appliance.api.http import tenant_of
from appliance.api.prometheus.answer import truncated
from appliance.api.prometheus.deps import PROMETHEUS
from appliance.api.request import parameters_of, run_query
from appliance.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web
    from multidict import MultiDict

    from appliance.model.matcher import Matcher
    from appliance.query.limits import QueryGuard

_ESCAPE = re.compile(r"__|_([0-9a-fA-F]{1,8})_|(_)")


async def labels(request: web.Request) -> web.Response:
    """`/labels`: names of labels."""
    given = await parameters_of(request)
    limit = params.limit(given)
    start, end = window_of(given)
    matchers = matchers_of(given, names=False)
    source = request.app[PROMETHEUS].series(tenant_of(request))
    return await run_query(
        request, lambda _: truncated(source.label_names(matchers, start, end), limit)
    )


async def label_values(request: web.Request) -> web.Response:
    """`/label/NAME/values`."""
    name = _unescaped(request.match_info["name"])
    given = await parameters_of(request)
    limit = params.limit(given)
    start, end = window_of(given)
    matchers = matchers_of(given, names=False)
    source = request.app[PROMETHEUS].series(tenant_of(request))
    return await run_query(
        request, lambda _: truncated(source.label_values(name, matchers, start, end), limit)
    )


async def series(request: web.Request) -> web.Response:
    """`/series`: label sets."""
    given = await parameters_of(request)
    if not given.getall("match[]", []):
        raise BadInput("no match[] parameter provided")
    limit = params.limit(given)
    start, end = window_of(given)
    matchers = matchers_of(given)
    source = request.app[PROMETHEUS].series(tenant_of(request))

    def work(_: QueryGuard) -> web.Response:
        found = source.series(matchers, start, end)
        return truncated([dict(item) for item in found], limit)

    return await run_query(request, work)


def window_of(given: Mapping[str, str]) -> tuple[int, int]:
    """`start` and `end`; everything when they are absent.

    Raises:
        BadInput: Not times.
    """
    start = params.time_ms(given, "start", params.MIN_MS)
    return start, params.time_ms(given, "end", params.MAX_MS)


def matchers_of(given: MultiDict[str], *, names: bool = True) -> list[tuple[Matcher, ...]]:
    """The selectors of all `match[]`.

    Args:
        names: Whether a refusal names the parameter; Prometheus' look-ups of labels do not.

    Raises:
        BadInput: One of them cannot be read, or selects everything.
    """
    from appliance.promql.parser import parse_selector  # noqa: PLC0415 - not at the start

    found = []
    for text in given.getall("match[]", []):
        try:
            matchers = parse_selector(text)
        except BadInput as error:
            if not names:
                raise
            raise params.invalid("match[]", error) from error
        if all(matcher.matches("") for matcher in matchers):
            raise params.invalid("match[]", "match[] must contain at least one non-empty matcher")
        found.append(matchers)
    return found


def _unescaped(name: str) -> str:
    """A label name from a URL: `U__a_2e_b` is `a.b` (Prometheus 3, escaping scheme "values")."""
    if not name.startswith("U__"):
        return name
    parts: list[str] = []
    body, at = name[3:], 0
    for match in _ESCAPE.finditer(body):
        parts.append(body[at : match.start()])
        at = match.end()
        if match[2]:
            return name
        point = int(match[1], 16) if match[1] else ord("_")
        if point > 0x10FFFF or 0xD800 <= point < 0xE000:
            return name
        parts.append(chr(point))
    return "".join(parts) + body[at:]
