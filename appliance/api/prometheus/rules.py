"""Prometheus' HTTP API v1: rules and alerts (Prometheus 3, "HTTP API", Rules and Alerts)."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from aiohttp import web

from appliance.api import params
from appliance.api.prometheus.answer import answer
from appliance.api.prometheus.deps import PROMETHEUS
from appliance.api.prometheus.labels import matchers_of
from appliance.api.prometheus.status import print_time
from appliance.api.request import parameters_of
from appliance.model.labels import Labels
from appliance.model.matcher import matches_all
from appliance.wire.api_json import success
from appliance.wire.numbers import print_exponent

if TYPE_CHECKING:
    from multidict import MultiDict

    from appliance.rules.alert import Alert
    from appliance.rules.group_state import GroupState
    from appliance.rules.rule_state import RuleState

_TRUE, _FALSE = {"1", "t", "T", "TRUE", "true", "True"}, {"0", "f", "F", "FALSE", "false", "False"}


def routes() -> list[web.RouteDef]:
    """The paths; all of them only answer GET."""
    handlers = {"/rules": _rules, "/alerts": _alerts, "/alertmanagers": _alertmanagers}
    return [
        web.get("/api/v1" + path, handler, allow_head=False) for path, handler in handlers.items()
    ]


async def _rules(request: web.Request) -> web.Response:
    given = await parameters_of(request)
    wanted = _Filter(given)
    groups = sorted(request.app[PROMETHEUS].rules.groups, key=lambda g: (g.file, g.group.name))
    page, token = _page(groups, given)
    found = []
    for group in page:
        rules = [wanted.rule(group, rule) for rule in group.rules if wanted.takes(group, rule)]
        if rules:
            found.append(_group(group, rules))
    data: dict[str, Any] = {"groups": found}
    if token:
        data["groupNextToken"] = token
    return answer(success(data))


class _Filter:
    """What the parameters ask for.

    Raises:
        BadInput: A parameter is none of those there are.
    """

    def __init__(self, given: MultiDict[str]) -> None:
        self.kind = given.get("type", "").lower()
        if self.kind not in {"", "alert", "record"}:
            raise params.invalid("type", f'not supported value "{self.kind}"')
        flag = given.get("exclude_alerts", "")
        if flag and flag not in _TRUE | _FALSE:
            text = f'strconv.ParseBool: parsing "{flag}": invalid syntax'
            reason = f"error converting exclude_alerts: {text}"
            raise params.invalid("exclude_alerts", reason)
        self._shows_alerts = flag not in _TRUE
        self._names, self._groups, self._files = (
            set(given.getall(name, [])) for name in ("rule_name[]", "rule_group[]", "file[]")
        )
        self._matchers = matchers_of(given, names=False)

    def takes(self, group: GroupState, rule: RuleState) -> bool:
        """Whether a rule is asked for."""
        if self._groups and group.group.name not in self._groups:
            return False
        if self._files and group.file not in self._files:
            return False
        if self._names and rule.rule.name not in self._names:
            return False
        if self.kind and (self.kind == "alert") != bool(rule.rule.alert):
            return False
        labels = Labels.of(rule.labels)
        return not self._matchers or any(matches_all(each, labels) for each in self._matchers)

    def rule(self, group: GroupState, rule: RuleState) -> dict[str, object]:
        """A rule as JSON."""
        found: dict[str, object] = {}
        if rule.alerts is not None:
            found["state"] = rule.state.value
        found["name"] = rule.rule.name
        found["query"] = _query(group, rule)
        if rule.alerts is not None:
            found["duration"] = int(rule.rule.for_) / 1000
            found["keepFiringFor"] = int(rule.rule.keep_firing_for) / 1000
            found["labels"] = dict(sorted(rule.labels.items()))
            texts = rule.rule.annotations
            found["annotations"] = {str(name): text for name, text in sorted(texts.items())}
            alerts = [_alert(alert) for alert in rule.alerts.active]
            found["alerts"] = alerts if self._shows_alerts else None
        elif rule.labels:
            found["labels"] = rule.labels
        found["health"] = rule.health
        if rule.last_error:
            found["lastError"] = rule.last_error
        found["evaluationTime"] = rule.seconds
        found["lastEvaluation"] = print_time(rule.last_ms)
        found["type"] = "recording" if rule.alerts is None else "alerting"
        return found


def _query(group: GroupState, rule: RuleState) -> str:
    """The expression; what is no PromQL as it was written."""
    if rule.expr is None or not group.reads_series:
        return rule.rule.expr
    from appliance.promql.printer import print_expr  # noqa: PLC0415 - not at the start

    return print_expr(rule.expr)


def _group(group: GroupState, rules: list[dict[str, object]]) -> dict[str, object]:
    return {
        "name": group.group.name,
        "file": group.file,
        "rules": rules,
        "interval": group.interval_ms / 1000,
        "limit": group.group.limit,
        "evaluationTime": group.seconds,
        "lastEvaluation": print_time(group.last_ms),
    }


def _alert(alert: Alert) -> dict[str, object]:
    found: dict[str, object] = {
        "labels": dict(alert.labels),
        "annotations": dict(sorted(alert.annotations.items())),
        "state": alert.state.value,
        "activeAt": print_time(alert.active_ms),
    }
    if alert.keep_firing_since_ms:
        found["keepFiringSince"] = print_time(alert.keep_firing_since_ms)
    found["value"] = print_exponent(alert.value)
    return found


def _page(groups: list[GroupState], given: MultiDict[str]) -> tuple[list[GroupState], str]:
    """The groups of a page and the token of the next one.

    Raises:
        BadInput: The limit is no number or the token is unknown.
    """
    text, token = given.get("group_limit", ""), given.get("group_next_token", "")
    if token and not text:
        reason = "group_limit needs to be present in order to paginate over the groups"
        raise params.invalid("group_next_token", reason)
    start = 0
    if token:
        tokens = [_token(group) for group in groups]
        if token not in tokens:
            reason = f"invalid group_next_token '{token}'. were rule groups changed?"
            raise params.invalid("group_next_token", reason)
        start = tokens.index(token)
    if not text:
        return groups, ""
    if not re.fullmatch(r"\+?\d{1,9}", text):
        parsed = f'strconv.ParseInt: parsing "{text}": invalid syntax'
        reason = f"group_limit needs to be a valid number: {parsed}"
        raise params.invalid("group_limit", reason)
    limit = int(text)
    if limit <= 0:
        return groups, ""
    following = groups[start + limit : start + limit + 1]
    return groups[start : start + limit], _token(following[0]) if following else ""


def _token(group: GroupState) -> str:
    return hashlib.sha1(  # noqa: S324 - names a page, nothing more
        f"{group.file};{group.group.name}".encode()
    ).hexdigest()


async def _alerts(request: web.Request) -> web.Response:
    found = [
        _alert(alert)
        for group in request.app[PROMETHEUS].rules.groups
        for rule in group.rules
        if rule.alerts is not None
        for alert in rule.alerts.active
    ]
    return answer(success({"alerts": found}))


async def _alertmanagers(request: web.Request) -> web.Response:
    found = request.app[PROMETHEUS].alertmanagers
    data = {
        "activeAlertmanagers": [{"url": url} for url in found.active()],
        "droppedAlertmanagers": [{"url": url} for url in found.dropped()],
    }
    return answer(success(data))
