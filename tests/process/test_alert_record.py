"""The flight record of a real server: from a rule to the answers, explained, repeated, tried."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from appliance.testing import Appliance
from tests.process.alert_sinks import HttpSink, http_sink, mail_sink
from tests.process.test_remote_peers import free_port
from tests.process.test_scrape import wait_until
from tests.reading import call, get_json

PROMETHEUS = os.environ.get("PROMETHEUS3") or shutil.which("prometheus3")
CONFIG = """
route:
  receiver: hook
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
  routes:
  - {{matchers: [team="bad"], receiver: bad}}
receivers:
- name: hook
  webhook_configs: [{{url: '{url}/hook'}}]
- name: bad
  webhook_configs: [{{url: '{url}/bad'}}]
- name: slack
  slack_configs: [{{api_url: '{url}/slack', channel: '#alerts'}}]
- name: pager
  pagerduty_configs: [{{routing_key: secret-key, url: '{url}/v2/enqueue'}}]
- name: mail
  email_configs:
  - {{to: ops@example.org, from: am@example.org, smarthost: '{mail}', require_tls: false}}
"""
RULES = """
groups:
- name: g
  interval: 1s
  rules:
  - alert: Short
    expr: vector(time()) < {end}
    for: 1s
    labels: {{severity: page}}
    annotations: {{summary: it is short}}
