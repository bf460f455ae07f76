"""The shipped packs: complete, sound, and each alert fires at its threshold."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from appliance.alertmanager.routing_test.run import run_file as run_routes
from appliance.base.clock import SystemClock
from appliance.check import check_all
from appliance.packs.load import Pack, load_pack, pack_names
from appliance.rules.check import check_rule_file
from appliance.rules.unit_test.run import RunOptions, run_file
from tests.peers import promtool3

KEYS = {
    "PAGERDUTY_ROUTING_KEY": "k",
    "PAGERDUTY_KEY": "k",
    "PAGERDUTY_SERVICE_KEY": "k",
    "SLACK_WEBHOOK_URL": "https://hooks.example/x",
    "TICKET_WEBHOOK_URL": "https://tickets.example/x",
    "SMTP_USERNAME": "u",
    "SMTP_PASSWORD": "p",
}
PACKS = {name: load_pack(name, KEYS) for name in pack_names()}
packs = pytest.mark.parametrize("pack", PACKS.values(), ids=lambda pack: pack.name)
ROUTED = [pack for pack in PACKS.values() if pack.routing is not None]
packs_with_routing = pytest.mark.parametrize("pack", ROUTED, ids=lambda pack: pack.name)


def rules_of(pack: Pack) -> list[dict[str, Any]]:
    groups = [yaml.safe_load(path.read_text())["groups"] for path in pack.rules]
    return [rule for each in groups for group in each for rule in group["rules"]]


def cases_of(pack: Pack) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Unit tests, each with its file."""
    files = [
        yaml.safe_load(path.read_text()) for path in sorted(pack.folder.glob("rules*_test.yml"))
    ]
    return [(file, test) for file in files for test in file["tests"]]


CASES = [
    pytest.param(pack, file, test, id=f"{pack.name}: {test['name']}")
    for pack in PACKS.values()
    for file, test in cases_of(pack)
]


@packs
def test_rules_are_sound(pack: Pack) -> None:
    assert [error for path in pack.rules for error in check_rule_file(path).errors] == []


@packs
def test_findings_are_the_known_ones(pack: Pack, tmp_path: Path) -> None:
    pages = list(pack.runbooks.values())
    routing = [pack.routing] if pack.routing else []
    problems = check_all(None, [*pack.rules, *routing, *pages], environ=KEYS, directory=tmp_path)
    known = ["counter-as-gauge"] if pack.name == "immoflow" else []  # job_queue_pending_total
    assert [problem.code for problem in problems] == known


@packs
def test_alerts_carry_what_routing_and_people_need(pack: Pack) -> None:
    for rule in rules_of(pack):
        assert {"severity", "team", "service"} <= rule["labels"].keys(), rule["alert"]
        wanted = {"summary", "description", "runbook_url", "owner"}
        wanted |= {"remediation"} if pack.name == "immoflow" else set()
        assert wanted <= rule["annotations"].keys(), rule["alert"]


@packs
def test_every_runbook_that_is_named_exists_and_the_other_way_round(pack: Pack) -> None:
    urls = [rule["annotations"]["runbook_url"] for rule in rules_of(pack)]
    assert all(url.startswith("http://127.0.0.1:3000/runbooks/") for url in urls)
    assert {url.rpartition("/")[2] for url in urls} == set(pack.runbooks)


@packs
def test_runbooks_have_their_parts(pack: Pack) -> None:
    for name in pack.runbooks:
        text = pack.runbook(name)
        assert text.startswith(f"# {name}\n")
        parts = [line[3:] for line in text.splitlines() if line.startswith("## ")]
        assert parts == ["What it means", "Diagnosis", "Remediation", "Escalation"], name
        assert "```promql" in text or "```logql" in text, name


@packs
def test_every_variable_stands_in_the_files(pack: Pack) -> None:
    texts = "".join(path.read_text() for path in [*pack.rules, *pack.runbooks.values()])
    for name, variable in pack.config.variables.items():
        assert name.startswith(f"{pack.name.upper()}_")
        assert variable.default in texts, name


@packs
def test_every_alert_is_tested_firing(pack: Pack) -> None:
    fired = {
        sample["labels"].partition('alertname="')[2].partition('"')[0]
        for _, test in cases_of(pack)
        for check in test["promql_expr_test"]
        for sample in check["exp_samples"]
        if 'alertstate="firing"' in sample["labels"]
    }
    assert fired == {rule["alert"] for rule in rules_of(pack)}


@pytest.mark.parametrize(("pack", "file", "test"), CASES)
def test_alert_fires_above_its_threshold_only(
    pack: Pack, file: dict[str, Any], test: dict[str, Any], tmp_path: Path
) -> None:
    """One rule at a time: all of them for each test take long, and promtool runs them so."""
    name = test["promql_expr_test"][0]["expr"].partition('"')[2].partition('"')[0]
    rules = [rule for rule in rules_of(pack) if rule["alert"] == name]
    groups = {"groups": [{"name": "g", "rules": rules}]}
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(groups, allow_unicode=True))
    alone = file | {"rule_files": ["rules.yml"], "tests": [test]}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(alone, allow_unicode=True))
    assert run_file(tmp_path / "test.yml", RunOptions(SystemClock())).errors == []


@packs_with_routing
def test_routing_tests_pass(pack: Pack) -> None:
    result = run_routes(pack.folder / "routes_test.yml", {})
    assert result.errors == []
    assert result.cases


def test_every_alert_of_the_table_has_a_routing_test() -> None:
    pack = PACKS["immoflow"]
    tests = yaml.safe_load((pack.folder / "routes_test.yml").read_text())["tests"]
    routed = {
        (test["labels"]["alertname"], test["labels"]["severity"], test["labels"]["team"])
        for test in tests
        if "labels" in test and "team" in test["labels"]
    }
    table = {
        (rule["alert"], rule["labels"]["severity"], rule["labels"]["team"])
        for rule in rules_of(pack)
    }
    assert len(table) == 26
    assert routed == table


def test_all_packs_but_the_watchdog_have_routing() -> None:
    assert PACKS.keys() - {pack.name for pack in ROUTED} == {"watchdog"}


@packs_with_routing
def test_routing_names_the_variables_it_lacks(pack: Pack) -> None:
    assert ("SLACK_WEBHOOK_URL" in load_pack(pack.name, {}).missing) is (pack.name != "owona")
    assert pack.missing == ()


@pytest.mark.peer
@packs
def test_promtool_agrees(pack: Pack) -> None:
    promtool = promtool3()
    if promtool is None:
        pytest.skip("no promtool of Prometheus 3")
    tests = sorted(pack.folder.glob("rules*_test.yml"))
    commands: list[list[str | Path]] = [["check", "rules", *pack.rules], ["test", "rules", *tests]]
    for command in commands:
        done = subprocess.run([promtool, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
