"""kill -9 while rules are evaluated: alerts go on where they were, none fires early or twice."""

from __future__ import annotations

import datetime as dt
import random
import time
from pathlib import Path
from typing import Any

import pytest

from appliance.testing import Appliance
from tests.faults.rounds import chosen_rounds
from tests.faults.webhook_sink import WebhookSink
from tests.reading import get_json, query

ROUNDS = chosen_rounds(20)
HOLD_SECONDS = 2
CONFIG = """\
global: {{evaluation_interval: 200ms}}
rule_files: [rules.yml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["{address}"]}}]}}]}}
"""
RULES = f"""\
groups:
  - name: g
    rules:
      - {{alert: Never, expr: vector(1), for: 1h}}
      - {{alert: Soon, expr: vector(1), for: {HOLD_SECONDS}s}}
      - {{alert: Now, expr: vector(1)}}
"""


def active(server: Appliance) -> dict[str, dict[str, Any]]:
    url = server.urls["prometheus"] + "/api/v1/alerts"
    return {one["labels"]["alertname"]: one for one in get_json(url)["data"]["alerts"]}


def wait_for_alerts(server: Appliance) -> dict[str, dict[str, Any]]:
    deadline = time.monotonic() + 10
    while len(found := active(server)) < 3:
        assert time.monotonic() < deadline, server.tail()
        time.sleep(0.02)
    return found


def kill_rounds(folder: Path, rounds: int, seed: int) -> None:
    chosen = random.Random(seed)
    (folder / "rules.yml").write_text(RULES)
    with WebhookSink() as sink:
        (folder / "prometheus.yml").write_text(CONFIG.format(address=sink.address))
        args = ("--prometheus-config", str(folder / "prometheus.yml"))
        began: dict[str, str] = {}
        for _ in range(rounds):
            with Appliance(folder / "data", only=["prometheus"], args=args) as server:
                found = {name: one["activeAt"] for name, one in wait_for_alerts(server).items()}
                began = began or found
                assert found == began
                time.sleep(chosen.uniform(0.0, 0.6))  # the random moment is the test's subject
                server.kill()
        with Appliance(folder / "data", only=["prometheus"], args=args) as server:
            while active(server).get("Soon", {}).get("state") != "firing":
                time.sleep(0.05)
            check_first(server, began["Soon"])
            time.sleep(0.3)
    check_told(sink.received, began)


def check_first(server: Appliance, began: str) -> None:
    """The alert was never seen firing before its time."""
    while not (rows := query(server, 'ALERTS{alertname="Soon",alertstate="firing"}[1h]')):
        time.sleep(0.02)  # the rule's state is known a moment before its sample is stored
    (row,) = rows
    first = float(row["values"][0][0])
    assert first - seconds(began) >= HOLD_SECONDS - 0.001


def check_told(received: list[list[dict[str, Any]]], began: dict[str, str]) -> None:
    """All that was told of an alert is about one occurrence, which began in time."""
    alerts = [alert for body in received for alert in body]
    starts = {(one["labels"]["alertname"], one["startsAt"]) for one in alerts}
    assert sorted(name for name, _ in starts) == ["Now", "Soon"]
    for name, start in starts:
        hold = HOLD_SECONDS if name == "Soon" else 0
        assert seconds(start) - seconds(began[name]) >= hold - 0.001
    later = time.time() + 60
    assert all(seconds(one["endsAt"]) > later for one in alerts)  # none was ended


def seconds(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


@pytest.mark.timeout(180)
def test_alerts_go_on_after_kills(tmp_path: Path) -> None:
    kill_rounds(tmp_path, 2, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_alerts_go_on_after_many_kills(tmp_path: Path) -> None:
    kill_rounds(tmp_path, ROUNDS, seed=2)
