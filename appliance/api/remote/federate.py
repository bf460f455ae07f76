"""`/federate`: the newest sample of each selected series (Prometheus, "Federation")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from aiohttp import web

from appliance.api.errors import text_response
from appliance.api.http import HTTP, tenant_of, with_contract
from appliance.api.remote.deps import REMOTE
from appliance.api.request import parameters_of, run_query
from appliance.model.sample import is_absent, is_histogram, is_stale, unbox_histograms
from appliance.wire.federation import FederatedPoint, federation_protobuf, federation_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.api.errors import Failure
    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.model.sample import SeriesGroup
    from appliance.model.sources import Guard, SeriesSource

_UTF8 = "escaping=allow-utf-8"
_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_PROTOBUF = (
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
)


def routes() -> list[web.RouteDef]:
    """The one path; errors are plain text there."""
    return with_contract(_plain_text, [web.get("/federate", _federate)])


def _plain_text(request: web.Request, failure: Failure) -> web.Response:
    del request
    return text_response(failure, failure.status)


async def _federate(request: web.Request) -> web.Response:
    from appliance.promql.parser import parse_selector  # noqa: PLC0415 - not at the start

    given = await parameters_of(request)
    selectors = [parse_selector(text) for text in given.getall("match[]", [])]
    deps = request.app[REMOTE]
    source, external = deps.series(tenant_of(request)), deps.external_labels()
    end = request.app[HTTP].clock.now_ms()
    start = end - deps.lookback_ms
    accepted = request.headers.get("Accept", "").replace(" ", "")
    allow_utf8, as_protobuf = _UTF8 in accepted, _wants_protobuf(accepted)

    def work(guard: Guard) -> bytes:
        points = newest_points(source, selectors, start, end, guard)
        encode = federation_protobuf if as_protobuf else federation_text
        return encode(points.values(), external, allow_utf8=allow_utf8)

    escaping = "allow-utf-8" if allow_utf8 else "underscores"
    content_type = f"{_PROTOBUF if as_protobuf else _TEXT}; escaping={escaping}"
    body = await run_query(request, work)
    return web.Response(body=body, headers={"Content-Type": content_type})


def _wants_protobuf(accepted: str) -> bool:
    """Whether delimited protobuf has at least the weight of text."""
    weights = {"application/vnd.google.protobuf": 0.0, "text/plain": 0.0}
    for item in accepted.split(","):
        kind, *parameters = item.split(";")
        if kind == "application/vnd.google.protobuf" and "encoding=delimited" not in parameters:
            continue
        given = [part[2:] for part in parameters if part.startswith("q=")]
        try:
            weight = float(given[0]) if given else 1.0
        except ValueError:
            continue
        if kind in weights:
            weights[kind] = max(weights[kind], weight)
    return 0 < weights["application/vnd.google.protobuf"] >= weights["text/plain"]


def newest_points(
    source: SeriesSource,
    selectors: list[tuple[Matcher, ...]],
    start_ms: int,
    end_ms: int,
    guard: Guard,
) -> dict[Labels, FederatedPoint]:
    """The newest sample of each series, by labels; series that have ended are left out.

    start_ms, end_ms: Both included.
    """
    found: dict[Labels, FederatedPoint] = {}
    for matchers in selectors:
        for group in source.select(matchers, start_ms, end_ms, guard):
            found.update((point.labels, point) for point in _newest(group))
    return found


def _newest(group: SeriesGroup) -> Iterator[FederatedPoint]:
    if not len(group.timestamps_ms):
        return
    present = ~is_absent(group.values)
    last = present.shape[1] - 1 - np.argmax(present[:, ::-1], axis=1)
    values = group.values[np.arange(len(last)), last]
    shown = present.any(axis=1) & ~is_stale(values)
    boxed, numbers = is_histogram(values), unbox_histograms(values)
    times = group.timestamps_ms[last].tolist()
    for row in np.flatnonzero(shown).tolist():
        histogram = group.histograms[numbers[row]] if boxed[row] else None
        yield FederatedPoint(group.labels[row], times[row], float(values[row]), histogram)
