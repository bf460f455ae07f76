"""`appliance alerts`, `silence`, `notify` and `route` against a real server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from appliance.cli import cli
from appliance.testing import Appliance
from tests.commands.alerting.sink import sink

CONFIG = """\
route:
  receiver: quiet
  group_by: [alertname]
  routes:
  - matchers: [team="a"]
    receiver: hook
    group_wait: 0s
inhibit_rules:
- {source_matchers: [alertname=Cause], target_matchers: [alertname=Effect]}
receivers:
- name: quiet
- {name: hook, webhook_configs: [{url: 'http://127.0.0.1:PORT/x'}]}
- {name: broken, webhook_configs: [{url: 'http://127.0.0.1:9/x'}]}
"""
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with sink() as (port, _):
        path = tmp_path_factory.mktemp("am") / "alertmanager.yml"
        path.write_text(CONFIG.replace("PORT", str(port)))
        yield path


@pytest.fixture(scope="module")
def server(config: Path) -> Iterator[Appliance]:
    with Appliance(only=["alertmanager"], args=["--alertmanager-config", str(config)]) as started:
        yield started


@pytest.fixture(scope="module")
def run(server: Appliance) -> Run:
    address = server.urls["alertmanager"]

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(cli, [*arguments, "--addr", address])

    return call


def loaded(result: Result) -> Any:
    """The JSON that a command printed."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def wait_for(ask: Callable[[], Any]) -> Any:
    """What is asked for, once it is there."""
    for _ in range(200):
        if found := ask():
            return found
        time.sleep(0.02)
    raise AssertionError("it never came")


# -- alerts


def test_alerts_are_added_listed_and_filtered(run: Run) -> None:
    added = run(
        "alerts", "add", "Listed", "node=n1", 'msg="a b"', "--annotation", "summary=it is",
        "--generator-url", "http://gen/", "--start", "now-1h", "--end", "2100-01-01T00:00:00Z",
    )  # fmt: skip
    assert (added.exit_code, added.output) == (0, "")
    (found,) = loaded(run("alerts", "ls", "Listed", "node=~n.+"))
    assert found["labels"] == {"alertname": "Listed", "node": "n1", "msg": "a b"}
    assert found["annotations"] == {"summary": "it is"}
    assert found["generatorURL"] == "http://gen/"
    assert found["endsAt"] == "2100-01-01T00:00:00.000Z"
    table = run("alerts", "ls", "-o", "table", "Listed").stdout
    assert table.split()[:6] == ["FINGERPRINT", "STATE", "SINCE", "ALERT", "RECEIVERS", "LABELS"]
    assert "active" in table
    assert "1h0m" in table or "1h" in table
    assert loaded(run("alerts", "ls", "Listed", "node=n2")) == []
    assert loaded(run("alerts", "ls", "Listed", "--receiver", "hook")) == []


def test_a_server_that_is_not_there_is_named() -> None:
    result = CliRunner().invoke(cli, ["alerts", "ls", "--addr", "http://127.0.0.1:1"])
    assert result.exit_code == 2
    assert result.stderr.startswith("appliance: http://127.0.0.1:1: connection refused; is the")


def test_an_alert_with_an_end_alone_has_started(run: Run) -> None:
    before = datetime.now(UTC)
    run("alerts", "add", "Ending", "--end", "2100-01-01T00:00:00Z")
    (found,) = loaded(run("alerts", "ls", "Ending"))
    assert abs(datetime.fromisoformat(found["startsAt"]) - before) < timedelta(minutes=1)


def test_what_holds_alerts_back_is_shown(run: Run) -> None:
    for name in ("Cause", "Effect"):
        run("alerts", "add", name)
    table = run("alerts", "ls", "-o", "table", "alertname=~Cause|Effect").stdout
    assert "inhibited" in table
    (found,) = loaded(run("alerts", "ls", "--inhibited"))
    assert found["labels"]["alertname"] == "Effect"
    names = {one["labels"]["alertname"] for one in loaded(run("alerts", "ls", "--active"))}
    assert "Effect" not in names
    assert "Cause" in names


def test_no_alerts_is_not_an_error(run: Run) -> None:
    result = run("alerts", "ls", "-o", "table", "Nothing")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no alerts" in result.stderr


def test_the_timeline_of_an_alert(run: Run) -> None:
    run("alerts", "add", "Timed", "team=a", "--annotation", "summary=it hurts")

    def chain() -> Any:
        found = loaded(run("alerts", "show", "Timed"))
        return found if any(one["kind"] == "notified" for one in found["events"]) else None

    found = wait_for(chain)
    kinds = [one["kind"] for one in found["events"]]
    assert kinds == ["received", "routed", "flushed", "attempt", "notified"]
    (alert,) = found["alerts"]
    text = run("alerts", "show", alert["fingerprint"], "-o", "table").stdout
    assert f"Timed  {alert['fingerprint']}" in text
    assert "summary: it hurts" in text
    assert "→ hook" in text
    assert "hook/webhook[0]: POST http://127.0.0.1:" in text
    assert "→ HTTP 200" in text


def test_an_unknown_alert(run: Run) -> None:
    result = run("alerts", "show", "Nobody")
    assert result.exit_code == 1
    assert "no record of such an alert" in result.stderr


def test_labels_that_are_none(run: Run) -> None:
    assert run("alerts", "add", "X", "a!=b").exit_code == 2
    assert run("alerts", "ls", "a=~(").exit_code == 2
    assert (
        "start time must be before end time"
        in run(
            "alerts", "add", "X", "--start", "2030-01-01T00:00:00Z", "--end", "2029-01-01T00:00:00Z"
        ).stderr
    )


# -- silences


