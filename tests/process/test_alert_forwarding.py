"""Alerts that come in, over the API or from rules, are passed on to other Alertmanagers."""

from __future__ import annotations

import json
from pathlib import Path

from appliance.testing import Appliance
from tests.process.test_scrape import wait_until
from tests.reading import call

CONFIG = "route: {receiver: r}\nreceivers: [{name: r}]\n"
RULES = "groups: [{name: g, interval: 1s, rules: [{alert: FromRule, expr: vector(1)}]}]\n"
POSTED = [{"labels": {"alertname": "Posted"}, "annotations": {"a": "b"}}]


def names_at(url: str) -> set[str]:
    found = json.loads(call(url + "/api/v2/alerts")[1])
    return {alert["labels"]["alertname"] for alert in found}


def test_all_alerts_are_passed_on(tmp_path: Path) -> None:
    (tmp_path / "alertmanager.yml").write_text(CONFIG)
    (tmp_path / "rules.yml").write_text(RULES)
    usual = ["--alertmanager-config", str(tmp_path / "alertmanager.yml")]
    with Appliance(tmp_path / "other", only=["alertmanager"], args=usual) as other:
        there = other.urls["alertmanager"]
        args = [*usual, "--set", f"alertmanager.forward_to={there}/"]
        args += ["--set", f"prometheus.rules={tmp_path}/rules.yml"]
        with Appliance(tmp_path / "one", only=["alertmanager", "prometheus"], args=args) as one:
            here = one.urls["alertmanager"]
            headers = {"Content-Type": "application/json"}
            status, _ = call(here + "/api/v2/alerts", json.dumps(POSTED).encode(), headers=headers)
            assert status == 200
            wait_until(lambda: names_at(there) == {"Posted", "FromRule"}, 20)
            assert names_at(here) == {"Posted", "FromRule"}
            told = json.loads(call(one.urls["prometheus"] + "/api/v1/alertmanagers")[1])["data"]
            assert [each["url"] for each in told["activeAlertmanagers"]] == [
                f"{here}/api/v2/alerts"
            ]
