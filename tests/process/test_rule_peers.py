"""Rules and alerts beside real servers: Prometheus 3 and Alertmanager.

`PROMETHEUS3` names a Prometheus 3 if the one on PATH is older, `ALERTMANAGER` an Alertmanager.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from appliance.model.alert import fingerprint_of
from appliance.model.labels import Labels
from appliance.testing import Appliance
from tests.process.test_remote_peers import free_port
from tests.process.test_scrape import wait_until
from tests.reading import call

pytestmark = pytest.mark.peer

PROMETHEUS = os.environ.get("PROMETHEUS3") or shutil.which("prometheus3")
ALERTMANAGER = (
    os.environ.get("ALERTMANAGER")
    or shutil.which("prometheus-alertmanager")
    or shutil.which("alertmanager")
)
CONFIG = """
global: {scrape_interval: 1s, evaluation_interval: 1s, external_labels: {cluster: c, region: eu}}
alerting:
  alert_relabel_configs: [{action: labeldrop, regex: region}]
  alertmanagers:
  - static_configs: [{targets: ['ADDRESS', 'dropped:1']}]
    relabel_configs: [{source_labels: [__address__], regex: 'dropped.*', action: drop}]
rule_files: ['rules*.yml']
"""
A_AND_B = "label_replace(vector(1), 'a', '1', '', '') or label_replace(vector(1), 'a', '2', '', '')"
FIRST = f"""
groups:
- name: first
  labels: {{team: t, severity: low}}
  rules:
  - {{record: one, expr: vector(1), labels: {{a: b}}}}
  - {{record: two, expr: 'one   +   one'}}
  - alert: Firing
    expr: label_replace(vector(3), "job", "x", "", "") > 1
    labels: {{severity: page, val: '{{{{ $value }}}}', empty: ''}}
    annotations:
      s: '{{{{ $value }}}} {{{{ $labels.job }}}} {{{{ $externalLabels.cluster }}}}'
      d: "a\\nb"
  - {{alert: Pending, expr: vector(2) > 1, for: 1h, keep_firing_for: 5m}}
  - {{alert: Inactive, expr: vector(1) > 2}}
  - {{alert: Kept, expr: vector(1) unless on () seen, keep_firing_for: 1h}}
  - {{record: seen, expr: vector(1)}}
- name: limited
  limit: 1
  interval: 2s
  query_offset: 3s
  rules:
  - {{record: many, expr: "{A_AND_B}"}}
  - {{alert: Many, expr: "{A_AND_B}"}}
"""
SECOND = f"""
groups:
- name: broken
  rules:
  - {{record: same, expr: "{A_AND_B}", labels: {{a: x}}}}
  - {{alert: Same, expr: "{A_AND_B}", labels: {{a: x}}}}
  - {{alert: BadTemplate, expr: vector(1), annotations: {{a: '{{{{ humanize "x" }}}}'}}}}
  - {{alert: Nan, expr: vector(NaN)}}
  - {{alert: Inf, expr: vector(1/0) > 0, for: 90s}}
  - {{alert: Scalar, expr: '3'}}
  - {{record: text, expr: '"a"'}}
- {{name: empty, rules: []}}
"""
QUERIES: list[dict[str, str]] = [
    {},
    {"type": "alert"},
    {"type": "record"},
    {"type": "x"},
    {"exclude_alerts": "true"},
    {"exclude_alerts": "x"},
    {"rule_name[]": "Firing"},
    {"rule_group[]": "limited"},
    {"rule_group[]": "empty"},
    {"file[]": "rules2.yml"},
    {"match[]": '{severity="page"}'},
    {"match[]": "{"},
    {"group_limit": "1"},
    {"group_limit": "x"},
    {"group_next_token": "x"},
    {"group_limit": "1", "group_next_token": "x"},
]
ACTIVE = {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []}
#: Differ from run to run.
TIMES = {"evaluationTime", "lastEvaluation", "activeAt", "keepFiringSince"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prometheus.yml").write_text(CONFIG.replace("ADDRESS", "127.0.0.1:1"))
    (tmp_path / "rules1.yml").write_text(FIRST)
    (tmp_path / "rules2.yml").write_text(SECOND)
    return tmp_path


@contextmanager
def running(command: list[str], base: str) -> Iterator[str]:
    """A server; its base URL."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def is_up() -> bool:
        try:
            return process.poll() is not None or call(base + "/-/ready")[0] == 200
        except OSError:
            return False

    try:
        wait_until(is_up, 30)
        if process.poll() is not None:
            pytest.skip(f"{command[0]} cannot run here")
        yield base
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def prometheus() -> Iterator[str]:
    if PROMETHEUS is None:
        pytest.skip("no Prometheus 3 here")
    port = free_port()
    command = [
        PROMETHEUS,
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=theirs",
        f"--web.listen-address=127.0.0.1:{port}",
        "--rules.alert.resend-delay=1s",
    ]
    with running(command, f"http://127.0.0.1:{port}") as base:
        yield base


def read(base: str, path: str, query: Mapping[str, str] | None = None) -> Any:
    return json.loads(call(f"{base}{path}?{urlencode(query or {})}")[1])


