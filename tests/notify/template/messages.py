"""Notifications, for tests of templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from appliance.model.alert import Alert
from appliance.model.labels import Labels
from appliance.notify.message import Message

#: 2024-01-02 03:04:05.678 UTC.
NOW_NS = 1_704_164_645_678_000_000
MINUTE_NS = 60 * 10**9


def alert(
    labels: Mapping[str, str], annotations: Mapping[str, str] | None = None, *, fires: bool = True
) -> Alert:
    return Alert(
        Labels.of(labels),
        annotations or {},
        starts_ns=NOW_NS - 5 * MINUTE_NS,
        ends_ns=NOW_NS + MINUTE_NS if fires else NOW_NS,
        updated_ns=NOW_NS,
        generator_url="http://prom:9090/graph?g0.expr=up",
    )


def message(*alerts: Alert, **more: Any) -> Message:
    fields: dict[str, Any] = {
        "receiver": "team.x",
        "group_key": "{}:{}",
        "group_labels": Labels.of({"alertname": "Down"}),
        "alerts": alerts,
        "now_ns": NOW_NS,
        "external_url": "http://am:9093",
        "reason": "first notification",
        "route_labels": {"team": "x"},
    }
    return Message(**{**fields, **more})


FIRING = alert(
    {"alertname": "Down", "job": "api", "instance": "a"}, {"summary": "a is <down>", "n": "1"}
)
OVER = alert(
    {"alertname": "Down", "job": "api", "instance": "b"},
    {"summary": "b is <down>", "n": "1"},
    fires=False,
)
