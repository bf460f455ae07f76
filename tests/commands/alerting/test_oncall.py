"""`appliance alerts ack`, `unack`, `acks` and `appliance oncall` against a real server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from appliance.cli import cli
from appliance.testing import Appliance

ONCALL = """\
users: {ann: {receivers: quiet}, bob: {receivers: quiet}}
rotas: {primary: {users: [ann, bob], every: 1d}}
policies: {P0: {match: severity=P0, steps: [{rota: primary}]}}
"""
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder: Path = tmp_path_factory.mktemp("oncall")
    (folder / "alertmanager.yml").write_text(
        "route: {receiver: quiet}\nreceivers: [{name: quiet}]\n"
    )
    (folder / "oncall.yml").write_text(ONCALL)
    args = ["--alertmanager-config", str(folder / "alertmanager.yml")]
    args += ["--set", f"oncall={folder / 'oncall.yml'}"]
    with Appliance(only=["alertmanager"], args=args) as server:
        address = server.urls["alertmanager"]

        def call(*arguments: str) -> Result:
            return CliRunner().invoke(cli, [*arguments, "--addr", address])

        yield call


def loaded(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_alerts_are_acked_and_unacked(run: Run) -> None:
    for number in ("1", "2"):
        run("alerts", "add", "Acked", f"i={number}")
    made = loaded(run("alerts", "ack", "Acked", "--by", "ann", "-c", "on it", "--for", "2h"))
    assert [(one["by"], one["comment"]) for one in made] == [("ann", "on it")] * 2
    assert len(loaded(run("alerts", "acks"))) == 2
    table = run("alerts", "acks", "-o", "table").stdout
    assert table.split()[:7] == ["BY", "SINCE", "UNTIL", "VIA", "OF", "ALERTS", "COMMENT"]
    assert run("alerts", "unack", made[0]["key"], "--by", "bob").exit_code == 0
    assert len(loaded(run("alerts", "acks"))) == 1
    assert run("alerts", "unack", made[0]["key"]).exit_code == 1
    assert run("alerts", "ack", "NotThere").exit_code == 1
    assert run("alerts", "ack").exit_code == 2
    assert run("alerts", "ack", "Acked", "--for", "long").exit_code == 2
    shown = run("alerts", "show", made[0]["key"], "-o", "table").stdout
    assert "the alert by ann (api) until" in shown
    assert "the alert by bob (api)" in shown


def test_an_acknowledgement_of_a_group_is_taken_back_by_its_key(run: Run) -> None:
    run("alerts", "add", "Together")
    key = "{}:{}"
    assert run("alerts", "ack", "--group", key).exit_code == 0
    refused = run("alerts", "unack", "Together")
    assert refused.exit_code == 1
    assert f"by group: '{key}'" in refused.stderr
    assert run("alerts", "unack", "--group", key).exit_code == 0


def test_who_is_on_call_and_stand_ins(run: Run) -> None:
    run("alerts", "add", "Page", "severity=P0")
    for _ in range(200):
        [escalation] = loaded(run("oncall", "now"))["escalations"]
        if escalation["pages"]:
            break
        time.sleep(0.05)
    [rota] = loaded(run("oncall", "next"))
    assert rota["next"]["user"] in {"ann", "bob"}
    table = run("oncall", "now", "-o", "table").stdout
    assert table.split()[:5] == ["ROTA", "USER", "FROM", "UNTIL", "BY"]
    assert "running" in table
    added = run("oncall", "override", "add", "primary", "", "--for", "8h", "--by", "ann")
    assert added.exit_code == 0, added.output
    assert "(nobody)" in run("oncall", "now", "-o", "table").stdout
    shifts = loaded(run("oncall", "show", "primary", "--days", "3"))["shifts"]
    assert (shifts[0]["user"], shifts[0]["source"]) == ("", "override")
    assert len(loaded(run("oncall", "override", "ls"))) == 1
    assert "(nobody)" in run("oncall", "override", "ls", "-o", "table").stdout
    assert "turns" in run("oncall", "show", "primary", "-o", "table").stdout
    assert run("oncall", "override", "rm", added.stdout.strip()).exit_code == 0
    assert loaded(run("oncall", "override", "ls")) == []
    assert run("oncall", "override", "rm", "x").exit_code == 1
    assert run("oncall", "override", "add", "primary", "ann").exit_code == 2
    assert run("oncall", "override", "add", "primary", "eve", "--for", "8h").exit_code == 1
    assert run("oncall", "show", "other").exit_code == 1
