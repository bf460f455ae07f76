"""kill -9 while an escalation goes on: no step is repeated, none forgotten; acks and beats stay."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from appliance.testing import Appliance
from tests.faults.webhook_sink import WebhookSink
from tests.reading import call

ROUTING = "route: {receiver: team, group_by: [alertname]}\nreceivers: [{name: team}]\n"
ONCALL = """\
users: {{ann: {{webhook: "http://{0}/ann"}}, bob: {{webhook: "http://{0}/bob"}}}}
policies:
  all:
    match: severity=P0
    steps: [{{user: ann}}, {{after: 3s, user: bob}}, {{after: 12s, user: ann}}]
heartbeats: {{expected: [{{name: job, every: 1h}}]}}
"""
JSON = {"Content-Type": "application/json"}


def post(server: Appliance, path: str, document: object) -> Any:
    url = server.urls["alertmanager"] + path
    status, body = call(url, json.dumps(document).encode(), headers=JSON)
    assert status == 200, body
    return json.loads(body) if body.strip() else None


def get(server: Appliance, path: str) -> Any:
    status, body = call(server.urls["alertmanager"] + path)
    assert status == 200, body
    return json.loads(body)


def wait(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_kill_repeats_no_page_and_forgets_none(tmp_path: Path) -> None:
    with WebhookSink() as sink:
        (tmp_path / "alertmanager.yml").write_text(ROUTING)
        (tmp_path / "oncall.yml").write_text(ONCALL.format(sink.address))
        args = ["--alertmanager-config", str(tmp_path / "alertmanager.yml")]
        args += ["--set", f"oncall={tmp_path / 'oncall.yml'}"]

        def server() -> Appliance:
            return Appliance(tmp_path / "data", only=["alertmanager"], args=args)

        def told() -> list[str]:
            return [
                f"{body['receiver'].removeprefix('oncall/')} {body['status']}"
                for body in list(sink.received)
            ]

        with server() as first:
            labels = {"alertname": "Down", "severity": "P0"}
            post(first, "/api/v2/alerts", [{"labels": labels}])
            wait(lambda: len(told()) == 1)
            get(first, "/api/heartbeat/job")
            first.kill()
        with server() as second:
            wait(lambda: len(told()) == 2)
            assert told() == ["ann firing", "bob firing"]
            [beat] = get(second, "/api/ui/heartbeats")["expected"]
            assert beat["state"] == "alive"
            link = sink.received[1]["alerts"][0]["annotations"]["ack_url"]
            path = link[link.index("/ack/") :]
            url = second.urls["alertmanager"] + path
            assert call(url)[0] == 200
            assert call(url, b"by=bob")[0] == 200
            second.kill()
        with server() as third:
            [ack] = get(third, "/api/ui/alerts/acks")["acks"]
            assert (ack["by"], ack["via"]) == ("bob", "link")
            post(third, "/api/v2/alerts", [{"labels": labels, "endsAt": "2020-01-01T00:00:00Z"}])
            wait(lambda: len(told()) == 4)
            assert sorted(told()[2:]) == ["ann resolved", "bob resolved"]
            assert get(third, "/api/ui/oncall")["escalations"] == []
