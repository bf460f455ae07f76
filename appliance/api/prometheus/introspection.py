"""Prometheus' HTTP API v1: what the server can do and how it came to its state (Prometheus 3.14).

Features, blocks, own metrics as JSON, a job's configuration, relabelling step by step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from appliance.api.http import HTTP, tenant_of
from appliance.api.prometheus.answer import answer
from appliance.api.prometheus.deps import PROMETHEUS
from appliance.base.errors import BadInput
from appliance.base.re2 import full_match
from appliance.base.tasks import offload
from appliance.model.labels import Labels
from appliance.wire.api_json import success
from appliance.wire.metric_family import HISTOGRAM, SUMMARY, TYPE_NAMES, labels_of, parse_text

if TYPE_CHECKING:
    from appliance.relabel import RelabelConfig
    from appliance.wire.messages.exposition_pb2 import Metric, MetricFamily

#: The compaction level and version that all our data have.
_LEVEL = _VERSION = 1


def routes() -> list[web.RouteDef]:
    """The paths; all of them only answer GET."""
    handlers = {
        "/features": _features,
        "/scrape_pools/config": _pool_config,
        "/targets/relabel_steps": _relabel_steps,
        "/status/tsdb/blocks": _blocks,
        "/status/self_metrics": _self_metrics,
    }
    return [
        web.get("/api/v1" + path, handler, allow_head=False) for path, handler in handlers.items()
    ]


async def _features(request: web.Request) -> web.Response:
    from appliance.promql.lexer import AGGREGATORS  # noqa: PLC0415 - not at the start
    from appliance.promql.signatures import FUNCTIONS  # noqa: PLC0415 - not at the start

    deps = request.app[PROMETHEUS]
    has_experimental = "promql-experimental-functions" in deps.features
    data = {
        "api": {
            "admin": deps.admin_api,
            "exclude_alerts": True,
            "label_values_match": True,
            "lifecycle": True,
            "otlp_write_receiver": True,
            "query_stats": True,
            "remote_write_receiver": True,
            "time_range_series": True,
        },
        "promql": {name.removeprefix("promql-").replace("-", "_"): True for name in deps.features},
        "promql_functions": {
            name: has_experimental or not signature.experimental
            for name, signature in sorted(FUNCTIONS.items())
        },
        "promql_operators": dict.fromkeys(sorted(AGGREGATORS), True),
    }
    return answer(success(data))


async def _pool_config(request: web.Request) -> web.Response:
    name = _needed(request, "scrapePool")
    return answer(success({"yaml": request.app[PROMETHEUS].targets.pool_yaml(name)}))


async def _relabel_steps(request: web.Request) -> web.Response:
    name = _needed(request, "scrapePool")
    try:
        given = orjson.loads(_needed(request, "labels"))
    except orjson.JSONDecodeError as error:
        raise BadInput(f"error parsing labels: {error}") from error
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise BadInput("error parsing labels: they are to be an object of texts")
    steps = request.app[PROMETHEUS].targets.relabel_steps(name, Labels.of(given))
    shown = [
        {"rule": _rule(step.rule), "output": dict(step.output), "keep": step.is_kept}
        for step in steps
    ]
    return answer(success({"steps": shown}))


def _rule(rule: RelabelConfig) -> dict[str, object]:
    return {
        "source_labels": [str(name) for name in rule.source_labels],
        "separator": rule.separator,
        "regex": str(rule.regex),
        "modulus": int(rule.modulus),
        "target_label": str(rule.target_label),
        "replacement": rule.replacement,
        "action": rule.action.value,
    }


def _needed(request: web.Request, name: str) -> str:
    text = request.query.get(name, "")
    if not text:
        raise BadInput(f"no {name} parameter provided")
    return text


async def _blocks(request: web.Request) -> web.Response:
    """All data as one block: ours are small and many, and no tool asks for one of them."""
    found = await offload(request.app[PROMETHEUS].tsdb.cardinality, tenant_of(request), 1)
    if found.min_ms is None or found.max_ms is None:
        return answer(success({"blocks": []}))
    block = {
        "ulid": "0" * 26,
        "minTime": found.min_ms,
        "maxTime": found.max_ms + 1,
        "stats": {"numSeries": found.series, "numChunks": found.chunks},
        "compaction": {"level": _LEVEL, "sources": ["0" * 26]},
        "version": _VERSION,
    }
    return answer(success({"blocks": [block]}))


async def _self_metrics(request: web.Request) -> web.Response:
    pattern = request.query.get("metric_name_pattern", "")
    wanted = full_match(pattern) if pattern else None
    families = parse_text(request.app[HTTP].telemetry.expose())
    shown = [
        _family(family)
        for family in families
        if wanted is None or wanted.matches(family.name.decode())
    ]
    return answer(success(shown))


def _family(family: MetricFamily) -> dict[str, Any]:
    return {
        "name": family.name.decode(),
        "help": family.help.decode(),
        "type": TYPE_NAMES[family.type].upper(),
        "metric": [_metric(family, metric) for metric in family.metric],
    }


def _metric(family: MetricFamily, metric: Metric) -> dict[str, Any]:
    """As the JSON form of the protobuf message has it; 64-bit integers are texts."""
    pairs = [{"name": name, "value": value} for name, value in labels_of(metric).items()]
    found: dict[str, Any] = {"label": pairs} if pairs else {}
    if family.type == SUMMARY:
        found["summary"] = {
            "sampleCount": str(metric.summary.count),
            "sampleSum": metric.summary.sum,
        }
    elif family.type == HISTOGRAM:
        found["histogram"] = {
            "sampleCount": str(metric.histogram.count),
            "sampleSum": metric.histogram.sum,
            "bucket": [
                {"cumulativeCount": str(bucket.count), "upperBound": bucket.upper_bound}
                for bucket in metric.histogram.bucket
                if bucket.upper_bound != float("inf")
            ],
        }
    else:
        kind = TYPE_NAMES[family.type]
        found[kind] = {"value": getattr(metric, kind).value}
    return found