def test_silences_are_added_changed_ended_and_listed(run: Run) -> None:
    added = run("silence", "add", "-c", "why", "-a", "me", "-d", "2h", "Some", 'node!~"a|b"')
    silence = added.stdout.strip()
    (found,) = loaded(run("silence", "ls", "alertname=Some"))
    assert found["id"] == silence
    assert (found["comment"], found["createdBy"]) == ("why", "me")
    assert found["matchers"] == [
        {"isEqual": True, "isRegex": False, "name": "alertname", "value": "Some"},
        {"isEqual": False, "isRegex": True, "name": "node", "value": "a|b"},
    ]
    assert run("silence", "update", "-c", "because", "-d", "5h", silence).stdout.strip() == silence
    table = run("silence", "ls", "-o", "table", "alertname=Some").stdout
    assert "because" in table
    assert 'node!~"a|b"' in table
    assert run("silence", "ls", "-q", "alertname=Some").stdout.strip() == silence
    assert run("silence", "ls", "-q", "--created-by", "you").stdout == ""
    assert run("silence", "expire", silence).exit_code == 0
    assert loaded(run("silence", "ls", "alertname=Some")) == []
    assert [one["id"] for one in loaded(run("silence", "ls", "--expired"))] == [silence]


def test_silences_are_exported_and_imported(run: Run, tmp_path: Path) -> None:
    first = run("silence", "add", "-c", "x", "Exported").stdout.strip()
    file = tmp_path / "silences.json"
    file.write_text(run("silence", "ls", "alertname=Exported", "-o", "json").stdout)
    assert run("silence", "import", str(file)).stdout == ""
    made = run("silence", "import", "--force", str(file)).stdout.strip()
    assert made != first
    assert len(loaded(run("silence", "ls", "alertname=Exported"))) == 2
    file.write_text("nonsense")
    assert run("silence", "import", str(file)).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["add", "X"], 2),
        (["add", "-c", "x", "-d", "soon", "X"], 2),
        (["add", "-c", "x", "a="], 1),
        (["expire", "8d6b3f1e-62d1-4a5f-9c8f-3a2b1c0d9e8f"], 1),
        (["update", "-c", "x", "8d6b3f1e-62d1-4a5f-9c8f-3a2b1c0d9e8f"], 1),
    ],
)
def test_silences_that_cannot_be(run: Run, arguments: list[str], code: int) -> None:
    result = run("silence", *arguments)
    assert result.exit_code == code
    if code == 1 and arguments[-1][-1].isalnum():
        assert result.stderr == f"appliance: there is no silence {arguments[-1]}\n"


# -- notifications


def test_receivers_are_tried(run: Run) -> None:
    good, bad = run("notify", "test", "hook", "-o", "table"), run("notify", "test", "broken")
    assert good.exit_code == 0
    assert "webhook[0]: ok" in good.stdout
    assert "answer: ok" in good.stdout
    assert bad.exit_code == 1
    assert "connection refused" in bad.stdout
    assert "nobody is told" in run("notify", "test", "quiet", "-o", "table").stdout
    unknown = run("notify", "test", "unknown")
    assert (unknown.exit_code, "no receiver 'unknown'" in unknown.stderr) == (1, True)


def test_notifications_are_listed_shown_and_repeated(run: Run) -> None:
    run("notify", "test", "hook")
    run("notify", "test", "broken")
    listed = loaded(run("notify", "ls", "--receiver", "hook"))
    attempt = next(one for one in listed if one["kind"] == "attempt")
    assert {one["kind"] for one in loaded(run("notify", "ls", "--failed"))} == {"failed"}
    assert "hook/webhook[0]" in run("notify", "ls", "-o", "table").stdout
    number = str(attempt["id"])
    shown = run("notify", "show", number, "-o", "table").stdout
    assert "method: POST" in shown
    assert '"receiver":"hook"' in shown
    assert loaded(run("notify", "show", number))["event"]["id"] == attempt["id"]
    repeated = run("notify", "replay", number, "-o", "table")
    assert (repeated.exit_code, "status: 200" in repeated.stdout) == (0, True)
    assert run("notify", "show", "99999999").exit_code == 1
    assert run("notify", "replay", "99999999").exit_code == 1


# -- routes


@pytest.mark.parametrize("option", ["", "--config"])
def test_where_an_alert_would_go(run: Run, config: Path, option: str) -> None:
    offline = [option, str(config)] if option else []
    found = loaded(run("route", *offline, "X", "team=a"))
    assert found["receivers"] == ["hook"]
    assert found["routes"][0]["line"] == 5
    text = run("route", *offline, "-o", "table", "X").stdout
    assert text.startswith("quiet  ")
    assert "group     alertname=X" in text
    assert run("route", *offline, "X", "--verify", "quiet").exit_code == 0
    wrong = run("route", *offline, "team=a", "--verify", "quiet")
    assert (wrong.exit_code, "receivers are hook, wanted quiet" in wrong.stderr) == (1, True)


def test_a_file_that_cannot_be_used(tmp_path: Path) -> None:
    file = tmp_path / "alertmanager.yml"
    file.write_text("route: {receiver: r}\n")
    result = CliRunner().invoke(cli, ["route", "--config", str(file), "X"])
    assert result.exit_code == 1
    assert "undefined receiver 'r'" in result.stderr


# -- servers that are none


def test_a_server_that_is_not_there() -> None:
    result = CliRunner().invoke(cli, ["alerts", "ls", "--addr", "http://127.0.0.1:1"])
    assert result.exit_code == 2
    assert "is the server running?" in result.stderr


def test_an_address_that_is_none() -> None:
    result = CliRunner().invoke(cli, ["alerts", "ls", "--addr", "localhost"])
    assert (result.exit_code, "is no address" in result.stderr) == (2, True)
