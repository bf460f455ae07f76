"""Rule files and runbooks that the settings name."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.config.scalars import Utf8Name
from appliance.ingest.scrape.config import PrometheusConfig
from appliance.packs.load import pack_names
from appliance.rule_setup.files import metric_groups, runbooks
from appliance.settings.root import Settings

RUNBOOK = Utf8Name("runbook_url")
PAGES = "https://mon.example.com:24300"


@pytest.mark.parametrize("name", pack_names())
def test_every_runbook_an_alert_links_to_is_there(name: str, tmp_path: Path) -> None:
    settings = Settings(packs=(name,))
    groups, problems = metric_groups(PrometheusConfig(), settings, tmp_path, pages=PAGES)
    books = runbooks(settings, PAGES)
    links = {
        rule.annotations[RUNBOOK]
        for group in groups
        for rule in group.group.rules
        if RUNBOOK in rule.annotations
    }
    assert problems == []
    assert links <= {f"{PAGES}/runbooks/{book}" for book in books}
    assert links


def test_without_packs_there_are_no_runbooks() -> None:
    assert runbooks(Settings()) == {}


def test_runbooks_of_a_directory_come_before_those_of_packs(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    (tmp_path / "CriticalErrorRate.md").write_text("# Ours\n")
    (tmp_path / "team" / "Other.md").write_text("# Other\n")
    (tmp_path / "Huge.md").write_text("x" * (600 << 10))
    found = runbooks(Settings(packs=("immoflow",), runbooks=tmp_path))
    assert found["CriticalErrorRate"] == "# Ours\n"
    assert found["Other"] == "# Other\n"
    assert "Huge" not in found
    assert "BackupFailed" in found
    assert runbooks(Settings(runbooks=tmp_path / "missing")) == {}
