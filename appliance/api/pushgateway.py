"""The Pushgateway's HTTP contract (prometheus/pushgateway, README, "API")."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from appliance import __version__
from appliance.api.admin import MORE_METRICS
from appliance.api.errors import pushgateway as contract
from appliance.api.http import HTTP, base_app, require_token, with_contract
from appliance.api.prometheus.status import print_time
from appliance.api.request import body_of
from appliance.api.sending import sending
from appliance.base.errors import BadInput
from appliance.base.tasks import run
from appliance.model.accepted import Origin
from appliance.wire.metric_family import (
    HISTOGRAM,
    SUMMARY,
    TYPE_NAMES,
    delimited,
    labels_of,
    parse_delimited,
    parse_text,
    print_text,
)
from appliance.wire.numbers import print_general

if TYPE_CHECKING:
    from appliance.api.http import HttpDeps
    from appliance.ingest.pushgateway.gateway import PushGateway
    from appliance.ingest.pushgateway.group import Group
    from appliance.wire.messages.exposition_pb2 import Metric, MetricFamily

PUSHGATEWAY: web.AppKey[PushGateway] = web.AppKey("pushgateway")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_SUFFIX = "@base64"
_OFFLOAD_FROM_BYTES = 16 << 10
_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_PROTOBUF = (
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
)


def make_app(http: HttpDeps, gateway: PushGateway) -> web.Application:
    """The application of the `pushgateway` listener."""
    app = base_app("pushgateway", http, contract=contract)
    app[PUSHGATEWAY] = gateway
    app[MORE_METRICS] = lambda: print_text(gateway.families())
    app.add_routes(routes())
    return app


def routes() -> list[web.RouteDef]:
    """The Pushgateway's paths."""
    path = "/metrics/{job:job(?:@base64)?}/{rest:.+}"
    return with_contract(
        contract,
        [
            web.post(path, _push),
            web.put(path, _push),
            web.delete(path, _delete),
            web.get("/pushed", _pushed),
            web.get("/api/v1/metrics", _metrics, allow_head=False),
            web.get("/api/v1/status", _status, allow_head=False),
            web.put("/api/v1/admin/wipe", _wipe),
        ],
    )


# -- writing


async def _push(request: web.Request) -> web.Response:
    with sending(request, "metrics", "pushgateway") as sent:
        require_token(request)
        labels = _grouping_key(request)
        body = await body_of(request)
        is_protobuf = "application/vnd.google.protobuf" in request.headers.get("Content-Type", "")
        parse = parse_delimited if is_protobuf else parse_text
        families = await run(parse, body, offloaded=len(body) > _OFFLOAD_FROM_BYTES)
        await request.app[PUSHGATEWAY].push(labels, families, replaces=request.method == "PUT")
        count = sum(len(family.metric) for family in families)
        sent.stored(count, origins=(Origin(labels["job"]),))
    return web.Response()


async def _delete(request: web.Request) -> web.Response:
    require_token(request)
    await request.app[PUSHGATEWAY].delete(_grouping_key(request))
    return web.Response(status=202)


async def _wipe(request: web.Request) -> web.Response:
    require_token(request)
    await request.app[PUSHGATEWAY].wipe()
    return web.Response(status=202)


def _grouping_key(request: web.Request) -> dict[str, str]:
    """The labels of the path: `/metrics/job/JOB{/NAME/VALUE}`, values maybe in base64.

    Raises:
        BadInput: In Pushgateway's words.
    """
    raw = request.match_info["rest"].split("/")
    job, rest = raw[0], raw[1:]
    if request.match_info["job"].endswith(_SUFFIX):
        job = _decoded(job, 'invalid base64 encoding in job name ""')
    if not job:
        raise BadInput("job name is required")
    if len(rest) % 2:
        raise BadInput(f'odd number of components in label string "/{"/".join(rest)}"')
    labels = {}
    for name, value in zip(rest[::2], rest[1::2], strict=True):
        plain = name.removesuffix(_SUFFIX)
        if not _LABEL.fullmatch(plain) or plain.startswith("__"):
            raise BadInput(f'improper label name "{plain}"')
        wrong = f'invalid base64 encoding for label {plain}="{value}"'
        labels[plain] = _decoded(value, wrong) if name.endswith(_SUFFIX) else value
    return {**labels, "job": job}


def _decoded(text: str, wrong: str) -> str:
    """Base64 for URLs, padding optional; `=` alone is the empty string."""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(
            bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True
        ).decode()
    except (binascii.Error, UnicodeDecodeError):
        at = next((i for i, char in enumerate(bare) if not (char.isalnum() or char in "-_")), 0)
        raise BadInput(f"{wrong}: illegal base64 data at input byte {at}") from None


# -- reading


async def _pushed(request: web.Request) -> web.Response:
    """What was pushed, as a scrape sees it."""
    families = request.app[PUSHGATEWAY].families()
    if "application/vnd.google.protobuf" in request.headers.get("Accept", ""):
        return web.Response(body=delimited(families), headers={"Content-Type": _PROTOBUF})
    return web.Response(body=print_text(families), headers={"Content-Type": _TEXT})


async def _metrics(request: web.Request) -> web.Response:
    groups = request.app[PUSHGATEWAY].groups
    data = [_group(groups[key]) for key in sorted(groups)]
    return _json({"status": "success", "data": data})


def _group(group: Group) -> dict[str, Any]:
    found: dict[str, Any] = {
        "labels": dict(group.labels),
        "last_push_successful": group.has_worked,
    }
    for name, family in group.all_families().items():
        found[name] = _family(family, group.changed_ms.get(name, group.last_ms))
    return found


def _family(family: MetricFamily, changed_ms: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "time_stamp": print_time(changed_ms),
        "type": TYPE_NAMES[family.type].upper(),
    }
    if family.help:
        found["help"] = family.help.decode()
    found["metrics"] = [_metric(family, metric) for metric in family.metric]
    return found


def _metric(family: MetricFamily, metric: Metric) -> dict[str, Any]:
    found: dict[str, Any] = {"labels": labels_of(metric)}
    if family.type == SUMMARY:
        summary = metric.summary
        found["quantiles"] = {
            print_general(item.quantile): print_general(item.value) for item in summary.quantile
        }
        found |= {"count": str(summary.count), "sum": print_general(summary.sum)}
    elif family.type >= HISTOGRAM:
        histogram = metric.histogram
        found["buckets"] = {
            print_general(item.upper_bound): str(item.count) for item in histogram.bucket
        }
        found |= {"count": str(histogram.count), "sum": print_general(histogram.sum)}
    else:
        single = getattr(metric, TYPE_NAMES[family.type])
        found["value"] = print_general(single.value)
    return found


async def _status(request: web.Request) -> web.Response:
    build = {"version": f"1.11.2+appliance.{__version__}", "revision": "", "branch": ""}
    build |= {"buildUser": "", "buildDate": "", "goVersion": ""}
    started = print_time(request.app[HTTP].started_ms)
    data = {"build_information": build, "flags": {}, "start_time": started}
    return _json({"status": "success", "data": data})


def _json(document: object) -> web.Response:
    return web.Response(body=orjson.dumps(document), content_type="application/json")
