"""`/metrics` for people: panels over what is stored. Scrapers get the exposition (`admin.py`)."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from appliance.api.http import HTTP, tenant_of
from appliance.api.prometheus.deps import PROMETHEUS
from appliance.api.prometheus.targets import known_metadata
from appliance.api.ui.rendering import UI, json_answer, page, wants_json
from appliance.base.errors import BadInput
from appliance.base.tasks import offload
from appliance.ui.metric_churn import churn
from appliance.ui.metrics import families, search, telling

if TYPE_CHECKING:
    from aiohttp import web

    from appliance.model.cardinality import Cardinality
    from appliance.ui.metric_churn import Churn

#: Names that are looked through, rows of one answer, rows of a ranking.
_NAMES, _MOST, _RANKED = 20_000, 1000, 20
#: More series than these are not compared one by one with those of an hour ago.
_COMPARED = 50_000
_HOUR_MS = 3_600_000
#: Labels that series do not do without.
_NEEDED = frozenset({"le", "quantile", "job", "instance"})


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`: the explorer; its JSON twin lists what is stored, as `/api/ui/metrics`."""
    if wants_json(request):
        return await metric_list(request)
    names = await request.app[UI].overview.metric_names(tenant_of(request))
    return await page(
        request,
        "metrics.html",
        count_names=len(names),
        now_ms=request.app[HTTP].clock.now_ms(),
    )


async def metric_list(request: web.Request) -> web.Response:
    """`GET /api/ui/metrics?search=&limit=200`: families with type, help, unit and series.

    With `order=telling` those come first that are worth a first look.

    Raises:
        BadInput: `limit` is no number.
    """
    text = request.query.get("limit", "200")
    if not text.isdecimal() or len(text) > 9:
        raise BadInput(f"limit is {text[:20]!r}; write a number of rows, at most {_MOST}")
    limit, wanted = min(int(text), _MOST), request.query.get("search", "")
    tenant, tsdb = tenant_of(request), request.app[PROMETHEUS].tsdb
    metadata = known_metadata(request)
    is_telling = request.query.get("order") == "telling"

    def find() -> dict[str, Any]:
        rows = families(tsdb.cardinality(tenant, _NAMES).series_by_name, metadata)
        found = search(rows, wanted)
        if is_telling:
            found = telling(found)
        return {
            "total": len(rows),
            "found": len(found),
            "metrics": [asdict(row) for row in found[:limit]],
        }

    return json_answer(await offload(find))


async def cardinality(request: web.Request) -> web.Response:
    """`GET /metrics/cardinality`: which names, labels and values make the most series."""
    tenant, deps = tenant_of(request), request.app[PROMETHEUS]
    now_ms = request.app[HTTP].clock.now_ms()
    source = deps.series(tenant)

    def find() -> tuple[Cardinality, Churn | None]:
        found = deps.tsdb.cardinality(tenant, _RANKED)
        if found.series > _COMPARED:
            return found, None
        since = now_ms - _HOUR_MS
        before = source.series([], since - _HOUR_MS, since - 1)
        return found, churn(before, source.series([], since, now_ms), _RANKED)

    found, changes = await offload(find)
    if wants_json(request):
        return json_answer({**asdict(found), "churn": changes and asdict(changes)})
    labels = dict(found.values_by_label)
    names = labels.pop("__name__", 0)
    return await page(
        request,
        "cardinality.html",
        found=found,
        names=names,
        # Names have a ranking of their own.
        pairs=[row for row in found.series_by_pair if not row[0].startswith("__name__=")],
        widest=next((name for name in labels if name not in _NEEDED), "LABEL"),
        churn=changes,
        most=_COMPARED,
    )
