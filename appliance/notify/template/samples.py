"""Made-up notifications for trying templates on."""

from __future__ import annotations

from appliance.model.alert import Alert
from appliance.model.labels import Labels
from appliance.notify.message import Message

#: 2024-01-02 03:04:05 UTC.
_NOW_NS = 1_704_164_645_000_000_000
_HOUR_NS = 3600 * 10**9


def samples() -> list[Message]:
    """One alert that fires; one of two that is over; one that is over."""
    first = _alert("HighLatency", "api-1", ends_ns=_NOW_NS + _HOUR_NS)
    second = _alert("HighLatency", "api-2", ends_ns=_NOW_NS - 1)
    return [_message(first), _message(first, second), _message(second)]


def _alert(name: str, instance: str, *, ends_ns: int) -> Alert:
    labels = {"alertname": name, "instance": instance, "job": "api", "severity": "critical"}
    annotations = {
        "summary": "latency is <high> & rising",
        "description": f"p99 of {instance} is 1.5 s",
        "runbook_url": "https://runbooks.example.com/HighLatency?a=1&b=2",
    }
    return Alert(
        Labels.of(labels),
        annotations,
        starts_ns=_NOW_NS - _HOUR_NS,
        ends_ns=ends_ns,
        updated_ns=_NOW_NS,
        generator_url="http://prometheus.example.com:9090/graph?g0.expr=x",
    )


def _message(*alerts: Alert) -> Message:
    return Message(
        receiver="team",
        group_key='{}:{alertname="HighLatency"}',
        group_labels=Labels.of({"alertname": "HighLatency"}),
        alerts=alerts,
        now_ns=_NOW_NS,
        external_url="http://alertmanager.example.com:9093",
        reason="first notification",
    )
