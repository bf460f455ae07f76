"""Loki's HTTP API: the ruler (Loki 3, "Ruler"): groups as YAML, states of rules as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from appliance.api.errors import loki_push
from appliance.api.http import require_control, with_contract
from appliance.api.loki.deps import PREFIX, tenant_of
from appliance.api.prometheus.status import print_time
from appliance.api.request import body_of, parameters_of
from appliance.base.errors import NotFound
from appliance.rules.log_folder import print_yaml
from appliance.wire.numbers import print_exponent

if TYPE_CHECKING:
    from multidict import MultiDict

    from appliance.rules.alert import Alert
    from appliance.rules.log_rules import LogRules, TenantGroup
    from appliance.rules.rule_state import RuleState

LOG_RULES: web.AppKey[LogRules] = web.AppKey("log_rules")
_DONE = {"status": "success", "data": None, "errorType": "", "error": ""}
_KINDS = {"alert": True, "record": False}


def routes() -> list[web.RouteDef]:
    """The paths; those below `/api/prom` are older names."""
    found = [
        web.get("/prometheus/api/v1/rules", _states),
        web.get("/prometheus/api/v1/alerts", _alerts),
    ]
    for path in (PREFIX + "/rules", "/api/prom/rules"):
        found += [
            web.get(path, _list),
            web.get(path + "/{namespace}", _list),
            web.post(path + "/{namespace}", _set),
            web.delete(path + "/{namespace}", _delete_namespace),
            web.get(path + "/{namespace}/{group}", _get),
            web.delete(path + "/{namespace}/{group}", _delete),
        ]
    return with_contract(loki_push, found)


async def _list(request: web.Request) -> web.Response:
    found = await request.app[LOG_RULES].namespaces(tenant_of(request))
    namespace = request.match_info.get("namespace")
    if namespace is not None:
        found = {name: groups for name, groups in found.items() if name == namespace}
    if not found:
        raise NotFound("no rule groups found")
    return _yaml(found)


async def _get(request: web.Request) -> web.Response:
    namespace, name = request.match_info["namespace"], request.match_info["group"]
    return _yaml(await request.app[LOG_RULES].group(tenant_of(request), namespace, name))


def _yaml(document: object) -> web.Response:
    return web.Response(body=print_yaml(document).encode(), content_type="application/yaml")


async def _set(request: web.Request) -> web.Response:
    require_control(request)
    body = await body_of(request)
    namespace = request.match_info["namespace"]
    await request.app[LOG_RULES].set_group(tenant_of(request), namespace, body)
    return _accepted()


async def _delete(request: web.Request) -> web.Response:
    require_control(request)
    namespace, name = request.match_info["namespace"], request.match_info["group"]
    await request.app[LOG_RULES].delete_group(tenant_of(request), namespace, name)
    return _accepted()


async def _delete_namespace(request: web.Request) -> web.Response:
    require_control(request)
    namespace = request.match_info["namespace"]
    await request.app[LOG_RULES].delete_namespace(tenant_of(request), namespace)
    return _accepted()


def _accepted() -> web.Response:
    return web.Response(body=orjson.dumps(_DONE), status=202, content_type="application/json")


def _success(data: object) -> web.Response:
    body = orjson.dumps({**_DONE, "data": data})
    return web.Response(body=body, content_type="application/json")


def _failure(message: str) -> web.Response:
    failed = {"status": "error", "data": None, "errorType": "bad_data", "error": message}
    return web.Response(body=orjson.dumps(failed), status=400, content_type="application/json")


async def _states(request: web.Request) -> web.Response:
    given = await parameters_of(request)
    kind = given.get("type", "").lower()
    if kind and kind not in _KINDS:
        return _failure(f'unsupported rule type "{kind}"')
    groups = request.app[LOG_RULES].groups(tenant_of(request))
    found = [_group(group, given) for group in groups if _takes(group, given)]
    return _success({"groups": [group for group in found if group["rules"] or not given]})


def _takes(group: TenantGroup, given: MultiDict[str]) -> bool:
    names, files = _all(given, "rule_group"), _all(given, "file")
    is_named = not names or group.state.group.name in names
    return is_named and (not files or group.file in files)


def _all(given: MultiDict[str], name: str) -> list[str]:
    """What a parameter is given as, written as Loki has it or as Prometheus does."""
    return [*given.getall(name, []), *given.getall(name + "[]", [])]


def _group(group: TenantGroup, given: MultiDict[str]) -> dict[str, Any]:
    state = group.state
    kind, names = _KINDS.get(given.get("type", "").lower()), _all(given, "rule_name")
    rules = [
        _rule(rule)
        for rule in state.rules
        if kind in {None, bool(rule.rule.alert)} and (not names or rule.rule.name in names)
    ]
    return {
        "name": state.group.name,
        "file": group.file,
        "rules": rules,
        "interval": state.interval_ms / 1000,
        "limit": state.group.limit,
        "lastEvaluation": print_time(state.last_ms),
        "evaluationTime": state.seconds,
    }


def _rule(rule: RuleState) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": rule.rule.name,
        "query": rule.rule.expr,
        "labels": rule.labels,
        "health": rule.health,
        "lastError": rule.last_error,
        "type": "recording" if rule.alerts is None else "alerting",
        "lastEvaluation": print_time(rule.last_ms),
        "evaluationTime": rule.seconds,
    }
    if rule.alerts is None:
        return found
    return {
        "state": rule.state.value,
        **found,
        "duration": int(rule.rule.for_) / 1000,
        "keepFiringFor": int(rule.rule.keep_firing_for) / 1000,
        "annotations": {str(name): text for name, text in rule.rule.annotations.items()},
        "alerts": [_alert(alert) for alert in rule.alerts.active],
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "state": alert.state.value,
        "activeAt": print_time(alert.active_ms),
        "value": print_exponent(alert.value),
    }


async def _alerts(request: web.Request) -> web.Response:
    found = [
        _alert(alert)
        for group in request.app[LOG_RULES].groups(tenant_of(request))
        for rule in group.state.rules
        if rule.alerts is not None
        for alert in rule.alerts.active
    ]
    return _success({"alerts": found})
