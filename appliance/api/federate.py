"""`/federate`: the newest sample of each selected series (Prometheus, "Federation")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from aiohttp import web

from appliance.api.errors import text_response
from appliance.api.http import HTTP, parameters_of, run_query, tenant_of, with_contract
from appliance.api.remote_deps import REMOTE
from appliance.model.sample import is_absent, is_histogram, is_stale
from appliance.promql.parser import parse_selector
from appliance.wire.federation import federation_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.api.errors import Failure
    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.model.sample import SeriesGroup
    from appliance.model.sources import Guard, SeriesSource

_UTF8 = "escaping=allow-utf-8"
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping="


def routes() -> list[web.RouteDef]:
    """The one path; errors are plain text there."""
    return with_contract(_plain_text, [web.get("/federate", _federate)])


def _plain_text(request: web.Request, failure: Failure) -> web.Response:
    del request
    return text_response(failure, failure.status)


async def _federate(request: web.Request) -> web.Response:
    given = await parameters_of(request)
    selectors = [parse_selector(text) for text in given.getall("match[]", [])]
    deps = request.app[REMOTE]
    source, external = deps.series(tenant_of(request)), deps.external_labels()
    end = request.app[HTTP].clock.now_ms()
    start = end - deps.lookback_ms
    allow_utf8 = _UTF8 in request.headers.get("Accept", "").replace(" ", "")

    def work(guard: Guard) -> bytes:
        points = newest_points(source, selectors, start, end, guard)
        return federation_text(points.values(), external, allow_utf8=allow_utf8)

    content_type = _CONTENT_TYPE + ("allow-utf-8" if allow_utf8 else "underscores")
    body = await run_query(request, work)
    return web.Response(body=body, headers={"Content-Type": content_type})


def newest_points(
    source: SeriesSource,
    selectors: list[tuple[Matcher, ...]],
    start_ms: int,
    end_ms: int,
    guard: Guard,
) -> dict[Labels, tuple[Labels, int, float]]:
    """The newest sample of each series, by labels; series that have ended are left out.

    start_ms, end_ms: Both included.
    """
    found: dict[Labels, tuple[Labels, int, float]] = {}
    for matchers in selectors:
        for group in source.select(matchers, start_ms, end_ms, guard):
            found.update((point[0], point) for point in _newest(group))
    return found


def _newest(group: SeriesGroup) -> Iterator[tuple[Labels, int, float]]:
    """Histograms are left out: the text format does not have them."""
    if not len(group.timestamps_ms):
        return
    present = ~is_absent(group.values)
    last = present.shape[1] - 1 - np.argmax(present[:, ::-1], axis=1)
    values = group.values[np.arange(len(last)), last]
    shown = present.any(axis=1) & ~is_stale(values) & ~is_histogram(values)
    times = group.timestamps_ms[last].tolist()
    for row in np.flatnonzero(shown).tolist():
        yield group.labels[row], times[row], float(values[row])