def timeless(value: Any) -> Any:
    """A document whose times only tell whether they are there."""
    if isinstance(value, dict):
        return {
            name: bool(inner) and not str(inner).startswith("0001")
            if name in TIMES
            else timeless(inner)
            for name, inner in value.items()
        }
    return [timeless(inner) for inner in value] if isinstance(value, list) else value


def unordered(answer: Any) -> Any:
    """An answer whose alerts are sorted: Prometheus gives groups in any order."""
    found = timeless(answer)
    found["data"].get("alerts", []).sort(key=lambda alert: str(sorted(alert["labels"].items())))
    return found


def has_settled(base: str) -> bool:
    groups = read(base, "/api/v1/rules")["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    kept = next(rule for rule in rules if rule["name"] == "Kept")
    is_kept = any("keepFiringSince" in alert for alert in kept["alerts"])
    return is_kept and all(rule["health"] != "unknown" for rule in rules)


@pytest.mark.usefixtures("folder")
def test_rules_and_alerts_are_shown_alike() -> None:
    args = ["--prometheus-config", "prometheus.yml"]
    with prometheus() as theirs, Appliance(Path("us"), only=["prometheus"], args=args) as server:
        ours = server.urls["prometheus"]
        for base in (theirs, ours):
            wait_until(lambda base=base: has_settled(base), 30)  # type: ignore[misc]
        wait_until(
            lambda: bool(read(theirs, "/api/v1/alertmanagers")["data"]["activeAlertmanagers"]), 30
        )
        for path in ("/api/v1/alerts", "/api/v1/alertmanagers"):
            assert unordered(read(ours, path)) == unordered(read(theirs, path))
        for query in QUERIES:
            found, expected = (read(base, "/api/v1/rules", query) for base in (ours, theirs))
            assert timeless(found) == timeless(expected), query


def test_a_real_prometheus_tells_us(folder: Path) -> None:
    (folder / "alertmanager.yml").write_text("route: {receiver: r}\nreceivers: [{name: r}]\n")
    args = ["--alertmanager-config", "alertmanager.yml"]
    with Appliance(Path("us"), only=["alertmanager"], args=args) as server:
        ours = server.urls["alertmanager"]
        text = CONFIG.replace("ADDRESS", ours.removeprefix("http://"))
        (folder / "prometheus.yml").write_text(text)
        with prometheus() as theirs:
            wait_until(lambda: alerts_at(ours).get("Firing", {}).get("status") == ACTIVE, 30)
            found = alerts_at(ours)["Firing"]
            labels = {"alertname": "Firing", "cluster": "c", "job": "x", "severity": "page"}
            assert found["labels"] == {**labels, "team": "t", "val": "3"}
            assert found["annotations"] == {"s": "3 x c", "d": "a\nb"}
            assert found["fingerprint"] == fingerprint_of(Labels.of(found["labels"]))
            assert found["generatorURL"].endswith("&g0.tab=1")
            wait_until(lambda: set(alerts_at(ours)) == firing_at(theirs), 30)


def firing_at(base: str) -> set[str]:
    """Names of the alerts that fire at a Prometheus."""
    found = read(base, "/api/v1/alerts")["data"]["alerts"]
    return {alert["labels"]["alertname"] for alert in found if alert["state"] == "firing"}


def alerts_at(base: str) -> dict[str, Any]:
    """What an Alertmanager knows, by name."""
    return {alert["labels"]["alertname"]: alert for alert in read(base, "/api/v2/alerts")}


def test_our_rules_tell_a_real_alertmanager(folder: Path) -> None:
    if ALERTMANAGER is None:
        pytest.skip("no Alertmanager here")
    port = free_port()
    (folder / "alertmanager.yml").write_text("route: {receiver: r}\nreceivers: [{name: r}]\n")
    command = [
        ALERTMANAGER,
        "--config.file=alertmanager.yml",
        "--storage.path=theirs",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    text = CONFIG.replace("ADDRESS", f"127.0.0.1:{port}")
    (folder / "prometheus.yml").write_text(text)
    args = ["--prometheus-config", "prometheus.yml"]
    with (
        running(command, f"http://127.0.0.1:{port}") as theirs,
        Appliance(Path("us"), only=["prometheus", "alertmanager"], args=args) as server,
    ):
        wait_until(lambda: {"Firing", "Nan", "Scalar"} <= set(alerts_at(theirs)), 30)
        found = alerts_at(theirs)["Firing"]
        assert found["fingerprint"] == fingerprint_of(Labels.of(found["labels"]))
        assert "region" not in found["labels"]
        assert found["annotations"]["s"] == "3 x c"
        base = re.escape(server.urls["prometheus"])
        assert re.match(rf"{base}/graph\?g0\.expr=label_replace", found["generatorURL"])
        assert alerts_at(server.urls["alertmanager"]) == {}  # another one is named

        (folder / "rules1.yml").write_text(FIRST.replace("> 1", "> 100"))
        assert call(server.urls["prometheus"] + "/-/reload", b"")[0] == 200
        wait_until(lambda: "Firing" not in alerts_at(theirs), 30)
