"""The real amtool against a real server, and its verdict on our corpus of files.

`AMTOOL` names the program; without it the one on PATH is taken. Verdicts are those of 0.33.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.alertmanager.config_yaml import print_config
from appliance.config.load import load_text
from appliance.testing import Appliance
from tests.alertmanager.corpus import Case, cases

AMTOOL = os.environ.get("AMTOOL") or shutil.which("amtool")
pytestmark = [pytest.mark.peer, pytest.mark.skipif(AMTOOL is None, reason="no amtool")]
CONFIG = """\
global: {slack_api_url: 'http://127.0.0.1:9/SECRET'}
route:
  receiver: default
  group_by: [alertname]
  routes:
  - {receiver: team-a, matchers: [team="a"], continue: true}
  - {receiver: pager, matchers: ['severity=~"critical|page"']}
inhibit_rules:
- {source_matchers: [alertname=NodeDown], target_matchers: [alertname=ServiceDown], equal: [node]}
receivers:
- {name: default}
- {name: team-a, slack_configs: [{channel: '#a'}]}
- {name: pager, webhook_configs: [{url: 'http://127.0.0.1:9/SECRET'}]}
"""


def amtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(AMTOOL), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def version() -> tuple[int, int]:
    found = amtool("--version")
    match = re.search(r"version (\d+)\.(\d+)", found.stdout + found.stderr)
    return (int(match[1]), int(match[2])) if match else (0, 0)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("am") / "alertmanager.yml"
    path.write_text(CONFIG)
    with Appliance(only=["alertmanager"], args=["--alertmanager-config", str(path)]) as server:
        yield server.urls["alertmanager"]


def ask(address: str, *arguments: str) -> str:
    done = amtool(f"--alertmanager.url={address}", "--no-version-check", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ask_json(address: str, *arguments: str) -> Any:
    return json.loads(ask(address, "-o", "json", *arguments))


def test_alerts(address: str) -> None:
    ask(address, "alert", "add", "NodeDown", "node=n1", "severity=page", "--annotation=s=it is")
    ask(address, "alert", "add", "alertname=ServiceDown", "node=n1", "team=a")
    found: list[dict[str, Any]] = []
    for _ in range(100):
        found = found or ask_json(address, "alert", "query")
        time.sleep(0.0 if found else 0.02)
    assert [one["labels"]["alertname"] for one in found] == ["NodeDown"]
    assert found[0]["annotations"] == {"s": "it is"}
    (inhibited,) = ask_json(address, "alert", "query", "--inhibited", "ServiceDown")
    assert inhibited["status"]["inhibitedBy"] == [found[0]["fingerprint"]]
    assert len(ask_json(address, "alert", "query", "--receiver=pager")) == 1
    assert "NodeDown" in ask(address, "-o", "extended", "alert", "query")


def test_silences(address: str, tmp_path: Path) -> None:
    silence = ask(address, "silence", "add", "-a", "me", "-c", "c", "foo=bar", "a!~b|c").strip()
    (found,) = ask_json(address, "silence", "query", "foo=bar")
    assert (found["id"], found["status"]["state"]) == (silence, "active")
    ask(address, "silence", "update", "-c", "other", silence)
    exported = tmp_path / "silences.json"
    exported.write_text(ask(address, "-o", "json", "silence", "query"))
    ask(address, "silence", "expire", silence)
    (over,) = ask_json(address, "silence", "query", "--expired")
    assert over["comment"] == "other"
    ask(address, "silence", "import", str(exported))
    assert len(ask_json(address, "silence", "query")) == 1


def test_the_configuration_shown_is_one_that_it_reads(address: str, tmp_path: Path) -> None:
    shown = tmp_path / "shown.yml"
    shown.write_text(ask(address, "config", "show"))
    assert "SECRET" not in shown.read_text()
    done = amtool("check-config", str(shown))
    assert done.returncode == 0, done.stderr
    assert "3 receivers" in done.stdout
    assert ask(address, "config", "routes", "test", "team=a", "severity=page") == "team-a,pager\n"
    assert "continue: true" in ask(address, "config", "routes", "show")
    assert "disabled" in ask(address, "cluster", "show")


@pytest.mark.slow
def test_it_judges_the_corpus_as_we_do(tmp_path: Path) -> None:
    if version() < (0, 33):
        pytest.skip("an amtool that does not know the newer keys")

    def judged(case: Case) -> bool:
        path = tmp_path / f"{case.line}.yml"
        path.write_bytes(case.text.encode())
        return amtool("check-config", str(path)).returncode == 0

    wanted = [case for case in cases() if case.verdict != "newer"]
    with ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(judged, wanted))
    wrong = [
        case
        for case, is_good in zip(wanted, verdicts, strict=True)
        if is_good != (case.verdict in {"good", "refused"})
    ]
    assert wrong == []


@pytest.mark.slow
def test_it_reads_every_configuration_as_we_show_it(tmp_path: Path) -> None:
    def is_read(case: Case) -> bool:
        path = tmp_path / f"{case.line}.yml"
        path.write_bytes(case.text.encode())
        if amtool("check-config", str(path)).returncode:
            return True  # it is one that this version does not know
        config = load_text(AlertmanagerConfig, case.text, file="").value
        assert config is not None
        path.write_text(print_config(config, tmp_path))
        return amtool("check-config", str(path)).returncode == 0

    # Without a token the original's own picture of the section cannot be read either.
    good = [
        case
        for case in cases()
        if case.verdict == "good" and (case.area != "incidentio" or "token" in case.text)
    ]
    with ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(is_read, good))
    assert [case for case, is_fine in zip(good, verdicts, strict=True) if not is_fine] == []
