"""Broken rule files: a start goes on with what is good, a reload refuses all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from appliance.testing import Appliance
from tests.process.test_scrape import wait_until
from tests.reading import call

CONFIG = "global: {evaluation_interval: 1s}\nrule_files: ['*.rules.yml']\n"
GOOD = """
groups:
- name: good
  rules:
  - {alert: Pending, expr: vector(1), for: 1h}
  - {record: broken, expr: sum(}
"""
TRACES = "groups: [{name: t, rules: [{record: t, expr: '{ } | rate()'}]}]\n"


def rules(url: str) -> dict[str, Any]:
    groups = json.loads(call(url + "/api/v1/rules")[1])["data"]["groups"]
    return {rule["name"]: rule for group in groups for rule in group["rules"]}


def notes(url: str) -> list[str]:
    return [note["text"] for note in json.loads(call(url + "/api/v1/notifications")[1])["data"]]


def test_what_is_good_is_evaluated_and_what_is_not_is_named(tmp_path: Path) -> None:
    config = tmp_path / "prometheus.yml"
    config.write_text(CONFIG)
    (tmp_path / "a.rules.yml").write_text(GOOD)
    (tmp_path / "b.rules.yml").write_text("groups: [\n")
    (tmp_path / "traces.yml").write_text(TRACES)
    args = ["--prometheus-config", str(config), "--set", f"trace_rules={tmp_path}/traces.yml"]
    with Appliance(tmp_path / "data", only=["prometheus"], args=args) as server:
        url = server.urls["prometheus"]
        wait_until(lambda: rules(url)["Pending"]["state"] == "pending", 20)
        found = rules(url)
        assert found["broken"]["health"] == "err"
        assert "a.rules.yml:6:" in found["broken"]["lastError"]
        assert found["t"]["query"] == "{ } | rate()"
        assert sum("is not evaluated" in note for note in notes(url)) == 2
        assert any("b.rules.yml" in note for note in notes(url))
        began = found["Pending"]["alerts"][0]["activeAt"]

        (tmp_path / "a.rules.yml").write_text(GOOD.replace("Pending", "Other"))
        status, body = call(url + "/-/reload", b"")
        assert status == 500
        assert b"a.rules.yml:6:" in body
        assert "Pending" in rules(url)

        (tmp_path / "a.rules.yml").write_text(GOOD.replace("sum(", "sum(up)"))
        (tmp_path / "b.rules.yml").unlink()
        assert call(url + "/-/reload", b"")[0] == 200
        assert rules(url)["Pending"]["alerts"][0]["activeAt"] == began
        wait_until(lambda: rules(url)["broken"]["health"] == "ok", 20)
        assert notes(url) == []
