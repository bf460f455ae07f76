"""Template data: fields, methods, JSON."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.gotemplate.json_text import to_json
from appliance.notify.template.data import KV, data_from_json, data_of, json_of, quote_meta
from tests.notify.template.messages import FIRING, OVER, message


def test_what_a_notification_says() -> None:
    found = json_of(data_of(message(FIRING, OVER)))
    alerts = found.pop("alerts")
    assert found == {
        "receiver": "team\\.x",
        "status": "firing",
        "notification_reason": "first notification",
        "groupLabels": {"alertname": "Down"},
        "commonLabels": {"alertname": "Down", "job": "api"},
        "commonAnnotations": {"n": "1"},
        "externalURL": "http://am:9093",
        "routeLabels": {"team": "x"},
    }
    assert alerts[0] == {
        "status": "firing",
        "labels": {"alertname": "Down", "instance": "a", "job": "api"},
        "annotations": {"n": "1", "summary": "a is <down>"},
        "startsAt": "2024-01-02T02:59:05.678Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prom:9090/graph?g0.expr=up",
        "fingerprint": FIRING.fingerprint,
    }
    assert (alerts[1]["status"], alerts[1]["endsAt"]) == ("resolved", "2024-01-02T03:04:05.678Z")


def test_a_notification_without_alerts_is_resolved_and_has_nothing_in_common() -> None:
    found = json_of(data_of(message()))
    assert (found["status"], found["alerts"], found["commonLabels"]) == ("resolved", [], {})


def test_json_makes_the_same_data() -> None:
    data = data_of(message(FIRING, OVER))
    assert to_json(data_from_json(json_of(data))) == to_json(data)
    assert json_of(data_from_json({}))["alerts"] == []
    with pytest.raises(BadInput, match="'today' is no RFC 3339 time"):
        data_from_json({"alerts": [{"startsAt": "today"}]})


def test_labels_are_sorted_with_the_name_of_the_alert_first() -> None:
    labels = KV({"b": "2", "alertname": "x", "a": "1"})
    pairs = labels.sorted_pairs()
    assert (pairs.names(), pairs.values()) == (["alertname", "a", "b"], ["x", "1", "2"])
    assert labels.go_string() == "alertname=x, a=1, b=2"
    assert labels.removed(["a"]) == {"b": "2", "alertname": "x"}


def test_receivers_are_quoted_for_expressions() -> None:
    assert (
        quote_meta("a.b|c(d)[e]{f}^$*+?\\") == "a\\.b\\|c\\(d\\)\\[e\\]\\{f\\}\\^\\$\\*\\+\\?\\\\"
    )
