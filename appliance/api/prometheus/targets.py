"""Prometheus' HTTP API v1: targets and their metadata (Prometheus 3, "HTTP API")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api import params
from appliance.api.http import DEFAULT_TENANT, tenant_of
from appliance.api.prometheus.answer import answer
from appliance.api.prometheus.deps import PROMETHEUS
from appliance.api.prometheus.status import print_time
from appliance.base.errors import BadInput
from appliance.model.matcher import matches_all
from appliance.wire.api_json import success

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.ingest.scrape.manager import TargetStatus
    from appliance.ingest.scrape.target import DroppedTarget
    from appliance.model.sample import MetricMetadata


def routes() -> list[web.RouteDef]:
    """The paths; all of them only answer GET."""
    handlers = {
        "/targets": _targets,
        "/targets/metadata": _target_metadata,
        "/scrape_pools": _scrape_pools,
        "/metadata": _metadata,
    }
    return [
        web.get("/api/v1" + path, handler, allow_head=False) for path, handler in handlers.items()
    ]


async def _targets(request: web.Request) -> web.Response:
    deps = request.app[PROMETHEUS].targets
    state = request.query.get("state", "").lower() or "any"
    pool = request.query.get("scrapePool", "")
    found: dict[str, object] = {"activeTargets": [], "droppedTargets": []}
    if state in {"any", "active"}:
        found["activeTargets"] = [
            _active(target) for target in deps.targets() if pool in {"", target.scrape_pool}
        ]
    if state in {"any", "dropped"}:
        found["droppedTargets"] = [
            _dropped(target)
            for target in deps.dropped_targets()
            if pool in {"", target.scrape_pool}
        ]
        found["droppedTargetCounts"] = dict(deps.dropped_counts())
    else:
        found["droppedTargetCounts"] = None
    return answer(success(found))


def _active(target: TargetStatus) -> dict[str, object]:
    return {
        "discoveredLabels": dict(target.discovered_labels),
        "labels": dict(target.labels),
        "scrapePool": target.scrape_pool,
        "scrapeUrl": target.scrape_url,
        "globalUrl": target.global_url,
        "lastError": target.last_error,
        "lastScrape": print_time(target.last_scrape_ms),
        "lastScrapeDuration": target.last_scrape_duration_seconds,
        "health": target.health,
        "scrapeInterval": target.scrape_interval,
        "scrapeTimeout": target.scrape_timeout,
    }


def _dropped(target: DroppedTarget) -> dict[str, object]:
    return {"discoveredLabels": dict(target.discovered_labels), "scrapePool": target.scrape_pool}


async def _scrape_pools(request: web.Request) -> web.Response:
    pools = sorted(request.app[PROMETHEUS].targets.pools())
    return answer(success({"scrapePools": pools}))


def _number(request: web.Request, name: str) -> int:
    """A count; -1 when it is absent.

    Raises:
        BadInput: Not a number.
    """
    text = request.query.get(name, "")
    if not text:
        return -1
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise BadInput(f"{name} must be a number")
    return int(text)


async def _metadata(request: web.Request) -> web.Response:
    limit, per_metric = _number(request, "limit"), _number(request, "limit_per_metric")
    wanted = request.query.get("metric", "")
    found: dict[str, list[dict[str, str]]] = {}
    for name, items in known_metadata(request).items():
        if wanted not in {"", name}:
            continue
        if 0 <= limit <= len(found):
            break
        kept = items if per_metric <= 0 else items[:per_metric]
        found[name] = [_described(item) for item in kept]
    return answer(success(found))


def known_metadata(request: web.Request) -> dict[str, list[MetricMetadata]]:
    """What targets and pushes say of metrics; targets belong to the usual tenant."""
    deps, tenant = request.app[PROMETHEUS], tenant_of(request)
    known: dict[str, list[MetricMetadata]] = {}
    if tenant == DEFAULT_TENANT:
        known = {name: list(items) for name, items in deps.targets.metadata().items()}
    for name, item in deps.pushed_metadata(tenant).items():
        others = known.setdefault(name, [])
        if item not in others:
            others.append(item)
    return known


def _described(item: MetricMetadata) -> dict[str, str]:
    return {"type": item.type, "help": item.help, "unit": item.unit}


async def _target_metadata(request: web.Request) -> web.Response:
    from appliance.promql.parser import parse_selector  # noqa: PLC0415 - not at the start

    limit = _number(request, "limit")
    wanted = request.query.get("metric", "")
    try:
        matchers = parse_selector(request.query.get("match_target", "") or "{}")
    except BadInput as error:
        raise params.invalid("match_target", error) from error
    found: list[dict[str, object]] = []
    for labels, families in request.app[PROMETHEUS].targets.target_metadata():
        if 0 <= limit <= len(found):  # as in Prometheus: looked at before each target, not metric
            break
        if not matches_all(matchers, labels):
            continue
        target: dict[str, object] = {"target": dict(labels)}
        for name, item in _chosen(families, wanted).items():
            shown = {} if wanted else {"metric": name}
            found.append(target | shown | _described(item))
    return answer(success(found))


def _chosen(families: Mapping[str, MetricMetadata], wanted: str) -> Mapping[str, MetricMetadata]:
    if not wanted:
        return families
    return {wanted: families[wanted]} if wanted in families else {}