"""
CHAIN = [
    *("pending", "firing", "received", "routed", "flushed", "attempt", "notified"),
    *("inactive", "resolved", "flushed", "attempt", "notified"),
]


@pytest.fixture(scope="module")
def sink() -> Iterator[HttpSink]:
    with http_sink() as found:
        yield found


@pytest.fixture(scope="module")
def mail_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, sink: HttpSink, mail_port: int
) -> Iterator[Appliance]:
    folder = tmp_path_factory.mktemp("record")
    config, rules = folder / "alertmanager.yml", folder / "rules.yml"
    config.write_text(CONFIG.format(url=sink.url, mail=f"127.0.0.1:{mail_port}"))
    rules.write_text("groups: []")
    args = ["--alertmanager-config", str(config), "--set", f"prometheus.rules={rules}"]
    with Appliance(args=args, only=["alertmanager", "prometheus", "ui"]) as started:
        rules.write_text(RULES.format(end=time.time() + 8))
        assert call(started.urls["alertmanager"] + "/-/reload", b"")[0] == 200
        yield started


def appliance(server: Appliance, *args: str, code: int = 0) -> Any:
    """The JSON that a command prints."""
    command = [sys.executable, "-m", "appliance", *args]
    command += ["--addr", server.urls["alertmanager"], "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def explained(server: Appliance, labels: str) -> dict[str, Any]:
    url = server.urls["alertmanager"] + "/api/ui/alerts/explain"
    found: dict[str, Any] = get_json(url, labels=labels)["explanations"][0]
    return found


def text(found: dict[str, Any]) -> str:
    return "\n".join(line["text"] for line in found["lines"])


def post(server: Appliance, **labels: str) -> None:
    body = json.dumps([{"labels": labels}]).encode()
    headers = {"Content-Type": "application/json"}
    assert call(server.urls["alertmanager"] + "/api/v2/alerts", body, headers=headers)[0] == 200


def events(server: Appliance, labels: str) -> list[dict[str, Any]]:
    url = server.urls["alertmanager"] + "/api/ui/alerts/events"
    found: list[dict[str, Any]] = get_json(url, filter=labels, order="asc")["events"]
    return found


def test_an_alert_of_a_rule_from_its_beginning_to_its_end(
    server: Appliance, sink: HttpSink
) -> None:
    firing = wait_until(lambda: sink.documents("/hook"), 20)
    found = explained(server, '{alertname="Short"}')
    (rule,) = found["rules"]
    assert (rule["state"], rule["line"], rule["for_seconds"]) == ("firing", 6, 1.0)
    assert found["status"] == "firing"
    (told,) = found["groups"][0]["integrations"]
    assert (told["verdict"], told["last"]["status"]) == ("told", 202)
    assert "told at" in text(found)

    wait_until(lambda: len(sink.documents("/hook")) > 1, 40)
    kinds = wait_until(
        lambda: (
            (found := events(server, 'alertname="Short"'))
            and [one["kind"] for one in found].count("notified") == 2
            and [one["kind"] for one in found]
        )
    )
    assert [kind for kind in kinds if kind != "unchanged"] == CHAIN
    assert {one["fingerprints"][0] for one in events(server, 'alertname="Short"')} == {
        found["fingerprint"]
    }
    assert explained(server, '{alertname="Short"}')["status"] == "resolved"

    shown = appliance(server, "alerts", "show", "Short")
    assert shown["alerts"][0]["fingerprint"] == found["fingerprint"]
    attempt = next(one for one in shown["events"] if one["kind"] == "attempt")
    assert attempt["detail"]["answer"] == '{"status": "success"}'
    assert json.loads(attempt["detail"]["body"]) == firing[0]
    replayed = appliance(server, "notify", "replay", str(attempt["id"]))
    assert replayed["ok"]
    assert sink.documents("/hook")[-1] == firing[0]
    (last,) = appliance(server, "notify", "ls", "--limit", "1")
    assert last["detail"]["replay_of"] == attempt["id"]
    assert appliance(server, "notify", "show", str(last["id"]))["event"]["id"] == last["id"]


def test_a_delivery_that_is_refused(server: Appliance) -> None:
    post(server, alertname="Refused", team="bad")
    found = wait_until(
        lambda: (
            (one := explained(server, '{alertname="Refused"}'))["groups"][0]["integrations"][0][
                "verdict"
            ]
            == "failing"
            and one
        )
    )

    assert "unexpected status code 400" in text(found)
    assert found["groups"][0]["integrations"][0]["next_at"]
    assert "failed" in [one["kind"] for one in events(server, 'alertname="Refused"')]


def test_a_silence_is_named(server: Appliance) -> None:
    command = [sys.executable, "-m", "appliance", "silence", "add", "Still", "-c", "work"]
    command += ["-a", "me", "--addr", server.urls["alertmanager"]]
    silence = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    post(server, alertname="Still")

    found = explained(server, '{alertname="Still"}')

    assert [one["id"] for one in found["silenced_by"]] == [silence]
    assert found["groups"][0]["integrations"][0]["verdict"] == "held"
    suppressed = wait_until(
        lambda: [one for one in events(server, 'alertname="Still"') if one["kind"] == "suppressed"]
    )
    assert suppressed[0]["detail"]["silenced_by"] == [silence]


def test_the_command_prints_the_sentences(server: Appliance) -> None:
    command = [sys.executable, "-m", "appliance", "alerts", "explain", "Imagined", "team=bad"]
    command += ["--addr", server.urls["alertmanager"], "-o", "table"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "does not fire; this is what would become of it" in done.stdout
    assert '✓ {team="bad"}' in done.stdout


@pytest.mark.parametrize(
    ("receiver", "path", "marked"),
    [
        ("hook", "/hook", "alerts.0.annotations.summary"),
        ("slack", "/slack", "attachments.0.title"),
        ("pager", "/v2/enqueue", "payload.summary"),
    ],
)
def test_receivers_are_tried(
    server: Appliance, sink: HttpSink, receiver: str, path: str, marked: str
) -> None:
    found = appliance(server, "notify", "test", receiver)

    assert found["ok"]
    (exchange,) = found["results"][0]["exchanges"]
    answer = (200, "ok") if receiver == "slack" else (202, '{"status": "success"}')
    assert (exchange["status"], exchange["answer"]) == answer
    assert "secret-key" not in json.dumps(found)
    value: Any = sink.documents(path)[-1]
    for part in marked.split("."):
        value = value[int(part)] if part.isdecimal() else value[part]
    assert "test" in value.lower()


def test_the_page_of_notifications(server: Appliance, sink: HttpSink) -> None:
    page = server.urls["ui"] + "/notifications"
    told = len(sink.documents("/slack"))
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    status, body = call(page, b"test=slack", headers=form)
    assert (status, len(sink.documents("/slack"))) == (200, told + 1)
    assert b"slack took a test notification" in body

    (attempt, *_) = get_json(page + ".json", receiver="hook")["attempts"]
    assert (attempt["is_ok"], attempt["outcome"], attempt["can_replay"]) == (True, "202", True)
    told = len(sink.documents("/hook"))
    status, body = call(page, f"replay={attempt['id']}".encode(), headers=form)
    assert (status, len(sink.documents("/hook"))) == (200, told + 1)
    assert b"sent again to hook, which answered 202" in body
    assert attempt["alerts"][0][1].encode() in body
    failed = get_json(page + ".json", failed=1, receiver="bad")
    assert all(not one["is_ok"] for one in failed["attempts"])
    foreign = form | {"Origin": "http://elsewhere.test"}
    assert call(page, b"test=slack", headers=foreign)[0] == 403


def test_a_mail_is_tried(server: Appliance, mail_port: int) -> None:
    with mail_sink(mail_port) as mails:
        found = appliance(server, "notify", "test", "mail")

        assert found["ok"]
        (mail,) = mails.mails
    assert "test" in str(mail["Subject"]).lower()


def test_a_receiver_that_refuses_a_test(server: Appliance) -> None:
    found = appliance(server, "notify", "test", "bad", code=1)

    assert not found["ok"]
    assert "400" in found["results"][0]["error"]


def test_backtest_of_stored_samples(server: Appliance, tmp_path: Path) -> None:
    now = int(time.time()) // 60 * 60
    points = [(now - 3600 + 60 * i, 9 if 10 <= i < 20 else 1) for i in range(60)]
    lines = [f'load{{host="a"}} {value} {at}' for at, value in points]
    file = tmp_path / "om.txt"
    file.write_text("# TYPE load gauge\n" + "\n".join(lines) + "\n# EOF\n")
    command = [sys.executable, "-m", "appliance", "import", "openmetrics", str(file)]
    command += ["--addr", server.urls["prometheus"]]
    subprocess.run(command, capture_output=True, check=True)

    found = appliance(
        server, "alerts", "backtest", "load > 5", "--for", "2m", "--from", "1h", "--label",
        "team=x",
    )  # fmt: skip

    (rule,) = found["rules"]
    (episode,) = rule["episodes"]
    assert (rule["fired"], episode["labels"]["host"], episode["max_value"]) == (1, "a", "9")
    assert episode["told"][0]["receiver"] == "hook"
    reasons = [one["reason"] for one in found["notifications"]["list"]]
    assert reasons == ["first notification", "all alerts resolved"]
    loaded = appliance(server, "alerts", "backtest", "Short", "--from", "10m")
    assert loaded["rules"][0]["group"] == "g"


@pytest.mark.peer
@pytest.mark.skipif(PROMETHEUS is None, reason="no Prometheus 3")
def test_an_alert_of_a_real_prometheus(server: Appliance, sink: HttpSink, tmp_path: Path) -> None:
    (tmp_path / "r.yml").write_text(RULES.format(end=2**40).replace("Short", "Foreign"))
    address = server.urls["alertmanager"].removeprefix("http://")
    (tmp_path / "p.yml").write_text(
        "global: {evaluation_interval: 1s}\nrule_files: [r.yml]\n"
        f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{address}']}}]}}]}}\n"
    )
    command = [str(PROMETHEUS), "--config.file=p.yml", "--storage.tsdb.path=data"]
    command += [f"--web.listen-address=127.0.0.1:{free_port()}"]
    # It tells of an alert before it knows any Alertmanager, and again after this.
    command += ["--rules.alert.resend-delay=1s"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as peer:
        try:
            wait_until(
                lambda: any(
                    one["groupLabels"] == {"alertname": "Foreign"}
                    for one in sink.documents("/hook")
                ),
                40,
            )
        finally:
            peer.terminate()
    found = explained(server, '{alertname="Foreign"}')
    assert (found["status"], found["rules"]) == ("firing", [])
    kinds = [one["kind"] for one in events(server, 'alertname="Foreign"')]
    assert kinds[:4] == ["received", "routed", "flushed", "attempt"]
    assert {one for event in events(server, 'alertname="Foreign"') for one in
            event["fingerprints"]} == {found["fingerprint"]}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"x", 400, "the body must be a JSON object"),
        (b"[]", 400, "the body must be a JSON object"),
        (b"{}", 400, "name an alert"),
        (b'{"alerts": "Short"}', 400, "'alerts' must be a list"),
        (b'{"alerts": ["Short"], "from": "soon"}', 400, "'from' is 'soon'"),
        (b'{"alerts": ["Short"], "from": "1h", "to": "2h"}', 400, "'from' must be before 'to'"),
        (b'{"alerts": ["Short"], "episodes": -1}', 400, "'episodes' must be a number"),
        (b'{"alerts": ["Nix"]}', 404, "no alert 'Nix' is loaded"),
        (b'{"exprs": [{"expr": "("}]}', 400, "parse error"),
        (b'{"exprs": [{"expr": "1", "interval": "1ms"}], "from": "30d"}', 400, "are too many"),
    ],
)
def test_backtests_that_are_refused(
    server: Appliance, body: bytes, status: int, message: str
) -> None:
    found = call(server.urls["alertmanager"] + "/api/ui/alerts/backtest", body)

    assert (found[0], message in found[1].decode()) == (status, True), found


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ({}, 400, "name one of fingerprint"),
        ({"fingerprint": "x"}, 400, "is no fingerprint"),
        ({"fingerprint": "0" * 16}, 404, "no alert has the fingerprint"),
        ({"labels": '{a=~"b"}'}, 400, "is no label"),
        ({"labels": "{}"}, 400, "at least one label is needed"),
    ],
)
def test_explanations_that_are_refused(
    server: Appliance, query: dict[str, str], status: int, message: str
) -> None:
    found = call(server.urls["alertmanager"] + f"/api/ui/alerts/explain?{urlencode(query)}")

    assert (found[0], message in found[1].decode()) == (status, True), found
